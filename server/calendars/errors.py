"""What can be wrong with a calendar, a duration, an instant or a schedule that somebody wrote."""

from __future__ import annotations

from datetime import date
from typing import Self

from server.messages import LendloomError, Message


class CalendarError(LendloomError):
    """The root of this package's errors."""

    @classmethod
    def of(cls, code: str, zh: str, en: str) -> Self:
        """An error of this class under the code ``calendar.<code>``."""
        return cls(Message(f"calendar.{code}", zh, en))


class CalendarDefinitionError(CalendarError):
    """A working calendar that contradicts itself, or in which no work is ever done."""


class DurationError(CalendarError):
    """A duration that cannot be read, or that needs a calendar where there is none."""


class DurationRangeError(DurationError):
    """A sum of an instant and a duration that lies outside the dates that can be represented."""


class InstantError(CalendarError):
    """A date and time that cannot be read, or a zone that does not exist."""


class CycleError(CalendarError):
    """A repeating interval that cannot be read."""


class CronError(CalendarError):
    """A cron schedule that cannot be read, or that never falls due."""


class CalendarGapError(CalendarError):
    """A calendar says nothing about ``day``: nobody knows yet which days of that year are worked."""

    day: date
