"""The parser's hands: the place in the text, names in scope, what is expected, and recovery after an error."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from server.feel import complaints
from server.feel.budget import MAX_NESTING
from server.feel.complaints import Complaint
from server.feel.function_names import BUILTIN_NAMES
from server.feel.scanner import KEYWORDS, NameIndex, key_at, normal_name, skip, string_at, word_at
from server.feel.types import BUILTIN_TYPES, ContextType, FeelType, FunctionType, ListType, RangeType

_T = TypeVar("_T")

_BUILTINS = NameIndex(BUILTIN_NAMES)
_TYPES = NameIndex(BUILTIN_TYPES)
MAX_PROBLEMS = 20
"""More syntax errors than this help nobody."""

_MEMBERS = ("time offset", "start included", "end included")


class Reading:
    """A place in a text and what is known there."""

    def __init__(self, text: str, names: Iterable[str], types: Mapping[str, FeelType]) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.filters = 0
        self.in_endpoint = False
        self.problems: list[Complaint] = []
        self.types = types
        self._type_names = NameIndex(types)
        known = [normal_name(name) for name in names]
        self._scopes = [NameIndex(known)]
        self._members = NameIndex([*known, *_MEMBERS])
        self._simple = set(known)

    # -- depth and scopes

    def enter(self) -> None:
        """One level deeper."""
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise complaints.too_deep(MAX_NESTING, self.at)

    def leave(self) -> None:
        """One level up."""
        self.depth -= 1

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Names declared inside are forgotten outside, though they stay known as members."""
        self._scopes.append(NameIndex())
        try:
            yield
        finally:
            self._scopes.pop()

    def declare(self, name: str) -> None:
        """Put a variable or a key into the current scope."""
        self._scopes[-1].add(name)
        self._members.add(name)

    def without_endpoint(self, read: Callable[[], _T]) -> _T:
        """Read something bracketed, where ``[`` means a filter again even inside a range's end."""
        outer, self.in_endpoint = self.in_endpoint, False
        try:
            return read()
        finally:
            self.in_endpoint = outer

    # -- signs and words

    def skip(self) -> None:
        """Past white space and comments."""
        self.at = skip(self.text, self.at)

    def peek(self, sign: str) -> bool:
        """Whether ``sign`` stands exactly here."""
        return self.text.startswith(sign, self.at)

    def accept(self, sign: str) -> bool:
        """Read ``sign`` if it is next."""
        self.skip()
        if not self.peek(sign):
            return False
        self.at += len(sign)
        return True

    def expect(self, sign: str, zh: str, en: str) -> None:
        """Read ``sign`` or complain."""
        if not self.accept(sign):
            raise complaints.expected(self.text, self.at, zh, en)

    def word(self) -> str | None:
        """The word that begins exactly here."""
        return word_at(self.text, self.at)

    def word_from(self, at: int) -> str | None:
        """The word that begins at ``at``."""
        return word_at(self.text, at)

    def accept_word(self, word: str) -> bool:
        """Read a keyword if it is next."""
        self.skip()
        if self.word() != word:
            return False
        self.at += len(word)
        return True

    def expect_word(self, word: str) -> None:
        """Read a keyword or complain."""
        if not self.accept_word(word):
            raise complaints.expected(self.text, self.at, f"“{word}”", f"'{word}'")

    def expected_expression(self) -> Complaint:
        """An operand is missing here."""
        return complaints.expected(self.text, self.at, "一个表达式", "an expression")

    # -- names

    def known_name(self) -> str | None:
        """Read the longest name of several words or signs that is in scope here, built-in functions included."""
        best: tuple[str, int] | None = None
        indexes = [*self._scopes, self._members] if self.filters else self._scopes
        for index in indexes:
            found = index.match(self.text, self.at)
            if found is not None and (best is None or found[1] >= best[1]):
                best = found
        builtin = _BUILTINS.match(self.text, self.at)
        if builtin is not None and (best is None or builtin[1] > best[1]) and self._is_builtin(builtin[1]):
            best = builtin
        if best is None:
            return None
        self.at = best[1]
        return best[0]

    def _is_builtin(self, end: int) -> bool:
        """A built-in's name is one when it is called, or when its first word is no variable of its own."""
        called = self.text.startswith("(", skip(self.text, end))
        return called or self.word() not in self._simple

    def unknown_name(self, word: str) -> str:
        """Read a name that nobody declared: one word, and further ones where nothing else could stand."""
        self.at += len(word)
        return word if word in self._simple else self._joined(word)

    def _joined(self, name: str) -> str:
        while True:
            after = skip(self.text, self.at)
            following = word_at(self.text, after)
            if following is None or following in KEYWORDS or following == "?" or after == self.at:
                return name
            self.at = after + len(following)
            name = f"{name} {following}"

    def member_name(self) -> str:
        """The name after a dot."""
        self.skip()
        found = self._members.match(self.text, self.at)
        if found is not None:
            self.at = found[1]
            return found[0]
        word = self.word()
        if word is None:
            raise complaints.expected(self.text, self.at, "“.”后面的名称", "a name after '.'")
        self.at += len(word)
        return self._joined(word)

    def variable_name(self) -> str:
        """The variable of a loop: everything before its ``in``."""
        self.skip()
        found = self._members.match(self.text, self.at)
        if found is not None and word_at(self.text, skip(self.text, found[1])) == "in":
            self.at = found[1]
            return found[0]
        word = self.word()
        if word is None or word in KEYWORDS:
            raise complaints.expected(self.text, self.at, "变量名", "a variable name")
        self.at += len(word)
        return self._joined(word)

    def parameter_name(self) -> str:
        """The name of a formal parameter: everything before its colon, comma or parenthesis."""
        start = self.at
        end = start
        while end < len(self.text) and self.text[end] not in ':,)("[]{}':
            end += 1
        name = normal_name(self.text[start:end])
        if word_at(self.text, start) is None:
            raise complaints.expected(self.text, start, "参数名", "a parameter name")
        self.at = end
        return name

    def key(self) -> str:
        """A context's key that is written as a name."""
        found = key_at(self.text, self.at)
        if found is None:
            raise complaints.expected(self.text, self.at, "键和“:”", "a key and ':'")
        self.at = found[1]
        return found[0]

    # -- types

    def type(self) -> FeelType:
        """A type after ``instance of`` or a colon."""
        self.enter()
        self.skip()
        start = self.at
        found = self._type_names.match(self.text, self.at) or _TYPES.match(self.text, self.at)
        if found is not None:
            name, self.at = found
        else:
            name = self._qualified_type_name()
        result = self._generic(name) or self.types.get(name) or BUILTIN_TYPES.get(name)
        if result is None:
            raise complaints.unknown_type(name, start)
        self.leave()
        return result

    def _qualified_type_name(self) -> str:
        word = self.word()
        if word is None:
            raise complaints.expected(self.text, self.at, "类型", "a type")
        self.at += len(word)
        while self.peek(".") and (following := word_at(self.text, self.at + 1)) is not None:
            self.at += 1 + len(following)
            word = f"{word}.{following}"
        return word

    def _generic(self, name: str) -> FeelType | None:
        if name not in ("list", "range", "context", "function") or not self.accept("<"):
            return None
        if name in ("list", "range"):
            element = self.type()
            self.expect(">", "“>”", "'>'")
            return ListType(element) if name == "list" else RangeType(element)
        if name == "context":
            return ContextType(tuple(self._fields()))
        parameters: list[FeelType] = []
        if not self.accept(">"):
            while True:
                parameters.append(self.type())
                if not self.accept(","):
                    break
            self.expect(">", "“>”", "'>'")
        self.expect("->", "“->”", "'->'")
        return FunctionType(tuple(parameters), self.type())

    def _fields(self) -> Iterator[tuple[str, FeelType]]:
        if self.accept(">"):
            return
        while True:
            self.skip()
            name = self.key()
            self.expect(":", "“:”", "':'")
            yield name, self.type()
            if not self.accept(","):
                break
        self.expect(">", "“>”", "'>'")

    # -- recovery

    def recovering(self, read: Callable[[], _T], closing: str) -> _T | None:
        """Read an element of something bracketed; after an error keep it and go on at the next element."""
        depth = self.depth
        try:
            return read()
        except Complaint as complaint:
            if complaint.message.code == "feel.syntax.nesting":
                raise
            self.depth = depth
            if len(self.problems) >= MAX_PROBLEMS or not self._resume(max(complaint.at, self.at), closing):
                raise
            self.problems.append(complaint)
            return None

    def _resume(self, at: int, closing: str) -> bool:
        """Move to the comma or the bracket that ends the broken element; False where there is none."""
        level = 0
        while at < len(self.text):
            sign = self.text[at]
            if sign == '"':
                read = string_at(self.text, at)
                if read is None:
                    return False
                at = read[1]
                continue
            if level == 0 and sign in (",", closing):
                self.at = at
                return True
            if sign in "([{":
                level += 1
            elif sign in ")]}":
                if level == 0:
                    return False
                level -= 1
            at += 1
        return False
