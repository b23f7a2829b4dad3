"""The expressions of Camunda 7 and Flowable (``${…}``, JUEL) translated to FEEL, as far as they only look and compare.

What an expression may hold: names, properties, literal indices, texts, numbers, true, false, null, comparisons,
``&& || !`` and their words, ``empty``, arithmetic, and ``a ? b : c``. Calls of methods and functions, assignments and
whatever else could do something are refused by name.

FEEL is stricter: where JUEL turns a text into a number, or null into false, FEEL has no value, which is an incident.
Never does a translated expression have another value in silence; so a condition ``a ? b : c`` that is neither true
nor false has none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn

from server.messages import LendloomError, Message

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_$][\w$]*)"
    r"|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<mark>&&|\|\||[=!<>]=|->|[-+*/%<>!?:.,;()\[\]{}=]))",
    re.ASCII | re.DOTALL,
)
_WORDS = {
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "gt": ">",
    "le": "<=",
    "ge": ">=",
    "and": "&&",
    "or": "||",
    "not": "!",
    "div": "/",
    "mod": "%",
}
_LEVELS = (("||",), ("&&",), ("==", "!="), ("<", ">", "<=", ">="), ("+", "-"), ("*", "/", "%"))
"""Binary operators from the loosest to the tightest."""

_FEEL = {"||": "or", "&&": "and", "==": "="}
_RESERVED = frozenset(
    {
        "and",
        "or",
        "not",
        "if",
        "then",
        "else",
        "for",
        "in",
        "return",
        "some",
        "every",
        "satisfies",
        "between",
        "instance",
        "of",
        "function",
        "external",
        "null",
        "true",
        "false",
        "list",
        "context",
        "range",
        "item",
    }
)
"""Names that FEEL reads as something else."""

_LOOP = {
    "nrOfInstances": "numberOfInstances",
    "nrOfCompletedInstances": "numberOfCompletedInstances",
    "nrOfActiveInstances": "numberOfActiveInstances",
    "loopCounter": "(loopCounter - 1)",
}
"""What multi-instance activities call their counters there and here; theirs counts from zero."""

_ENGINE = frozenset({"execution", "task", "authenticatedUserId", "externalTask", "caseExecution", "connector"})
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_BEGIN = re.compile(r"[$#]\{")
_DEEPEST = 60
_LONGEST = 4000


class JuelError(LendloomError):
    """An expression that is not translated; the message names the part that stands against it."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # number | name | text | mark | end
    text: str
    begin: int
    end: int


def has_expression(text: str) -> bool:
    """Whether ``text`` has a ``${…}`` or ``#{…}`` in it."""
    return _BEGIN.search(text) is not None


def to_feel_text(text: str) -> str:
    """``text`` as the attributes of Camunda 8 write it: literal, or FEEL after an equals sign.

    ``${a}`` is the value of ``a``; ``Dear ${name}!`` is a text with the value in it, empty where it is null. Raises
    :class:`JuelError`.
    """
    if not has_expression(text):
        return f"={quoted(text)}" if text.strip().startswith("=") else text
    parts, position, whole = [], 0, text.strip()
    while begin := _BEGIN.search(whole, position):
        if begin.start() > position:
            parts.append(quoted(whole[position : begin.start()]))
        feel, position = _Parser(whole, begin.end()).expression_to_brace()
        if begin.start() == 0 and position == len(whole):
            return f"={feel}"
        parts.append(f'(if {feel} = null then "" else string({feel}))')
    if position < len(whole):
        parts.append(quoted(whole[position:]))
    return "=" + " + ".join(parts)


def quoted(text: str) -> str:
    """``text`` as a FEEL literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


class _Parser:
    """Reads one expression of ``text`` from ``position`` on and writes it as FEEL, each operation in parentheses."""

    def __init__(self, text: str, position: int) -> None:
        self._text = text
        self._depth = 0
        self._next = self._scan(position)

    def expression_to_brace(self) -> tuple[str, int]:
        """The FEEL of the expression, and the position behind its closing brace."""
        feel = self._conditional()
        if not self._at("}"):
            self._refuse_here()
        return feel, self._next.end

    # -- tokens --------------------------------------------------------------------------------------------------

    def _scan(self, position: int) -> _Token:
        match = _TOKEN.match(self._text, position)
        if match is None:
            if not self._text[position:].strip():
                return _Token("end", "", len(self._text), len(self._text))
            self._refuse(self._text[position:].strip()[:20])
        kind = str(match.lastgroup)
        text = match[kind]
        if kind == "name" and text in _WORDS:
            kind, text = "mark", _WORDS[text]
        return _Token(kind, text, match.start(kind), match.end())

    def _take(self) -> _Token:
        token = self._next
        self._next = self._scan(token.end)
        return token

    def _at(self, *marks: str) -> bool:
        return self._next.kind == "mark" and self._next.text in marks

    def _expect(self, mark: str) -> None:
        if not self._at(mark):
            self._refuse_here()
        self._take()

    # -- the grammar ---------------------------------------------------------------------------------------------

    def _conditional(self) -> str:
        self._depth += 1
        if self._depth > _DEEPEST:
            self._refuse("(((")
        condition = self._binary(0)
        if self._at("?"):
            self._take()
            then = self._conditional()
            self._expect(":")
            otherwise = self._conditional()
            condition = self._bounded(
                f"(if {condition} then {then} else if not({condition}) then {otherwise} else null)"
            )
        self._depth -= 1
        return condition

    def _binary(self, level: int) -> str:
        if level == len(_LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        while self._at(*_LEVELS[level]):
            operator = self._take().text
            right = self._binary(level + 1)
            left = self._bounded(_operation(operator, left, right))
        return left

    def _unary(self) -> str:
        self._depth += 1
        if self._depth > _DEEPEST:
            self._refuse("---")
        if self._at("-"):
            self._take()
            written = f"(-{self._unary()})"
        elif self._at("!"):
            self._take()
            written = f"not({self._unary()})"
        elif self._next.kind == "name" and self._next.text == "empty":
            self._take()
            written = self._bounded(_empty(self._unary()))
        else:
            written = self._value()
        self._depth -= 1
        return written

    def _value(self) -> str:
        written = self._primary()
        while self._at(".", "["):
            if self._take().text == ".":
                name = self._take()
                if name.kind != "name" or self._at("("):
                    self._refuse(f".{name.text}(…)" if self._at("(") else f".{name.text}")
                written = _property(written, name.text)
            else:
                written = self._index(written)
        if self._at("("):
            self._refuse_here()
        return written

    def _index(self, written: str) -> str:
        token = self._take()
        if token.kind == "text":
            indexed = _property(written, _unescaped(token.text))
        elif token.kind == "number" and token.text.isdigit():
            indexed = f"{written}[{int(token.text) + 1}]"
        else:
            self._refuse(f"[{token.text}]")
        self._expect("]")
        return indexed

    def _primary(self) -> str:
        token = self._take()
        if token.kind == "number":
            return f"{Decimal(token.text):f}"
        if token.kind == "text":
            return quoted(_unescaped(token.text))
        if token.kind == "mark" and token.text == "(":
            inner = self._conditional()
            self._expect(")")
            return f"({inner})"
        if token.kind != "name":
            self._refuse(token.text or "}")
        if token.text in ("true", "false", "null"):
            return token.text
        if token.text == "execution":
            return self._variable_of_execution()
        if self._at("("):
            self._refuse(f"{token.text}(…)")
        if token.text in _ENGINE:
            self._refuse(token.text)
        return _LOOP.get(token.text) or self._name(token.text)

    def _variable_of_execution(self) -> str:
        """``execution.getVariable("x")`` is the variable; nothing else of the engine's objects is there."""
        self._expect(".")
        method = self._take()
        if method.text != "getVariable" or not self._at("("):
            self._refuse(f"execution.{method.text}")
        self._take()
        name = self._take()
        if name.kind != "text":
            self._refuse("execution.getVariable(…)")
        self._expect(")")
        return self._name(_unescaped(name.text))

    def _name(self, name: str) -> str:
        if not _IDENTIFIER.fullmatch(name) or name in _RESERVED:
            self._refuse(name)
        return name

    def _bounded(self, feel: str) -> str:
        """``feel`` itself; some operations name their operands twice, which must not grow beyond all measure."""
        if len(feel) > _LONGEST:
            self._refuse("…")
        return feel

    # -- refusals ------------------------------------------------------------------------------------------------

    def _refuse_here(self) -> NoReturn:
        self._refuse(self._next.text or "}")

    def _refuse(self, part: str) -> NoReturn:
        raise JuelError(
            Message(
                "bpmn.juel",
                f"表达式“{self._text.strip()}”中的“{part}”不能翻译成 FEEL；请改写为以 = 开头的 FEEL 表达式。",
                f"'{part}' in the expression '{self._text.strip()}' cannot be translated to FEEL; write the expression"
                " in FEEL, beginning with =.",
            )
        )


def _operation(operator: str, left: str, right: str) -> str:
    if operator == "%":
        # The remainder has the sign of the dividend there, of the divisor in FEEL.
        return f"(if {left} >= 0 then modulo({left}, abs({right})) else -modulo(-({left}), abs({right})))"
    return f"({left} {_FEEL.get(operator, operator)} {right})"


def _empty(value: str) -> str:
    return (
        f'({value} = null or (if {value} instance of string then {value} = "" else if {value} instance of list then'
        f" count({value}) = 0 else if {value} instance of context then count(get entries({value})) = 0 else false))"
    )


def _property(owner: str, name: str) -> str:
    if _IDENTIFIER.fullmatch(name) and name not in _RESERVED:
        return f"{owner}.{name}"
    return f"get value({owner}, {quoted(name)})"


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)
