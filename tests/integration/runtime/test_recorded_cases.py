"""Cases of many kinds, recorded: each plays as it went, without a remark, and a changed model does not pass."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.jobs import completion
from server.runtime import calendars, elements, incidents, messages, signals, variables
from server.worklist import user_tasks

from ...unit.bpmn.diagrams import (
    boundary,
    condition,
    document,
    error,
    error_definition,
    event_subprocess,
    flow,
    io,
    job,
    message,
    message_definition,
    node,
    path,
    script,
    signal,
    signal_definition,
    subprocess_,
    timer,
)
from ..models import ACTOR, deploy, line, open_task, rows, start_and_end, state, user_task
from .recorded import Clock, at, breaks, done, element_keys, open_jobs, played, started, worked

__all__ = ["at"]


def unremarked(folder: Path, key: int) -> Any:
    recorded, outcome = played(folder, key)
    assert recorded.recording.remarks == (), recorded.recording.text
    return recorded, outcome


def loop(collection: str, *, sequential: bool = False, more: str = "", condition_: str = "") -> str:
    done_ = f'<bpmn:completionCondition xsi:type="bpmn:tFormalExpression">={condition_}</bpmn:completionCondition>'
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"><bpmn:extensionElements>'
        f'<zeebe:loopCharacteristics inputCollection="={collection}" inputElement="item" {more}/>'
        f"</bpmn:extensionElements>{done_ if condition_ else ''}</bpmn:multiInstanceLoopCharacteristics>"
    )


# -- people ------------------------------------------------------------------------------------------------------------


def test_who_took_gave_and_put_back_a_task(tmp_path: Path, at: Clock) -> None:
    named = node(
        "userTask",
        "sign",
        ext='<zeebe:userTask/><zeebe:assignmentDefinition assignee="=chosen" candidateGroups="heads"/>',
    )
    key = started(
        line(("check", user_task("check")), ("sign", named), id_="rec-people"), process_id="rec-people", chosen="li.na"
    )
    check = open_task(key, "check")
    at(1)
    user_tasks.claim(task_key=check, actor="zhang.wei")
    at(2)
    user_tasks.unassign(task_key=check, actor="zhang.wei")
    at(3)
    user_tasks.assign(task_key=check, assignee="wang.qiang", actor="boss")
    at(4)
    user_tasks.assign(task_key=check, assignee="zhang.wei", actor="zhang.wei")
    at(5)
    done(key, "check", "zhang.wei", note="wang.qiang could not")
    at(6)
    done(key, "sign", "substitute")

    recorded, _ = unremarked(tmp_path, key)

    text = recorded.recording.text
    assert [text.count(f"- {step}:") for step in ("claim", "unassign", "assign")] == [1, 1, 2]
    assert "for: person-" in text, "a substitute has completed it for another"
    assert not [name for name in ("zhang.wei", "wang.qiang", "li.na", "substitute", "boss") if name in text]
    assert "candidateGroups" in breaks(tmp_path, recorded, 'candidateGroups="heads"', 'candidateGroups="anybody"')
    assert "assignee" in breaks(tmp_path, recorded, 'assignee="=chosen"', 'assignee="zhao"')


# -- workers -----------------------------------------------------------------------------------------------------------


def test_jobs_that_fail_throw_errors_and_wait(tmp_path: Path, at: Clock) -> None:
    process = document(
        node("startEvent", "start"),
        node("serviceTask", "score", ext=job("rec-score")),
        node("serviceTask", "pay", ext=job("rec-pay")),
        boundary("refused", "pay", error()),
        user_task("talk"),
        node("endEvent", "paid"),
        node("endEvent", "told"),
        path("start", "score", "pay", "paid"),
        path("refused", "talk", "told"),
        definitions=error_definition(),
        id_="rec-jobs",
    )
    key = started(process, process_id="rec-jobs")
    (score,) = open_jobs(key, "score")
    completion.fail(job_key=score, retries=2, error_message="slow", actor="worker")
    at(1)
    completion.fail(job_key=score, retries=0, error_message="down", actor="worker")
    at(2)
    ((incident,),) = rows("SELECT key FROM incident WHERE instance_key = %(key)s AND state = 'ACTIVE'", key=key)
    incidents.resolve(incident_key=incident, actor="operator")
    at(3)
    worked(key, "score", score=700)
    at(4)
    (pay,) = open_jobs(key, "pay")
    completion.throw_error(job_key=pay, error_code="REFUSED", variables={"reason": "blocked"}, actor="worker")
    at(5)
    done(key, "talk")

    recorded, outcome = unremarked(tmp_path, key)

    assert outcome.story.visited[-3:] == ["refused", "talk", "told"]
    assert [event.kind for event in outcome.story.events].count("incident") == 1
    breaks(tmp_path, recorded, 'errorCode="REFUSED"', 'errorCode="OTHER"')


def test_an_error_that_nobody_caught_and_two_jobs_in_another_order(tmp_path: Path, at: Clock) -> None:
    process = document(
        node("startEvent", "start"),
        node("parallelGateway", "fork"),
        node("serviceTask", "one", ext=job("rec-same")),
        node("serviceTask", "two", ext=job("rec-same")),
        node("parallelGateway", "join"),
        node("scriptTask", "sum", ext=script("x", "y")),
        node("endEvent", "end"),
        path("start", "fork", "one", "join", "sum", "end"),
        path("fork", "two", "join"),
        id_="rec-order",
    )
    key = started(process, process_id="rec-order")
    (one,), (two,) = open_jobs(key, "one"), open_jobs(key, "two")
    completion.throw_error(job_key=one, error_code="NOBODY", error_message="what", actor="worker")
    at(1)
    completion.complete(job_key=two, variables={"x": 2}, actor="worker")
    at(2)
    ((incident,),) = rows("SELECT key FROM incident WHERE instance_key = %(key)s AND state = 'ACTIVE'", key=key)
    incidents.resolve(incident_key=incident, actor="operator")
    at(3)
    completion.complete(job_key=one, variables={"z": 1}, actor="worker")

    recorded, outcome = unremarked(tmp_path, key)

    assert "y: 2" in recorded.recording.text
    assert "UNHANDLED_ERROR_EVENT" in [event.error_type for event in outcome.story.events]
    breaks(tmp_path, recorded, 'expression="=x"', 'expression="=x + 1"')


# -- events ------------------------------------------------------------------------------------------------------------


def test_messages_by_keys_of_their_own_and_signals(tmp_path: Path, at: Clock) -> None:
    catches = subprocess_(
        "each",
        loop("loans", condition_="numberOfCompletedInstances = 2"),
        node("startEvent", "s"),
        node("intermediateCatchEvent", "paid", message("rec-paid")),
        node("endEvent", "e"),
        path("s", "paid", "e"),
    )
    process = start_and_end(
        catches,
        node("intermediateCatchEvent", "rates", signal("rec-news")),
        user_task("last"),
        boundary("again", "last", signal("rec-news"), interrupting=False),
        node("endEvent", "noted"),
        path("start", "each", "rates", "last", "end"),
        path("again", "noted"),
        id_="rec-events",
        definitions=message_definition("rec-paid", "item") + signal_definition("rec-news"),
    )
    key = started(process, process_id="rec-events", loans=["A", "B", "C"])
    for hour, loan in ((1, "B"), (2, "A")):
        at(hour)
        messages.publish(name="rec-paid", correlation_key=loan, variables={"by": loan}, actor=ACTOR)
    at(3)
    signals.broadcast(name="rec-news", variables={"rate": 4}, actor=ACTOR)
    at(4)
    signals.broadcast(name="rec-news", variables={"rate": 5}, actor=ACTOR)
    at(5)
    done(key, "last")

    recorded, _ = unremarked(tmp_path, key)

    assert "key: B" in recorded.recording.text and "key: A" in recorded.recording.text
    breaks(tmp_path, recorded, 'correlationKey="=item"', 'correlationKey="=item + &quot;x&quot;"')
    breaks(tmp_path, recorded, "numberOfCompletedInstances = 2", "numberOfCompletedInstances = 3")


def test_conditions_variables_set_by_hand_and_event_subprocesses(tmp_path: Path, at: Clock) -> None:
    process = start_and_end(
        user_task("work", ext=io(("input", "0", "local"))),
        event_subprocess("late", condition("limit > 5"), interrupting=False),
        event_subprocess("stop", message("rec-stop")),
        path("start", "work", "end"),
        id_="rec-conditions",
        definitions=message_definition("rec-stop", "loan"),
    )
    key = started(process, process_id="rec-conditions", loan="L-1", limit=1)
    at(1)
    variables.update(scope_key=key, variables={"limit": 9}, actor="operator")
    at(2)
    (work,) = element_keys(key, "work")
    variables.update(scope_key=work, variables={"local": 3}, local=True, actor="operator")
    at(3)
    done(key, "late_task")
    at(4)
    messages.publish(name="rec-stop", correlation_key="L-1", variables={"why": "withdrawn"}, actor=ACTOR)
    at(5)
    done(key, "stop_task")
    assert state(key) == "COMPLETED"

    recorded, outcome = unremarked(tmp_path, key)

    assert {"late_task", "stop_task"} <= set(outcome.story.visited)
    breaks(tmp_path, recorded, "limit > 5", "limit > 10")
    breaks(tmp_path, recorded, 'correlationKey="=loan"', 'correlationKey="=&quot;other&quot;"')


# -- time --------------------------------------------------------------------------------------------------------------

TIMERS = document(
    node("startEvent", "start"),
    node("intermediateCatchEvent", "wait", timer("duration", "PT3H")),
    node("intermediateCatchEvent", "days", timer("duration", "P2WD")),
    user_task("ask"),
    boundary("remind", "ask", timer("cycle", "R2/P1D"), interrupting=False),
    boundary("give-up", "ask", timer("duration", "P5D")),
    node("endEvent", "reminded"),
    node("endEvent", "gone"),
    node("endEvent", "end"),
    path("start", "wait", "days", "ask", "end"),
    path("remind", "reminded"),
    path("give-up", "gone"),
    id_="rec-timers",
)


@pytest.fixture
def calendar() -> Iterator[None]:
    """Wednesday is a holiday."""
    year = {"from": "2026-01-01", "to": "2026-12-31", "hours": {"MON-FRI": ["09:00-18:00"]}}
    calendars.save(
        calendar_id="CN",
        name="中国",
        timezone="Asia/Shanghai",
        periods=[{**year, "holidays": ["2026-11-04"]}],
        is_default=True,
        actor=ACTOR,
    )
    yield
    calendars.delete("CN")


@pytest.mark.usefixtures("calendar")
def test_timers_of_every_kind(tmp_path: Path, at: Clock) -> None:
    key = started(TIMERS, process_id="rec-timers")
    for hour in (3, 75, 99, 123, 124):
        at(hour)
    done(key, "ask")

    recorded, outcome = unremarked(tmp_path, key)

    assert outcome.story.visited.count("remind") == 2
    assert "2026-11-04" in recorded.recording.text, "the holiday stands in the scenario"
    assert "clock:" not in recorded.recording.text, "the plain form is enough"
    for old, new in (("PT3H", "PT2H"), ("P2WD", "P3WD"), ("R2/P1D", "R2/P2D"), ("P5D", "P1D")):
        breaks(tmp_path, recorded, old, new)


def test_what_a_late_clock_let_happen_comes_again(tmp_path: Path, at: Clock) -> None:
    key = started(
        start_and_end(
            user_task("ask"),
            boundary("give-up", "ask", timer("duration", "PT1H")),
            node("scriptTask", "when", ext=script("now()", "when")),
            node("intermediateCatchEvent", "pause", timer("duration", "PT1H")),
            path("start", "ask", "pause", "when", "end"),
            path("give-up", "when"),
            id_="rec-late",
        ),
        process_id="rec-late",
    )
    at(2, late=True)
    done(key, "ask")
    at(9)

    recorded, outcome = unremarked(tmp_path, key)

    assert "give-up" not in outcome.story.visited, "the clock was down when it was due"
    assert "clock: stop" in recorded.recording.text and "clock: tick" in recorded.recording.text


def test_a_process_that_a_timer_starts_is_started_once(tmp_path: Path, at: Clock) -> None:
    process = line(
        ("ask", user_task("ask")),
        id_="rec-daily",
        start=node("startEvent", "start", timer("cycle", "R/PT1H")),
    )
    deploy(process, name="rec-daily.bpmn")
    at(1)
    at(2)
    first = rows(
        "SELECT p.key FROM process_instance p JOIN process_definition d ON d.key = p.process_definition_key "
        "WHERE d.process_id = 'rec-daily' ORDER BY p.key"
    )[0].key
    at(5)
    done(first, "ask")

    recorded, outcome = unremarked(tmp_path, first)

    assert "start_events: false" in recorded.recording.text
    assert outcome.story.visited == ["start", "ask", "end"]


# -- activities that change while they run -----------------------------------------------------------------------------


@pytest.mark.parametrize("sequential", [False, True])
def test_instances_added_and_removed(tmp_path: Path, at: Clock, sequential: bool) -> None:
    ext = '<zeebe:userTask/><zeebe:assignmentDefinition candidateGroups="=[item]"/>'
    vote = node(
        "userTask",
        "vote",
        loop("groups", sequential=sequential, more='outputCollection="votes" outputElement="=vote"'),
        ext=ext + io(("input", "null", "vote")),
    )
    name = f"rec-votes-{sequential}".lower()
    key = started(line(("vote", vote), id_=name), process_id=name, groups=["a", "b", "c"])
    (body,) = element_keys(key, "vote", "MULTI_INSTANCE_BODY")
    at(1)
    elements.add_instance(key=body, item="d", variables={"why": "large"}, actor="operator")
    at(2)
    elements.remove_instance(key=element_keys(key, "vote", "USER_TASK")[0], actor="operator")
    hour = 3
    while tasks := rows("SELECT key FROM user_task WHERE instance_key = %(key)s AND state = 'CREATED'", key=key):
        at(hour)
        user_tasks.complete(task_key=tasks[-1].key, variables={"vote": hour}, actor=f"person.{hour}")
        hour += 1
    assert (state(key), hour) == ("COMPLETED", 6)

    recorded, outcome = unremarked(tmp_path, key)

    assert "- add-instance:" in recorded.recording.text and "- remove-instance:" in recorded.recording.text
    assert outcome.story.visited.count("vote") == 5, "the body and four instances"
    breaks(tmp_path, recorded, 'outputElement="=vote"', 'outputElement="=1"')
    breaks(tmp_path, recorded, 'candidateGroups="=[item]"', 'candidateGroups="=[item, item]"')


@pytest.mark.parametrize("ordering", ["Parallel", "Sequential"])
def test_activities_started_in_ad_hoc_subprocesses(tmp_path: Path, at: Clock, ordering: str) -> None:
    asked = user_task("identity") + user_task("income") + node("serviceTask", "letter", ext=job("rec-letter"))
    name = f"rec-asking-{ordering}".lower()
    ask = node("adHocSubProcess", "ask", asked, ordering=ordering)
    key = started(line(("ask", ask), id_=name), process_id=name)
    (place,) = element_keys(key, "ask", "AD_HOC_SUB_PROCESS")
    at(1)
    wanted = [("identity", {"applicantName": "王芳"}), ("income", {})]
    elements.activate_ad_hoc(key=place, elements=wanted, actor="operator")
    at(2)
    done(key, "identity")
    at(3)
    elements.activate_ad_hoc(key=place, elements=[("letter", {})], cancel_remaining=True, actor="operator")
    at(4)
    worked(key, "letter")
    assert state(key) == "COMPLETED"

    recorded, outcome = unremarked(tmp_path, key)

    assert "王芳" not in recorded.recording.text and "cancel_remaining: true" in recorded.recording.text
    assert {"identity", "income", "letter"} <= set(outcome.story.visited)
    breaks(tmp_path, recorded, 'id="income"', 'id="salary"')


def test_called_processes_with_activities_of_the_same_name(tmp_path: Path, at: Clock) -> None:
    ask = node("adHocSubProcess", "ask", user_task("identity"))
    called = line(("ask", ask), ("check", user_task("check")), id_="rec-inner")
    calls = [node("callActivity", name, ext='<zeebe:calledElement processId="rec-inner"/>') for name in ("a", "b")]
    calling = document(
        node("startEvent", "start"),
        node("parallelGateway", "fork"),
        *calls,
        node("parallelGateway", "join"),
        node("endEvent", "end"),
        path("start", "fork", "a", "join", "end"),
        path("fork", "b", "join"),
        id_="rec-outer",
    )
    key = started(calling, called, process_id="rec-outer")
    children = [
        row.key for row in rows("SELECT key FROM process_instance WHERE parent_key = %(key)s ORDER BY key", key=key)
    ]
    for hour, child in enumerate(reversed(children), 1):
        at(hour)
        (place,) = element_keys(child, "ask", "AD_HOC_SUB_PROCESS")
        elements.activate_ad_hoc(key=place, elements=[("identity", {"for": hour})], actor="operator")
    for hour, child in enumerate(children, 4):
        at(hour)
        user_tasks.claim(task_key=open_task(child, "identity"), actor=f"person.{hour}")
        done(child, "identity", f"person.{hour}")
    at(8)
    variables.update(scope_key=element_keys(children[1], "check")[0], variables={"here": 1}, local=True, actor="op")
    at(9)
    done(children[1], "check")

    recorded, outcome = unremarked(tmp_path, key)

    assert "state: active" in recorded.recording.text
    assert outcome.story.visited.count("identity") == 2
    breaks(tmp_path, recorded, 'processId="rec-inner"', 'processId="rec-none"')


def test_branches_and_modelled_paths(tmp_path: Path, at: Clock) -> None:
    process = document(
        node("startEvent", "start"),
        user_task("decide"),
        node("exclusiveGateway", "large", default="small"),
        user_task("head"),
        node("endEvent", "done"),
        node("endEvent", "quick"),
        flow("start", "decide"),
        flow("decide", "large"),
        flow("large", "head", "amount > 1000"),
        flow("large", "quick", id_="small"),
        flow("head", "done"),
        id_="rec-branch",
    )
    key = started(process, process_id="rec-branch")
    at(1)
    done(key, "decide", amount=5000)
    at(2)
    recorded, _ = unremarked(tmp_path, key)
    breaks(tmp_path, recorded, "amount > 1000", "amount > 9000")
    breaks(tmp_path, recorded, 'candidateGroups="reviewers"', 'candidateGroups="others"')
