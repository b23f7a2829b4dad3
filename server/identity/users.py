"""Users: the people who sign in. What they may do comes from the groups they are in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from server.store.accounts import Group, Membership, User
from server.store.database import transaction

from .errors import CredentialsRefusedError, IdentityNotFoundError
from .names import check_actor_is_new, check_name
from .passwords import hash_password, verify_password
from .principal import Principal, PrincipalKind
from .revocation import Tokens, revoke_tokens_of


@dataclass(frozen=True, slots=True)
class UserAccount:
    """A user as others may see it."""

    username: str
    name: str
    email: str | None
    active: bool
    created_at: dt.datetime


_COLUMNS = (User.username, User.name, User.email, User.active, User.created_at)


def create_user(username: str, password: str, *, name: str | None = None, email: str | None = None) -> UserAccount:
    """Add a user; ``name`` is what people call them and defaults to the username."""
    values = {
        "username": check_name(username),
        "name": name or username,
        "email": email or None,
        "password_hash": hash_password(password),
        "created_at": dt.datetime.now(dt.UTC),
    }
    with transaction() as connection:
        check_actor_is_new(connection, username)
        row = connection.execute(insert(User).values(values).returning(*_COLUMNS)).one()
    return UserAccount(*row)


def get_user(username: str) -> UserAccount:
    """The user of that name."""
    with transaction() as connection:
        return _read(connection, username)


def list_users(*, group_id: str | None = None) -> list[UserAccount]:
    """All users, or those of one group, by name."""
    statement = select(*_COLUMNS).order_by(User.username)
    if group_id is not None:
        statement = statement.join(Membership, Membership.username == User.username).where(
            Membership.group_id == group_id
        )
    with transaction() as connection:
        return [UserAccount(*row) for row in connection.execute(statement)]


def update_user(
    username: str, *, name: str | None = None, email: str | None = None, password: str | None = None
) -> UserAccount:
    """Change what is given. A new password ends every session of the user."""
    values: dict[str, str] = {}
    if name:
        values["name"] = name
    if email is not None:
        values["email"] = email
    if password:
        values["password_hash"] = hash_password(password)
    with transaction() as connection:
        _read(connection, username)
        if values:
            connection.execute(update(User).where(User.username == username).values(values))
        if password:
            revoke_tokens_of(connection, username, Tokens.ALL)
        return _read(connection, username)


def set_user_active(username: str, *, active: bool) -> None:
    """Let a user in again, or keep them out: from now on, and out of the sessions they have."""
    with transaction() as connection:
        changed = connection.execute(update(User).where(User.username == username).values(active=active))
        if not changed.rowcount:
            raise _not_found(username)
        if not active:
            revoke_tokens_of(connection, username, Tokens.ALL)


def delete_user(username: str) -> None:
    """Remove a user. History keeps the name."""
    with transaction() as connection:
        if not connection.execute(delete(User).where(User.username == username)).rowcount:
            raise _not_found(username)
        revoke_tokens_of(connection, username, Tokens.ALL)


def authenticate_user(username: str, password: str) -> Principal:
    """The principal that signs in with this password; raises :class:`CredentialsRefusedError` otherwise."""
    with transaction() as connection:
        stored = connection.execute(
            select(User.password_hash).where(User.username == username, User.active)
        ).scalar_one_or_none()
    if not verify_password(stored, password):
        raise CredentialsRefusedError
    return user_principal(username)


def user_principal(username: str) -> Principal:
    """The user as a principal, with the groups and roles of this moment; refuses an inactive one."""
    with transaction() as connection:
        rows = connection.execute(_GROUPS_OF, {"username": username}).all()
    if not rows:
        raise CredentialsRefusedError
    groups = tuple(row.group_id for row in rows if row.group_id is not None)
    granted = {role for row in rows for role in row.roles or ()}
    return Principal(PrincipalKind.USER, username, groups, tuple(sorted(granted)))


# One row for each group, one row without a group for a user who is in none, no row for nobody.
_GROUPS_OF = (
    select(Group.group_id, Group.roles)
    .select_from(User)
    .outerjoin(Membership, Membership.username == User.username)
    .outerjoin(Group, Group.group_id == Membership.group_id)
    .where(User.username == bindparam("username"), User.active)
    .order_by(Group.group_id)
)


def _read(connection: Connection, username: str) -> UserAccount:
    row = connection.execute(select(*_COLUMNS).where(User.username == username)).one_or_none()
    if row is None:
        raise _not_found(username)
    return UserAccount(*row)


def _not_found(username: str) -> IdentityNotFoundError:
    return IdentityNotFoundError("用户", "user", username)
