"""Asking decisions directly: the answer is given and kept."""

from __future__ import annotations

import pytest

from server.runtime import decisions, deployments
from server.runtime.errors import NotFound, Refused

from ..models import ACTOR, rows

pytestmark = pytest.mark.usefixtures("app")

MODEL = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="fees" name="fees"
  namespace="urn:fees">
  <decision id="fee" name="fee"><variable name="fee"/><informationRequirement><requiredInput href="#amount"/>
  </informationRequirement><literalExpression><text>amount * 0.01</text></literalExpression></decision>
  <inputData id="amount" name="amount"><variable name="amount" typeRef="number"/></inputData></definitions>"""


@pytest.fixture(scope="module", autouse=True)
def deployed(app: object) -> deployments.Deployment:
    """A decision that is one expression."""
    return deployments.deploy([("fees.dmn", MODEL)], actor=ACTOR)


def test_a_decision_answers_and_its_trace_is_kept(deployed: deployments.Deployment) -> None:
    answer = decisions.evaluate(decision_id="fee", variables={"amount": 1000}, actor=ACTOR)
    assert answer.evaluation.value == 10
    assert answer.version.key == deployed.of("decision")[0].key
    kept = rows("SELECT * FROM decision_instance WHERE key = %(key)s", key=answer.key)[0]
    assert (kept.state, kept.inputs, kept.trace["output"]) == ("EVALUATED", {"amount": 1000}, 10)
    by_key = decisions.evaluate(definition_key=answer.version.key, variables={"amount": 1}, actor=ACTOR)
    assert str(by_key.evaluation.value) == "0.01"


def test_a_decision_without_result_is_an_answer_that_says_why() -> None:
    answer = decisions.evaluate(decision_id="fee", variables={"amount": "much"}, actor=ACTOR)
    assert answer.evaluation.failed
    kept = rows("SELECT state, failure FROM decision_instance WHERE key = %(key)s", key=answer.key)[0]
    assert kept.state == "FAILED" and kept.failure


def test_an_unknown_decision_is_not_found() -> None:
    with pytest.raises(NotFound):
        decisions.evaluate(decision_id="nothing", actor=ACTOR)
    with pytest.raises(NotFound):
        decisions.evaluate(definition_key=1, actor=ACTOR)
    with pytest.raises(Refused):
        decisions.evaluate(actor=ACTOR)
