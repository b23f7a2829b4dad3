"""JUEL to FEEL: a translated expression has the value that an obvious evaluator gives it; the rest is refused."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.bpmn.juel import JuelError, to_feel_text
from server.feel import compile_expression

CASE: dict[str, Any] = {
    "amount": 5000,
    "score": 640,
    "rate": Decimal("0.24"),
    "approved": True,
    "name": "林",
    "nothing": None,
    "none": [],
    "blank": "",
    "open": {},
    "items": [{"id": "a"}, {"id": "b"}],
    "customer": {"age": 30, "first name": "小满", "address": {"city": "上海"}},
}


def value(text: str, variables: dict[str, Any] | None = None) -> Any:
    """The value of a text with ``${…}`` in it, by way of FEEL."""
    feel = to_feel_text(text)
    assert feel.startswith("="), feel
    return compile_expression(feel[1:]).evaluate(CASE if variables is None else variables).value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${approved}", True),
        ("#{approved}", True),
        ("${amount > 1000 && score >= 600}", True),
        ("${amount gt 1000 and score ge 700}", False),
        ("${amount lt 1000 or not approved}", False),
        ("${!approved || amount == 5000}", True),
        ("${name == '林'}", True),
        ('${name != "李"}', True),
        ("${customer.age >= 18 && customer.address.city eq '上海'}", True),
        ("${customer['first name']}", "小满"),
        ("${customer['age'] - 1}", 29),
        ("${items[1].id}", "b"),
        ("${amount * rate / 12}", 100),
        ("${amount - 1000 - 500}", 3500),
        ("${amount - (1000 - 500)}", 4500),
        ("${-amount + 1}", -4999),
        ("${7 % 3}", 1),
        ("${-7 % 3}", -1),
        ("${7 mod -3}", 1),
        ("${1.5e3 div 2}", 750),
        ("${empty nothing && empty none && empty blank && empty open}", True),
        ("${!empty items && not empty name}", True),
        ("${empty amount}", False),
        ("${nothing == null}", True),
        ("${score > 600 ? 'A' : 'B'}", "A"),
        ("${score > 700 ? 'A' : score > 600 ? 'B' : 'C'}", "B"),
        ("${execution.getVariable('amount') == 5000}", True),
        ("Dear ${name}, ${amount} due", "Dear 林, 5000 due"),
        ("group-${nothing}", "group-"),
        ("${'a}b'}", "a}b"),
        ("${'it\\'s'}", "it's"),
        ('${"say \\"x\\""} \\ "quoted"', 'say "x" \\ "quoted"'),
        (" ${ amount } ", 5000),
    ],
)
def test_an_expression_has_its_value(text: str, expected: Any) -> None:
    assert value(text) == expected


def test_counters_of_multi_instance_activities_have_their_names_here() -> None:
    counters = {"numberOfCompletedInstances": 3, "numberOfInstances": 5, "loopCounter": 1}
    assert value("${nrOfCompletedInstances / nrOfInstances >= 0.6}", counters) is True
    assert value("${loopCounter == 0}", counters) is True


def test_what_has_no_expression_stays_as_it_is() -> None:
    assert to_feel_text("reviewers, risk") == "reviewers, risk"
    assert to_feel_text("=1") == '="=1"', "an equals sign begins no FEEL there"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("${service.pay(amount)}", ".pay(…)"),
        ("${items.size() > 0}", ".size(…)"),
        ("${now()}", "now(…)"),
        ("${fn:length(name)}", ":"),
        ("${execution.businessKey}", "execution.businessKey"),
        ("${execution.setVariable('a', 1)}", "execution.setVariable"),
        ("${task.name}", "task"),
        ("${amount = 5}", "="),
        ("${x -> x + 1}", "->"),
        ("${items[amount]}", "[amount]"),
        ("${amount; score}", ";"),
        ("${[1, 2]}", "["),
        ("${amount >}", "}"),
        ("${amount", "}"),
        ("${amount ~ 5}", "~ 5}"),
        ("${for > 1}", "for"),
        ("${$x}", "$x"),
        ("${" + "%".join("a" * 50) + "}", "…"),
        ("${" + "empty " * 30 + "a}", "…"),
        ("${" + "(" * 200 + "1" + ")" * 200 + "}", "((("),
    ],
)
def test_what_could_do_more_than_look_is_refused_by_name(text: str, part: str) -> None:
    with pytest.raises(JuelError) as refused:
        to_feel_text(text)
    assert f"'{part}'" in refused.value.message.en
    assert f"“{part}”" in refused.value.message.zh


@pytest.mark.parametrize("text", ["${name > 5}", "${name == 5 ? 'a' : 'b'}", "${!nothing}", "${nothing && true}"])
def test_what_juel_would_bend_into_shape_has_no_value_in_feel(text: str) -> None:
    assert value(text) is None


# -- generated expressions against an obvious evaluator ------------------------------------------------------------


@dataclass(frozen=True)
class Made:
    """An expression as text, and its value."""

    text: str
    value: Any


NAMES = {"a": 7, "b": Decimal("2.5"), "yes": True, "no": False, "word": "x", "other": "y", "deep": {"n": 3}}
numbers = st.sampled_from(
    [Made("a", 7), Made("b", Decimal("2.5")), Made("deep.n", 3), Made("deep['n']", 3)]
) | st.integers(0, 20).map(lambda n: Made(str(n), n))
texts = st.sampled_from([Made("word", "x"), Made("other", "y"), Made("'x'", "x"), Made('"z\\"\'"', "z\"'")])
truths = st.sampled_from([Made("yes", True), Made("no", False), Made("true", True)])


def arithmetic(inner: st.SearchStrategy[Made]) -> st.SearchStrategy[Made]:
    def join(left: Made, operator: str, right: Made) -> Made:
        result = {"+": left.value + right.value, "-": left.value - right.value, "*": left.value * right.value}
        return Made(f"({left.text} {operator} {right.text})", result[operator])

    return st.builds(join, inner, st.sampled_from("+-*"), inner) | inner.map(lambda m: Made(f"-({m.text})", -m.value))


def compared(pair: st.SearchStrategy[Made]) -> st.SearchStrategy[Made]:
    def join(left: Made, operator: str, right: Made) -> Made:
        result = {
            "==": left.value == right.value,
            "ne": left.value != right.value,
            "<": left.value < right.value,
            "ge": left.value >= right.value,
        }
        return Made(f"{left.text} {operator} {right.text}", result[operator])

    return st.builds(join, pair, st.sampled_from(["==", "ne", "<", "ge"]), pair)


def logical(inner: st.SearchStrategy[Made]) -> st.SearchStrategy[Made]:
    def join(left: Made, operator: str, right: Made) -> Made:
        both = operator in ("&&", "and")
        held = left.value and right.value if both else left.value or right.value
        return Made(f"({left.text}) {operator} ({right.text})", held)

    either = st.builds(
        lambda c, x, y: Made(f"({c.text} ? {x.text} : {y.text})", x.value if c.value else y.value), inner, inner, inner
    )
    negated = inner.map(lambda m: Made(f"!({m.text})", not m.value))
    return st.builds(join, inner, st.sampled_from(["&&", "or", "||", "and"]), inner) | negated | either


sums = st.recursive(numbers, arithmetic, max_leaves=6)
conditions = st.recursive(truths | compared(sums) | compared(texts), logical, max_leaves=6)


@settings(deadline=None)
@given(conditions | sums)
def test_a_translated_expression_agrees_with_an_obvious_evaluator(made: Made) -> None:
    assert value(f"${{{made.text}}}", NAMES) == made.value


@settings(deadline=None)
@given(st.text(alphabet="ab.()[]'\"!&|=<>+-*/%?:$#{} 01", max_size=25))
def test_any_text_is_translated_to_feel_that_compiles_or_refused(text: str) -> None:
    try:
        feel = to_feel_text(f"${{{text}}}")
    except JuelError:
        return
    compile_expression(feel[1:])
