"""Reading one field of a form: its type, its constraints and its options."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from server.forms import wording
from server.forms.binding import MISSING, Binding
from server.forms.chinese_kinds import ChinesePhone, ResidentId
from server.forms.components import Field
from server.forms.constraints import Constraints, Format
from server.forms.errors import ValueRefusedError
from server.forms.formulas import is_formula
from server.forms.kinds import (
    NO_MINOR_UNIT,
    Checkbox,
    Date,
    DateAndTime,
    Files,
    Kind,
    MultipleChoice,
    Number,
    SingleChoice,
    Text,
    Time,
    is_nothing,
)
from server.forms.options import Options, is_among, option_values
from server.forms.patterns import Pattern, PatternError, compile_pattern
from server.forms.settings import Settings
from server.forms.wording import FieldName

_DATETIME_KINDS: dict[str, Kind] = {"date": Date(), "time": Time(), "datetime": DateAndTime()}
_CHOICES = frozenset({"select", "radio", "checklist", "taglist"})


def read_field(kind: str, identity: str, key: Binding, settings: Settings) -> Field:
    """The field of type ``kind`` that ``settings`` describe."""
    value_kind = _KINDS[kind](settings)
    label = _label(kind, key, settings)
    options = _options(settings) if kind in _CHOICES else None
    return Field(
        id=identity,
        type=kind,
        label=label,
        key=key,
        kind=value_kind,
        constraints=_constraints(kind, settings),
        options=options,
        default=_default(value_kind, label, options, settings),
        hide=settings.formula("conditional.hide"),
        readonly=settings.flag_or_formula("readonly"),
        disabled=settings.flag("disabled"),
        not_before_today=isinstance(value_kind, Date | DateAndTime) and settings.flag("disallowPassedDates"),
    )


def _number(settings: Settings) -> Kind:
    return Number(
        decimal_digits=settings.count("decimalDigits"),
        increment=settings.positive("increment"),
        as_text=settings.flag("serializeToString"),
    )


def _money(settings: Settings) -> Kind:
    currency = settings.text("currency", "CNY")
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha() and currency.isupper()):
        settings.wrong("currency", "ISO 4217 货币代码，例如 CNY", "an ISO 4217 code such as CNY")
    digits = settings.count("decimalDigits")
    if digits is None:
        digits = 0 if currency in NO_MINOR_UNIT else 2
    return Number(
        decimal_digits=digits,
        increment=settings.positive("increment"),
        as_text=settings.flag("serializeToString"),
        currency=currency,
    )


def _datetime(settings: Settings) -> Kind:
    return _DATETIME_KINDS[settings.choice("subtype", tuple(_DATETIME_KINDS), "date")]


def _files(settings: Settings) -> Kind:
    return Files(multiple=settings.flag_or_formula("multiple") is not False)


_KINDS: dict[str, Callable[[Settings], Kind]] = {
    "textfield": lambda _: Text(),
    "textarea": lambda _: Text(lines=True),
    "number": _number,
    "datetime": _datetime,
    "checkbox": lambda _: Checkbox(),
    "select": lambda _: SingleChoice(),
    "radio": lambda _: SingleChoice(),
    "checklist": lambda _: MultipleChoice(),
    "taglist": lambda _: MultipleChoice(),
    "filepicker": _files,
    "money": _money,
    "resident-id": lambda _: ResidentId(),
    "phone-cn": lambda settings: ChinesePhone(landline=settings.flag("landline")),
}

FIELD_TYPES = frozenset(_KINDS)
"""The types of components that hold a value: form-js's, and Lendloom's money, resident-id and phone-cn."""


def _label(kind: str, key: Binding, settings: Settings) -> str:
    """What the reader of a message knows the field by; a computed label is not known here."""
    setting = "label"
    if kind == "datetime":
        setting = "timeLabel" if settings.get("subtype") == "time" else "dateLabel"
    label = settings.get(setting)
    if not isinstance(label, str) or not label.strip() or is_formula(label) or "{{" in label:
        return ".".join(key)
    return label.strip()


def _constraints(kind: str, settings: Settings) -> Constraints:
    wanted = settings.choice("validate.validationType", ("", "custom", "email", "phone"), "")
    required = settings.flag("validate.required")
    constraints = Constraints(
        required=required and kind != "checkbox",
        checked=required and kind == "checkbox",
        minimum=settings.limit("validate.min"),
        maximum=settings.limit("validate.max"),
        min_length=settings.limit("validate.minLength"),
        max_length=settings.limit("validate.maxLength"),
        pattern=_pattern(settings),
        format=Format(wanted) if wanted in ("email", "phone") else None,
    )
    _check_order("validate.min", constraints.minimum, constraints.maximum, settings)
    _check_order("validate.minLength", constraints.min_length, constraints.max_length, settings)
    return constraints


def _check_order(setting: str, lower: object, upper: object, settings: Settings) -> None:
    if isinstance(lower, Decimal) and isinstance(upper, Decimal) and lower > upper:
        settings.wrong(setting, f"不大于 {upper} 的数字", f"at most {upper}")


def _pattern(settings: Settings) -> Pattern | None:
    source = settings.text("validate.pattern")
    if not source:
        return None
    try:
        return compile_pattern(source, settings.text("validate.patternErrorMessage"))
    except PatternError as error:
        settings.error(wording.wrong_pattern(settings.name, source, str(error)))
        return None


def _options(settings: Settings) -> Options | None:
    """The options in form-js's order of precedence: variable, static list, formula."""
    if settings.has("valuesKey"):
        variable = settings.text("valuesKey")
        if not variable:
            settings.wrong("valuesKey", "变量名", "the name of a variable")
        return Options(variable=variable)
    if settings.has("values"):
        return _static_options(settings)
    if settings.has("valuesExpression"):
        formula = settings.formula("valuesExpression")
        if formula is not None:
            return Options(formula=formula)
        if settings.get("valuesExpression"):  # refused already
            return None
    settings.error(wording.no_options(settings.name))
    return None


def _static_options(settings: Settings) -> Options | None:
    listed = settings.get("values")
    values = option_values(listed) if isinstance(listed, list) else ()
    if not isinstance(listed, list) or len(values) != len(listed):
        settings.wrong("values", "选项列表，每项都有 value", "a list of options, each with a value")
        return None
    if not values:
        settings.error(wording.no_options(settings.name))
    for index, value in enumerate(values):
        if is_among(value, values[:index]):
            settings.wrong(
                "values", f"互不相同的选项（“{value}”重复）", f"different options ('{value}' is there twice)"
            )
    return Options(values=values)


def _default(kind: Kind, label: str, options: Options | None, settings: Settings) -> object:
    raw = settings.get("defaultValue")
    if is_nothing(raw):
        return MISSING
    try:
        value = kind.read(raw, FieldName(label))
    except ValueRefusedError as error:
        settings.error(wording.wrong_default(settings.name, error.message))
        return MISSING
    if options is not None and options.values is not None:
        for chosen in value if isinstance(value, list) else [value]:
            if not is_among(chosen, options.values):
                settings.warning(wording.default_not_an_option(settings.name, chosen))
    return value
