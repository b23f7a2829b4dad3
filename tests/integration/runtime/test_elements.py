"""What is changed inside a running case: ad-hoc activities, multi-instance activities, compensation across calls."""

from __future__ import annotations

import pytest

from server.jobs import completion
from server.runtime import elements, instances
from server.runtime.errors import Conflict, NotFound, Refused
from server.worklist import user_tasks

from ...unit.bpmn.diagrams import job
from ...unit.bpmn.test_compensation import handled, throw
from ...unit.bpmn.test_transactions import CANCEL
from ..models import ACTOR, deploy, line, node, one, open_task, path, rows, start_and_end, state, user_task, variables

pytestmark = pytest.mark.usefixtures("app")


def signing() -> str:
    loop = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics"
        ' inputCollection="=people" inputElement="person" outputCollection="votes" outputElement="=vote"/>'
        "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
    )
    ext = '<zeebe:userTask/><zeebe:assignmentDefinition assignee="=person"/>'
    ext += '<zeebe:ioMapping><zeebe:input source="=null" target="vote"/></zeebe:ioMapping>'
    return node("userTask", "sign", loop, ext=ext)


def refund(process_id: str) -> str:
    return f'<zeebe:calledElement processId="{process_id}" propagateAllChildVariables="false"/>'


@pytest.fixture(scope="module", autouse=True)
def deployed(app: object) -> None:
    """An ad-hoc subprocess, people who sign, a call that is undone by a call, and a transaction."""
    asked = user_task("identity") + user_task("income")
    transfer = node(
        "transaction",
        "transfer",
        node("startEvent", "s"),
        user_task("debit"),
        handled("debit", tag="userTask", ext="<zeebe:userTask/>"),
        user_task("decide"),
        node("endEvent", "cancelled", CANCEL),
        path("s", "debit", "decide", "cancelled"),
    )
    deploy(
        line(("ask", node("adHocSubProcess", "ask", asked)), id_="asking"),
        line(("sign", signing()), id_="signing"),
        line(("work", node("serviceTask", "work", ext=job("work"))), id_="paying"),
        line(("task", user_task("task")), id_="refunding"),
        start_and_end(
            node("callActivity", "pay", ext=refund("paying")),
            handled("pay", tag="callActivity", ext=refund("refunding")),
            throw("sorry"),
            path("start", "pay", "sorry", "end"),
            id_="undoing",
        ),
        start_and_end(
            transfer,
            f'<bpmn:boundaryEvent id="undone" attachedToRef="transfer">{CANCEL}</bpmn:boundaryEvent>',
            user_task("tell"),
            path("start", "transfer", "end"),
            path("undone", "tell"),
            id_="transferring",
        ),
    )


def key_of(instance_key: int, element_id: str, element_type: str) -> int:
    return int(
        one(
            "SELECT key FROM element_instance WHERE instance_key = %(key)s AND element_id = %(id)s"
            " AND element_type = %(type)s AND state = 'ACTIVE' ORDER BY key LIMIT 1",
            key=instance_key,
            id=element_id,
            type=element_type,
        )
    )


def test_elements_of_an_ad_hoc_subprocess_are_activated_with_their_variables() -> None:
    case = instances.start(process_id="asking", actor=ACTOR).key
    ask = key_of(case, "ask", "AD_HOC_SUB_PROCESS")
    (begun,) = elements.activate_ad_hoc(key=ask, elements=[("identity", {"why": "large"})], actor=ACTOR)
    assert begun == key_of(case, "ask", "AD_HOC_SUB_PROCESS_INNER_INSTANCE")
    scoped = one("SELECT variables FROM instance_state WHERE key = %(key)s", key=case)
    assert scoped[str(begun)] == {"why": "large"}
    elements.activate_ad_hoc(key=ask, elements=[("income", {})], cancel_remaining=True, actor=ACTOR)
    task = rows("SELECT element_id, state FROM user_task WHERE instance_key = %(key)s ORDER BY key", key=case)
    assert [tuple(row) for row in task] == [("identity", "CANCELED"), ("income", "CREATED")]
    user_tasks.complete(task_key=open_task(case, "income"), variables={}, actor=ACTOR)
    assert state(case) == "COMPLETED"
    with pytest.raises(Conflict):
        elements.activate_ad_hoc(key=ask, elements=[("income", {})], actor=ACTOR)


def test_a_wrong_activation_is_refused_and_changes_nothing() -> None:
    case = instances.start(process_id="asking", actor=ACTOR).key
    with pytest.raises(Refused, match="identity"):
        elements.activate_ad_hoc(
            key=key_of(case, "ask", "AD_HOC_SUB_PROCESS"), elements=[("identity", {}), ("nothing", {})], actor=ACTOR
        )
    assert rows("SELECT key FROM user_task WHERE instance_key = %(key)s", key=case) == []
    with pytest.raises(NotFound):
        elements.activate_ad_hoc(key=case, elements=[("identity", {})], actor=ACTOR)
    with pytest.raises(NotFound):
        elements.activate_ad_hoc(key=4711, elements=[("identity", {})], actor=ACTOR)


def test_instances_are_added_and_removed_while_the_activity_runs() -> None:
    case = instances.start(process_id="signing", variables={"people": ["a", "b"]}, actor=ACTOR).key
    body = key_of(case, "sign", "MULTI_INSTANCE_BODY")
    added = elements.add_instance(key=body, item="c", variables={}, actor=ACTOR)
    tasks = rows("SELECT key, assignee FROM user_task WHERE instance_key = %(key)s ORDER BY key", key=case)
    assert [row.assignee for row in tasks] == ["a", "b", "c"]
    assert tasks[2].key == added
    elements.remove_instance(key=tasks[1].key, actor="boss")
    ended = rows("SELECT state, actor FROM element_instance WHERE key = %(key)s", key=tasks[1].key)[0]
    assert tuple(ended) == ("TERMINATED", "boss")
    with pytest.raises(Conflict):
        elements.remove_instance(key=tasks[1].key, actor=ACTOR)
    for task, person in ((tasks[0], "a"), (tasks[2], "c")):
        user_tasks.complete(task_key=task.key, variables={"vote": person}, actor=person)
    assert state(case) == "COMPLETED"
    assert variables(case) == {"people": ["a", "b"], "votes": ["a", None, "c"]}
    with pytest.raises(Conflict):
        elements.add_instance(key=body, item="d", variables={}, actor=ACTOR)


def test_a_call_is_undone_by_a_call() -> None:
    case = instances.start(process_id="undoing", actor=ACTOR).key
    called = one("SELECT key FROM process_instance WHERE parent_key = %(key)s", key=case)
    job_key = one("SELECT key FROM job WHERE instance_key = %(key)s", key=called)
    completion.complete(job_key=job_key, variables={}, actor=ACTOR)
    undo = one("SELECT key FROM process_instance WHERE parent_key = %(key)s AND state = 'ACTIVE'", key=case)
    user_tasks.complete(task_key=open_task(undo), variables={}, actor=ACTOR)
    assert (state(undo), state(case)) == ("COMPLETED", "COMPLETED")


def test_a_case_that_is_cancelled_while_a_call_is_undone_takes_that_call_along() -> None:
    case = instances.start(process_id="undoing", actor=ACTOR).key
    called = one("SELECT key FROM process_instance WHERE parent_key = %(key)s", key=case)
    completion.complete(
        job_key=one("SELECT key FROM job WHERE instance_key = %(key)s", key=called), variables={}, actor=ACTOR
    )
    undo = one("SELECT key FROM process_instance WHERE parent_key = %(key)s AND state = 'ACTIVE'", key=case)
    instances.cancel(instance_key=case, actor=ACTOR)
    assert (state(undo), state(case)) == ("TERMINATED", "TERMINATED")


def test_a_cancelled_transaction_is_undone_across_commands() -> None:
    case = instances.start(process_id="transferring", variables={"n": 1}, actor=ACTOR).key
    user_tasks.complete(task_key=open_task(case, "debit"), variables={"n": 2}, actor=ACTOR)
    user_tasks.complete(task_key=open_task(case, "decide"), variables={"n": 3}, actor=ACTOR)
    user_tasks.complete(task_key=open_task(case, "undo_debit"), variables={"done": True}, actor=ACTOR)
    assert open_task(case, "tell")
    assert variables(case) == {"n": 3, "done": True}
    history = rows("SELECT element_id, state FROM element_instance WHERE instance_key = %(key)s", key=case)
    assert ("transfer", "TERMINATED") in {tuple(row) for row in history}
    assert ("cancelled", "COMPLETED") in {tuple(row) for row in history}
