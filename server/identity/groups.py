"""Groups of users: departments that tasks name as candidates, and the holders of roles."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from server.store.accounts import Group, Membership, User
from server.store.database import transaction

from .errors import IdentityExistsError, IdentityNotFoundError
from .names import check_name, check_roles
from .revocation import Tokens, revoke_tokens_of


@dataclass(frozen=True, slots=True)
class UserGroup:
    """A group with the roles that its members have."""

    group_id: str
    name: str
    roles: tuple[str, ...]


def create_group(group_id: str, name: str, roles: list[str] | None = None) -> UserGroup:
    """Add a group whose members have ``roles``."""
    values = {"group_id": check_name(group_id), "name": name, "roles": check_roles(roles or [])}
    statement = insert(Group).values(values).on_conflict_do_nothing().returning(Group.group_id)
    with transaction() as connection:
        if connection.execute(statement).one_or_none() is None:
            raise IdentityExistsError(group_id)
        return _read(connection, group_id)


def get_group(group_id: str) -> UserGroup:
    """The group of that id."""
    with transaction() as connection:
        return _read(connection, group_id)


def list_groups() -> list[UserGroup]:
    """All groups, by id."""
    statement = select(Group.group_id, Group.name, Group.roles).order_by(Group.group_id)
    with transaction() as connection:
        return [UserGroup(row.group_id, row.name, tuple(row.roles)) for row in connection.execute(statement)]


def update_group(group_id: str, *, name: str | None = None, roles: list[str] | None = None) -> UserGroup:
    """Change a group's name or roles; members fetch new tokens when the roles change."""
    with transaction() as connection:
        _read(connection, group_id)
        if name:
            connection.execute(update(Group).where(Group.group_id == group_id).values(name=name))
        if roles is not None:
            changed = update(Group).where(Group.group_id == group_id).values(roles=check_roles(roles))
            connection.execute(changed)
            _members_fetch_tokens(connection, group_id)
        return _read(connection, group_id)


def delete_group(group_id: str) -> None:
    """Remove a group; its members lose its roles at once. Tasks keep its id as candidate."""
    with transaction() as connection:
        _read(connection, group_id)
        _members_fetch_tokens(connection, group_id)
        connection.execute(delete(Group).where(Group.group_id == group_id))


def add_member(group_id: str, username: str) -> None:
    """Put a user into a group; raises :class:`IdentityExistsError` where they are in it already."""
    with transaction() as connection:
        _read(connection, group_id)
        if connection.execute(select(User.username).where(User.username == username)).first() is None:
            raise IdentityNotFoundError("用户", "user", username)
        statement = insert(Membership).values(group_id=group_id, username=username)
        if not connection.execute(statement.on_conflict_do_nothing()).rowcount:
            raise IdentityExistsError(username)
        revoke_tokens_of(connection, username, Tokens.ACCESS)


def remove_member(group_id: str, username: str) -> None:
    """Take a user out of a group."""
    member = (Membership.group_id == group_id) & (Membership.username == username)
    with transaction() as connection:
        _read(connection, group_id)
        if not connection.execute(delete(Membership).where(member)).rowcount:
            raise IdentityNotFoundError("该组成员", "member of this group", username)
        revoke_tokens_of(connection, username, Tokens.ACCESS)


def _members_fetch_tokens(connection: Connection, group_id: str) -> None:
    statement = select(Membership.username).where(Membership.group_id == group_id)
    for username in connection.execute(statement).scalars().all():
        revoke_tokens_of(connection, username, Tokens.ACCESS)


def _read(connection: Connection, group_id: str) -> UserGroup:
    statement = select(Group.group_id, Group.name, Group.roles).where(Group.group_id == group_id)
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise IdentityNotFoundError("用户组", "group", group_id)
    return UserGroup(row.group_id, row.name, tuple(row.roles))
