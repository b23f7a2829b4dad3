"""User-defined functions and calls (DMN 1.5, 10.3.2.13)."""

from __future__ import annotations

import pytest

from server.feel import Fault, Parameter, compile_expression, function
from server.feel.diagnostics import invalid_argument
from server.feel.types import BUILTIN_TYPES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(function(x) x + 1)(2)", 3),
        ("(function() 7)()", 7),
        ("{f: function(a, b) a - b, r: f(5, 3)}.r", 2),
        ("{f: function(a, b) a - b, r: f(b: 5, a: 3)}.r", -2),
        ("{f: function(a b, c) a b + c, r: f(a b: 1, c: 2)}.r", 3),
        ("{f: function(a) function(b) a * b, r: f(3)(4)}.r", 12),
        ("{f: function(a) a, r: f()}.r", None),
        ("{f: function(a) a, r: f(1, 2)}.r", None),
        ("{f: function(a) a, r: f(b: 1)}.r", None),
        ("(function(a: number) a + 1)(1)", 2),
        ('(function(a: number) a + 1)("1")', None),
        ("(function(a: number) a)([5])", 5),
        ("(function(a: list<number>) a)(5)", [5]),
        ('(function(d: date and time) d)(@"2024-01-01")', "2024-01-01T00:00:00Z"),
        ("(function(f, x) f(f(x)))(function(y) y * 2, 3)", 12),
        ("(function(f) f([3, 1, 2]))(max)", 3),
        ("(function(f) f(4))(sqrt)", 2),
        ("(function(f) f(1, 2))(sqrt)", None),
        ("sort([3, 1, 2], function(a, b) a < b)", [1, 2, 3]),
        ("{n: 10, f: function(x) x + n, r: (function(n) f(n))(1)}.r", 11),
        ("for f in [function(x) x + 1, function(x) x * 10] return f(5)", [6, 50]),
        ("for i in 1..3 return (function(x) x * i)(2)", [2, 4, 6]),
        ("5(1)", None),
        ("unknown(1)", None),
        ("(function(x) x)(x: 1)", 1),
    ],
)
def test_calls(feel, text, expected):
    assert feel(text) == expected


def test_a_function_keeps_the_variables_of_its_definition():
    adder = compile_expression("function(x) x + n").value({"n": 5})
    assert compile_expression("f(1)", names=["f"]).value({"f": adder, "n": 100}) == 6


def test_functions_of_the_caller():
    double = function("double", ["x"], lambda x: x * 2)
    expression = compile_expression("double(4) + double(x: 1)", names=["double"])
    assert expression.value({"double": double}) == 10


def test_functions_of_the_caller_have_typed_parameters_and_faults():
    def body(n):
        if n < 0:
            raise invalid_argument("不能为负。", "It must not be negative.")
        return n + 1

    fn = function("next", [Parameter("n", BUILTIN_TYPES["number"])], body)
    expression = compile_expression("next(n)", names=["next", "n"])
    assert expression.value({"next": fn, "n": [1]}) == 2
    for bad in ("1", -1):
        evaluation = expression.evaluate({"next": fn, "n": bad})
        assert evaluation.value is None
        assert len(evaluation.diagnostics) == 1
    assert issubclass(Fault, Exception)


def test_external_functions_come_from_a_registry(feel):
    text = '{{f: function(a{more}) external {{java: {{class: "{cls}", method signature: "{sig}"}}}}, r: f({args})}}.r'
    cases = [
        ("java.lang.Math", "cos(double)", "", "0", 1),
        ("java.lang.Math", "max(int, int)", ", b", "3, 9", 9),
        ("java.lang.Math", "abs(double)", "", "-1.5", 1.5),
        ("java.lang.String", "format(java.lang.String, [Ljava.lang.Object;)", ", b", '"%s!", "x"', "x!"),
        ("java.lang.Integer", "valueOf(java.lang.String)", "", '"12"', 12),
        ("java.lang.Byte", "valueOf(byte)", "", "200", None),
        ("java.lang.Math", "acos(double)", "", "2", None),
        ("java.lang.Runtime", "exec(java.lang.String)", "", '"ls"', None),
    ]
    for cls, signature, more, arguments, expected in cases:
        assert feel(text.format(cls=cls, sig=signature, more=more, args=arguments)) == expected, signature


def test_an_unknown_external_function_is_told(diagnose):
    text = 'function(a) external {java: {class: "java.lang.System", method signature: "exit(int)"}}'
    assert diagnose(text) == ["unsupported"]
    assert diagnose('function(a) external {pmml: {document: "x", model: "y"}}') == ["unsupported"]
