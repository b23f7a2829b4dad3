"""Migration on a database: what the rows keep and what they take from the new version; trials, and the way back."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from server.identity.clients import create_client
from server.identity.principal import Principal, PrincipalKind
from server.jobs import activation, completion
from server.runtime import batch_kinds, batch_operations, incidents, instances, messages, migrations, suspension
from server.runtime.batch_operations import Selection
from server.runtime.errors import Conflict, NotFound, Refused
from server.runtime.migrations import MigrationInstructions
from server.store.search import Condition
from server.worklist import user_tasks

from ...unit.bpmn.diagrams import boundary, condition, job, message, message_definition, node, path, timer
from ..models import ACTOR, active_elements, deploy, line, one, open_task, rows, start_and_end, state, user_task

pytestmark = pytest.mark.usefixtures("app")
_numbers = itertools.count()
OPERATOR = Principal(PrincipalKind.CLIENT, "migrating-operator", (), ("operator",))


@pytest.fixture(scope="module", autouse=True)
def operator(app: object) -> None:
    """Somebody on whose behalf batches are worked off."""
    create_client(OPERATOR.name, roles=["operator"])


def versions(*files: bytes) -> list[int]:
    """Deploy files one after the other; the keys of their process definitions."""
    keys = []
    for file in files:
        deploy(file)
        keys.append(int(one("SELECT max(key) FROM process_definition")))
    return keys


def case(old: bytes, new: bytes, **variables: object) -> tuple[int, int, int]:
    """An instance of the first of two versions, and the keys of both."""
    (source,) = versions(old)
    key = instances.start(definition_key=source, actor=ACTOR, variables=variables).key
    (target,) = versions(new)
    return key, source, target


def migrate(key: int, target: int, mapping: dict[str, str] | None = None, **options: object) -> None:
    how = MigrationInstructions(target, mapping, **options)  # type: ignore[arg-type]
    migrations.migrate(instance_key=key, instructions=how, actor="operator", reason="new rules")


def complete(instance_key: int, element_id: str) -> None:
    user_tasks.complete(task_key=open_task(instance_key, element_id), actor=ACTOR)


def new_id() -> str:
    return f"migrate-{next(_numbers)}"


def review(id_: str, task: str = "task", days: int = 2, *then: str) -> bytes:
    return start_and_end(
        user_task(task),
        boundary("late", task, timer("duration", f"P{days}D"), interrupting=False),
        node("endEvent", "reminded"),
        *(user_task(name) for name in then),
        path("start", task, *then, "end"),
        path("late", "reminded"),
        id_=id_,
    )


def test_every_row_of_what_is_alive_goes_over() -> None:
    id_ = new_id()
    key, source, target = case(review(id_), review(id_, "approve", 5, "sign"))
    task = open_task(key, "task")
    user_tasks.claim(task_key=task, actor="anna")
    before = rows("SELECT due_at FROM timer WHERE instance_key = %(key)s", key=key)
    migrate(key, target, {"task": "approve", "late": "late"})
    for table in ("process_instance", "instance_state"):
        assert one(f"SELECT process_definition_key FROM {table} WHERE key = %(key)s", key=key) == target
    (row,) = rows("SELECT * FROM user_task WHERE key = %(key)s", key=task)
    assert (row.element_id, row.name, row.assignee, row.process_definition_key) == (
        "approve",
        "approve",
        "anna",
        target,
    )
    (row,) = rows("SELECT * FROM timer WHERE instance_key = %(key)s", key=key)
    assert (row.element_id, row.due_at, row.process_definition_key) == ("late", before[0].due_at, target)
    assert active_elements(key) == {"approve"}
    history = rows(
        "SELECT element_id, process_definition_key FROM element_instance WHERE instance_key = %(key)s", key=key
    )
    assert {(row.element_id, row.process_definition_key) for row in history} == {
        (id_, target),
        ("start", source),
        ("approve", target),
    }
    user_tasks.complete(task_key=task, actor="anna")
    assert active_elements(key) == {"sign"}
    assert not rows("SELECT 1 FROM timer WHERE instance_key = %(key)s", key=key)


def test_the_record_says_who_migrated_what_and_why() -> None:
    id_ = new_id()
    key, source, target = case(review(id_), review(id_, "task", 2, "sign"))
    migrate(key, target)
    (row,) = rows("SELECT * FROM operation_record WHERE subject_key = %(key)s", key=key)
    assert (row.type, row.actor, row.reason) == ("MIGRATE_PROCESS_INSTANCE", "operator", "new rules")
    assert row.details["sourceProcessDefinitionKey"] == str(source)
    assert row.details["targetProcessDefinitionKey"] == str(target)
    assert row.details["mapping"]["task"] == "task"


def test_timers_are_set_anew_on_request() -> None:
    id_ = new_id()
    key, _, target = case(review(id_), review(id_, "task", 9))
    (before,) = rows("SELECT due_at FROM timer WHERE instance_key = %(key)s", key=key)
    migrate(key, target, recompute_timers=True)
    (after,) = rows("SELECT due_at, process_definition_key FROM timer WHERE instance_key = %(key)s", key=key)
    assert after.due_at - before.due_at == dt.timedelta(days=7)
    assert after.process_definition_key == target


def test_a_job_that_a_worker_holds_is_completed_in_the_new_version() -> None:
    id_, type_ = new_id(), new_id()
    old = line(("pay", node("serviceTask", "pay", ext=job(type_))), id_=id_)
    new = line(("transfer", node("serviceTask", "transfer", ext=job(type_))), ("t", user_task("t")), id_=id_)
    key, _, target = case(old, new)
    (held,) = activation.activate(job_type=type_, worker="w", max_jobs=1, timeout=dt.timedelta(minutes=1), actor=ACTOR)
    migrate(key, target, {"pay": "transfer"})
    completion.complete(job_key=held.key, actor="w")
    assert active_elements(key) == {"t"}


def awaiting(id_: str, name: str, correlation: str) -> bytes:
    return line(
        ("papers", node("intermediateCatchEvent", "papers", message(name))),
        ("after", user_task("after")),
        id_=id_,
        definitions=message_definition(name, correlation),
    )


def test_a_subscription_takes_the_new_message_and_what_is_buffered_for_it() -> None:
    id_, old, new = new_id(), new_id(), new_id()
    key, _, target = case(awaiting(id_, old, "loan"), awaiting(id_, new, "case"), loan="L", case="C")
    migrate(key, target)
    (row,) = rows("SELECT * FROM event_subscription WHERE instance_key = %(key)s", key=key)
    assert (row.name, row.correlation_key, row.process_definition_key) == (new, "C", target)
    messages.publish(name=new, correlation_key="C", actor=ACTOR)
    assert active_elements(key) == {"after"}
    again, _, target = case(awaiting(id_, old, "loan"), awaiting(id_, new, "case"), loan="L", case="D")
    messages.publish(name=new, correlation_key="D", time_to_live=dt.timedelta(minutes=5), actor=ACTOR)
    migrate(again, target)
    assert active_elements(again) == {"after"}
    assert not rows("SELECT 1 FROM event_subscription WHERE instance_key = %(key)s", key=again)


def test_an_incident_is_repaired_by_the_new_version() -> None:
    id_ = new_id()

    def dividing(expression: str) -> bytes:
        script = f'<zeebe:script expression="={expression}" resultVariable="part"/>'
        return line(("divide", node("scriptTask", "divide", ext=script)), id_=id_)

    key, _, target = case(dividing("1/share"), dividing("1"))
    migrate(key, target)
    (incident,) = rows("SELECT * FROM incident WHERE instance_key = %(key)s", key=key)
    assert incident.process_definition_key == target
    incidents.resolve(incident_key=incident.key, actor=ACTOR)
    assert state(key) == "COMPLETED"


def test_a_caller_and_its_called_instance_stay_connected() -> None:
    id_, child = new_id(), new_id()
    deploy(line(("inner", user_task("inner")), id_=child))
    call = node("callActivity", "call", ext=f'<zeebe:calledElement processId="{child}"/>')
    key, _, target = case(line(("call", call), id_=id_), line(("call", call), ("after", user_task("after")), id_=id_))
    migrate(key, target)
    (called,) = rows("SELECT key, process_definition_key FROM process_instance WHERE parent_key = %(key)s", key=key)
    (newer,) = versions(line(("inner", user_task("inner")), ("more", user_task("more")), id_=child))
    migrate(called.key, newer)
    complete(called.key, "inner")
    complete(called.key, "more")
    assert active_elements(key) == {"after"}


def test_a_refusal_gives_every_reason_and_changes_nothing() -> None:
    id_ = new_id()
    forked = start_and_end(
        node("parallelGateway", "split"), user_task("a"), user_task("b"),
        path("start", "split", "a", "end"), path("split", "b", "end"), id_=id_,
    )  # fmt: skip
    key, source, target = case(forked, line(("c", user_task("c")), id_=id_))
    with pytest.raises(Conflict) as refused:
        migrate(key, target)
    assert {finding.element for finding in refused.value.findings} == {"a", "b"}
    assert one("SELECT process_definition_key FROM instance_state WHERE key = %(key)s", key=key) == source
    with pytest.raises(Refused):
        migrate(key, target, {"a": "nowhere"})
    with pytest.raises(Refused):
        migrate(key, source)
    with pytest.raises(NotFound):
        migrate(key, 1)
    with pytest.raises(NotFound):
        migrate(1, target)


def test_a_trial_over_a_version_tells_of_every_instance() -> None:
    id_ = new_id()
    two = line(("a", user_task("a")), ("b", user_task("b")), id_=id_)
    keys = []
    (source,) = versions(two)
    for number in range(3):
        keys.append(instances.start(definition_key=source, actor=ACTOR).key)
        if number == 1:
            complete(keys[1], "a")
    (target,) = versions(line(("a", user_task("a")), id_=id_))
    trials = migrations.try_out_all(source_key=source, instructions=MigrationInstructions(target), limit=2)
    assert [(trial.instance_key, [f.element for f in trial.findings]) for trial in trials.trials] == [
        (keys[0], []),
        (keys[1], ["b"]),
    ]
    assert trials.more
    rest = migrations.try_out_all(source_key=source, instructions=MigrationInstructions(target), after=keys[1])
    assert [trial.instance_key for trial in rest.trials] == [keys[2]] and not rest.more
    assert one("SELECT count(*) FROM process_instance WHERE process_definition_key = %(key)s", key=source) == 3


def test_a_trial_asks_no_condition_of_a_suspended_case_as_the_migration_does_not() -> None:
    id_ = new_id()
    source, target = versions(
        line(("task", user_task("task")), id_=id_),
        start_and_end(
            user_task("task"), boundary("rich", "task", condition("income > 5")), user_task("more"),
            path("start", "task", "end"), path("rich", "more", "end"), id_=id_,
        ),
    )  # fmt: skip
    key = instances.start(definition_key=source, variables={"income": "much"}, actor=ACTOR).key

    def told() -> list[str]:
        trials = migrations.try_out_all(source_key=source, instructions=MigrationInstructions(target))
        return [finding.element for trial in trials.trials for finding in trial.findings]

    assert told() == ["rich"]
    suspension.suspend(instance_key=key, actor=ACTOR)
    assert told() == []
    migrate(key, target)


def test_a_trial_of_one_instance_shows_what_it_would_do() -> None:
    id_ = new_id()
    plain = line(("task", user_task("task")), id_=id_)
    key, source, target = case(plain, review(id_))
    report = migrations.try_out(instance_key=key, instructions=MigrationInstructions(target), actor="o")
    assert [(wait.kind, wait.element_id) for wait in report.opened] == [("timer", "late")]
    assert one("SELECT process_definition_key FROM instance_state WHERE key = %(key)s", key=key) == source
    assert not rows("SELECT 1 FROM timer WHERE instance_key = %(key)s", key=key)


def test_a_migration_is_taken_back_unless_the_instance_has_moved_on_too_far() -> None:
    id_ = new_id()
    old = line(("task", user_task("task")), ("last", user_task("last")), id_=id_)
    new = line(("review", user_task("review")), ("extra", user_task("extra")), ("last", user_task("last")), id_=id_)
    key, source, target = case(old, new)
    migrate(key, target, {"task": "review"})
    migrations.revert(instance_key=key, actor="operator", reason="by mistake")
    assert active_elements(key) == {"task"}
    assert one("SELECT process_definition_key FROM process_instance WHERE key = %(key)s", key=key) == source
    records = rows("SELECT reason, details FROM operation_record WHERE subject_key = %(key)s ORDER BY key", key=key)
    assert [row.details["reverted"] for row in records] == [False, True]

    migrate(key, target, {"task": "review"})
    complete(key, "review")
    with pytest.raises(Conflict) as refused:
        migrations.revert(instance_key=key, actor="operator")
    assert [finding.element for finding in refused.value.findings] == ["extra"]
    assert active_elements(key) == {"extra"}
    complete(key, "extra")
    migrations.revert(instance_key=key, actor="operator")
    assert active_elements(key) == {"last"}


def test_what_was_not_migrated_cannot_be_taken_back() -> None:
    id_ = new_id()
    key, _, _ = case(review(id_), review(id_, "task", 3))
    with pytest.raises(Conflict):
        migrations.revert(instance_key=key, actor=ACTOR)


def test_a_deployment_migrates_nothing_and_a_suspended_case_may_go_over() -> None:
    id_ = new_id()
    key, source, target = case(line(("task", user_task("task")), id_=id_), review(id_))
    assert one("SELECT process_definition_key FROM instance_state WHERE key = %(key)s", key=key) == source
    suspension.suspend(instance_key=key, actor=ACTOR)
    migrate(key, target)
    assert one("SELECT suspended FROM timer WHERE instance_key = %(key)s", key=key)
    suspension.resume(instance_key=key, actor=ACTOR)
    complete(key, "task")
    assert state(key) == "COMPLETED"


def test_a_plan_is_made_from_what_is_deployed() -> None:
    id_ = new_id()
    source, target = versions(review(id_), review(id_, "task", 3, "sign"))
    key, plan = migrations.plan(source_key=source)
    assert key == target
    assert migrations.plan(source_key=source, target_key=target) == (key, plan)
    assert plan.mapping()["late"] == "late"
    assert plan.added == ("sign",)
    assert not plan.unmapped


def worked_off(type_: str, keys: list[int], instructions: dict[str, object]) -> dict[int, str | None]:
    """What became of each item of a batch: the code of its error, or None."""
    selection = Selection(
        "process_instance p",
        "p.key",
        "p.key",
        "p.root_key",
        [Condition("p.key = ANY(%(keys)s::bigint[])", {"keys": keys})],
    )
    made = batch_operations.create(
        type_=type_, selection=selection, principal=OPERATOR, filter_={}, instructions=instructions, reason="new law"
    )
    batch_operations.work_off(made.key)
    found = rows("SELECT item_key, error_code FROM batch_operation_item WHERE batch_key = %(key)s", key=made.key)
    return {row.item_key: row.error_code for row in found}


def test_a_batch_migrates_what_can_go_and_its_reversion_leaves_what_has_moved_on() -> None:
    id_ = new_id()
    old = line(("a", user_task("a")), ("b", user_task("b")), id_=id_)
    new = line(("a", user_task("a")), ("c", user_task("c")), id_=id_)
    (source,) = versions(old)
    keys = [instances.start(definition_key=source, actor=ACTOR).key for _ in range(3)]
    complete(keys[2], "a")
    (target,) = versions(new)
    plan = {"targetProcessDefinitionKey": str(target), "mapping": None, "recomputeTimers": False}
    outcome = worked_off(batch_kinds.MIGRATE, keys, plan)
    assert outcome == {keys[0]: None, keys[1]: None, keys[2]: "bpmn.migrate-not-mapped"}
    (act,) = rows("SELECT actor, reason FROM operation_record WHERE subject_key = %(key)s", key=keys[0])
    assert tuple(act) == (OPERATOR.name, "new law")

    complete(keys[0], "a")
    outcome = worked_off(batch_kinds.REVERT_MIGRATION, keys, {"fromProcessDefinitionKey": str(target)})
    assert outcome == {
        keys[0]: "bpmn.migrate-not-mapped",
        keys[1]: None,
        keys[2]: "migration.nothing-to-revert",
    }
    assert [active_elements(key) for key in keys] == [{"c"}, {"a"}, {"b"}]
    again = worked_off(batch_kinds.REVERT_MIGRATION, [keys[1]], {"fromProcessDefinitionKey": str(target)})
    assert again == {keys[1]: "migration.nothing-to-revert"}


def test_a_batch_moves_and_returns_tokens() -> None:
    id_ = new_id()
    (source,) = versions(line(("a", user_task("a")), ("b", user_task("b")), id_=id_))
    keys = [instances.start(definition_key=source, actor=ACTOR).key for _ in range(2)]
    complete(keys[1], "a")
    moves = [{"sourceElementId": "a", "targetElementId": "b"}]
    outcome = worked_off(batch_kinds.MODIFY, keys, {"moveInstructions": moves, "returnInstructions": []})
    assert outcome == {keys[0]: None, keys[1]: "bpmn.modify-nothing-there"}
    back = [{"targetElementId": "a"}]
    outcome = worked_off(batch_kinds.MODIFY, keys, {"moveInstructions": [], "returnInstructions": back})
    assert outcome == {keys[0]: None, keys[1]: None}
    assert [active_elements(key) for key in keys] == [{"a"}, {"a"}]
