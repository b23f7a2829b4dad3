"""Transactions: a cancel end event undoes what has completed inside and leaves through the cancel boundary event."""

from __future__ import annotations

from server.bpmn import Execution
from server.bpmn.effects import ElementEnded, JobClosed, TimerCleared
from server.messages import Message

from .diagrams import START, World, boundary, error, error_definition, flow, model, node, path, subprocess_, timer
from .test_compensation import handled, step, throw

CANCEL = "<bpmn:cancelEventDefinition/>"


def transfer(*inside: str, around: str = "", **attributes: str):
    """Debit and credit in a transaction with a third branch that decides; cancelled, failed or done."""
    body = node(
        "transaction",
        "transfer",
        node("startEvent", "s"),
        node("parallelGateway", "both"),
        step("debit") + handled("debit"),
        step("credit") + handled("credit"),
        node("userTask", "decide"),
        node("exclusiveGateway", "ok", default="fine"),
        node("endEvent", "cancelled", CANCEL),
        node("endEvent", "e"),
        path("s", "both", "debit", "credit"),
        path("both", "decide", "ok"),
        flow("ok", "cancelled", "not(agreed)"),
        flow("ok", "e", id_="fine"),
        *inside,
        **attributes,
    )
    return model(
        START,
        body,
        boundary("undone", "transfer", CANCEL),
        boundary("failed", "transfer", error()),
        boundary("late", "transfer", timer("duration", "P1D")),
        *(node("userTask", name) for name in ("tell", "repair", "wait", "after")),
        path("start", "transfer", "after"),
        flow("undone", "tell"),
        flow("failed", "repair"),
        flow("late", "wait"),
        definitions=error_definition(),
    )


def test_cancel_undoes_what_has_completed_takes_away_the_rest_and_leaves_through_its_boundary_event():
    world = World(transfer()).start(n=0).do("complete_job", "debit", {"n": 1})
    world.do("complete_user_task", "decide", {"agreed": False})
    assert [e.state for e in world.of(JobClosed)] == ["CANCELED"]  # the credit that was still open
    assert len(world.of(TimerCleared)) == 1
    assert world.waiting() == ["cancelled", "transfer", "undo_debit"]
    assert world.execution.variables_of(world.key("undo_debit"))["n"] == 1
    transaction, end = world.key("transfer"), world.key("cancelled")
    world.do("complete_job", "undo_debit", {"reversed": True})
    assert world.waiting() == ["tell"]
    assert world["reversed"] is True
    ended = {e.key: e.completed for e in world.of(ElementEnded)}
    assert (ended[end], ended[transaction]) == (True, False)


def test_everything_that_has_completed_is_undone_the_latest_first():
    world = World(transfer()).start().do("complete_job", "debit", {}).do("complete_job", "credit", {})
    world.do("complete_user_task", "decide", {"agreed": False})
    world.do("complete_job", "undo_credit", {}).do("complete_job", "undo_debit", {})
    assert world.waiting() == ["tell"]


def test_cancel_before_anything_has_completed_leaves_at_once():
    world = World(transfer()).start().do("complete_user_task", "decide", {"agreed": False})
    assert world.waiting() == ["tell"]


def test_an_error_that_leaves_a_transaction_undoes_nothing():
    world = World(transfer()).start().do("complete_job", "debit", {})
    world.do("throw_error", "credit", "REFUSED", Message("x", "拒", "no"), {})
    assert world.waiting() == ["repair"]


def test_an_error_in_a_handler_leaves_the_transaction_at_its_error_boundary_event():
    world = World(transfer()).start().do("complete_job", "debit", {})
    world.do("complete_user_task", "decide", {"agreed": False})
    world.do("throw_error", "undo_debit", "REFUSED", Message("x", "拒", "no"), {})
    assert world.waiting() == ["repair"]


def test_a_transaction_that_completes_can_be_undone_later_from_outside():
    body = node("startEvent", "s") + step("debit") + handled("debit") + path("s", "debit")
    process = model(START, node("transaction", "t", body), throw("sorry", "t"), path("start", "t", "sorry"))
    world = World(process).start().do("complete_job", "debit", {})
    assert world.waiting() == ["sorry", "undo_debit"]
    assert world.do("complete_job", "undo_debit", {}).completed


def test_a_cancel_end_event_deep_inside_cancels_the_transaction_around_it():
    deep = subprocess_(
        "deep",
        node("startEvent", "ds"),
        step("fee") + handled("fee"),
        node("endEvent", "deep_cancel", CANCEL),
        path("ds", "fee", "deep_cancel"),
    )
    world = World(transfer(deep, flow("both", "deep"))).start()
    world.do("complete_job", "debit", {}).do("complete_job", "fee", {})
    for name in ("fee", "debit"):
        assert world.waiting() == ["deep_cancel", "transfer", f"undo_{name}"]
        world.do("complete_job", f"undo_{name}", {})
    assert world.waiting() == ["tell"]
    assert set(world.execution.variables) == {""}


def test_what_a_throw_event_was_still_undoing_is_undone_by_the_cancel():
    world = World(transfer(throw("sorry"), flow("credit", "sorry"))).start()
    world.do("complete_job", "debit", {}).do("complete_job", "credit", {})
    assert "undo_credit" in world.waiting()
    world.do("complete_user_task", "decide", {"agreed": False})
    world.do("complete_job", "undo_credit", {}).do("complete_job", "undo_debit", {})
    assert world.waiting() == ["tell"]


def test_the_instance_can_be_ended_while_a_transaction_is_being_undone():
    world = World(transfer()).start().do("complete_job", "debit", {})
    world.do("complete_user_task", "decide", {"agreed": False})
    world.execution.cancel()
    assert world.execution.ended
    assert set(world.execution.variables) == {""}


def test_an_instance_is_stopped_after_a_cancel_end_event_when_everything_is_undone():
    process = transfer()
    world = World(process)
    world.execution = Execution.start(
        process, world.services(), instance_key=100, variables={"n": 0}, activate=["transfer"], stop_after=["cancelled"]
    )
    world._store()
    world.do("complete_job", "debit", {"n": 1}).do("complete_user_task", "decide", {"agreed": False})
    assert not world.execution.ended
    world.do("complete_job", "undo_debit", {"reversed": True})
    assert world.execution.ended and not world.completed
