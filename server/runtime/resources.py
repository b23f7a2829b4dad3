"""Reading the files of a deployment: what each defines, and every fault of every one of them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from server import file_kinds
from server.bpmn import ProcessModel
from server.bpmn.review import ReviewRequest, review
from server.dmn import DecisionModel, DmnError, read_dmn
from server.file_kinds import kind_of_file
from server.forms import Form, FormError, read_form
from server.messages import Finding, Message, Severity, counted

from .decision_analysis import deployment_findings
from .errors import DeploymentRefused

LONGEST_NAME = 200
_NONE: Mapping[str, bytes] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Item:
    """A definition in a file. ``bound_together`` are those that it is of one deployment with: what it refers to, or by
    an expression may refer to, by the binding ``deployment``, and for a decision its file and what that imports."""

    kind: str
    definition_id: str
    name: str | None
    version_tag: str | None
    resource_name: str
    content_hash: str
    process: ProcessModel | None = None
    bound_together: frozenset[tuple[str, str]] = frozenset()

    @property
    def identity(self) -> tuple[str, str]:
        """What it is, by kind and id."""
        return self.kind, self.definition_id

    @property
    def has_start_form(self) -> bool:
        """Whether it is a process whose start event has a form."""
        return self.process is not None and self.process.start_form is not None


@dataclass(slots=True)
class Examined:
    """The files of a deployment: what they define, and everything that was found in them."""

    items: list[Item] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def errors(self) -> list[Finding]:
        """What refuses the deployment."""
        return [finding for finding in self.findings if finding.severity is Severity.ERROR]


def read_resources(
    resources: Sequence[tuple[str, bytes]], now: dt.datetime | None = None
) -> tuple[list[Item], list[Finding]]:
    """The definitions in the files, and the warnings about them; ``now`` is when they are deployed.

    Raises :class:`DeploymentRefused` with all findings when any file has an error, is of no known kind, or
    defines what another defines too.
    """
    examined = examine_resources(resources, now=now)
    told = [finding for finding in examined.findings if finding.severity is not Severity.INFO]
    if examined.errors:
        raise DeploymentRefused(refused(examined.errors), findings=told)
    return examined.items, told


def examine_resources(
    resources: Sequence[tuple[str, bytes]],
    *,
    complete: bool = True,
    style: bool = False,
    now: dt.datetime | None = None,
    importable: Mapping[str, bytes] = _NONE,
) -> Examined:
    """Everything that can be said of files that belong together, without raising.

    ``complete`` says that they are to be deployed as they are; ``style`` asks for the rules of drawing too. With
    ``now`` (an aware instant) fixed times that have passed are told as well. ``importable`` are decision models that
    the files may import beside each other.
    """
    beside, found = _Beside(), Examined()
    models = {name: content for name, content in resources if kind_of_file(name) == file_kinds.DMN}
    for name, content in resources:
        others = {other: text for other, text in {**importable, **models}.items() if other != name}
        read, findings = _read(name, content, others, beside)
        found.items += read
        # A model's findings are also those of what it imports, which is read by itself.
        found.findings += [found_ for found_ in findings if found_.resource == name or found_.resource not in models]
    reviewed = review(ReviewRequest(beside.diagrams, beside.forms, beside.decisions, complete, style, now))
    found.findings += reviewed.findings
    for name, processes in reviewed.models.items():
        content_hash = hashlib.sha256(beside.diagrams[name]).hexdigest()
        found.items += [_process(model, name, content_hash) for model in processes]
    together = [item.identity for item in found.items]
    found.items = [
        item if item.process is None else replace(item, bound_together=bound_to(item.process, together))
        for item in found.items
    ]
    place = {name: position for position, (name, _) in enumerate(resources)}
    found.items.sort(key=lambda item: place[item.resource_name])
    found.findings.sort(key=lambda finding: place.get(finding.resource, len(place)))
    found.findings += _doubles(resources, found.items)
    if not resources:
        found.findings.append(Finding(Severity.ERROR, _NOTHING))
    return found


@dataclass(frozen=True, slots=True)
class _Beside:
    """What the processes of a deployment can refer to in it; and the diagrams, still to be looked at."""

    diagrams: dict[str, bytes] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    decisions: dict[str, DecisionModel] = field(default_factory=dict)


def _read(name: str, content: bytes, others: dict[str, bytes], beside: _Beside) -> tuple[list[Item], Sequence[Finding]]:
    content_hash = hashlib.sha256(content).hexdigest()
    try:
        match kind_of_file(name):
            case file_kinds.BPMN:
                beside.diagrams[name] = content
                return [], ()
            case file_kinds.DMN:
                return _read_dmn(name, content, content_hash, others, beside)
            case file_kinds.FORM:
                return _read_form(name, content, content_hash, beside)
    except (DmnError, FormError) as error:
        return [], error.findings or (Finding(Severity.ERROR, error.message, name),)
    return [], (Finding(Severity.ERROR, _unknown_kind(name), name),)


def _process(model: ProcessModel, name: str, content_hash: str) -> Item:
    return Item("process", model.process_id, model.name, model.version_tag, name, content_hash, model)


def bound_to(model: ProcessModel, together: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """What a process means by the binding ``deployment``, of all that is deployed ``together`` by kind and id."""
    named = {(r.kind, r.target) for r in model.references if r.binding == "deployment"}
    return frozenset(named.union(identity for identity in together if identity[0] in model.bound_kinds))


def _read_dmn(
    name: str, content: bytes, content_hash: str, others: dict[str, bytes], beside: _Beside
) -> tuple[list[Item], Sequence[Finding]]:
    model = read_dmn(content, resource=name, imports=others)
    beside.decisions.update(dict.fromkeys(model.decisions, model))
    imported = frozenset(("decisionRequirements", model_id) for model_id in model.imported)
    whole = Item(
        "decisionRequirements", model.id, model.name, model.version_tag, name, content_hash, bound_together=imported
    )
    decisions = [
        replace(
            whole,
            kind="decision",
            definition_id=decision.id,
            name=decision.name,
            version_tag=decision.version_tag,
            bound_together=imported | {whole.identity},
        )
        for decision in model.decisions.values()
    ]
    return [whole, *decisions], (*model.findings, *deployment_findings(model, name))


def _read_form(name: str, content: bytes, content_hash: str, beside: _Beside) -> tuple[list[Item], Sequence[Finding]]:
    form = read_form(content, resource=name)
    beside.forms[form.id] = form
    tag = form.schema.get("versionTag")
    return [Item("form", form.id, None, tag if isinstance(tag, str) else None, name, content_hash)], form.findings


def _doubles(resources: Sequence[tuple[str, bytes]], items: Sequence[Item]) -> list[Finding]:
    """Files of one name, and definitions of one id, are refused: which of them is meant could not be told."""
    findings, names, seen = [], set(), dict[tuple[str, str], str]()
    for name, _ in resources:
        if name in names or not name or len(name) > LONGEST_NAME or "\0" in name:
            findings.append(Finding(Severity.ERROR, _bad_name(name), name))
        names.add(name)
    for item in items:
        first = seen.setdefault(item.identity, item.resource_name)
        if first != item.resource_name:
            message = Message(
                "deployment.double",
                f"“{item.definition_id}”（{item.kind}）在 {first} 和 {item.resource_name} 中都有定义；请只保留一个。",
                f"'{item.definition_id}' ({item.kind}) is defined in {first} and in {item.resource_name}; keep one.",
            )
            findings.append(Finding(Severity.ERROR, message, item.resource_name, item.definition_id))
    return findings


_NOTHING = Message(
    "deployment.empty",
    "部署中没有文件；请至少给出一个 .bpmn、.dmn 或 .form 文件。",
    "The deployment has no file; give at least one .bpmn, .dmn or .form file.",
)


def _bad_name(name: str) -> Message:
    return Message(
        "deployment.resource-name",
        f"文件名“{name[:80]}”为空、过长或重复；同一部署中的文件名必须不同。",
        f"The file name '{name[:80]}' is empty, too long or used twice; names in a deployment must differ.",
    )


def _unknown_kind(name: str) -> Message:
    return Message(
        "deployment.unknown-kind",
        f"不认识文件“{name[:80]}”的类型；可部署的是 .bpmn（或 .bpmn20.xml）、.dmn 和 .form 文件。",
        f"The file '{name[:80]}' is of no known kind; .bpmn (or .bpmn20.xml), .dmn and .form files can be deployed.",
    )


def refused(errors: Sequence[Finding]) -> Message:
    """The sentence that refuses a deployment for these errors."""
    first = errors[0]
    where = first.resource + (f":{first.line}" if first.line else "")
    return Message(
        "deployment.refused",
        f"部署被拒绝，共 {len(errors)} 处错误；第一处在 {where}：{first.message.zh}",
        f"The deployment is refused with {counted(len(errors), 'error')}; the first is in {where}: {first.message.en}",
    )
