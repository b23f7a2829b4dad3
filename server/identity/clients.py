"""Clients: the systems and job workers that sign in with an id and a secret."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from server.store.accounts import Client
from server.store.database import transaction

from .errors import CredentialsRefusedError, IdentityNotFoundError
from .names import check_actor_is_new, check_name, check_roles
from .passwords import hash_password, verified_secrets
from .principal import Principal, PrincipalKind
from .revocation import Tokens, revoke_tokens_of


@dataclass(frozen=True, slots=True)
class ApiClient:
    """A client as others may see it."""

    client_id: str
    name: str
    roles: tuple[str, ...]
    active: bool
    created_at: dt.datetime


_COLUMNS = (Client.client_id, Client.name, Client.roles, Client.active, Client.created_at)


def new_secret() -> str:
    """A secret that nobody can guess."""
    return secrets.token_urlsafe(32)


def create_client(
    client_id: str, *, name: str | None = None, roles: list[str], secret: str | None = None
) -> tuple[ApiClient, str]:
    """Add a client; returns it with its secret, which is not stored and cannot be shown again."""
    given = secret or new_secret()
    values = {
        "client_id": check_name(client_id),
        "name": name or client_id,
        "secret_hash": hash_password(given),
        "roles": check_roles(roles),
        "created_at": dt.datetime.now(dt.UTC),
    }
    with transaction() as connection:
        check_actor_is_new(connection, client_id)
        connection.execute(insert(Client).values(values))
        return _read(connection, client_id), given


def get_client(client_id: str) -> ApiClient:
    """The client of that id."""
    with transaction() as connection:
        return _read(connection, client_id)


def list_clients() -> list[ApiClient]:
    """All clients, by id."""
    with transaction() as connection:
        rows = connection.execute(select(*_COLUMNS).order_by(Client.client_id)).all()
    return [_client(row) for row in rows]


def change_secret(client_id: str, secret: str | None = None) -> str:
    """Give a client another secret and end the tokens that it has; returns the secret."""
    given = secret or new_secret()
    with transaction() as connection:
        _read(connection, client_id)
        changed = update(Client).where(Client.client_id == client_id).values(secret_hash=hash_password(given))
        connection.execute(changed)
        revoke_tokens_of(connection, client_id, Tokens.ALL)
    return given


def set_client_roles(client_id: str, roles: list[str]) -> None:
    """Change what a client may do."""
    with transaction() as connection:
        _read(connection, client_id)
        changed = update(Client).where(Client.client_id == client_id).values(roles=check_roles(roles))
        connection.execute(changed)
        revoke_tokens_of(connection, client_id, Tokens.ACCESS)


def set_client_active(client_id: str, *, active: bool) -> None:
    """Let a client in again, or keep it out from now on."""
    with transaction() as connection:
        _read(connection, client_id)
        connection.execute(update(Client).where(Client.client_id == client_id).values(active=active))
        if not active:
            revoke_tokens_of(connection, client_id, Tokens.ALL)


def delete_client(client_id: str) -> None:
    """Remove a client. History keeps the id."""
    with transaction() as connection:
        _read(connection, client_id)
        connection.execute(delete(Client).where(Client.client_id == client_id))
        revoke_tokens_of(connection, client_id, Tokens.ALL)


def authenticate_client(client_id: str, secret: str) -> Principal:
    """The principal that signs in with this secret; raises :class:`CredentialsRefusedError` otherwise."""
    statement = select(Client.secret_hash, Client.roles).where(Client.client_id == client_id, Client.active)
    with transaction() as connection:
        row = connection.execute(statement).one_or_none()
    if not verified_secrets.verify(None if row is None else row.secret_hash, secret) or row is None:
        raise CredentialsRefusedError
    return Principal(PrincipalKind.CLIENT, client_id, (), tuple(sorted(row.roles)))


def _client(row: Any) -> ApiClient:
    return ApiClient(row.client_id, row.name, tuple(row.roles), row.active, row.created_at)


def _read(connection: Connection, client_id: str) -> ApiClient:
    row = connection.execute(select(*_COLUMNS).where(Client.client_id == client_id)).one_or_none()
    if row is None:
        raise IdentityNotFoundError("客户端", "client", client_id)
    return _client(row)
