"""``for``, ``some`` and ``every`` (DMN 1.5, 10.3.2.14, 10.3.2.16): loops over lists, ranges and spans.

Emitted code nests one loop in the step of another, so that a later domain may use an earlier variable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from server.feel import budget as limits
from server.feel.diagnostics import Fault, type_mismatch
from server.feel.ranges import Range
from server.feel.runtime import Place, Runtime
from server.feel.temporal import FeelDate, date_from_ordinal
from server.feel.values import Kind, adopt, kind_in_chinese, kind_of


class Span:
    """``low..high`` after ``in``: counted up or down, both ends included."""

    __slots__ = ("high", "low")

    def __init__(self, low: Any, high: Any) -> None:
        self.low = low
        self.high = high


def collect(runtime: Runtime, at: Place, drive: Callable[[list[Any]], Any]) -> list[Any] | None:
    """The list that a ``for`` returns; null where a domain cannot be looped over."""
    results: list[Any] = []
    try:
        drive(results)
    except Fault as fault:
        runtime.fail(fault, at)
        return None
    return results


def gather(runtime: Runtime, results: list[Any], value: Any) -> None:
    """One more result of a loop; ``partial`` sees it from the next iteration on."""
    if len(results) >= runtime.budget.max_list_size:
        raise limits.list_exceeded(runtime.budget.max_list_size)
    results.append(value)


def snapshot(runtime: Runtime, results: list[Any]) -> list[Any]:
    """``partial`` as a value of its own: the results so far, not those to come."""
    runtime.expect_size(len(results))
    return results[:]


def iterate(runtime: Runtime, domain: Any, step: Callable[[Any], Any]) -> None:
    """Run ``step`` for every element of ``domain``."""
    for element in elements(runtime, domain):
        runtime.spend(1)
        step(element)


def some(runtime: Runtime, at: Place, domain: Any, test: Callable[[Any], Any]) -> bool | None:
    """Whether the test is true for an element; null where it is for none, but not false for all."""
    return _quantify(runtime, at, domain, test, decisive=True)


def every(runtime: Runtime, at: Place, domain: Any, test: Callable[[Any], Any]) -> bool | None:
    """Whether the test is true for all elements; null where it is false for none, but not true for all."""
    return _quantify(runtime, at, domain, test, decisive=False)


def _quantify(runtime: Runtime, at: Place, domain: Any, test: Callable[[Any], Any], *, decisive: bool) -> bool | None:
    unknown = False
    try:
        for element in elements(runtime, domain):
            runtime.spend(1)
            found = test(element)
            if found is decisive:
                return found is True
            if not isinstance(found, bool):
                unknown = True
                if found is not None:
                    runtime.fail(_not_boolean(found), at)
    except Fault as fault:
        runtime.fail(fault, at)
        return None
    return None if unknown else not decisive


def _not_boolean(value: Any) -> Fault:
    kind = kind_of(adopt(value))
    return type_mismatch(
        f"satisfies 之后需要布尔值，但得到的是{kind_in_chinese(kind)}。",
        f"A boolean is needed after satisfies, but a {kind.value} was given.",
    )


def elements(runtime: Runtime, domain: Any) -> Iterable[Any]:
    """What a loop runs over; raises Fault for null and for ranges that cannot be counted through."""
    if type(domain) is list:
        return domain
    if isinstance(domain, Span):
        return _counted(runtime, adopt(domain.low), adopt(domain.high), downwards=True)
    domain = adopt(domain)
    if isinstance(domain, list):
        return domain
    if isinstance(domain, Range):
        return range_elements(runtime, domain)
    if domain is None:
        raise type_mismatch("不能遍历空值。", "Null cannot be looped over.")
    return [domain]


def range_elements(runtime: Runtime, range_: Range) -> Iterator[Any]:
    """The integers or dates of a range in ascending order."""
    if not range_.is_discrete:
        raise _uncountable(range_.endpoint)
    low, high = adopt(range_.start), adopt(range_.end)
    first = next(iter(_counted(runtime, low, low, downwards=False)))
    counted = _counted(runtime, low, high, downwards=False)
    return (
        element
        for element in counted
        if (range_.start_included or element != first) and (range_.end_included or element != high)
    )


def _counted(runtime: Runtime, low: Any, high: Any, *, downwards: bool) -> Iterator[Any]:
    kind = kind_of(low)
    if kind is not kind_of(high) or kind not in (Kind.NUMBER, Kind.DATE):
        raise _uncountable(low)
    if kind is Kind.NUMBER and (low != int(low) or high != int(high)):
        raise _uncountable(low)
    first, last = (int(low), int(high)) if kind is Kind.NUMBER else (low.ordinal, high.ordinal)
    step = 1 if first <= last or not downwards else -1
    numbers = range(first, last + step, step)
    # len() of a range stops at the machine's word; the difference does not.
    if abs(last - first) >= runtime.budget.max_steps and step * (last - first) > 0:
        raise limits.steps_exceeded(runtime.budget.max_steps)
    return map(Decimal, numbers) if kind is Kind.NUMBER else map(_date, numbers)


def _date(ordinal: int) -> FeelDate:
    return date_from_ordinal(ordinal)


def _uncountable(value: Any) -> Fault:
    kind = kind_of(value)
    return type_mismatch(
        f"只能逐个遍历整数或日期的区间，这里是{kind_in_chinese(kind)}。",
        f"Only ranges of whole numbers or of dates can be looped over; this is one of {kind.value}.",
    )
