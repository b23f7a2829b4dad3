"""Reading forms: what is accepted, and what is refused with which finding."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal

import pytest

from server.forms import Form, FormError, read_form
from server.messages import Finding, Severity

Component = dict[str, object]


def schema(*components: Component, **changes: object) -> str:
    root = {"type": "default", "id": "Test", "schemaVersion": 19, "components": list(components), **changes}
    return json.dumps(root, ensure_ascii=False, indent=2)


def findings_of(text: str | bytes) -> tuple[Finding, ...]:
    with pytest.raises(FormError) as caught:
        read_form(text, resource="test.form")
    return caught.value.findings


def codes_of(text: str | bytes) -> list[str]:
    return [finding.message.code for finding in findings_of(text)]


AMOUNT: Component = {"type": "number", "id": "Field_amount", "key": "amount", "label": "Amount"}


def with_amount(**changes: object) -> str:
    return schema({**AMOUNT, **changes})


def choice(**settings: object) -> str:
    return schema({"type": "select", "id": "S", "key": "s", **settings})


def test_a_sound_form_knows_its_keys_hash_and_schema() -> None:
    text = schema(
        {"type": "text", "text": "# 借款申请"},
        AMOUNT,
        {
            "type": "group",
            "path": "applicant",
            "components": [
                {"type": "textfield", "key": "name", "label": "姓名"},
                {"type": "textfield", "key": "work.phone", "label": "单位电话"},
            ],
        },
        {"type": "dynamiclist", "path": "contacts", "components": [{"type": "textfield", "key": "phone"}]},
        {"type": "expression", "key": "total", "expression": "=amount * 2"},
        {"type": "button", "label": "提交", "action": "submit"},
    )
    form = read_form(text)
    assert form.id == "Test"
    assert form.keys == ("amount", "applicant.name", "applicant.work.phone", "contacts[].phone", "total")
    assert form.variables == ("amount", "applicant", "contacts", "total")
    assert form.content_hash == hashlib.sha256(text.encode()).hexdigest()
    assert form.schema["id"] == "Test"
    assert form.findings == ()


def test_bytes_and_text_are_the_same_form() -> None:
    text = schema(AMOUNT)
    assert read_form(text).content_hash == read_form(text.encode()).content_hash
    assert read_form(b"\xef\xbb\xbf" + text.encode()).id == "Test"


def test_every_type_of_form_js_and_of_lendloom_is_known() -> None:
    choices = ("select", "radio", "checklist", "taglist")
    kinds: list[Component] = [
        {"type": kind, "key": f"k{index}", **({"values": ["a"]} if kind in choices else {})}
        for index, kind in enumerate(
            (
                "textfield", "textarea", "number", "datetime", "checkbox", "checklist", "radio", "select",
                "taglist", "filepicker", "money", "resident-id", "phone-cn",
            )
        )
    ]  # fmt: skip
    shown: list[Component] = [
        {"type": kind}
        for kind in (
            "text", "html", "image", "table", "documentPreview", "spacer", "separator", "button", "iframe",
        )
    ]  # fmt: skip
    containers: list[Component] = [
        {"type": "group", "components": []},
        {"type": "dynamiclist", "path": "rows", "components": []},
        {"type": "expression", "key": "e", "expression": "=1"},
    ]
    assert len(read_form(schema(*kinds, *shown, *containers)).keys) == len(kinds) + 1


def test_decimals_in_the_schema_stay_decimals() -> None:
    form = read_form('{"type":"default","id":"T","components":[{"type":"number","key":"a","validate":{"min":0.1}}]}')
    component = form.schema["components"]
    assert isinstance(component, list)
    assert component[0]["validate"]["min"] == Decimal("0.1")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"type": "default", "type": "default"}',
        '{"a": NaN}',
        b"\xff\xfe",
        "[" * 100_000,
    ],
)
def test_refuses_what_is_no_json(text: str | bytes) -> None:
    assert codes_of(text) == ["form.json"]


@pytest.mark.parametrize("text", ["[]", "{}", schema(type="form"), schema(id=7), schema(components={})])
def test_refuses_what_is_no_form(text: str) -> None:
    assert codes_of(text) == ["form.root"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (schema({"type": "slider", "key": "a"}), "component.unknown"),
        (schema({"key": "a"}), "component.shape"),
        (schema({"type": "group", "components": {}}), "component.shape"),
        (schema(AMOUNT, {**AMOUNT, "key": "other"}), "id.duplicate"),
        (schema(AMOUNT, {**AMOUNT, "id": "Other"}), "binding.duplicate"),
        (schema(AMOUNT, {"type": "number", "key": "amount.net"}), "binding.duplicate"),
        (schema({"type": "number", "key": "amount.net"}, AMOUNT), "binding.duplicate"),
        (schema({"type": "number"}), "binding.name"),
        (with_amount(key="a..b"), "binding.name"),
        (with_amount(key="a b"), "binding.name"),
        (with_amount(key="1a"), "binding.name"),
        (schema({"type": "group", "path": ".", "components": []}), "binding.name"),
        (schema({"type": "dynamiclist", "components": []}), "binding.name"),
        (schema(AMOUNT, {"type": "dynamiclist", "path": "amount", "components": []}), "binding.duplicate"),
        (
            schema(
                {"type": "dynamiclist", "path": "rows", "components": []},
                {"type": "textfield", "key": "rows.name"},
            ),
            "binding.duplicate",
        ),
        (with_amount(conditional={"hide": "=amount >"}), "feel"),
        (with_amount(conditional={"hide": "amount > 1"}), "feel.expected"),
        (with_amount(readonly="=("), "feel"),
        (with_amount(label="=("), "feel"),
        (with_amount(validate={"max": "=1 +"}), "feel"),
        (with_amount(validate={"max": "many"}), "setting"),
        (with_amount(validate={"min": 2, "max": 1}), "setting"),
        (with_amount(validate={"required": "yes"}), "setting"),
        (with_amount(decimalDigits=-1), "setting"),
        (with_amount(decimalDigits=1.5), "setting"),
        (with_amount(increment=0), "setting"),
        (with_amount(defaultValue="abc"), "default"),
        (schema({"type": "expression", "key": "e"}), "feel.expected"),
        (schema({"type": "expression", "key": "e", "expression": "1 + 1"}), "feel.expected"),
        (schema({"type": "expression", "key": "e", "expression": "=1", "computeOn": "never"}), "setting"),
        (schema({"type": "text", "text": "=1 +"}), "feel"),
        (schema({"type": "text", "conditional": {"hide": "=)"}}), "feel"),
        (schema({"type": "textfield", "key": "a", "validate": {"pattern": "("}}), "pattern.invalid"),
        (schema({"type": "textfield", "key": "a", "validate": {"validationType": "iban"}}), "setting"),
        (schema({"type": "datetime", "key": "a", "subtype": "week"}), "setting"),
        (schema({"type": "money", "key": "a", "currency": "yuan"}), "setting"),
        (choice(), "options.none"),
        (choice(values=[]), "options.none"),
        (choice(values=[{"label": "A"}]), "setting"),
        (choice(values=["a", "a"]), "setting"),
        (choice(valuesKey=""), "setting"),
        (choice(valuesExpression="=["), "feel"),
        (choice(valuesExpression="items"), "feel.expected"),
    ],
)
def test_refuses_faulty_components(text: str, code: str) -> None:
    assert codes_of(text) == [f"form.{code}"]


def test_all_faults_are_found_at_once_with_place_and_line() -> None:
    text = schema(
        {"type": "number", "id": "Field_a", "key": "a", "increment": -1},
        {"type": "slider", "id": "Field_b", "key": "b"},
    )
    first, second = findings_of(text)
    assert (first.element, first.resource, first.severity) == ("Field_a", "test.form", Severity.ERROR)
    assert second.element == "Field_b"
    assert first.line is not None
    assert '"Field_a"' in text.splitlines()[first.line - 1]
    assert first.message.zh != first.message.en


def test_nesting_has_a_limit() -> None:
    nested: Component = AMOUNT
    for _ in range(30):
        nested = {"type": "group", "components": [nested]}
    assert codes_of(schema(nested)) == ["form.component.depth"]


def test_doubtful_things_are_warnings() -> None:
    form = read_form(schema({"type": "select", "key": "s", "values": ["a"], "defaultValue": "b"}, schemaVersion=99))
    assert [finding.message.code for finding in form.findings] == [
        "form.schema-version",
        "form.default.option",
    ]
    assert {finding.severity for finding in form.findings} == {Severity.WARNING}


def test_groups_may_share_a_path() -> None:
    form = read_form(
        schema(
            {"type": "group", "path": "a", "components": [{"type": "textfield", "key": "x"}]},
            {"type": "group", "path": "a", "components": [{"type": "textfield", "key": "y"}]},
        )
    )
    assert form.keys == ("a.x", "a.y")


def test_a_form_compares_by_content() -> None:
    assert isinstance(read_form(schema(AMOUNT)), Form)
    assert read_form(schema(AMOUNT)).content_hash != read_form(with_amount(label="Sum")).content_hash
