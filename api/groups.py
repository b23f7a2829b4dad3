"""Groups of users, which tasks name as candidates and which hold roles; and the roles there are."""

from __future__ import annotations

from typing import Any

from flask import Response

from server.identity import groups as departments
from server.identity.display_names import MOST_NAMES, group_names
from server.identity.roles import ROLES
from server.identity.users import list_users

from .authorization import permission, signed_in
from .exact_json import answer, no_content
from .fields import Listed, Part, Text, always, document, maybe
from .problems import language
from .resource import Resource
from .search import by_text, list_page, page_of, search_request
from .users import UserPage, UserSearch, user_document

groups = Resource("Group", description="Departments: candidates of tasks, holders of roles.")

GroupResult = document(
    "Group",
    always({"groupId": Text(), "name": Text(), "description": maybe(Text()), "roles": Listed(Text())}),
)
GroupCreation = document(
    "GroupCreation",
    {
        "groupId": Text(required=True, longest=256),
        "name": Text(required=True, shortest=1, longest=256),
        "description": Text(),
        "roles": Listed(Text()),
    },
)
GroupUpdate = document(
    "GroupUpdate",
    {"name": Text(shortest=1, longest=256), "description": Text(), "roles": Listed(Text())},
)
GroupSearch = search_request("Group", {"groupId": by_text(), "name": by_text()}, ("groupId", "name"))
GroupPage = page_of("Group", GroupResult)
NamesRequest = document(
    "GroupNamesRequest",
    {"groupIds": Listed(Text(shortest=1, longest=256), required=True, most=MOST_NAMES)},
)
NamesResult = document(
    "GroupNames",
    always({"items": Listed(Part(document("GroupName", always({"groupId": Text(), "name": Text()}))))}),
)
RoleResult = document("Role", always({"roleId": Text(), "name": Text(), "description": maybe(Text())}))
RoleSearch = search_request("Role", {"roleId": by_text(), "name": by_text()}, ("roleId", "name"))
RolePage = page_of("Role", RoleResult)


def _document(group: departments.UserGroup) -> dict[str, Any]:
    return {"groupId": group.group_id, "name": group.name, "description": None, "roles": list(group.roles)}


@groups.route("/groups", methods=["POST"])
@permission("group", "manage")
@groups.arguments(GroupCreation)
@groups.response(201, GroupResult)
def create_group(body: dict[str, Any]) -> Response:
    """Add a group"""
    return answer(_document(departments.create_group(body["groupId"], body["name"], body.get("roles"))), 201)


@groups.route("/groups/search", methods=["POST"])
@permission("group", "read")
@groups.arguments(GroupSearch, required=False)
@groups.response(200, GroupPage)
def search_groups(body: dict[str, Any]) -> Response:
    """Find groups"""
    return answer(list_page([_document(group) for group in departments.list_groups()], body))


@groups.route("/groups/names", methods=["POST"])
@signed_in
@groups.arguments(NamesRequest)
@groups.response(200, NamesResult)
def name_groups(body: dict[str, Any]) -> Response:
    """Get the names of groups; those of no group are left out"""
    found = group_names(body["groupIds"])
    return answer({"items": [{"groupId": group_id, "name": name} for group_id, name in sorted(found.items())]})


@groups.route("/groups/<string:group_id>", methods=["GET"])
@permission("group", "read")
@groups.response(200, GroupResult)
def get_group(group_id: str) -> Response:
    """Get a group"""
    return answer(_document(departments.get_group(group_id)))


@groups.route("/groups/<string:group_id>", methods=["PUT"])
@permission("group", "manage")
@groups.arguments(GroupUpdate)
@groups.response(200, GroupResult)
def update_group(body: dict[str, Any], group_id: str) -> Response:
    """Change a group's name or roles"""
    group = departments.update_group(group_id, name=body.get("name"), roles=body.get("roles"))
    return answer(_document(group))


@groups.route("/groups/<string:group_id>", methods=["DELETE"])
@permission("group", "manage")
@groups.response(204)
def delete_group(group_id: str) -> Response:
    """Remove a group; its members lose its roles at once"""
    departments.delete_group(group_id)
    return no_content()


@groups.route("/groups/<string:group_id>/users/search", methods=["POST"])
@permission("group", "read")
@groups.arguments(UserSearch, required=False)
@groups.response(200, UserPage)
def search_users_for_group(body: dict[str, Any], group_id: str) -> Response:
    """Find the members of a group"""
    departments.get_group(group_id)
    return answer(list_page([user_document(member) for member in list_users(group_id=group_id)], body))


@groups.route("/groups/<string:group_id>/users/<string:username>", methods=["PUT"])
@permission("group", "manage")
@groups.response(204)
def assign_user_to_group(group_id: str, username: str) -> Response:
    """Put a user into a group"""
    departments.add_member(group_id, username)
    return no_content()


@groups.route("/groups/<string:group_id>/users/<string:username>", methods=["DELETE"])
@permission("group", "manage")
@groups.response(204)
def unassign_user_from_group(group_id: str, username: str) -> Response:
    """Take a user out of a group"""
    departments.remove_member(group_id, username)
    return no_content()


@groups.route("/roles/search", methods=["POST"])
@permission("group", "read")
@groups.arguments(RoleSearch, required=False)
@groups.response(200, RolePage)
def search_roles(body: dict[str, Any]) -> Response:
    """Find the roles that groups and clients can have"""
    named = "zh" if language() == "zh" else "en"
    listed = [{"roleId": role.role_id, "name": getattr(role, named), "description": None} for role in ROLES.values()]
    return answer(list_page(listed, body))
