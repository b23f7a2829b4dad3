"""Rates of return, annual rates under a stated time convention, and the rounding of money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from server.amortisation.cash_flows import (
    CashFlow,
    Compounding,
    TimeConvention,
    annual_percentage_rate,
    effective_rate,
    nominal_rate,
)
from server.amortisation.internal_rate import internal_rate
from server.amortisation.rounding import Rounding, RoundingMode
from server.feel.diagnostics import invalid_argument, type_mismatch
from server.feel.lender.arguments import as_faults, choice_of, date_of, number_of, whole_of
from server.feel.runtime import Runtime
from server.feel.signatures import Library
from server.feel.values import NUMBERS, adopt

RATES = Library()

_DIGITS = Decimal("1e-12")
_MOST_FLOWS = 2000
_COST = 30
"""Steps for one flow: a root takes some ten rounds, and each a power."""

_HIGHEST_RATE = Decimal(10) ** 6
_MOST_PERIODS_A_YEAR = 366


@RATES.builtin("internal rate of return", "cash flows: list", "number")
def _internal_rate_of_return(runtime: Runtime, cash_flows: list[Any]) -> Decimal:
    """The rate of one period; the flows are one period apart."""
    _pay_for(runtime, cash_flows)
    flows = [(Decimal(index), _amount(flow)) for index, flow in enumerate(cash_flows)]
    with as_faults():
        return NUMBERS.quantize(internal_rate(flows), _DIGITS)


@RATES.builtin("annual percentage rate", "cash flows: list; convention: string; compounding?: string|null", "number")
def _annual_percentage_rate(
    runtime: Runtime, cash_flows: list[Any], convention: str, compounding: str | None = None
) -> Decimal:
    """The annual rate of flows {date, amount}; how time is counted has no default, because the result hangs on it."""
    _pay_for(runtime, cash_flows)
    flows = [_dated(flow) for flow in cash_flows]
    time = choice_of(convention, TimeConvention, "convention")
    compounded = choice_of(compounding or Compounding.ANNUAL, Compounding, "compounding")
    with as_faults():
        return NUMBERS.quantize(annual_percentage_rate(flows, time, compounded), _DIGITS)


@RATES.builtin("effective annual rate", "nominal rate: number; periods a year: number", "number")
def _effective_annual_rate(rate: Any, periods_a_year: Any) -> Decimal:
    count = whole_of(periods_a_year, "periods a year", 1, _MOST_PERIODS_A_YEAR)
    with as_faults():
        return NUMBERS.quantize(effective_rate(_rate(rate, "nominal rate"), count), _DIGITS)


@RATES.builtin("nominal annual rate", "effective rate: number; periods a year: number", "number")
def _nominal_annual_rate(rate: Any, periods_a_year: Any) -> Decimal:
    count = whole_of(periods_a_year, "periods a year", 1, _MOST_PERIODS_A_YEAR)
    with as_faults():
        return NUMBERS.quantize(nominal_rate(_rate(rate, "effective rate"), count), _DIGITS)


@RATES.builtin("round money", "amount: number; places?: number|null; mode?: string|null", "number")
def _round_money(amount: Any, places: Any = None, mode: str | None = None) -> Decimal:
    """Two places and halves up, unless said otherwise; negative places round to tens, hundreds and so on."""
    shift = 2 if places is None else whole_of(places, "places", -12, 12)
    rounding = Rounding(choice_of(mode or RoundingMode.HALF_UP, RoundingMode, "mode"), Decimal(1).scaleb(-shift))
    # A whole unit as a plain number: 1E+2 would carry its exponent into the result.
    with as_faults():
        rounded = rounding.round(number_of(amount, "amount"))
        return NUMBERS.add(rounded, Decimal(0))


def _rate(value: Any, name: str) -> Decimal:
    rate = number_of(value, name)
    if not -1 < rate <= _HIGHEST_RATE:
        raise invalid_argument(
            f"参数“{name}”应大于 -1（12% 写作 0.12）。", f"The argument '{name}' must exceed -1 (write 12% as 0.12)."
        )
    return rate


def _pay_for(runtime: Runtime, flows: list[Any]) -> None:
    if len(flows) > _MOST_FLOWS:
        raise invalid_argument(f"现金流最多 {_MOST_FLOWS} 笔。", f"There may be at most {_MOST_FLOWS} cash flows.")
    runtime.spend(_COST * len(flows))


def _amount(value: Any) -> Decimal:
    amount = adopt(value)
    if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
        raise type_mismatch("现金流的金额应为数字。", "The amount of a cash flow must be a number.")
    return number_of(amount, "cash flows")


def _dated(value: Any) -> CashFlow:
    flow = adopt(value)
    if not isinstance(flow, dict) or not {"date", "amount"} <= flow.keys():
        raise type_mismatch(
            "每笔现金流应写作 {date: 日期, amount: 金额}。", "Every cash flow is written {date: …, amount: …}."
        )
    return CashFlow(date_of(flow["date"], "date"), _amount(flow["amount"]))
