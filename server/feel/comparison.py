"""Equality, order and membership (DMN 1.5, tables 42, 52 and 53).

The functions here work on any two values and raise :class:`Fault` where FEEL says null; emitted code answers the
common cases itself and comes here for the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any

from server.feel.budget import Spend, unlimited
from server.feel.diagnostics import Fault, invalid_argument, type_mismatch
from server.feel.durations import NANOS_PER_SECOND, DaysTimeDuration, YearsMonthsDuration
from server.feel.ranges import Range
from server.feel.temporal import FeelDate, FeelDateTime
from server.feel.values import Kind, adopt, kind_in_chinese, kind_of

_NUMERIC = frozenset({Decimal, int})
_NATURAL = frozenset({str, FeelDate, DaysTimeDuration, YearsMonthsDuration})
"""Types whose values Python orders as FEEL does."""

_ORDERS: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_ORDERED = frozenset(
    {
        Kind.NUMBER,
        Kind.STRING,
        Kind.DATE,
        Kind.TIME,
        Kind.DATE_AND_TIME,
        Kind.DAYS_TIME_DURATION,
        Kind.YEARS_MONTHS_DURATION,
    }
)


def incomparable(left: Any, right: Any) -> Fault:
    """Two values that have no common order or equality."""
    a, b = kind_of(left), kind_of(right)
    return type_mismatch(
        f"{kind_in_chinese(a)}和{kind_in_chinese(b)}不能比较。",
        f"A {a.value} cannot be compared with a {b.value}.",
    )


def equal(left: Any, right: Any, spend: Spend = unlimited) -> bool:
    """``left = right``; raises Fault for different kinds. null equals null and nothing else."""
    if type(left) in _NUMERIC and type(right) in _NUMERIC:
        return bool(left == right)
    left, right = adopt(left), adopt(right)
    if left is None or right is None:
        return left is right
    kind = kind_of(left)
    if kind is not kind_of(right) or kind is Kind.FOREIGN:
        raise incomparable(left, right)
    match kind:
        case Kind.LIST | Kind.CONTEXT:
            return _Nested(spend).equal(left, right)
        case Kind.STRING:
            spend(len(left) >> 8)
            return bool(left == right)
        case Kind.RANGE:
            return _equal_ranges(left, right)
        case Kind.TIME | Kind.DATE_AND_TIME:
            a, b = order_key(left, right), order_key(right, left)
            return bool(a == b)
        case Kind.FUNCTION:
            return left is right
        case _:
            return bool(left == right)


class _Nested:
    """The comparison of two nested values.

    Pairs that were found equal are remembered: a list may hold the same list many times over, and a loop can nest
    that deep enough to make a plain comparison endless. They are kept, too: what was adopted for the comparison alone
    would otherwise give its identity to the next such value.
    """

    __slots__ = ("_equal", "_spend")

    def __init__(self, spend: Spend) -> None:
        self._equal: dict[tuple[int, int], tuple[Any, Any]] = {}
        self._spend = spend

    def equal(self, left: Any, right: Any) -> bool:
        """Whether two lists, or two contexts, have the same parts."""
        pair = (id(left), id(right))
        if left is right or pair in self._equal:
            return True
        if len(left) != len(right):
            return False
        self._spend(len(left))
        if isinstance(left, list):
            found = all(map(self.same, left, right))
        else:
            found = left.keys() == right.keys() and all(self.same(left[key], right[key]) for key in left)
        if found:
            self._equal[pair] = left, right
        return found

    def same(self, left: Any, right: Any) -> bool:
        """Whether any two values are; for those without parts, :meth:`_same_value` decides."""
        left, right = adopt(left), adopt(right)
        if type(left) is type(right) and isinstance(left, list | dict):
            return self.equal(left, right)
        return self._same_value(left, right)

    def _same_value(self, left: Any, right: Any) -> bool:
        return same(left, right, self._spend)


class _NestedIdentity(_Nested):
    """The same for ``is``, where no value without parts equals one of another kind or form."""

    __slots__ = ()

    def _same_value(self, left: Any, right: Any) -> bool:
        if left is right:
            return True
        if isinstance(left, str):
            self._spend(len(left) >> 8)
        return kind_of(left) is kind_of(right) and bool(left == right)


def same(left: Any, right: Any, spend: Spend = unlimited) -> bool:
    """Whether two elements count as equal inside lists and contexts: what cannot be compared is not equal."""
    try:
        return equal(left, right, spend)
    except Fault:
        return False


def _equal_ranges(left: Range, right: Range) -> bool:
    return (
        left.operator == right.operator
        and left.start_included == right.start_included
        and left.end_included == right.end_included
        and same(left.start, right.start)
        and same(left.end, right.end)
    )


def identical(left: Any, right: Any, spend: Spend = unlimited) -> bool:
    """``is(left, right)``: the same type and the same parts, zones included (DMN 1.5, 10.3.4.5)."""
    return _NestedIdentity(spend).same(left, right)


def order_key(value: Any, other: Any) -> Any:
    """What orders a time or a date and time against ``other``; raises Fault where only one of them has a zone."""
    if isinstance(value, FeelDateTime):
        if value.time.is_local is not other.time.is_local:
            raise _zone_missing()
        return value.instant
    if value.is_local is not other.is_local:
        raise _zone_missing()
    if value.zone is not None and value.zone == other.zone:
        return value.nanos_of_day
    offset, reference = value.utc_offset, other.utc_offset
    if (offset is None and not value.is_local) or (reference is None and not other.is_local):
        raise type_mismatch(
            "时区的偏移随日期变化，没有日期的时间不能跨时区比较。",
            "The offset of a zone depends on the date, so times without a date cannot be compared across zones.",
        )
    return value.nanos_of_day - (offset or 0) * NANOS_PER_SECOND


def _zone_missing() -> Fault:
    return type_mismatch(
        "一个值有时区而另一个没有，不能比较；请为两者都写明时区。",
        "One value has a time zone and the other has none; state the zone of both.",
    )


def order_operands(left: Any, right: Any) -> tuple[Any, Any]:
    """Two values as Python values of one order; raises Fault where FEEL has no order for them."""
    left, right = adopt(left), adopt(right)
    kind, other = kind_of(left), kind_of(right)
    if kind is not other:
        raise incomparable(left, right)
    if kind not in _ORDERED:
        raise incomparable(left, right)
    if kind is Kind.TIME or kind is Kind.DATE_AND_TIME:
        return order_key(left, right), order_key(right, left)
    return left, right


def compare(operator: str, left: Any, right: Any) -> bool:
    """``left < right`` and its like; raises Fault for values without a common order."""
    if type(left) is type(right) and type(left) in _NATURAL:
        return _ORDERS[operator](left, right)
    a, b = order_operands(left, right)
    return _ORDERS[operator](a, b)


def contains(range_: Range, value: Any) -> bool:
    """Whether a value lies in a range; raises Fault for a value that has no place in its order."""
    if range_.operator == "!=":
        return not equal(value, range_.start)
    if range_.operator == "=":
        return equal(value, range_.start)
    above = range_.start is None or compare(">=" if range_.start_included else ">", value, range_.start)
    below = range_.end is None or compare("<=" if range_.end_included else "<", value, range_.end)
    return above and below


def check_endpoints(start: Any, end: Any) -> None:
    """Raise Fault unless two values can be the endpoints of one range."""
    if start is None and end is None:
        raise type_mismatch("区间的两端不能都是空值。", "A range needs at least one endpoint that is not null.")
    given = [value for value in (start, end) if value is not None]
    for value in given:
        if kind_of(adopt(value)) not in _ORDERED:
            raise incomparable(value, given[0])
    if len(given) == 2 and compare(">", start, end):
        raise invalid_argument("区间的起点大于终点。", "The range ends before it starts.")
