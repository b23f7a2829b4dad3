"""Submissions: what becomes of the data that somebody puts into a form.

Conditions, read-only formulas and computed fields depend on the data and on each other, so the form is filled
in rounds: with what is known to be hidden, locked and computed, until a round changes nothing. Only then are
the visible fields checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from server.feel import ConversionError, Diagnostic, Evaluation, to_json
from server.forms import wording
from server.forms.binding import MISSING, BoundTree, Path, path_text, put_at, remove_from_row, strangers_in, value_at
from server.forms.components import Component, Computed, DynamicList, Field, Group
from server.forms.formulas import Formula, scope_of
from server.forms.occurrences import Key, Occurrence, Spot, unfold
from server.forms.options import is_among
from server.forms.wording import FieldName
from server.messages import Message

Extras = Literal["keep", "refuse"]

_MOST_ROUNDS = 30


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with the value at ``path`` (``contacts[0].phone``)."""

    path: str
    message: Message


@dataclass(frozen=True, slots=True)
class Submission:
    """The outcome: what to write to the process, if there are no ``errors``.

    ``values`` holds every visible field that is not disabled, computed ones included; an object that the form
    binds only in part is handed on whole. ``warnings`` tell which computed fields are null from an error.
    """

    values: dict[str, object]
    errors: tuple[FieldError, ...] = ()
    warnings: tuple[FieldError, ...] = ()


def submit(
    components: tuple[Component, ...],
    bound: BoundTree,
    data: Mapping[str, object],
    context: Mapping[str, object],
    *,
    extras: Extras,
    clock: datetime | None,
) -> Submission:
    """Fill the form with ``data`` over ``context`` and check it."""
    filling = _Filling(components, bound, data, context, clock)
    settled, unsettled = filling.settle()
    errors = unsettled + list(filling.faults(settled))
    strangers = strangers_in(data, bound)
    for path in strangers.misfits:
        name = FieldName(path_text(path))
        errors.append(FieldError(name.label, wording.wrong_type(name, "对象", "an object")))
    if extras == "refuse":
        errors += [FieldError(path_text(path), wording.unknown_key(path_text(path))) for path in strangers.unbound]
    values, unwritable = filling.values(settled, strangers.unbound if extras == "keep" else [])
    return Submission(values, tuple(errors + unwritable), tuple(filling.warnings(settled)))


@dataclass(slots=True)
class _Round:
    """What one round found: which occurrences are hidden, which read-only, and what was computed."""

    hidden: frozenset[Key] = frozenset()
    locked: frozenset[Key] = frozenset()
    computed: dict[Key, object] = field(default_factory=dict)
    causes: dict[Key, tuple[Diagnostic, ...]] = field(default_factory=dict)
    state: dict[str, object] = field(default_factory=dict)
    visible: frozenset[Key] = frozenset()

    def agrees_with(self, other: _Round) -> bool:
        """Whether both came to the same result."""
        return self.hidden == other.hidden and self.locked == other.locked and self.computed == other.computed


class _Filling:
    """One form, one submission."""

    def __init__(
        self,
        components: tuple[Component, ...],
        bound: BoundTree,
        data: Mapping[str, object],
        context: Mapping[str, object],
        clock: datetime | None,
    ) -> None:
        self._bound = bound
        self._data = data
        self._context = context
        self._clock = clock
        self._occurrences = tuple(unfold(components, data, context))

    # --- rounds ---

    def settle(self) -> tuple[_Round, list[FieldError]]:
        """The last round, and the complaint when the rounds would have gone on for ever."""
        before, now = _Round(), self._next_round(_Round())
        for _ in range(_MOST_ROUNDS):
            if now.agrees_with(before):
                return now, []
            before, now = now, self._next_round(now)
        return now, [self._unsettled(before, now)]

    def _unsettled(self, before: _Round, now: _Round) -> FieldError:
        changed = (before.hidden ^ now.hidden) | (before.locked ^ now.locked)
        for occurrence in self._occurrences:
            key = occurrence.key
            if key in changed or before.computed.get(key) != now.computed.get(key):
                return FieldError(path_text(occurrence.spot.path), wording.unsettled(occurrence.name))
        raise AssertionError("two rounds that differ, differ in an occurrence")

    def _next_round(self, last: _Round) -> _Round:
        visible = self._visible(last.hidden)
        state = self._state(last, visible)
        found = _Round(state=state, visible=visible)
        for occurrence in self._occurrences:
            if isinstance(occurrence.component, Computed) and occurrence.key in visible:
                evaluation = self._evaluate(occurrence.component.formula, occurrence.spot, state)
                found.computed[occurrence.key] = evaluation.value
                if evaluation.value is None and evaluation.diagnostics:
                    found.causes[occurrence.key] = evaluation.diagnostics
                put_at(state, occurrence.spot.path, evaluation.value)
        found.hidden = frozenset(self._hidden(state, visible))
        found.locked = frozenset(self._locked(state, visible))
        return found

    def _visible(self, hidden: frozenset[Key]) -> frozenset[Key]:
        visible: set[Key] = set()
        for occurrence in self._occurrences:
            container = occurrence.spot.container
            if occurrence.key not in hidden and (container is None or container in visible):
                visible.add(occurrence.key)
        return frozenset(visible)

    def _hidden(self, state: dict[str, object], visible: frozenset[Key]) -> Iterator[Key]:
        for occurrence in self._occurrences:
            container = occurrence.spot.container
            hide = occurrence.component.hide
            if (
                hide is not None
                and (container is None or container in visible)
                and self._evaluate(hide, occurrence.spot, state).value is True
            ):
                yield occurrence.key

    def _locked(self, state: dict[str, object], visible: frozenset[Key]) -> Iterator[Key]:
        for occurrence in self._occurrences:
            component = occurrence.component
            if (
                isinstance(component, Field)
                and isinstance(component.readonly, Formula)
                and occurrence.key in visible
                and self._evaluate(component.readonly, occurrence.spot, state).value is True
            ):
                yield occurrence.key

    def _evaluate(self, formula: Formula, spot: Spot, state: dict[str, object]) -> Evaluation:
        return formula.evaluate(_scope(spot, state), self._clock)

    # --- the data of a round ---

    def _state(self, last: _Round, visible: frozenset[Key]) -> dict[str, object]:
        """All that formulas see: the task's variables, with the form's fields over them, hidden ones null."""
        state = dict(self._context)
        for root in self._bound.parts:
            if root in state:
                state[root] = deepcopy(state[root])
        rowless: set[Key] = set()
        for occurrence in self._occurrences:
            container = occurrence.spot.container
            if container in rowless:
                rowless.add(occurrence.key)
            elif occurrence.key in visible:
                self._write(occurrence, last, state)
            elif not isinstance(occurrence.component, Group):
                put_at(state, occurrence.spot.path, None)
                rowless.add(occurrence.key)
        return state

    def _write(self, occurrence: Occurrence, last: _Round, target: dict[str, object]) -> None:
        path, component = occurrence.spot.path, occurrence.component
        match component:
            case Field():
                put_at(target, path, self._value(occurrence, component, last))
            case Computed():
                put_at(target, path, last.computed.get(occurrence.key))
            case DynamicList():
                put_at(target, path, [deepcopy(dict(base)) for base in occurrence.row_bases])

    def _value(self, occurrence: Occurrence, component: Field, last: _Round) -> object:
        entry = occurrence.entry
        assert entry is not None
        return entry.kept if self._is_kept(component, occurrence.key, last) else entry.entered

    def _is_kept(self, component: Field, key: Key, last: _Round) -> bool:
        """Whether what was submitted does not count."""
        return component.disabled or component.readonly is True or key in last.locked

    # --- checks ---

    def faults(self, settled: _Round) -> Iterator[FieldError]:
        """Everything wrong with the visible fields, in the order of the form."""
        for occurrence in self._occurrences:
            if occurrence.key not in settled.visible:
                continue
            path = path_text(occurrence.spot.path)
            if occurrence.fault is not None:
                yield FieldError(path, occurrence.fault)
            component = occurrence.component
            if isinstance(component, Field) and not self._is_kept(component, occurrence.key, settled):
                for message in self._field_faults(occurrence, component, settled.state):
                    yield FieldError(path, message)

    def _field_faults(self, occurrence: Occurrence, component: Field, state: dict[str, object]) -> Iterator[Message]:
        entry, name = occurrence.entry, occurrence.name
        assert entry is not None
        if entry.refusal is not None:
            yield entry.refusal
            return
        value = entry.entered
        yield from component.constraints.faults(
            value, name, lambda formula: self._evaluate(formula, occurrence.spot, state)
        )
        if component.options is not None and value is not None and value != []:
            yield from self._option_faults(occurrence, component, state)
        if component.not_before_today and self._is_past(value):
            yield wording.date_passed(name)

    def _is_past(self, value: object) -> bool:
        """Whether an ISO date lies before today; without a clock nothing does."""
        return (
            self._clock is not None
            and isinstance(value, str)
            and value != ""
            and value[:10] < self._clock.date().isoformat()
        )

    def _option_faults(self, occurrence: Occurrence, component: Field, state: dict[str, object]) -> Iterator[Message]:
        assert component.options is not None and occurrence.entry is not None
        allowed = component.options.allowed(self._context, _scope(occurrence.spot, state), self._clock)
        if allowed is None:
            yield wording.options_unknown(occurrence.name, component.options.source)
            return
        value = occurrence.entry.entered
        for chosen in value if isinstance(value, list) else [value]:
            if not is_among(chosen, allowed):
                yield wording.not_an_option(occurrence.name, chosen)

    def warnings(self, settled: _Round) -> Iterator[FieldError]:
        """The computed fields that are null because something went wrong."""
        for occurrence in self._occurrences:
            for cause in settled.causes.get(occurrence.key, ())[:1]:
                message = wording.not_computed(occurrence.name, cause.message)
                yield FieldError(path_text(occurrence.spot.path), message)

    # --- what goes to the process ---

    def values(self, settled: _Round, extras: list[Path]) -> tuple[dict[str, object], list[FieldError]]:
        """The variables to write, and the computed values that are no data (a function, say)."""
        values: dict[str, object] = {}
        unwritable: list[FieldError] = []
        for occurrence in self._occurrences:
            component, path = occurrence.component, occurrence.spot.path
            if occurrence.key not in settled.visible:
                remove_from_row(values, path)
                continue
            if isinstance(component, Field) and component.disabled:
                continue
            if not isinstance(component, Group):
                self._begin(str(path[0]), values)
            self._write(occurrence, settled, values)
            if isinstance(component, DynamicList):
                self._add_extras_in_rows(path, extras, values)
            elif isinstance(component, Computed):
                try:
                    put_at(values, path, to_json(settled.computed.get(occurrence.key)))
                except ConversionError as error:
                    message = wording.not_computed(occurrence.name, error.message)
                    unwritable.append(FieldError(path_text(path), message))
        for extra in extras:
            if not any(isinstance(part, int) for part in extra):
                self._begin(str(extra[0]), values)
                put_at(values, extra, value_at(self._data, extra))
        return values, unwritable

    def _begin(self, root: str, values: dict[str, object]) -> None:
        """Start from the task's object where the form binds parts of it, so that the rest is not lost."""
        tree = self._bound.parts.get(root)
        known = self._context.get(root)
        if root not in values and tree and not tree.closed and not tree.rows and isinstance(known, Mapping):
            values[root] = deepcopy(dict(known))

    def _add_extras_in_rows(self, path: Path, extras: list[Path], values: dict[str, object]) -> None:
        for extra in extras:
            inner = extra[len(path) :]
            in_row = extra[: len(path)] == path and not any(isinstance(part, int) for part in inner[1:])
            if in_row and inner and value_at(values, (*path, inner[0])) is not MISSING:
                put_at(values, extra, value_at(self._data, extra))


def _scope(spot: Spot, state: dict[str, object]) -> dict[str, object]:
    rows = [value_at(state, path) for path in spot.row_paths]
    around = [state, *rows]
    return scope_of(
        state,
        this=around[-1],
        parent=around[-2] if rows else None,
        rows=tuple(row + 1 for row in spot.rows),
    )
