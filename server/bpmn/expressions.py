"""Texts in a model that are either literal or, after an equals sign, FEEL; and the script engine that runs them."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from server.calendars import wall_clock
from server.feel import Expression as FeelExpression
from server.feel import FeelError, compile_expression, feel_text, to_json
from server.messages import Message

from .errors import Failure


@dataclass(frozen=True, slots=True)
class Expression:
    """A literal text, or a compiled FEEL expression where the text begins with ``=``."""

    text: str
    feel: FeelExpression | None = field(default=None, compare=False)

    @property
    def is_literal(self) -> bool:
        """Whether the text stands for itself."""
        return self.feel is None

    @property
    def is_broken(self) -> bool:
        """Whether the text should be FEEL and could not be compiled, which is told where it was read."""
        return self.feel is None and self.text.startswith("=")


def read_expression(text: str) -> Expression:
    """Compile ``text``. Raises :class:`server.feel.FeelSyntaxError` when what follows ``=`` is not FEEL."""
    stripped = text.strip()
    if stripped.startswith("="):
        return Expression(stripped, compile_expression(stripped[1:]))
    return Expression(stripped)


def expressions_in(part: object) -> Iterator[Expression]:
    """Every expression in what was read from an element, however deep."""
    if isinstance(part, Expression):
        yield part
    elif isinstance(part, tuple):
        for each in part:
            yield from expressions_in(each)
    elif is_dataclass(part):
        for each in fields(part):
            yield from expressions_in(getattr(part, each.name))


_SHOWN = 200


def shown(value: Any) -> str:
    """A value as readers of messages know it: as FEEL writes it, texts in quotes; a long one is cut off."""
    text = feel_text([value], limit=sys.maxsize)[1:-1]
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


class FeelScriptEngine:
    """The script engine of every instance: FEEL, with the instant of the command as its clock."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = wall_clock(now)

    def evaluate(self, expression: Expression, context: Mapping[str, Any], error_type: str, where: str) -> Any:
        """The value of ``expression``, ready to be a process variable (temporal values as ISO text).

        A null that came from an error is not a value: it raises :class:`Failure` of ``error_type``, with ``where``
        naming the place in the model.
        """
        if expression.feel is None:
            return expression.text
        try:
            evaluation = expression.feel.evaluate(context, clock=self.now)
            if evaluation.value is None and evaluation.diagnostics:
                cause = evaluation.diagnostics[0].message
                raise self._failure(error_type, where, expression, cause)
            return to_json(evaluation.value)
        except FeelError as error:
            raise self._failure(error_type, where, expression, error.message) from error

    def holds(self, condition: Expression, context: Mapping[str, Any], where: str) -> bool:
        """Whether a condition is true. Anything but true or false raises :class:`Failure` (CONDITION_ERROR)."""
        value = self.evaluate(condition, context, "CONDITION_ERROR", where)
        if isinstance(value, bool):
            return value
        raise Failure(
            "CONDITION_ERROR",
            Message(
                "bpmn.condition-not-boolean",
                f"{where}的条件“{condition.text}”得到的不是 true 或 false，而是 {shown(value)}。请检查变量。",
                f"The condition '{condition.text}' of {where} gave {shown(value)}, neither true nor false."
                " Check the variables.",
            ),
        )

    @staticmethod
    def _failure(error_type: str, where: str, expression: Expression, cause: Message) -> Failure:
        return Failure(
            error_type,
            Message(
                "bpmn.expression-failed",
                f"{where}的表达式“{expression.text}”无法求值：{cause.zh}",
                f"The expression '{expression.text}' of {where} has no value: {cause.en}",
            ),
        )
