"""Requirement graphs: what a decision sees, functions, services, imports, and circles."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from server.dmn import DmnError, UnknownDecisionError, read_dmn

DMN_12 = "http://www.omg.org/spec/DMN/20180521/MODEL/"
DMN_13 = "https://www.omg.org/spec/DMN/20191111/MODEL/"
DMN_14 = "https://www.omg.org/spec/DMN/20211108/MODEL/"
DMN_15 = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def knowledge(dmn: Any, name: str, parameters: str, logic: str, required: str = "") -> str:
    """A business knowledge model."""
    return (
        f'<businessKnowledgeModel id="b_{name}" name="{name}"><variable name="{name}"/><encapsulatedLogic>'
        f"{parameters}{logic}</encapsulatedLogic>{required}</businessKnowledgeModel>"
    )


@pytest.mark.parametrize("dmn_version", [DMN_12, DMN_13, DMN_14, DMN_15])
def test_all_versions_are_read(dmn: Any, dmn_version: str) -> None:
    model = read_dmn(dmn.model(dmn.decision("D", dmn.literal("1")), dmn=dmn_version))
    assert model.evaluate("D", {}).value == 1
    assert model.evaluate("d_D", {}).value == 1


def test_required_decisions_are_evaluated_once_and_traced(dmn: Any) -> None:
    model = dmn.read(
        dmn.input("income", "number"),
        dmn.decision("Net", dmn.literal("income * 0.8"), inputs=["#i_income"]),
        dmn.decision("Low", dmn.literal("Net < 10"), decisions=["#d_Net"]),
        dmn.decision("D", dmn.literal("if Low then Net else 0"), decisions=["#d_Net", "#d_Low"]),
    )
    evaluation = model.evaluate("D", {"income": 10})
    assert evaluation.value == Decimal("8.0")
    net, low = evaluation.trace.required
    assert net is low.required[0]
    assert net.inputs == (("i_income", "income", 10),)


def test_a_long_chain_of_decisions_needs_no_stack(dmn: Any) -> None:
    elements = [dmn.decision("D0", dmn.literal("1"))]
    elements += [
        dmn.decision(f"D{n}", dmn.literal(f"D{n - 1} + 1"), decisions=[f"#d_D{n - 1}"]) for n in range(1, 1500)
    ]
    assert dmn.read(*elements).evaluate("D1499", {}).value == 1500


def test_names_with_spaces_and_signs(dmn: Any) -> None:
    model = dmn.read(
        dmn.input("debt-to-income ratio"),
        dmn.input("借款 金额"),
        dmn.decision(
            "D",
            dmn.literal("if debt-to-income ratio > 0.5 then 借款 金额 else 0"),
            inputs=["#i_debt-to-income_ratio", "#i_借款_金额"],
        ),
    )
    assert model.evaluate("D", {"debt-to-income ratio": 0.6, "借款 金额": 5}).value == 5


def test_dates_arrive_as_texts_and_are_read_by_their_type(dmn: Any) -> None:
    model = dmn.read(
        dmn.input("born", "date"),
        dmn.decision("D", dmn.literal("born.year"), inputs=["#i_born"]),
    )
    assert model.evaluate("D", {"born": "1990-05-01"}).value == 1990
    assert model.evaluate("D", {"born": "in May"}).failed


def test_functions_see_their_parameters_and_requirements_only(dmn: Any) -> None:
    number = '<formalParameter name="x" typeRef="number"/>'
    model = dmn.read(
        knowledge(dmn, "double", number, dmn.literal("x * 2")),
        knowledge(
            dmn,
            "quadruple",
            number,
            dmn.literal("double(double(x))"),
            '<knowledgeRequirement><requiredKnowledge href="#b_double"/></knowledgeRequirement>',
        ),
        dmn.decision("D", dmn.literal("quadruple(3)"), knowledge=["#b_quadruple"]),
    )
    assert model.evaluate("D", {}).value == 12


def test_a_function_cannot_see_the_facts_of_its_caller(dmn: Any) -> None:
    with pytest.raises(DmnError) as refused:
        dmn.read(knowledge(dmn, "nosy", "", dmn.literal("secret")), dmn.input("secret"))
    assert [finding.message.code for finding in refused.value.findings] == ["dmn.name.unknown"]


def test_using_without_requiring_is_refused(dmn: Any) -> None:
    with pytest.raises(DmnError) as refused:
        dmn.read(dmn.input("income"), dmn.decision("D", dmn.literal("income > 0")))
    (finding,) = refused.value.findings
    assert (finding.message.code, finding.element) == ("dmn.requirement.missing", "d_D")


def test_an_undeclared_name_comes_from_the_caller_with_a_warning(dmn: Any) -> None:
    undeclared = dmn.decision("D", dmn.literal("income > 0"))
    assert dmn.read(undeclared).findings == ()
    model = dmn.read(undeclared, dmn.input("age"))
    assert [finding.message.code for finding in model.findings] == ["dmn.name.undeclared"]
    assert model.evaluate("D", {"income": 1}).value is True


def test_names_bound_by_the_logic_itself_are_no_facts(dmn: Any) -> None:
    steps = f'<contextEntry><variable name="net"/>{dmn.literal("income * 0.8")}</contextEntry>'
    last = f"<contextEntry>{dmn.literal('net + count([1, 2][item > 1])')}</contextEntry>"
    model = dmn.read(dmn.input("income"), dmn.decision("D", f"<context>{steps}{last}</context>", inputs=["#i_income"]))
    assert model.findings == ()
    assert model.evaluate("D", {"income": 10, "net": 99}).value == 9


def test_a_table_in_a_function_is_traced(dmn: Any) -> None:
    table = dmn.table(["x"], ["r"], [["< 5", '"low"'], [">= 5", '"high"']])
    model = dmn.read(
        knowledge(dmn, "grade", '<formalParameter name="x"/>', table),
        dmn.decision("D", dmn.literal("grade(7)"), knowledge=["#b_grade"]),
    )
    evaluation = model.evaluate("D", {})
    assert evaluation.value == "high"
    (called,) = evaluation.trace.required
    assert (called.decision_id, called.matched_rules[0].rule_index) == ("b_grade", 2)


def test_a_circle_is_refused_with_its_way(dmn: Any) -> None:
    elements = [
        dmn.decision(a, dmn.literal("1"), decisions=[f"#d_{b}"]) for a, b in (("A", "B"), ("B", "C"), ("C", "A"))
    ]
    with pytest.raises(DmnError) as refused:
        dmn.read(*elements)
    finding = refused.value.findings[-1]
    assert finding.message.code == "dmn.graph.cycle"
    assert finding.element in {"d_A", "d_B", "d_C"}


def test_broken_references_are_refused_with_their_place(dmn: Any) -> None:
    with pytest.raises(DmnError) as refused:
        dmn.read(dmn.decision("D", dmn.literal("1"), decisions=["#nowhere"], inputs=["#d_D"]))
    assert [finding.message.code for finding in refused.value.findings] == ["dmn.reference.broken"] * 2
    assert {finding.element for finding in refused.value.findings} == {"d_D"}


def test_unknown_decisions(dmn: Any) -> None:
    with pytest.raises(UnknownDecisionError):
        dmn.decide(dmn.literal("1")).evaluate("E", {})


SERVICE = """<decisionService id="s" name="Service"><variable name="Service"/><outputDecision href="#d_Out"/>
<inputDecision href="#d_Given"/><inputData href="#i_fact"/></decisionService>"""


def service_elements(dmn: Any) -> list[str]:
    """A service that gives what it is told instead of what the graph would say."""
    return [
        dmn.input("fact", "number"),
        dmn.decision("Given", dmn.literal("1000"), type_ref="number"),
        dmn.decision("Out", dmn.literal("fact + Given"), inputs=["#i_fact"], decisions=["#d_Given"]),
        SERVICE,
        dmn.decision("D", dmn.literal("Service(1, 2)"), knowledge=["#s"]),
        dmn.decision("Named", dmn.literal("Service(Given: 5, fact: 6)"), knowledge=["#s"]),
        dmn.decision("Wrong", dmn.literal('Service("a", 2)'), knowledge=["#s"]),
    ]


def test_services_take_facts_then_decisions(dmn: Any) -> None:
    model = dmn.read(*service_elements(dmn))
    assert model.evaluate("D", {}).value == 3
    assert model.evaluate("Named", {}).value == 11
    assert model.evaluate("Out", {"fact": 1}).value == 1001
    assert model.invoke("Service", {"fact": 20, "Given": 22}).value == 42
    assert model.evaluate("D", {}).trace.required[0].decision_id == "d_Out"


def test_a_service_called_with_a_wrong_type_is_null(dmn: Any) -> None:
    evaluation = dmn.read(*service_elements(dmn)).evaluate("Wrong", {})
    assert evaluation.value is None
    assert evaluation.failed


def test_a_service_of_several_outputs_gives_a_context(dmn: Any) -> None:
    model = dmn.read(
        dmn.decision("A", dmn.literal("1")),
        dmn.decision("B", dmn.literal("2")),
        '<decisionService id="s" name="S"><outputDecision href="#d_A"/><outputDecision href="#d_B"/></decisionService>',
        dmn.decision("D", dmn.literal("S().B"), knowledge=["#s"]),
    )
    assert model.evaluate("D", {}).value == 2


def test_a_decision_that_calls_its_own_service_is_a_circle(dmn: Any) -> None:
    with pytest.raises(DmnError) as refused:
        dmn.read(
            dmn.decision("A", dmn.literal("S()"), knowledge=["#s"]),
            '<decisionService id="s" name="S"><outputDecision href="#d_A"/></decisionService>',
        )
    assert refused.value.findings[-1].message.code == "dmn.graph.cycle"


IMPORT = f'<import name="lib" namespace="urn:lib" importType="{DMN_15}"/>'


def library(dmn: Any) -> bytes:
    """A file to import."""
    text: bytes = dmn.model(
        dmn.input("rate")
        + '<itemDefinition name="tLoan"><itemComponent name="net amount"><typeRef>number</typeRef></itemComponent>'
        + "</itemDefinition>"
        + knowledge(dmn, "Monthly Rate", '<formalParameter name="r"/>', dmn.literal("r / 12"))
        + dmn.decision("Cost", dmn.literal("rate * 100"), inputs=["#i_rate"]),
        namespace="urn:lib",
    )
    return text


def importing(dmn: Any) -> bytes:
    """A file that imports it."""
    text: bytes = dmn.model(
        IMPORT
        + dmn.input("loan", "lib.tLoan")
        + dmn.decision(
            "D",
            dmn.literal("loan.net amount * lib.Monthly Rate(0.12) + lib.Cost"),
            inputs=["#i_loan"],
            knowledge=["urn:lib#b_Monthly Rate"],
            decisions=["urn:lib#d_Cost"],
        )
    )
    return text


def test_imports_bring_types_functions_and_decisions(dmn: Any) -> None:
    model = read_dmn(importing(dmn), imports={"library.dmn": library(dmn)})
    facts = {"loan": {"net amount": 100}}
    assert model.evaluate("D", {**facts, "lib": {"rate": 2}}).value == 201
    assert model.evaluate("D", {**facts, "rate": 3}).value == 301
    assert model.evaluate("D", {"loan": {"other": 1}, "rate": 3}).failed


def test_the_same_file_imported_twice_sees_the_facts_of_each_import(dmn: Any) -> None:
    bottom = dmn.model(
        dmn.input("name") + dmn.decision("Hello", dmn.literal('"Hello " + name'), inputs=["#i_name"]),
        namespace="urn:bottom",
    )
    middle = dmn.model(
        f'<import name="base" namespace="urn:bottom" importType="{DMN_15}"/>'
        + dmn.decision(
            "Both",
            dmn.literal('base.Hello + ", " + base.name'),
            decisions=["urn:bottom#d_Hello"],
            inputs=["urn:bottom#i_name"],
        ),
        namespace="urn:middle",
    )
    imports = "".join(
        f'<import name="{name}" namespace="urn:middle" importType="{DMN_15}"/>' for name in ("left", "right side")
    )
    main = dmn.model(
        imports + dmn.decision("D", dmn.literal("left.Both"), decisions=["urn:middle#d_Both"]), namespace="urn:main"
    )
    model = read_dmn(main, imports={"a": bottom, "b": middle})
    facts = {"left": {"base": {"name": "Ann"}}, "right side": {"base": {"name": "Bob"}}}
    assert model.evaluate("D", facts).value == "Hello Ann, Ann"


def test_a_missing_import_is_refused(dmn: Any) -> None:
    with pytest.raises(DmnError) as refused:
        read_dmn(importing(dmn))
    assert "dmn.import.missing" in {finding.message.code for finding in refused.value.findings}


def test_an_import_that_may_mean_several_files_is_told(dmn: Any) -> None:
    model = read_dmn(importing(dmn), imports={"one.dmn": library(dmn), "two.dmn": library(dmn)})
    (told,) = model.findings
    assert (told.severity, told.message.code) == ("warning", "dmn.import.ambiguous")
    assert "one.dmn" in told.message.en and "two.dmn is imported" in told.message.en
    beside = {"library.dmn": library(dmn), "x.dmn": importing(dmn), "y.dmn": importing(dmn)}
    assert read_dmn(importing(dmn), imports=beside).findings == ()


def test_files_that_import_each_other_are_refused(dmn: Any) -> None:
    back = f'<import name="main" namespace="urn:test" importType="{DMN_15}"/>'
    other = dmn.model(back, namespace="urn:lib")
    main = dmn.model(IMPORT)
    with pytest.raises(DmnError) as refused:
        read_dmn(main, imports={"a": other, "b": main})
    assert refused.value.findings[-1].message.code == "dmn.import.cycle"


def test_version_tags(dmn: Any) -> None:
    extension = (
        '<extensionElements><zeebe:versionTag xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" value="v7"/>'
        "</extensionElements>"
    )
    model = dmn.read(f'<decision id="a" name="A">{extension}{dmn.literal("1")}</decision>')
    assert model.version_tag == "v7"
    assert model.decisions["a"].version_tag == "v7"
