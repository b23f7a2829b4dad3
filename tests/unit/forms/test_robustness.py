"""Whatever is sent: a form either accepts it or says what is wrong, and what it accepted once it accepts again."""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.forms import FormError, read_form

COMPONENTS: list[dict[str, object]] = [
    {"type": "resident-id", "key": "id", "label": "身份证号"},
    {"type": "money", "key": "amount", "validate": {"required": True, "max": "=limit"}},
    {"type": "number", "key": "term", "decimalDigits": 0, "increment": 3, "serializeToString": True},
    {"type": "checkbox", "key": "married"},
    {"type": "select", "key": "purpose", "values": ["car", {"label": "House", "value": {"code": 1}}]},
    {"type": "taglist", "key": "tags", "valuesExpression": '=["a", amount]'},
    {"type": "datetime", "key": "due", "subtype": "datetime", "readonly": "=married"},
    {"type": "filepicker", "key": "files", "multiple": True},
    {
        "type": "group",
        "path": "spouse",
        "conditional": {"hide": "=not(married)"},
        "components": [{"type": "phone-cn", "key": "phone", "label": "配偶电话"}],
    },
    {
        "type": "dynamiclist",
        "path": "jobs",
        "components": [
            {"type": "textfield", "key": "employer", "readonly": True},
            {"type": "number", "key": "income", "conditional": {"hide": "=i[1] > 2"}},
            {"type": "expression", "key": "yearly", "expression": "=this.income * 12"},
        ],
    },
    {"type": "expression", "key": "total", "expression": "=sum(for job in jobs return job.yearly)"},
]
FORM = read_form(json.dumps({"type": "default", "id": "F", "components": COMPONENTS}))

texts = st.text("ab 9中\n", max_size=6)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(allow_nan=False, allow_infinity=False),
    texts,
    st.sampled_from(["car", "a", "13800138000", "2026-01-31T09:30", "11010519491231002X", "30000.00", "-0", "9"]),
)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
roots = sorted({*FORM.variables, "limit", "other"})
rows = st.lists(
    st.dictionaries(st.sampled_from(["employer", "income", "yearly", "x"]), scalars, max_size=4) | st.none(),
    max_size=4,
)
submissions = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(roots, json_values),
        "jobs": rows | json_values,
        "spouse": st.dictionaries(st.sampled_from(["phone", "x"]), scalars, max_size=2) | json_values,
        "married": st.booleans() | json_values,
        "amount": st.integers(0, 60_000) | st.decimals(0, 60_000, places=2) | json_values,
    },
)


def written(value: object) -> object:
    """The value so that it can be compared to the type, without regard to the order of names."""
    if isinstance(value, dict):
        return sorted((name, written(inner)) for name, inner in value.items())
    return [written(inner) for inner in value] if isinstance(value, list) else repr(value)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(submissions, submissions)
def test_no_submission_breaks_a_form(data: dict[str, object], context: dict[str, object]) -> None:
    submission = FORM.validate(data, context)
    for error in (*submission.errors, *submission.warnings):
        assert error.path
        assert error.message.zh
        assert error.message.en


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(submissions, submissions)
def test_what_was_accepted_is_accepted_again_unchanged(data: dict[str, object], context: dict[str, object]) -> None:
    context = {**context, "limit": Decimal(50_000)}
    first = FORM.validate({"amount": 100, **data}, context)
    if not first.errors:
        again = FORM.validate(first.values, context)
        assert again.errors == ()
        assert written(again.values) == written(first.values)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(submissions)
def test_the_tasks_variables_are_left_alone(context: dict[str, object]) -> None:
    before = repr(context)
    FORM.validate({"amount": 1, "jobs": [{"income": 5}], "spouse": {"phone": "1"}}, context)
    assert repr(context) == before


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(COMPONENTS), st.dictionaries(texts, json_values, max_size=3), st.data())
def test_no_schema_breaks_the_reader(
    component: dict[str, object], other: dict[str, object], data: st.DataObject
) -> None:
    setting = data.draw(st.sampled_from([*component, "validate", "conditional", "components", "values", "path"]))
    changed = {**component, **other, setting: data.draw(json_values)}
    text = json.dumps({"type": "default", "id": "F", "components": [changed]}, default=str)
    with contextlib.suppress(FormError):
        read_form(text)
