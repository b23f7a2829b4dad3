"""Two versions of a file compared in words: what was added, removed and changed, with the values as they stand.

Parts are told apart by their ids, which editors keep. A rule of a decision table whose id is new, but whose cells
are those of a rule that is gone, has only been written anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from server.messages import Message

from .file_parts import FileParts, Part


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """A property that differs; ``old`` or ``new`` is None where there is none."""

    path: str
    label: Message
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class PartChange:
    """A part that was ``added``, ``removed``, ``changed`` or (rules only) ``moved``, and how; ``sentence`` says it."""

    change: str
    part: Part
    parent_name: str | None
    type_label: Message
    properties: tuple[PropertyChange, ...]
    sentence: Message


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences of two files; ``moved`` are the ids of parts that are only drawn elsewhere."""

    changes: tuple[PartChange, ...]
    moved: tuple[str, ...]

    @property
    def is_identical(self) -> bool:
        """Whether both say the same; they may be drawn differently."""
        return not self.changes


def compare(old: FileParts, new: FileParts) -> Comparison:
    """What has become of ``old`` in ``new``."""
    before, after = dict(old.parts), dict(new.parts)
    _pair_rewritten_rules(before, after)
    changes = [*_gone_and_changed(before, after), *_added(before, after), *_reordered(before, after)]
    moved = [key for key, place in new.layout.items() if old.layout.get(key, place) != place]
    return Comparison(tuple(changes), tuple(moved))


def _gone_and_changed(before: Mapping[str, Part], after: Mapping[str, Part]) -> Iterator[PartChange]:
    for key, part in before.items():
        now = after.get(key)
        if now is None:
            yield _change("removed", part, before, [(path, value, None) for path, value in part.properties.items()])
            continue
        paths = dict.fromkeys((*part.properties, *now.properties))
        differing = [(path, old, new) for path in paths if (old := _value(part, path)) != (new := _value(now, path))]
        if part.type != now.type:
            differing.insert(0, ("type", part.type, now.type))
        if part.parent_id != now.parent_id:
            differing.append(("parent", part.parent_id, now.parent_id))
        if differing:
            yield _change("changed", now, after, differing)


def _value(part: Part, path: str) -> str | None:
    """What a part says of itself; editors leave out what the specification assumes."""
    return part.properties.get(path, DEFAULTS.get(path.rpartition(".")[2]))


def _added(before: Mapping[str, Part], after: Mapping[str, Part]) -> Iterator[PartChange]:
    for key, part in after.items():
        if key not in before:
            yield _change("added", part, after, [(path, None, value) for path, value in part.properties.items()])


def _reordered(before: Mapping[str, Part], after: Mapping[str, Part]) -> Iterator[PartChange]:
    """Rules that stand in another order than before, which matters to some hit policies."""
    for decision in dict.fromkeys(part.parent_id for part in after.values() if part.type == "rule"):
        old = [key for key, part in before.items() if _is_rule_of(part, decision) and key in after]
        new = [key for key, part in after.items() if _is_rule_of(part, decision) and key in before]
        for key, other in zip(new, old, strict=True):
            if key != other:
                yield _change("moved", after[key], after, [("position", before[key].name, after[key].name)])


def _is_rule_of(part: Part, decision: str | None) -> bool:
    return part.type == "rule" and part.parent_id == decision


def _pair_rewritten_rules(before: dict[str, Part], after: dict[str, Part]) -> None:
    gone = {
        (part.parent_id, tuple(part.properties.items())): key
        for key, part in before.items()
        if part.type == "rule" and key not in after
    }
    for key, part in list(after.items()):
        if part.type == "rule" and key not in before:
            known = gone.pop((part.parent_id, tuple(part.properties.items())), None)
            if known is not None:
                before[key] = before.pop(known)


def _change(
    change: str, part: Part, parts: Mapping[str, Part], values: list[tuple[str, str | None, str | None]]
) -> PartChange:
    properties = tuple(PropertyChange(path, _label(path), old, new) for path, old, new in values)
    parent = parts.get(part.parent_id or "")
    parent_name = None if parent is None else parent.name
    type_label = TYPES.get(part.type, Message("comparison.type", part.type, part.type))
    return PartChange(
        change, part, parent_name, type_label, properties, _sentence(change, part, type_label, properties)
    )


def _sentence(change: str, part: Part, label: Message, properties: tuple[PropertyChange, ...]) -> Message:
    zh, en = f"{label.zh}“{part.name}”", f"{label.en} '{part.name}'"
    if change in ("added", "removed"):
        said_zh, said_en = ("新增", "added") if change == "added" else ("删除", "removed")
        shown = "; ".join(f"{p.path} = {p.new or p.old}" for p in properties[:8]) if part.type == "rule" else ""
        return Message(
            f"comparison.{change}",
            f"{said_zh}{zh}{f'：{shown}' if shown else ''}",
            f"{en} {said_en}" + (f": {shown}" if shown else ""),
        )
    zh_changes = "；".join(
        f"{p.label.zh}由“{_or_nothing(p.old, '无')}”改为“{_or_nothing(p.new, '无')}”" for p in properties
    )
    en_changes = "; ".join(
        f"{p.label.en} from '{_or_nothing(p.old, 'nothing')}' to '{_or_nothing(p.new, 'nothing')}'" for p in properties
    )
    return Message(f"comparison.{change}", f"{zh}：{zh_changes}", f"{en}: {en_changes}")


def _or_nothing(value: str | None, nothing: str) -> str:
    return nothing if value is None else value


def _label(path: str) -> Message:
    """The words for a property; a path that has none stands for itself."""
    known = PROPERTIES.get(path) or PROPERTIES.get(path.rpartition(".")[2])
    return known or Message("comparison.property", path, path)


def _words(code: str, words: Mapping[str, tuple[str, str]]) -> dict[str, Message]:
    return {name: Message(code, zh, en) for name, (zh, en) in words.items()}


DEFAULTS: Mapping[str, str] = {
    "associationDirection": "None",
    "bindingType": "latest",
    "cancelActivity": "true",
    "cancelRemainingInstances": "true",
    "eventGatewayType": "Exclusive",
    "gatewayDirection": "Unspecified",
    "hitPolicy": "UNIQUE",
    "instantiate": "false",
    "isClosed": "false",
    "isCollection": "false",
    "isForCompensation": "false",
    "isInterrupting": "true",
    "isSequential": "false",
    "ordering": "Parallel",
    "parallelMultiple": "false",
    "processType": "None",
    "testBefore": "false",
    "triggeredByEvent": "false",
    "waitForCompletion": "true",
}
"""Attributes that mean the same when they are not written (BPMN 2.0, DMN 1.5, the schema of ``zeebe:``)."""

TYPES = _words(
    "comparison.type",
    {
        "process": ("流程", "Process"),
        "startEvent": ("开始事件", "Start event"),
        "endEvent": ("结束事件", "End event"),
        "intermediateCatchEvent": ("中间捕获事件", "Intermediate catch event"),
        "intermediateThrowEvent": ("中间抛出事件", "Intermediate throw event"),
        "boundaryEvent": ("边界事件", "Boundary event"),
        "task": ("任务", "Task"),
        "userTask": ("用户任务", "User task"),
        "serviceTask": ("服务任务", "Service task"),
        "sendTask": ("发送任务", "Send task"),
        "receiveTask": ("接收任务", "Receive task"),
        "scriptTask": ("脚本任务", "Script task"),
        "manualTask": ("手工任务", "Manual task"),
        "businessRuleTask": ("业务规则任务", "Business rule task"),
        "callActivity": ("调用活动", "Call activity"),
        "subProcess": ("子流程", "Subprocess"),
        "transaction": ("事务", "Transaction"),
        "adHocSubProcess": ("即席子流程", "Ad-hoc subprocess"),
        "exclusiveGateway": ("排他网关", "Exclusive gateway"),
        "parallelGateway": ("并行网关", "Parallel gateway"),
        "inclusiveGateway": ("包容网关", "Inclusive gateway"),
        "eventBasedGateway": ("事件网关", "Event-based gateway"),
        "sequenceFlow": ("顺序流", "Sequence flow"),
        "messageFlow": ("消息流", "Message flow"),
        "participant": ("参与者", "Participant"),
        "lane": ("泳道", "Lane"),
        "message": ("消息", "Message"),
        "error": ("错误", "Error"),
        "signal": ("信号", "Signal"),
        "escalation": ("升级", "Escalation"),
        "textAnnotation": ("注释", "Annotation"),
        "association": ("关联", "Association"),
        "decision": ("决策", "Decision"),
        "inputData": ("输入数据", "Input data"),
        "businessKnowledgeModel": ("业务知识模型", "Business knowledge model"),
        "itemDefinition": ("数据类型", "Item definition"),
        "input": ("输入列", "Input column"),
        "output": ("输出列", "Output column"),
        "rule": ("规则", "Rule"),
        "form": ("表单", "Form"),
        "textfield": ("文本框", "Text field"),
        "textarea": ("多行文本", "Text area"),
        "number": ("数字", "Number"),
        "select": ("下拉框", "Select"),
        "radio": ("单选", "Radio group"),
        "checkbox": ("复选框", "Checkbox"),
        "checklist": ("多选", "Checklist"),
        "datetime": ("日期时间", "Date and time"),
        "group": ("分组", "Group"),
        "text": ("说明文字", "Text"),
        "money": ("金额", "Money"),
        "resident-id": ("身份证号", "Resident ID"),
        "phone-cn": ("电话", "Phone"),
        "taglist": ("标签选择", "Tag list"),
        "filepicker": ("选择文件", "File picker"),
        "dynamiclist": ("动态列表", "Dynamic list"),
        "table": ("表格", "Table"),
        "html": ("网页内容", "HTML"),
        "image": ("图片", "Image"),
        "iframe": ("嵌入网页", "Embedded page"),
        "documentPreview": ("文件预览", "Document preview"),
        "button": ("按钮", "Button"),
        "spacer": ("间距", "Spacer"),
        "separator": ("分隔线", "Separator"),
    },
)
PROPERTIES = _words(
    "comparison.property",
    {
        "name": ("名称", "name"),
        "label": ("标签", "label"),
        "type": ("类型", "type"),
        "parent": ("所在范围", "scope"),
        "position": ("位置", "position"),
        "annotation": ("备注", "annotation"),
        "documentation": ("说明", "documentation"),
        "conditionExpression": ("条件", "condition"),
        "condition": ("条件", "condition"),
        "default": ("默认流", "default flow"),
        "sourceRef": ("起点", "source"),
        "targetRef": ("终点", "target"),
        "attachedToRef": ("所附活动", "attached to"),
        "cancelActivity": ("中断活动", "interrupting"),
        "isInterrupting": ("中断", "interrupting"),
        "timeDuration": ("时长", "duration"),
        "timeDate": ("时刻", "date"),
        "timeCycle": ("周期", "cycle"),
        "assignee": ("处理人", "assignee"),
        "candidateGroups": ("候选组", "candidate groups"),
        "candidateUsers": ("候选人", "candidate users"),
        "dueDate": ("到期时间", "due date"),
        "followUpDate": ("跟进时间", "follow-up date"),
        "priority": ("优先级", "priority"),
        "formId": ("表单", "form"),
        "decisionId": ("决策", "decision"),
        "resultVariable": ("结果变量", "result variable"),
        "processId": ("被调流程", "called process"),
        "retries": ("重试次数", "retries"),
        "expression": ("表达式", "expression"),
        "hitPolicy": ("命中策略", "hit policy"),
        "aggregation": ("聚合", "aggregation"),
        "typeRef": ("数据类型", "type"),
        "text": ("内容", "text"),
        "key": ("字段名", "key"),
        "required": ("必填", "required"),
        "min": ("最小值", "minimum"),
        "max": ("最大值", "maximum"),
        "minLength": ("最短长度", "minimum length"),
        "maxLength": ("最长长度", "maximum length"),
        "pattern": ("格式", "pattern"),
        "readonly": ("只读", "read-only"),
        "disabled": ("禁用", "disabled"),
        "hide": ("隐藏条件", "hidden when"),
        "defaultValue": ("默认值", "default value"),
        "description": ("说明", "description"),
        "title": ("标题", "title"),
        "value": ("值", "value"),
        "valuesKey": ("选项来自变量", "options from"),
        "valuesExpression": ("选项表达式", "options expression"),
        "validationType": ("校验类型", "validation"),
        "patternErrorMessage": ("格式不符的提示", "pattern message"),
        "currency": ("币种", "currency"),
        "decimalDigits": ("小数位数", "decimal digits"),
        "increment": ("步长", "step"),
        "serializeToString": ("以文本保存", "kept as text"),
        "prefixAdder": ("前缀", "prefix"),
        "suffixAdder": ("后缀", "suffix"),
        "landline": ("允许座机", "landlines"),
        "searchable": ("可搜索", "searchable"),
        "subtype": ("日期或时间", "date or time"),
        "computeOn": ("何时计算", "computed on"),
        "isRepeating": ("可重复", "repeating"),
        "allowAddRemove": ("可增删", "items can be added"),
        "defaultRepetitions": ("初始项数", "items at first"),
        "showOutline": ("显示边框", "outline"),
        "source": ("来源", "source"),
        "url": ("地址", "address"),
    },
)
