"""Numeric functions (DMN 1.5, 10.3.4.5)."""

from __future__ import annotations

from decimal import Decimal

import pytest


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("decimal(1/3, 2)", Decimal("0.33")),
        ("decimal(1.5, 0)", 2),
        ("decimal(2.5, 0)", 2),
        ("decimal(2.5, 2.9)", Decimal("2.5")),
        ("decimal(12345, -2)", 12300),
        ("decimal(-0.005, 2)", 0),
        ("floor(1.5)", 1),
        ("floor(-1.5)", -2),
        ("floor(-1.56, 1)", Decimal("-1.6")),
        ("ceiling(1.2)", 2),
        ("ceiling(-1.5)", -1),
        ("ceiling(n: 1.51, scale: 1)", Decimal("1.6")),
        ("floor(1.5, null)", None),
        ("round up(5.5, 0)", 6),
        ("round up(-5.5, 0)", -6),
        ("round up(1.121, 2)", Decimal("1.13")),
        ("round down(-5.5, 0)", -5),
        ("round down(1.129, 2)", Decimal("1.12")),
        ("round half up(2.5, 0)", 3),
        ("round half up(-2.5, 0)", -3),
        ("round half down(2.5, 0)", 2),
        ("round half down(-2.51, 0)", -3),
        ("round half up(5.5, 6176)", Decimal("5.5")),
        ("round half up(5.5, 6177)", None),
        ("round half up(5.5, -6112)", None),
        ("round half up(5.5)", None),
        ("abs(-3)", 3),
        ("abs(n: -3)", 3),
        ('abs(@"-P1D")', "P1D"),
        ('abs(@"-P1Y")', "P1Y"),
        ('abs("a")', None),
        ("modulo(10, 4)", 2),
        ("modulo(10, -4)", -2),
        ("modulo(-10, 4)", 2),
        ("modulo(-10, -4)", -2),
        ("modulo(10.1, 4.5)", Decimal("1.1")),
        ("modulo(-10.1, 4.5)", Decimal("3.4")),
        ("modulo(10, 0)", None),
        ("sqrt(16)", 4),
        ("sqrt(2)", Decimal("1.414213562373095048801688724209698")),
        ("sqrt(-1)", None),
        ("log(1)", 0),
        ("log(0)", None),
        ("exp(0)", 1),
        ("exp(1)", Decimal("2.718281828459045235360287471352662")),
        ("exp(100000)", None),
        ("odd(5)", True),
        ("odd(2)", False),
        ("odd(-3)", True),
        ("even(0)", True),
        ("even(2.5)", None),
        ("even(null)", None),
        ('sqrt("4")', None),
        ("sqrt([4])", 2),
        ("sqrt(x: 4)", None),
        ("sqrt()", None),
        ("sqrt(4, 4)", None),
    ],
)
def test_numeric_functions(feel, text, expected):
    assert feel(text) == expected


@pytest.mark.parametrize("value", ["2.5", "-2.5", "1.25", "-1.35", "0.05", "123456.785"])
@pytest.mark.parametrize("scale", [0, 1, 2])
def test_the_roundings_agree_with_their_definitions(feel, value, scale):
    n = Decimal(value)
    unit = Decimal(1).scaleb(-scale)
    up, down = feel(f"round up({value}, {scale})"), feel(f"round down({value}, {scale})")
    assert abs(down) <= abs(n) <= abs(up)
    assert abs(up) - abs(down) in (0, unit)
    floor, ceiling = feel(f"floor({value}, {scale})"), feel(f"ceiling({value}, {scale})")
    assert floor <= n <= ceiling
    for name in ("round half up", "round half down", "decimal"):
        assert abs(feel(f"{name}({value}, {scale})") - n) <= unit / 2
