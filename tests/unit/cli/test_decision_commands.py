"""The commands that look into decision tables: analyse, test, explain, and decide for a file of cases."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook, load_workbook

from server.cli import main
from server.cli.exact_yaml import UnreadableYamlError, read_yaml

CONTENT = Path(__file__).resolve().parents[3] / "dmn"
Command = Callable[..., Result]

TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="fees" name="fees" namespace="urn:fees">
<decision id="fee" name="Fee"><informationRequirement><requiredInput href="#i1"/></informationRequirement>
<informationRequirement><requiredInput href="#i2"/></informationRequirement>
<decisionTable id="t" hitPolicy="UNIQUE">
<input id="c1" label="Amount"><inputExpression typeRef="number"><text>amount</text></inputExpression></input>
<input id="c2" label="Customer"><inputExpression typeRef="string"><text>customer.kind</text></inputExpression></input>
<output id="o1" name="fee" typeRef="number"/><output id="o2" name="since" typeRef="date"/>
<rule id="r1"><description>F1 small</description><inputEntry><text>&lt; 1000</text></inputEntry>
<inputEntry><text>"new"</text></inputEntry><outputEntry><text>10.50</text></outputEntry>
<outputEntry><text>date("2024-01-31")</text></outputEntry></rule>
<rule id="r2"><description>F2 large</description><inputEntry><text>{second}</text></inputEntry>
<inputEntry><text>"new"</text></inputEntry><outputEntry><text>amount * 0.01</text></outputEntry>
<outputEntry><text>null</text></outputEntry></rule>
</decisionTable></decision>
<decision id="double" name="Double"><informationRequirement><requiredInput href="#i1"/></informationRequirement>
<literalExpression><text>amount * 2</text></literalExpression></decision>
<inputData id="i1" name="amount"><variable name="amount" typeRef="number"/></inputData>
<inputData id="i2" name="customer"><variable name="customer"/></inputData></definitions>"""


@pytest.fixture
def lendloom(monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("LENDLOOM_LANGUAGE", "en")
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def fees(tmp_path: Path) -> Path:
    """A decision without overlaps."""
    path = tmp_path / "fees.dmn"
    path.write_text(TABLE.replace("{second}", "&gt;= 1000"), encoding="utf-8")
    return path


@pytest.fixture
def overlapping(tmp_path: Path) -> Path:
    """A decision whose rules overlap."""
    path = tmp_path / "fees.dmn"
    path.write_text(TABLE.replace("{second}", "&gt; 900"), encoding="utf-8")
    return path


# --- analyse ---


def test_analyse_ends_with_one_where_a_table_has_an_error(lendloom: Command, overlapping: Path) -> None:
    done = lendloom("analyse", overlapping)

    assert done.exit_code == 1
    assert "error" in done.stdout and "Rules 1, 2 overlap" in done.stdout
    assert "Amount = 950" in done.stdout


def test_analyse_gives_examples_as_json_to_try_them_with(lendloom: Command, fees: Path) -> None:
    done = lendloom("analyse", fees, "--json")

    assert done.exit_code == 0
    (table,) = json.loads(done.stdout)[0]["tables"]
    (gap,) = table["findings"]
    assert gap["code"] == "dmn.analysis.gap"
    assert gap["example"]["customer.kind"] != "new"


def test_an_explained_finding_is_shown_and_does_not_count(lendloom: Command, overlapping: Path) -> None:
    overlapping.with_name("fees.test.yaml").write_text(
        "- decision: fee\n  cases: []\n  explained: {dmn.analysis.overlap: agreed with the product owner}\n"
    )
    done = lendloom("analyse", overlapping.parent)

    assert done.exit_code == 0
    assert "agreed with the product owner" in done.stderr


def test_the_shipped_content_has_no_unexplained_finding(lendloom: Command) -> None:
    done = lendloom("analyse", CONTENT)
    findings = done.stdout.count("[dmn.analysis.")

    assert done.exit_code == 0
    assert done.stderr.count("explained:") == findings


# --- test ---


def test_the_shipped_tests_reach_every_rule(lendloom: Command) -> None:
    done = lendloom("test", CONTENT, "--coverage-fail-under", "100")

    assert done.exit_code == 0, done.stderr
    assert "(100.0 %)" in done.stderr


def test_rules_that_no_row_reaches_are_listed(lendloom: Command, fees: Path) -> None:
    tests = fees.with_name("fees.test.yaml")
    tests.write_text(
        "- decision: fee\n  cases:\n"
        "    - {rule: 1, given: {amount: 1, customer: {kind: new}}, expect: {fee: 10.5, since: 2024-01-31}}\n"
    )

    assert lendloom("test", tests).exit_code == 0
    done = lendloom("test", tests, "--coverage-fail-under", "60")
    assert done.exit_code == 1
    assert "not reached: fee rule 2 F2 large" in done.stderr


def test_a_row_that_fails_is_shown_with_what_came(lendloom: Command, fees: Path) -> None:
    tests = fees.with_name("fees.test.yaml")
    tests.write_text("- decision: fee\n  cases:\n    - {rule: 2, given: {amount: 1, customer: {kind: new}}}\n")
    done = lendloom("test", tests, "--json")

    assert done.exit_code == 1
    assert json.loads(done.stdout)[0]["failures"][0]["code"] == "dmn.test.rule"
    assert "Rule 2 was expected, but 1 matched" in lendloom("test", tests).stderr


def test_a_file_that_is_no_test_is_refused(lendloom: Command, fees: Path, tmp_path: Path) -> None:
    assert "no test file" in lendloom("test", fees).stderr
    alone = tmp_path / "alone.test.yaml"
    alone.write_text("[]")
    assert "no alone.dmn" in lendloom("test", alone).stderr


def test_yaml_is_read_exactly(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text('{a: 0.10, b: no, c: 2024-01-31, d: "1", e: 007, f: null, g: [true, -3], h: 1e3}')
    assert read_yaml(file) == {
        "a": Decimal("0.10"),
        "b": "no",
        "c": "2024-01-31",
        "d": "1",
        "e": "007",
        "f": None,
        "g": [True, -3],
        "h": Decimal(1000),
    }
    for broken in ("{a: 1, a: 2}", "{a: ", "? [1]\n: 2", "[" * 150 + "]" * 150):
        file.write_text(broken)
        with pytest.raises(UnreadableYamlError):
            read_yaml(file)


# --- explain ---


def test_explain_says_it_in_the_language_asked_for(lendloom: Command, fees: Path) -> None:
    facts = ("--context", '{"amount": 5000, "customer": {"kind": "new"}}')
    zh = lendloom("explain", fees, "fee", *facts, "--language", "zh")
    en = lendloom("explain", fees, "fee", *facts, "--json")

    assert zh.stdout.splitlines()[0] == "fee 50: Amount 5,000 不低于 1,000；Customer 为 new (规则 2)"
    assert zh.stdout.splitlines()[-1] == "F2"
    assert json.loads(en.stdout)["reasonCodes"] == ["F2"]
    assert lendloom("explain", fees).exit_code == 2


# --- decide ---


def test_all_decisions_of_a_file(lendloom: Command, fees: Path) -> None:
    done = lendloom("decide", fees, "--all", "--context", '{"amount": 500, "customer": {"kind": "new"}}')

    assert json.loads(done.stdout) == {"fee": {"fee": 10.5, "since": "2024-01-31"}, "double": 1000}
    assert lendloom("decide", fees).exit_code == 2
    assert lendloom("decide", fees, "fee", "--all").exit_code == 2
    assert lendloom("decide", fees, "fee", "--input", fees).exit_code == 2


def test_a_csv_file_of_cases(lendloom: Command, fees: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("amount,customer.kind,编号\n500,new,007\n,,\n5000.10,new,8\n1,,9\n", encoding="gb18030")
    done = lendloom("decide", fees, "fee", "--input", source, "--output", target)

    assert done.exit_code == 0, done.stderr
    assert "3 rows written" in done.stderr
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["编号"] for row in rows] == ["007", "8", "9"]
    assert [row["fee.fee"] for row in rows] == ["10.50", "50.0010", ""]
    assert [row["fee.since"] for row in rows] == ["2024-01-31", "", ""]
    assert [row["fee.rule"] for row in rows] == ["1", "2", ""]


def test_an_excel_file_of_cases_may_go_through_again(lendloom: Command, fees: Path, tmp_path: Path) -> None:
    source, target, again = (tmp_path / name for name in ("in.xlsx", "out.xlsx", "again.xlsx"))
    book = Workbook()
    sheet: Any = book.active
    for row in [["amount", "customer.kind", "note"], [500, "new", "=1+1"], ["much", "new", None]]:
        sheet.append(row)
    sheet["C2"].data_type = "s"
    book.save(source)

    first = lendloom("decide", fees, "--all", "--input", source, "--output", target)
    assert first.exit_code == 1
    assert "1 without a result" in first.stderr
    lendloom("decide", fees, "--all", "--input", target, "--output", again)
    rows = [[cell.value for cell in row] for row in load_workbook(again).worksheets[0].iter_rows()]
    assert rows[0] == ["amount", "customer.kind", "note", "fee.fee", "fee.since", "fee.rule", "double", "problems"]
    assert rows[1] == [500, "new", "=1+1", 10.5, "2024-01-31", "1", 1000, None]
    assert rows[2][3] is None and "amount" in rows[2][-1]


def test_files_that_are_no_tables_are_refused(lendloom: Command, fees: Path, tmp_path: Path) -> None:
    for name, content in (
        ("in.txt", "amount"),
        ("empty.csv", ""),
        ("twice.csv", "amount,amount\n1,2\n"),
        ("no.xlsx", "x"),
    ):
        source = tmp_path / name
        source.write_text(content)
        done = lendloom("decide", fees, "fee", "--input", source, "--output", tmp_path / "out.csv")
        assert done.exit_code == 1, name
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception


def test_a_row_tells_what_was_noticed_although_it_has_a_result(lendloom: Command, fees: Path, tmp_path: Path) -> None:
    model, source, target = tmp_path / "lenient.dmn", tmp_path / "in.csv", tmp_path / "out.csv"
    model.write_text(fees.read_text().replace("<text>amount * 2</text>", "<text>if amount &gt; 1 then 1 else 2</text>"))
    source.write_text("amount,problems\n,what a batch before this one noticed\n5,\n")
    done = lendloom("decide", model, "double", "--input", source, "--output", target)

    assert done.exit_code == 0, done.stderr
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["double"] for row in rows] == ["2", "1"]
    assert rows[0]["problems"] == "A null cannot be compared with a number."
    assert rows[1]["problems"] == ""


def test_a_batch_that_cannot_be_finished_leaves_nothing(lendloom: Command, fees: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "results" / "out.csv"
    source.write_text('amount,customer.kind\n500,new\n"500,new\n')
    target.parent.mkdir()
    assert lendloom("decide", fees, "fee", "--input", source, "--output", target).exit_code == 1
    assert list(target.parent.iterdir()) == []

    source.write_text("amount,customer.kind\n500,new\n")
    done = lendloom("decide", fees, "fee", "--input", source, "--output", tmp_path / "nowhere" / "out.csv")
    assert done.exit_code == 1
    assert "nowhere" in done.stderr and isinstance(done.exception, SystemExit)


# --- feel ---


@pytest.mark.parametrize("form", ["{file}", "@{file}", '{{"amount": 2.10}}'])
def test_facts_are_a_file_or_the_text_itself(lendloom: Command, tmp_path: Path, form: str) -> None:
    file = tmp_path / "facts.json"
    file.write_text('{"amount": 2.10}')
    done = lendloom("feel", "-amount * 2", "--context", form.format(file=file))

    assert done.exit_code == 0, done.stderr
    assert done.stdout == "-4.20\n"


def test_facts_that_are_not_there(lendloom: Command, tmp_path: Path) -> None:
    done = lendloom("feel", "amount", "--context", tmp_path / "none.json")

    assert done.exit_code == 1
    assert "none.json cannot be read" in done.stderr


def test_what_is_not_feel_is_told_with_its_place(lendloom: Command) -> None:
    done = lendloom("feel", "1 +")

    assert done.exit_code == 1
    assert done.stderr.startswith("1:4 syntax\nExpected an expression")


@pytest.mark.parametrize("key", ["abc", "-1", "17-", "17-x", "1.5"])
def test_keys_are_numbers(lendloom: Command, key: str) -> None:
    for command in ("explain", "replay"):
        assert lendloom(command, f"--instance={key}").exit_code == 2
