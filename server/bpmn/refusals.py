"""Why a modification cannot be carried out: each reason with its element and what to do instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from server.messages import Finding

from .errors import Failure, reason
from .flow_node import FlowNode
from .token import Token

if TYPE_CHECKING:
    from .model import ProcessModel
    from .returning import Path


def no_element(model: ProcessModel, element_id: str) -> Finding:
    """The process has no such element or sequence flow."""
    process_id = model.process_id
    return reason(
        "modify-no-element",
        element_id,
        f"流程“{process_id}”中没有元素“{element_id}”；请核对编号。",
        f"The process '{process_id}' has no element '{element_id}'; check the id.",
    )


def nothing_there(element_id: str) -> Finding:
    """No live token is where one should be taken away."""
    return reason(
        "modify-nothing-there",
        element_id,
        f"“{element_id}”上没有活动的令牌，没有可终止或移动的；请刷新后再看。",
        f"There is no active token at '{element_id}' to terminate or move; refresh to see where they are.",
    )


def not_an_ancestor(ancestor: Token, spec: FlowNode) -> Finding:
    """The named scope is not around the element."""
    return reason(
        "modify-not-an-ancestor",
        spec.element.id,
        f"元素实例 {ancestor.id} 不是 {spec.where} 的外层作用域；请给出它外层子流程的实例键，或不给出。",
        f"Element instance {ancestor.id} is not a scope around {spec.where}; give the key of an instance of a"
        " subprocess around it, or none.",
    )


def several_scopes(spec: FlowNode, parent: FlowNode, live: list[Token]) -> Finding:
    """It is open in which live scope to activate the element."""
    keys = ", ".join(str(token.id) for token in live)
    return reason(
        "modify-several-scopes",
        spec.element.id,
        f"{parent.where} 有多个活动实例（{keys}）；请用 ancestorElementInstanceKey 指明"
        "哪一个（退回时用来源元素实例键）。",
        f"{parent.where} has several active instances ({keys}); say which by ancestorElementInstanceKey (for a return"
        " by the key of the source element instance).",
    )


def scope_has_incident(parent: FlowNode) -> Finding:
    """The scope could not be opened yet."""
    return reason(
        "modify-scope-incident",
        parent.element.id,
        f"{parent.where} 因异常尚未打开；请先处理其异常，或在同一修改中终止它。",
        f"{parent.where} could not be opened and has an incident; resolve it first, or terminate it in the same"
        " modification.",
    )


def inside_multi_instance(parent: FlowNode) -> Finding:
    """A multi-instance subprocess has no instance to activate in."""
    return reason(
        "modify-inside-multi-instance",
        parent.element.id,
        f"多实例子流程 {parent.where} 没有可用的实例；请激活该子流程本身，或以其多实例体的键作为"
        " ancestorElementInstanceKey 来增加一个实例。",
        f"The multi-instance subprocess {parent.where} has no instance to use; activate the subprocess itself, or give"
        " the key of its multi-instance body as ancestorElementInstanceKey to add an instance.",
    )


def scope_is_terminated(spec: FlowNode) -> Finding:
    """Two instructions contradict each other."""
    return reason(
        "modify-scope-terminated",
        spec.element.id,
        f"{spec.where} 要在其中激活的作用域被同一修改终止了；请去掉其中一条指令。",
        f"The scope in which {spec.where} would be activated is terminated by the same modification; drop one of the"
        " two instructions.",
    )


def failed(spec: FlowNode, failure: Failure) -> Finding:
    """Mappings, conditions or the beginning of a wait could not be evaluated."""
    return reason(
        "modify-failed",
        spec.element.id if hasattr(spec, "element") else "",
        f"{spec.where} 不能这样激活：{failure.message.zh} 请在修改中同时设置所需变量。",
        f"{spec.where} cannot be activated like this: {failure.message.en} Set the variables it needs in the same"
        " modification.",
    )


def nothing_to_return(spec: FlowNode) -> Finding:
    """Nothing that started at the element is active."""
    return reason(
        "return-nothing",
        spec.element.id,
        f"没有由 {spec.where} 出发的活动令牌，不能退回到那里；请选择更早的环节。",
        f"Nothing that started at {spec.where} is active, so there is nothing to return from; choose an earlier"
        " element.",
    )


def not_on_the_path(spec: FlowNode, source: Token, path: Path) -> Finding:
    """The source was not reached from the element alone."""
    joins = "、".join(join.where for join in path.stopped)
    zh = f"（从那里出发的令牌已在 {joins} 与其他分支汇合）" if joins else ""
    en = f" (its path has met other branches at {joins.replace('、', ', ')})" if joins else ""
    return reason(
        "return-not-on-path",
        spec.element.id,
        f"{source.task_spec.where} 不是仅由 {spec.where} 出发到达的{zh}，单独退回会使汇合永远等待；"
        "请退回到分支之前的环节。",
        f"{source.task_spec.where} was not reached from {spec.where} alone{en}: the join would wait for ever. Return to"
        " an element before the branches split.",
    )


def into_a_branch(spec: FlowNode, stopped: Sequence[FlowNode]) -> Finding:
    """The subprocess around is opened anew, and what else it splits into would be missing."""
    joins = [join.where for join in stopped]
    return reason(
        "return-into-branch",
        spec.element.id,
        f"{spec.where} 所在的子流程要重新打开，只从一个分支开始，{'、'.join(joins)} 会永远等待其他分支；"
        "请退回到分支之前的环节。",
        f"The subprocess around {spec.where} is to be opened anew, and with this branch alone {', '.join(joins)} would"
        " wait for ever for the others. Return to an element before the branches split.",
    )


def is_root(element: str, key: int) -> Finding:
    """The process instance itself is cancelled, not modified."""
    return reason(
        "modify-root",
        element,
        f"键 {key} 是流程实例本身；请改用取消流程实例。",
        f"Key {key} is the process instance itself; cancel the process instance instead.",
    )


def no_variable_scope(element_id: str, spec: FlowNode) -> Finding:
    """Variables are meant for a scope that is not around the element."""
    return reason(
        "modify-variable-scope",
        element_id,
        f"“{element_id}”不是 {spec.where} 本身，也不是它外层的子流程；变量不能设在那里。",
        f"'{element_id}' is neither {spec.where} nor a subprocess around it; variables cannot be set there.",
    )


def is_boundary(spec: FlowNode) -> Finding:
    """A boundary event waits with its activity."""
    return reason(
        "modify-boundary",
        spec.element.id,
        f"边界事件 {spec.where} 随其活动等待，不能直接激活；请激活它之后（AFTER）或其活动。",
        f"The boundary event {spec.where} waits with its activity and cannot be activated; activate"
        " behind it (AFTER), or its activity.",
    )


def behind_event_gateway(spec: FlowNode) -> Finding:
    """An event waits with the gateway before it."""
    return reason(
        "modify-behind-event-gateway",
        spec.element.id,
        f"{spec.where} 在基于事件的网关之后等待；请激活该网关，或激活它之后（AFTER）。",
        f"{spec.where} waits behind an event-based gateway; activate the gateway, or behind the event (AFTER).",
    )


def nothing_after(spec: FlowNode) -> Finding:
    """No sequence flow can be taken."""
    return reason(
        "modify-after",
        spec.element.id,
        f"{spec.where} 之后没有可以直接走的顺序流；请激活一个具体的元素。",
        f"No sequence flow can be taken behind {spec.where}; activate an element instead.",
    )


def is_sequential(spec: FlowNode) -> Finding:
    """A loop, or a sequential multi-instance subprocess, takes no further instance beside the one that runs."""
    return reason(
        "modify-sequential",
        spec.element.id,
        f"{spec.where} 一次只有一个实例，不能在旁边再增加；请终止其多实例体后重新激活它。",
        f"{spec.where} runs its instances one after the other and takes none beside the one that runs; terminate its"
        " multi-instance body and activate it anew.",
    )


def is_event_subprocess(spec: FlowNode) -> Finding:
    """An event subprocess is started by its event."""
    return reason(
        "modify-event-subprocess",
        spec.element.id,
        f"事件子流程 {spec.where} 由其事件启动，不能直接激活；请激活它的启动事件或其中的元素。",
        f"The event subprocess {spec.where} is started by its event and cannot be activated; activate its start event,"
        " or an element inside it.",
    )


def is_ad_hoc(spec: FlowNode) -> Finding:
    """Inside an ad-hoc subprocess every activated element has an instance of its own."""
    return reason(
        "modify-ad-hoc",
        spec.element.id,
        f"即席子流程 {spec.where} 中的元素请用其激活接口启动，或以其内部实例的键作为 ancestorElementInstanceKey。",
        f"Elements of the ad-hoc subprocess {spec.where} are started by its own activation, or with the key of one of"
        " its inner instances as ancestorElementInstanceKey.",
    )
