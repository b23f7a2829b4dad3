"""The operands of FEEL: literals, names, paths, calls, and the constructs with keywords.

The lower half of :mod:`server.feel.parser`; the operators between operands are there.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

from server.feel import ast, complaints
from server.feel.reading import Reading
from server.feel.scanner import KEYWORDS, key_at, number_at, skip, string_at
from server.feel.temporal_literals import read_temporal

_CONSTANTS = {"null": None, "true": True, "false": False}
_OPENING = frozenset({"if", "for", "function", "some", "every"})


class OperandSyntax(Reading):
    """Reads operands; ``expression`` and ``test`` come from the parser proper."""

    @abstractmethod
    def expression(self, minimum: int = 1) -> ast.Node:
        """An expression."""

    @abstractmethod
    def test(self, minimum: int = 1) -> ast.Node:
        """A positive unary test."""

    def postfix_of(self, node: ast.Node) -> ast.Node:
        """A primary with the paths, filters and calls behind it."""
        while True:
            self.skip()
            if self.peek(".") and not self.peek(".."):
                self.at += 1
                member = self.member_name()
                node = ast.Path(start=node.start, end=self.at, base=node, member=member)
            elif self.peek("[") and not self._closes_range():
                self.at += 1
                with self.filter_scope():
                    condition = self.without_endpoint(self.expression)
                self.expect("]", "“]”", "']'")
                node = ast.Filter(start=node.start, end=self.at, base=node, condition=condition)
            elif self.peek("("):
                self.at += 1
                node = self.without_endpoint(lambda function=node: self._call(function))  # type: ignore[misc]
            else:
                return node

    def _closes_range(self) -> bool:
        """Whether a ``[`` here is the open end of ``[a..b[`` rather than the beginning of a filter."""
        if not self.in_endpoint:
            return False
        after = skip(self.text, self.at + 1)
        sign = self.text[after : after + 1]
        return sign in ("", ")", "]", "}", ",", "=", "!", "<", ">", ".") or self.word_from(after) in KEYWORDS

    def primary(self) -> ast.Node:
        """A literal, a name, a bracketed expression or a construct that begins with a keyword."""
        self.skip()
        start = self.at
        sign = self.text[start : start + 1]
        match sign:
            case '"':
                text = self.string()
                return ast.Literal(start=start, end=self.at, value=text)
            case "@":
                return self._at_literal()
            case "(":
                self.at += 1
                return self.without_endpoint(lambda: self._parenthesis(start))
            case "[":
                self.at += 1
                return self.without_endpoint(lambda: self._list_or_range(start))
            case "]":
                self.at += 1
                low = self.without_endpoint(self.expression)
                return self.range_after(low, start, low_included=False)
            case "{":
                self.at += 1
                return self.without_endpoint(lambda: self._context(start))
            case "<" | ">":
                comparison = self.unary_comparison()
                assert comparison is not None
                return comparison
        number = number_at(self.text, start)
        if number is not None:
            self.at = number[1]
            return ast.Literal(start=start, end=self.at, value=number[0])
        if sign.isascii() and (sign.isdigit() or sign == "."):
            raise complaints.bad_number(start) if sign.isdigit() else self.expected_expression()
        return self._worded(start)

    @abstractmethod
    def unary_comparison(self) -> ast.Node | None:
        """``> 5`` at the current place."""

    def _worded(self, start: int) -> ast.Node:
        """A name or a construct with a keyword; a known name of several words wins over a keyword."""
        name = self.known_name()
        if name is None:
            word = self.word()
            if word is None:
                raise self.expected_expression()
            construct = self._construct(start, word)
            if construct is not None:
                return construct
            if word in KEYWORDS:
                raise self.expected_expression()
            name = self.unknown_name(word)
        return ast.Name(start=start, end=self.at, name=name)

    def _construct(self, start: int, word: str) -> ast.Node | None:
        """What begins with a keyword; None for a word that is none, or that nothing begins with."""
        if word in _CONSTANTS:
            self.at += len(word)
            return ast.Literal(start=start, end=self.at, value=_CONSTANTS[word])
        if word not in _OPENING:
            return None
        self.at += len(word)
        match word:
            case "if":
                return self._if(start)
            case "for":
                return self._for(start)
            case "function":
                return self._function(start)
        return self._quantified(start, word)

    def string(self) -> str:
        """A string literal."""
        read = string_at(self.text, self.at)
        if read is None:
            raise complaints.unterminated(self.at)
        self.at = read[1]
        return read[0]

    def _at_literal(self) -> ast.Node:
        start = self.at
        self.at = skip(self.text, self.at + 1)
        if not self.peek('"'):
            raise complaints.expected(self.text, self.at, "@ 后面的字符串", "a string after @")
        text = self.string()
        value = read_temporal(text)
        if value is None:
            return ast.InvalidLiteral(start=start, end=self.at, text=text)
        return ast.Literal(start=start, end=self.at, value=value)

    def _parenthesis(self, start: int) -> ast.Node:
        self.skip()
        inner = self.unary_comparison() or self.expression()
        self.skip()
        if self.peek(".."):
            return self.range_after(inner, start, low_included=False)
        self.expect(")", "“)”", "')'")
        return inner

    def _list_or_range(self, start: int) -> ast.Node:
        if self.accept("]"):
            return ast.ListLiteral(start=start, end=self.at, items=())
        first = self.recovering(self.test, "]")
        self.skip()
        if self.peek("..") and first is not None:
            return self.range_after(first, start, low_included=True)
        items = [] if first is None else [first]
        while self.accept(","):
            item = self.recovering(self.test, "]")
            if item is not None:
                items.append(item)
        self.expect("]", "“,”或“]”", "',' or ']'")
        return ast.ListLiteral(start=start, end=self.at, items=tuple(items))

    def range_after(self, low: ast.Node, start: int, *, low_included: bool) -> ast.Node:
        """The rest of a range, from its two dots on."""
        self.expect("..", "“..”", "'..'")
        outer, self.in_endpoint = self.in_endpoint, True
        high = self.expression()
        self.in_endpoint = outer
        self.skip()
        sign = self.text[self.at : self.at + 1]
        if sign not in ("]", ")", "["):
            raise complaints.expected(self.text, self.at, "区间的结尾“]”或“)”", "']' or ')' to end the range")
        self.at += 1
        return ast.RangeLiteral(
            start=start, end=self.at, low=low, high=high, low_included=low_included, high_included=sign == "]"
        )

    def _context(self, start: int) -> ast.Node:
        entries: list[ast.ContextEntry] = []
        keys: set[str] = set()
        with self.scope():
            if not self.accept("}"):
                while True:
                    entry = self.recovering(lambda: self._entry(keys), "}")
                    if entry is not None:
                        entries.append(entry)
                    if not self.accept(","):
                        break
                self.expect("}", "“,”或“}”", "',' or '}'")
        return ast.ContextLiteral(start=start, end=self.at, entries=tuple(entries))

    def _entry(self, keys: set[str]) -> ast.ContextEntry:
        self.skip()
        start = self.at
        key = self.string() if self.peek('"') else self.key()
        if key in keys:
            raise complaints.duplicate(key, start)
        keys.add(key)
        self.expect(":", "“:”", "':'")
        # Known from here on, so that a function can call itself by a name of several words.
        self.declare(key)
        value = self.expression()
        return ast.ContextEntry(start=start, end=self.at, key=key, value=value)

    def _call(self, function: ast.Node) -> ast.Node:
        arguments: list[ast.Node] = []
        names: list[str] = []
        if not self.accept(")"):
            while True:
                self.recovering(lambda: self._argument(arguments, names), ")")
                if not self.accept(","):
                    break
            self.expect(")", "“,”或“)”", "',' or ')'")
        if names and len(names) != len(arguments) and not self.problems:
            raise complaints.expected(
                self.text, function.start, "全部按名称或全部按位置的参数", "arguments all by name or all by position"
            )
        return ast.Call(
            start=function.start, end=self.at, function=function, arguments=tuple(arguments), names=tuple(names)
        )

    def _argument(self, arguments: list[ast.Node], names: list[str]) -> ast.Node:
        self.skip()
        key = key_at(self.text, self.at)
        if key is not None:
            names.append(key[0])
            self.at = key[1] + 1
        value = self.expression()
        arguments.append(value)
        return value

    def _if(self, start: int) -> ast.Node:
        condition = self.without_endpoint(self.expression)
        self.expect_word("then")
        consequence = self.without_endpoint(self.expression)
        self.expect_word("else")
        alternative = self.expression()
        return ast.If(start=start, end=self.at, condition=condition, consequence=consequence, alternative=alternative)

    def _for(self, start: int) -> ast.Node:
        with self.scope():
            iterations = tuple(self._iterations())
            self.expect_word("return")
            self.declare("partial")
            body = self.expression()
        return ast.For(start=start, end=self.at, iterations=iterations, body=body)

    def _quantified(self, start: int, quantifier: str) -> ast.Node:
        with self.scope():
            iterations = tuple(self._iterations())
            self.expect_word("satisfies")
            condition = self.expression()
        return ast.Quantified(
            start=start, end=self.at, quantifier=quantifier, iterations=iterations, condition=condition
        )

    def _iterations(self) -> Iterator[ast.Iteration]:
        while True:
            self.skip()
            start = self.at
            variable = self.variable_name()
            self.expect_word("in")
            domain = self.without_endpoint(self.expression)
            self.skip()
            high = None
            if self.peek(".."):
                self.at += 2
                high = self.without_endpoint(self.expression)
            self.declare(variable)
            yield ast.Iteration(start=start, end=self.at, variable=variable, domain=domain, high=high)
            if not self.accept(","):
                return

    def _function(self, start: int) -> ast.Node:
        self.expect("(", "“(”", "'('")
        with self.scope():
            parameters: list[ast.FormalParameter] = []
            if not self.accept(")"):
                while True:
                    parameters.append(self._parameter(parameters))
                    if not self.accept(","):
                        break
                self.expect(")", "“,”或“)”", "',' or ')'")
            result_type = self.type() if self.accept(":") else None
            external = self.accept_word("external")
            body = self.expression()
        return ast.FunctionLiteral(
            start=start,
            end=self.at,
            parameters=tuple(parameters),
            body=body,
            external=external,
            result_type=result_type,
        )

    def _parameter(self, others: list[ast.FormalParameter]) -> ast.FormalParameter:
        self.skip()
        start = self.at
        name = self.parameter_name()
        if any(other.name == name for other in others):
            raise complaints.duplicate(name, start)
        self.declare(name)
        type_ = self.type() if self.accept(":") else None
        return ast.FormalParameter(start=start, end=self.at, name=name, type=type_)

    @contextmanager
    def filter_scope(self) -> Iterator[None]:
        """Inside a filter the entries of the filtered contexts are names, so every key seen so far is one."""
        self.filters += 1
        try:
            yield
        finally:
            self.filters -= 1
