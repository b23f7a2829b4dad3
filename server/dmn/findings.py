"""What the reader and the compiler have to say about a model: the sentences, and the log that gathers them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from server.dmn.model import Place
from server.messages import Finding, Message, Severity


class Choice(Protocol):
    """Makes the sentence for a text that is none of the known choices."""

    def __call__(self, text: str, known: Sequence[str]) -> Message: ...


class FindingLog:
    """Gathers findings for one file."""

    def __init__(self, resource: str = "") -> None:
        self.resource = resource
        self._findings: list[Finding] = []

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything found so far, in the order it was found."""
        return tuple(self._findings)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What refuses the model."""
        return tuple(f for f in self._findings if f.severity is Severity.ERROR)

    def error(self, message: Message, place: Place, column: int | None = None) -> None:
        """A fault that refuses the model."""
        self._add(Severity.ERROR, message, place, column)

    def warning(self, message: Message, place: Place, column: int | None = None) -> None:
        """Something that runs but is probably not meant."""
        self._add(Severity.WARNING, message, place, column)

    def extend(self, findings: Iterable[Finding]) -> None:
        """Takes over what was found elsewhere."""
        self._findings.extend(findings)

    def _add(self, severity: Severity, message: Message, place: Place, column: int | None) -> None:
        self._findings.append(Finding(severity, message, self.resource, place.id, place.line, column))


def refused(count: int, first: Message) -> Message:
    """The summary of a model with errors."""
    return Message(
        "dmn.refused",
        f"决策模型有 {count} 处错误，不能使用。第一处：{first.zh}",
        f"The decision model has {count} fault(s) and cannot be used. The first: {first.en}",
    )


# --- the file ---


def not_xml(reason: str) -> Message:
    return Message("dmn.xml", f"文件不是合法的 XML：{reason}。", f"The file is not well-formed XML: {reason}.")


def has_doctype() -> Message:
    return Message(
        "dmn.xml.doctype",
        "文件含有 DOCTYPE 声明，出于安全不予读取；请删除该声明。",
        "The file has a DOCTYPE declaration, which is not read for safety; remove the declaration.",
    )


def not_dmn(tag: object, versions: Iterable[str]) -> Message:
    known = ", ".join(versions)
    return Message(
        "dmn.namespace",
        f"根元素“{tag}”不是可识别的 DMN 定义；请用建模工具另存为 DMN {known} 之一。",
        f"The root element '{tag}' is not a DMN definition that is read here; save the model as DMN {known}.",
    )


def missing_name(element: str) -> Message:
    return Message("dmn.name.missing", f"元素 {element} 缺少名称。", f"Element {element} has no name; give it one.")


def duplicate_id(identity: str) -> Message:
    return Message(
        "dmn.id.duplicate",
        f"标识“{identity}”出现多次；每个元素须有唯一标识。",
        f"The id '{identity}' is used more than once; every element needs its own.",
    )


def duplicate_name(name: str) -> Message:
    return Message(
        "dmn.name.duplicate",
        f"名称“{name}”被多个图元使用；请改名以免混淆。",
        f"The name '{name}' is used by several elements of the graph; rename one of them.",
    )


def duplicate_type(name: str) -> Message:
    return Message(
        "dmn.type.duplicate",
        f"数据类型“{name}”定义了多次。",
        f"The data type '{name}' is defined more than once; rename or remove one.",
    )


def unknown_type(name: str) -> Message:
    return Message(
        "dmn.type.unknown",
        f"数据类型“{name}”既不是 FEEL 类型，也没有在模型中定义。",
        f"The data type '{name}' is neither a FEEL type nor defined in the model.",
    )


def not_allowed(type_: str, allowed: str) -> Message:
    return Message(
        "dmn.value.not-allowed",
        f"值不在类型“{type_}”允许的取值范围内：{allowed}。",
        f"The value is none of those that type '{type_}' allows: {allowed}.",
    )


def cyclic_type(name: str) -> Message:
    return Message(
        "dmn.type.cycle",
        f"数据类型“{name}”以自身为基础，无法解析。",
        f"The data type '{name}' is based on itself; break the circle.",
    )


def too_deep() -> Message:
    return Message(
        "dmn.too-deep",
        "模型中的表达式嵌套过深，无法读取；请拆分为多个决策。",
        "The model's expressions are nested too deep to be read; split them into several decisions.",
    )


# --- references and graph ---


def reference_without_target(name: str) -> Message:
    return Message(
        "dmn.reference.empty",
        f"{name} 没有指向任何元素（href 为空或缺少“#”）。",
        f"{name} points to nothing: its href is empty or has no '#'.",
    )


def broken_reference(identity: str, expected: str) -> Message:
    return Message(
        "dmn.reference.broken",
        f"引用“#{identity}”找不到对应的{expected}。",
        f"The reference '#{identity}' leads to no {expected}.",
    )


def unknown_namespace(namespace: str) -> Message:
    return Message(
        "dmn.import.missing",
        f"引用了命名空间“{namespace}”，但模型没有导入它，或没有随附该文件。",
        f"The namespace '{namespace}' is referred to, but the model does not import it or its file was not given.",
    )


def ambiguous_namespace(namespace: str, taken: str, others: Sequence[str]) -> Message:
    return Message(
        "dmn.import.ambiguous",
        f"命名空间“{namespace}”有多个文件：{taken}、{'、'.join(others)}；导入的是 {taken}。"
        "请给每个模型各自的命名空间。",
        f"Several files have the namespace '{namespace}': {taken}, {', '.join(others)}; {taken} is imported. Give every"
        " model a namespace of its own.",
    )


def foreign_import(import_type: str) -> Message:
    return Message(
        "dmn.import.type",
        f"只能导入 DMN 模型，不支持导入类型“{import_type}”。",
        f"Only DMN models can be imported, not '{import_type}'.",
    )


def cyclic_import(namespace: str) -> Message:
    return Message(
        "dmn.import.cycle",
        f"模型经由导入“{namespace}”又导入了自身。",
        f"The model imports itself by way of '{namespace}'; break the circle.",
    )


def cycle(path: Sequence[str]) -> Message:
    way = " -> ".join(path)
    return Message(
        "dmn.graph.cycle",
        f"需求图中有循环：{way}。请去掉其中一个依赖。",
        f"The requirement graph goes round in a circle: {way}. Remove one of these requirements.",
    )


def service_without_output(name: str) -> Message:
    return Message(
        "dmn.service.output",
        f"决策服务“{name}”没有输出决策。",
        f"Decision service '{name}' has no output decision.",
    )


def no_logic(name: str) -> Message:
    return Message(
        "dmn.decision.no-logic",
        f"“{name}”没有决策逻辑，结果将始终为 null。",
        f"'{name}' has no decision logic; its result is always null.",
    )


def not_required(name: str) -> Message:
    return Message(
        "dmn.requirement.missing",
        f"使用了“{name}”，但没有连接需求；请从“{name}”画一条需求连线到此元素。",
        f"'{name}' is used but not required; draw a requirement from '{name}' to this element.",
    )


def undeclared(name: str) -> Message:
    return Message(
        "dmn.name.undeclared",
        f"“{name}”没有声明为输入数据，将从调用方的变量中取值；请检查名称，或声明该输入数据。",
        f"'{name}' is not declared as input data and will be taken from the caller's variables; "
        "check the name or declare it.",
    )


def unknown_in_function(name: str, function: str) -> Message:
    return Message(
        "dmn.name.unknown",
        f"函数“{function}”中的“{name}”既不是参数，也不是所需的函数，其值始终为 null。",
        f"'{name}' in function '{function}' is neither a parameter nor a required function and is always null.",
    )


# --- expressions ---


def foreign_language(language: str) -> Message:
    return Message(
        "dmn.language",
        f"不支持表达式语言“{language}”，请改用 FEEL。",
        f"The expression language '{language}' is not supported; use FEEL.",
    )


def imported_values() -> Message:
    return Message(
        "dmn.imported-values",
        "不支持 importedValues（从其他文件取值）；请直接写出 FEEL 表达式。",
        "importedValues (values from another file) is not supported; write a FEEL expression instead.",
    )


def foreign_function(kind: str) -> Message:
    return Message(
        "dmn.function.foreign",
        f"{kind} 函数不在允许的函数表中，不会执行；请用 FEEL 重写。",
        f"This {kind} function is not among those that are allowed and will not be executed; write it in FEEL.",
    )


def unknown_function_kind(text: str, known: Sequence[str]) -> Message:
    return Message(
        "dmn.function.kind",
        f"函数种类“{text}”无效，应为 {', '.join(known)}。",
        f"The function kind '{text}' is none of {', '.join(known)}.",
    )


def missing_part(element: str, part: str) -> Message:
    return Message(
        "dmn.expression.part",
        f"{element} 缺少“{part}”部分的表达式。",
        f"The {element} lacks an expression in its '{part}' part.",
    )


def row_width(row: int, cells: int, columns: int) -> Message:
    return Message(
        "dmn.relation.width",
        f"关系表第 {row} 行有 {cells} 个单元格，应为 {columns} 个。",
        f"Row {row} of the relation has {cells} cells but there are {columns} columns.",
    )


def bad_expression(message: Message, text: str) -> Message:
    shown = text if len(text) <= 80 else text[:77] + "..."
    return Message(message.code, f"表达式“{shown}”：{message.zh}", f"In '{shown}': {message.en}")


# --- decision tables ---


def unknown_hit_policy(text: str, known: Sequence[str]) -> Message:
    return Message(
        "dmn.table.hit-policy",
        f"命中策略“{text}”无效，应为 {', '.join(known)} 之一。",
        f"The hit policy '{text}' is none of {', '.join(known)}.",
    )


def unknown_aggregation(text: str, known: Sequence[str]) -> Message:
    return Message(
        "dmn.table.aggregation",
        f"聚合方式“{text}”无效，应为 {', '.join(known)} 之一。",
        f"The aggregation '{text}' is none of {', '.join(known)}.",
    )


def aggregation_without_collect(policy: str) -> Message:
    return Message(
        "dmn.table.aggregation-policy",
        f"聚合只能与 COLLECT 一起使用，而此表的命中策略是 {policy}。",
        f"An aggregation goes with COLLECT only; this table's hit policy is {policy}.",
    )


def aggregation_of_several(aggregation: str) -> Message:
    return Message(
        "dmn.table.aggregation-outputs",
        f"有多个输出列的表不能用 {aggregation} 聚合。",
        f"A table with several output columns cannot be aggregated by {aggregation}.",
    )


def priority_without_values(policy: str) -> Message:
    return Message(
        "dmn.table.priority-values",
        f"命中策略 {policy} 按输出值的顺序排优先级，但没有任何输出列列出输出值。",
        f"Hit policy {policy} ranks by the order of output values, but no output column lists its values.",
    )


def priority_values_not_listed() -> Message:
    return Message(
        "dmn.table.priority-list",
        "此输出列的输出值不是逐个列出的值，不能据此排优先级。",
        "The values of this output column are not listed one by one, so they give no order of priority.",
    )


def input_without_expression(number: int) -> Message:
    return Message(
        "dmn.table.input",
        f"第 {number} 个输入列没有输入表达式。",
        f"Input column {number} has no input expression.",
    )


def table_without_output() -> Message:
    return Message("dmn.table.output", "决策表没有输出列。", "The decision table has no output column.")


def output_without_name() -> Message:
    return Message(
        "dmn.table.output-name",
        "多输出列的决策表中，每个输出列都要有名称。",
        "In a table with several outputs every output column needs a name.",
    )


def duplicate_output(name: str) -> Message:
    return Message(
        "dmn.table.output-duplicate",
        f"输出列名称“{name}”重复。",
        f"Two output columns are called '{name}'.",
    )


def rule_inputs(rule: int, cells: int, columns: int) -> Message:
    return Message(
        "dmn.table.rule-inputs",
        f"第 {rule} 条规则有 {cells} 个输入单元格，应为 {columns} 个。",
        f"Rule {rule} has {cells} input cells but the table has {columns} input columns.",
    )


def rule_outputs(rule: int, cells: int, columns: int) -> Message:
    return Message(
        "dmn.table.rule-outputs",
        f"第 {rule} 条规则有 {cells} 个输出单元格，应为 {columns} 个。",
        f"Rule {rule} has {cells} output cells but the table has {columns} output columns.",
    )
