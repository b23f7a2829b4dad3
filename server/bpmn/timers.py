"""Timer definitions: a date, a duration or a cycle, as an ISO 8601 text, a cron text or a FEEL expression.

What a text means also hangs on where it stands: ``zone``, ``calendar``, ``misfire`` and ``until`` come from the
extension elements of the event and its process. See docs/calendars.md for the notation.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition

from server.calendars import (
    HOME_ZONE,
    CalendarError,
    Cron,
    Cycle,
    CycleError,
    Duration,
    DurationError,
    WorkingTime,
    parse_cron,
    parse_cycle,
    parse_duration,
    parse_instant,
    zone_named,
)
from server.messages import Message

from .errors import Failure
from .expressions import Expression, FeelScriptEngine, shown

DEFAULT_ZONE = HOME_ZONE
MISFIRE_POLICIES = ("once", "all", "skip")
GRACE = dt.timedelta(minutes=1)
"""How late a firing may be before the policy ``skip`` leaves it out: no clock is punctual to the second."""

SHORTEST_INTERVAL = Decimal("0.001")
"""Seconds from one firing of a cycle to the next, at least."""

LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""What leaves the dates that there are when it is counted from here leaves them whenever it is counted."""

Calendars = Callable[[str | None], WorkingTime]
"""Finds a working calendar by its id, or the default one. Raises :class:`CalendarError` where there is none."""


@dataclass(frozen=True, slots=True)
class TimerSchedule:
    """When a timer is due; ``cycle`` and ``remaining`` (null: without end) say what follows after that."""

    due_at: dt.datetime
    cycle: str | None = None
    remaining: int | None = None


@dataclass(frozen=True, slots=True)
class TimerSettings:
    """What stands around a timer's text.

    ``calendar`` is the one named at the timer, which cron schedules keep to; ``process_calendar`` that of its
    process, which working days are counted by where the timer names none.
    """

    zone: str | None = None
    calendar: str | None = None
    process_calendar: str | None = None
    misfire: str = "once"
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Firing:
    """What became of a timer that fell due: whether it ``counts``, and when it is due next (``None``: no more)."""

    counts: bool
    following: TimerSchedule | None


class TimerDefinition(TimerEventDefinition):  # type: ignore[misc]
    """A timer event definition; ``kind`` is date, duration or cycle."""

    def __init__(self, kind: str, expression: Expression, settings: TimerSettings | None = None) -> None:
        super().__init__(name=kind, expression=expression.text)
        self.kind = kind
        self.source = expression
        self.settings = settings or TimerSettings()

    def __hash__(self) -> int:
        return hash((self.kind, self.source.text, self.settings))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TimerDefinition) and (self.kind, self.source.text, self.settings) == (
            other.kind,
            other.source.text,
            other.settings,
        )

    # -- reading -------------------------------------------------------------------------------------------------

    @property
    def zone(self) -> str:
        """The zone in which wall times are meant that name none."""
        return self.settings.zone or DEFAULT_ZONE

    def check(self) -> None:
        """Read settings and a literal text once, so that a deployment can refuse them. Raises CalendarError."""
        zone_named(self.zone)
        self._until()
        if not self.source.is_literal or self.source.is_broken:
            return
        text = self.source.text
        if self.kind == "date":
            parse_instant(text, self.zone)
        elif self.kind == "duration":
            parse_duration(text)
        else:
            self._schedule(text)

    def check_range(self) -> None:
        """Raise :class:`CalendarError` for a literal duration at whose end there is no date any more.

        The same goes for a cycle that repeats too often.
        """
        if not self.source.is_literal or self.source.is_broken:
            return
        if self.kind == "duration":
            check_range(parse_duration(self.source.text))
        elif self.kind == "cycle" and isinstance(schedule := self._schedule(self.source.text), Cycle):
            check_interval(schedule)
            check_range(schedule.duration)

    @property
    def needs_calendar(self) -> bool:
        """Whether a literal text counts working days or hours, or keeps to a calendar; false for expressions."""
        if not self.source.is_literal or self.kind == "date":
            return False
        if self.kind == "duration":
            return parse_duration(self.source.text).needs_calendar
        schedule = self._schedule(self.source.text)
        return self.settings.calendar is not None if isinstance(schedule, Cron) else schedule.duration.needs_calendar

    def _schedule(self, text: str) -> Cycle | Cron:
        return parse_cycle(text, self.zone) if text.startswith("R") else parse_cron(text, self.zone)

    def _until(self) -> dt.datetime | None:
        return None if self.settings.until is None else parse_instant(self.settings.until, self.zone)

    # -- when it is due ------------------------------------------------------------------------------------------

    def first_due(
        self, now: dt.datetime, variables: Mapping[str, Any], where: str = "timer", *, calendars: Calendars
    ) -> TimerSchedule:
        """When the timer is due for the first time. Raises :class:`Failure` (EXTRACT_VALUE_ERROR)."""
        value = FeelScriptEngine(now).evaluate(self.source, variables, "EXTRACT_VALUE_ERROR", where)
        try:
            if not isinstance(value, str):
                raise self._wrong(where, value)
            return self._first(value, now, where, calendars)
        except CalendarError as error:
            raise _failure(where, error) from error

    def check_fixed(self, now: dt.datetime, where: str, calendars: Calendars) -> None:
        """Raise :class:`Failure` for a time without variables that no timer can have, or that is a slip."""
        self.first_due(now, {}, where, calendars=calendars)
        if self.kind == "duration":
            text = FeelScriptEngine(now).evaluate(self.source, {}, "EXTRACT_VALUE_ERROR", where)
            try:
                check_direction(parse_duration(str(text)))
            except CalendarError as error:
                raise _failure(where, error) from error

    def fired(self, due: TimerSchedule, now: dt.datetime, where: str = "timer", *, calendars: Calendars) -> Firing:
        """A timer has fallen due and it is ``now``: whether that counts, and what follows, by the misfire policy.

        Occurrences are missed when the next one is due, too, before the first has fired. Of those ``once`` fires
        one, ``all`` fires each, and ``skip`` none: it also drops an occurrence that is later than :data:`GRACE`.
        A timer without repetition fires once, however late. Raises :class:`Failure` (EXTRACT_VALUE_ERROR).
        """
        if due.cycle is None:
            return Firing(True, None)
        policy = self.settings.misfire
        counts = policy != "skip" or now - due.due_at <= GRACE
        passed = due.due_at if policy == "all" else max(due.due_at, now)
        try:
            return Firing(counts, self._following(due, due.cycle, passed, counts, calendars))
        except CalendarError as error:
            raise _failure(where, error) from error

    def _first(self, text: str, now: dt.datetime, where: str, calendars: Calendars) -> TimerSchedule:
        if self.kind == "date":
            return TimerSchedule(parse_instant(text, self.zone))
        if self.kind == "duration":
            duration = parse_duration(text)
            calendar = self._calendar(calendars) if duration.needs_calendar else None
            return TimerSchedule(duration.after(self._local(now, self.zone), calendar))
        schedule = self._schedule(text)
        if isinstance(schedule, Cron):
            first = TimerSchedule(self._needed(schedule.next(now, self._cron_calendar(calendars)), where, text), text)
        else:
            first = self._first_of(schedule, text, now, where, calendars)
        until = self._until()
        if until is not None and first.due_at > until:
            raise self._wrong(where, text)
        return first

    def _first_of(self, cycle: Cycle, text: str, now: dt.datetime, where: str, calendars: Calendars) -> TimerSchedule:
        check_interval(cycle)
        calendar = self._calendar(calendars) if cycle.duration.needs_calendar else None
        if cycle.start is None:
            remaining = None if cycle.repetitions is None else cycle.repetitions - 1
            if cycle.duration.is_elapsed:
                return TimerSchedule(self._needed(cycle.next(now), where, text), text, remaining)
            # Counted from one anchor, neither short months nor changes of clocks add up.
            anchored = cycle.anchored(self._local(now, cycle.zone or self.zone))
            due = self._needed(anchored.next(now, calendar), where, text)
            return TimerSchedule(due, str(anchored), remaining)
        if self.settings.zone is not None and not isinstance(cycle.start.tzinfo, ZoneInfo):
            cycle = replace(cycle, start=self._local(cycle.start, self.zone))
            text = str(cycle)
        index = 0 if cycle.occurrence(0) > now else cycle.index_later_than(now, calendar)
        if index is None:
            raise self._wrong(where, text)
        left = None if cycle.repetitions is None else cycle.repetitions - 1 - index
        return TimerSchedule(cycle.occurrence(index, calendar), text, left)

    def _following(
        self, due: TimerSchedule, text: str, passed: dt.datetime, counts: bool, calendars: Calendars
    ) -> TimerSchedule | None:
        schedule = self._schedule(text)
        remaining = due.remaining
        if isinstance(schedule, Cron):
            following = schedule.next(passed, self._cron_calendar(calendars))
        else:
            if remaining is not None and counts:
                if remaining == 0:
                    return None
                remaining -= 1
            calendar = self._calendar(calendars) if schedule.duration.needs_calendar else None
            following = _later(schedule, due.due_at, passed, calendar)
            if schedule.start is not None and schedule.repetitions is not None and following is not None:
                index = schedule.index_later_than(passed, calendar)
                remaining = None if index is None else schedule.repetitions - 1 - index
        until = self._until()
        if following is None or (until is not None and following > until):
            return None
        return TimerSchedule(following, text, remaining)

    def _calendar(self, calendars: Calendars) -> WorkingTime:
        return calendars(self.settings.calendar or self.settings.process_calendar)

    def _cron_calendar(self, calendars: Calendars) -> WorkingTime | None:
        return None if self.settings.calendar is None else calendars(self.settings.calendar)

    @staticmethod
    def _local(instant: dt.datetime, zone: str) -> dt.datetime:
        return instant.astimezone(zone_named(zone))

    def _needed(self, due: dt.datetime | None, where: str, text: str) -> dt.datetime:
        if due is None:
            raise self._wrong(where, text)
        return due

    def _wrong(self, where: str, value: Any) -> Failure:
        return Failure(
            "EXTRACT_VALUE_ERROR",
            Message(
                "bpmn.timer-value",
                f"{where}的定时器需要一个会到期的 ISO 8601 或 cron 文本，得到的是 {shown(value)}。",
                f"The timer of {where} needs an ISO 8601 or cron text that falls due, but got {shown(value)}.",
            ),
        )


def check_range(duration: Duration) -> None:
    """Raise :class:`CalendarError` for a duration at whose end there is no date any more."""
    if not duration.needs_calendar:
        duration.after(LONG_AGO)


def check_interval(cycle: Cycle) -> None:
    """Raise :class:`CycleError` for a cycle that would keep the clock busy: whose interval is below the shortest."""
    interval = cycle.duration
    whole = interval.years or interval.months or interval.days or interval.working_days
    if not whole and interval.seconds + interval.working_seconds < SHORTEST_INTERVAL:
        raise CycleError.of(
            "cycle.too-short",
            f"循环“{cycle}”的间隔短于一毫秒，定时器会不停地触发；请写长一些，例如 PT1S。",
            f"The interval of the cycle '{cycle}' is shorter than a millisecond, so the timer would fire without pause;"
            " write a longer one, such as PT1S.",
        )


def check_direction(duration: Duration) -> None:
    """Raise :class:`DurationError` for a fixed negative duration, which can only be a slip.

    One that is calculated, such as the time that is left, is due at once, as a date that has passed is.
    """
    if duration.is_negative:
        raise DurationError.of(
            "duration.negative",
            f"时长“{duration}”为负，定时器不会等待；请写正的时长。",
            f"The duration '{duration}' is negative, so the timer would not wait; write a positive one.",
        )


def _later(cycle: Cycle, due: dt.datetime, passed: dt.datetime, calendar: WorkingTime | None) -> dt.datetime | None:
    """The first firing of ``cycle`` after ``passed``; without a start, they are counted from the one at ``due``."""
    if cycle.start is not None:
        return cycle.next(passed, calendar)
    return Cycle(None, due, cycle.duration).next(passed, calendar)


def _failure(where: str, error: CalendarError) -> Failure:
    cause = error.message
    return Failure("EXTRACT_VALUE_ERROR", Message(cause.code, f"{where}：{cause.zh}", f"{where}: {cause.en}"))
