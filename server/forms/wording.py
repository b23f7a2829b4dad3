"""The sentences that forms say: to whoever fills one in, and to whoever designs it.

A sentence for the person who fills in a form names the field by its label; inside a dynamic list, with the
number of the row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from server.messages import Message


@dataclass(frozen=True, slots=True)
class FieldName:
    """What a field is called on the screen, and the rows (from one) in which this one stands."""

    label: str
    rows: tuple[int, ...] = ()

    @property
    def zh(self) -> str:
        """The name in a Chinese sentence."""
        return f"“{self.label}”" + "".join(f"（第 {row} 行）" for row in self.rows)

    @property
    def en(self) -> str:
        """The name in an English sentence."""
        return f"'{self.label}'" + "".join(f" (row {row})" for row in self.rows)


# --- to the person who fills in the form ---


def required(name: FieldName) -> Message:
    return Message("form.required", f"请填写{name.zh}。", f"{name.en} is required.")


def must_be_checked(name: FieldName) -> Message:
    return Message("form.required", f"请勾选{name.zh}。", f"{name.en} must be checked.")


def wrong_type(name: FieldName, zh: str, en: str) -> Message:
    return Message("form.type", f"{name.zh}应为{zh}。", f"{name.en} must be {en}.")


def below_minimum(name: FieldName, limit: object) -> Message:
    return Message("form.min", f"{name.zh}不能小于 {limit}。", f"{name.en} must be at least {limit}.")


def above_maximum(name: FieldName, limit: object) -> Message:
    return Message("form.max", f"{name.zh}不能大于 {limit}。", f"{name.en} must be at most {limit}.")


def too_short(name: FieldName, limit: object) -> Message:
    return Message(
        "form.min-length",
        f"{name.zh}至少要有 {limit} 个字符。",
        f"{name.en} needs at least {limit} characters.",
    )


def too_long(name: FieldName, limit: object) -> Message:
    return Message(
        "form.max-length",
        f"{name.zh}最多 {limit} 个字符。",
        f"{name.en} may have at most {limit} characters.",
    )


def limit_unknown(name: FieldName, setting: str, cause: Message | None) -> Message:
    zh = f"：{cause.zh}" if cause else "。"
    en = f": {cause.en}" if cause else "."
    return Message(
        "form.limit-unknown",
        f"无法计算{name.zh}的限制 {setting}{zh}",
        f"The limit {setting} of {name.en} could not be computed{en}",
    )


def pattern_unmatched(name: FieldName, pattern: str, own_message: str) -> Message:
    if own_message:
        return Message("form.pattern", f"{name.zh}：{own_message}", f"{name.en}: {own_message}")
    return Message("form.pattern", f"{name.zh}的格式应符合 {pattern}。", f"{name.en} must match the pattern {pattern}.")


def pattern_too_slow(name: FieldName, pattern: str) -> Message:
    return Message(
        "form.pattern-too-slow",
        f"检查{name.zh}的格式 {pattern} 用时过长；请联系流程设计者简化该格式。",
        f"Checking {name.en} against the pattern {pattern} took too long; ask the designer to simplify it.",
    )


def not_an_email(name: FieldName) -> Message:
    return Message(
        "form.email",
        f"{name.zh}不是有效的电子邮箱，例如 name@example.com。",
        f"{name.en} is not an e-mail address such as name@example.com.",
    )


def not_a_phone(name: FieldName) -> Message:
    return Message(
        "form.phone",
        f"{name.zh}不是有效的国际电话号码，例如 +8613800138000。",
        f"{name.en} is not an international phone number such as +8613800138000.",
    )


def too_many_decimals(name: FieldName, digits: int) -> Message:
    if digits == 0:
        return Message("form.decimal-digits", f"{name.zh}应为整数。", f"{name.en} must be a whole number.")
    return Message(
        "form.decimal-digits",
        f"{name.zh}最多保留 {digits} 位小数。",
        f"{name.en} may have at most {digits} decimal places.",
    )


def off_increment(name: FieldName, increment: object, below: object, above: object) -> Message:
    return Message(
        "form.increment",
        f"{name.zh}应为 {increment} 的整数倍；最接近的是 {below} 和 {above}。",
        f"{name.en} must be a multiple of {increment}; the nearest are {below} and {above}.",
    )


def not_an_option(name: FieldName, value: object) -> Message:
    return Message(
        "form.option",
        f"{name.zh}没有选项“{value}”。",
        f"{name.en} has no option '{value}'; choose one of its own.",
    )


def options_unknown(name: FieldName, source: str) -> Message:
    return Message(
        "form.options-unknown",
        f"{name.zh}的选项来自 {source}，但没有得到任何列表；请联系流程设计者。",
        f"The options of {name.en} come from {source}, which gave no list; ask the process designer.",
    )


def chosen_twice(name: FieldName, value: object) -> Message:
    return Message("form.option-twice", f"{name.zh}重复选择了“{value}”。", f"{name.en} has '{value}' twice.")


def date_passed(name: FieldName) -> Message:
    return Message("form.date-passed", f"{name.zh}不能早于今天。", f"{name.en} must not be in the past.")


def resident_id_wrong(name: FieldName, zh: str, en: str) -> Message:
    return Message(
        "form.resident-id", f"{name.zh}不是有效的居民身份证号：{zh}。", f"{name.en} is no resident ID: {en}."
    )


def not_a_chinese_phone(name: FieldName, *, landline: bool) -> Message:
    if landline:
        return Message(
            "form.phone-cn",
            f"{name.zh}不是有效的电话号码，例如 13800138000 或 010-62345678。",
            f"{name.en} is no Chinese phone number such as 13800138000 or 010-62345678.",
        )
    return Message(
        "form.phone-cn",
        f"{name.zh}不是有效的手机号，例如 13800138000。",
        f"{name.en} is no Chinese mobile number such as 13800138000.",
    )


def one_file_only(name: FieldName) -> Message:
    return Message("form.one-file", f"{name.zh}只能上传一个文件。", f"{name.en} takes one file only.")


def rows_fixed(name: FieldName, count: int) -> Message:
    return Message(
        "form.rows-fixed",
        f"{name.zh}固定为 {count} 行，不能增减。",
        f"{name.en} has {count} rows; none can be added or removed.",
    )


def too_many_rows(name: FieldName, limit: int) -> Message:
    return Message("form.rows", f"{name.zh}最多 {limit} 行。", f"{name.en} may have at most {limit} rows.")


def unknown_key(path: str) -> Message:
    return Message(
        "form.unknown-key",
        f"表单没有字段 {path}；请去掉该字段。",
        f"The form has no field {path}; remove it from the data.",
    )


def unsettled(name: FieldName) -> Message:
    return Message(
        "form.unsettled",
        f"{name.zh}的条件或公式互相依赖，得不到确定的结果；请联系流程设计者。",
        f"The conditions or formulas around {name.en} depend on each other and never settle; ask the designer.",
    )


def not_computed(name: FieldName, cause: Message) -> Message:
    return Message(
        "form.not-computed",
        f"未能计算{name.zh}：{cause.zh}",
        f"{name.en} could not be computed: {cause.en}",
    )


# --- to the form's designer ---


def refused(count: int, first: Message) -> Message:
    return Message(
        "form.refused",
        f"表单有 {count} 处错误，不能使用。第一处：{first.zh}",
        f"The form has {count} fault(s) and cannot be used. The first: {first.en}",
    )


def not_json(reason: str) -> Message:
    return Message("form.json", f"文件不是合法的 JSON：{reason}。", f"The file is not valid JSON: {reason}.")


def not_a_form() -> Message:
    return Message(
        "form.root",
        '文件不是 form-js 表单：根对象须有 "type": "default"、文字 "id" 和列表 "components"。',
        'The file is not a form-js form: its root needs "type": "default", "id" and a list "components".',
    )


def newer_schema(version: object, known: int) -> Message:
    return Message(
        "form.schema-version",
        f"表单的 schemaVersion {version} 比已知的 {known} 新；新的特性可能不会在服务器上检查。",
        f"The form's schemaVersion {version} is newer than the known {known}; new features may go unchecked.",
    )


def unknown_type(component: str, kind: object, known: Iterable[str]) -> Message:
    names = ", ".join(sorted(known))
    return Message(
        "form.component.unknown",
        f"组件 {component} 的类型“{kind}”未知；可用的类型：{names}。",
        f"Component {component} has the unknown type '{kind}'; known are: {names}.",
    )


def not_a_component(parent: str) -> Message:
    return Message(
        "form.component.shape",
        f"{parent} 的 components 中有一项不是组件；每一项都应是带有 type 的对象。",
        f"An entry in the components of {parent} is no component; each must be an object with a type.",
    )


def nested_too_deep(limit: int) -> Message:
    return Message(
        "form.component.depth",
        f"组件嵌套超过 {limit} 层；请展平表单。",
        f"Components are nested more than {limit} deep; flatten the form.",
    )


def duplicate_id(identity: str) -> Message:
    return Message(
        "form.id.duplicate",
        f"组件 id“{identity}”出现了不止一次；请改名。",
        f"The component id '{identity}' is used more than once; rename one.",
    )


def wrong_binding(component: str, setting: str, value: object) -> Message:
    return Message(
        "form.binding.name",
        f"组件 {component} 的 {setting} “{value}”不是数据路径；请写成 name 或 group.name 的形式。",
        f"The {setting} '{value}' of component {component} is no path into the data; write name or group.name.",
    )


def duplicate_binding(component: str, path: str) -> Message:
    return Message(
        "form.binding.duplicate",
        f"组件 {component} 的路径 {path} 已被其他组件占用；请改用别的 key 或 path。",
        f"The path {path} of component {component} is bound by another one already; choose another key or path.",
    )


def wrong_feel(component: str, setting: str, cause: Message) -> Message:
    return Message(
        "form.feel",
        f"组件 {component} 的 {setting} 不是合法的 FEEL：{cause.zh}",
        f"The {setting} of component {component} is not valid FEEL: {cause.en}",
    )


def feel_expected(component: str, setting: str) -> Message:
    return Message(
        "form.feel.expected",
        f"组件 {component} 的 {setting} 应为以“=”开头的 FEEL 表达式。",
        f"The {setting} of component {component} must be a FEEL expression that begins with '='.",
    )


def wrong_pattern(component: str, pattern: object, reason: str) -> Message:
    return Message(
        "form.pattern.invalid",
        f"组件 {component} 的正则表达式“{pattern}”不可用：{reason}。",
        f"The pattern '{pattern}' of component {component} cannot be used: {reason}.",
    )


def wrong_setting(component: str, setting: str, value: object, zh: str, en: str) -> Message:
    return Message(
        "form.setting",
        f"组件 {component} 的 {setting} “{value}”不正确：应为{zh}。",
        f"The {setting} '{value}' of component {component} is wrong: it must be {en}.",
    )


def no_options(component: str) -> Message:
    return Message(
        "form.options.none",
        f"组件 {component} 没有选项；请填写 values、valuesKey 或 valuesExpression 之一。",
        f"Component {component} has no options; give it values, valuesKey or valuesExpression.",
    )


def default_not_an_option(component: str, value: object) -> Message:
    return Message(
        "form.default.option",
        f"组件 {component} 的默认值“{value}”不在它的选项中。",
        f"The default '{value}' of component {component} is none of its options.",
    )


def wrong_default(component: str, cause: Message) -> Message:
    return Message(
        "form.default",
        f"组件 {component} 的默认值不正确：{cause.zh}",
        f"The default of component {component} is wrong: {cause.en}",
    )
