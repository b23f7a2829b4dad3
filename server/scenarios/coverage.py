"""Coverage: which elements and sequence flows of processes, and which rules of tables, the tests of a run reached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from server.bpmn import ProcessModel
from server.dmn import DecisionModel
from server.dmn.table_tests import RuleIdentity, rules_of

from .definitions import Definitions
from .story import Story


@dataclass(frozen=True, slots=True)
class Part:
    """So many of so many."""

    covered: int = 0
    total: int = 0

    def __add__(self, other: Part) -> Part:
        return Part(self.covered + other.covered, self.total + other.total)

    @property
    def percent(self) -> float:
        """The part in percent; of nothing everything is covered."""
        return 100.0 * self.covered / self.total if self.total else 100.0

    def to_json(self) -> dict[str, Any]:
        """The part as JSON data."""
        return {"covered": self.covered, "total": self.total, "percent": round(self.percent, 1)}


@dataclass(slots=True)
class ProcessCoverage:
    """How often each element and flow of a process was passed, by id; zero for those that never were."""

    resource: str
    model: ProcessModel
    elements: Counter[str] = field(default_factory=Counter)
    flows: Counter[str] = field(default_factory=Counter)

    @property
    def element_part(self) -> Part:
        """Elements reached."""
        return Part(len(self.model.elements) - len(self.uncovered_elements), len(self.model.elements))

    @property
    def flow_part(self) -> Part:
        """Sequence flows taken."""
        return Part(len(self.model.flows) - len(self.uncovered_flows), len(self.model.flows))

    @property
    def uncovered_elements(self) -> list[str]:
        """Elements that no test reached."""
        return [element for element in self.model.elements if not self.elements[element]]

    @property
    def uncovered_flows(self) -> list[str]:
        """Sequence flows that no test took."""
        return [flow for flow in self.model.flows if not self.flows[flow]]

    def to_json(self) -> dict[str, Any]:
        """The coverage as JSON data."""
        return {
            "processId": self.model.process_id,
            "name": self.model.name,
            "resource": self.resource,
            "elements": {
                **self.element_part.to_json(),
                "uncovered": self.uncovered_elements,
                "counts": {element: self.elements[element] for element in self.model.elements},
            },
            "flows": {
                **self.flow_part.to_json(),
                "uncovered": self.uncovered_flows,
                "counts": {flow: self.flows[flow] for flow in self.model.flows},
            },
        }


@dataclass(slots=True)
class TableCoverage:
    """The rules of a file's decision tables that were reached."""

    resource: str
    model: DecisionModel
    reached: set[RuleIdentity] = field(default_factory=set)

    @property
    def part(self) -> Part:
        """Rules reached."""
        rules = list(rules_of(self.model))
        return Part(sum(rule in self.reached for rule, _ in rules), len(rules))

    @property
    def uncovered(self) -> list[tuple[str, int, str]]:
        """The decision, the number and the annotation of each rule that was not reached."""
        return [(rule[0], rule[2], note) for rule, note in rules_of(self.model) if rule not in self.reached]

    def to_json(self) -> dict[str, Any]:
        """The coverage as JSON data."""
        return {
            "resource": self.resource,
            "rules": {
                **self.part.to_json(),
                "uncovered": [
                    {"decisionId": decision, "ruleIndex": number, "annotation": note}
                    for decision, number, note in self.uncovered
                ],
            },
        }


@dataclass(slots=True)
class Coverage:
    """What all tests of a run reached together."""

    processes: dict[tuple[str, str], ProcessCoverage] = field(default_factory=dict)
    tables: dict[str, TableCoverage] = field(default_factory=dict)

    def know(self, definitions: Definitions) -> None:
        """Count these processes and tables, also where no test reaches them."""
        for process_id, model in definitions.processes.items():
            resource = definitions.process_files[process_id]
            self.processes.setdefault((resource, process_id), ProcessCoverage(resource, model))
        for placed in definitions.decisions.values():
            self.know_tables(placed.resource, placed.model)

    def know_tables(self, resource: str, model: DecisionModel) -> TableCoverage:
        """Count the tables of this file."""
        return self.tables.setdefault(resource, TableCoverage(resource, model))

    def add(self, definitions: Definitions, story: Story) -> None:
        """Add what a scenario reached."""
        self.know(definitions)
        entered = story.elements + Counter(story.bodies - story.elements.keys())
        for (process_id, element), times in entered.items():
            covered = self._process(definitions, process_id)
            covered.elements[element] += times
            # A compensation boundary event has no passage of its own: it has happened when its handler has begun.
            for event in covered.model.nodes:
                handler = getattr(event, "handler", None)
                if handler is not None and handler.element.id == element:
                    covered.elements[event.element.id] += times
        for (process_id, flow), times in story.flows.items():
            self._process(definitions, process_id).flows[flow] += times
        for resource, decision, identity, number in story.rules:
            self.tables[resource].reached.add((decision, identity, number))

    def add_rules(self, resource: str, model: DecisionModel, reached: Iterable[RuleIdentity]) -> None:
        """Add the rules that the rows beside a table reached."""
        self.know_tables(resource, model).reached.update(reached)

    @property
    def totals(self) -> Mapping[str, Part]:
        """Elements, flows and rules of everything together."""
        nothing = Part()
        return {
            "elements": sum((p.element_part for p in self.processes.values()), nothing),
            "flows": sum((p.flow_part for p in self.processes.values()), nothing),
            "rules": sum((t.part for t in self.tables.values()), nothing),
        }

    def to_json(self) -> dict[str, Any]:
        """The coverage as JSON data."""
        return {
            "totals": {name: part.to_json() for name, part in self.totals.items()},
            "processes": [self.processes[key].to_json() for key in sorted(self.processes)],
            "tables": [self.tables[key].to_json() for key in sorted(self.tables)],
        }

    def _process(self, definitions: Definitions, process_id: str) -> ProcessCoverage:
        return self.processes[definitions.process_files[process_id], process_id]
