"""Names of users, groups and clients: what they may look like, and that one name is one actor."""

from __future__ import annotations

import re

from sqlalchemy import Connection, exists, select

from server.store.accounts import Client, User

from .errors import IdentityExistsError, unusable
from .roles import ROLES

_NAME = re.compile(r"[A-Za-z0-9_~@.+-]{1,256}")


def check_name(name: str) -> str:
    """The name, if it can be one: letters, digits and ``_ ~ @ . + -``, as the API's clients expect."""
    if not _NAME.fullmatch(name):
        raise unusable(
            "name",
            f"名称“{name}”不可用：只能包含英文字母、数字和 _ ~ @ . + -，最长 256 个字符。",
            f"'{name}' cannot be a name: it may have letters, digits and _ ~ @ . + -, up to 256 characters.",
        )
    return name


def check_roles(roles: list[str]) -> list[str]:
    """The roles, if they all exist."""
    unknown = [role for role in roles if role not in ROLES]
    if unknown:
        raise unusable(
            "role",
            f"没有角色“{unknown[0]}”；可用的角色：{'、'.join(ROLES)}。",
            f"There is no role '{unknown[0]}'; the roles are {', '.join(ROLES)}.",
        )
    return roles


def check_actor_is_new(connection: Connection, name: str) -> None:
    """Refuse a name that a user or a client has: history names actors by it alone."""
    taken = connection.execute(
        select(
            exists().where(User.username == name) | exists().where(Client.client_id == name),
        )
    ).scalar_one()
    if taken:
        raise IdentityExistsError(name)
