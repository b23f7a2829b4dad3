"""Batches: resolved once, worked off item by item, each exactly once, whoever is killed meanwhile."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

import pytest
from flask import Flask

from server.identity.clients import create_client, set_client_active, set_client_roles
from server.identity.principal import Principal, PrincipalKind
from server.identity.roles import Permission
from server.jobs import handlers
from server.messages import Message
from server.runtime import batch_kinds, batch_operations, instances
from server.runtime.batch_operations import BatchItem, BatchKind, CreatedBatch, Selection
from server.runtime.command import command
from server.runtime.errors import Busy, Conflict, NotFound, Refused
from server.settings import Settings
from server.store.search import Condition

from ..jobs.processes import eventually, process
from ..models import ACTOR, deploy, one, open_task, rows, state, variables
from .cases import CALLED, CALLING, CHOOSING, TASK, WORKING

pytestmark = pytest.mark.usefixtures("app")
OPERATOR = Principal(PrincipalKind.CLIENT, "batch-operator", (), ("operator",))


@pytest.fixture(scope="module", autouse=True)
def deployed(app: object) -> None:
    handlers.load()
    deploy(CALLED, CALLING, CHOOSING, TASK, WORKING)
    create_client(OPERATOR.name, roles=["operator"])


def start(number: int, process_id: str = "operations-task", **given: object) -> list[int]:
    return [instances.start(process_id=process_id, variables=given, actor=ACTOR).key for _ in range(number)]


def chosen(keys: Sequence[int]) -> Selection:
    """The instances with these keys."""
    condition = Condition("p.key = ANY(%(keys)s::bigint[])", {"keys": list(keys)})
    return Selection("process_instance p", "p.key", "p.key", "p.root_key", [condition])


def create(kind: str, keys: Sequence[int], *, principal: Principal = OPERATOR, **options: object) -> CreatedBatch:
    return batch_operations.create(
        type_=kind,
        selection=chosen(keys),
        principal=principal,
        filter_={},
        **options,  # type: ignore[arg-type]
    )


def batch(key: int) -> tuple[str, int, int, int]:
    row = rows("SELECT state, total, completed, failed FROM batch_operation WHERE key = %(key)s", key=key)[0]
    return row.state, row.total, row.completed, row.failed


def items(key: int) -> Counter[str]:
    found = rows("SELECT state FROM batch_operation_item WHERE batch_key = %(key)s", key=key)
    return Counter(row.state for row in found)


def test_each_item_has_its_own_result() -> None:
    keys = start(3)
    instances.cancel(instance_key=keys[1], actor=ACTOR)
    made = create(batch_kinds.CANCEL, keys, reason="closed product")
    assert (made.total, batch(made.key)) == (3, ("CREATED", 3, 0, 0))
    batch_operations.work_off(made.key)
    assert batch(made.key) == ("COMPLETED", 3, 2, 1)
    assert [state(key) for key in keys] == ["TERMINATED"] * 3
    assert one("SELECT end_reason FROM process_instance WHERE key = %(key)s", key=keys[0]) == "closed product"
    (failed,) = rows("SELECT * FROM batch_operation_item WHERE batch_key = %(key)s AND state = 'FAILED'", key=made.key)
    assert failed.item_key == keys[1]
    assert failed.error_code == "instance.ended"
    assert "ended" in failed.error_en and "结束" in failed.error_zh
    assert failed.processed_at is not None


def test_items_are_those_that_fitted_when_the_batch_was_made() -> None:
    keys = start(2)
    made = create(batch_kinds.SUSPEND, keys[:1])
    batch_operations.work_off(made.key)
    assert [state(key) for key in keys] == ["SUSPENDED", "ACTIVE"]
    nothing = create(batch_kinds.SUSPEND, [])
    assert batch(nothing.key) == ("COMPLETED", 0, 0, 0)


def test_every_kind_does_what_its_single_command_does() -> None:
    (key,) = start(1, "operations-choosing")
    for kind, expected in ((batch_kinds.SUSPEND, "SUSPENDED"), (batch_kinds.RESUME, "ACTIVE")):
        batch_operations.work_off(create(kind, [key]).key)
        assert state(key) == expected
    update = create(batch_kinds.UPDATE_VARIABLE, [key], instructions={"variables": {"amount": 7}})
    batch_operations.work_off(update.key)
    assert variables(key) == {"amount": 7}
    of_incidents = Selection(
        "incident x", "x.key", "x.instance_key", "x.root_key", [Condition("x.instance_key = %(k)s", {"k": key})]
    )
    resolve = batch_operations.create(
        type_=batch_kinds.RESOLVE_INCIDENT, selection=of_incidents, principal=OPERATOR, filter_={}
    )
    batch_operations.work_off(resolve.key)
    assert batch(resolve.key) == ("COMPLETED", 1, 1, 0)
    assert open_task(key, "low")
    instances.cancel(instance_key=key, actor=ACTOR)
    how = {"variables": "LAST", "version": "SAME", "startElementId": None}
    again = create(batch_kinds.RESTART, [key], instructions=how)
    batch_operations.work_off(again.key)
    (result,) = rows("SELECT result FROM batch_operation_item WHERE batch_key = %(key)s", key=again.key)
    assert variables(int(result.result["processInstanceKey"])) == {"amount": 7}


def test_jobs_are_updated() -> None:
    (key,) = start(1, "operations-working")
    selection = Selection(
        "job j", "j.key", "j.instance_key", "j.root_key", [Condition("j.instance_key = %(k)s", {"k": key})]
    )
    made = batch_operations.create(
        type_="UPDATE_JOB", selection=selection, principal=OPERATOR, filter_={}, instructions={"retries": 9}
    )
    batch_operations.work_off(made.key)
    assert one("SELECT retries FROM job WHERE instance_key = %(key)s", key=key) == 9


def test_who_may_not_do_it_has_items_that_fail() -> None:
    (key,) = start(1)
    made = create(batch_kinds.DELETE, [key])
    batch_operations.work_off(made.key)
    (item,) = rows("SELECT state, error_code FROM batch_operation_item WHERE batch_key = %(key)s", key=made.key)
    assert tuple(item) == ("FAILED", "identity.forbidden")


def test_rights_are_those_of_the_moment_in_which_an_item_has_its_turn() -> None:
    create_client("batch-leaver", roles=["operator"])
    leaver = Principal(PrincipalKind.CLIENT, "batch-leaver", (), ("operator",))
    for change in (
        lambda: set_client_roles("batch-leaver", ["worker"]),
        lambda: (set_client_roles("batch-leaver", ["operator"]), set_client_active("batch-leaver", active=False)),
    ):
        (key,) = start(1)
        made = create(batch_kinds.CANCEL, [key], principal=leaver)
        change()
        batch_operations.work_off(made.key)
        assert batch(made.key) == ("COMPLETED", 1, 0, 1)
        assert state(key) == "ACTIVE"


def test_only_one_s_own_is_touched_where_the_right_reaches_no_further() -> None:
    create_client("batch-system", roles=["system"])
    system = Principal(PrincipalKind.CLIENT, "batch-system", (), ("system",))
    own = instances.start(process_id="operations-task", actor="batch-system").key
    (other,) = start(1)
    made = create(batch_kinds.CANCEL, [own, other], principal=system)
    batch_operations.work_off(made.key)
    assert (state(own), state(other)) == ("TERMINATED", "ACTIVE")


def test_a_batch_rests_goes_on_and_is_cancelled() -> None:
    keys = start(4)
    made = create(batch_kinds.CANCEL, keys)
    batch_operations.suspend(batch_key=made.key)
    batch_operations.work_off(made.key)
    assert batch(made.key)[0] == "SUSPENDED"
    assert [state(key) for key in keys] == ["ACTIVE"] * 4
    with pytest.raises(Conflict, match="SUSPENDED"):
        batch_operations.suspend(batch_key=made.key)
    batch_operations.resume(batch_key=made.key)
    queued = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = %(lock)s"
    assert one(queued, lock=f"batch:{made.key}") == 1
    batch_operations.cancel(batch_key=made.key)
    batch_operations.work_off(made.key)
    assert batch(made.key) == ("CANCELED", 4, 0, 0)
    assert items(made.key) == {"CANCELED": 4}
    assert [state(key) for key in keys] == ["ACTIVE"] * 4
    for change in (batch_operations.cancel, batch_operations.resume):
        with pytest.raises(Conflict, match="CANCELED"):
            change(batch_key=made.key)
        with pytest.raises(NotFound):
            change(batch_key=1)


def test_a_cancelled_batch_finishes_the_item_at_hand(app: Flask) -> None:
    at_work, go_on = threading.Event(), threading.Event()

    def slow(_item: BatchItem) -> None:
        at_work.set()
        assert go_on.wait(10)

    batch_operations.register(BatchKind("TEST_SLOW", Permission("process-instance", "cancel"), slow))
    made = create("TEST_SLOW", start(3))

    def work() -> None:
        with app.app_context():
            batch_operations.work_off(made.key)

    worker = threading.Thread(target=work)
    worker.start()
    assert at_work.wait(10)
    batch_operations.cancel(batch_key=made.key)
    go_on.set()
    worker.join()
    assert batch(made.key) == ("CANCELED", 3, 1, 0)
    assert items(made.key) == {"COMPLETED": 1, "CANCELED": 2}


def test_an_item_that_fails_in_an_unforeseen_way_leaves_nothing_behind_and_holds_up_no_other() -> None:
    def careless(item: BatchItem) -> None:
        instances.cancel(instance_key=item.key, actor=ACTOR)
        if item.key == keys[0]:
            raise ZeroDivisionError("oops")

    batch_operations.register(BatchKind("TEST_CARELESS", Permission("process-instance", "cancel"), careless))
    keys = start(2)
    made = create("TEST_CARELESS", keys)
    batch_operations.work_off(made.key)
    assert batch(made.key) == ("COMPLETED", 2, 1, 1)
    assert [state(key) for key in keys] == ["ACTIVE", "TERMINATED"]
    assert rows(
        "SELECT error_code, error_en FROM batch_operation_item WHERE batch_key = %(key)s AND state = 'FAILED'",
        key=made.key,
    )[0].error_en.startswith("Something went wrong (ZeroDivisionError: oops)")


def test_a_busy_case_is_tried_again_and_given_up_in_the_end() -> None:
    tries: Counter[int] = Counter()

    def busy(item: BatchItem) -> None:
        tries[item.key] += 1
        if item.key == keys[0] or tries[item.key] < 3:
            raise Busy(Message("command.busy", "忙", "busy"))

    batch_operations.register(BatchKind("TEST_BUSY", Permission("process-instance", "cancel"), busy))
    keys = start(2)
    made = create("TEST_BUSY", keys, items_per_second=1000)
    batch_operations.work_off(made.key)
    assert batch(made.key) == ("COMPLETED", 2, 1, 1)
    assert tries == {keys[0]: batch_operations.MOST_ATTEMPTS, keys[1]: 3}


def test_it_is_not_worked_off_faster_than_asked() -> None:
    made = create(batch_kinds.CANCEL, start(6), items_per_second=20)
    begun = time.monotonic()
    batch_operations.work_off(made.key)
    assert time.monotonic() - begun > 0.25
    assert batch(made.key)[:3] == ("COMPLETED", 6, 6)


def test_a_batch_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_operations, "MOST_ITEMS", 2)
    keys = start(3)
    with pytest.raises(Refused, match="More than 2"):
        create(batch_kinds.CANCEL, keys)
    assert one("SELECT count(*) FROM batch_operation_item WHERE instance_key = %(key)s", key=keys[0]) == 0


def test_two_workers_share_a_batch_and_do_nothing_twice(app: Flask) -> None:
    seen: list[int] = []
    batch_operations.register(
        BatchKind("TEST_SHARED", Permission("process-instance", "cancel"), lambda item: seen.append(item.key))
    )
    made = create("TEST_SHARED", start(30), items_per_second=1000)

    def work() -> None:
        with app.app_context():
            batch_operations.work_off(made.key)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(seen) == len(set(seen)) == 30
    assert batch(made.key) == ("COMPLETED", 30, 30, 0)


def test_a_batch_that_no_queue_knows_is_adopted() -> None:
    made = create(batch_kinds.CANCEL, start(1))
    rows("DELETE FROM procrastinate_jobs WHERE queueing_lock = %(lock)s RETURNING id", lock=f"batch:{made.key}")
    assert command(batch_operations.adopt) == 1
    assert command(batch_operations.adopt) == 0


def test_workers_killed_in_the_middle_lose_nothing_and_do_nothing_twice(settings: Settings) -> None:
    """Restarting shows what is done twice: every instance must have exactly one successor."""
    keys = start(120, n=1)
    for key in keys:
        instances.cancel(instance_key=key, actor=ACTOR)
    how = {"variables": "INITIAL", "version": "SAME", "startElementId": None}
    made = create(batch_kinds.RESTART, keys, instructions=how, items_per_second=40)
    for goal in (15, 45):
        with process("worker", settings) as worker:
            eventually(lambda goal=goal: batch(made.key)[2] >= goal, within=60)  # type: ignore[misc]
            with suppress(ProcessLookupError):
                os.kill(worker.pid, signal.SIGKILL)
            worker.wait()
        assert batch(made.key)[0] == "ACTIVE"
    with process("worker", settings):
        eventually(lambda: batch(made.key)[0] == "COMPLETED", within=60)
    assert batch(made.key) == ("COMPLETED", 120, 120, 0)
    successors = rows(
        "SELECT restarted_from, count(*) AS n FROM process_instance WHERE restarted_from = ANY(%(keys)s::bigint[]) "
        "GROUP BY restarted_from",
        keys=keys,
    )
    assert len(successors) == 120
    assert {row.n for row in successors} == {1}
