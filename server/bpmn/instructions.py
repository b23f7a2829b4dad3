"""The instructions of a modification, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class VariableInstruction:
    """Variables to set in a scope: an element id on the way to the activated element, or empty for the process."""

    variables: Mapping[str, Any]
    scope_id: str = ""


@dataclass(frozen=True, slots=True)
class Activate:
    """Put a token before an element, or with ``after`` behind it: its outgoing flows are taken.

    ``flow_id`` takes one sequence flow instead, so that a join counts the arrival. ``ancestor_key`` names the
    element instance in which the scopes of the element are opened anew; without it the one live instance of each
    scope is used, and those that are missing are opened.
    """

    element_id: str = ""
    variables: tuple[VariableInstruction, ...] = ()
    ancestor_key: int | None = None
    after: bool = False
    flow_id: str | None = None


@dataclass(frozen=True, slots=True)
class Terminate:
    """Take away one element instance, every instance of an element, or what has arrived at a join over a flow."""

    element_id: str | None = None
    key: int | None = None
    flow_id: str | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """Terminate the source's instances and activate the target once for each.

    ``ancestor`` says in which scope: ``direct`` (``ancestor_key``, or the one live instance), ``inferred`` (the
    source's own scopes as far as they are the target's too) or ``sourceParent`` (the scope of the source).
    """

    target_id: str
    source_id: str | None = None
    source_key: int | None = None
    ancestor: str = "direct"
    ancestor_key: int | None = None
    variables: tuple[VariableInstruction, ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnTo:
    """Go back to an element: all that the path from it has started is terminated, and it is activated once.

    ``source_key`` says from which element instance one returns, where the scope of the element has several live
    instances; it must be among what is terminated.
    """

    element_id: str
    source_key: int | None = None
    variables: tuple[VariableInstruction, ...] = ()


@dataclass(frozen=True, slots=True)
class Modification:
    """The instructions of one modification."""

    activate: tuple[Activate, ...] = ()
    terminate: tuple[Terminate, ...] = ()
    move: tuple[Move, ...] = ()
    return_to: tuple[ReturnTo, ...] = ()
