"""What each flow node reads and sets: the expressions with the names of their place, and the variables that come of it.

Names are the first parts of variables. A node that takes whatever comes (a job, a message, a form that is not at
hand, without output mappings) may set anything: ``sets_anything``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from server.dmn import DecisionModel
from server.feel import FeelSyntaxError, ast
from server.forms import Form
from server.forms.formulas import compile_formula, is_formula

from .activities import BusinessRuleTask, JobActivity, ScriptTask, UserTask
from .events import BoundaryEvent, CatchingNode
from .expressions import Expression
from .flow_node import FlowNode
from .subprocesses import CallActivity
from .timers import TimerDefinition
from .token_net import event_kind

LOOP_NAMES = frozenset(
    {"numberOfInstances", "numberOfCompletedInstances", "numberOfActiveInstances", "numberOfTerminatedInstances"}
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The forms and decisions beside a process, by id, as far as they are at hand."""

    forms: Mapping[str, Form]
    decisions: Mapping[str, DecisionModel]


@dataclass(frozen=True, slots=True)
class Reading:
    """One place that reads ``name``. ``after`` says that the node's own results are there already.

    ``guarded`` readings can live without the variable: it is compared with null, or the form shows an empty field.
    ``brought`` ones come after work that may bring any name.
    """

    name: str
    text: str
    local: frozenset[str] = frozenset()
    after: bool = False
    guarded: bool = False
    brought: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """What one node reads, and what it leaves behind. ``local`` names are gone when the node is left."""

    reads: tuple[Reading, ...]
    sets: frozenset[str]
    sets_anything: bool
    local: frozenset[str]
    lost: frozenset[str] = frozenset()


def usage_of(node: FlowNode, around: Surroundings) -> Usage:
    """What ``node`` reads and sets."""
    x = node.extensions
    inputs = frozenset(mapping.target[0] for mapping in x.inputs)
    loop = frozenset(filter(None, (x.loop.element, "loopCounter"))) if x.loop is not None else frozenset[str]()
    results, anything = _results(node, around)
    if x.standard_loop is not None:
        loop |= {"loopCounter"}
    inner = inputs | loop
    lost = frozenset[str]()
    if x.outputs:
        sets, sets_anything = frozenset(mapping.target[0] for mapping in x.outputs), False
    else:
        lost = results & inputs if isinstance(node, ScriptTask | BusinessRuleTask) else frozenset()
        sets, sets_anything = results - inner, anything
    collections = [rules.output_collection for rules in (x.loop, x.ad_hoc) if rules is not None]
    sets |= frozenset(name for name in collections if name)
    reads = tuple(
        replace(read, brought=read.after and anything) for read in _reads(node, around, inputs, loop, results)
    )
    return Usage(reads, sets, sets_anything, inner, lost)


def _results(node: FlowNode, around: Surroundings) -> tuple[frozenset[str], bool]:
    """The names that the work of a node brings, and whether it may bring others."""
    x = node.extensions
    if isinstance(node, JobActivity) and x.task is not None:
        return frozenset(), True
    if isinstance(node, ScriptTask | BusinessRuleTask):
        return frozenset({x.result_variable or "result"}), False
    if isinstance(node, UserTask):
        form = form_of(node, around)
        return (frozenset(), True) if form is None else (frozenset(form.variables), False)
    if isinstance(node, CallActivity):
        return frozenset(), bool(x.outputs) or x.propagate_all_child
    if isinstance(node, CatchingNode):
        return frozenset(), event_kind(node) in ("Message", "Signal", "Error", "Escalation")
    return frozenset(), False


def form_of(node: FlowNode, around: Surroundings) -> Form | None:
    """The form of a user task or start event, if it is at hand."""
    form = node.extensions.form
    if form is None or not form.target.is_literal:
        return None
    return around.forms.get(form.target.text)


def decision_of(node: FlowNode, around: Surroundings) -> tuple[str, DecisionModel] | None:
    """The decision that a business rule task calls, if it is at hand."""
    called = node.extensions.decision
    if called is None or not called.target.is_literal or called.target.text not in around.decisions:
        return None
    return called.target.text, around.decisions[called.target.text]


def _reads(
    node: FlowNode, around: Surroundings, inputs: frozenset[str], loop: frozenset[str], results: frozenset[str]
) -> Iterator[Reading]:
    x = node.extensions
    seen = set(loop)
    for mapping in x.inputs:
        yield from _of(mapping.source, frozenset(seen))
        seen.add(mapping.target[0])
    local = inputs | loop
    if x.loop is not None:
        yield from _of(x.loop.collection, frozenset())
        yield from _of(x.loop.output_element, local | results, after=True)
        yield from _of(x.loop.completion_condition, local | results | LOOP_NAMES, after=True)
    if x.standard_loop is not None:
        yield from _of(x.standard_loop.condition, local | results)
    yield from _of(x.ad_hoc.active_elements, local)
    a = x.assignment
    work: list[Expression | None] = [a.assignee, a.candidate_users, a.candidate_groups, a.due_date, a.follow_up_date]
    work += [a.priority, x.script]
    work += [binding.target for binding in (x.form, x.decision, x.called) if binding is not None]
    if x.task is not None:
        work += [x.task.type, x.task.retries]
    for expression in work:
        yield from _of(expression, local)
    yield from _event_reads(node, local)
    yield from _decision_reads(node, around, local)
    form = form_of(node, around) if isinstance(node, UserTask) else None
    for name, text in formula_names(form) if form is not None else ():
        yield Reading(name, text, local, guarded=True)
    for mapping in x.outputs:
        yield from _of(mapping.source, local | results, after=True)
    for flow, _ in node.outgoing:
        yield from _of(flow.condition, local | results, after=True)


def _event_reads(node: FlowNode, local: frozenset[str]) -> Iterator[Reading]:
    definition = getattr(node, "event_definition", None)
    if node.element.type == "START_EVENT" and node.element.parent_id is None:
        return  # what it reads, it reads before there is an instance
    if isinstance(node, BoundaryEvent) and hasattr(node, "attached_to"):
        host = node.attached_to.extensions
        local |= frozenset(mapping.target[0] for mapping in host.inputs)
    if isinstance(definition, TimerDefinition):
        yield from _of(definition.source, local)
    else:
        for part in ("correlation_key", "condition"):  # of a message, of a conditional event
            expression = getattr(definition, part, None)
            yield from _of(expression if isinstance(expression, Expression) else None, local)


def _decision_reads(node: FlowNode, around: Surroundings, local: frozenset[str]) -> Iterator[Reading]:
    called = decision_of(node, around)
    if called is not None and isinstance(node, BusinessRuleTask):
        for name in sorted(decision_inputs(*called)):
            yield Reading(name, f"{called[0]}({name})", local)


def decision_inputs(decision_id: str, model: DecisionModel) -> set[str]:
    """The names of the input data that a decision and all that it requires ask for, in its own file."""
    elements = model.definitions.elements
    found, todo, seen = set[str](), [decision_id], set[str]()
    while todo:
        identity = todo.pop()
        decision = model.decisions.get(identity)
        if decision is None or identity in seen:
            continue
        seen.add(identity)
        for reference in decision.required_inputs:
            data = elements.get(reference.id)
            if reference.namespace is None and data is not None:
                found.add(data.variable.name)
        todo += [reference.id for reference in decision.required_decisions if reference.namespace is None]
    return found


def formula_names(form: Form) -> Iterator[tuple[str, str]]:
    """The variables that the formulas of a form read and that are no fields of it, with the formula."""
    own, texts = {"this", "parent", "i", "_this_", "_parent_", "_i_"}, list[str]()
    todo: list[object] = [form.schema]
    while todo:
        part = todo.pop()
        if isinstance(part, dict):
            own.update(
                name for key in ("key", "path") if isinstance(part.get(key), str) for name in part[key].split(".")
            )
            todo += part.values()
        elif isinstance(part, list):
            todo += part
        elif is_formula(part):
            texts.append(str(part))
    for text in sorted(set(texts)):
        try:
            names = compile_formula(text, frozenset(own)).expression.names
        except FeelSyntaxError:
            continue  # a label that begins with an equals sign
        for name in sorted(names - own):
            yield name, text


def _of(expression: Expression | None, local: frozenset[str], *, after: bool = False) -> Iterator[Reading]:
    if expression is None or expression.feel is None:
        return
    guarded = _guarded(expression.feel.ast)
    for name in sorted(expression.feel.names):
        yield Reading(name, expression.text, local, after, name in guarded)


_TOLERANT = frozenset({"get or else", "is defined", "list contains", "is blank", "is empty", "get value"})


def _guarded(tree: ast.Node) -> set[str]:
    """The names that an expression compares with null, or hands to a function that takes null."""
    found = set()
    for node in ast.walk(tree):
        sides: tuple[ast.Node, ...] = ()
        if isinstance(node, ast.Comparison) and node.operator in ("=", "!="):
            pair = (node.left, node.right)
            sides = pair if any(isinstance(side, ast.Literal) and side.value is None for side in pair) else ()
        elif isinstance(node, ast.Call) and isinstance(node.function, ast.Name) and node.function.name in _TOLERANT:
            sides = node.arguments
        elif isinstance(node, ast.InstanceOf):
            sides = (node.value,)
        found |= {name for side in sides if (name := first_name(side)) is not None}
    return found


def first_name(node: ast.Node) -> str | None:
    """The variable of a name or a path; None for anything else."""
    while isinstance(node, ast.Path):
        node = node.base
    return node.name if isinstance(node, ast.Name) else None
