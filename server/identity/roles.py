"""Roles as data: what each may do with which resource, and how far that reaches.

A permission is a resource and an action, in the words of the API's paths. A role grants a permission for every
row (``everything``) or only for rows that its holder has to do with (``own``); :mod:`server.identity.visibility`
says what that means. Whoever has several roles has the furthest reach of all of them.

Roles are given to groups of users and to clients. The lender's departments (credit reviewers A and B, the head
of risk, finance, collection, post-loan service) are groups that have the role ``reviewer``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple


class Permission(NamedTuple):
    """One thing that can be done with one kind of resource."""

    resource: str
    action: str


class Reach(IntEnum):
    """How far a permission reaches: to nothing, to what one has to do with, or to everything."""

    NOTHING = 0
    OWN = 1
    EVERYTHING = 2


@dataclass(frozen=True, slots=True)
class Role:
    """A named set of permissions."""

    role_id: str
    zh: str
    en: str
    everything: frozenset[Permission] = frozenset()
    own: frozenset[Permission] = frozenset()


def _permissions(**actions: str) -> frozenset[Permission]:
    """Permissions written as ``process_instance="create read"``."""
    return frozenset(
        Permission(resource.replace("_", "-"), action)
        for resource, listed in actions.items()
        for action in listed.split()
    )


PERMISSIONS = _permissions(
    cluster="read",
    deployment="create",
    resource="read",
    process_definition="read suspend",
    decision_definition="read evaluate analyse",
    form="read",
    process_instance="create read update cancel suspend restart delete modify migrate",
    element_instance="read",
    variable="read update",
    user_task="read claim assign complete update",
    job="read activate complete update",
    message="publish read",
    timer="read",
    signal="broadcast",
    incident="read resolve",
    comment="read create",
    draft="read update",
    decision_instance="read delete",
    batch_operation="read control",
    decision_batch="read update",
    clock="move",
    calendar="read manage",
    document="create read delete",
    user="read manage",
    group="read manage",
    client="read manage",
)
"""Every permission there is; an endpoint can ask for no other."""

_READ_CASES = _permissions(
    process_instance="read",
    element_instance="read",
    variable="read",
    decision_instance="read",
    incident="read",
    comment="read",
)
_READ_DEFINITIONS = _permissions(
    cluster="read",
    resource="read",
    process_definition="read",
    decision_definition="read analyse",
    form="read",
    calendar="read",
)

_LISTED = (
    Role("administrator", "管理员", "Administrator", everything=PERMISSIONS),
    Role(
        "designer",
        "流程设计员",
        "Process designer",
        everything=_READ_DEFINITIONS
        | _permissions(deployment="create", decision_definition="evaluate", draft="read update"),
        own=_permissions(decision_batch="read update"),
    ),
    Role(
        "operator",
        "运维人员",
        "Operator",
        everything=_READ_DEFINITIONS
        | _READ_CASES
        | _permissions(
            process_definition="suspend",
            process_instance="create update cancel suspend restart modify migrate",
            batch_operation="read control",
            variable="update",
            user_task="read assign update",
            job="read update",
            message="publish read",
            timer="read",
            comment="create",
            signal="broadcast",
            incident="resolve",
            decision_batch="read update",
            calendar="manage",
            document="read delete",
            user="read",
            group="read",
        ),
    ),
    Role(
        "reviewer",
        "审批人员",
        "Reviewer",
        everything=_permissions(cluster="read", process_definition="read", form="read", document="create")
        | _permissions(decision_definition="read"),
        own=_READ_CASES | _permissions(user_task="read claim complete", document="read", comment="create"),
    ),
    Role(
        "compliance",
        "合规人员",
        "Compliance officer",
        everything=frozenset(permission for permission in PERMISSIONS if permission.action == "read"),
    ),
    Role(
        "worker",
        "作业程序",
        "Job worker",
        everything=_permissions(
            cluster="read", job="read activate complete update", message="publish", document="create read"
        ),
    ),
    Role(
        "system",
        "业务系统",
        "Business system",
        everything=_permissions(
            cluster="read",
            process_definition="read",
            process_instance="create",
            decision_definition="read evaluate analyse",
            message="publish",
            signal="broadcast",
            document="create",
        ),
        own=_READ_CASES | _permissions(process_instance="cancel", decision_batch="read update"),
    ),
)

ROLES: Mapping[str, Role] = {role.role_id: role for role in _LISTED}


def reach(roles: Iterable[str], resource: str, action: str) -> Reach:
    """How far ``action`` on ``resource`` reaches for somebody with ``roles``; unknown roles grant nothing."""
    permission = Permission(resource, action)
    furthest = Reach.NOTHING
    for role_id in roles:
        role = ROLES.get(role_id)
        if role is None:
            continue
        if permission in role.everything:
            return Reach.EVERYTHING
        if permission in role.own:
            furthest = Reach.OWN
    return furthest
