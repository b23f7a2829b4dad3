"""``python -m benchmarks.decisions``: decision tables and conditions, beside SpiffWorkflow's own DMN on the same table.

Both engines read the same file and are asked the same facts in the same run; the cells are written so that they
mean the same in FEEL and in Python. The figures are ratios, because times depend on the machine.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Final
from xml.sax.saxutils import escape

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.dmn.parser.BpmnDmnParser import BpmnDmnParser

from server.dmn import read_dmn
from server.feel import compile_expression, compile_unary_tests

PRODUCTS: Final = ("consumer", "business", "mortgage", "line")
BARS: Final = {20: 100.0, 1000: 2000.0}
"""How many times faster than SpiffWorkflow a table of so many rules has to be."""
LONGEST_TEST: Final = 1.5
"""Microseconds over an empty call that a unary test and a condition may take."""


@dataclass(frozen=True, slots=True)
class TableFigures:
    """One table in both engines: microseconds for a decision, and how many times faster ours is."""

    rules: int
    ours_us: float
    with_trace_us: float
    spiff_us: float

    @property
    def ratio(self) -> float:
        """SpiffWorkflow's time over ours."""
        return self.spiff_us / self.ours_us


def table_of(rules: int) -> bytes:
    """A table of four inputs: bands of a score for each of four products, with an amount and an age."""
    bands = rules // len(PRODUCTS)
    rows = []
    for number in range(rules):
        band, product = divmod(number, len(PRODUCTS))
        cells = [f"? >= {band * 10} and ? < {band * 10 + 10}", f'"{PRODUCTS[product]}"', "> 0", ">= 18"]
        if band == bands - 1:
            cells[0] = f"? >= {band * 10}"
        entries = "".join(
            f'<inputEntry id="r{number}i{place}"><text>{escape(cell)}</text></inputEntry>'
            for place, cell in enumerate(cells)
        )
        rows.append(
            f'<rule id="r{number}">{entries}<outputEntry id="r{number}o"><text>{number}</text></outputEntry></rule>'
        )
    inputs = "".join(
        f'<input id="i{name}" label="{name}"><inputExpression id="e{name}" typeRef="{kind}"><text>{name}</text>'
        "</inputExpression></input>"
        for name, kind in (("score", "number"), ("loanProduct", "string"), ("amount", "number"), ("age", "number"))
    )
    namespace = "https://www.omg.org/spec/DMN/20191111/MODEL/"
    return (
        f'<definitions xmlns="{namespace}" id="bench" name="bench" namespace="urn:bench">'
        f'<decision id="d" name="d"><decisionTable id="t" hitPolicy="UNIQUE">{inputs}'
        f'<output id="o" label="row" name="row" typeRef="number"/>{"".join(rows)}'
        "</decisionTable></decision></definitions>"
    ).encode()


def facts_for(rules: int, count: int) -> list[dict[str, Any]]:
    """Facts that match rules all over the table."""
    bands = rules // len(PRODUCTS)
    return [
        {
            "score": (number * 37 % bands) * 10 + number % 10,
            "loanProduct": PRODUCTS[number * 7 % len(PRODUCTS)],
            "amount": 1000 + number,
            "age": 18 + number % 50,
        }
        for number in range(count)
    ]


def compare(rules: int) -> TableFigures:
    """Both engines on the table of so many rules; raises where they disagree."""
    xml = table_of(rules)
    model = read_dmn(xml)
    parser = BpmnDmnParser()
    parser.add_dmn_str(xml)
    engine = parser.get_engine("d", None)
    script_engine = PythonScriptEngine()
    facts = facts_for(rules, 200)

    def theirs(given: dict[str, Any]) -> Any:
        task = SimpleNamespace(data=given, workflow=SimpleNamespace(script_engine=script_engine))
        return engine.result(task)

    few = facts[:: len(facts) // 8]  # spread over the table, because a rule further down takes them longer
    for given in few:
        answer = theirs(dict(given)).get("row")
        if model.evaluate("d", given).value != answer:
            raise SystemExit(f"The engines disagree about {given}: {answer}")
    return TableFigures(
        rules,
        ours_us=_best(lambda: [model.evaluate("d", given).value for given in facts], len(facts), 25),
        with_trace_us=_best(lambda: [model.evaluate("d", given).trace for given in facts], len(facts), 10),
        spiff_us=_best(lambda: [theirs(given) for given in few], len(few), 3),
    )


def over_empty_call() -> dict[str, float]:
    """Microseconds of a unary test and of a condition of three terms, less those of an empty call."""
    unary = compile_unary_tests("[600..700)")
    condition = compile_expression('score >= 600 and amount < 50000 and product = "consumer"')
    given = {"score": 650, "amount": Decimal(20000), "product": "consumer"}
    value = Decimal(650)

    def empty(_given: object) -> None:
        return None

    return {
        "unary test": _each(lambda n: _repeat(unary.matches, value, n)) - _each(lambda n: _repeat(empty, value, n)),
        "condition": _each(lambda n: _repeat(condition.value, given, n)) - _each(lambda n: _repeat(empty, given, n)),
    }


def _repeat(function: Callable[[Any], object], argument: object, times: int) -> None:
    for _ in range(times):
        function(argument)


def _each(run: Callable[[int], None], times: int = 20_000) -> float:
    return _best(lambda: run(times), times, 15)


def _best(run: Callable[[], object], count: int, rounds: int) -> float:
    """Microseconds of one of ``count`` calls, in the quietest of some rounds: others use the machine too."""
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        run()
        taken.append(time.perf_counter() - began)
    return min(taken) / count * 1e6 if len(taken) < 3 else statistics.quantiles(taken, n=10)[0] / count * 1e6


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and end with 1 where a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.decisions", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args(arguments)
    tables = [compare(rules) for rules in BARS]
    tests = over_empty_call()
    if options.json:
        print(json.dumps({"tables": [{**asdict(t), "ratio": t.ratio} for t in tables], "over_empty_call_us": tests}))
    else:
        print("rules x 4 inputs      ours  with trace  SpiffWorkflow     ratio       bar")
        for t in tables:
            bar = BARS[t.rules]
            print(
                f"{t.rules:>5}           {t.ours_us:>7.2f} us {t.with_trace_us:>7.2f} us {t.spiff_us:>11.1f} us"
                f" {t.ratio:>8.0f}x {bar:>8.0f}x"
            )
        for name, microseconds in tests.items():
            print(f"{name:<12} {microseconds:>6.2f} us over an empty call (bar {LONGEST_TEST} us)")
    missed = [t for t in tables if t.ratio < BARS[t.rules]]
    if missed or any(microseconds > LONGEST_TEST for microseconds in tests.values()):
        raise SystemExit("A bar was missed.")


if __name__ == "__main__":
    main()
