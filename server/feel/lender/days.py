"""Day counts and working days."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from server.amortisation.day_count import DayCount, days_between, year_fraction
from server.calendars.working_days import DayAdjustment, WorkingDays
from server.feel.diagnostics import invalid_argument
from server.feel.lender.arguments import as_faults, choice_of, date_of, dates_of, feel_date, whole_of
from server.feel.runtime import Runtime
from server.feel.signatures import Library
from server.feel.temporal import FeelDate

DAYS = Library()

_MOST_DAYS = 10_000
_LISTS = "holidays?: list|null; make up days?: list|null"


@DAYS.builtin("day count days", "from: Any; to: Any; convention: string", "number")
def _day_count_days(start: Any, end: Any, convention: str) -> int:
    return days_between(date_of(start, "from"), date_of(end, "to"), choice_of(convention, DayCount, "convention"))


@DAYS.builtin("day count fraction", "from: Any; to: Any; convention: string", "number")
def _day_count_fraction(start: Any, end: Any, convention: str) -> Decimal:
    """The share of a year between two days, negative where the second comes first."""
    first, last = date_of(start, "from"), date_of(end, "to")
    day_count = choice_of(convention, DayCount, "convention")
    with as_faults():
        return year_fraction(first, last, day_count) if first <= last else -year_fraction(last, first, day_count)


@DAYS.builtin("is working day", f"date: Any; {_LISTS}", "boolean")
def _is_working_day(
    runtime: Runtime, day: Any, holidays: list[Any] | None = None, make_up_days: list[Any] | None = None
) -> bool:
    return _working_days(runtime, holidays, make_up_days).includes(date_of(day, "date"))


@DAYS.builtin("add working days", f"date: Any; days: number; {_LISTS}", "date")
def _add_working_days(
    runtime: Runtime, day: Any, days: Any, holidays: list[Any] | None = None, make_up_days: list[Any] | None = None
) -> FeelDate:
    count = whole_of(days, "days", -_MOST_DAYS, _MOST_DAYS)
    runtime.spend(abs(count))
    worked = _working_days(runtime, holidays, make_up_days)
    with as_faults():
        return feel_date(worked.add(date_of(day, "date"), count))


@DAYS.builtin("working days between", f"from: Any; to: Any; {_LISTS}", "number")
def _working_days_between(
    runtime: Runtime, start: Any, end: Any, holidays: list[Any] | None = None, make_up_days: list[Any] | None = None
) -> int:
    first, last = date_of(start, "from"), date_of(end, "to")
    runtime.spend(_span(first, last))
    return _working_days(runtime, holidays, make_up_days).between(first, last)


@DAYS.builtin("adjust to working day", f"date: Any; convention: string; {_LISTS}", "date")
def _adjust_to_working_day(
    runtime: Runtime,
    day: Any,
    convention: str,
    holidays: list[Any] | None = None,
    make_up_days: list[Any] | None = None,
) -> FeelDate:
    worked = _working_days(runtime, holidays, make_up_days)
    with as_faults():
        return feel_date(worked.adjust(date_of(day, "date"), choice_of(convention, DayAdjustment, "convention")))


def _span(first: date, last: date) -> int:
    days = abs((last - first).days)
    if days > 4 * _MOST_DAYS:
        raise invalid_argument(
            "两个日期相距超过一百年，请核对。", "The two dates are more than a hundred years apart; check them."
        )
    return days


def _working_days(runtime: Runtime, holidays: list[Any] | None, make_up_days: list[Any] | None) -> WorkingDays:
    with as_faults():
        return WorkingDays(dates_of(runtime, holidays, "holidays"), dates_of(runtime, make_up_days, "make up days"))
