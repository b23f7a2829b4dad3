"""Translating the syntax of XPath regular expressions to that of the ``regex`` package (version 1 behaviour)."""

from __future__ import annotations

import re

_INITIAL = r"_:\p{L}\p{Nl}"
_NAME = r"\-._:\p{L}\p{Nd}\p{Nl}\p{Mn}\p{Mc}\u00b7"
_CLASS_ESCAPES = {
    "d": r"\p{Nd}",
    "D": r"\P{Nd}",
    "s": r"[\x20\t\n\r]",
    "S": r"[^\x20\t\n\r]",
    "w": r"[^\p{P}\p{Z}\p{C}]",
    "W": r"[\p{P}\p{Z}\p{C}]",
    "i": f"[{_INITIAL}]",
    "I": f"[^{_INITIAL}]",
    "c": f"[{_NAME}]",
    "C": f"[^{_NAME}]",
}
_SINGLE = frozenset("nrt\\|.?*+(){}-[]^$")
_CATEGORY = re.compile(r"L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|Z[slp]?|S[mcko]?|C[cfon]?")
_QUANTITY = re.compile(r"\{(\d+)(?:(,)(\d*))?\}")
_MAX_REPEAT = 1_000


class PatternError(Exception):
    """What is wrong with a pattern."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


class _Translation:
    """One pass over a pattern."""

    def __init__(self, pattern: str, *, ignore_case: bool, multiline: bool, dot_all: bool) -> None:
        self.pattern = pattern
        self.ignore_case = ignore_case
        self.multiline = multiline
        self.dot_all = dot_all
        self.at = 0
        self.out: list[str] = []
        self.closed: list[int] = []
        self.open: list[int] = []
        self.groups = 0
        self.repeatable = False

    def run(self) -> str:
        while self.at < len(self.pattern):
            self._piece(self.pattern[self.at])
        if self.open:
            raise PatternError("括号没有闭合", "a parenthesis is not closed")
        return "".join(self.out)

    def _piece(self, sign: str) -> None:
        match sign:
            case "(":
                self._open()
            case ")":
                self._close()
            case "[":
                self.out.append(self._class())
                self.repeatable = True
            case "]" | "}":
                raise PatternError(f"多余的“{sign}”", f"a '{sign}' without its opening")
            case "\\":
                self._escape()
            case "*" | "+" | "?":
                self._repeat(sign)
            case "{":
                self._quantity()
            case "|":
                self._put(sign, repeatable=False)
            case "$" if not self.multiline:
                # Python's $ also matches before a last line feed; XPath's does not.
                self._put(r"\Z", repeatable=True)
            case "^" | "$":
                self._put(sign, repeatable=True)
            case ".":
                self._put("." if self.dot_all else r"[^\n\r]", repeatable=True)
            case _:
                self._put(re.escape(sign), repeatable=True)

    def _put(self, text: str, *, repeatable: bool) -> None:
        self.out.append(text)
        self.repeatable = repeatable
        self.at += 1

    def _open(self) -> None:
        rest = self.pattern[self.at + 1 : self.at + 3]
        if rest.startswith("?"):
            if rest != "?:":
                raise PatternError("只支持 (…) 和 (?:…)", "only (...) and (?:...) exist")
            self.open.append(0)
            self.out.append("(?:")
            self.at += 3
        else:
            self.groups += 1
            self.open.append(self.groups)
            self.out.append("(")
            self.at += 1
        self.repeatable = False

    def _close(self) -> None:
        if not self.open:
            raise PatternError("多余的“)”", "a ')' without its opening")
        group = self.open.pop()
        if group:
            self.closed.append(group)
        self._put(")", repeatable=True)

    def _repeat(self, sign: str) -> None:
        if not self.repeatable:
            raise PatternError(f"“{sign}”之前没有可重复的内容", f"there is nothing for '{sign}' to repeat")
        self.out.append(sign)
        self.at += 1
        self._reluctant()

    def _quantity(self) -> None:
        found = _QUANTITY.match(self.pattern, self.at)
        if found is None or not self.repeatable:
            raise PatternError("“{”应为重复次数", "'{' must begin a quantity such as {2,5}")
        low, comma, high = found.groups()
        if max(int(low), int(high or 0)) > _MAX_REPEAT:
            raise PatternError(f"重复次数超过 {_MAX_REPEAT}", f"more than {_MAX_REPEAT} repetitions")
        if high and int(high) < int(low):
            raise PatternError("重复次数的上限小于下限", "a quantity ends below its beginning")
        self.out.append(found.group() if not comma or high else f"{{{low},}}")
        self.at = found.end()
        self._reluctant()

    def _reluctant(self) -> None:
        if self.pattern.startswith("?", self.at):
            self.out.append("?")
            self.at += 1
        self.repeatable = False

    def _escape(self) -> None:
        sign = self.pattern[self.at + 1 : self.at + 2]
        if sign.isascii() and sign.isdigit():
            self._back_reference()
        elif sign in ("p", "P"):
            # The flag i leaves categories alone: \p{Lu} still means capital letters only.
            self.out.append(f"(?-i:{self._escaped()})")
        else:
            self.out.append(self._escaped())
        self.repeatable = True

    def _back_reference(self) -> None:
        digits = re.match(r"\d+", self.pattern[self.at + 1 :], re.ASCII)
        text = digits.group() if digits else ""
        # As many digits as make the number of a group that exists; the rest is text.
        while len(text) > 1 and int(text) > self.groups:
            text = text[:-1]
        if text.startswith("0") or int(text) not in self.closed:
            raise PatternError(f"没有第 {text} 组可以引用", f"there is no group {text} to refer to")
        self.out.append(f"(?:\\{text})")
        self.at += 1 + len(text)

    def _escaped(self) -> str:
        """An escape, the same inside and outside of classes."""
        sign = self.pattern[self.at + 1 : self.at + 2]
        if sign in ("p", "P"):
            return self._property(negated=sign == "P")
        self.at += 2
        if sign in _CLASS_ESCAPES:
            return _CLASS_ESCAPES[sign]
        if sign in _SINGLE and sign:
            return {"n": r"\n", "r": r"\r", "t": r"\t"}.get(sign, "\\" + sign)
        raise PatternError(f"未知的转义“\\{sign}”", f"unknown escape '\\{sign}'")

    def _property(self, *, negated: bool) -> str:
        found = re.compile(r"\\[pP]\{([A-Za-z0-9\-]+)\}").match(self.pattern, self.at)
        if found is None:
            raise PatternError("“\\p”之后应为 {…}", "'\\p' must be followed by {...}")
        self.at = found.end()
        name = found.group(1)
        sign = "P" if negated else "p"
        if _CATEGORY.fullmatch(name):
            return f"\\{sign}{{{name}}}"
        if name.startswith("Is") and len(name) > 2:
            return f"\\{sign}{{Block={name[2:]}}}"
        raise PatternError(f"未知的字符类别“{name}”", f"unknown category '{name}'")

    def _class(self) -> str:
        """A character class with its subtraction, ``[a-z-[aeiou]]``, as an atom of one character."""
        self.at += 1
        negated = self.pattern.startswith("^", self.at)
        self.at += negated
        items: list[str] = []
        categories: list[str] = []
        subtracted = ""
        while not self.pattern.startswith("]", self.at):
            if self.at >= len(self.pattern):
                raise PatternError("字符类没有闭合", "a character class is not closed")
            if self.pattern.startswith("-[", self.at) and (items or categories):
                self.at += 1
                subtracted = self._class()
                if not self.pattern.startswith("]", self.at):
                    raise PatternError("相减之后应为“]”", "']' must follow a subtraction")
                break
            is_category = self.ignore_case and self.pattern.startswith(("\\p", "\\P"), self.at)
            (categories if is_category else items).append(self._class_item())
        if not (items or categories):
            raise PatternError("字符类是空的", "a character class is empty")
        self.at += 1
        atom = _atom(items, categories, negated)
        return f"(?:(?!{subtracted}){atom})" if subtracted else atom

    def _class_item(self) -> str:
        low, low_single = self._class_char()
        follows = self.pattern[self.at + 1 : self.at + 2]
        ends_class = follows in ("]", "[", "") or self.pattern.startswith("--[", self.at)
        if low == r"\-" or not self.pattern.startswith("-", self.at) or ends_class:
            return low
        if not low_single:
            raise PatternError("区间的起点应为单个字符", "a range must begin with a single character")
        self.at += 1
        high, high_single = self._class_char()
        if not high_single or _point(high) < _point(low):
            raise PatternError("字符区间颠倒或不完整", "a range of characters ends before it begins")
        return f"{low}-{high}"

    def _class_char(self) -> tuple[str, bool]:
        sign = self.pattern[self.at]
        if sign == "[":
            raise PatternError("字符类中的“[”需要转义", "'[' must be escaped inside a class")
        if sign == "\\":
            following = self.pattern[self.at + 1 : self.at + 2]
            single = following not in _CLASS_ESCAPES and following not in ("p", "P")
            return self._escaped(), single
        self.at += 1
        return ("\\" + sign if sign in "^-&|~[]\\" else re.escape(sign)), True


def _atom(items: list[str], categories: list[str], negated: bool) -> str:
    """One character of a class. The flag ``i`` must not reach categories, so they stand beside the other items."""
    if not categories:
        return f"[{'^' if negated else ''}{''.join(items)}]"
    alternatives = [f"(?-i:[{''.join(categories)}])", *([f"[{''.join(items)}]"] if items else [])]
    either = f"(?:{'|'.join(alternatives)})"
    return rf"(?:(?!{either})[\s\S])" if negated else either


def _point(escaped: str) -> int:
    plain = {r"\n": "\n", r"\r": "\r", r"\t": "\t"}.get(escaped, escaped)
    return ord(plain[-1])


def _without_space(pattern: str) -> str:
    """The pattern under the flag ``x``: white space outside of classes does not count."""
    kept: list[str] = []
    level = 0
    escaped = False
    for sign in pattern:
        if level == 0 and sign in " \t\n\r":
            continue
        kept.append(sign)
        if escaped:
            escaped = False
        elif sign == "\\":
            escaped = True
        elif sign == "[":
            level += 1
        elif sign == "]" and level:
            level -= 1
    return "".join(kept)


def translate(pattern: str, flags: str) -> str:
    """The pattern for the ``regex`` package; raises PatternError for what XPath does not know."""
    source = _without_space(pattern) if "x" in flags else pattern
    return _Translation(source, ignore_case="i" in flags, multiline="m" in flags, dot_all="s" in flags).run()
