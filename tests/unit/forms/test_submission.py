"""Submissions: what a person sent, checked and computed against the form and the task's variables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from server.forms import Form, Submission

MakeForm = Callable[..., Form]
Component = dict[str, object]

AMOUNT: Component = {"type": "money", "key": "amount", "label": "申请金额", "validate": {"required": True}}
PURPOSE: Component = {"type": "textfield", "key": "purpose", "label": "用途"}


def errors_of(submission: Submission) -> list[tuple[str, str]]:
    return [(error.path, error.message.code.removeprefix("form.")) for error in submission.errors]


def text(**settings: object) -> Component:
    return {"type": "textfield", "key": "t", "label": "Text", **settings}


def number(**settings: object) -> Component:
    return {"type": "number", "key": "n", "label": "Number", **settings}


def test_sound_values_are_handed_on_as_decimals(make_form: MakeForm) -> None:
    submission = make_form(AMOUNT, PURPOSE).validate({"amount": "20000.50", "purpose": "装修"})
    assert submission == Submission({"amount": Decimal("20000.50"), "purpose": "装修"})


def test_a_missing_required_value_is_named_by_its_label(make_form: MakeForm) -> None:
    for data in ({}, {"amount": None}, {"amount": ""}):
        submission = make_form(AMOUNT).validate(data)
        assert errors_of(submission) == [("amount", "required")]
        assert submission.errors[0].message.zh == "请填写“申请金额”。"
        assert submission.errors[0].message.en == "'申请金额' is required."


@pytest.mark.parametrize(
    ("component", "value", "codes"),
    [
        (text(validate={"minLength": 2}), "a", ["min-length"]),
        (text(validate={"minLength": 2}), " a  ", ["min-length"]),
        (text(validate={"minLength": 2}), "", []),
        (text(validate={"maxLength": 2}), "汉字", []),
        (text(validate={"maxLength": 2}), "汉字典", ["max-length"]),
        (text(validate={"pattern": "^[A-Z]+$"}), "AB", []),
        (text(validate={"pattern": "^[A-Z]+$", "maxLength": 1}), "ab", ["pattern", "max-length"]),
        (text(validate={"validationType": "email"}), "li@example.com", []),
        (text(validate={"validationType": "email"}), "li@", ["email"]),
        (text(validate={"validationType": "phone"}), "+8613800138000", []),
        (text(validate={"validationType": "phone"}), "13800138000", ["phone"]),
        (number(validate={"min": 1, "max": 3}), "0.999999999999999999999", ["min"]),
        (number(validate={"min": 1, "max": 3}), 3, []),
        (number(validate={"max": 0}), "0.01", ["max"]),
        (number(validate={"min": 0.1}), 0.1, []),
        (number(serializeToString=True, validate={"max": 5}), "5.01", ["max"]),
        ({"type": "checkbox", "key": "t", "validate": {"required": True}}, False, ["required"]),
        ({"type": "checkbox", "key": "t", "validate": {"required": True}}, True, []),
        ({"type": "checkbox", "key": "t"}, False, []),
        ({"type": "taglist", "key": "t", "values": ["a"], "validate": {"required": True}}, [], ["required"]),
        ({"type": "select", "key": "t", "values": [True, False], "validate": {"required": True}}, False, []),
    ],
)
def test_constraints(make_form: MakeForm, component: Component, value: object, codes: list[str]) -> None:
    submission = make_form(component).validate({str(component["key"]): value})
    assert [code for _, code in errors_of(submission)] == codes


def test_the_authors_own_pattern_message_is_used(make_form: MakeForm) -> None:
    form = make_form(
        text(label="统一社会信用代码", validate={"pattern": "^.{18}$", "patternErrorMessage": "应为 18 位"})
    )
    message = form.validate({"t": "123"}).errors[0].message
    assert message.zh == "“统一社会信用代码”：应为 18 位"


def test_limits_may_be_feel_over_task_and_form(make_form: MakeForm) -> None:
    form = make_form(number(validate={"max": "=income * 10", "min": "=if strict then 100 else null"}))
    context = {"income": Decimal("10.5"), "strict": False}
    assert errors_of(form.validate({"n": 105}, context)) == []
    assert errors_of(form.validate({"n": "105.01"}, context)) == [("n", "max")]
    assert errors_of(form.validate({"n": 99}, {**context, "strict": True})) == [("n", "min")]


def test_a_limit_that_cannot_be_computed_refuses_the_value(make_form: MakeForm) -> None:
    form = make_form(number(validate={"max": "=credit_limit * 10"}))
    assert errors_of(form.validate({"n": 1})) == [("n", "limit-unknown")]
    assert errors_of(form.validate({"n": None})) == []


def test_wrong_types_are_refused_once(make_form: MakeForm) -> None:
    form = make_form(number(validate={"required": True, "min": 5}))
    assert errors_of(form.validate({"n": "many"})) == [("n", "type")]


# --- what is not submitted ---


def test_a_field_that_is_not_mentioned_keeps_the_tasks_value_or_its_default(make_form: MakeForm) -> None:
    form = make_form(AMOUNT, text(defaultValue="new"), number())
    assert form.validate({}, {"amount": 5}).values == {"amount": Decimal(5), "t": "new", "n": None}
    assert form.validate({"t": None}, {"amount": 5}).values["t"] == ""


def test_a_variable_of_another_type_shows_as_empty(make_form: MakeForm) -> None:
    assert errors_of(make_form(AMOUNT).validate({}, {"amount": "a lot"})) == [("amount", "required")]


def test_readonly_fields_keep_the_tasks_value(make_form: MakeForm) -> None:
    form = make_form({**AMOUNT, "readonly": True}, PURPOSE)
    submission = form.validate({"amount": 1, "purpose": "x"}, {"amount": 50_000})
    assert submission == Submission({"amount": 50_000, "purpose": "x"})


def test_readonly_may_depend_on_the_form(make_form: MakeForm) -> None:
    form = make_form({**AMOUNT, "readonly": '=purpose = "fixed"'}, PURPOSE)
    assert form.validate({"amount": 1, "purpose": "fixed"}, {"amount": 9}).values["amount"] == 9
    assert form.validate({"amount": 1, "purpose": "free"}, {"amount": 9}).values["amount"] == 1


def test_disabled_fields_are_neither_read_nor_handed_on_nor_checked(make_form: MakeForm) -> None:
    form = make_form({**AMOUNT, "disabled": True}, {"type": "expression", "key": "double", "expression": "=amount*2"})
    assert form.validate({"amount": 1}, {"amount": 9}) == Submission({"double": Decimal(18)})


# --- conditions ---


def test_hidden_fields_are_neither_required_nor_kept(make_form: MakeForm) -> None:
    form = make_form(PURPOSE, {**AMOUNT, "conditional": {"hide": '=purpose = "none"'}})
    assert form.validate({"purpose": "none", "amount": 7}) == Submission({"purpose": "none"})
    assert errors_of(form.validate({"purpose": "some"})) == [("amount", "required")]


def test_hidden_fields_are_null_to_other_conditions(make_form: MakeForm) -> None:
    form = make_form(
        text(key="a"),
        text(key="b", conditional={"hide": '=a = "x"'}),
        text(key="c", conditional={"hide": "=b = null"}),
    )
    assert form.validate({"a": "x", "b": "1", "c": "2"}).values == {"a": "x"}
    assert form.validate({"a": "y", "b": "1", "c": "2"}).values == {"a": "y", "b": "1", "c": "2"}


def test_a_hidden_group_hides_what_it_holds(make_form: MakeForm) -> None:
    group: Component = {
        "type": "group", "path": "spouse", "conditional": {"hide": "=not(married)"},
        "components": [text(key="name", validate={"required": True})],
    }  # fmt: skip
    form = make_form({"type": "checkbox", "key": "married"}, group)
    assert form.validate({"married": False, "spouse": {"name": "x"}}) == Submission({"married": False})
    assert errors_of(form.validate({"married": True})) == [("spouse.name", "required")]


def test_conditions_that_never_settle_are_reported(make_form: MakeForm) -> None:
    form = make_form(
        text(key="a", conditional={"hide": "=b = null"}), text(key="b", conditional={"hide": "=a != null"})
    )
    assert "unsettled" in [code for _, code in errors_of(form.validate({"a": "1", "b": "2"}))]


# --- computed fields ---


def test_expressions_are_computed_in_decimals_whatever_was_submitted(make_form: MakeForm) -> None:
    form = make_form(
        number(key="a"), number(key="b"),
        {"type": "expression", "key": "total", "expression": "=sum"},
        {"type": "expression", "key": "sum", "expression": "=a + b"},
    )  # fmt: skip
    submission = form.validate({"a": 0.1, "b": 0.2, "sum": 99, "total": 99})
    assert submission.values["sum"] == submission.values["total"] == Decimal("0.3")


def test_computed_dates_are_handed_on_as_text(make_form: MakeForm) -> None:
    form = make_form({"type": "expression", "key": "due", "expression": '=date("2026-01-31") + duration("P1M")'})
    assert form.validate({}).values == {"due": "2026-02-28"}


def test_a_null_that_came_from_an_error_is_a_warning(make_form: MakeForm) -> None:
    form = make_form(number(), {"type": "expression", "key": "e", "expression": "=n / unknown"})
    submission = form.validate({"n": 1})
    assert submission.errors == ()
    assert submission.values["e"] is None
    assert [(warning.path, warning.message.code) for warning in submission.warnings] == [("e", "form.not-computed")]


def test_a_hidden_expression_is_not_handed_on(make_form: MakeForm) -> None:
    form = make_form({"type": "expression", "key": "e", "expression": "=1", "conditional": {"hide": "=true"}})
    assert form.validate({}).values == {}


def test_today_is_the_callers_clock(make_form: MakeForm) -> None:
    form = make_form({"type": "expression", "key": "e", "expression": "=today()"})
    assert form.validate({}, clock=datetime(2026, 3, 1, 12, tzinfo=UTC)).values == {"e": "2026-03-01"}


def test_past_dates_are_refused_where_the_form_says_so(make_form: MakeForm) -> None:
    form = make_form({"type": "datetime", "key": "d", "disallowPassedDates": True})
    clock = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert errors_of(form.validate({"d": "2026-02-28"}, clock=clock)) == [("d", "date-passed")]
    assert errors_of(form.validate({"d": "2026-03-01"}, clock=clock)) == []
    assert errors_of(form.validate({"d": None}, clock=clock)) == []


# --- options ---


def test_static_options(make_form: MakeForm) -> None:
    form = make_form(
        {
            "type": "radio",
            "key": "r",
            "values": [{"label": "一", "value": 1}, {"label": "是", "value": "yes"}],
        },
        {"type": "checklist", "key": "c", "values": ["a", "b"]},
    )
    assert errors_of(form.validate({"r": 1, "c": ["a", "b"]})) == []
    assert errors_of(form.validate({"r": True, "c": ["a", "z"]})) == [("r", "option"), ("c", "option")]


def test_options_from_a_variable_are_the_tasks_not_the_submitters(make_form: MakeForm) -> None:
    form = make_form({"type": "select", "key": "s", "valuesKey": "branches"})
    context = {"branches": [{"label": "北京", "value": "bj"}, "sh"]}
    assert errors_of(form.validate({"s": "sh"}, context)) == []
    assert errors_of(form.validate({"s": "gz", "branches": ["gz"]}, context)) == [("s", "option")]
    assert errors_of(form.validate({"s": "gz", "branches": ["gz"]})) == [("s", "options-unknown")]


def test_options_from_feel(make_form: MakeForm) -> None:
    form = make_form(number(), {"type": "taglist", "key": "t", "valuesExpression": "=for i in 1..n return i * 2"})
    assert errors_of(form.validate({"n": 2, "t": [2, 4]})) == []
    assert errors_of(form.validate({"n": 1, "t": [2, 4]})) == [("t", "option")]


# --- groups, lists ---


def contacts(**settings: object) -> Component:
    return {
        "type": "dynamiclist", "path": "contacts", "label": "联系人",
        "components": [
            {"type": "textfield", "key": "name", "label": "姓名", "validate": {"required": True}},
            {"type": "phone-cn", "key": "phone", "label": "手机",
             "conditional": {"hide": '=this.name = "无"'}},
            {"type": "expression", "key": "rank", "expression": "=i[1]"},
        ],
        **settings,
    }  # fmt: skip


def test_an_object_bound_in_part_keeps_its_rest(make_form: MakeForm) -> None:
    form = make_form({"type": "group", "path": "customer", "components": [text(key="phone")]})
    context = {"customer": {"id": 7, "phone": "1"}}
    assert form.validate({"customer": {"phone": "2"}}, context).values == {"customer": {"id": 7, "phone": "2"}}
    assert context == {"customer": {"id": 7, "phone": "1"}}


def test_a_group_that_is_no_object_is_refused(make_form: MakeForm) -> None:
    group: Component = {"type": "group", "path": "customer", "components": [text(key="work.phone")]}
    for data in ({"customer": "x"}, {"customer": ["x"]}):
        assert errors_of(make_form(group).validate(data)) == [("customer", "type")]
    assert errors_of(make_form(group).validate({"customer": {"work": 1}})) == [("customer.work", "type")]
    assert errors_of(make_form(group).validate({"customer": {"work": None}})) == []


def test_each_row_of_a_list_is_checked_and_computed(make_form: MakeForm) -> None:
    form = make_form(contacts())
    submission = form.validate({"contacts": [{"name": "李", "phone": "138 0013 8000"}, {"name": "无", "phone": "x"}]})
    assert submission.errors == ()
    assert submission.values == {
        "contacts": [{"name": "李", "phone": "13800138000", "rank": 1}, {"name": "无", "rank": 2}]
    }


def test_errors_in_rows_say_which_row(make_form: MakeForm) -> None:
    submission = make_form(contacts()).validate({"contacts": [{"name": "李"}, {"phone": "12"}]})
    assert errors_of(submission) == [("contacts[1].name", "required"), ("contacts[1].phone", "phone-cn")]
    assert submission.errors[0].message.zh == "请填写“姓名”（第 2 行）。"


def test_a_list_that_is_not_submitted_has_the_tasks_rows_or_its_default_ones(make_form: MakeForm) -> None:
    assert errors_of(make_form(contacts()).validate({})) == [("contacts[0].name", "required")]
    assert errors_of(make_form(contacts(defaultRepetitions=0)).validate({})) == []
    known = {"contacts": [{"name": "王", "phone": "", "id": 3}]}
    assert make_form(contacts()).validate({}, known).values == {
        "contacts": [{"name": "王", "phone": "", "id": 3, "rank": 1}]
    }
    assert make_form(contacts()).validate({"contacts": []}, known).values == {"contacts": []}


@pytest.mark.parametrize("rows", ["x", [1], {"name": "x"}])
def test_what_is_no_list_of_rows_is_refused(make_form: MakeForm, rows: object) -> None:
    assert errors_of(make_form(contacts(defaultRepetitions=0)).validate({"contacts": rows})) == [("contacts", "type")]


def test_a_list_has_a_largest_length(make_form: MakeForm) -> None:
    form = make_form(contacts(defaultRepetitions=0))
    assert errors_of(form.validate({"contacts": [{}] * 1001})) == [("contacts", "rows")]


def test_a_fixed_list_keeps_its_rows(make_form: MakeForm) -> None:
    form = make_form(contacts(allowAddRemove=False))
    known = {"contacts": [{"name": "王", "id": 3}]}
    assert form.validate({"contacts": [{"name": "李"}]}, known).values == {
        "contacts": [{"name": "李", "phone": "", "id": 3, "rank": 1}]
    }
    assert errors_of(form.validate({"contacts": []}, known)) == [("contacts", "rows-fixed")]


def test_readonly_values_stay_with_their_row_when_another_is_deleted(make_form: MakeForm) -> None:
    rows: Component = {
        "type": "dynamiclist", "path": "items",
        "components": [text(key="code", readonly=True), number(key="price")],
    }  # fmt: skip
    form = make_form(rows)
    known = {"items": [{"code": "a", "price": 1, "cost": 10}, {"code": "b", "price": 2, "cost": 20}]}
    submission = form.validate({"items": [{"code": "b", "price": 5}, {"code": "forged", "price": 6}]}, known)
    assert submission.values == {
        "items": [{"code": "b", "price": Decimal(5), "cost": 20}, {"code": "", "price": Decimal(6)}]
    }


def test_lists_nest_and_rows_see_their_parents(make_form: MakeForm) -> None:
    inner: Component = {
        "type": "dynamiclist", "path": "months",
        "components": [
            number(key="income"),
            {"type": "expression", "key": "share", "expression": "=this.income * parent.weight"},
            {"type": "expression", "key": "place", "expression": "=i"},
        ],
    }  # fmt: skip
    outer: Component = {"type": "dynamiclist", "path": "jobs", "components": [number(key="weight"), inner]}
    submission = make_form(outer).validate(
        {"jobs": [{"weight": 2, "months": [{"income": 10}, {"income": 20}]}, {"weight": 3, "months": []}]}
    )
    assert submission.errors == ()
    assert submission.values == {
        "jobs": [
            {
                "weight": 2,
                "months": [
                    {"income": 10, "share": 20, "place": [1, 1]},
                    {"income": 20, "share": 40, "place": [1, 2]},
                ],
            },
            {"weight": 3, "months": []},
        ]
    }


def test_a_hidden_list_is_not_handed_on(make_form: MakeForm) -> None:
    form = make_form(contacts(conditional={"hide": "=true"}))
    assert form.validate({"contacts": [{}]}) == Submission({})


# --- names that the form does not have ---


def test_unknown_names_are_kept_or_refused(make_form: MakeForm) -> None:
    form = make_form(PURPOSE, {"type": "group", "path": "g", "components": [text()]}, contacts())
    data = {
        "purpose": "x",
        "extra": {"a": 1},
        "g": {"t": "1", "u": 2},
        "contacts": [{"name": "李", "note": "n"}],
    }
    assert form.validate(data).values == {
        "purpose": "x",
        "extra": {"a": 1},
        "g": {"t": "1", "u": 2},
        "contacts": [{"name": "李", "phone": "", "rank": 1, "note": "n"}],
    }
    refused = form.validate(data, extras="refuse")
    assert errors_of(refused) == [(path, "unknown-key") for path in ("extra", "g.u", "contacts[0].note")]


def test_formulas_do_not_see_submitted_extras(make_form: MakeForm) -> None:
    form = make_form(number(validate={"max": "=limit"}))
    assert errors_of(form.validate({"n": 5, "limit": 1000}, {"limit": 3})) == [("n", "max")]


def test_a_formula_that_costs_too_much_is_stopped(make_form: MakeForm) -> None:
    form = make_form({"type": "expression", "key": "e", "expression": "=count(for i in 1..1000000000 return i)"})
    assert form.validate({}).warnings[0].message.code == "form.not-computed"
