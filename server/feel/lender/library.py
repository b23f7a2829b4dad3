"""All functions of the lender's library by name."""

from __future__ import annotations

from server.feel.functions import FeelFunction
from server.feel.lender.days import DAYS
from server.feel.lender.identity import IDENTITY
from server.feel.lender.loans import LOANS
from server.feel.lender.masking import MASKING
from server.feel.lender.rates import RATES

LENDER: dict[str, FeelFunction] = {
    name: function
    for library in (LOANS, RATES, DAYS, MASKING, IDENTITY)
    for name, function in library.functions.items()
}
