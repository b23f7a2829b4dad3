"""Users: the people who sign in."""

from __future__ import annotations

from typing import Any

from flask import Response

from server.identity import users as accounts
from server.identity.display_names import MOST_NAMES, display_names

from .authorization import permission, signed_in
from .exact_json import answer, no_content
from .fields import Flag, Listed, Part, Text, always, document, maybe
from .resource import Resource
from .search import by_text, list_page, page_of, search_request

users = Resource("User", description="The people who sign in. What they may do comes from their groups.")

UserResult = document(
    "User", always({"username": Text(), "name": maybe(Text()), "email": maybe(Text()), "active": Flag()})
)
UserCreation = document(
    "UserCreation",
    {
        "username": Text(required=True, longest=256),
        "password": Text(required=True, longest=256),
        "name": Text(longest=256),
        "email": Text(longest=320),
    },
)
UserUpdate = document(
    "UserUpdate", {"password": Text(longest=256), "name": Text(longest=256), "email": Text(longest=320)}
)
UserSearch = search_request(
    "User",
    {"username": by_text(), "name": by_text(), "email": by_text()},
    ("username", "name", "email"),
)
UserPage = page_of("User", UserResult)
NamesRequest = document(
    "UserNamesRequest",
    {"usernames": Listed(Text(shortest=1, longest=256), required=True, most=MOST_NAMES)},
)
NamesResult = document(
    "UserNames",
    always({"items": Listed(Part(document("UserName", always({"username": Text(), "name": Text()}))))}),
)


def user_document(account: accounts.UserAccount) -> dict[str, Any]:
    """A user as the API shows one."""
    return {
        "username": account.username,
        "name": account.name,
        "email": account.email,
        "active": account.active,
    }


@users.route("/users", methods=["POST"])
@permission("user", "manage")
@users.arguments(UserCreation)
@users.response(201, UserResult)
def create_user(body: dict[str, Any]) -> Response:
    """Add a user"""
    account = accounts.create_user(body["username"], body["password"], name=body.get("name"), email=body.get("email"))
    return answer(user_document(account), 201)


@users.route("/users/search", methods=["POST"])
@permission("user", "read")
@users.arguments(UserSearch, required=False)
@users.response(200, UserPage)
def search_users(body: dict[str, Any]) -> Response:
    """Find users"""
    return answer(list_page([user_document(account) for account in accounts.list_users()], body))


@users.route("/users/names", methods=["POST"])
@signed_in
@users.arguments(NamesRequest)
@users.response(200, NamesResult)
def name_users(body: dict[str, Any]) -> Response:
    """Get the display names of users and clients; names of nobody are left out"""
    found = display_names(body["usernames"])
    return answer({"items": [{"username": username, "name": name} for username, name in sorted(found.items())]})


@users.route("/users/<string:username>", methods=["GET"])
@permission("user", "read")
@users.response(200, UserResult)
def get_user(username: str) -> Response:
    """Get a user"""
    return answer(user_document(accounts.get_user(username)))


@users.route("/users/<string:username>", methods=["PUT"])
@permission("user", "manage")
@users.arguments(UserUpdate)
@users.response(200, UserResult)
def update_user(body: dict[str, Any], username: str) -> Response:
    """Change a user's name, email or password; a new password ends their sessions"""
    return answer(user_document(accounts.update_user(username, **body)))


@users.route("/users/<string:username>", methods=["DELETE"])
@permission("user", "manage")
@users.response(204)
def delete_user(username: str) -> Response:
    """Remove a user; history keeps the name"""
    accounts.delete_user(username)
    return no_content()


@users.route("/users/<string:username>/activation", methods=["POST"])
@permission("user", "manage")
@users.response(204)
def activate_user(username: str) -> Response:
    """Let a user in again"""
    accounts.set_user_active(username, active=True)
    return no_content()


@users.route("/users/<string:username>/deactivation", methods=["POST"])
@permission("user", "manage")
@users.response(204)
def deactivate_user(username: str) -> Response:
    """Keep a user out, also of the sessions that are open"""
    accounts.set_user_active(username, active=False)
    return no_content()
