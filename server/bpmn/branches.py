"""Branches: what each way out of a split has written, so that a join can merge three ways.

Variables are shared by scope: every branch sees at once what the others have written, as in Camunda 8. But a
result is computed from what its branch had seen, perhaps hours before, and a whole document that comes back would
undo the others' edits. So every *fork* (a token that went out over several flows) keeps, for each variable that a
branch writes, the value before the first write and the value that each branch has made of it. A write is merged
against what its own branch had made; a join looks for places that two branches changed differently.

A token carries its branch as a path of ``[fork, side]``, outermost first. Forks are numbered within the scope whose
tokens they split, and stand in that scope's token: ``{"<fork>": {"base": {name: [] or [value]}, "sides":
{"<side>": {name: value}}}}``. They are forgotten when their branches have joined or ended. Branches that never meet
at a join simply share, the last write being what counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from server.messages import Message

from .errors import Failure
from .merge import ABSENT, Collision, collisions, merge

if TYPE_CHECKING:
    from .token import Token

Branch = Sequence[Sequence[int]]
"""The path of a branch: pairs of fork and side, outermost first."""

Fork = dict[str, Any]

_DEPTH = 16
"""So many forks deep a branch remembers. A split beyond it looks which forks still have other branches on their way,
and keeps the innermost 8 of those: where a loop splits that often without joining, only the oldest share."""


def branch_of(token: Token) -> Branch:
    """The branch that a token stands in, within its scope; empty where nothing has split."""
    branch: Branch = token.internal_data.get("branch", ())
    return branch


def split(scope: Token, branch: Branch, ways: int) -> list[Branch]:
    """The branches of a token of ``branch`` that goes out over several flows at once."""
    kept = list(branch)
    if len(branch) >= _DEPTH or len(scope.internal_data.get("forks", ())) >= _DEPTH:
        live = _live(scope)
        _forget_ended(scope, [*live, branch])
        sides = _sides(live)
        kept = [step for step in branch if sides.get(step[0], set()) - {step[1]}][-_DEPTH // 2 :]
    number = scope.internal_data["fork"] = scope.internal_data.get("fork", 0) + 1
    return [[*kept, [number, side]] for side in range(ways)]


def write(token: Token, holder: Token, values: dict[str, Any], name: str, value: Any) -> None:
    """Set variable ``name`` of the scope ``values`` to what a token inside it has made of it.

    ``holder`` is the token whose scope it is. Edits of other branches stay.
    """
    around = list(_forks_around(token, holder))
    if around:
        before = own = values.get(name, ABSENT)
        views = []
        for fork, side in reversed(around):  # from the outermost in, each begins with what its branch had made
            started = fork["base"].setdefault(name, [] if own is ABSENT else [own])
            own = fork["sides"].get(side, {}).get(name, started[0] if started else ABSENT)
            views.append((fork, side, own))
        value = merge(own, before, value)
        for fork, side, view in views:
            made = merge(before, view, value)
            if made is not ABSENT:  # else another branch had made the very same of it
                fork["sides"].setdefault(side, {})[name] = made
    values[name] = value


def overrule(tokens: Iterable[Token], holder: Token, name: str, before: Any, value: Any) -> None:
    """Take into what every branch has made of a variable that an operator has set it, from ``before``, to ``value``.

    What a branch writes from then on, even what it had written before, then counts again. ``tokens`` are all live
    ones, ``holder`` is the token whose scope the variable is in.
    """
    for token in tokens:
        for fork in token.internal_data.get("forks", {}).values():
            written = [side for side in fork["sides"].values() if name in side]
            if written and _is_within(token, holder):
                for side in written:
                    side[name] = merge(before, side[name], value)


def _is_within(token: Token, holder: Token) -> bool:
    while token is not holder and not token.is_root:
        token = token.scope
    return token is holder


def join(scope: Token, arrived: Sequence[Branch], where: str) -> tuple[Branch, Failure | None]:
    """The branch that goes on from a join, and what it has to say when two branches collide.

    The tokens that arrived must no longer be among the scope's.
    """
    common = _common(arrived)
    live = _sides(_live(scope))
    forks: dict[str, Fork] = scope.internal_data.get("forks", {})
    found: list[Collision] = []
    on = [list(step) for step in common]
    for number, sides in _sides(branch[len(common) :] for branch in arrived).items():
        fork = forks.get(str(number), {"base": {}, "sides": {}})
        names = {str(side) for side in sides}
        found.extend(_collisions(fork, names))
        if live.get(number, set()) - sides:  # others of this fork are still on their way
            keep = min(sides)
            _unite(fork, names, str(keep))
            on.append([number, keep])
    _forget_ended(scope, [*_live(scope), on])
    return on, _conflict(found, where) if found else None


def _forks_around(token: Token, holder: Token) -> Iterator[tuple[Fork, str]]:
    """The forks that the token's writes into the holder's scope have to mind, innermost first."""
    current = token
    while current is not holder:
        scope = current.scope
        for number, side in reversed(branch_of(current)):
            forks = scope.internal_data.setdefault("forks", {})
            yield forks.setdefault(str(number), {"base": {}, "sides": {}}), str(side)
        current = scope


def _live(scope: Token) -> list[Branch]:
    """The branches of every token in a scope, those counted at a join included."""
    branches: list[Branch] = []
    for child in scope.children:
        branches.append(branch_of(child))
        for waiting in child.internal_data.get("arrived", {}).values():
            branches.extend(waiting)
    return branches


def _sides(branches: Iterable[Branch]) -> dict[int, set[int]]:
    sides: dict[int, set[int]] = {}
    for branch in branches:
        for number, side in branch:
            sides.setdefault(number, set()).add(side)
    return sides


def _forget_ended(scope: Token, branches: Iterable[Branch]) -> None:
    forks = scope.internal_data.get("forks")
    if forks:
        live = _sides(branches)
        for number in [n for n in forks if int(n) not in live]:
            del forks[number]
        if not forks:
            del scope.internal_data["forks"]


def _common(branches: Sequence[Branch]) -> Branch:
    common: list[Sequence[int]] = []
    for steps in zip(*branches, strict=False):
        if any(list(step) != list(steps[0]) for step in steps):
            break
        common.append(steps[0])
    return common


def _collisions(fork: Fork, sides: set[str]) -> Iterator[Collision]:
    made: list[Mapping[str, Any]] = [fork["sides"][side] for side in sorted(sides) if side in fork["sides"]]
    for name, started in fork["base"].items():
        base = started[0] if started else ABSENT
        values = [side[name] for side in made if name in side]
        for index, one in enumerate(values):
            for other in values[index + 1 :]:
                yield from collisions(base, one, other, (name,))


def _unite(fork: Fork, sides: set[str], keep: str) -> None:
    """Take what several branches of a fork made together as one branch's doing."""
    united: dict[str, Any] = {}
    for side in sorted(sides):
        for name, value in fork["sides"].pop(side, {}).items():
            started = fork["base"][name]
            base = started[0] if started else ABSENT
            united[name] = merge(base, united.get(name, base), value)
    if united:
        fork["sides"][keep] = united


_SHOWN = 120


def _show(value: Any, absent: str) -> str:
    if value is ABSENT:
        return absent
    text = str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _conflict(found: Sequence[Collision], where: str) -> Failure:
    zh, en = [], []
    for collision in found[:5]:
        name = ".".join(collision.path)
        values = (collision.base, collision.one, collision.other)
        base, one, other = (_show(value, "无") for value in values)
        zh.append(f"{name}（分支前 {base}；一个分支改为 {one}，另一个改为 {other}）")
        base, one, other = (_show(value, "nothing") for value in values)
        en.append(f"{name} (before the split {base}; one branch made it {one}, the other {other})")
    return Failure(
        "IO_MAPPING_ERROR",
        Message(
            "bpmn.merge-conflict",
            f"{where} 汇合的分支对同一变量作了不同的修改：{'；'.join(zh)}。请把变量改为正确的值，然后处理此异常；"
            "不修改则以最后写入的值继续。",
            f"The branches that join at {where} changed the same variable differently: {'; '.join(en)}."
            " Set the variable to the right value and resolve the incident; unchanged, the last value written stays.",
        ),
    )
