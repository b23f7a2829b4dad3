"""Functions of ranges (DMN 1.5, 10.3.4.6): how points and ranges lie to one another.

They follow table 78 row by row. A point is anything that is not a range.
"""

from __future__ import annotations

from typing import Any

from server.feel.comparison import compare, contains, equal
from server.feel.diagnostics import Fault, invalid_argument, type_mismatch
from server.feel.ranges import Range
from server.feel.signatures import Library

RANGES = Library()


def _only_points(name: str) -> Fault:
    return type_mismatch(f"{name} 的参数类型不符，应为区间。", f"{name} needs a range here.")


def _bounded(value: Any, name: str) -> Range:
    if not isinstance(value, Range):
        raise _only_points(name)
    return value


def _point(value: Any) -> Any:
    if value is None:
        raise invalid_argument("参数不能是空值。", "The argument must not be null.")
    return value


def _lt(left: Any, right: Any) -> bool:
    return compare("<", _end(left), _end(right))


def _gt(left: Any, right: Any) -> bool:
    return compare(">", _end(left), _end(right))


def _eq(left: Any, right: Any) -> bool:
    return equal(_end(left), _end(right))


def _end(value: Any) -> Any:
    if value is None:
        raise invalid_argument("区间没有这一端。", "The range has no such endpoint.")
    return value


@RANGES.builtin("before", "point1: Any; point2: Any", "boolean")
@RANGES.builtin("before", "point: Any; range: Any", "boolean")
@RANGES.builtin("before", "range: Any; point: Any", "boolean")
@RANGES.builtin("before", "range1: Any; range2: Any", "boolean")
def _before(a: Any, b: Any) -> bool:
    match a, b:
        case Range(), Range():
            return _lt(a.end, b.start) or ((not a.end_included or not b.start_included) and _eq(a.end, b.start))
        case Range(), point:
            return _lt(a.end, point) or (not a.end_included and _eq(a.end, point))
        case point, Range():
            return _lt(point, b.start) or (not b.start_included and _eq(point, b.start))
    return compare("<", _point(a), _point(b))


@RANGES.builtin("after", "point1: Any; point2: Any", "boolean")
@RANGES.builtin("after", "point: Any; range: Any", "boolean")
@RANGES.builtin("after", "range: Any; point: Any", "boolean")
@RANGES.builtin("after", "range1: Any; range2: Any", "boolean")
def _after(a: Any, b: Any) -> bool:
    return _before(b, a)


@RANGES.builtin("meets", "range1: Any; range2: Any", "boolean")
def _meets(range1: Any, range2: Any) -> bool:
    a, b = _bounded(range1, "meets"), _bounded(range2, "meets")
    return a.end_included and b.start_included and _eq(a.end, b.start)


@RANGES.builtin("met by", "range1: Any; range2: Any", "boolean")
def _met_by(range1: Any, range2: Any) -> bool:
    a, b = _bounded(range1, "met by"), _bounded(range2, "met by")
    return a.start_included and b.end_included and _eq(a.start, b.end)


@RANGES.builtin("overlaps", "range1: Any; range2: Any", "boolean")
def _overlaps(range1: Any, range2: Any) -> bool:
    a, b = _bounded(range1, "overlaps"), _bounded(range2, "overlaps")
    return _reaches(a, b) and _reaches(b, a)


def _reaches(a: Range, b: Range) -> bool:
    """Whether ``a`` ends no earlier than ``b`` starts."""
    return _gt(a.end, b.start) or (_eq(a.end, b.start) and a.end_included and b.start_included)


@RANGES.builtin("overlaps before", "range1: Any; range2: Any", "boolean")
def _overlaps_before(range1: Any, range2: Any) -> bool:
    a, b = _bounded(range1, "overlaps before"), _bounded(range2, "overlaps before")
    starts_earlier = _lt(a.start, b.start) or (_eq(a.start, b.start) and a.start_included and not b.start_included)
    ends_earlier = _lt(a.end, b.end) or (_eq(a.end, b.end) and (not a.end_included or b.end_included))
    return starts_earlier and _reaches(a, b) and ends_earlier


@RANGES.builtin("overlaps after", "range1: Any; range2: Any", "boolean")
def _overlaps_after(range1: Any, range2: Any) -> bool:
    a, b = _bounded(range1, "overlaps after"), _bounded(range2, "overlaps after")
    starts_later = _gt(a.start, b.start) or (_eq(a.start, b.start) and b.start_included and not a.start_included)
    ends_later = _gt(a.end, b.end) or (_eq(a.end, b.end) and (not b.end_included or a.end_included))
    return starts_later and _reaches(b, a) and ends_later


@RANGES.builtin("finishes", "point: Any; range: Any", "boolean")
@RANGES.builtin("finishes", "range1: Any; range2: Any", "boolean")
def _finishes(a: Any, range2: Any) -> bool:
    b = _bounded(range2, "finishes")
    if not isinstance(a, Range):
        return b.end_included and _eq(_point(a), b.end)
    same_end = a.end_included is b.end_included and _eq(a.end, b.end)
    return same_end and (
        _gt(a.start, b.start) or (_eq(a.start, b.start) and (not a.start_included or b.start_included))
    )


@RANGES.builtin("finished by", "range: Any; point: Any", "boolean")
@RANGES.builtin("finished by", "range1: Any; range2: Any", "boolean")
def _finished_by(range1: Any, b: Any) -> bool:
    return _finishes(b, _bounded(range1, "finished by"))


@RANGES.builtin("includes", "range: Any; point: Any", "boolean")
@RANGES.builtin("includes", "range1: Any; range2: Any", "boolean")
def _includes(range1: Any, b: Any) -> bool:
    a = _bounded(range1, "includes")
    if not isinstance(b, Range):
        return contains(a, _point(b))
    from_start = _lt(a.start, b.start) or (_eq(a.start, b.start) and (a.start_included or not b.start_included))
    to_end = _gt(a.end, b.end) or (_eq(a.end, b.end) and (a.end_included or not b.end_included))
    return from_start and to_end


@RANGES.builtin("during", "point: Any; range: Any", "boolean")
@RANGES.builtin("during", "range1: Any; range2: Any", "boolean")
def _during(a: Any, range2: Any) -> bool:
    return _includes(_bounded(range2, "during"), a)


@RANGES.builtin("starts", "point: Any; range: Any", "boolean")
@RANGES.builtin("starts", "range1: Any; range2: Any", "boolean")
def _starts(a: Any, range2: Any) -> bool:
    b = _bounded(range2, "starts")
    if not isinstance(a, Range):
        return b.start_included and _eq(_point(a), b.start)
    same_start = a.start_included is b.start_included and _eq(a.start, b.start)
    return same_start and (_lt(a.end, b.end) or (_eq(a.end, b.end) and (not a.end_included or b.end_included)))


@RANGES.builtin("started by", "range: Any; point: Any", "boolean")
@RANGES.builtin("started by", "range1: Any; range2: Any", "boolean")
def _started_by(range1: Any, b: Any) -> bool:
    return _starts(b, _bounded(range1, "started by"))


@RANGES.builtin("coincides", "point1: Any; point2: Any", "boolean")
@RANGES.builtin("coincides", "range1: Any; range2: Any", "boolean")
def _coincides(a: Any, b: Any) -> bool:
    if isinstance(a, Range) is not isinstance(b, Range):
        raise _only_points("coincides")
    return equal(_point(a), _point(b))
