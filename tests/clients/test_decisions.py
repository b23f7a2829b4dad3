"""Decisions: evaluated by id and by key, and the history of evaluations."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from camunda_orchestration_sdk import CamundaClient
from camunda_orchestration_sdk.errors import NotFoundError
from camunda_orchestration_sdk.models import (
    DecisionEvaluationByID,
    DecisionEvaluationByKey,
    DecisionInstanceSearchQuery,
)

from . import content
from .typed import typed


def test_a_decision_is_evaluated_with_all_that_it_requires(client: CamundaClient, deployed: Any) -> None:
    body = {"decisionDefinitionId": "grade", "variables": {"score": 640}}

    result = typed(client.evaluate_decision(data=DecisionEvaluationByID.from_dict(body)))

    assert json.loads(result.output) == "A"
    assert [each.decision_definition_id for each in result.evaluated_decisions] == ["band", "grade"]
    assert [rule.rule_id for rule in result.evaluated_decisions[-1].matched_rules] == ["rule-good"]


def test_a_decision_is_evaluated_by_key(client: CamundaClient, deployed: Any) -> None:
    key = next(d for d in deployed.decisions if d.decision_definition_id == "grade").decision_definition_key

    result = typed(
        client.evaluate_decision(
            data=DecisionEvaluationByKey.from_dict({"decisionDefinitionKey": key, "variables": {"score": 1}})
        )
    )

    assert json.loads(result.output) == "C"


def test_an_unknown_decision_is_not_found(client: CamundaClient, deployed: Any) -> None:
    with pytest.raises(NotFoundError):
        client.evaluate_decision(data=DecisionEvaluationByID.from_dict({"decisionDefinitionId": "no-such"}))


def test_the_decisions_of_an_instance_are_kept_with_their_facts(
    client: CamundaClient, start: Callable[..., Any]
) -> None:
    key = start(content.CHECK, score=612).process_instance_key
    query = {"filter": {"processInstanceKey": key}}

    found = typed(client.search_decision_instances(data=DecisionInstanceSearchQuery.from_dict(query)))

    kept = next(item for item in found.items if item.decision_definition_id == "grade")
    assert json.loads(kept.result) == "A"
    one = typed(client.get_decision_instance(kept.decision_evaluation_instance_key))
    assert [json.loads(each.input_value) for each in one.evaluated_inputs] == ["high"]
    assert [rule.rule_id for rule in one.matched_rules] == ["rule-good"]
