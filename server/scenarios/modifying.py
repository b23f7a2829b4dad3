"""The step ``modify``: the instructions of an operator's modification, as a scenario says them.

What the API names by the key of an element instance is named by its element here, and by number in the order of
opening where several are open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from server.bpmn import Activate, Modification, Move, ReturnTo, Terminate, VariableInstruction

from . import choosing
from .errors import malformed
from .step_shapes import Shape, shape
from .waiting import KeptInstance
from .world import World

_ACTIVATE: Final = shape("element flow after inside variables scopes", "element")
_TERMINATE: Final = shape("element flow index where", "element")
_MOVE: Final = shape("from to index where ancestor inside variables scopes", needed="from to")
_RETURN: Final = shape("element source variables scopes", "element", "element")
_ONE: Final = shape("element index where", "element", "element")

Value = Callable[[Any], Any]
"""Evaluates the FEEL in what a step says."""


def modification_of(
    world: World, instance: KeptInstance, says: Mapping[str, Any], value: Value, line: int
) -> Modification:
    """The modification of ``instance`` that a step asks for. Raises :class:`ScenarioError` and :class:`StepFailure`."""
    shared = value(says.get("variables") or {})
    modification = _Reader(world, instance, value, shared, line).read(says)
    if modification == Modification():
        raise malformed(
            line,
            "modify 至少应有 activate、activate_after、terminate、move、return_to 之一。",
            "'modify' needs one of activate, activate_after, terminate, move and return_to.",
        )
    return modification


class _Reader:
    def __init__(
        self, world: World, instance: KeptInstance, value: Value, shared: Mapping[str, Any], line: int
    ) -> None:
        self._world = world
        self._instance = instance
        self._value = value
        self._shared = shared
        self._line = line

    def read(self, says: Mapping[str, Any]) -> Modification:
        after = [{"element": each, "after": True} for each in _listed(says.get("activate_after", []))]
        return Modification(
            activate=tuple(map(self._activate, [*self._entries(says, "activate", _ACTIVATE), *after])),
            terminate=tuple(t for e in self._entries(says, "terminate", _TERMINATE) for t in self._terminate(e)),
            move=tuple(m for each in self._moves(says.get("move") or {}) for m in self._move(each)),
            return_to=tuple(map(self._return, self._entries(says, "return_to", _RETURN))),
        )

    def _entries(self, says: Mapping[str, Any], key: str, entry: Shape) -> list[dict[str, Any]]:
        return [entry.read(each, self._line) for each in _listed(says.get(key, []))]

    def _moves(self, said: Any) -> Iterator[dict[str, Any]]:
        """Moves as a list, or as a mapping of sources to targets."""
        if isinstance(said, Mapping) and not {"from", "to"} <= said.keys():
            yield from ({"from": source, "to": target} for source, target in said.items())
        else:
            yield from (_MOVE.read(each, self._line) for each in _listed(said))

    def _activate(self, says: Mapping[str, Any]) -> Activate:
        return Activate(
            str(says.get("element", "")),
            self._variables(says),
            self._inside(says),
            after=says.get("after") is True,
            flow_id=None if "flow" not in says else str(says["flow"]),
        )

    def _terminate(self, says: Mapping[str, Any]) -> Iterator[Terminate]:
        if "flow" in says:
            yield Terminate(flow_id=str(says["flow"]))
        elif {"index", "where"} & says.keys():
            yield from (Terminate(key=key) for key in self._keys(says))
        else:
            yield Terminate(element_id=str(says.get("element", "")))

    def _move(self, says: Mapping[str, Any]) -> Iterator[Move]:
        target, ancestor = str(says["to"]), str(says.get("ancestor", "inferred"))
        inside, variables = self._inside(says), self._variables(says)
        if {"index", "where"} & says.keys():
            for key in self._keys({**says, "element": says["from"]}):
                yield Move(target, None, key, ancestor, inside, variables)
        else:
            yield Move(target, str(says["from"]), None, ancestor, inside, variables)

    def _return(self, says: Mapping[str, Any]) -> ReturnTo:
        source = None if "source" not in says else self._one(says["source"])
        return ReturnTo(str(says["element"]), source, self._variables(says))

    def _inside(self, says: Mapping[str, Any]) -> int | None:
        return None if "inside" not in says else self._one(says["inside"])

    def _one(self, says: Any) -> int:
        return self._keys(_ONE.read(says, self._line))[0]

    def _keys(self, says: Mapping[str, Any]) -> list[int]:
        """The element instances that are meant, of this instance only."""
        live = [each for each in self._world.open.elements.values() if each.instance.key == self._instance.key]
        return [each.activated.key for each in choosing.chosen(self._world, "element", live, says["element"], says)]

    def _variables(self, says: Mapping[str, Any]) -> tuple[VariableInstruction, ...]:
        own = {**self._shared, **self._value(says.get("variables") or {})}
        scoped = {str(scope): self._value(values) for scope, values in (says.get("scopes") or {}).items()}
        return tuple(VariableInstruction(values, scope) for scope, values in {"": own, **scoped}.items() if values)


def _listed(said: Any) -> list[Any]:
    return list(said) if isinstance(said, list) else [said]
