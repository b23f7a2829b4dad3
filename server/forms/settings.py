"""The settings of one component in a form's JSON: read with their types, every fault reported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from server.feel import FeelSyntaxError
from server.forms import wording
from server.forms.formulas import Formula, compile_formula, is_formula
from server.forms.kinds import read_decimal
from server.messages import Message, Severity

Report = Callable[[Message, Severity], None]
"""Takes a finding about the component."""

_SHOWN_BY_FORMULA = (
    "alt",
    "appearance.prefixAdorner",
    "appearance.suffixAdorner",
    "description",
    "label",
    "dateLabel",
    "timeLabel",
    "source",
    "text",
    "title",
    "url",
    "dataSource",
    "columnsExpression",
    "accept",
)
"""Settings that only the browser evaluates; a typing mistake in them should be found before it is shown."""


class Settings:
    """The settings of the component called ``name`` in findings; dotted paths reach into nested objects.

    ``variables`` are the names that the form's own fields have in formulas.
    """

    def __init__(self, raw: Mapping[str, object], name: str, variables: frozenset[str], report: Report) -> None:
        self._raw = raw
        self.name = name
        self._variables = variables
        self._report = report

    def error(self, message: Message) -> None:
        """A fault that refuses the form."""
        self._report(message, Severity.ERROR)

    def warning(self, message: Message) -> None:
        """Something that works but is probably not meant."""
        self._report(message, Severity.WARNING)

    def get(self, setting: str) -> object:
        """The raw value, ``None`` where there is none."""
        found: object = self._raw
        for part in setting.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found

    def has(self, setting: str) -> bool:
        """Whether the setting is written at all, be it as null."""
        return setting in self._raw

    def text(self, setting: str, default: str = "") -> str:
        """A text."""
        value = self.get(setting)
        if value is None:
            return default
        if not isinstance(value, str):
            self.wrong(setting, "文字", "a text")
            return default
        return value

    def flag(self, setting: str, default: bool = False) -> bool:
        """True or false."""
        value = self.get(setting)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.wrong(setting, "true 或 false", "true or false")
            return default
        return value

    def flag_or_formula(self, setting: str) -> bool | Formula:
        """True, false or a formula."""
        if is_formula(self.get(setting)):
            return self.formula(setting) or False
        return self.flag(setting)

    def formula(self, setting: str) -> Formula | None:
        """A formula; a text without the leading ``=`` would never have an effect, and is refused."""
        value = self.get(setting)
        if value is None or value == "":
            return None
        if not isinstance(value, str) or not is_formula(value):
            self.error(wording.feel_expected(self.name, setting))
            return None
        return self._compile(setting, value)

    def limit(self, setting: str) -> Decimal | Formula | None:
        """A number or a formula that gives one."""
        value = self.get(setting)
        if isinstance(value, str) and is_formula(value):
            return self._compile(setting, value)
        return self.number(setting)

    def number(self, setting: str) -> Decimal | None:
        """A number, perhaps written as text."""
        value = self.get(setting)
        if value is None or value == "":
            return None
        number = read_decimal(value)
        if number is None:
            self.wrong(setting, "数字或以“=”开头的 FEEL 表达式", "a number, or FEEL that begins with '='")
        return number

    def positive(self, setting: str) -> Decimal | None:
        """A number greater than zero."""
        number = self.number(setting)
        if number is not None and number <= 0:
            self.wrong(setting, "大于零的数字", "a number greater than zero")
            return None
        return number

    def count(self, setting: str) -> int | None:
        """A whole number from zero up."""
        number = self.number(setting)
        if number is None:
            return None
        if number < 0 or number % 1:
            self.wrong(setting, "非负整数", "a whole number from zero up")
            return None
        return int(number)

    def choice(self, setting: str, known: tuple[str, ...], default: str) -> str:
        """One of the ``known`` words."""
        value = self.text(setting, default)
        if value not in known:
            self.wrong(setting, "、".join(known) + " 之一", "one of " + ", ".join(known))
            return default
        return value

    def wrong(self, setting: str, zh: str, en: str) -> None:
        """Report that the setting should have been something else."""
        self.error(wording.wrong_setting(self.name, setting, self.get(setting), zh, en))

    def check_shown_formulas(self) -> None:
        """Compile what only the browser will evaluate."""
        for setting in _SHOWN_BY_FORMULA:
            value = self.get(setting)
            if isinstance(value, str) and is_formula(value):
                self._compile(setting, value)

    def _compile(self, setting: str, text: str) -> Formula | None:
        try:
            return compile_formula(text, self._variables)
        except FeelSyntaxError as error:
            self.error(wording.wrong_feel(self.name, setting, error.message))
            return None
