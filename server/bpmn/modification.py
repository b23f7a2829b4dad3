"""Modification: an operator takes tokens away from a running instance, puts others in, or sends it back.

All instructions of a modification are checked and carried out together, in the order of Camunda 8: scopes that are
missing are opened, variables set, tokens terminated, scopes that this left empty terminated, elements activated.
Only then does the instance run on. An instruction that cannot be carried out refuses the whole modification
(:class:`RepairRefused`), and what stands in memory must then be thrown away.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import refusals
from .ad_hoc import AdHocSubProcess
from .branches import split
from .errors import Failure, NotWaiting, RepairRefused
from .event_subprocess import EventSubProcess
from .events import BoundaryEvent
from .flow_node import FlowNode, open_event_subprocesses
from .gateways import EventBasedGateway
from .instructions import Activate, Modification, Move, ReturnTo, Terminate, VariableInstruction
from .model import ProcessModel, SequenceFlow
from .multi_instance import MultiInstance
from .returning import Path, path_from
from .subprocesses import SubProcess
from .token import Token

if TYPE_CHECKING:
    from .instance import Instance


@dataclass(slots=True)
class _Entry:
    """A token that will be put into an element, in a scope that is open."""

    spec: FlowNode
    scope: Token
    via: SequenceFlow | None = None
    after: bool = False
    local: dict[str, Any] | None = None


def open_process(instance: Instance) -> None:
    """Open the process as a scope, without starting at its start event. Raises :class:`RepairRefused`."""
    try:
        open_event_subprocesses(instance.task_tree)
    except Failure as failure:
        raise RepairRefused([refusals.failed(instance.task_tree.task_spec, failure)]) from failure


def modify(instance: Instance, modification: Modification) -> None:
    """Carry a modification out, without running the instance on. Raises :class:`RepairRefused`, :class:`NotWaiting`."""
    work = _Modifier(instance)
    for back in modification.return_to:
        work.send_back(back)
    for terminate in modification.terminate:
        work.mark(terminate)
    moves = [(move, work.sources(move)) for move in modification.move]
    for _, sources in moves:
        work.marked.update((token.id, token) for token, _ in sources)
    for activate in modification.activate:
        work.open(activate)
    for move, sources in moves:
        work.move(move, sources)
    work.take_away()
    work.enter()


def check_elements(model: ProcessModel, element_ids: Sequence[str]) -> None:
    """Refuse ids that are not those of elements of the process."""
    unknown = [element_id for element_id in element_ids if element_id not in model.elements]
    if unknown:
        raise RepairRefused([refusals.no_element(model, element_id) for element_id in unknown])


class _Modifier:
    """One modification while it is carried out."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.marked: dict[int, Token] = {}
        self.flows_marked: list[tuple[Token, str]] = []
        self.entries: list[_Entry] = []
        self.taken: dict[int, int] = {}

    # -- what is taken away ------------------------------------------------------------------------------------

    def mark(self, terminate: Terminate) -> None:
        """Find what a terminate instruction means."""
        if terminate.key is not None:
            token = self._live(terminate.key)
            self.marked[token.id] = token
        elif terminate.flow_id is not None:
            self._mark_arrived(terminate.flow_id)
        else:
            assert terminate.element_id is not None
            spec = self._spec(terminate.element_id)
            self.marked.update((token.id, token) for token in self._instances(spec))

    def _mark_arrived(self, flow_id: str) -> None:
        flow = self._flow(flow_id)
        joins = [t for t in self._instances(self._spec(flow.target)) if flow_id in t.internal_data.get("arrived", ())]
        if not joins:
            raise RepairRefused([refusals.nothing_there(flow_id)])
        self.flows_marked += [(token, flow_id) for token in joins]

    def _live(self, key: int) -> Token:
        """The element instance with this key. Raises :class:`NotWaiting` where it has ended meanwhile."""
        token: Token | None = self.instance.tasks.get(key)
        if token is None or not (token.announced or token.is_root):
            raise NotWaiting(key, "修改（它已不活动）", "a modification (it is not active)")
        if token.is_root:
            raise RepairRefused([refusals.is_root(self.instance.model.process_id, key)])
        return token

    def _instances(self, spec: FlowNode) -> list[Token]:
        """The live tokens of an element, of a multi-instance activity its bodies. Refuses where there is none."""
        found = [t for t in _tokens(self.instance) if t.task_spec is spec and t.holds_boundary_events]
        found = [t for t in found if not spec.is_wait_in(t.scope)]
        if not found:
            raise RepairRefused([refusals.nothing_there(spec.element.id)])
        return found

    def sources(self, move: Move) -> list[tuple[Token, int]]:
        """What a move takes away: tokens, each with how many it stands for (a join counts its arrivals)."""
        if move.source_key is not None:
            tokens = [self._live(move.source_key)]
        else:
            assert move.source_id is not None
            tokens = self._instances(self._spec(move.source_id))
        return [(token, sum(map(len, token.internal_data.get("arrived", {}).values())) or 1) for token in tokens]

    def take_away(self) -> None:
        """Terminate what is marked, and the scopes that have become empty by that."""
        emptied: dict[int, Token] = {}
        for token, flow_id in self.flows_marked:
            arrived = token.internal_data["arrived"]
            arrived.pop(flow_id, None)
            if not arrived:
                self.marked[token.id] = token
        for token in self.marked.values():
            if token.id in self.instance.tasks:  # else gone with what was around it
                scope = token.scope
                self._cancel(token)
                emptied[scope.id] = scope
        needed = {entry.scope.id for entry in self.entries}
        for scope in emptied.values():
            if not self.instance.ended and scope.id in self.instance.tasks:
                self._leave_scope(scope, needed)

    def _cancel(self, token: Token) -> None:
        scope = token.scope
        if "loop" in token.internal_data:
            self.taken[scope.id] = self.taken.get(scope.id, 0) + 1
        token.cancel()

    def _leave_scope(self, scope: Token, needed: set[int]) -> None:
        """Let a scope go on or end from which tokens were taken; without live tokens it is terminated."""
        spec: Any = scope.task_spec
        taken = self.taken.pop(scope.id, 0)
        if taken and isinstance(spec.multi_instance, MultiInstance):
            if scope.id in needed:
                scope.internal_data["gone"] = scope.internal_data.get("gone", 0) + taken
                return
            if spec.multi_instance.goes_on(scope, taken):
                return
        if scope.id in needed or not scope.holds_only_waits:
            return
        if scope.is_root:
            self.instance.end(completed=False)
        elif isinstance(spec, AdHocSubProcess) and "inner" not in scope.internal_data:
            spec.inner_ended(scope)  # the next in its queue may begin, or all that was activated has ended
        else:
            outer = scope.scope
            self._cancel(scope)
            self._leave_scope(outer, needed)

    # -- what is put in ----------------------------------------------------------------------------------------

    def open(self, activate: Activate) -> None:
        """Open the scopes for an activation and set its variables."""
        if activate.flow_id is not None:
            flow = self._flow(activate.flow_id)
            spec = self._spec(flow.target)
        else:
            flow = None
            spec = self._spec(activate.element_id)
        self._check_target(spec, activate)
        ancestor = None if activate.ancestor_key is None else self._ancestor(activate.ancestor_key)
        self._open(spec, ancestor, activate.variables, via=flow, after=activate.after)

    def move(self, move: Move, sources: list[tuple[Token, int]]) -> None:
        """Open the scopes for the tokens that a move puts in."""
        spec = self._spec(move.target_id)
        self._check_target(spec, Activate(move.target_id))
        for source, number in sources:
            ancestor = self._move_ancestor(move, spec, source)
            for _ in range(number):
                self._open(spec, ancestor, move.variables)

    def _move_ancestor(self, move: Move, spec: FlowNode, source: Token) -> Token | None:
        if move.ancestor == "sourceParent":
            return source.scope
        if move.ancestor == "inferred":
            return self._common_scope(spec, source)
        return None if move.ancestor_key is None else self._ancestor(move.ancestor_key)

    def _common_scope(self, spec: FlowNode, source: Token) -> Token:
        """The innermost scope around ``source`` that is one of ``spec`` as well."""
        chain = {parent.name for parent in self._parents(spec)}
        scope = source.scope
        while not scope.is_root and (scope.task_spec.name not in chain or "body" in scope.internal_data):
            scope = scope.scope
        return scope

    def _open(
        self,
        spec: FlowNode,
        ancestor: Token | None,
        variables: tuple[VariableInstruction, ...],
        *,
        via: SequenceFlow | None = None,
        after: bool = False,
    ) -> None:
        if ancestor is not None and ancestor.task_spec is spec and "body" in ancestor.internal_data:
            _check_open(ancestor)
            scope = ancestor  # one more instance of a multi-instance activity
        else:
            scope = self._scope_for(spec, ancestor)
        entry = _Entry(spec, scope, via, after)
        self.entries.append(entry)
        for instruction in variables:
            self._set_variables(instruction, entry)

    def _set_variables(self, instruction: VariableInstruction, entry: _Entry) -> None:
        element_id, instance = instruction.scope_id, self.instance
        if not element_id or element_id == instance.model.process_id:
            instance.overrule(instance.task_tree, instruction.variables, local=True)
            return
        if element_id == entry.spec.element.id and not entry.after:
            entry.local = {**(entry.local or {}), **instruction.variables}
            return
        scope = entry.scope
        while not scope.is_root:
            if scope.task_spec.element.id == element_id:
                instance.overrule(scope, instruction.variables, local=True)
                return
            scope = scope.scope
        raise RepairRefused([refusals.no_variable_scope(element_id, entry.spec)])

    def _check_target(self, spec: FlowNode, activate: Activate) -> None:
        if isinstance(spec, BoundaryEvent) and not activate.after:
            raise RepairRefused([refusals.is_boundary(spec)])
        if getattr(spec, "triggered_by_event", False) and not activate.after:
            raise RepairRefused([refusals.is_event_subprocess(spec)])
        if any(isinstance(self._spec(flow.source), EventBasedGateway) for flow in spec.incoming) and not activate.after:
            raise RepairRefused([refusals.behind_event_gateway(spec)])
        if activate.after and (not spec.outgoing or isinstance(spec, EventBasedGateway)):
            raise RepairRefused([refusals.nothing_after(spec)])

    # -- scopes ------------------------------------------------------------------------------------------------

    def _ancestor(self, key: int) -> Token:
        token: Token | None = self.instance.tasks.get(key)
        if token is not None and token.is_root:
            return token
        return self._live(key)

    def _parents(self, spec: FlowNode) -> list[FlowNode]:
        """The subprocesses around an element, innermost first."""
        found: list[FlowNode] = []
        while spec.element.parent_id is not None:
            spec = self.instance.model.node(spec.element.parent_id)
            found.append(spec)
        return found

    def _scope_for(self, spec: FlowNode, ancestor: Token | None) -> Token:
        """The open scope for an element: within ``ancestor``, else the one live instance, else a new one."""
        if spec.element.parent_id is None:
            root = self.instance.task_tree
            if ancestor is not None and ancestor is not root:
                raise RepairRefused([refusals.not_an_ancestor(ancestor, spec)])
            return root
        parent = self.instance.model.node(spec.element.parent_id)
        if ancestor is not None:
            return self._scope_in(spec, parent, ancestor)
        live = self._scopes(parent)
        if len(live) > 1:
            raise RepairRefused([refusals.several_scopes(spec, parent, live)])
        return live[0] if live else self._new_scope(parent, self._scope_for(parent, None))

    def _scope_in(self, spec: FlowNode, parent: FlowNode, ancestor: Token) -> Token:
        if ancestor.task_spec is not parent:
            return self._new_scope(parent, self._scope_for(parent, ancestor))
        if isinstance(parent, AdHocSubProcess) and "inner" not in ancestor.internal_data:
            raise RepairRefused([refusals.is_ad_hoc(parent)])
        if "body" in ancestor.internal_data:
            return self._scope_instance(parent, ancestor)
        if ancestor.has_incident:
            raise RepairRefused([refusals.scope_has_incident(parent)])
        return ancestor

    def _scopes(self, parent: FlowNode) -> list[Token]:
        """The live instances of a subprocess that stay; a multi-instance body is not a scope for what is inside."""
        found = [t for t in _tokens(self.instance) if t.task_spec is parent and "body" not in t.internal_data]
        if isinstance(parent, AdHocSubProcess):
            found = [token for token in found if "inner" in token.internal_data]
        found = [t for t in found if not self._goes(t)]
        if any(token.has_incident for token in found):
            raise RepairRefused([refusals.scope_has_incident(parent)])
        return found

    def _goes(self, token: Token) -> bool:
        while not token.is_root:
            if token.id in self.marked:
                return True
            token = token.scope
        return False

    def _new_scope(self, parent: FlowNode, outer: Token) -> Token:
        assert isinstance(parent, SubProcess)
        if parent.multi_instance is not None:
            raise RepairRefused([refusals.inside_multi_instance(parent)])
        if isinstance(parent, AdHocSubProcess):
            raise RepairRefused([refusals.is_ad_hoc(parent)])
        token = self.instance.token(parent, outer)
        return self._opened(parent, token)

    def _scope_instance(self, parent: FlowNode, body: Token) -> Token:
        assert isinstance(parent, SubProcess)
        _check_open(body)
        several = parent.multi_instance
        if not isinstance(several, MultiInstance) or several.loop.sequential:
            raise RepairRefused([refusals.is_sequential(parent)])
        return self._opened(parent, several.add_scope(body))

    def _opened(self, parent: SubProcess, token: Token) -> Token:
        self.instance.announce(token)
        try:
            parent.open_scope(token)
        except Failure as failure:
            raise RepairRefused([refusals.failed(parent, failure)]) from failure
        return token

    # -- back --------------------------------------------------------------------------------------------------

    def send_back(self, back: ReturnTo) -> None:
        """Mark all that the path from an element has started, and put one token into the element."""
        spec = self._spec(back.element_id)
        self._check_target(spec, Activate(back.element_id))
        source = None if back.source_key is None else self._live(back.source_key)
        scope, level = self._return_scope(spec, source)
        self._check_reopened(spec, level)
        path = path_from(level, scope)
        gone = self._mark_path(path, scope, source)
        if source is not None and not any(_is_inside(source, token) for token in gone):
            raise RepairRefused([refusals.not_on_the_path(spec, source, path)])
        if not gone:
            raise RepairRefused([refusals.nothing_to_return(spec)])
        self._open(spec, scope, back.variables)

    def _check_reopened(self, spec: FlowNode, level: FlowNode) -> None:
        """Refuse a return into one branch of a subprocess that is opened anew: its join would wait for ever."""
        inner = spec
        while inner is not level:
            stopped = path_from(inner, None).stopped
            if stopped:
                raise RepairRefused([refusals.into_a_branch(spec, stopped)])
            inner = self.instance.model.node(str(inner.element.parent_id))

    def _return_scope(self, spec: FlowNode, source: Token | None) -> tuple[Token, FlowNode]:
        """The innermost live scope around ``spec`` (that of ``source``), and what of the path stands in it."""
        if source is not None:
            scope = self._common_scope(spec, source)
        else:
            parents: list[FlowNode | None] = [*self._parents(spec), None]
            scope = self.instance.task_tree
            for parent in parents:
                live = [self.instance.task_tree] if parent is None else self._scopes(parent)
                if parent is not None and len(live) > 1:
                    raise RepairRefused([refusals.several_scopes(spec, parent, live)])
                if live:
                    scope = live[0]
                    break
        chain: list[FlowNode] = [spec, *self._parents(spec)]
        inside = None if scope.is_root else scope.task_spec.element.id
        return scope, next(node for node in chain if node.element.parent_id == inside)

    def _mark_path(self, path: Path, scope: Token, source: Token | None) -> list[Token]:
        gone = []
        for child in scope.children:
            if child.task_spec.is_wait_in(scope):
                continue
            arrived = child.internal_data.get("arrived")
            if arrived is not None:
                flows = [flow for flow in arrived if flow in path.flows]
                self.flows_marked += [(child, flow) for flow in flows]
                gone += [child] * bool(flows)
            elif child.task_spec in path.nodes or _handles_event(child, source):
                self.marked[child.id] = child
                gone.append(child)
        return gone

    # -- putting tokens in -------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Put the tokens in."""
        for entry in self.entries:
            spec, scope, instance = entry.spec, entry.scope, self.instance
            if scope.id not in instance.tasks:
                raise RepairRefused([refusals.scope_is_terminated(spec)])
            self._rearm(scope)
            if entry.after:
                self._leave(entry)
            elif scope.task_spec is spec:
                self._add_instance(spec, scope, entry.local or {})
            else:
                if entry.via is not None:
                    instance.pass_flow(entry.via)
                instance.given = entry.local
                spec.arrive(instance, scope, entry.via)
                instance.given = None

    @staticmethod
    def _add_instance(spec: Any, body: Token, given: dict[str, Any]) -> None:
        several: MultiInstance = spec.multi_instance
        several.add(body, given.get(several.loop.element or ""), given)

    def _rearm(self, scope: Token) -> None:
        """Await the event subprocesses of a scope again, when the one that had interrupted it is gone."""
        interrupted = "interrupted" in scope.internal_data
        if interrupted and not any(isinstance(child.task_spec, EventSubProcess) for child in scope.children):
            del scope.internal_data["interrupted"]
            try:
                open_event_subprocesses(scope)
            except Failure as failure:
                raise RepairRefused([refusals.failed(scope.task_spec, failure)]) from failure

    def _leave(self, entry: _Entry) -> None:
        instance, scope = self.instance, entry.scope
        token = instance.token(entry.spec, scope)
        try:
            flows = entry.spec.choose_flows(token)
        except Failure as failure:
            raise RepairRefused([refusals.failed(entry.spec, failure)]) from failure
        instance.forget(token)
        ways = [()] if len(flows) == 1 else split(scope, (), len(flows))
        for (flow, target), way in zip(flows, ways, strict=True):
            instance.enter(target, scope, flow, way)

    # -- names -------------------------------------------------------------------------------------------------

    def _spec(self, element_id: str) -> FlowNode:
        if element_id not in self.instance.model.elements:
            raise RepairRefused([refusals.no_element(self.instance.model, element_id)])
        return self.instance.model.node(element_id)

    def _flow(self, flow_id: str) -> SequenceFlow:
        flow = self.instance.model.flows.get(flow_id)
        if flow is None:
            raise RepairRefused([refusals.no_element(self.instance.model, flow_id)])
        return flow


def _tokens(instance: Instance) -> Iterator[Token]:
    for token in instance.tasks.values():
        if not token.is_root:
            yield token


def _is_inside(token: Token, outer: Token) -> bool:
    while token is not outer:
        if token.is_root:
            return False
        token = token.scope
    return True


def _handles_event(child: Token, source: Token | None) -> bool:
    """Whether ``child`` is an event subprocess that goes back, too: one that has interrupted the path, or holds the
    ``source``. No flow leads to it."""
    spec = child.task_spec
    if not isinstance(spec, EventSubProcess):
        return False
    return spec.start.interrupting or (source is not None and _is_inside(source, child))


def _check_open(body: Token) -> None:
    """Refuse a body that takes no further instance: not open yet, over, or that of a loop."""
    spec: Any = body.task_spec
    if not isinstance(spec.multi_instance, MultiInstance):
        raise RepairRefused([refusals.is_sequential(spec)])
    if body.has_incident or not spec.multi_instance.is_open(body):
        raise RepairRefused([refusals.scope_has_incident(spec)])
