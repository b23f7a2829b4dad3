"""Transactions: subprocesses that a cancel end event undoes as a whole.

A cancel end event takes away what is still active in its transaction, undoes what has completed in it, the latest
first, and then leaves through the cancel boundary event. An error that leaves a transaction undoes nothing: BPMN
calls it a hazard, and what to do is up to the flow behind the error boundary event.
"""

from __future__ import annotations

from collections.abc import Iterator

from SpiffWorkflow.bpmn.specs.event_definitions.simple import CancelEventDefinition

from . import compensation
from .flow_node import FlowNode
from .subprocesses import SubProcess
from .token import Token


class Transaction(SubProcess):
    """A transaction subprocess."""


def transaction_of(token: Token) -> Token:
    """The innermost transaction around ``token``."""
    scope = token.scope
    while not isinstance(scope.task_spec, Transaction):
        scope = scope.scope
    return scope


def cancel_boundary(transaction: FlowNode) -> Iterator[FlowNode]:
    """The cancel boundary events of a transaction; the gate sees to it that there is one where it is needed."""
    return (e for e in transaction.boundary_events if isinstance(e.event_definition, CancelEventDefinition))


def begin_cancel(end: Token) -> bool:
    """Cancel the transaction around the cancel end event ``end``; true when handlers have to be waited for."""
    transaction = transaction_of(end)
    records = compensation.harvest(transaction)
    end.move_to(transaction)
    for child in transaction.children:
        if child is not end:
            child.cancel()
    return compensation.begin(end, records)


def leave_cancelled(end: Token) -> None:
    """Everything is undone: go on at the cancel boundary event."""
    transaction = end.scope
    end.workflow.finish(end)
    if end.workflow.stops_after(end):
        end.workflow.stopping = True
        return
    boundary = next(cancel_boundary(transaction.task_spec))
    boundary.take_over(transaction, {})  # type: ignore[attr-defined]
