"""for, some and every (DMN 1.5, 10.3.2.14, 10.3.2.16)."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("for x in [1, 2, 3] return x * x", [1, 4, 9]),
        ("for x in [] return x", []),
        ("for x in null return x", None),
        ("for x in 5 return x", [5]),
        ("for x in 1..3 return x", [1, 2, 3]),
        ("for x in 3..1 return x", [3, 2, 1]),
        ("for x in -1..1 return x", [-1, 0, 1]),
        ("for x in 1 + 1..2 * 2 return x", [2, 3, 4]),
        ("for x in [1..3] return x", [1, 2, 3]),
        ("for x in (1..4) return x", [2, 3]),
        ("for x in 1.5..3 return x", None),
        ('for x in "a".."c" return x', None),
        ("for x in (> 3) return x", None),
        ('for d in @"2024-02-28"..@"2024-03-01" return d.day', [28, 29, 1]),
        ('for d in @"2024-03-01"..@"2024-02-28" return d.day', [1, 29, 28]),
        ('for d in [@"2024-02-28"..@"2024-03-01") return d.day', [28, 29]),
        ("for x in [1, 2], y in [10, 20] return x + y", [11, 21, 12, 22]),
        ("for x in [[1, 2], [3]], y in x return y", [1, 2, 3]),
        ("for x in 1..3, y in 1..x return x * y", [1, 2, 4, 3, 6, 9]),
        ("for x in 1..3 return for y in 1..x return y", [[1], [1, 2], [1, 2, 3]]),
        ("for x in 1..2 return partial", [[], [[]]]),
        ("for x in 0..4 return if x = 0 then 1 else x * partial[-1]", [1, 1, 2, 6, 24]),
        ("for x in 1..4 return count(partial)", [0, 1, 2, 3]),
        ("for a b in [1, 2] return a b + 1", [2, 3]),
        ("for x in days in weekend return x", ["sat", "sun"]),
        ("count(for x in 1..1000 return x)", 1000),
        ("(for x in 1..3 return x)[2]", 2),
        ("for x in l return x + n", [6, 7]),
    ],
)
def test_for(feel, text, expected):
    assert feel(text, {"days in weekend": ["sat", "sun"], "l": [1, 2], "n": 5}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("some x in [1, 2] satisfies x > 1", True),
        ("some x in [1, 2] satisfies x > 2", False),
        ("some x in [] satisfies true", False),
        ("some x in null satisfies true", None),
        ("some x in [null, 3] satisfies x > 2", True),
        ("some x in [null, 1] satisfies x > 2", None),
        ("some x in [1, 2], y in [2, 3] satisfies x = y", True),
        ("some x in 1..10 satisfies x = 7", True),
        ("every x in [1, 2] satisfies x > 0", True),
        ("every x in [1, 2] satisfies x > 1", False),
        ("every x in [] satisfies false", True),
        ("every x in [null, 3] satisfies x > 2", None),
        ("every x in [null, 1] satisfies x > 2", False),
        ("every x in [1, 2], y in [3, 4] satisfies x < y", True),
        ('every x in [1] satisfies "a"', None),
        ("some x in [[1], [2]] satisfies some y in x satisfies y = 2", True),
    ],
)
def test_quantifiers(feel, text, expected):
    assert feel(text) is expected


def test_a_loop_variable_is_gone_after_the_loop(diagnose):
    assert diagnose("[for x in [1] return x, x]") == ["missing-variable"]
