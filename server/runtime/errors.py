"""What can keep a command from being carried out. Nothing was changed when one of these is raised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from server.messages import Finding, LendloomError, Message


class CommandError(LendloomError):
    """The root of what commands raise."""


class NotFound(CommandError):
    """The thing that the command is about does not exist, or no longer."""


class Conflict(CommandError):
    """The thing is in another state than the command needs, or someone else was faster.

    ``findings`` gives the reasons by element, where that are several.
    """

    def __init__(self, message: Message, *, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class Refused(CommandError):
    """The command's input is not valid. ``fields`` says which fields of a form are wrong, and how."""

    def __init__(
        self,
        message: Message,
        *,
        fields: Mapping[str, Message] | None = None,
        findings: Sequence[Finding] = (),
    ) -> None:
        super().__init__(message)
        self.fields = dict(fields or {})
        self.findings = tuple(findings)


class TooLarge(Refused):
    """The command's input is larger than the installation takes at once."""


class DeploymentRefused(Refused):
    """Files that may not be deployed; ``findings`` names every fault of every file."""


class Forbidden(CommandError):
    """The person may not do this to this thing, such as countersign his own decision."""


class Busy(CommandError):
    """The case or the database could not be had in time; the same command may be tried again."""


class Unfinished(CommandError):
    """What was waited for has not happened in time; ``key`` is the instance that goes on."""

    def __init__(self, message: Message, key: int) -> None:
        super().__init__(message)
        self.key = key


def no_such(kind_zh: str, kind_en: str, key: object) -> NotFound:
    """The error for a key or id that nothing has."""
    return NotFound(
        Message(
            "command.not-found",
            f"没有找到{kind_zh} {key}；请核对后重试。",
            f"There is no {kind_en} {key}; check it and try again.",
        )
    )
