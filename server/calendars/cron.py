"""Cron schedules in a named zone: ``Cron("0 9 * * MON-FRI", "Asia/Shanghai")``.

As a text a schedule may end with its zone, ``0 9 * * MON-FRI Asia/Shanghai``; :func:`parse_cron` reads that.
Five fields are those of Unix cron, six begin with seconds (as in Camunda), and the macros ``@yearly``,
``@monthly``, ``@weekly``, ``@daily`` and ``@hourly`` are known. The expressions are read by croniter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from croniter import CroniterBadDateError, croniter  # type: ignore[import-untyped]

from server.calendars.errors import CronError
from server.calendars.instants import require_aware, zone_named
from server.calendars.working_time import WorkingTime

_MACROS = frozenset({"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"})
_RANDOM = re.compile(r"(?:^|[\s,])[hr](?:$|[\s,(/])", re.IGNORECASE)
"""croniter's ``H`` and ``R`` pick a time by chance: two clocks would disagree on when a timer is due."""

_ZONE = re.compile(r"(?P<schedule>.*\S)\s+(?P<zone>UTC|GMT|[A-Za-z][A-Za-z_]*(?:/[A-Za-z][\w+\-]*)+)", re.ASCII)
"""A schedule and a zone behind it; no field of a schedule has a slash with a letter on either side."""

_ANY_DATE = datetime(2024, 1, 1, tzinfo=UTC)
_MOST_SKIPPED = 100_000


def parse_cron(text: str, default_zone: str) -> Cron:
    """Read a schedule with the zone that it ends with, or else in ``default_zone``."""
    match = _ZONE.fullmatch(text.strip())
    return Cron(text.strip(), default_zone) if match is None else Cron(match["schedule"], match["zone"])


@dataclass(frozen=True, slots=True)
class Cron:
    """A schedule on the wall clock of one zone.

    A time that the change of clocks skips falls due when the clocks have moved on; a time that occurs twice
    falls due once, unless the schedule's hours begin with ``*``.
    """

    expression: str
    zone: str

    def __post_init__(self) -> None:
        zone_named(self.zone)
        fields = self.expression.split()
        known = len(fields) in (5, 6) or (len(fields) == 1 and fields[0].lower() in _MACROS)
        if not known or _RANDOM.search(self.expression):
            raise self._unreadable()
        try:
            due = self._firing_after(_ANY_DATE)
        except (ValueError, TypeError, KeyError, IndexError) as error:
            raise self._unreadable() from error
        if due is None:
            raise CronError.of(
                "cron.never",
                f"计划“{self.expression}”永远不会到期；请检查日期与月份。",
                f"The schedule '{self.expression}' never falls due; check its day and month.",
            )

    def next(self, after: datetime, calendar: WorkingTime | None = None) -> datetime | None:
        """The first time due later than ``after``, in the schedule's zone; ``None`` when none is left.

        With a ``calendar``, times on days that are not working days are passed over.
        """
        due: datetime | None = require_aware(after)
        for _ in range(_MOST_SKIPPED):
            due = self._firing_after(due) if due is not None else None
            if due is None or self._holds(due, calendar):
                return due
        return None

    def _holds(self, due: datetime, calendar: WorkingTime | None) -> bool:
        if calendar is not None and not calendar.is_working_day(due):
            return False
        repeated = due.fold == 1 and due.utcoffset() != due.replace(fold=0).utcoffset()
        return not repeated or self._runs_every_hour()

    def _runs_every_hour(self) -> bool:
        fields = self.expression.split()
        return fields[-4].startswith("*") if len(fields) > 1 else fields[0].lower() == "@hourly"

    def _firing_after(self, instant: datetime) -> datetime | None:
        local = instant.astimezone(ZoneInfo(self.zone))
        try:
            due: datetime = croniter(self.expression, local, second_at_beginning=True).get_next(datetime)
        except CroniterBadDateError:
            return None
        return due

    def _unreadable(self) -> CronError:
        return CronError.of(
            "cron.syntax",
            f"“{self.expression}”不是 cron 计划；请写成五段（分 时 日 月 周）或六段（秒 分 时 日 月 周），"
            "例如 0 9 * * MON-FRI，后面可加时区，例如 Asia/Shanghai。"
            "取值：秒、分 0-59，时 0-23，日 1-31，月 1-12，周 0-7 或 SUN-SAT。",
            f"'{self.expression}' is not a cron schedule; write five fields (minute hour day month weekday) "
            "or six (second first), such as 0 9 * * MON-FRI, and perhaps a zone behind them, such as Asia/Shanghai. "
            "Seconds and minutes are 0-59, hours 0-23, days 1-31, months 1-12, weekdays 0-7 or SUN-SAT.",
        )
