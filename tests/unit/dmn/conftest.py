"""Builders for small decision models, so that a test shows only what it is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape, quoteattr

import pytest

from server.dmn import DecisionModel, read_dmn

DMN_15 = "https://www.omg.org/spec/DMN/20230324/MODEL/"

ModelText = Callable[..., bytes]
TableText = Callable[..., str]


def model_text(body: str, *, namespace: str = "urn:test", dmn: str = DMN_15, attributes: str = "") -> bytes:
    """A DMN file around ``body``."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<definitions xmlns="{dmn}" id="defs" name="test model" namespace="{namespace}" {attributes}>\n'
        f"{body}\n</definitions>"
    ).encode()


def literal_text(text: str, type_ref: str | None = None) -> str:
    """A literal expression."""
    typed = "" if type_ref is None else f" typeRef={quoteattr(type_ref)}"
    return f"<literalExpression{typed}><text>{escape(text)}</text></literalExpression>"


def table_text(
    inputs: Sequence[str],
    outputs: Sequence[str],
    rules: Sequence[Sequence[str]],
    *,
    policy: str = "UNIQUE",
    aggregation: str | None = None,
    values: Sequence[str | None] = (),
    defaults: Sequence[str | None] = (),
    allowed: Sequence[str | None] = (),
    annotations: Sequence[str] = (),
    types: Sequence[str | None] = (),
) -> str:
    """A decision table; a rule is its input cells followed by its output cells."""

    def at(items: Sequence[str | None], place: int) -> str | None:
        return items[place] if place < len(items) else None

    def tag(name: str, text: str | None) -> str:
        return "" if text is None else f"<{name}><text>{escape(text)}</text></{name}>"

    folded = "" if aggregation is None else f' aggregation="{aggregation}"'
    parts = [f'<decisionTable id="table" hitPolicy="{policy}"{folded}>']
    for place, text in enumerate(inputs):
        expression = f"<inputExpression><text>{escape(text)}</text></inputExpression>"
        parts.append(f'<input id="in{place}">{expression}{tag("inputValues", at(allowed, place))}</input>')
    for place, name in enumerate(outputs):
        type_ref = at(types, place)
        typed = "" if type_ref is None else f" typeRef={quoteattr(type_ref)}"
        inside = tag("outputValues", at(values, place)) + tag("defaultOutputEntry", at(defaults, place))
        parts.append(f'<output id="out{place}" name={quoteattr(name)}{typed}>{inside}</output>')
    for place, rule in enumerate(rules):
        cells = "".join(tag("inputEntry", cell) for cell in rule[: len(inputs)])
        cells += "".join(tag("outputEntry", cell) for cell in rule[len(inputs) :])
        note = tag("annotationEntry", annotations[place]) if annotations else ""
        parts.append(f'<rule id="r{place + 1}">{cells}{note}</rule>')
    return "\n".join([*parts, "</decisionTable>"])


def decision_text(
    name: str,
    logic: str,
    *,
    inputs: Sequence[str] = (),
    decisions: Sequence[str] = (),
    knowledge: Sequence[str] = (),
    type_ref: str | None = None,
) -> str:
    """A decision called ``name`` with the id ``d_name``; requirements are given by href."""
    typed = "" if type_ref is None else f" typeRef={quoteattr(type_ref)}"
    required = "".join(
        f'<informationRequirement><requiredInput href="{href}"/></informationRequirement>' for href in inputs
    )
    required += "".join(
        f'<informationRequirement><requiredDecision href="{href}"/></informationRequirement>' for href in decisions
    )
    required += "".join(
        f'<knowledgeRequirement><requiredKnowledge href="{href}"/></knowledgeRequirement>' for href in knowledge
    )
    variable = f"<variable name={quoteattr(name)}{typed}/>"
    return f'<decision id="d_{name}" name={quoteattr(name)}>{variable}{required}{logic}</decision>'


def input_text(name: str, type_ref: str | None = None) -> str:
    """Input data called ``name`` with the id ``i_name``."""
    typed = "" if type_ref is None else f" typeRef={quoteattr(type_ref)}"
    identity = name.replace(" ", "_")
    return f'<inputData id="i_{identity}" name={quoteattr(name)}><variable name={quoteattr(name)}{typed}/></inputData>'


class Texts:
    """The builders under one name."""

    model = staticmethod(model_text)
    literal = staticmethod(literal_text)
    table = staticmethod(table_text)
    decision = staticmethod(decision_text)
    input = staticmethod(input_text)

    @staticmethod
    def read(*elements: str) -> DecisionModel:
        """The model of those elements."""
        return read_dmn(model_text("\n".join(elements)))

    @classmethod
    def decide(cls, logic: str, **options: str) -> DecisionModel:
        """A model of one decision, ``D``."""
        return cls.read(decision_text("D", logic, **options))


@pytest.fixture(scope="session")
def dmn() -> type[Texts]:
    """The builders."""
    return Texts
