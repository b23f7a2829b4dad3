"""How errors and escalations travel: outward from where they are thrown, to the nearest event that catches them.

At every scope on the way the event subprocesses inside it come first, then the boundary events of the activity that
the scope belongs to, then what is around. What nothing in the instance catches goes on to the instance that called
it. At one place an event with the very code comes before one that catches every code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from server.messages import Message

from .effects import EscalationEscaped
from .errors import Failure
from .event_definitions import ErrorDefinition, EscalationDefinition
from .token import Token

if TYPE_CHECKING:
    from .events import GuardingEvent

Kind = type[ErrorDefinition] | type[EscalationDefinition]


def find_catcher(token: Token, kind: Kind, code: str) -> tuple[GuardingEvent, Token] | None:
    """The event that catches ``code`` thrown at ``token``, and the scope or activity that it guards."""
    host, inside = token, token.task_spec
    while True:
        # Within an interrupted scope only the event subprocess that interrupted it runs: its others are disarmed.
        # And none handles what it throws itself.
        if not {"body", "inner", "interrupted"} & host.internal_data.keys():
            armed = (esp.start for esp in host.task_spec.event_subprocesses if esp is not inside)
            found = _best(armed, kind, code)
            if found is not None:
                return found, host
        if host.is_root:
            return None
        if host.holds_boundary_events:
            found = _best(host.task_spec.boundary_events, kind, code)
            if found is not None:
                return found, host
        host, inside = host.scope, host.task_spec


def _best(events: Iterable[GuardingEvent], kind: Kind, code: str) -> GuardingEvent | None:
    catching = [
        event
        for event in events
        if isinstance(event.event_definition, kind) and event.event_definition.code in (None, "", code)
    ]
    return next((event for event in catching if event.event_definition.code == code), next(iter(catching), None))


def throw_error(token: Token, code: str, message: Message, variables: Mapping[str, Any]) -> None:
    """Throw a business error at ``token``; what catches it takes over.

    When nothing in this instance catches it, the instance that called this one is asked; when nobody does, the
    error is an incident (UNHANDLED_ERROR_EVENT).
    """
    instance = token.workflow
    token.internal_data["error"] = True
    found = find_catcher(token, ErrorDefinition, code)
    if found is not None:
        event, host = found
        event.take_over(host, variables)
        return
    if instance.services.caller_catches(code):
        instance.escape(code, message, variables)
        return
    token.internal_data.pop("error")
    token.fail(
        Failure(
            "UNHANDLED_ERROR_EVENT",
            Message(
                "bpmn.unhandled-error",
                f"错误“{code}”没有被任何边界事件或事件子流程捕获：{message.zh}",
                f"No boundary event and no event subprocess catches the error '{code}': {message.en}",
            ),
        ),
        "wait" if token.internal_data.get("job") or token.internal_data.get("call") else "run",
    )


def throw_escalation(token: Token, code: str, variables: Mapping[str, Any]) -> bool:
    """Throw an escalation at ``token``; true when the token goes on, false when it was taken away.

    An escalation is not critical: one that nobody catches is passed over.
    """
    instance = token.workflow
    found = find_catcher(token, EscalationDefinition, code)
    if found is not None:
        event, host = found
        if event.interrupting:
            event.take_over(host, variables)
        else:
            event.go_on(host, variables)
        return not event.interrupting
    interrupted = instance.services.caller_escalation(code)
    if interrupted is None:
        return True
    instance.effects.append(EscalationEscaped(code, dict(variables), interrupted))
    if interrupted:
        instance.end(completed=False)
    return not interrupted


def catches_escalation(token: Token, code: str) -> bool | None:
    """Whether an escalation thrown at ``token`` would interrupt; None where nobody catches it."""
    found = find_catcher(token, EscalationDefinition, code)
    if found is not None:
        return found[0].interrupting
    caught: bool | None = token.workflow.services.caller_escalation(code)
    return caught
