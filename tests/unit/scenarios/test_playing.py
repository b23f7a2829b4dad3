"""What a scenario can do and expect, and what it says when something else came."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from server.scenarios import Outcome, ScenarioError

from ..bpmn.diagrams import (
    END,
    START,
    boundary,
    document,
    error,
    error_definition,
    flow,
    io,
    job,
    message,
    message_definition,
    node,
    path,
    signal,
    signal_definition,
    timer,
)
from .conftest import play_all

Play = Callable[..., Outcome]


def task(id_: str, ext: str = "") -> str:
    return node("userTask", id_, ext=f"<zeebe:userTask/>{ext}")


def service(id_: str, type_: str | None = None) -> str:
    return node("serviceTask", id_, ext=job(type_ or id_))


REMINDING = document(
    START,
    task("remind"),
    boundary("overdue", "remind", timer("duration", "P3D")),
    service("sms", "send-sms"),
    task("collect"),
    END,
    path("start", "remind", "end"),
    path("overdue", "sms", "collect"),
    flow("collect", "end"),
)


TAGGED_DECISION = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="rates" name="rates"
  namespace="urn:rates"><decision id="rate" name="rate"><extensionElements>
  <zeebe:versionTag xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" value="2"/></extensionElements>
  <variable name="rate"/><literalExpression><text>7</text></literalExpression></decision></definitions>"""
TAGGED_FORM = '{"type": "default", "id": "begin", "schemaVersion": 19, "versionTag": "2", "components": []}'


@pytest.mark.parametrize(("tag", "state"), [("2", "active"), ("1", "incident")])
def test_a_version_tag_means_only_what_has_it(play: Play, tag: str, state: str):
    bound = f'bindingType="versionTag" versionTag="{tag}"'
    decided = node("businessRuleTask", "x", ext=f'<zeebe:calledDecision decisionId="rate" resultVariable="r" {bound}/>')
    shown = task("x", f'<zeebe:formDefinition formId="begin" {bound}/>')
    for asked in (decided, shown):
        process = document(START, asked, task("after"), END, path("start", "x", "after", "end"))
        text = f"""
            process: p.bpmn
            resources: [d.dmn, f.form]
            expect: {{state: {state}}}
            """
        outcome = play(text, p_bpmn=process, d_dmn=TAGGED_DECISION, f_form=TAGGED_FORM)
        assert outcome.passed, outcome


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ("jobs: {sendsms: open}", "jobs: 'sendsms' is the job type of no element; did you mean send-sms?"),
        ("calls: {other: {complete: {}}}", "calls: 'other' is the called process of no element."),
        ("decisions: {score: 1}", "decisions: 'score' is the decision of no element."),
    ],
)
def test_an_answer_that_nothing_asks_for_is_a_failure(play: Play, answers: str, says: str) -> None:
    outcome = play(f"process: p.bpmn\n{answers}", p_bpmn=REMINDING)
    assert says in problem(outcome)


def test_answers_that_a_file_gives_to_several_processes_need_not_fit_each(folder: Callable[..., Path]) -> None:
    text = """
        jobs: {send-sms: {complete: {}}, pay: {complete: {}}}
        scenarios:
          - {process: p.bpmn, expect: {tasks: [remind]}}
          - {process: q.bpmn, expect: {state: completed}}
    """
    paying = document(START, service("pay"), END, path("start", "pay", "end"), id_="q")
    played = play_all(folder, text, p_bpmn=REMINDING, q_bpmn=paying)
    assert all(each.outcome.passed for each in played)


def test_a_job_type_that_only_the_run_tells_may_be_any(play: Play) -> None:
    dynamic = document(START, service("pay", "=kind"), END, path("start", "pay", "end"))
    outcome = play("process: p.bpmn\nvariables: {kind: fast}\njobs: {fast: {complete: {}}}", p_bpmn=dynamic)
    assert outcome.passed


def problem(outcome: Outcome) -> str:
    assert outcome.problem is not None, "it passed"
    return outcome.problem.en


def test_time_is_virtual_and_what_happens_is_told(play: Play) -> None:
    outcome = play(
        """
        process: p.bpmn
        now: 2026-01-05T09:00:00+08:00
        variables: {loan: LN-1, amount: 0.1}
        jobs:
          send-sms: {complete: {sum: '=amount + 0.2', to: '=loan'}}
        steps:
          - expect: {tasks: [remind], timers: {overdue: 2026-01-08T09:00:00+08:00}, state: active}
          - advance: P2D
          - expect: {tasks: [remind], not_visited: [sms]}
          - to: 2026-01-08T09:00:00+08:00
          - complete: {task: collect, by: zhang, variables: {result: ok}}
        expect:
          state: completed
          visited: [remind, overdue, sms, collect]
          not_visited: []
          variables: {sum: 0.3, to: LN-1, result: ok}
          that: ['sum = 0.3', 'loan = "LN-1"']
        """,
        p_bpmn=REMINDING,
    )

    assert outcome.problem is None
    times = {event.element_id: event.at.isoformat() for event in outcome.story.events if event.kind == "entered"}
    assert times["remind"] == "2026-01-05T09:00:00+08:00"
    assert times["sms"] == "2026-01-08T09:00:00+08:00"


@pytest.mark.parametrize(
    ("expectation", "said"),
    [
        ("state: completed", "state: expected completed, found active"),
        ("tasks: [collect]", "tasks: expected [collect], found [remind]"),
        ("tasks: []", "tasks: expected [-], found [remind]"),
        ("variables: {loan: LN-2}", "variable loan: expected 'LN-2', found 'LN-1'"),
        ("variables: {facts: {b: 3}}", "variable facts.b: expected 3, found 2"),
        ("visited: [remind, start]", "start was not in this order visited"),
        ("visited: [collect]", "collect was never visited"),
        ("visited: [remnd]", "visited: there is no element remnd; did you mean remind?"),
        ("not_visited: [colect]", "not_visited: there is no element colect; did you mean collect?"),
        ("not_visited: [remind]", "remind should not have been visited"),
        ("timers: []", "timers: expected [-], found [overdue]"),
        ("timers: {overdue: 2026-01-08T08:59:59+08:00}", "timers: expected"),
        ("incidents: [remind]", "incidents: expected [remind], found [-]"),
        ("messages: [paid]", "messages: expected [paid], found [-]"),
        ("jobs: [send-sms]", "jobs: expected [send-sms], found [-]"),
        ("that: ['loan = \"x\"']", 'this does not hold: loan = "x"'),
    ],
)
def test_an_expectation_that_is_not_met_says_what_was_expected_and_found(
    play: Play, expectation: str, said: str
) -> None:
    outcome = play(
        f"""
        process: p.bpmn
        now: 2026-01-05T09:00:00+08:00
        variables: {{loan: LN-1, facts: {{a: 1, b: 2}}}}
        steps:
          - advance: PT1H
          - expect: {{{expectation}}}
          - complete: remind
        """,
        p_bpmn=REMINDING,
    )

    assert said in problem(outcome)
    assert (outcome.step, outcome.line, outcome.kind) == (2, 7, "expect")
    assert [line.split(" ", 1)[1] for line in outcome.story.lines("en")] == ["p: start", "p: remind"]


def test_a_list_answers_one_by_one_and_its_last_answer_again(play: Play) -> None:
    model = document(
        START, service("a", "pay"), service("b", "pay"), service("c", "pay"), END, path("start", "a", "b", "c", "end")
    )

    outcome = play(
        """
        process: p.bpmn
        jobs:
          pay: [{fail: timeout}, {complete: {first: 1}}, {complete: {again: '=job.elementId'}}]
        expect: {state: completed, variables: {first: 1, again: c}}
        """,
        p_bpmn=model,
    )

    assert outcome.problem is None


def test_a_job_without_an_answer_stays_open_and_a_step_gives_it(play: Play) -> None:
    model = document(START, service("a"), END, path("start", "a", "end"))

    assert play(
        """
        process: p.bpmn
        steps:
          - expect: {jobs: [a], state: active}
          - complete-job: {job: a, variables: {done: true}}
        expect: {state: completed, jobs: [], variables: {done: true}}
        """,
        p_bpmn=model,
    ).passed


def test_failures_use_up_retries_and_wait_for_their_backoff(play: Play) -> None:
    model = document(START, node("serviceTask", "a", ext=job("a", retries="2")), END, path("start", "a", "end"))

    assert play(
        """
        process: p.bpmn
        jobs:
          a: [{fail: {message: busy, backoff: PT10M}}, {fail: busy}, {complete: {}}]
        steps:
          - advance: PT9M
          - expect: {state: active}
          - advance: PT1M
          - expect: {state: incident, incidents: {a: JOB_NO_RETRIES}}
          - retry: a
        expect: {state: completed, incidents: []}
        """,
        p_bpmn=model,
    ).passed


def test_an_incident_that_nobody_expects_fails_the_scenario(play: Play) -> None:
    model = document(START, service("a"), END, path("start", "a", "end"))
    text = """
        process: p.bpmn
        jobs: {a: {error: UNKNOWN}}
        steps:
          - advance: P1D
        """

    assert "incidents at the end that were not expected: a" in problem(play(text, p_bpmn=model))
    assert play(text.rstrip() + "\n        expect: {state: incident}\n", p_bpmn=model).passed


def test_the_story_of_an_incident_is_told_in_the_reader_s_language(play: Play) -> None:
    model = document(START, service("a"), END, path("start", "a", "end"))
    outcome = play("process: p.bpmn\njobs: {a: {error: UNKNOWN}}\nexpect: {state: completed}", p_bpmn=model)

    zh, en = list(outcome.story.lines("zh")), list(outcome.story.lines("en"))

    assert " a [异常] " in zh[-1] and " a [业务错误] UNKNOWN" in zh[-2]
    assert " a [incident] No boundary event" in en[-1] and " a [error] UNKNOWN" in en[-2]
    assert not any(re.search("[一-鿿]", line) for line in en)
    assert not any("UNHANDLED_ERROR_EVENT" in line for line in (*zh, *en))
    assert outcome.story.events[-1].error_type == "UNHANDLED_ERROR_EVENT"
    assert outcome.problem is not None
    assert "No boundary" not in outcome.problem.zh and "没有被任何边界事件" in outcome.problem.zh


CALLER = document(
    START,
    node("callActivity", "call", ext='<zeebe:calledElement processId="child" propagateAllChildVariables="true"/>'),
    boundary("refused", "call", error()),
    END,
    node("endEvent", "rejected"),
    path("start", "call", "end"),
    flow("refused", "rejected"),
    definitions=error_definition(),
)
CHILD = document(
    START,
    task("check"),
    node("exclusiveGateway", "ok", default="ok_bad"),
    END,
    node("endEvent", "bad", error()),
    path("start", "check", "ok"),
    flow("ok", "end", "approved"),
    flow("ok", "bad"),
    definitions=error_definition(),
    id_="child",
)


@pytest.mark.parametrize(("approved", "reached"), [("true", "end"), ("false", "rejected")])
def test_called_processes_run_and_their_errors_come_through(play: Play, approved: str, reached: str) -> None:
    outcome = play(
        f"""
        process: p.bpmn
        resources: [child.bpmn]
        steps:
          - expect: {{process: child, state: active, tasks: [check]}}
          - complete: {{task: check, variables: {{approved: {approved}}}}}
        expect: {{state: completed, visited: [call, check, {reached}]}}
        """,
        p_bpmn=CALLER,
        child_bpmn=CHILD,
    )

    assert outcome.problem is None


@pytest.mark.parametrize("interrupting", [True, False])
def test_escalations_come_through_a_call(play: Play, interrupting: bool) -> None:
    definition = '<bpmn:escalation id="escalation_late" name="late" escalationCode="LATE"/>'
    event = '<bpmn:escalationEventDefinition escalationRef="escalation_late"/>'
    child = document(
        START,
        node("intermediateThrowEvent", "raise", event),
        task("check"),
        END,
        path("start", "raise", "check", "end"),
        definitions=definition,
        id_="child",
    )
    caller = document(
        START,
        node("callActivity", "call", ext='<zeebe:calledElement processId="child"/>'),
        boundary("raised", "call", event, interrupting=interrupting),
        task("look"),
        END,
        path("start", "call", "end"),
        path("raised", "look", "end"),
        definitions=definition,
    )

    outcome = play(
        f"""
        process: p.bpmn
        resources: [child.bpmn]
        expect:
          state: active
          tasks: {"[look]" if interrupting else "[check, look]"}
          visited: [raise, raised, look]
        """,
        p_bpmn=caller,
        child_bpmn=child,
    )

    assert outcome.problem is None


def test_cancelling_a_case_takes_the_called_instance_along(play: Play) -> None:
    assert play(
        """
        process: p.bpmn
        resources: [child.bpmn]
        steps:
          - cancel: p
          - expect: {process: child, state: cancelled}
        expect: {state: cancelled, tasks: []}
        """,
        p_bpmn=CALLER,
        child_bpmn=CHILD,
    ).passed


def test_a_called_process_may_be_stood_in_for(play: Play) -> None:
    assert play(
        """
        process: p.bpmn
        calls: {child: {error: REFUSED}}
        expect: {state: completed, visited: [call, refused, rejected]}
        """,
        p_bpmn=CALLER,
    ).passed
    assert play(
        """
        process: p.bpmn
        calls: {child: open}
        steps:
          - expect: {calls: [child], state: active}
          - end-call: {call: call, variables: {limit: 5}}
        expect: {state: completed, variables: {limit: 5}}
        """,
        p_bpmn=CALLER,
    ).passed


def test_a_called_process_that_is_not_there_is_an_incident(play: Play) -> None:
    outcome = play("process: p.bpmn\nexpect: {state: completed}\n", p_bpmn=CALLER)

    assert "'child' that call calls is not deployed" in problem(outcome)


WAITING = document(
    START,
    node("intermediateCatchEvent", "wait", message()),
    END,
    path("start", "wait", "end"),
    definitions=message_definition(),
)


def test_messages_go_to_their_key_and_wait_for_their_receiver(play: Play) -> None:
    assert play(
        """
        process: p.bpmn
        start: none
        steps:
          - message: {name: paid, key: LN-1, variables: {amount: 5}, ttl: P2D}
          - message: {name: paid, key: LN-2, ttl: PT1H}
          - advance: P1D
          - start: {variables: {loan: LN-1}}
          - expect: {state: completed, variables: {amount: 5}}
          - start: {variables: {loan: LN-2}}
          - expect: {messages: {paid: LN-2}}
          - message: {name: paid, key: '="LN-" + string(2)', received: 1}
        expect: {messages: []}
        """,
        p_bpmn=WAITING,
    ).passed


def test_a_message_that_nobody_takes_is_a_mistake(play: Play) -> None:
    outcome = play("process: p.bpmn\nvariables: {loan: 1}\nsteps:\n  - message: {name: paid, key: 2}\n", p_bpmn=WAITING)

    assert "awaited are paid (1)" in problem(outcome)


def test_message_and_timer_starts_make_instances(play: Play) -> None:
    started = document(
        node("startEvent", "asked", message("ask")),
        node("startEvent", "daily", timer("cycle", "0 9 * * *")),
        task("look"),
        flow("asked", "look"),
        flow("daily", "look"),
        END,
        flow("look", "end"),
        definitions=message_definition("ask"),
    )

    assert play(
        """
        process: p.bpmn
        now: 2026-01-05T08:00:00+08:00
        steps:
          - expect: {tasks: []}
          - message: {name: ask, key: K-1}
          - message: {name: ask, key: K-1, ttl: P5D, received: 0}
          - expect: {tasks: [look]}
          - complete: look
          - expect: {tasks: [look]}
          - advance: P2D
          - expect: {tasks: [look, look, look], visited: [asked, asked, daily, daily]}
        """,
        p_bpmn=started,
    ).passed


def test_signals_reach_all_that_wait_also_in_other_cases(play: Play) -> None:
    waiting = document(
        START,
        node("intermediateCatchEvent", "wait", signal()),
        END,
        path("start", "wait", "end"),
        definitions=signal_definition(),
    )
    throwing = document(
        START,
        node("endEvent", "throw", signal(), ext=io(("input", "7", "rate"))),
        path("start", "throw"),
        definitions=signal_definition(),
        id_="thrower",
    )

    assert play(
        """
        process: p.bpmn
        resources: [thrower.bpmn]
        steps:
          - start: {}
          - start: {process: thrower}
          - expect: {process: p, state: completed, variables: {rate: 7}}
          - signal: {name: rates, received: 0}
        expect: {state: completed, variables: {rate: 7}}
        """.replace("- start: {}", "- start: {variables: {second: true}}"),
        p_bpmn=waiting,
        thrower_bpmn=throwing,
    ).passed


FORM = json.dumps(
    {
        "id": "review",
        "type": "default",
        "schemaVersion": 16,
        "components": [
            {"type": "number", "id": "f1", "key": "amount", "label": "Amount", "validate": {"max": 100}},
            {"type": "textfield", "id": "f2", "key": "comment", "label": "Comment", "validate": {"required": True}},
        ],
    }
)
REVIEWED = document(
    START,
    task("first", '<zeebe:formDefinition formId="review"/>'),
    task("second", '<zeebe:taskHeaders><zeebe:header key="lendloom:notBy" value="first"/></zeebe:taskHeaders>'),
    END,
    path("start", "first", "second", "end"),
)


def test_forms_refuse_what_they_would_refuse_from_people(play: Play) -> None:
    text = """
        process: p.bpmn
        resources: ["*.form"]
        steps:
          - complete: {task: first, variables: {amount: 101, comment: x}}
        """

    outcome = play(text, p_bpmn=REVIEWED, review_form=FORM)

    assert "The form review of the task first refuses: amount: " in problem(outcome)
    assert play(text.replace("x}}", "x}, refused: amount}"), p_bpmn=REVIEWED, review_form=FORM).passed
    outcome = play(text.replace('["*.form"]', "[]"), p_bpmn=REVIEWED)
    incidents = [event.error_type for event in outcome.story.events if event.kind == "incident"]
    assert incidents == ["FORM_NOT_FOUND"], "the form was not among the resources"


def test_four_eyes_hold_and_taken_tasks_belong_to_their_taker(play: Play) -> None:
    assert play(
        """
        process: p.bpmn
        resources: [review.form]
        steps:
          - claim: {task: first, by: li}
          - complete: {task: first, by: wang, variables: {comment: x}, refused: taken}
          - complete: {task: first, by: li, variables: {comment: x}}
          - complete: {task: second, by: li, refused: four-eyes}
          - complete: {task: second, by: wang}
        expect: {state: completed}
        """,
        p_bpmn=REVIEWED,
        review_form=FORM,
    ).passed


def test_several_of_one_element_are_told_apart(play: Play) -> None:
    loop = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics"
        ' inputCollection="=people" inputElement="person"/></bpmn:extensionElements>'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    model = document(
        START,
        node("userTask", "vote", loop, ext="<zeebe:userTask/>"),
        END,
        path("start", "vote", "end"),
    )
    text = """
        process: p.bpmn
        variables: {people: [a, b, c, d]}
        steps:
          - complete: {task: vote, index: 2}
          - complete: {task: vote, where: 'person = "d"'}
          - expect: {tasks: [vote, vote]}
          - complete: {task: vote, index: all}
        expect: {state: completed}
        """

    assert play(text, p_bpmn=model).passed
    outcome = play(text.replace("{task: vote, index: 2}", "vote"), p_bpmn=model)
    assert "4 of task vote are open; say which by 'index'" in problem(outcome)


def test_variables_are_set_and_retries_go_on(play: Play) -> None:
    model = document(
        START,
        node("exclusiveGateway", "g"),
        END,
        node("endEvent", "other"),
        flow("start", "g"),
        flow("g", "end", "amount > 5"),
        flow("g", "other", "amount <= 5"),
    )

    assert play(
        """
        process: p.bpmn
        steps:
          - expect: {state: incident, incidents: [g]}
          - set: {amount: 9}
          - retry: all
        expect: {state: completed, visited: [end]}
        """,
        p_bpmn=model,
    ).passed


def test_working_days_skip_weekends_and_the_holidays_given(play: Play) -> None:
    text = """
        process: p.bpmn
        now: 2026-09-30T09:00:00+08:00
        steps:
          - advance: P1WD
          - expect: {that: ['date(now()) = date("2026-10-01")']}
        """
    week = ", ".join(f"2026-10-0{day}" for day in range(1, 8))
    closed = f"calendar: {{holidays: [{week}], make-up-days: [2026-10-10]}}"

    assert play(text, p_bpmn=WAITING.replace(b"=loan", b"=1")).passed
    later = text.replace("2026-10-01", "2026-10-08").replace("        steps", f"        {closed}\n        steps", 1)
    assert play(later, p_bpmn=WAITING.replace(b"=loan", b"=1")).passed


def test_one_file_may_hold_several_scenarios_by_documents_or_as_a_list(folder: Callable[..., Path]) -> None:
    played = play_all(
        folder,
        """
        process: p.bpmn
        variables: {loan: LN-1, amount: 1}
        jobs: {send-sms: {complete: {}}}
        scenarios:
          - name: on time
            steps: [{complete: remind}]
            expect: {state: completed}
          - name: late
            variables: {amount: 2}
            steps: [{advance: P3D}]
            expect: {tasks: [collect], variables: {loan: LN-1, amount: 2}}
        ---
        name: another document
        process: p.bpmn
        expect: {tasks: [remind]}
        """,
        p_bpmn=REMINDING,
    )

    assert [(each.outcome.scenario.name, each.outcome.passed) for each in played] == [
        ("on time", True),
        ("late", True),
        ("another document", True),
    ]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("process: p.bpmn\nstep: []\n", 2, "'step' is unknown"),
        ("process: p.bpmn\nsteps:\n  - advance: P1D\n  - wait: P1D\n", 4, "unknown action 'wait'"),
        ("process: p.bpmn\nsteps:\n  - complete: {by: li}\n", 3, "task is missing"),
        ("process: p.bpmn\nsteps:\n  - expect: {task: [a]}\n", 3, "task: unknown here"),
        ("process: p.bpmn\njobs:\n  a: {done: 1}\n", 3, "An answer is 'open'"),
        ("process: p.bpmn\nnow: yesterday\n", 2, "not a date and time"),
        ("scenarios:\n  - name: x\n", 2, "needs 'process'"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(
    folder: Callable[..., Path], text: str, line: int, said: str
) -> None:
    with pytest.raises(ScenarioError, match=said) as refused:
        play_all(folder, text, p_bpmn=REMINDING)

    assert f"case.scenario.yaml:{line} " in refused.value.message.en


def test_files_that_are_missing_or_refused_fail_the_scenario(play: Play) -> None:
    assert "There is no q.bpmn" in problem(play("process: q.bpmn\n", p_bpmn=REMINDING))
    assert "no process 'q' among" in problem(play("process: q\nresources: [p.bpmn]\n", p_bpmn=REMINDING))
    broken = REMINDING.replace(b'targetRef="collect"', b'targetRef="nowhere"')
    assert not play("process: p.bpmn\n", p_bpmn=broken).passed


def test_an_endless_loop_of_jobs_is_stopped(play: Play) -> None:
    model = document(START, service("a"), path("start", "a"), flow("a", "a"))

    assert "loops without end" in problem(play("process: p.bpmn\njobs: {a: {complete: {}}}\n", p_bpmn=model))


def test_ad_hoc_elements_are_activated(play: Play) -> None:
    asked = node("adHocSubProcess", "ask", task("identity"), task("income"))
    model = document(START, asked, END, path("start", "ask", "end"))

    outcome = play(
        """
        process: p.bpmn
        steps:
          - expect: {tasks: []}
          - activate: {element: ask, elements: [identity, {element: income, variables: {year: 2026}}]}
          - expect: {tasks: [identity, income]}
          - complete: {task: income, where: year = 2026}
          - complete: identity
        expect: {visited: [ask, identity, income]}
        """,
        p_bpmn=model,
    )

    assert outcome.problem is None


def test_instances_are_added_while_others_run(play: Play) -> None:
    loop = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics"
        ' inputCollection="=[1, 2]" inputElement="item"/></bpmn:extensionElements>'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    vote = node("userTask", "vote", loop, ext="<zeebe:userTask/>")
    model = document(START, vote, END, path("start", "vote", "end"))

    outcome = play(
        """
        process: p.bpmn
        steps:
          - add-instance: {element: vote, item: 3}
          - expect: {tasks: [vote, vote, vote]}
          - complete: {task: vote, where: item = 3}
          - complete: {task: vote, index: all}
        expect: {state: completed}
        """,
        p_bpmn=model,
    )

    assert outcome.problem is None


def test_an_operators_repair_is_a_step(play: Play) -> None:
    model = document(
        START, task("entry"), task("review"), task("pay"), END, path("start", "entry", "review", "pay", "end")
    )

    outcome = play(
        """
        process: p.bpmn
        steps:
          - complete: entry
          - modify: {return_to: entry, variables: {returned: true}}
          - expect: {tasks: [entry], variables: {returned: true}}
          - modify: {move: {entry: pay}}
          - expect: {tasks: [pay]}
          - modify: {activate: review}
          - modify: {terminate: pay}
          - expect: {tasks: [review]}
          - modify: {activate_after: review, terminate: review}
          - complete: pay
        expect: {state: completed, visited: [entry, review, entry, pay, review, pay]}
        """,
        p_bpmn=model,
    )

    assert outcome.problem is None


def test_a_repair_that_cannot_be_is_a_failed_step_with_the_reason(play: Play) -> None:
    model = document(START, task("entry"), END, path("start", "entry", "end"))
    outcome = play("process: p.bpmn\nsteps: [{modify: {return_to: nowhere}}]\n", p_bpmn=model)
    assert "nowhere" in problem(outcome)
