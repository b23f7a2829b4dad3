"""Instances in which nothing can move any more: tokens stand at joins, and nothing is left that could come to them.

The gate refuses most models in which that can happen, but where data decide, or where there are too many states to
search, it can only warn. So it is looked for where it shows: when a command has come to rest, tokens are counted at a
join, and nothing in the instance waits for anything that could wake it. Each such join then stands still with an
incident, which ends by itself when a modification or a migration lets something move again.

An instance without tokens at joins pays nothing; what could wake another one is usually found at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from server.messages import Message

from .errors import Failure
from .model import SequenceFlow
from .token import Token

if TYPE_CHECKING:
    from .gateways import Join
    from .instance import Instance

STUCK = "stuck"
"""The phase of an incident on a join to which nothing can come any more."""
LACKED = "lacked"
"""Under this name such a join remembers the flows that its incident names."""

_AWAITED = frozenset({"task", "job", "call", "wait"})
"""Marks of tokens that wait for something from outside, or for a condition."""


def tell(instance: Instance) -> None:
    """Raise the incidents of an instance that has come to rest, and end those that hold no longer."""
    is_stuck = not any(may_wake(token) for token in instance.tasks.values())
    for token in list(instance.joins.values()):
        join: Join = token.task_spec  # type: ignore[assignment]
        lacking = join.lacking(token) if is_stuck else []
        flows = [flow.id for flow in lacking]
        if token.has_incident:
            if is_stuck and token.internal_data[LACKED] == flows:
                continue
            token.recover()
        token.internal_data.pop(LACKED, None)
        if is_stuck:
            token.internal_data[LACKED] = flows
            if not token.announced:  # people who are to repair it see where it stands
                token.started_at = instance.services.now
                instance.announce(token)
            token.fail(_nothing_comes(join, lacking), STUCK)


def may_wake(token: Token) -> bool:
    """Whether something can still happen to ``token`` that lets its instance go on, an operator's repair included."""
    data = token.internal_data
    if token.has_incident:
        return bool(data["incident"] != STUCK)
    return not _AWAITED.isdisjoint(data) or token.task_spec.awaits_activation(token)


def _nothing_comes(join: Join, lacking: Sequence[SequenceFlow]) -> Failure:
    sources = {node.name: node.where for node in join.model_nodes()}
    zh = "、".join(f"{flow.where}（来自 {sources[flow.source]}）" for flow in lacking)
    en = ", ".join(f"{flow.where} (from {sources[flow.source]})" for flow in lacking)
    return Failure(
        "UNKNOWN",
        Message(
            "bpmn.stuck-join",
            f"{join.where} 还在等待入口 {zh}，但流程实例中已没有任何事情能让令牌到达那里：流程停住了。"
            "请修改流程实例（激活缺少的分支，或把令牌移到网关之后），或取消该实例；并改正模型，使每条分支都通向该汇合。",
            f"{join.where} still waits for {en}, but nothing is left in the instance that could bring a token there: it"
            " stands still. Modify the instance (activate the branch that is missing, or move the token behind the"
            " gateway) or cancel it, and correct the model so that every branch leads to the join.",
        ),
    )
