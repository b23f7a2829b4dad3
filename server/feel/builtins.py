"""All functions that FEEL finds without anybody declaring them: the standard's, our extensions, the lender's."""

from __future__ import annotations

from server.feel.builtins_aggregate import AGGREGATES
from server.feel.builtins_boolean import BOOLEANS
from server.feel.builtins_context import CONTEXTS
from server.feel.builtins_conversion import CONVERSIONS
from server.feel.builtins_list import LISTS
from server.feel.builtins_numeric import NUMERIC
from server.feel.builtins_range import RANGES
from server.feel.builtins_string import STRINGS
from server.feel.builtins_temporal import TEMPORAL
from server.feel.extensions import EXTENSIONS
from server.feel.functions import FeelFunction
from server.feel.lender.library import LENDER

STANDARD_LIBRARIES = (
    CONVERSIONS, BOOLEANS, STRINGS, LISTS, AGGREGATES, NUMERIC, TEMPORAL, RANGES, CONTEXTS,
)  # fmt: skip

STANDARD: dict[str, FeelFunction] = {
    name: function for library in STANDARD_LIBRARIES for name, function in library.functions.items()
}
"""The functions of DMN 1.5, 10.3.4."""

BUILTINS: dict[str, FeelFunction] = {**LENDER, **EXTENSIONS.functions, **STANDARD}
