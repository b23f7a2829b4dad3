"""The principal: the person or system on whose behalf a command runs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from . import roles
from .roles import Reach


class PrincipalKind(StrEnum):
    """Whether a person or a system acts."""

    USER = "user"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who acts. ``name`` is the username or the client id, which are never the same for two of them."""

    kind: PrincipalKind
    name: str
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()

    def reach(self, resource: str, action: str) -> Reach:
        """How far ``action`` on ``resource`` reaches for this principal."""
        return _reach(self.roles, resource, action)

    def may(self, resource: str, action: str) -> bool:
        """Whether the action is allowed at all, on at least the principal's own rows."""
        return self.reach(resource, action) is not Reach.NOTHING


# Roles are a handful of combinations that every request asks about again.
_reach = lru_cache(maxsize=4096)(roles.reach)
