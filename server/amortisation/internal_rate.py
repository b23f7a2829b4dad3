"""The internal rate of return: the rate at which cash flows are worth nothing on balance.

Flows are pairs of a time and an amount, paid amounts negative and received ones positive (or the other way round).
The rate belongs to the unit in which times are counted: a period, a year. Only flows with a single rate are
answered; where several rates would fit, none of them is the cost of anything.
"""

from __future__ import annotations

import decimal
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import accumulate, pairwise

from server.amortisation.errors import CashFlowError

Flow = tuple[Decimal, Decimal]
"""When, counted from the first flow, and how much."""

_PRECISION = decimal.Context(prec=34, rounding=decimal.ROUND_HALF_EVEN)
_ONE = Decimal(1)
_ZERO = Decimal(0)
_HIGHEST = Decimal(10) ** 12
_LOWEST = Decimal("-0.999999")
_CLOSE = Decimal("1e-22")
_STEPS = 200
"""Halving alone would close any bracket by then."""


def internal_rate(flows: Sequence[Flow]) -> Decimal:
    """The rate of one unit of time at which ``flows`` have no value, to some twenty digits.

    Raises :class:`CashFlowError` where there is no such rate, or no single one.
    """
    with decimal.localcontext(_PRECISION):
        ordered = sorted(flows)
        low, high = _bracket(ordered)
        at_low, _ = _value_and_slope(ordered, low)
        if at_low == 0:
            return low
        rate = (low + high) / 2 if high - low < 1 else low + Decimal("0.01")
        for _ in range(_STEPS):
            value, slope = _value_and_slope(ordered, rate)
            if value == 0:
                return rate
            if (value > 0) == (at_low > 0):
                low = rate
            else:
                high = rate
            # Newton's step where it stays inside the bracket, half of the bracket where it does not.
            guess = rate - value / slope if slope else low
            if not low < guess < high:
                guess = (low + high) / 2
            if abs(guess - rate) < _CLOSE * (1 + abs(rate)):
                return guess
            rate = guess
        return rate


def _bracket(flows: Sequence[Flow]) -> tuple[Decimal, Decimal]:
    """Two rates between which the one rate lies."""
    amounts = [amount for _, amount in flows]
    total = sum(amounts, _ZERO)
    changes = _sign_changes(amounts)
    if changes == 0:
        raise CashFlowError(
            "现金流须有收有付，全部同号则没有收益率。",
            "Cash flows must go both ways; flows of one sign have no rate of return.",
        )
    # One change of sign has one rate (Descartes). With more of them the running total decides: where it changes its
    # sign once, there is one rate above zero (Norstrom).
    if changes > 1 and (_sign_changes(accumulate(amounts)) != 1 or (amounts[0] > 0) == (total > 0)):
        raise CashFlowError(
            "现金流多次变号，可能有几个收益率；请分段计算。",
            "The cash flows change their sign several times and may have several rates; split them.",
        )
    if total == 0 and changes == 1:
        return _ZERO, _ONE
    sign_at_zero = total > 0
    if changes > 1 or (amounts[0] > 0) != sign_at_zero:
        return _ZERO, _first_beyond(flows, sign_at_zero)
    value, _ = _value_and_slope(flows, _LOWEST)
    if (value > 0) == sign_at_zero:
        raise _no_rate()
    return _LOWEST, _ZERO


def _first_beyond(flows: Sequence[Flow], sign_at_zero: bool) -> Decimal:
    high = _ONE
    while high <= _HIGHEST:
        value, _ = _value_and_slope(flows, high)
        if (value > 0) != sign_at_zero:
            return high
        high *= 8
    raise _no_rate()


def _no_rate() -> CashFlowError:
    return CashFlowError(
        "在 -99.9999% 以上没有符合这些现金流的收益率，请核对金额与日期。",
        "No rate above -99.9999% that could be told fits these cash flows; check the amounts and the dates.",
    )


def _sign_changes(amounts: Iterable[Decimal]) -> int:
    signs = [amount > 0 for amount in amounts if amount]
    return sum(1 for before, after in pairwise(signs) if before != after)


def _value_and_slope(flows: Sequence[Flow], rate: Decimal) -> tuple[Decimal, Decimal]:
    """What ``flows`` are worth at the first of them, and how that changes with the rate."""
    discount = 1 / (1 + rate)
    value = slope = _ZERO
    factor, reached = _ONE, _ZERO
    for when, amount in flows:
        gap = when - reached
        if gap:
            factor *= discount if gap == 1 else discount**gap
            reached = when
        worth = amount * factor
        value += worth
        slope -= when * worth
    return value, slope * discount
