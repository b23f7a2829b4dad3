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
EXAMPLES = int(os.environ.get("LENDLOOM_CONTRACT_EXAMPLES") or 8)


@pytest.mark.slow
def test_every_operation_answers_as_described(described: Any, token: str, inhabitants: Inhabitants) -> None:
    wrong: list[str] = []
    for found in described.get_all_operations():
        operation = found.ok()
        for mode in GenerationMode:
            try:
                _try(operation, mode, token, inhabitants)
            except Unsatisfiable:
                continue  # nothing about such a request can be wrong
            except (Exception, BaseExceptionGroup) as error:
                wrong.append(f"{operation.label} ({mode.value}): {error}")

    assert not wrong, "\n\n".join(wrong)


def _try(operation: Any, mode: GenerationMode, token: str, inhabitants: Inhabitants) -> None:
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
        _hurry(case.body)
        r=case.call_and_validate(headers={"Authorization": token}, checks=CHECKS)
        open("/tmp/st","a").write(f"{r.status_code} {mode.value} {operation.label}\n")

    answers_as_described()


def _hurry(body: Any) -> None:
    """Nobody waits for a job or the end of an instance here."""
    if not isinstance(body, dict) or not isinstance(body.get("requestTimeout", 0), int):
        return
    if "maxJobsToActivate" in body:
        body["requestTimeout"] = -1
    elif "requestTimeout" in body:
        body["requestTimeout"] = 1
