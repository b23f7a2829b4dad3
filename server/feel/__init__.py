"""The FEEL language of DMN 1.5: compiled once, evaluated fast, every null explained.

``compile_expression("amount > limit", names=["amount", "limit"]).evaluate({...})`` gives the value and its
diagnostics; ``compile_unary_tests("[600..700)").matches(650)`` tests a decision table's cell. Contexts are plain
Python: dict, list, str, bool, None, int, Decimal. Temporal values, ranges and functions are this package's own.
"""

from server.feel.budget import DEFAULT_BUDGET, Budget
from server.feel.builtins import BUILTINS, STANDARD
from server.feel.conversion import from_json, to_json
from server.feel.diagnostics import (
    BudgetExceeded,
    ConversionError,
    Diagnostic,
    DiagnosticKind,
    Evaluation,
    Fault,
    FeelError,
    FeelSyntaxError,
)
from server.feel.durations import DaysTimeDuration, YearsMonthsDuration, parse_duration
from server.feel.expression import Expression, UnaryTests, compile_expression, compile_unary_tests
from server.feel.external import external_function
from server.feel.functions import FeelFunction, Parameter
from server.feel.invocation import function, invoke, invoke_named, user_function
from server.feel.possible_kinds import EVERY_KIND, JSON_KINDS, Kinds, possible_kinds
from server.feel.ranges import Range
from server.feel.runtime import Runtime
from server.feel.temporal import (
    FeelDate,
    FeelDateTime,
    FeelTime,
    parse_date,
    parse_date_and_time,
    parse_time,
)
from server.feel.text import feel_text
from server.feel.types import (
    ANY,
    BUILTIN_TYPES,
    ContextType,
    FeelType,
    FunctionType,
    ListType,
    RangeType,
    SimpleType,
    coerce,
    conforms,
    is_instance,
)
from server.feel.values import NUMBERS, Kind, adopt, kind_in_chinese, kind_of

__all__ = [
    "ANY",
    "BUILTINS",
    "BUILTIN_TYPES",
    "DEFAULT_BUDGET",
    "EVERY_KIND",
    "JSON_KINDS",
    "NUMBERS",
    "STANDARD",
    "Budget",
    "BudgetExceeded",
    "ContextType",
    "ConversionError",
    "DaysTimeDuration",
    "Diagnostic",
    "DiagnosticKind",
    "Evaluation",
    "Expression",
    "Fault",
    "FeelDate",
    "FeelDateTime",
    "FeelError",
    "FeelFunction",
    "FeelSyntaxError",
    "FeelTime",
    "FeelType",
    "FunctionType",
    "Kind",
    "Kinds",
    "ListType",
    "Parameter",
    "Range",
    "RangeType",
    "Runtime",
    "SimpleType",
    "UnaryTests",
    "YearsMonthsDuration",
    "adopt",
    "coerce",
    "compile_expression",
    "compile_unary_tests",
    "conforms",
    "external_function",
    "feel_text",
    "from_json",
    "function",
    "invoke",
    "invoke_named",
    "is_instance",
    "kind_in_chinese",
    "kind_of",
    "parse_date",
    "parse_date_and_time",
    "parse_duration",
    "parse_time",
    "possible_kinds",
    "to_json",
    "user_function",
]
