"""A case that stands still in a scenario: what waits, what is refused, and what comes of it when it goes on."""

from __future__ import annotations

from collections.abc import Callable

from server.scenarios import Outcome

from ..bpmn.diagrams import (
    END,
    START,
    boundary,
    condition,
    document,
    flow,
    job,
    message,
    message_definition,
    node,
    path,
    signal,
    signal_definition,
    timer,
)

Play = Callable[..., Outcome]


def task(id_: str) -> str:
    return node("userTask", id_, ext="<zeebe:userTask/>")


def line(element: str, *more: str, definitions: str = "") -> bytes:
    return document(START, element, END, *more, path("start", "x", "end"), definitions=definitions)


def catch(definition: str) -> str:
    return node("intermediateCatchEvent", "x", definition)


def problem(outcome: Outcome) -> str:
    assert outcome.problem is not None, "it passed"
    return outcome.problem.en


def test_a_timer_does_not_fire_until_the_case_goes_on(play: Play) -> None:
    outcome = play(
        """
        process: p.bpmn
        steps:
          - suspend: p
          - expect: {state: suspended}
          - advance: P5D
          - expect: {state: suspended, timers: [x]}
          - resume: p
        expect: {state: completed}
        """,
        p_bpmn=line(catch(timer("duration", "P2D"))),
    )
    assert outcome.problem is None
    ended = next(event for event in outcome.story.events if event.element_id == "end")
    assert ended.at.isoformat() == "2026-01-10T09:00:00+08:00"


def test_tasks_are_refused_while_the_case_stands_still(play: Play) -> None:
    outcome = play(
        """
        process: p.bpmn
        steps:
          - suspend: {process: p}
          - complete: {task: x, refused: suspended}
          - resume: {}
          - complete: x
        expect: {state: completed}
        """,
        p_bpmn=line(task("x")),
    )
    assert outcome.problem is None
    assert "suspended" in problem(play("process: p.bpmn\nsteps: [suspend: p, complete: x]", p_bpmn=line(task("x"))))


def test_a_job_goes_to_nobody_and_a_report_is_kept(play: Play) -> None:
    model = line(node("serviceTask", "x", ext=job("pay")))
    outcome = play(
        """
        process: p.bpmn
        steps:
          - suspend: p
          - complete-job: {job: pay, variables: {paid: true}}
          - expect: {jobs: [pay], state: suspended}
          - resume: p
        expect: {state: completed, variables: {paid: true}}
        """,
        p_bpmn=model,
    )
    assert outcome.problem is None
    twice = "process: p.bpmn\nsteps: [suspend: p, complete-job: pay, complete-job: pay]"
    assert "cannot be reported twice" in problem(play(twice, p_bpmn=model))


def test_a_worker_is_asked_only_when_the_case_goes_on(play: Play) -> None:
    model = document(
        START, task("x"), node("serviceTask", "pay", ext=job("pay")), END, path("start", "x", "pay", "end")
    )
    outcome = play(
        """
        process: p.bpmn
        jobs: {pay: {complete: {}}}
        steps:
          - suspend: p
          - modify: {move: {x: pay}}
          - expect: {jobs: [pay]}
          - resume: p
        expect: {state: completed}
        """,
        p_bpmn=model,
    )
    assert outcome.problem is None


def test_a_message_waits_within_its_time_to_live(play: Play) -> None:
    model = line(catch(message()), definitions=message_definition())
    text = """
        process: p.bpmn
        variables: {loan: LN-1}
        steps:
          - suspend: p
          - message: {name: paid, key: LN-1, ttl: P1D}
          - advance: %s
          - resume: p
        expect: {state: %s}
        """
    assert play(text % ("PT1H", "completed"), p_bpmn=model).problem is None
    assert play(text % ("P2D", "active"), p_bpmn=model).problem is None


def test_a_message_for_a_suspended_case_starts_no_other(play: Play) -> None:
    model = document(
        START,
        node("startEvent", "asked", message()),
        node("intermediateCatchEvent", "x", message()),
        END,
        path("start", "x", "end"),
        flow("asked", "end"),
        definitions=message_definition(),
    )
    outcome = play(
        """
        process: p.bpmn
        variables: {loan: LN-1}
        steps:
          - suspend: p
          - message: {name: paid, key: LN-1, ttl: P1D}
          - expect: {not_visited: [asked]}
          - resume: p
        expect: {state: completed, not_visited: [asked]}
        """,
        p_bpmn=model,
    )
    assert outcome.problem is None


def test_a_signal_is_kept_for_the_wait_that_was_there(play: Play) -> None:
    outcome = play(
        """
        process: p.bpmn
        steps:
          - suspend: p
          - signal: {name: rates, received: 1, variables: {rate: 5}}
          - expect: {signals: [rates], state: suspended}
          - resume: p
        expect: {state: completed, variables: {rate: 5}}
        """,
        p_bpmn=line(catch(signal()), definitions=signal_definition()),
    )
    assert outcome.problem is None


def test_a_condition_is_asked_when_the_case_goes_on(play: Play) -> None:
    outcome = play(
        """
        process: p.bpmn
        variables: {score: 1}
        steps:
          - suspend: p
          - set: {score: 9}
          - expect: {not_visited: [end], state: suspended}
          - resume: p
        expect: {state: completed}
        """,
        p_bpmn=line(catch(condition("score > 5"))),
    )
    assert outcome.problem is None


def test_an_incident_cannot_be_resolved_and_a_case_can_be_cancelled(play: Play) -> None:
    model = line(node("serviceTask", "x", ext=job("pay", "1")))
    text = """
        process: p.bpmn
        jobs: {pay: [{fail: timeout}, {complete: {}}]}
        steps:
          - suspend: p
          - %s
        expect: {state: cancelled}
        """
    assert "suspended" in problem(play(text % "retry: x", p_bpmn=model))
    assert play(text % "cancel: p", p_bpmn=model).problem is None


def test_a_case_is_suspended_and_resumed_once(play: Play) -> None:
    model = line(task("x"))
    assert "suspended already" in problem(play("process: p.bpmn\nsteps: [suspend: p, suspend: p]", p_bpmn=model))
    assert "not suspended" in problem(play("process: p.bpmn\nsteps: [resume: p]", p_bpmn=model))
    assert "has ended" in problem(play("process: p.bpmn\nsteps: [complete: x, suspend: p]", p_bpmn=model))


def test_what_a_suspended_case_called_stands_still_with_it(play: Play) -> None:
    caller = document(
        START,
        node("callActivity", "call", ext='<zeebe:calledElement processId="q"/>'),
        boundary("late", "call", timer("duration", "P1D")),
        END,
        path("start", "call", "end"),
        flow("late", "end"),
        id_="p",
    )
    called = document(START, catch(timer("duration", "P2D")), END, path("start", "x", "end"), id_="q")
    outcome = play(
        """
        process: p
        resources: [p.bpmn, q.bpmn]
        steps:
          - suspend: q
          - advance: P5D
          - expect: {state: suspended, timers: [x, late]}
          - resume: q
        expect: {state: completed, visited: [late, end]}
        """,
        p_bpmn=caller,
        q_bpmn=called,
    )
    assert outcome.problem is None
