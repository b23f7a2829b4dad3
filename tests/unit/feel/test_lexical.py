"""White space, comments, names, numbers and strings (DMN 1.5, 10.3.1.2, rules 27 to 38 and 60 to 66)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from server.feel import FeelSyntaxError, compile_expression


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1),
        ("007", 7),
        (".5", Decimal("0.5")),
        ("12.50", Decimal("12.5")),
        ("1.5e3", 1500),
        ("1E-2", Decimal("0.01")),
        ("1234567890123456789012345678901234", Decimal("1234567890123456789012345678901234")),
        ("12345678901234567890123456789012345", Decimal("1.234567890123456789012345678901234e34")),
        ("-0.1234567890123456789012345678901234", Decimal("-0.1234567890123456789012345678901234")),
        ("true", True),
        ("false", False),
        ("null", None),
    ],
)
def test_literals(feel, text, expected):
    assert feel(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"a"', "a"),
        ('""', ""),
        (r'"a\"b"', 'a"b'),
        (r'"a\\b"', "a\\b"),
        (r'"a\nb\tc\rd"', "a\nb\tc\rd"),
        (r'"\u4f60\u597d"', "你好"),
        (r'"\U01F40E"', "🐎"),
        (r'"\uD83D\uDC0E"', "🐎"),
        (r'"\d+"', "\\d+"),
        ('"日本, 中国"', "日本, 中国"),
        ('"two\nlines"', "two\nlines"),
    ],
)
def test_strings(feel, text, expected):
    assert feel(text) == expected


@pytest.mark.parametrize(
    "text",
    ["1 + // one\n 1", "/* a */ 1 /* b */ + /* c\n d */ 1 // e", "\t1\u00a0+\u30001\r\n", "1+1//"],
)
def test_comments_and_white_space_do_not_count(feel, text):
    assert feel(text) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a - b", 7),
        ("a-b", 7),
        ("a -b + 1", 8),
        ("c - b", 0),
        ("Monthly Income * 2", 20),
        ("Monthly   Income * 2", 20),
        ("Monthly\nIncome", 10),
        ("x in list", True),
        ("date and time", 4),
        ("order/item's price", 6),
        ("审批 金额 + 1", 9),
        ("if applicable", 11),
        ("if if applicable > 3 then a-b else 0", 7),
        ("profit and loss and true", None),
    ],
)
def test_names_with_spaces_signs_and_keywords_are_found_when_in_scope(feel, text, expected):
    variables = {
        "a-b": 7,
        "b": 3,
        "c": 3,
        "Monthly Income": 10,
        "x in list": True,
        "date and time": 4,
        "order/item's price": 6,
        "审批 金额": 8,
        "if applicable": 11,
        "profit and loss": 5,
    }
    assert feel(text, variables) == expected


def test_the_longest_name_in_scope_wins():
    names = ["tax", "tax rate", "tax rate for year"]
    assert compile_expression("tax rate for year + tax rate", names=names).names == {"tax rate for year", "tax rate"}


def test_a_name_of_several_words_needs_no_declaration_where_nothing_else_could_stand():
    expression = compile_expression("loan amount > 3 and app.monthly income <= 5")
    assert expression.names == {"loan amount", "app"}
    assert expression.paths == {("loan amount",), ("app", "monthly income")}
    assert expression.value({"loan amount": 4, "app": {"monthly income": 5}}) is True


def test_names_that_begin_with_a_keyword_are_names(feel):
    assert feel("format + iffy + android + inner", format=1, iffy=2, android=3, inner=4) == 10


def test_emoji_are_name_characters(feel):
    assert feel('{🐎: "bar"}.🐎') == "bar"


def test_a_variable_hides_a_built_in_function(feel):
    assert feel("count + 1", count=4) == 5
    assert feel("count(l)", count=4, l=[1]) is None


def test_built_in_names_with_keywords_are_functions(feel):
    assert feel('date and time("2024-01-01T00:00:00").year') == 2024
    assert feel("years and months duration(d, d)", {"d": feel('date("2024-01-01")')}) is None
    assert feel('years and months duration(date("2024-01-01"), date("2025-03-01"))') == "P1Y2M"


@pytest.mark.parametrize("text", ["1e99999", "1.2.3", '"open', "@1", "'x'"])
def test_what_is_no_token_is_refused(text):
    with pytest.raises(FeelSyntaxError):
        compile_expression(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('@"2024-02-29"', "2024-02-29"),
        ('@"23:59:58.5+08:00"', "23:59:58.5+08:00"),
        ('@"10:00:00@Etc/GMT"', "10:00:00@Etc/GMT"),
        ('@"2024-02-29T01:02:03@Asia/Shanghai"', "2024-02-29T01:02:03@Asia/Shanghai"),
        ('@"P1DT2H"', "P1DT2H"),
        ('@"-P1Y2M"', "-P1Y2M"),
        ('@"2023-02-29"', None),
        ('@"foo"', None),
    ],
)
def test_at_literals(feel, text, expected):
    assert feel(text) == expected
