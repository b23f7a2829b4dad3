"""Steps of people, operators and clocks: tasks that are taken and given, instances that are removed, late timers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from server.cli import main
from server.scenarios import Outcome

from ..bpmn.diagrams import END, START, boundary, document, message, message_definition, node, path, timer

Play = Callable[..., Outcome]

TASK = document(
    START,
    node("userTask", "check", ext="<zeebe:userTask/>"),
    node(
        "userTask",
        "sign",
        ext='<zeebe:userTask/><zeebe:taskHeaders><zeebe:header key="lendloom:notBy" value="check"/>'
        "</zeebe:taskHeaders>",
    ),
    END,
    path("start", "check", "sign", "end"),
)
LOOP = (
    "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>"
    '<zeebe:loopCharacteristics inputCollection="=[1,2,3]" inputElement="item"/>'
    "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
)
VOTE = document(START, node("userTask", "vote", LOOP, ext="<zeebe:userTask/>"), END, path("start", "vote", "end"))
WAIT = document(
    START,
    node("userTask", "ask", ext="<zeebe:userTask/>"),
    boundary("remind", "ask", timer("cycle", "R/P1D"), interrupting=False),
    node("endEvent", "reminded"),
    END,
    path("start", "ask", "end"),
    path("remind", "reminded"),
)


def problem(outcome: Outcome) -> str:
    assert outcome.problem is not None, "it passed"
    return outcome.problem.en


def test_a_task_is_given_put_back_and_completed_for_another(play: Play) -> None:
    outcome = play(
        """
        process: p.bpmn
        steps:
          - claim: {task: check, by: zhang}
          - assign: {task: check, to: li}
          - expect: {tasks: [{task: check, assignee: li}]}
          - complete: {task: check, by: zhang, refused: taken}
          - unassign: check
          - expect: {tasks: [{task: check, assignee: null}]}
          - assign: {task: check, to: li}
          - complete: {task: check, by: wang, for: zhang, refused: taken}
          - complete: {task: check, by: wang, for: li}
        expect: {tasks: [sign]}
        """,
        p_bpmn=TASK,
    )
    assert outcome.problem is None


def test_nobody_is_given_what_four_eyes_keep_from_him(play: Play) -> None:
    outcome = play(
        """
        process: p.bpmn
        steps:
          - complete: {task: check, by: zhang}
          - assign: {task: sign, to: zhang}
        """,
        p_bpmn=TASK,
    )
    assert "Four eyes" in problem(outcome)
    assert outcome.step == 2


def test_a_task_is_given_to_another_while_the_case_stands_still(play: Play) -> None:
    outcome = play(
        """
        process: p.bpmn
        steps:
          - suspend: {}
          - assign: {task: check, to: li}
          - unassign: check
          - resume: {}
        expect: {state: active}
        """,
        p_bpmn=TASK,
    )
    assert outcome.problem is None


def test_an_instance_is_removed_by_its_number(play: Play) -> None:
    outcome = play(
        """
        process: p.bpmn
        steps:
          - remove-instance: {element: vote, index: 2}
          - expect: {tasks: [vote, vote]}
          - remove-instance: {element: vote, where: item = 3}
          - complete: {task: vote, where: item = 1}
        expect: {state: completed}
        """,
        p_bpmn=VOTE,
    )
    assert outcome.problem is None


def test_what_is_no_instance_of_many_cannot_be_removed(play: Play) -> None:
    outcome = play("process: p.bpmn\nsteps:\n  - remove-instance: check\n", p_bpmn=TASK)
    assert "No element check is open; open are: -" in problem(outcome)


def test_a_clock_that_was_down_fires_late_by_the_policy_of_the_timer(play: Play) -> None:
    outcome = play(
        """
        process: p.bpmn
        steps:
          - clock: stop
          - advance: P10D
          - expect: {not_visited: [remind]}
          - clock: tick
          - expect: {visited: [remind], timers: {remind: 2026-01-16T09:00:00+08:00}}
          - advance: P2D
          - expect: {timers: {remind: 2026-01-16T09:00:00+08:00}}
          - clock: go
        expect: {timers: {remind: 2026-01-18T09:00:00+08:00}}
        """,
        p_bpmn=WAIT,
    )
    assert outcome.problem is None, outcome.problem
    assert outcome.story.visited.count("remind") == 2, "missed cycles fire once"


def test_a_clock_knows_three_words(play: Play) -> None:
    outcome = play("process: p.bpmn\nsteps:\n  - clock: halt\n", p_bpmn=WAIT)
    assert problem(outcome) == "'clock' is one of stop, tick, go."


def test_start_events_can_rest(play: Play) -> None:
    begun = node("startEvent", "begun", message("paid"))
    process = document(
        START,
        begun,
        node("userTask", "ask", ext="<zeebe:userTask/>"),
        END,
        path("start", "ask", "end"),
        path("begun", "ask"),
        definitions=message_definition("paid", "loan"),
    )
    text = """
        process: p.bpmn
        {rest}
        steps:
          - message: {{name: paid, key: L-1, received: {received}}}
        expect: {{tasks: {tasks}}}
        """
    rests = text.format(rest="start_events: false", received=0, tasks="[ask]")
    live = text.format(rest="name: live", received=1, tasks="[ask, ask]")
    assert play(rests, p_bpmn=process).problem is None
    assert play(live, p_bpmn=process).problem is None


def test_calendars_by_name_and_with_hours(play: Play) -> None:
    wait = '<lendloom:calendar name="bank"/>'
    process = document(
        START,
        node("intermediateCatchEvent", "own", timer("duration", "P1WD")),
        node("intermediateCatchEvent", "bank", timer("duration", "P1WD"), ext=wait),
        END,
        path("start", "own", "bank", "end"),
    )
    outcome = play(
        """
        process: p.bpmn
        calendar: {holidays: [2026-01-06]}
        calendars:
          bank:
            zone: Asia/Shanghai
            periods:
              - {from: 2026-01-01, to: 2026-12-31, hours: {MON-FRI: ["09:00-18:00"]}, holidays: [2026-01-08]}
        steps:
          - expect: {timers: {own: 2026-01-07T09:00:00+08:00}}
          - advance: next
          - expect: {timers: {bank: 2026-01-09T09:00:00+08:00}}
        """,
        p_bpmn=process,
    )
    assert outcome.problem is None, outcome.problem


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_story_of_a_suspended_case_is_told(folder: Callable[..., Path], language: str) -> None:
    place = folder(
        p_bpmn=TASK, **{"case.scenario_yaml": "process: p.bpmn\nsteps: [{suspend: p}]\nexpect: {state: active}"}
    )
    result = CliRunner(env={"LENDLOOM_LANGUAGE": language}).invoke(main, ["test", str(place)])
    assert result.exit_code == 1
    assert {"zh": "[挂起]", "en": "[suspended]"}[language] in result.output
