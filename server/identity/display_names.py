"""Display names: what people call those whom processes and history know by user names and ids of groups alone."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import BindParameter, bindparam, select, union_all

from server.store.accounts import Client, Group, User
from server.store.database import reading

MOST_NAMES = 200


def display_names(usernames: Collection[str]) -> dict[str, str]:
    """The display names of users by user name and of clients by id, also of those who are kept out now.

    Names of nobody are left out. A user and a client never share a name.
    """
    with reading() as connection:
        rows = connection.execute(_NAMES, {"wanted": sorted(set(usernames))}).all()
    return {row.username: row.name for row in rows}


def group_names(group_ids: Collection[str]) -> dict[str, str]:
    """The names of groups by their ids; those of no group are left out."""
    with reading() as connection:
        rows = connection.execute(_GROUP_NAMES, {"wanted": sorted(set(group_ids))}).all()
    return {row.group_id: row.name for row in rows}


_WANTED: BindParameter[str] = bindparam("wanted", expanding=True)
_NAMES = union_all(
    select(User.username.label("username"), User.name.label("name")).where(User.username.in_(_WANTED)),
    select(Client.client_id, Client.name).where(Client.client_id.in_(_WANTED)),
)
_GROUP_NAMES = select(Group.group_id, Group.name).where(Group.group_id.in_(_WANTED))
