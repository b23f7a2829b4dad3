"""Modification on a database: what is written, what a trial shows, who wins a race, and the record of it."""

from __future__ import annotations

import datetime as dt

import pytest

from server.bpmn import Activate, Modification, Move, ReturnTo, Terminate, VariableInstruction
from server.runtime import incidents, instances, modifications, suspension
from server.runtime.errors import Conflict, NotFound, Refused
from server.worklist import user_tasks

from ...unit.bpmn.diagrams import boundary, condition, job, message, message_definition, node, path, timer
from ..models import ACTOR, active_elements, deploy, line, one, open_task, rows, start_and_end, state, user_task
from ..models import variables as variables_of

pytestmark = pytest.mark.usefixtures("app")

FORK = start_and_end(
    user_task("apply"),
    node("parallelGateway", "split"),
    node("parallelGateway", "join"),
    user_task("credit"),
    user_task("risk"),
    user_task("sign"),
    boundary("late", "credit", timer("duration", "P2D"), interrupting=False),
    node("endEvent", "expired"),
    path("start", "apply", "split", "credit", "join", "sign", "end"),
    path("split", "risk", "join"),
    path("late", "expired"),
    id_="modify-fork",
)
WATCHED = start_and_end(
    user_task("task"),
    user_task("rich-task"),
    boundary("rich", "task", condition("amount > 5")),
    path("start", "task", "end"),
    path("rich", "rich-task", "end"),
    id_="modify-watched",
)
CALLED = line(("inner", user_task("inner")), id_="modify-called")
CALLING = line(
    ("call", node("callActivity", "call", ext='<zeebe:calledElement processId="modify-called"/>')),
    ("after", user_task("after")),
    id_="modify-calling",
)
WAITING = line(
    ("pay", node("serviceTask", "pay", ext=job("modify-pay"))),
    ("papers", node("intermediateCatchEvent", "papers", message("modify-papers"))),
    ("divide", node("scriptTask", "divide", ext='<zeebe:script expression="=1/share" resultVariable="part"/>')),
    id_="modify-waiting",
    definitions=message_definition("modify-papers", "loan"),
)


@pytest.fixture(scope="module", autouse=True)
def deployed(app: object) -> None:
    deploy(FORK, CALLED, CALLING, WAITING, WATCHED)


def complete(instance_key: int, element_id: str) -> None:
    user_tasks.complete(task_key=open_task(instance_key, element_id), actor=ACTOR)


def modify(key: int, *, reason: str | None = None, revision: int | None = None, **parts: object) -> None:
    modification = Modification(**parts)  # type: ignore[arg-type]
    modifications.modify(
        instance_key=key, modification=modification, actor="operator", reason=reason, revision=revision
    )


def forked() -> int:
    key = instances.start(process_id="modify-fork", actor=ACTOR).key
    complete(key, "apply")
    return key


def waits(key: int) -> int:
    """How many rows say that something is waited for."""
    return int(
        one(
            """SELECT (SELECT count(*) FROM user_task WHERE instance_key = %(key)s AND state = 'CREATED')
                + (SELECT count(*) FROM job WHERE instance_key = %(key)s AND ended_at IS NULL)
                + (SELECT count(*) FROM timer WHERE instance_key = %(key)s)
                + (SELECT count(*) FROM event_subscription WHERE instance_key = %(key)s)
                + (SELECT count(*) FROM incident WHERE instance_key = %(key)s AND state = 'ACTIVE')""",
            key=key,
        )
    )


def test_a_case_is_sent_back_from_within_its_branches_in_one_call() -> None:
    key = forked()
    complete(key, "risk")
    modify(key, return_to=(ReturnTo("apply"),), reason="documents are missing")
    assert active_elements(key) == {"apply"}
    assert waits(key) == 1
    complete(key, "apply")
    for element in ("credit", "risk", "sign"):
        complete(key, element)
    assert state(key) == "COMPLETED"
    assert waits(key) == 0


def test_the_record_says_who_did_what_and_why() -> None:
    key = forked()
    modify(key, return_to=(ReturnTo("apply"),), reason="documents are missing")
    (row,) = rows("SELECT * FROM operation_record WHERE subject_key = %(key)s", key=key)
    assert (row.type, row.actor, row.reason) == ("MODIFY_PROCESS_INSTANCE", "operator", "documents are missing")
    assert row.details["return_to"][0]["element_id"] == "apply"


def test_a_trial_shows_everything_and_writes_nothing() -> None:
    key = forked()
    before = rows("SELECT revision, snapshot FROM instance_state WHERE key = %(key)s", key=key)
    report = modifications.try_out(
        instance_key=key,
        modification=Modification(return_to=(ReturnTo("credit"),), terminate=(Terminate("risk"),)),
        actor="operator",
    )
    assert {change.element_id for change in report.terminated} == {"credit", "risk"}
    assert [change.element_id for change in report.activated] == ["credit"]
    assert {(wait.kind, wait.element_id) for wait in report.opened} == {("userTask", "credit"), ("timer", "late")}
    assert report.ends is None and report.incidents == ()
    assert rows("SELECT revision, snapshot FROM instance_state WHERE key = %(key)s", key=key) == before
    assert active_elements(key) == {"credit", "risk"}
    assert waits(key) == 3
    assert not rows("SELECT 1 FROM operation_record WHERE subject_key = %(key)s", key=key)


def test_a_trial_warns_of_the_end_of_the_instance() -> None:
    key = forked()
    everything = Modification(terminate=(Terminate("credit"), Terminate("risk")))
    assert modifications.try_out(instance_key=key, modification=everything, actor="o").ends == "TERMINATED"
    modifications.modify(instance_key=key, modification=everything, actor="o")
    assert state(key) == "TERMINATED"
    assert waits(key) == 0


def test_a_repair_that_was_looked_at_is_refused_when_the_case_has_moved_on() -> None:
    key = forked()
    back = Modification(return_to=(ReturnTo("apply"),))
    seen = modifications.try_out(instance_key=key, modification=back, actor="o").revision
    complete(key, "risk")
    with pytest.raises(Conflict):
        modifications.modify(instance_key=key, modification=back, actor="o", revision=seen)
    assert active_elements(key) == {"credit"}
    seen = modifications.try_out(instance_key=key, modification=back, actor="o").revision
    modifications.modify(instance_key=key, modification=back, actor="o", revision=seen)
    assert active_elements(key) == {"apply"}


def test_a_task_that_was_completed_first_is_a_lost_race() -> None:
    key = forked()
    task = open_task(key, "risk")
    complete(key, "risk")
    with pytest.raises(Conflict):
        modify(key, terminate=(Terminate(key=task),))


def test_what_cannot_be_done_names_its_elements() -> None:
    key = forked()
    with pytest.raises(Refused) as refused:
        modify(key, activate=(Activate("nowhere"),))
    assert [finding.element for finding in refused.value.findings] == ["nowhere"]
    assert active_elements(key) == {"credit", "risk"}
    with pytest.raises(NotFound):
        modify(1, activate=(Activate("credit"),))


def test_jobs_messages_and_incidents_follow_their_tokens() -> None:
    key = instances.start(process_id="modify-waiting", actor=ACTOR, variables={"loan": "L"}).key
    modify(key, move=(Move("papers", source_id="pay"),))
    assert active_elements(key) == {"papers"}
    assert one("SELECT state FROM job WHERE instance_key = %(key)s", key=key) == "CANCELED"
    modify(key, move=(Move("divide", source_id="papers"),))
    assert waits(key) == 1
    assert one("SELECT incidents FROM process_instance WHERE key = %(key)s", key=key) == 1
    given = (VariableInstruction({"share": 4}),)
    modify(key, move=(Move("divide", source_id="divide", variables=given),))
    assert state(key) == "COMPLETED"
    assert waits(key) == 0
    assert one("SELECT incidents FROM process_instance WHERE key = %(key)s", key=key) == 0
    assert variables_of(key)["share"] == 4


def test_a_called_instance_ends_with_its_call_and_a_new_call_begins_another() -> None:
    key = instances.start(process_id="modify-calling", actor=ACTOR).key
    called = "SELECT key, state FROM process_instance WHERE parent_key = %(key)s ORDER BY key"
    report = modifications.try_out(
        instance_key=key, modification=Modification(move=(Move("after", source_id="call"),)), actor="o"
    )
    assert {change.element_id for change in report.terminated} == {"call", "inner", "modify-called"}
    modify(key, move=(Move("after", source_id="call"),))
    assert [row.state for row in rows(called, key=key)] == ["TERMINATED"]
    modify(key, return_to=(ReturnTo("call"),))
    assert [row.state for row in rows(called, key=key)] == ["TERMINATED", "ACTIVE"]
    child = rows(called, key=key)[1].key
    complete(child, "inner")
    assert active_elements(key) == {"after"}


def test_a_suspended_case_may_be_repaired_and_stays_suspended() -> None:
    key = forked()
    suspension.suspend(instance_key=key, actor=ACTOR)
    modify(key, return_to=(ReturnTo("apply"),))
    assert active_elements(key) == {"apply"}
    with pytest.raises(Conflict):
        complete(key, "apply")
    suspension.resume(instance_key=key, actor=ACTOR)
    complete(key, "apply")


def test_a_condition_that_a_repair_of_a_suspended_case_makes_true_happens_at_its_resumption() -> None:
    key = instances.start(process_id="modify-watched", actor=ACTOR, variables={"amount": 1}).key
    suspension.suspend(instance_key=key, actor=ACTOR)
    modify(key, activate=(Activate("task", (VariableInstruction({"amount": 9}),)),))
    assert active_elements(key) == {"task"}
    assert len(rows("SELECT 1 FROM user_task WHERE instance_key = %(key)s AND state = 'CREATED'", key=key)) == 2
    suspension.resume(instance_key=key, actor=ACTOR)
    assert active_elements(key) == {"rich-task"}


def test_an_ended_instance_cannot_be_modified() -> None:
    key = forked()
    instances.cancel(instance_key=key, actor=ACTOR)
    with pytest.raises(Conflict):
        modify(key, activate=(Activate("credit"),))


def test_an_instance_starts_where_it_is_told_and_stops_after_an_element() -> None:
    key = instances.start(process_id="modify-fork", actor=ACTOR, activate=["sign"]).key
    assert active_elements(key) == {"sign"}
    key = instances.start(process_id="modify-fork", actor=ACTOR, activate=["credit", "risk"], stop_after=["join"]).key
    complete(key, "credit")
    complete(key, "risk")
    assert state(key) == "TERMINATED"
    with pytest.raises(Refused):
        instances.start(process_id="modify-fork", actor=ACTOR, activate=["nowhere"])


def test_an_incident_on_a_moved_token_cannot_be_resolved_any_more() -> None:
    key = instances.start(process_id="modify-waiting", actor=ACTOR, activate=["divide"]).key
    incident = one("SELECT key FROM incident WHERE instance_key = %(key)s AND state = 'ACTIVE'", key=key)
    modify(key, move=(Move("pay", source_id="divide"),))
    with pytest.raises(Conflict):
        incidents.resolve(incident_key=incident, actor=ACTOR)


def test_a_due_date_counts_from_the_modification() -> None:
    key = forked()
    (first,) = rows("SELECT due_at FROM timer WHERE instance_key = %(key)s", key=key)
    modify(key, return_to=(ReturnTo("credit"),))
    (second,) = rows("SELECT due_at FROM timer WHERE instance_key = %(key)s", key=key)
    assert dt.timedelta() < second.due_at - first.due_at < dt.timedelta(minutes=5)
