"""A form that was read and found sound: what it binds, and the checking of what people put into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from server.forms.binding import BoundTree
from server.forms.components import Component, Computed, DynamicList, Field, Group
from server.forms.submission import Submission, submit
from server.messages import Finding


@dataclass(frozen=True, slots=True)
class Form:
    """A form-js form. ``findings`` are the warnings of its reading; a form with errors is never made."""

    id: str
    content_hash: str
    schema: dict[str, object]
    components: tuple[Component, ...]
    bound: BoundTree = field(repr=False)
    findings: tuple[Finding, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The places of all fields, in the order of the form: ``amount``, ``contacts[].phone``."""
        return tuple(_keys(self.components, ""))

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of a process that the form writes: the first names of its keys."""
        return tuple(self.bound.parts)

    def validate(
        self,
        data: Mapping[str, object],
        context: Mapping[str, object] | None = None,
        *,
        extras: Literal["keep", "refuse"] = "keep",
        clock: datetime | None = None,
    ) -> Submission:
        """Check ``data``, as submitted, against the form; ``context`` are the variables of the task.

        A field that ``data`` does not mention keeps the task's value, or takes its default; ``None`` empties
        it. Names that the form does not bind are handed on (``extras="keep"``) or reported (``"refuse"``).
        ``clock`` is what ``now()``, ``today()`` and "no past dates" go by; without it the first two are null
        and the last is not checked.
        """
        return submit(self.components, self.bound, data, context or {}, extras=extras, clock=clock)


def _keys(components: tuple[Component, ...], prefix: str) -> Iterator[str]:
    for component in components:
        match component:
            case Field(key=key) | Computed(key=key):
                yield prefix + ".".join(key)
            case Group(path=path, components=inner):
                yield from _keys(inner, prefix + "".join(f"{part}." for part in path))
            case DynamicList(path=path, components=inner):
                yield from _keys(inner, f"{prefix}{'.'.join(path)}[].")
