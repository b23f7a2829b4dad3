"""Who may work on a task: its assignee, or any candidate while nobody has claimed it."""

from __future__ import annotations

import pytest

from server.identity.errors import ForbiddenError
from server.identity.principal import Principal, PrincipalKind
from server.identity.visibility import may_work_on, seen_of_instances, seen_tasks

ZHANG = Principal(PrincipalKind.USER, "zhang.wei", ("credit-reviewer-a",), ("reviewer",))
ADMINISTRATOR = Principal(PrincipalKind.USER, "ma.chao", (), ("administrator",))
DESIGNER = Principal(PrincipalKind.USER, "xu.li", ("designers",), ("designer",))


def work(principal: Principal, *, assignee: str | None = None, users: list[str], groups: list[str]) -> None:
    may_work_on(principal, "complete", assignee=assignee, candidate_users=users, candidate_groups=groups)


def test_a_candidate_may_work_on_an_unclaimed_task() -> None:
    work(ZHANG, users=[], groups=["credit-reviewer-a", "risk-head"])
    work(ZHANG, users=["zhang.wei"], groups=[])


def test_the_assignee_may_work_on_a_claimed_task_whoever_the_candidates_are() -> None:
    work(ZHANG, assignee="zhang.wei", users=[], groups=[])


def test_a_colleague_may_not_finish_what_somebody_else_has_claimed() -> None:
    with pytest.raises(ForbiddenError):
        work(ZHANG, assignee="li.na", users=["zhang.wei"], groups=["credit-reviewer-a"])


def test_somebody_who_is_no_candidate_may_not() -> None:
    with pytest.raises(ForbiddenError):
        work(ZHANG, users=["li.na"], groups=["finance"])


def test_a_candidate_without_the_permission_may_not() -> None:
    with pytest.raises(ForbiddenError):
        work(DESIGNER, users=["xu.li"], groups=["designers"])


def test_an_administrator_may_work_on_any_task() -> None:
    work(ADMINISTRATOR, assignee="li.na", users=[], groups=[])


def test_what_is_read_is_limited_by_role() -> None:
    assert seen_tasks(ADMINISTRATOR) is None
    own = seen_tasks(ZHANG)
    assert own is not None
    assert own.parameters == {"own_name": "zhang.wei", "own_groups": ["credit-reviewer-a"]}
    nothing = seen_tasks(DESIGNER)
    assert nothing is not None
    assert nothing.sql == "false"
    of_instance = seen_of_instances(ZHANG, "incident", "i.instance_key")
    assert of_instance is not None
    assert "own_instance.key = i.instance_key" in of_instance.sql
