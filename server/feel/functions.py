"""Functions as values: user-defined ones, built-ins, and those that a caller of this package supplies.

A function is called positionally with its evaluation's runtime first. Parameters carry types; arguments are coerced
to them as DMN 1.5, 10.3.2.9.4 says (singleton lists, dates as midnights), and an argument that does not conform
makes the call null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from server.feel.diagnostics import Fault

if TYPE_CHECKING:
    from server.feel.types import FeelType


@dataclass(frozen=True, slots=True)
class Parameter:
    """A formal parameter: its name, its type (None for Any), whether a call may leave it out."""

    name: str
    type: FeelType | None = None
    optional: bool = False


class ArgumentFault(Fault):
    """An argument that is not of its parameter's type; another signature of the function may take it."""


@dataclass(frozen=True, slots=True, eq=False)
class FeelFunction:
    """A callable FEEL value. ``call(runtime, *arguments)`` gets one argument for every parameter.

    A function with several signatures (built-ins such as ``date``) has them in ``overloads``; its own ``parameters``
    are then those of the first.
    """

    name: str
    parameters: tuple[Parameter, ...]
    call: Callable[..., Any]
    result_type: FeelType | None = None
    """The stated or inferred type of its results; None where it is unknown."""
    variadic: bool = False
    overloads: tuple[FeelFunction, ...] = ()
    total: bool = False
    """Whether arguments of every type fit, so that no other signature needs to be tried."""

    def __repr__(self) -> str:
        names = ", ".join(parameter.name for parameter in self.parameters)
        return f"function {self.name}({names})"

    @property
    def required(self) -> int:
        """How many arguments a call must have at least."""
        return sum(1 for parameter in self.parameters if not parameter.optional)

    def accepts(self, count: int) -> bool:
        """Whether a positional call with ``count`` arguments fits this signature."""
        if self.variadic:
            return count >= max(self.required, 1)
        return self.required <= count <= len(self.parameters)

    def order(self, names: Iterable[str]) -> list[int | None] | None:
        """For every parameter the index of its argument among ``names``; None where the names do not fit."""
        given = list(names)
        slots: list[int | None] = []
        for parameter in self.parameters:
            if parameter.name in given:
                slots.append(given.index(parameter.name))
            elif parameter.optional:
                slots.append(None)
            else:
                return None
        known = {parameter.name for parameter in self.parameters}
        if len(set(given)) != len(given) or not known.issuperset(given):
            return None
        return slots


def positional_call(function: FeelFunction, count: int) -> Callable[..., Any] | None:
    """What to call with ``count`` arguments by position; None where no signature takes as many.

    Where several do, the first one is called whose types the arguments fit.
    """
    fitting = [each for each in (function.overloads or (function,)) if each.accepts(count)]
    calls = [each.call for each in fitting]
    if len(calls) < 2 or fitting[0].total:
        return calls[0] if calls else None

    def first_fitting(runtime: Any, *arguments: Any) -> Any:
        for call in calls[:-1]:
            try:
                return call(runtime, *arguments)
            except ArgumentFault:
                continue
        return calls[-1](runtime, *arguments)

    return first_fitting
