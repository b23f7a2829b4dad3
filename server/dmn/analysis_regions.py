"""The values of a decision table's inputs, cut into regions in which every rule answers alike.

The constants that cells and allowed values name are the borders; between two of them nothing changes. Columns with
the same input expression make one dimension. The answer of a rule in a region is asked of the table's own index, on
one value of the region, so that the analysis cannot read a cell in another way than the evaluation does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any, Final

from server.dmn.compiled_graph import PlacedTable
from server.dmn.decision_table import CompiledInput, CompiledTable
from server.dmn.item_definition import ConstrainedType
from server.dmn.literal_expression import cell_of
from server.dmn.table_index import ORDERED_KINDS, Cell, kind_of
from server.feel import (
    NUMBERS,
    Budget,
    DaysTimeDuration,
    FeelDate,
    FeelType,
    Kind,
    Runtime,
    SimpleType,
    YearsMonthsDuration,
    feel_text,
)
from server.feel.temporal import add_days

_UNMETERED: Final = Budget(max_steps=1 << 62)
"""The size of the table bounds the analysis, and a deadline does."""

PYTHON_TYPES: Final[Mapping[Kind, type]] = {
    Kind.NUMBER: Decimal,
    Kind.STRING: str,
    Kind.BOOLEAN: bool,
    Kind.DATE: FeelDate,
    Kind.DAYS_TIME_DURATION: DaysTimeDuration,
    Kind.YEARS_MONTHS_DURATION: YearsMonthsDuration,
}
_NULL: Final = type(None)
_ORDER: Final = (_NULL, bool, *ORDERED_KINDS)


@dataclass(frozen=True, slots=True)
class Region:
    """Values among which no cell tells a difference: one value, or those between two borders.

    ``low`` and ``high`` are the borders, None where there is none on that side; ``sample`` is a value inside. A
    region of the kind ``object`` stands for all values of a type that cannot be cut.
    """

    kind: type
    sample: Any
    single: bool = False
    low: Any = None
    high: Any = None


@dataclass(frozen=True, slots=True)
class Dimension:
    """An input of a table: its regions, and per region the rules that may hold there, as bit masks.

    ``undetermined`` are the rules whose cell here depends on more than the input. ``missing`` are the rules that
    hold where the input is null, given only where no cell speaks of null: the input is then expected to be there.
    """

    columns: tuple[int, ...]
    label: str
    expression: str
    regions: tuple[Region, ...]
    masks: tuple[int, ...]
    undetermined: int
    missing: int | None
    ranges: Mapping[type, tuple[tuple[int, ...], ...]]

    @property
    def opaque(self) -> bool:
        """Whether the values could not be cut into regions at all."""
        return self.regions[0].kind is object

    def sample(self, places: int) -> Any:
        """A value of one of these regions; the place beyond the last region stands for a missing input."""
        places &= (1 << len(self.regions)) - 1
        return self.regions[(places & -places).bit_length() - 1].sample if places else None

    def tests(self, places: int) -> str:
        """A set of regions, as a bit set of their places, in the form of a cell; ``-`` for all of them."""
        if places == (1 << len(self.regions)) - 1:
            return "-"
        parts = []
        for kind, runs in self.ranges.items():
            own = [place for run in runs for place in run]
            chosen = [place for place in own if places >> place & 1]
            if not chosen:
                continue
            left_out = [place for place in own if not places >> place & 1]
            # All but a few values read better as not(...), unless the values can be counted.
            open_ended = len(self.ranges) == 1 and any(not self.regions[place].single for place in chosen)
            if open_ended and all(self.regions[place].single for place in left_out) and len(left_out) < len(chosen):
                return f"not({', '.join(literal(self.regions[place].sample) for place in left_out)})"
            parts += [part for run in runs for part in self._run_texts(run, places, kind)]
        return ", ".join(parts)

    def _run_texts(self, run: Sequence[int], places: int, kind: type) -> Iterable[str]:
        """The chosen ones of neighbouring regions, as constants and ranges."""
        pending: list[Region] = []
        for place in run:
            if places >> place & 1:
                pending.append(self.regions[place])
            elif pending:
                yield _span_text(pending, kind)
                pending = []
        if pending:
            yield _span_text(pending, kind)


def dimensions_of(placed: PlacedTable) -> list[Dimension]:
    """The inputs of a table."""
    table = placed.table
    groups: dict[str, list[int]] = {}
    for number, column in enumerate(table.inputs):
        text = " ".join((column.clause.expression.text or "").split())
        groups.setdefault(text or f"\0{number}", []).append(number)
    return [_dimension(table, tuple(columns), text, placed.types) for text, columns in groups.items()]


def domain_tests(column: CompiledInput, types: Mapping[str, FeelType]) -> tuple[FeelType | None, list[Cell]]:
    """The declared type of an input, its constraints taken off, and everything that a value of it has to pass."""
    tests = [] if column.values is None else [column.values]
    base: FeelType | None = None
    for type_ in (column.type, types.get(column.name or "")):
        while isinstance(type_, ConstrainedType):
            tests.append(cell_of(type_.tests))
            type_ = type_.base
        base = base or type_
    return base, tests


def _dimension(
    table: CompiledTable, columns: tuple[int, ...], expression: str, types: Mapping[str, FeelType]
) -> Dimension:
    inputs = [table.inputs[number] for number in columns]
    indexes = [table.index.columns[number] for number in columns]
    declared: FeelType | None = None
    allowed: list[Cell] = []
    for column in inputs:
        type_, tests = domain_tests(column, types)
        declared = declared or type_
        allowed += [test for test in tests if test.borders is not None]
    constants = [value for index in indexes for value in index.constants]
    constants += [value for test in allowed for value in test.borders or ()]
    kinds = _kinds(declared, constants)
    runtime = Runtime(_UNMETERED)

    def rules_at(value: Any) -> int:
        alive = table.index.full
        for index in indexes:
            alive = index.candidates(value, alive, runtime)
        return alive

    def admits(value: Any) -> bool:
        return all(test.test(value, {}, runtime) is True for test in allowed)

    undetermined = 0
    for index in indexes:
        undetermined |= index.undetermined
    label = inputs[0].clause.label or expression
    shown = "" if expression.startswith("\0") else expression
    if not kinds:
        undetermined |= _tested(table, columns)
        regions: tuple[Region, ...] = (Region(object, None),)
        return Dimension(columns, label, shown, regions, (table.index.full,), undetermined, None, {object: ((0,),)})
    named = None in constants
    cut, ranges = _cut([*([_NULL] if named else []), *kinds], constants, admits)
    masks = tuple(rules_at(region.sample) for region in cut)
    missing = None if named else rules_at(None)
    return Dimension(columns, label, shown, tuple(cut), masks, undetermined, missing, ranges)


def _kinds(declared: FeelType | None, constants: Sequence[Any]) -> list[type]:
    """The kinds of values that an input can have; none where they have no order to cut."""
    if isinstance(declared, SimpleType):
        known = PYTHON_TYPES.get(declared.kind)
        return [] if known is None else [known]
    if declared is not None and declared.name != "Any":
        return []
    named = {kind_of(value) for value in constants}
    return [kind for kind in _ORDER if kind in named and kind is not _NULL]


def _tested(table: CompiledTable, columns: Sequence[int]) -> int:
    """The rules that test one of the columns at all."""
    mask = 0
    for place, rule in enumerate(table.rules):
        if any(_says_something(rule.rule.input_entries[number].text) for number in columns):
            mask |= 1 << place
    return mask


def _says_something(text: str) -> bool:
    return text.strip() not in ("", "-")


def _cut(
    kinds: Sequence[type], constants: Sequence[Any], admits: Callable[[Any], bool]
) -> tuple[list[Region], dict[type, tuple[tuple[int, ...], ...]]]:
    """The regions of the domain, and per kind the runs of those that are neighbours."""
    regions: list[Region] = []
    ranges: dict[type, tuple[tuple[int, ...], ...]] = {}
    for kind in kinds:
        runs: list[list[int]] = [[]]
        for region in _regions(kind, constants):
            if kind is _NULL or admits(region.sample):
                runs[-1].append(len(regions))
                regions.append(region)
            elif runs[-1]:
                runs.append([])
        ranges[kind] = tuple(tuple(run) for run in runs if run)
    if not regions:
        # Nothing is allowed: there is no input to find fault with.
        return [Region(object, None)], {object: ((0,),)}
    return regions, ranges


def _regions(kind: type, constants: Sequence[Any]) -> list[Region]:
    if kind is _NULL:
        return [Region(kind, None, single=True)]
    if kind is bool:
        return [Region(kind, value, single=True) for value in (True, False)]
    borders = sorted({value for value in constants if kind_of(value) is kind})
    regions = []
    low: Any = None
    for border in borders:
        regions += _between(kind, low, border)
        regions.append(Region(kind, _exact(border), single=True, low=border, high=border))
        low = border
    return [*regions, *_between(kind, low, None)]


def _between(kind: type, low: Any, high: Any) -> list[Region]:
    """The open region between two borders; none where no value lies there, as between two neighbouring days."""
    below, above = ORDERED_KINDS[kind]
    if low is None and high is None:
        return [Region(kind, _plain(kind))]
    lowest = below(high) if low is None else above(low)
    if isinstance(lowest, Decimal) and not lowest.is_finite():
        return []
    if (low is not None and not low < lowest) or (high is not None and not lowest < high):
        return []
    return [Region(kind, _readable(kind, low, high, lowest), low=low, high=high)]


# --- values for people to read ---


def _plain(kind: type) -> Any:
    if kind is Decimal:
        return Decimal(0)
    if kind is str:
        return "other"
    return FeelDate(2000, 1, 1) if kind is FeelDate else kind(0)


def _readable(kind: type, low: Any, high: Any, otherwise: Any) -> Any:
    """A value between two borders that reads well; ``otherwise`` where none of those tried is between them."""
    for value in _candidates(kind, low, high):
        if (low is None or low < value) and (high is None or value < high):
            return value
    return otherwise


def _candidates(kind: type, low: Any, high: Any) -> Iterable[Any]:
    if kind is Decimal:
        yield from _numbers(low, high)
    elif kind is str:
        yield from ("other", "OTHER", "~other")
        if low is not None:
            yield f"{low}-other"
    elif kind is FeelDate:
        yield add_days(high, -1) if low is None else add_days(low, 1)
    elif kind is DaysTimeDuration:
        for step in (86_400, 3_600, 60, 1):
            nanoseconds = step * 10**9
            yield DaysTimeDuration(high.nanoseconds - nanoseconds if low is None else low.nanoseconds + nanoseconds)
    else:
        yield YearsMonthsDuration(high.total_months - 1 if low is None else low.total_months + 1)


def _numbers(low: Decimal | None, high: Decimal | None) -> Iterable[Decimal]:
    if low is None or high is None:
        border = low if high is None else high
        assert border is not None
        if abs(border) < Decimal("1e30"):
            yield Decimal(math.floor(border) + 1 if high is None else math.ceil(border) - 1)
        return
    middle = NUMBERS.divide(NUMBERS.add(low, high), Decimal(2))
    for digits in range(34):
        step = Decimal(1).scaleb(-digits)
        if middle.adjusted() + digits > 32:
            return
        yield middle.quantize(step, ROUND_FLOOR, NUMBERS)
        yield NUMBERS.add(middle.quantize(step, ROUND_FLOOR, NUMBERS), step)


def _exact(value: Any) -> Any:
    return Decimal(value) if type(value) is int else value


def literal(value: Any) -> str:
    """A value as FEEL writes it in a cell."""
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\0", "\\u0000")
        return f'"{escaped}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, FeelDate):
        return f'date("{value}")'
    if isinstance(value, DaysTimeDuration | YearsMonthsDuration):
        return f'duration("{value}")'
    return "null" if value is None else feel_text(value)


def _span_text(span: Sequence[Region], kind: type) -> str:
    """Neighbouring regions as one constant, comparison or range."""
    first, last = span[0], span[-1]
    if len(span) == 1 and first.single:
        return literal(first.sample)
    if kind is bool:
        return ", ".join(literal(region.sample) for region in span)
    if first.low is None and last.high is None:
        return f"? instance of {_KIND_NAMES[kind]}"
    low = None if first.low is None else literal(first.low)
    high = None if last.high is None else literal(last.high)
    if low is None:
        return f"{'<=' if last.single else '<'} {high}"
    if high is None:
        return f"{'>=' if first.single else '>'} {low}"
    return f"{'[' if first.single else '('}{low}..{high}{']' if last.single else ')'}"


_KIND_NAMES: Final = {python: kind.value for kind, python in PYTHON_TYPES.items()}
