"""What can be wrong with a decision model, and with asking one for a decision."""

from __future__ import annotations

from collections.abc import Iterable

from server.messages import Finding, LendloomError, Message


class DmnError(LendloomError):
    """A model that cannot be used; ``findings`` holds every fault that was found, not only the first."""

    def __init__(self, message: Message, findings: Iterable[Finding] = ()) -> None:
        super().__init__(message)
        self.findings: tuple[Finding, ...] = tuple(findings)


class UnknownDecisionError(DmnError):
    """The model has no decision (or decision service) of the id or name asked for."""


def unknown_decision(model: str, decision: str, known: Iterable[str]) -> UnknownDecisionError:
    """The error for a decision that the model does not have; it names those that it has."""
    names = ", ".join(sorted(known))
    return UnknownDecisionError(
        Message(
            "dmn.decision.unknown",
            f"模型“{model}”中没有决策“{decision}”；现有决策：{names}。",
            f"Model '{model}' has no decision '{decision}'; it has: {names}.",
        )
    )
