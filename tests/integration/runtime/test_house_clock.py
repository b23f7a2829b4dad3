"""What ``today()`` is: the day in China, wherever the machine and the database believe to be."""

from __future__ import annotations

from server.runtime import decisions

from ...unit.bpmn.diagrams import node, script
from ..models import ACTOR, deployments, line, variables
from .recorded import Clock, at, started

__all__ = ["at"]

TODAY = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="http://clock">
  <decision id="today" name="today"><variable name="today" typeRef="string"/>
    <literalExpression><text>string(today())</text></literalExpression></decision>
</definitions>"""


def test_before_eight_in_the_morning_it_is_already_today(at: Clock) -> None:
    at(-4)
    asked = node("scriptTask", "ask", ext=script("[string(today()), string(now())]", "asked"))
    key = started(line(("ask", asked), id_="rec-today"), process_id="rec-today")
    assert variables(key)["asked"] == ["2026-11-02", "2026-11-02T05:00:00+08:00"]


def test_for_decisions_too(at: Clock) -> None:
    at(-4)
    deployments.deploy([("today.dmn", TODAY)], actor=ACTOR)
    assert decisions.evaluate(decision_id="today", actor=ACTOR).evaluation.value == "2026-11-02"
