"""A decision table as an index over its columns, so that a match costs the same for 20 rules and for 1,000.

Every column cuts the values it is asked about into regions: the constants that its cells name, and the gaps
between them. A cell answers alike throughout a region, so per region one bit mask says which rules the column
lets through. A match is a bisection (or one look into a dictionary) per column and an AND of the masks.

What a cell answers in a region is asked of the cell itself, on one value of the region: the index never
interprets a test a second time and cannot disagree with it. Cells that depend on more than the input value, and
values that have no such order, are asked at match time, and only for the rules that are still alive by then.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from functools import reduce
from operator import or_
from typing import Any, Final, Protocol

from server.feel.budget import Budget
from server.feel.durations import DaysTimeDuration, YearsMonthsDuration
from server.feel.runtime import Runtime
from server.feel.temporal import FeelDate, add_days
from server.feel.values import adopt

_CONTEXT: Final = Context(prec=34)
_BUILDING: Final = Budget(max_steps=1 << 62)
"""Building an index asks every cell a few times; the size of the table bounds it."""


def _next_date(date: FeelDate) -> FeelDate:
    return add_days(date, 1) or date


def _previous_date(date: FeelDate) -> FeelDate:
    return add_days(date, -1) or date


ORDERED_KINDS: Final[Mapping[type, tuple[Callable[[Any], Any], Callable[[Any], Any]]]] = {
    # For every kind of value with one total order: a value just below, and a value just above another one.
    Decimal: (lambda n: _CONTEXT.next_minus(Decimal(n)), lambda n: _CONTEXT.next_plus(Decimal(n))),
    str: (lambda _: "", lambda text: text + "\0"),
    FeelDate: (_previous_date, _next_date),
    DaysTimeDuration: (
        lambda duration: DaysTimeDuration(duration.nanoseconds - 1),
        lambda duration: DaysTimeDuration(duration.nanoseconds + 1),
    ),
    YearsMonthsDuration: (
        lambda duration: YearsMonthsDuration(duration.total_months - 1),
        lambda duration: YearsMonthsDuration(duration.total_months + 1),
    ),
}
INDEXED_KINDS: Final = frozenset({*ORDERED_KINDS, bool, type(None)})
"""The types of values that a region can hold; a whole number (int) is taken for a Decimal."""


def kind_of(value: Any) -> type:
    """The type under which a value is indexed."""
    kind = type(value)
    return Decimal if kind is int else kind


class CellTest(Protocol):
    """A compiled cell: True where it holds for an input value, given the variables in scope."""

    def __call__(self, value: Any, variables: dict[str, Any], runtime: Runtime, /) -> Any: ...


Noticed = Callable[[int, int, int], None]
"""Is told the number of the first new diagnostic, the place of a column, and the rules whose cells it concerns."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a column.

    ``borders`` are the constants it compares the input with; None means that its answer depends on more than the
    input value, so that it has to be asked every time. Cells with the same ``key`` are the same test.
    """

    key: str
    test: CellTest
    borders: tuple[Any, ...] | None


def bits(mask: int) -> Iterable[int]:
    """The places of the bits that are set, the lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


_NO_VARIABLES: Final[dict[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class _Group:
    """The rules that share one test in a column."""

    mask: int
    cell: Cell


@dataclass(frozen=True, slots=True)
class Regions:
    """The masks of one ordered kind: at a border, or between two of them."""

    borders: tuple[Any, ...]
    masks: tuple[int, ...]

    def mask(self, value: Any) -> int:
        """The rules that the column lets through for ``value``."""
        return self.masks[self.place(value)]

    def place(self, value: Any) -> int:
        """The place of the region that holds ``value``."""
        # Left and right of the same place: between borders; one apart: on a border.
        return bisect_left(self.borders, value) + bisect_right(self.borders, value)


@dataclass(frozen=True, slots=True)
class WholeNumbers:
    """The masks of whole numbers: those from one start to the next share one. Quicker than decimal borders."""

    starts: tuple[int, ...]
    masks: tuple[int, ...]

    @classmethod
    def of(cls, regions: Regions) -> WholeNumbers:
        """The same answers as ``regions``, for whole numbers only."""
        points: set[int] = set()
        for border in regions.borders:
            floor = math.floor(border)
            points.update((floor, floor + 1) if floor == border else (floor + 1,))
        starts: list[int] = []
        masks = [regions.masks[0]]
        for point in sorted(points):
            mask = regions.mask(point)
            if mask != masks[-1]:
                starts.append(point)
                masks.append(mask)
        return cls(tuple(starts), tuple(masks))

    def mask(self, value: int) -> int:
        """The rules that the column lets through for ``value``."""
        return self.masks[bisect_right(self.starts, value)]


@dataclass(frozen=True, slots=True)
class Exact:
    """The masks of a kind in which only equality matters: of each value named, and of all others."""

    masks: Mapping[Any, int]
    otherwise: int

    def mask(self, value: Any) -> int:
        """The rules that the column lets through for ``value``."""
        return self.masks.get(value, self.otherwise)


KindIndex = Regions | WholeNumbers | Exact


class Column:
    """The index of one input column."""

    __slots__ = ("_fixed", "_other", "asked", "by_type", "kinds")

    def __init__(self, cells: Sequence[Cell]) -> None:
        runtime = Runtime(_BUILDING)
        fixed: dict[str, _Group] = {}
        asked: dict[str, _Group] = {}
        for place, cell in enumerate(cells):
            groups = asked if cell.borders is None else fixed
            known = groups.get(cell.key)
            groups[cell.key] = _Group((known.mask if known else 0) | 1 << place, known.cell if known else cell)
        self._fixed = tuple(fixed.values())
        self.asked = tuple((group.mask, group.cell.test) for group in asked.values())
        self._other = reduce(or_, (mask for mask, _ in self.asked), 0)
        named = {kind_of(border) for group in self._fixed for border in group.cell.borders or ()}
        self.kinds = frozenset(named - {type(None)})
        self.by_type: dict[type, KindIndex] = {
            type(None): Exact({}, self._ask(self._fixed, None, self._other, runtime)),
            bool: Exact({value: self._ask(self._fixed, value, self._other, runtime) for value in (False, True)}, 0),
        }
        for kind in ORDERED_KINDS:
            regions = self._cut(kind, runtime)
            gaps = set(regions.masks[::2])
            if len(gaps) == 1:
                # A dictionary is quicker than a bisection.
                values = dict(zip(regions.borders, regions.masks[1::2], strict=True))
                self.by_type[kind] = Exact(values, gaps.pop())
            else:
                self.by_type[kind] = regions
            if kind is Decimal:
                self.by_type[int] = WholeNumbers.of(regions)

    @property
    def constants(self) -> tuple[Any, ...]:
        """Every constant that a cell of the column compares with."""
        return tuple(border for group in self._fixed for border in group.cell.borders or ())

    @property
    def undetermined(self) -> int:
        """The rules whose cell depends on more than the input value, as a bit mask."""
        return self._other

    def candidates(self, value: Any, alive: int, runtime: Runtime) -> int:
        """The rules of ``alive`` whose cell holds for ``value``, and those whose cell has yet to be asked."""
        index = self.by_type.get(type(value))
        if index is not None:
            try:
                return alive & index.mask(value)
            except (InvalidOperation, TypeError):  # a Decimal that is not a number counts as null in FEEL
                return self.candidates(None, alive, runtime)
        adopted = adopt(value)
        if type(adopted) is not type(value):
            return self.candidates(adopted, alive, runtime)
        return alive & self._ask([g for g in self._fixed if g.mask & alive], value, self._other, runtime)

    def expects(self, value: Any) -> bool:
        """Whether some cell names a value of this kind, or none names any: otherwise the types do not fit."""
        kind = kind_of(value)
        return value is None or not self.kinds or kind in self.kinds or kind not in INDEXED_KINDS

    @staticmethod
    def _ask(groups: Iterable[_Group], value: Any, mask: int, runtime: Runtime) -> int:
        for group in groups:
            if group.cell.test(value, _NO_VARIABLES, runtime) is True:
                mask |= group.mask
        return mask

    def _cut(self, kind: type, runtime: Runtime) -> Regions:
        """The regions of one ordered kind, and the rules that each of them lets through.

        A cell changes its answer at its own borders only, so it is asked once in each of its own regions; the
        changes are collected where they happen and then summed up from left to right.
        """
        below, above = ORDERED_KINDS[kind]
        own = [
            (group, sorted({border for border in group.cell.borders or () if kind_of(border) is kind}))
            for group in self._fixed
        ]
        borders = sorted({border for _, values in own for border in values})
        place = {border: number for number, border in enumerate(borders)}
        changes = [0] * (2 * len(borders) + 1)
        for group, values in own:
            held = False
            samples = [(0, below(values[0]) if values else _sample(kind))]
            for value in values:
                at = 2 * place[value] + 1
                samples += [(at, value), (at + 1, above(value))]
            for region, sample in samples:
                holds = group.cell.test(sample, _NO_VARIABLES, runtime) is True
                if holds != held:
                    changes[region] ^= group.mask
                    held = holds
        mask = self._other
        masks = []
        for change in changes:
            mask ^= change
            masks.append(mask)
        return Regions(tuple(borders), tuple(masks))


def _sample(kind: type) -> Any:
    """Some value of a kind, to ask a cell that names none of it."""
    if kind is Decimal:
        return Decimal(0)
    if kind is FeelDate:
        return FeelDate(2000, 1, 1)
    return "" if kind is str else kind(0)


def _unnoticed(_first: int, _column: int, _rules: int) -> None:
    """Nobody wants to know where diagnostics came up."""


class TableIndex:
    """The columns of a table together."""

    __slots__ = ("columns", "full")

    def __init__(self, columns: Sequence[Sequence[Cell]], rules: int) -> None:
        self.columns = tuple(Column(cells) for cells in columns)
        self.full = (1 << rules) - 1

    def match(
        self, values: Sequence[Any], variables: dict[str, Any], runtime: Runtime, noticed: Noticed = _unnoticed
    ) -> int:
        """The rules that match, as a bit mask; rule 1 is the lowest bit.

        ``noticed`` is told in which column, and at the cells of which rules, diagnostics came up; no rules are named
        where the value itself does not fit the column.
        """
        alive = self.full
        columns = self.columns
        diagnostics: Sequence[Any] = () if runtime.diagnostics is None else runtime.diagnostics
        known = len(diagnostics)
        for number, value in enumerate(values):
            alive = columns[number].candidates(value, alive, runtime)
            if len(diagnostics) != known:
                noticed(known, number, 0)
                known = len(diagnostics)
            if not alive:
                return 0
        for number, value in enumerate(values):
            for mask, test in columns[number].asked:
                here = mask & alive
                if here:
                    if test(value, variables, runtime) is not True:
                        alive &= ~mask
                    if len(diagnostics) != known:
                        noticed(known, number, here)
                        known = len(diagnostics)
        return alive
