"""Requests made up from the OpenAPI document: no 5xx, and every answer is as the document describes it."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from .inhabitants import Inhabitants

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
TOO_LONG = frozenset({414, 431})
"""The web server refuses addresses and headers of such a length by itself; the API never sees them."""
EXAMPLES = int(os.environ.get("LENDLOOM_CONTRACT_EXAMPLES") or 16)


LEAST_SHARE = 0.6
"""Of the operations: how many have to carry out at least one request, or the test proves little."""


@pytest.mark.slow
def test_every_operation_answers_as_described(described: Any, token: str, inhabitants: Inhabitants) -> None:
    wrong: list[str] = []
    statuses: dict[str, set[int]] = {}
    for found in described.get_all_operations():
        operation = found.ok()
        seen = statuses[operation.label] = set()
        for mode in GenerationMode:
            try:
                _try(operation, mode, token, inhabitants, seen)
            except Unsatisfiable:
                continue  # nothing about such a request can be wrong
            except (Exception, BaseExceptionGroup) as error:
                wrong.append(f"{operation.label} ({mode.value}): {error}")

    assert not wrong, "\n\n".join(wrong)
    never = [label for label, seen in statuses.items() if not any(status < 300 for status in seen)]
    assert len(never) < (1 - LEAST_SHARE) * len(statuses), never


def _try(operation: Any, mode: GenerationMode, token: str, inhabitants: Inhabitants, seen: set[int]) -> None:
    """Make up requests of one operation, as described or (mode negative) purposely not."""

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    def answers_as_described(case: Any) -> None:
        case.path_parameters = inhabitants.lodge(operation.path, case.path_parameters)
        if mode is GenerationMode.POSITIVE:
            case.body = inhabitants.furnish(operation.path, case.body)
            case.headers.pop("Idempotency-Key", None)
        _hurry(case.body)
        if operation.path.endswith("/event-stream"):
            case.query = {**(case.query or {}), "seconds": 0}
        response = case.call(headers={"Authorization": token})
        if response.status_code in TOO_LONG:
            return
        case.validate_response(response, checks=CHECKS)
        seen.add(response.status_code)

    answers_as_described()


def _hurry(body: Any) -> None:
    """Nobody waits for a job or the end of an instance here."""
    if not isinstance(body, dict) or not isinstance(body.get("requestTimeout", 0), int):
        return
    if "maxJobsToActivate" in body:
        body["requestTimeout"] = -1
    elif "requestTimeout" in body:
        body["requestTimeout"] = 1
