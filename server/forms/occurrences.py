"""Occurrences: the components of a form unfolded over the rows that its dynamic lists have in one submission.

A row that was submitted belongs to a row of the task when the values of its read-only fields say so;
otherwise somebody who deletes the first row would give the second one the first one's read-only values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from server.forms import wording
from server.forms.binding import MISSING, Missing, Path, value_at
from server.forms.components import Component, Computed, DynamicList, Field, Group, Presentation
from server.forms.errors import ValueRefusedError
from server.forms.kinds import same_value
from server.forms.wording import FieldName
from server.messages import Message

MOST_ROWS = 1000
"""Rows of one dynamic list; more are refused, since every row costs its formulas."""

Key = tuple[str, tuple[int, ...]]
"""What tells occurrences apart: the component's id and the rows that it stands in."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an occurrence stands.

    ``path`` is its place in the form's data and ``origin`` the one in the task's variables, ``None`` for a
    row that is new. ``rows`` count from zero; ``row_paths`` are their places, outermost first. ``container``
    is the group or list around it.
    """

    path: Path = ()
    origin: Path | None = ()
    rows: tuple[int, ...] = ()
    row_paths: tuple[Path, ...] = ()
    container: Key | None = None

    def below(self, path: tuple[str, ...]) -> Spot:
        """The place ``path`` further down."""
        origin = None if self.origin is None else (*self.origin, *path)
        return Spot((*self.path, *path), origin, self.rows, self.row_paths, self.container)

    def inside(self, container: Key) -> Spot:
        """The same place, as seen by what ``container`` holds."""
        return Spot(self.path, self.origin, self.rows, self.row_paths, container)

    def row(self, index: int, origin: int | None, container: Key) -> Spot:
        """Row ``index`` of the list that stands here; ``origin`` is the task's row that it belongs to."""
        path = (*self.path, index)
        known = None if self.origin is None or origin is None else (*self.origin, origin)
        return Spot(path, known, (*self.rows, index), (*self.row_paths, path), container)


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in a field: ``entered`` by the person who submits, or ``kept`` when that does not count."""

    entered: object
    kept: object
    refusal: Message | None = None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A component at one spot; ``entry`` is set for fields, ``row_bases`` for lists.

    A row's base is the task's object for it, over which the fields of the row are written.
    """

    component: Field | Computed | Group | DynamicList
    spot: Spot
    entry: Entry | None = None
    row_bases: tuple[Mapping[str, object], ...] = ()
    fault: Message | None = None

    @property
    def key(self) -> Key:
        """See :data:`Key`."""
        return self.component.id, self.spot.rows

    @property
    def name(self) -> FieldName:
        """What to call it in a sentence."""
        component = self.component
        label = component.id if isinstance(component, Group) else component.label
        return FieldName(label, tuple(row + 1 for row in self.spot.rows))


def unfold(
    components: tuple[Component, ...],
    data: Mapping[str, object],
    context: Mapping[str, object],
    spot: Spot | None = None,
) -> Iterator[Occurrence]:
    """All occurrences in the order of the form, containers before what they hold."""
    spot = spot or Spot()
    for component in components:
        match component:
            case Presentation():
                continue
            case Field():
                yield _field(component, spot.below(component.key), data, context)
            case Computed():
                yield Occurrence(component, spot.below(component.key))
            case Group():
                group = Occurrence(component, spot.below(component.path))
                yield group
                yield from unfold(component.components, data, context, group.spot.inside(group.key))
            case DynamicList():
                yield from _dynamic_list(component, spot.below(component.path), data, context)


def _field(field: Field, spot: Spot, data: Mapping[str, object], context: Mapping[str, object]) -> Occurrence:
    name = FieldName(field.label, tuple(row + 1 for row in spot.rows))
    retained = _retained(context, spot)
    nothing = field.kind.empty if field.default is MISSING else field.default
    kept = nothing if retained is MISSING else retained
    submitted = value_at(data, spot.path)
    if submitted is MISSING:
        return Occurrence(field, spot, Entry(_prefilled(field, retained, nothing, name), kept))
    try:
        return Occurrence(field, spot, Entry(field.kind.read(submitted, name), kept))
    except ValueRefusedError as error:
        return Occurrence(field, spot, Entry(field.kind.empty, kept, error.message))


def _prefilled(field: Field, retained: object, nothing: object, name: FieldName) -> object:
    """What a browser shows before anybody types; a variable of another type shows as empty."""
    if retained is MISSING:
        return nothing
    try:
        return field.kind.read(retained, name)
    except ValueRefusedError:
        return field.kind.empty


def _dynamic_list(
    component: DynamicList, spot: Spot, data: Mapping[str, object], context: Mapping[str, object]
) -> Iterator[Occurrence]:
    name = FieldName(component.label, tuple(row + 1 for row in spot.rows))
    retained = _retained(context, spot)
    known = [row for row in retained if isinstance(row, Mapping)] if isinstance(retained, list | tuple) else None
    submitted = value_at(data, spot.path)
    origins, fault = _rows(component, name, submitted, known)
    bases = tuple({} if origin is None or known is None else known[origin] for origin in origins)
    occurrence = Occurrence(component, spot, row_bases=bases, fault=fault)
    yield occurrence
    for index, origin in enumerate(origins):
        row = spot.row(index, origin, occurrence.key)
        yield from unfold(component.components, data, context, row)


def _rows(
    component: DynamicList, name: FieldName, submitted: object, known: list[Mapping[str, object]] | None
) -> tuple[list[int | None], Message | None]:
    """For each row the task's row that it belongs to, and what is wrong with the submitted list."""
    present: list[int | None] = [None] * component.default_rows if known is None else list(range(len(known)))
    if submitted is MISSING:
        return present, None
    rows = [] if submitted is None else submitted
    if not isinstance(rows, list | tuple) or not all(row is None or isinstance(row, Mapping) for row in rows):
        return present, wording.wrong_type(name, "对象的列表", "a list of objects")
    if component.fixed:
        return present, None if len(rows) == len(present) else wording.rows_fixed(name, len(present))
    if len(rows) > MOST_ROWS:
        return present, wording.too_many_rows(name, MOST_ROWS)
    return _matched(component, [row or {} for row in rows], known or []), None


def _matched(
    component: DynamicList, rows: list[Mapping[str, object]], known: list[Mapping[str, object]]
) -> list[int | None]:
    locked = list(_locked_paths(component.components, ()))
    free = list(range(len(known))) if locked else []
    origins: list[int | None] = []
    for index, row in enumerate(rows):
        shown = [path for path in locked if value_at(row, path) is not MISSING]
        if shown:
            candidates = (row_of for row_of in free if _agrees(row, known[row_of], shown))
        else:
            candidates = (row_of for row_of in free if row_of == index and len(rows) == len(known))
        origin = next(candidates, None)
        if origin is not None:
            free.remove(origin)
        origins.append(origin)
    return origins


def _agrees(row: Mapping[str, object], known: Mapping[str, object], paths: list[Path]) -> bool:
    return all(same_value(value_at(row, path), value_at(known, path)) for path in paths)


def _locked_paths(components: tuple[Component, ...], prefix: Path) -> Iterator[Path]:
    """The places in a row of the fields that the person who submits cannot change."""
    for component in components:
        match component:
            case Field() if component.readonly or component.disabled:
                yield (*prefix, *component.key)
            case Group():
                yield from _locked_paths(component.components, (*prefix, *component.path))


def _retained(context: Mapping[str, object], spot: Spot) -> object | Missing:
    return MISSING if spot.origin is None else value_at(context, spot.origin)
