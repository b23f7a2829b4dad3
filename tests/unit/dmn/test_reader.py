"""Reading files: what is no DMN, what is not safe, and faults with their places."""

from __future__ import annotations

from typing import Any

import pytest

from server.dmn import DmnError, read_dmn, read_draft
from server.messages import Severity


def codes(xml: bytes) -> list[str]:
    """The codes of what refuses a file."""
    with pytest.raises(DmnError) as refused:
        read_dmn(xml, resource="pricing.dmn")
    assert all(finding.resource == "pricing.dmn" for finding in refused.value.findings)
    return [finding.message.code for finding in refused.value.findings]


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (b"", "dmn.xml"),
        (b"<definitions", "dmn.xml"),
        (b"\x00\xff\xfe", "dmn.xml"),
        (b"<definitions/>", "dmn.namespace"),
        (b'<definitions xmlns="http://www.omg.org/spec/DMN/20151101/dmn.xsd"/>', "dmn.namespace"),
        (b'<decision xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/"/>', "dmn.namespace"),
    ],
)
def test_what_is_no_dmn(xml: bytes, code: str) -> None:
    assert codes(xml) == [code]


def test_document_types_and_entities_are_not_read(dmn: Any) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    body = dmn.model(dmn.decision("D", dmn.literal("1"))).partition(b"\n")[2]
    assert codes(bomb + body) == ["dmn.xml.doctype"]


def test_other_expression_languages_are_refused(dmn: Any) -> None:
    groovy = dmn.literal("1").replace("<literalExpression", '<literalExpression expressionLanguage="groovy"')
    assert codes(dmn.model(dmn.decision("D", groovy))) == ["dmn.language"]
    assert "dmn.language" in codes(
        dmn.model(dmn.decision("D", dmn.literal("1")), attributes='expressionLanguage="urn:javascript"')
    )
    for language in ("feel", "https://www.omg.org/spec/DMN/20191111/FEEL/", "http://www.omg.org/spec/FEEL/20140401"):
        attributes = f'expressionLanguage="{language}"'
        model = read_dmn(dmn.model(dmn.decision("D", dmn.literal("1")), attributes=attributes))
        assert model.evaluate("D", {}).value == 1


def test_duplicate_ids_and_names(dmn: Any) -> None:
    same_id = '<decision id="d" name="A"/><decision id="d" name="B"/>'
    assert "dmn.id.duplicate" in codes(dmn.model(same_id))
    same_name = '<decision id="a" name="A"/><inputData id="b" name="A"/>'
    assert "dmn.name.duplicate" in codes(dmn.model(same_name))


def test_a_fault_in_a_cell_has_line_and_column(dmn: Any) -> None:
    xml = dmn.model(dmn.decision("D", dmn.table(["x"], ["a"], [["-", "1"], ["> 5", "1 + + 2"]])))
    with pytest.raises(DmnError) as refused:
        read_dmn(xml)
    (finding,) = refused.value.findings
    assert finding.severity is Severity.ERROR
    assert finding.element == "r2"
    assert (
        finding.line
        == xml.decode().splitlines().index(next(t for t in xml.decode().splitlines() if 'id="r2"' in t)) + 1
    )
    assert finding.column == 5
    assert "1 + + 2" in finding.message.zh


def test_a_decision_without_logic_is_null_with_a_warning(dmn: Any) -> None:
    model = read_dmn(dmn.model('<decision id="d" name="D"/>'))
    assert [(f.severity, f.message.code) for f in model.findings] == [(Severity.WARNING, "dmn.decision.no-logic")]
    assert model.evaluate("D", {}).value is None


def test_annotations_come_from_the_rules_description_too(dmn: Any) -> None:
    table = dmn.table(["x"], ["a"], [["-", "1"]]).replace(
        '<rule id="r1">', '<rule id="r1"><description>原因</description>'
    )
    trace = dmn.decide(table).evaluate("D", {"x": 1}).trace
    assert trace.matched_rules[0].annotations == ("原因",)


def test_the_content_hash_is_that_of_the_bytes(dmn: Any) -> None:
    one, other = dmn.model(dmn.decision("D", dmn.literal("1"))), dmn.model(dmn.decision("D", dmn.literal("2")))
    assert read_dmn(one).content_hash == read_dmn(one).content_hash != read_dmn(other).content_hash


def test_expressions_nested_beyond_measure_are_refused_not_crashed(dmn: Any) -> None:
    depth = 120
    logic = "<list>" * depth + dmn.literal("1") + "</list>" * depth
    value = read_draft(dmn.model(dmn.decision("D", logic))).evaluate("D", {}).value
    for _ in range(depth):
        (value,) = value
    assert value == 1
    logic = "<list>" * 5000 + dmn.literal("1") + "</list>" * 5000
    assert codes(dmn.model(dmn.decision("D", logic))) in (["dmn.xml"], ["dmn.too-deep"])
