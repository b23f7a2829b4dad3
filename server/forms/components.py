"""Components: what a form consists of, as far as the server is concerned.

Fields hold a value that somebody enters, computed fields one that the server works out, groups and dynamic
lists hold other components; everything else is presentation.
"""

from __future__ import annotations

from dataclasses import dataclass

from server.forms.binding import MISSING, Binding
from server.forms.constraints import Constraints
from server.forms.formulas import Formula
from server.forms.kinds import Kind
from server.forms.options import Options


@dataclass(frozen=True, slots=True)
class Field:
    """A component into which somebody puts a value.

    ``disabled`` and ``readonly`` fields keep the task's value whatever is submitted; only the second is part
    of what the form hands on. ``not_before_today`` is form-js's ``disallowPassedDates``.
    """

    id: str
    type: str
    label: str
    key: Binding
    kind: Kind
    constraints: Constraints
    options: Options | None = None
    default: object = MISSING
    hide: Formula | None = None
    readonly: bool | Formula = False
    disabled: bool = False
    not_before_today: bool = False


@dataclass(frozen=True, slots=True)
class Computed:
    """An ``expression`` component: its value is computed here, never taken from the browser."""

    id: str
    key: Binding
    formula: Formula
    hide: Formula | None = None

    @property
    def label(self) -> str:
        """Its key: it has no label."""
        return ".".join(self.key)


@dataclass(frozen=True, slots=True)
class Group:
    """Components that are shown, hidden and perhaps bound together."""

    id: str
    path: Binding
    components: tuple[Component, ...]
    hide: Formula | None = None


@dataclass(frozen=True, slots=True)
class DynamicList:
    """Components that repeat, once for each row of a list."""

    id: str
    label: str
    path: Binding
    components: tuple[Component, ...]
    default_rows: int = 1
    fixed: bool = False
    hide: Formula | None = None


@dataclass(frozen=True, slots=True)
class Presentation:
    """A component that only shows something: texts, images, tables, buttons, previews."""

    id: str
    type: str


Component = Field | Computed | Group | DynamicList | Presentation
