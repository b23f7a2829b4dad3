"""The boolean functions (DMN 1.5, 10.3.4.2, 10.3.4.4): ``not``, ``all``, ``any``, and the identity test ``is``."""

from __future__ import annotations

from typing import Any

from server.feel.comparison import identical
from server.feel.diagnostics import type_mismatch
from server.feel.runtime import Runtime
from server.feel.signatures import Library
from server.feel.values import adopt, kind_in_chinese, kind_of

BOOLEANS = Library()


@BOOLEANS.builtin("not", "negand: boolean|null", "boolean")
def _not(negand: bool | None) -> bool | None:
    return None if negand is None else not negand


@BOOLEANS.builtin("is", "value1: Any; value2: Any", "boolean")
def _is(runtime: Runtime, value1: Any, value2: Any) -> bool:
    return identical(value1, value2, runtime.spend)


@BOOLEANS.builtin("all", "b*: Any", "boolean")
@BOOLEANS.builtin("all", "list: list", "boolean")
def _all(values: list[Any]) -> bool | None:
    return _decide(values, decisive=False)


@BOOLEANS.builtin("any", "b*: Any", "boolean")
@BOOLEANS.builtin("any", "list: list", "boolean")
def _any(values: list[Any]) -> bool | None:
    return _decide(values, decisive=True)


def _decide(values: list[Any], *, decisive: bool) -> bool | None:
    """Ternary logic over all values; without a decisive one, whatever is neither boolean nor null is an error."""
    adopted = [adopt(value) for value in values]
    if decisive in (value for value in adopted if isinstance(value, bool)):
        return decisive
    for value in adopted:
        if value is not None and not isinstance(value, bool):
            kind = kind_of(value)
            raise type_mismatch(
                f"这里只能是布尔值，但得到的是{kind_in_chinese(kind)}。",
                f"Only booleans are allowed here, but a {kind.value} was given.",
            )
    return None if None in adopted else not decisive
