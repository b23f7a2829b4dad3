"""The sentences of the analysis of decision tables."""

from __future__ import annotations

from collections.abc import Sequence

from server.dmn.analysis_regions import literal
from server.dmn.analysis_report import ExampleInput
from server.messages import Message


def _listed(rules: Sequence[int]) -> str:
    shown = ", ".join(map(str, rules[:8]))
    return shown if len(rules) <= 8 else f"{shown}, … ({len(rules)})"


def _example(example: Sequence[ExampleInput]) -> str:
    return ", ".join(f"{each.label} = {literal(each.value)}" for each in example)


def _where(region: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """A region in words; inputs that do not matter are left out."""
    parts = [f"{label}: {tests}" for label, tests in region if tests != "-"]
    return ("；".join(parts), "; ".join(parts)) if parts else ("任何输入", "any input")


def gap(region: Sequence[tuple[str, str]], example: Sequence[ExampleInput], answer: tuple[str, str]) -> Message:
    zh, en = _where(region)
    shown = _example(example)
    return Message(
        "dmn.analysis.gap",
        f"没有规则覆盖：{zh}（例如 {shown}）；此时结果为 {answer[0]}。请补充规则或设置默认输出。",
        f"No rule covers {en} (for example {shown}); the result is {answer[1]}. Add a rule or a default output.",
    )


_AGREEMENT = {
    True: ("输出相同", "with the same output"),
    False: ("输出不同", "with different outputs"),
    None: ("输出取决于输入", "with outputs that depend on the input"),
}


def overlap_unique(
    rules: Sequence[int], region: Sequence[tuple[str, str]], example: Sequence[ExampleInput], agree: bool | None
) -> Message:
    zh, en = _where(region)
    shown, listed = _example(example), _listed(rules)
    how = _AGREEMENT[agree]
    return Message(
        "dmn.analysis.overlap",
        f"规则 {listed} 重叠（{how[0]}）：{zh}（例如 {shown}）；命中策略 UNIQUE 不允许，结果将为 null。请使规则互斥。",
        f"Rules {listed} overlap {how[1]} at {en} (for example {shown}); hit policy UNIQUE forbids it and the result "
        "is null. Make the rules exclude each other.",
    )


def overlap_missing(rules: Sequence[int], labels: Sequence[str], example: Sequence[ExampleInput]) -> Message:
    names, shown, listed = ", ".join(labels), _example(example), _listed(rules)
    return Message(
        "dmn.analysis.overlap-missing",
        f"缺少“{names}”（null）时规则 {listed} 会同时命中（例如 {shown}）；请排除 null，或保证该输入必填。",
        f"Where '{names}' is missing (null), rules {listed} match together (for example {shown}); exclude null or "
        "make sure that the input is given.",
    )


def overlap_any(
    rules: Sequence[int], region: Sequence[tuple[str, str]], example: Sequence[ExampleInput], certain: bool
) -> Message:
    zh, en = _where(region)
    shown, listed = _example(example), _listed(rules)
    differ = ("而输出不同", "with different outputs") if certain else ("而输出可能不同", "with outputs that may differ")
    return Message(
        "dmn.analysis.overlap",
        f"规则 {listed} 重叠{differ[0]}：{zh}（例如 {shown}）；命中策略 ANY 要求输出相同。",
        f"Rules {listed} overlap {differ[1]} at {en} (for example {shown}); hit policy ANY wants the same output.",
    )


def masked(rule: int, by: Sequence[int], example: Sequence[ExampleInput], policy: str) -> Message:
    listed, shown = _listed(by), _example(example)
    before = f"rules {listed} come" if len(by) > 1 else f"rule {listed} comes"
    return Message(
        "dmn.analysis.masked",
        f"规则 {rule} 从不起作用：它适用之处总有规则 {listed} 优先（{policy}；例如 {shown}）。请删除或调整次序。",
        f"Rule {rule} never decides: wherever it holds, {before} before it ({policy}; for example {shown}). "
        "Remove it or change the order.",
    )


def redundant(rule: int, by: Sequence[int], example: Sequence[ExampleInput]) -> Message:
    listed, shown = _listed(by), _example(example)
    others = f"rules {listed} give" if len(by) > 1 else f"rule {listed} gives"
    return Message(
        "dmn.analysis.redundant",
        f"规则 {rule} 多余：删去后规则 {listed} 给出同样的结果（例如 {shown}）。",
        f"Rule {rule} is redundant: without it, {others} the same result (for example {shown}).",
    )


def never_matches(rule: int, label: str, text: str) -> Message:
    return Message(
        "dmn.analysis.never-matches",
        f"规则 {rule} 永远不会命中：输入“{label}”的取值范围内没有值满足 {text}。",
        f"Rule {rule} can never match: no value that input '{label}' can have passes {text}.",
    )


def never_together(rule: int, label: str) -> Message:
    return Message(
        "dmn.analysis.never-matches",
        f"规则 {rule} 永远不会命中：它对“{label}”的几个条件相互矛盾。",
        f"Rule {rule} can never match: its conditions on '{label}' contradict each other.",
    )


def wrong_type(rule: int, label: str, text: str, found: str, wanted: str) -> Message:
    return Message(
        "dmn.analysis.type",
        f"规则 {rule} 的输入“{label}”：{text} 的类型是 {found}，而该列的类型是 {wanted}，永远不会相等。",
        f"Rule {rule}, input '{label}': {text} is a {found}, but the column is a {wanted}; they are never equal.",
    )


def mixed_types(label: str, kinds: Sequence[str]) -> Message:
    listed = ", ".join(kinds)
    return Message(
        "dmn.analysis.type-mixed",
        f"输入“{label}”的单元格混用了类型 {listed}；请声明该列的类型。",
        f"The cells of input '{label}' mix the types {listed}; declare the column's type.",
    )


def outside_domain(rule: int, label: str, text: str, allowed: str) -> Message:
    return Message(
        "dmn.analysis.domain",
        f"规则 {rule} 的输入“{label}”：{text} 不在允许的取值 {allowed} 之内。",
        f"Rule {rule}, input '{label}': {text} is none of the values that are allowed: {allowed}.",
    )


def output_type(rule: int, name: str, text: str, wanted: str) -> Message:
    return Message(
        "dmn.analysis.output-type",
        f"规则 {rule} 的输出“{name}”：{text} 不符合类型 {wanted}，结果将为 null。",
        f"Rule {rule}, output '{name}': {text} does not conform to type {wanted}; the result is null.",
    )


def output_domain(rule: int, name: str, text: str, allowed: str) -> Message:
    return Message(
        "dmn.analysis.output-domain",
        f"规则 {rule} 的输出“{name}”：{text} 不在该列列出的输出值 {allowed} 之内。",
        f"Rule {rule}, output '{name}': {text} is none of the column's output values: {allowed}.",
    )


def unreachable_output(name: str, text: str, rules: Sequence[int]) -> Message:
    if rules:
        listed = _listed(rules)
        return Message(
            "dmn.analysis.unreachable-output",
            f"输出“{name}”的值 {text} 不可能得出：给出它的规则 {listed} 从不起作用。",
            f"The value {text} of output '{name}' cannot be reached: the rules {listed} that give it never decide.",
        )
    return Message(
        "dmn.analysis.unreachable-output",
        f"输出“{name}”列出了值 {text}，但没有规则给出它。",
        f"Output '{name}' lists the value {text}, but no rule gives it.",
    )


# --- what was not analysed ---


def not_analysed(column: int, label: str, rules: Sequence[int], text: str) -> Message:
    listed = _listed(rules)
    return Message(
        "dmn.analysis.remainder.column",
        f"第 {column} 列“{label}”未分析：规则 {listed} 的条件（如 {text}）不只取决于该输入；这些规则不计入重叠，"
        "缺口按它们总是成立计算。",
        f"column {column} not analysed: in '{label}', the test of rules {listed} (such as {text}) depends on more than "
        "the input; these rules are left out of overlaps, and gaps are those that remain if they always held.",
    )


def allowed_not_analysed(column: int, label: str) -> Message:
    return Message(
        "dmn.analysis.remainder.allowed",
        f"第 {column} 列“{label}”的取值范围不是常量，未计入分析。",
        f"column {column} not analysed in part: the allowed values of '{label}' are no constants and were ignored.",
    )


def ranks_unknown() -> Message:
    return Message(
        "dmn.analysis.remainder.ranks",
        "输出不是常量，优先级取决于输入，未分析被遮蔽和多余的规则。",
        "masked and redundant rules not analysed: outputs that are no constants have no priority known beforehand.",
    )


_STAGES = {
    "overlaps": ("重叠", "overlaps"),
    "gaps": ("缺口", "gaps"),
    "masked": ("被遮蔽的规则", "masked rules"),
    "redundant": ("多余的规则", "redundant rules"),
}


def out_of_time(stage: str, rest: tuple[str, str] | None = None) -> Message:
    zh, en = _STAGES[stage]
    more = ("", "") if rest is None else (f"，尚余 {rest[0]}", f"; left: {rest[1]}")
    return Message(
        f"dmn.analysis.remainder.{stage}",
        f"时间用尽，{zh}未全部分析{more[0]}。",
        f"out of time: {en} not fully analysed{more[1]}.",
    )


def more(stage: str, shown: int, total: int) -> Message:
    zh, en = _STAGES[stage]
    return Message(
        f"dmn.analysis.remainder.{stage}-listed",
        f"{zh}共 {total} 处，只列出前 {shown} 处。",
        f"{total} {en} in all; the first {shown} are listed.",
    )
