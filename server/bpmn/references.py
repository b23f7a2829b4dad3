"""What the elements of a process refer to: definitions in the file, errors and who catches them, other files.

The rules about a file by itself are :func:`check_file` (ids that lead nowhere) and :func:`check_catching` (errors that
nobody catches, events that catch nothing). Those about files that belong together are :func:`check_together`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lxml import etree

from server.messages import Finding, Message, Severity

from .activities import JobActivity
from .effects import CallOpened
from .events import BoundaryEvent
from .extensions import BPMN
from .flow_node import FlowNode
from .model import DecisionReference, FormReference, ProcessModel, Reference
from .subprocesses import CallActivity
from .token_net import event_kind

_B = f"{{{BPMN}}}"
_DEFINED = {"messageRef": "message", "signalRef": "signal", "errorRef": "error", "escalationRef": "escalation"}
_ZH = {"message": "消息", "signal": "信号", "error": "错误", "escalation": "升级"}
KINDS = {"decision": ("决策", "decision"), "process": ("流程", "process"), "form": ("表单", "form")}


def check_file(root: etree._Element, resource: str) -> Iterator[Finding]:
    """References to messages, signals, errors and escalations that the file does not define."""
    known = {tag: {node.get("id") for node in root.iterfind(f"{_B}{tag}")} for tag in _DEFINED.values()}
    for node in root.iter(f"{_B}*"):
        for attribute, tag in _DEFINED.items():
            reference = node.get(attribute)
            if reference is None or reference.rpartition(":")[2] in known[tag]:
                continue
            owner = node if not etree.QName(node).localname.endswith("EventDefinition") else node.getparent()
            assert owner is not None
            message = Message(
                "bpmn.dangling-reference",
                f"“{owner.get('id')}”引用了文件中没有定义的{_ZH[tag]}“{reference}”。请定义它，或改为已有的。",
                f"'{owner.get('id')}' refers to the {tag} '{reference}', which the file does not define."
                " Define it, or choose one that is there.",
            )
            yield Finding(Severity.ERROR, message, resource, owner.get("id", ""), int(node.sourceline or 0))


# -- errors and who catches them -----------------------------------------------------------------------------------


def check_catching(model: ProcessModel) -> Iterator[Finding]:
    """Errors that nothing in the process catches, and error events that can never catch anything."""
    for node in model.nodes:
        if node.element.type == "END_EVENT" and event_kind(node) == "Error":
            code = error_code(node)
            if code and not _is_caught(model, node, code):
                yield _finding(model, Severity.WARNING, node, _not_caught(node, code))
        yield from _check_boundary_events(model, node)


def error_code(node: FlowNode) -> str:
    """The code of an error event; empty where it has none."""
    return node.event_definition.code or ""  # type: ignore[attr-defined]


def _is_caught(model: ProcessModel, node: FlowNode, code: str) -> bool:
    around, inner = node.element.parent_id, node
    while True:
        scope = model.spec.start if around is None else model.node(around)
        handlers = [handler for handler in scope.event_subprocesses if handler is not inner]
        events = [*scope.boundary_events, *(handler.start for handler in handlers)]
        if any(event_kind(event) == "Error" and error_code(event) in ("", code) for event in events):
            return True
        if around is None:
            return False
        around, inner = scope.element.parent_id, scope


def _check_boundary_events(model: ProcessModel, host: FlowNode) -> Iterator[Finding]:
    for event in host.boundary_events:
        if event_kind(event) != "Error":
            continue
        code = error_code(event)
        if not _may_throw(model, host, code):
            yield _finding(model, Severity.WARNING, event, _never_thrown(event, host, code))


def _may_throw(model: ProcessModel, host: FlowNode, code: str) -> bool:
    """Whether an error with ``code`` (empty: any) can come out of ``host``."""
    if isinstance(host, CallActivity) or (isinstance(host, JobActivity) and host.extensions.task is not None):
        return True
    if host.element.type == "END_EVENT" and event_kind(host) == "Error":
        return not code or error_code(host) in ("", code)  # the code may be an expression
    return any(_may_throw(model, n, code) for n in model.nodes if n.element.parent_id == host.element.id)


# -- files that belong together ------------------------------------------------------------------------------------


def check_together(
    models: Sequence[ProcessModel], known: Mapping[str, frozenset[str]], *, complete: bool
) -> Iterator[Finding]:
    """References from ``models`` to what is not among the files. ``known`` are the ids there, by kind.

    ``complete`` says that the files are a whole deployment: what is bound to the deployment must then be among them.
    """
    for model in models:
        for reference in model.references:
            if reference.target in known[reference.kind]:
                continue
            element = model.elements[reference.element_id]
            if reference.binding == "deployment" and complete:
                severity, message = Severity.ERROR, _not_in_deployment(reference)
            else:
                severity, message = Severity.INFO, _not_among_files(reference)
            yield Finding(severity, message, model.resource, element.id, element.line)
    yield from _uncallable(models)
    yield from _same_starts(models)


def _uncallable(models: Sequence[ProcessModel]) -> Iterator[Finding]:
    """Call activities that call a process among the files which only events can start."""
    startless = {model.process_id: model for model in models if model.none_start is None}
    for model in models:
        for reference in model.references:
            called = startless.get(reference.target) if reference.kind == "process" else None
            if called is not None and is_meant(reference, called.version_tag):
                yield not_callable(model, reference, Severity.ERROR)


def is_meant(reference: Reference | DecisionReference | FormReference | CallOpened, version_tag: object) -> bool:
    """Whether a reference to something among the files means the version there, which has this tag."""
    return reference.binding != "versionTag" or reference.version_tag == version_tag


def not_callable(model: ProcessModel, reference: Reference, severity: Severity) -> Finding:
    """That a call activity calls a process which only events can start."""
    element = model.elements[reference.element_id]
    return Finding(severity, _not_callable(reference), model.resource, element.id, element.line)


def _same_starts(models: Sequence[ProcessModel]) -> Iterator[Finding]:
    seen: dict[tuple[str, str | None], tuple[ProcessModel, str]] = {}
    for model in models:
        for start in model.start_events:
            if start.kind != "message":
                continue
            first, element_id = seen.setdefault((start.kind, start.name), (model, start.element_id))
            if element_id == start.element_id and first is model:
                continue
            severity = Severity.ERROR if first is model else Severity.WARNING
            element = model.elements[start.element_id]
            yield Finding(
                severity, _same_start(start.name, first, element_id), model.resource, element.id, element.line
            )


def _finding(model: ProcessModel, severity: Severity, node: FlowNode, message: Message) -> Finding:
    return Finding(severity, message, model.resource, node.element.id, node.element.line)


def _not_caught(node: FlowNode, code: str) -> Message:
    return Message(
        "bpmn.error-not-caught",
        f"{node.where} 抛出的错误“{code}”在本流程中没有被捕获：除非调用方的边界事件捕获它，否则会成为异常。"
        "请加错误边界事件或事件子流程。",
        f"Nothing in this process catches the error '{code}' that {node.where} throws: unless a calling process does,"
        " it becomes an incident. Add an error boundary event around it.",
    )


def _never_thrown(event: BoundaryEvent, host: FlowNode, code: str) -> Message:
    what, thrown = (f"“{code}”", f"the error '{code}'") if code else ("任何错误", "an error")
    return Message(
        "bpmn.error-never-thrown",
        f"{event.where} 不会发生：{host.where} 里没有什么能抛出错误（{what}）。请删除它，或检查错误代码。",
        f"{event.where} never happens: nothing in {host.where} can throw {thrown}. Remove it, or check the error code.",
    )


def _not_in_deployment(reference: Reference) -> Message:
    zh, en = KINDS[reference.kind]
    return Message(
        "bpmn.reference-not-in-deployment",
        f"“{reference.element_id}”以 deployment 绑定引用{zh}“{reference.target}”，但它不在同一次部署中。"
        "请一起部署，或改用 latest 绑定。",
        f"'{reference.element_id}' refers to the {en} '{reference.target}' with the binding deployment, but it is not"
        " in the same deployment. Deploy it together, or bind to the latest version.",
    )


def _not_callable(reference: Reference) -> Message:
    return Message(
        "bpmn.called-without-start",
        f"“{reference.element_id}”调用的流程“{reference.target}”没有无类型启动事件，无法被调用。请给它加一个。",
        f"'{reference.element_id}' calls '{reference.target}', which has no none start event and cannot be called."
        " Give it one.",
    )


def _not_among_files(reference: Reference) -> Message:
    zh, en = KINDS[reference.kind]
    return Message(
        "bpmn.reference-elsewhere",
        f"“{reference.element_id}”引用的{zh}“{reference.target}”不在所检查的文件中，因此没有一并检查。",
        f"The {en} '{reference.target}', to which '{reference.element_id}' refers, is not among these files and was not"
        " checked with them.",
    )


def _same_start(name: str | None, first: ProcessModel, element_id: str) -> Message:
    return Message(
        "bpmn.same-start-message",
        f"消息“{name}”也启动流程“{first.process_id}”（{element_id}）：一条消息会启动两者。若非本意，请换一个消息名。",
        f"The message '{name}' also starts '{first.process_id}' ({element_id}): one message starts both. Use another"
        " name, unless that is meant.",
    )
