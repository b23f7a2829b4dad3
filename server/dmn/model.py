"""A decision model as it is written: the elements of DMN 1.2-1.5 in the specification's own words.

These classes hold what the reader found and nothing that runs; ``requirement_graph`` and its neighbours make
it executable. Every element keeps its id and its line in the file, so that a fault can be shown where it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class HitPolicy(StrEnum):
    """What a decision table answers when several rules match (DMN 1.5, 8.2.10)."""

    UNIQUE = "UNIQUE"
    ANY = "ANY"
    PRIORITY = "PRIORITY"
    FIRST = "FIRST"
    OUTPUT_ORDER = "OUTPUT ORDER"
    RULE_ORDER = "RULE ORDER"
    COLLECT = "COLLECT"


class Aggregator(StrEnum):
    """How a COLLECT table folds the outputs of its matching rules into one number."""

    SUM = "SUM"
    COUNT = "COUNT"
    MIN = "MIN"
    MAX = "MAX"


class FunctionKind(StrEnum):
    """In what a function's body is written; only FEEL bodies run here."""

    FEEL = "FEEL"
    JAVA = "Java"
    PMML = "PMML"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an element stands: its id (or that of the nearest element that has one) and its line."""

    id: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class InformationItem:
    """A named, typed value: a variable, a parameter, a column of a relation."""

    name: str
    type_ref: str | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class UnaryTests:
    """The text of a decision table's cell or of a list of allowed values."""

    text: str
    place: Place = Place()


# --- expressions (DMN 1.5, 7.3 and 10.2.2) -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LiteralExpression:
    """A text in FEEL. ``text`` is None where the element is there but says nothing."""

    text: str | None
    type_ref: str | None = None
    place: Place = Place()
    expression_language: str | None = None


@dataclass(frozen=True, slots=True)
class InputClause:
    """A column of conditions: the expression to test and, where given, the values it may take."""

    id: str
    label: str
    expression: LiteralExpression
    values: UnaryTests | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class OutputClause:
    """A column of conclusions; ``values`` also ranks them, the highest priority first."""

    id: str
    name: str
    label: str
    type_ref: str | None = None
    values: UnaryTests | None = None
    default: LiteralExpression | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of a decision table."""

    id: str
    input_entries: tuple[UnaryTests, ...]
    output_entries: tuple[LiteralExpression, ...]
    annotations: tuple[str, ...] = ()
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A decision table (DMN 1.5, chapter 8)."""

    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    rules: tuple[Rule, ...]
    hit_policy: HitPolicy = HitPolicy.UNIQUE
    aggregation: Aggregator | None = None
    annotation_names: tuple[str, ...] = ()
    type_ref: str | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Binding:
    """What an invocation gives to one parameter."""

    parameter: InformationItem
    expression: Expression | None


@dataclass(frozen=True, slots=True)
class Invocation:
    """A boxed invocation: a function and its arguments by name."""

    called: Expression | None
    bindings: tuple[Binding, ...]
    type_ref: str | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class ContextEntry:
    """One line of a boxed context; without a variable it is the result cell."""

    variable: InformationItem | None
    expression: Expression | None
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Context:
    """A boxed context: named steps, each seeing those above it."""

    entries: tuple[ContextEntry, ...]
    type_ref: str | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class List:
    """A boxed list."""

    elements: tuple[Expression, ...]
    type_ref: str | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Relation:
    """A boxed relation: a list of contexts written as rows and columns."""

    columns: tuple[InformationItem, ...]
    rows: tuple[tuple[Expression, ...], ...]
    type_ref: str | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class FunctionDefinition:
    """A boxed function: parameters and a body."""

    parameters: tuple[InformationItem, ...]
    body: Expression | None
    kind: FunctionKind = FunctionKind.FEEL
    type_ref: str | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Conditional:
    """A boxed if-then-else."""

    condition: Expression | None
    then: Expression | None
    otherwise: Expression | None
    type_ref: str | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Filter:
    """A boxed filter: those items of ``collection`` for which ``match`` is true."""

    collection: Expression | None
    match: Expression | None
    type_ref: str | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class For:
    """A boxed iterator: what ``result`` gives for each item."""

    variable: str
    collection: Expression | None
    result: Expression | None
    variable_type_ref: str | None = None
    type_ref: str | None = None
    place: Place = Place()


class Quantifier(StrEnum):
    """Whether one item is enough or all must satisfy."""

    SOME = "some"
    EVERY = "every"


@dataclass(frozen=True, slots=True)
class Quantified:
    """A boxed ``some`` or ``every``."""

    quantifier: Quantifier
    variable: str
    collection: Expression | None
    satisfies: Expression | None
    variable_type_ref: str | None = None
    type_ref: str | None = None
    place: Place = Place()


Expression = (
    LiteralExpression
    | DecisionTable
    | Invocation
    | Context
    | List
    | Relation
    | FunctionDefinition
    | Conditional
    | Filter
    | For
    | Quantified
)

_DECISION_TYPES: Mapping[type, str] = {
    LiteralExpression: "LITERAL_EXPRESSION",
    DecisionTable: "DECISION_TABLE",
    Invocation: "INVOCATION",
    Context: "CONTEXT",
    List: "LIST",
    Relation: "RELATION",
    FunctionDefinition: "FUNCTION_DEFINITION",
    Conditional: "CONDITIONAL",
    Filter: "FILTER",
    For: "ITERATOR",
    Quantified: "QUANTIFIED",
}


def decision_type(logic: Expression | None) -> str:
    """The kind of a decision's logic as traces and the API name it; ``UNSPECIFIED`` where it has none."""
    return "UNSPECIFIED" if logic is None else _DECISION_TYPES[type(logic)]


# --- types (DMN 1.5, 7.3.2) ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """A named type: a base type with allowed values, a structure of components, a collection, a function.

    ``allowed_values`` constrain the value, or each item of a collection; ``type_constraint`` (DMN 1.5)
    constrains the whole.
    """

    name: str
    type_ref: str | None = None
    is_collection: bool = False
    components: tuple[ItemDefinition, ...] = ()
    allowed_values: UnaryTests | None = None
    type_constraint: UnaryTests | None = None
    function: FunctionItem | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class FunctionItem:
    """The signature of a function type."""

    parameters: tuple[InformationItem, ...]
    output_type_ref: str | None


# --- the requirement graph (DMN 1.5, chapter 6) --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reference:
    """A pointer to an element by id, in this model (``namespace`` is None) or in an imported one."""

    id: str
    namespace: str | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class InputData:
    """A fact that comes from outside."""

    id: str
    name: str
    variable: InformationItem
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision: what it needs and how it decides."""

    id: str
    name: str
    variable: InformationItem
    logic: Expression | None
    required_inputs: tuple[Reference, ...] = ()
    required_decisions: tuple[Reference, ...] = ()
    required_knowledge: tuple[Reference, ...] = ()
    version_tag: str | None = None
    place: Place = Place()

    @property
    def type(self) -> str:
        """The kind of logic, as traces and the API name it."""
        return decision_type(self.logic)


@dataclass(frozen=True, slots=True)
class BusinessKnowledgeModel:
    """A function of the graph that decisions share."""

    id: str
    name: str
    variable: InformationItem
    logic: FunctionDefinition | None
    required_knowledge: tuple[Reference, ...] = ()
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class DecisionService:
    """A part of the graph that can be called as a function (DMN 1.5, 10.4)."""

    id: str
    name: str
    variable: InformationItem
    output_decisions: tuple[Reference, ...]
    encapsulated_decisions: tuple[Reference, ...] = ()
    input_decisions: tuple[Reference, ...] = ()
    input_data: tuple[Reference, ...] = ()
    place: Place = Place()


DrgElement = InputData | Decision | BusinessKnowledgeModel | DecisionService


@dataclass(frozen=True, slots=True)
class Import:
    """Another model whose elements are used here under ``name`` (or directly, where the name is empty)."""

    name: str
    namespace: str
    import_type: str
    location: str | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Definitions:
    """One DMN file."""

    id: str
    name: str
    namespace: str
    dmn_namespace: str
    expression_language: str | None = None
    imports: tuple[Import, ...] = ()
    item_definitions: Mapping[str, ItemDefinition] = field(default_factory=dict)
    elements: Mapping[str, DrgElement] = field(default_factory=dict)
    place: Place = Place()
