"""Rounding of money: one policy a product, always explicit.

A policy says to which unit amounts are rounded (a cent, a yuan, a hundred) and how halves go. What rounding
leaves over is settled by the last instalment, so that the principal repaid is the principal lent to the cent.
"""

from __future__ import annotations

import decimal
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class RoundingMode(StrEnum):
    """Which neighbour an amount between two units becomes."""

    HALF_UP = "half-up"
    HALF_EVEN = "half-even"
    UP = "up"
    DOWN = "down"


_DECIMAL_MODES = {
    RoundingMode.HALF_UP: decimal.ROUND_HALF_UP,
    RoundingMode.HALF_EVEN: decimal.ROUND_HALF_EVEN,
    RoundingMode.UP: decimal.ROUND_UP,
    RoundingMode.DOWN: decimal.ROUND_DOWN,
}


@dataclass(frozen=True, slots=True)
class Rounding:
    """Round to multiples of ``unit`` (0.01 is a cent, 100 a hundred yuan)."""

    mode: RoundingMode = RoundingMode.HALF_UP
    unit: Decimal = Decimal("0.01")

    def round(self, amount: Decimal) -> Decimal:
        """The multiple of the unit that stands for ``amount``."""
        units = (amount / self.unit).to_integral_value(_DECIMAL_MODES[self.mode])
        return units * self.unit

    def down(self, amount: Decimal) -> Decimal:
        """The largest multiple of the unit that does not exceed ``amount``."""
        return (amount / self.unit).to_integral_value(decimal.ROUND_FLOOR) * self.unit

    def is_whole(self, amount: Decimal) -> bool:
        """Whether ``amount`` is a multiple of the unit already."""
        return amount % self.unit == 0


TO_THE_CENT = Rounding()
