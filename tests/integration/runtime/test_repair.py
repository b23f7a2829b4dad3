"""Incidents and variables: what operators see of a failure, and how they repair it."""

from __future__ import annotations

import pytest

from server.runtime import incidents, instances
from server.runtime import variables as runtime_variables
from server.runtime.errors import Conflict, NotFound

from ...unit.bpmn.diagrams import flow, io
from ..models import (
    ACTOR,
    active_elements,
    deploy,
    line,
    node,
    one,
    open_task,
    path,
    rows,
    start_and_end,
    state,
    user_task,
    variables,
)

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(scope="module", autouse=True)
def deployed(app: object) -> None:
    """A gateway that needs a variable, and a task with a variable of its own."""
    deploy(
        start_and_end(
            node("exclusiveGateway", "choice"),
            user_task("high"),
            user_task("low"),
            path("start", "choice"),
            flow("choice", "high", "amount > 100"),
            flow("choice", "low", "amount <= 100"),
            path("high", "end"),
            path("low", "end"),
            id_="choosing",
        ),
        line(("task", user_task("task", ext=io(("input", "amount", "own")))), id_="scoped"),
    )


def incident_of(instance_key: int) -> int:
    return int(one("SELECT key FROM incident WHERE instance_key = %(key)s AND state = 'ACTIVE'", key=instance_key))


def test_a_failure_is_an_incident_with_its_cause_in_both_languages() -> None:
    key = instances.start(process_id="choosing", actor=ACTOR).key
    row = rows("SELECT * FROM incident WHERE instance_key = %(key)s", key=key)[0]
    assert row.element_id == "choice"
    assert row.message_zh and row.message_en
    assert one("SELECT incidents FROM process_instance WHERE key = %(key)s", key=key) == 1
    assert active_elements(key) == {"choice"}


def test_a_repaired_cause_lets_the_instance_go_on() -> None:
    key = instances.start(process_id="choosing", actor=ACTOR).key
    incident = incident_of(key)
    runtime_variables.update(scope_key=key, variables={"amount": 500}, actor=ACTOR)
    incidents.resolve(incident_key=incident, actor="operator")
    assert open_task(key, "high")
    row = rows("SELECT state, resolved_by FROM incident WHERE key = %(key)s", key=incident)[0]
    assert tuple(row) == ("RESOLVED", "operator")
    assert one("SELECT incidents FROM process_instance WHERE key = %(key)s", key=key) == 0


def test_an_incident_is_resolved_once() -> None:
    key = instances.start(process_id="choosing", actor=ACTOR).key
    incident = incident_of(key)
    runtime_variables.update(scope_key=key, variables={"amount": 5}, actor=ACTOR)
    incidents.resolve(incident_key=incident, actor=ACTOR)
    with pytest.raises(Conflict):
        incidents.resolve(incident_key=incident, actor=ACTOR)
    with pytest.raises(NotFound):
        incidents.resolve(incident_key=1, actor=ACTOR)


def test_cancelling_closes_the_incident() -> None:
    key = instances.start(process_id="choosing", actor=ACTOR).key
    instances.cancel(instance_key=key, actor=ACTOR)
    assert state(key) == "TERMINATED"
    assert one("SELECT state FROM incident WHERE instance_key = %(key)s", key=key) == "RESOLVED"


def test_variables_are_set_where_they_live_or_locally() -> None:
    key = instances.start(process_id="scoped", variables={"amount": 1}, actor=ACTOR).key
    task = open_task(key)
    runtime_variables.update(scope_key=task, variables={"own": 2, "amount": 3}, actor=ACTOR)
    document = one("SELECT variables FROM instance_state WHERE key = %(key)s", key=key)
    assert document == {"": {"amount": 3}, str(task): {"own": 2}}
    runtime_variables.update(scope_key=task, variables={"amount": 4}, local=True, actor=ACTOR)
    assert variables(key) == {"amount": 3}
    with pytest.raises(NotFound):
        runtime_variables.update(scope_key=1, variables={}, actor=ACTOR)
    instances.cancel(instance_key=key, actor=ACTOR)
    with pytest.raises(Conflict):
        runtime_variables.update(scope_key=key, variables={}, actor=ACTOR)
