"""Calendars as people write them: documents of periods with hours, holidays and make-up days.

::

    calendarId: CN
    name: 中国内地
    timezone: Asia/Shanghai
    periods:
      - from: 2026-01-01
        to: 2026-12-31
        hours: {MON-FRI: ["09:00-12:00", "13:30-18:00"]}
        holidays: ["2026-01-01/2026-01-03", "2026-05-01"]
        makeUpDays: ["2026-01-04"]

A period's hours are by weekday or range of weekdays; days off are not named. Days are dates, or two dates with a
slash between for all days from one to the other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NoReturn

from server.calendars.dated import DatedCalendar, Period
from server.calendars.errors import CalendarDefinitionError
from server.calendars.working_time import Calendar, Span

WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_SPAN = re.compile(r"(\d{2}:\d{2})-(\d{2}:\d{2})", re.ASCII)
_PERIOD_MEMBERS = frozenset({"from", "to", "hours", "holidays", "makeUpDays", "makeUpHours"})
_LONGEST_RANGE = 400


def read_calendar(calendar_id: str, timezone: str, periods: Any) -> DatedCalendar:
    """The calendar that ``periods`` describe. Raises :class:`CalendarError` with the place of what is wrong."""
    if not isinstance(periods, Sequence) or isinstance(periods, str) or not periods:
        _wrong("periods", "应为至少含一个期间的列表", "must be a list of at least one period")
    read = [_period(calendar_id, timezone, period, f"periods[{number}]") for number, period in enumerate(periods)]
    return DatedCalendar(calendar_id, timezone, tuple(sorted(read, key=lambda period: period.first)))


def _period(calendar_id: str, timezone: str, written: Any, where: str) -> Period:
    if not isinstance(written, Mapping):
        _wrong(where, "应为对象", "must be an object")
    unknown = sorted(set(written) - _PERIOD_MEMBERS)
    if unknown:
        _wrong(f"{where}.{unknown[0]}", "没有这个字段", "is not known")
    make_up = written.get("makeUpHours")
    rules = Calendar(
        calendar_id,
        timezone,
        _days(written.get("holidays", ()), f"{where}.holidays"),
        _days(written.get("makeUpDays", ()), f"{where}.makeUpDays"),
        _week(written.get("hours"), f"{where}.hours"),
        None if make_up is None else _spans(make_up, f"{where}.makeUpHours"),
    )
    return Period(_day(written.get("from"), f"{where}.from"), _day(written.get("to"), f"{where}.to"), rules)


def _week(written: Any, where: str) -> tuple[tuple[Span, ...], ...]:
    if not isinstance(written, Mapping):
        _wrong(where, '应写明各星期的工作时段，例如 {"MON-FRI": ["09:00-18:00"]}', 'must be like {"MON-FRI": [...]}')
    hours: dict[int, tuple[Span, ...]] = {}
    for name, spans in written.items():
        first, _, last = str(name).upper().partition("-")
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
            _wrong(f"{where}.{name}", "应为 MON…SUN 或 MON-FRI", "must be MON to SUN, or a range like MON-FRI")
        for day in range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1):
            if day in hours:
                _wrong(f"{where}.{name}", f"{WEEKDAYS[day]} 写了两次", f"says {WEEKDAYS[day]} twice")
            hours[day] = _spans(spans, f"{where}.{name}")
    return tuple(hours.get(day, ()) for day in range(7))


def _spans(written: Any, where: str) -> tuple[Span, ...]:
    if not isinstance(written, Sequence) or isinstance(written, str):
        _wrong(where, '应为时段列表，例如 ["09:00-18:00"]', 'must be a list of spans such as ["09:00-18:00"]')
    spans = []
    for text in written:
        match = _SPAN.fullmatch(str(text))
        if match is None:
            _wrong(where, f"“{text}”不是 09:00-18:00 这样的时段", f"has '{text}', which is no span like 09:00-18:00")
        spans.append((_time(match[1], where), _time(match[2], where)))
    return tuple(spans)


def _time(text: str, where: str) -> time:
    try:
        return time(0) if text == "24:00" else time.fromisoformat(text)
    except ValueError:
        _wrong(where, f"“{text}”不是时间", f"has '{text}', which is no time of day")


def _days(written: Any, where: str) -> frozenset[date]:
    if not isinstance(written, Sequence) or isinstance(written, str):
        _wrong(where, "应为日期列表", "must be a list of dates")
    days: set[date] = set()
    for text in written:
        first, _, last = str(text).partition("/") if not isinstance(text, date) else (text, "", "")
        begin = _day(first, where)
        end = _day(last, where) if last else begin
        if not 0 <= (end - begin).days < _LONGEST_RANGE:
            _wrong(where, f"“{text}”的止日早于起日或过长", f"has '{text}', which ends too early or too late")
        days.update(begin + timedelta(days=number) for number in range((end - begin).days + 1))
    return frozenset(days)


def _day(written: Any, where: str) -> date:
    if isinstance(written, date) and not isinstance(written, datetime):
        return written
    try:
        return date.fromisoformat(str(written))
    except ValueError:
        _wrong(where, f"“{written}”不是 2026-01-31 这样的日期", f"has '{written}', which is no date like 2026-01-31")


def _wrong(where: str, zh: str, en: str) -> NoReturn:
    raise CalendarDefinitionError.of("definition.document", f"{where}：{zh}。", f"{where} {en}.")
