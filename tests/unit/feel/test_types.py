"""instance of, conformance and coercion (DMN 1.5, 10.3.2.9)."""

from __future__ import annotations

import pytest

from server.feel import (
    ANY,
    BUILTIN_TYPES,
    ContextType,
    Fault,
    FunctionType,
    ListType,
    coerce,
    compile_expression,
    conforms,
)
from server.feel.types import NULL, is_subtype

SAMPLES = {
    "number": "1",
    "string": '"a"',
    "boolean": "true",
    "date": '@"2024-01-01"',
    "time": '@"10:00:00"',
    "date and time": '@"2024-01-01T10:00:00"',
    "days and time duration": '@"P1D"',
    "years and months duration": '@"P1Y"',
    "list<Any>": "[1]",
    "context<>": "{a: 1}",
    "range<number>": "[1..2]",
    "function<>->Any": "(function() 1)",
}


@pytest.mark.parametrize("type_name", SAMPLES)
def test_every_kind_is_an_instance_of_its_type_alone(feel, type_name):
    for other, sample in SAMPLES.items():
        assert feel(f"{sample} instance of {type_name}") is (other == type_name), (sample, type_name)
    assert feel(f"{SAMPLES[type_name]} instance of Any") is True
    assert feel(f"null instance of {type_name}") is False


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("null instance of Any", False),
        ("null instance of Null", True),
        ("[1, 2] instance of list<number>", True),
        ('[1, "a"] instance of list<number>', False),
        ("[1, null] instance of list<number>", True),
        ("[] instance of list<string>", True),
        ("[[1]] instance of list<list<number>>", True),
        ("{a: 1, b: 2} instance of context<a: number>", True),
        ('{a: "x"} instance of context<a: number>', False),
        ("{a: null} instance of context<a: number>", True),
        ("{} instance of context<a: number>", False),
        ('["a".."b"] instance of range<number>', False),
        ('(function(a: string) "x") instance of function<string>->string', True),
        ('(function(a: string) "x") instance of function<number>->string', False),
        ('(function(a) "x") instance of function<number>->string', True),
        ("(function() 1) instance of function<>->string", False),
        ("(function() unknown) instance of function<>->string", True),
        ("(function(a) a) instance of function<>->Any", False),
        (
            '(function(c: context<a: string>) {b: "b", c: "c"}) '
            "instance of function<context<a: string, z: number>>->context<b: string>",
            True,
        ),
        ("1 instance of tAmount", True),
        ('"1" instance of tAmount', False),
        ("{amount: 1, tags: []} instance of loans.tLoan", True),
        ("{amount: 1} instance of loans.tLoan", False),
        ("x instance of a longer name", True),
    ],
)
def test_instance_of(text, expected):
    number = BUILTIN_TYPES["number"]
    types = {
        "tAmount": number,
        "loans.tLoan": ContextType((("amount", number), ("tags", ListType(ANY)))),
        "a longer name": number,
    }
    assert compile_expression(text, types=types).value({"x": 1}) is expected


def test_coercion():
    number, string = BUILTIN_TYPES["number"], BUILTIN_TYPES["string"]
    assert coerce([5], number) == 5
    assert coerce(5, ListType(number)) == [5]
    assert coerce(None, number) is None
    assert coerce([[5]], ListType(ListType(number))) == [[5]]
    assert str(coerce(compile_expression('@"2024-01-01"').value({}), BUILTIN_TYPES["date and time"])) == (
        "2024-01-01T00:00:00Z"
    )
    for value, type_ in (("a", number), ([1, 2], number), (["a"], ListType(number)), (1, string)):
        with pytest.raises(Fault):
            coerce(value, type_)


def test_conformance_of_callers_values():
    assert conforms(1.5, BUILTIN_TYPES["number"])
    assert conforms((1, 2), ListType(BUILTIN_TYPES["number"]))
    assert not conforms(True, BUILTIN_TYPES["number"])


def test_subtypes():
    number = BUILTIN_TYPES["number"]
    wide, narrow = ContextType((("a", number),)), ContextType((("a", number), ("b", number)))
    assert is_subtype(narrow, wide)
    assert not is_subtype(wide, narrow)
    assert is_subtype(ListType(narrow), ListType(wide))
    assert is_subtype(FunctionType((wide,), narrow), FunctionType((narrow,), wide))
    assert not is_subtype(FunctionType((narrow,), wide), FunctionType((wide,), wide))
    assert is_subtype(NULL, number)
    assert is_subtype(number, ANY)
    assert not is_subtype(ANY, number)
