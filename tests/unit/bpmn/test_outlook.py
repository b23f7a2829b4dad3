"""What may come next: user tasks and calls that the tokens can reach, nearest first."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.bpmn import ProcessModel, read_processes
from server.bpmn.outlook import expected_steps

SHIPPED = Path(__file__).resolve().parents[3] / "processes"


@pytest.fixture(scope="module")
def loan() -> ProcessModel:
    """The shipped loan approval."""
    (model,) = read_processes((SHIPPED / "loan-approval.bpmn").read_bytes(), resource="loan-approval.bpmn")
    return model


def expected(model: ProcessModel, *active: str) -> dict[str, tuple[int, bool]]:
    return {step.element.id: (step.distance, step.is_certain) for step in expected_steps(model, active)}


def test_the_way_goes_into_a_subprocess_and_on_after_it(loan: ProcessModel) -> None:
    steps = expected(loan, "application-received")
    assert {"supplement", "review-either", "review-a", "review-b", "risk-head-review"} <= steps.keys()
    assert steps["supplement"][0] < steps["review-a"][0] < steps["risk-head-review"][0]


def test_what_a_gateway_has_to_choose_is_not_certain(loan: ProcessModel) -> None:
    assert not any(certain for _, certain in expected(loan, "application-received").values())


def test_what_only_a_boundary_event_leads_to_is_not_expected(loan: ProcessModel) -> None:
    assert "review-a-transferred" not in expected(loan, "human-review", "review-a")


def test_the_active_elements_themselves_do_not_come_again_and_ended_branches_lead_on(loan: ProcessModel) -> None:
    steps = expected(loan, "human-review", "risk-head-review")
    assert "risk-head-review" not in steps
    assert "review-a" not in steps


def test_nothing_is_expected_where_nothing_is_active(loan: ProcessModel) -> None:
    assert expected(loan) == {}
    assert expected(loan, "unknown-element") == {}
