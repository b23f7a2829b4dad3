"""Functions beyond the standard, as Camunda 8 knows them."""

from __future__ import annotations

import pytest

from server.feel import STANDARD
from server.feel.extensions import EXTENSIONS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("is defined(x)", True),
        ("is defined(nul)", True),
        ("is defined(y)", False),
        ("is defined(c.a)", True),
        ("is defined(c.b)", False),
        ("is defined(c.b.d)", False),
        ("is defined(y.z)", False),
        ("is defined(1 + 1)", True),
        ("get or else(x, 9)", 5),
        ("get or else(nul, 9)", 9),
        ("get or else(y, 9)", 9),
        ("get or else(c.b, 9)", 9),
        ("get or else(y.z, x)", 5),
        ("is empty([])", True),
        ("is empty([1])", False),
        ('is blank("  ")', True),
        ('trim("  a b ")', "a b"),
        ('to base64("FEEL")', "RkVFTA=="),
        ('extract("a1b22", "[0-9]+")', ["1", "22"]),
        ("duplicate values([1, 2, 1, 3, 2, 1])", [1, 2]),
        ("partition([1, 2, 3], 2)", [[1, 2], [3]]),
        ("partition([1], 0)", None),
        ('last day of month(@"2024-02-10")', "2024-02-29"),
        ('in zone(@"2024-07-01T10:00:00Z", "Asia/Shanghai")', "2024-07-01T18:00:00@Asia/Shanghai"),
        ('in zone(@"2024-07-01T10:00:00", "Asia/Shanghai")', None),
        ("assert(x, x > 3)", 5),
        ('assert(x, x > 7, "too small")', None),
    ],
)
def test_extensions(feel, text, expected):
    assert feel(text, x=5, nul=None, c={"a": 1}) == expected


def test_asking_for_what_is_missing_is_no_error(diagnose):
    assert diagnose("is defined(y) or is defined(y.z.a)") == []
    assert diagnose("get or else(y, 1) + get or else(y.z, 1)") == []


def test_no_extension_hides_a_function_of_the_standard():
    assert not set(EXTENSIONS.functions) & set(STANDARD)
