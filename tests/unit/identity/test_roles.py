"""What roles allow, and how far it reaches."""

from __future__ import annotations

import pytest

from server.identity.principal import Principal, PrincipalKind
from server.identity.roles import PERMISSIONS, ROLES, Reach, reach


def test_an_administrator_may_do_everything() -> None:
    assert {reach(["administrator"], *permission) for permission in PERMISSIONS} == {Reach.EVERYTHING}


def test_compliance_reads_everything_and_changes_nothing() -> None:
    for resource, action in PERMISSIONS:
        expected = Reach.EVERYTHING if action == "read" else Reach.NOTHING
        assert reach(["compliance"], resource, action) is expected


def test_a_reviewer_reads_and_completes_only_what_is_theirs() -> None:
    assert reach(["reviewer"], "user-task", "read") is Reach.OWN
    assert reach(["reviewer"], "user-task", "complete") is Reach.OWN
    assert reach(["reviewer"], "process-instance", "read") is Reach.OWN


@pytest.mark.parametrize(
    ("resource", "action"),
    [("deployment", "create"), ("job", "activate"), ("process-instance", "cancel"), ("user-task", "assign")],
)
def test_a_reviewer_may_not_run_the_engine(resource: str, action: str) -> None:
    assert reach(["reviewer"], resource, action) is Reach.NOTHING


def test_a_reviewer_reads_the_tables_that_decided_but_asks_none() -> None:
    assert reach(["reviewer"], "decision-definition", "read") is Reach.EVERYTHING
    assert reach(["reviewer"], "decision-definition", "evaluate") is Reach.NOTHING


@pytest.mark.parametrize("role", ["designer", "system"])
def test_whoever_evaluates_decisions_has_the_own_batches(role: str) -> None:
    assert reach([role], "decision-definition", "evaluate") is Reach.EVERYTHING
    assert reach([role], "decision-batch", "read") is reach([role], "decision-batch", "update") is Reach.OWN


def test_several_roles_reach_as_far_as_the_furthest_of_them() -> None:
    assert reach(["reviewer", "operator"], "process-instance", "read") is Reach.EVERYTHING
    assert reach(["operator", "reviewer"], "user-task", "complete") is Reach.OWN


def test_an_unknown_role_grants_nothing() -> None:
    assert reach(["emperor"], "user-task", "read") is Reach.NOTHING
    assert not Principal(PrincipalKind.USER, "nobody").may("cluster", "read")


def test_roles_grant_only_permissions_that_exist() -> None:
    for role in ROLES.values():
        assert role.everything | role.own <= PERMISSIONS
