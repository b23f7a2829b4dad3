"""The sentences of the parser: what is not FEEL in a text, and what to do about it."""

from __future__ import annotations

from server.messages import Message


class Complaint(Exception):
    """A syntax error at an offset, on its way to the place that collects them."""

    def __init__(self, message: Message, at: int) -> None:
        super().__init__(message.en)
        self.message = message
        self.at = at


def found_at(text: str, at: int) -> tuple[str, str]:
    """What stands at ``at``, for a Chinese and an English sentence."""
    rest = text[at : at + 12].partition("\n")[0]
    return (f"“{rest}”", f"'{rest}'") if rest else ("表达式的结尾", "the end of the expression")


def expected(text: str, at: int, zh: str, en: str) -> Complaint:
    """Something else should stand here."""
    found_zh, found_en = found_at(text, at)
    return Complaint(
        Message("feel.syntax", f"这里应为{zh}，但遇到的是{found_zh}。", f"Expected {en}, found {found_en}."), at
    )


def unexpected(text: str, at: int) -> Complaint:
    """The expression is over, but the text goes on."""
    found_zh, found_en = found_at(text, at)
    hint_zh, hint_en = _hint(text[at : at + 1])
    return Complaint(
        Message(
            "feel.syntax",
            f"表达式在这里已经结束，后面多出了{found_zh}{hint_zh}。",
            f"The expression ends here, but {found_en} follows{hint_en}.",
        ),
        at,
    )


def _hint(sign: str) -> tuple[str, str]:
    if sign and sign in "，；。（）【】“”‘’《》＝＞＜":
        return "；请使用半角符号", "; use the half-width sign"
    if sign in ("&", "|"):
        return "；请写 and 或 or", "; write and / or"
    if sign == "'":
        return "；字符串请用双引号", "; write strings in double quotes"
    return "", ""


def unterminated(at: int) -> Complaint:
    """A string without its closing quote."""
    return Complaint(
        Message("feel.syntax.string", "字符串缺少结尾的双引号。", "The string has no closing double quote."), at
    )


def bad_number(at: int) -> Complaint:
    """A number that 34 digits and their exponent cannot hold."""
    return Complaint(
        Message("feel.syntax.number", "数字超出可表示的范围。", "The number is out of the representable range."), at
    )


def unknown_type(name: str, at: int) -> Complaint:
    """A type that is neither FEEL's nor the model's."""
    return Complaint(
        Message("feel.syntax.type", f"未知的类型 {name}；请检查拼写。", f"Unknown type {name}; check its spelling."), at
    )


def too_deep(limit: int, at: int) -> Complaint:
    """Too many levels inside one another."""
    return Complaint(
        Message(
            "feel.syntax.nesting",
            f"表达式的嵌套超过 {limit} 层；请拆分成几个表达式。",
            f"The expression is nested more than {limit} levels deep; split it into several.",
        ),
        at,
    )


def too_long(limit: int) -> Complaint:
    """More text than one expression may have."""
    return Complaint(
        Message(
            "feel.syntax.length",
            f"表达式的长度超过 {limit} 个字符；请拆分。",
            f"The expression is longer than {limit} characters; split it.",
        ),
        0,
    )


def duplicate(name: str, at: int) -> Complaint:
    """The same key or parameter twice."""
    return Complaint(
        Message("feel.syntax.duplicate", f"“{name}”重复出现；请删去一个。", f"'{name}' occurs twice; remove one."), at
    )
