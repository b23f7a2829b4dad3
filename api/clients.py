"""Clients: the systems and job workers that sign in with an id and a secret."""

from __future__ import annotations

from typing import Any

from flask import Response

from server.identity import clients as systems

from .authorization import permission
from .exact_json import answer, no_content
from .fields import Flag, Listed, Text, always, document
from .resource import Resource
from .search import by_text, list_page, page_of, search_request

clients = Resource("Client", description="Systems and job workers that sign in with client credentials.")

_MEMBERS: dict[str, Any] = {"clientId": Text(), "name": Text(), "roles": Listed(Text()), "active": Flag()}
ClientResult = document("Client", always(_MEMBERS))
NewClient = document("NewClient", always({**_MEMBERS, "clientSecret": Text()}))
ClientCreation = document(
    "ClientCreation",
    {
        "clientId": Text(required=True, longest=256),
        "name": Text(longest=256),
        "roles": Listed(Text(), required=True),
    },
)
ClientUpdate = document("ClientUpdate", {"roles": Listed(Text()), "active": Flag()})
ClientSecret = document("ClientSecret", always({"clientId": Text(), "clientSecret": Text()}))
ClientSearch = search_request("Client", {"clientId": by_text(), "name": by_text()}, ("clientId", "name"))
ClientPage = page_of("Client", ClientResult)


def _document(client: systems.ApiClient) -> dict[str, Any]:
    return {
        "clientId": client.client_id,
        "name": client.name,
        "roles": list(client.roles),
        "active": client.active,
    }


@clients.route("/clients", methods=["POST"])
@permission("client", "manage")
@clients.arguments(ClientCreation)
@clients.response(201, NewClient)
def create_client(body: dict[str, Any]) -> Response:
    """Add a client; its secret is shown this once"""
    client, secret = systems.create_client(body["clientId"], name=body.get("name"), roles=body["roles"])
    return answer({**_document(client), "clientSecret": secret}, 201)


@clients.route("/clients/search", methods=["POST"])
@permission("client", "read")
@clients.arguments(ClientSearch, required=False)
@clients.response(200, ClientPage)
def search_clients(body: dict[str, Any]) -> Response:
    """Find clients"""
    return answer(list_page([_document(client) for client in systems.list_clients()], body))


@clients.route("/clients/<string:client_id>", methods=["GET"])
@permission("client", "read")
@clients.response(200, ClientResult)
def get_client(client_id: str) -> Response:
    """Get a client"""
    return answer(_document(systems.get_client(client_id)))


@clients.route("/clients/<string:client_id>", methods=["PATCH"])
@permission("client", "manage")
@clients.arguments(ClientUpdate)
@clients.response(200, ClientResult)
def update_client(body: dict[str, Any], client_id: str) -> Response:
    """Change what a client may do, or whether it may at all"""
    if "roles" in body:
        systems.set_client_roles(client_id, body["roles"])
    if "active" in body:
        systems.set_client_active(client_id, active=body["active"])
    return answer(_document(systems.get_client(client_id)))


@clients.route("/clients/<string:client_id>/secret", methods=["POST"])
@permission("client", "manage")
@clients.response(200, ClientSecret)
def change_client_secret(client_id: str) -> Response:
    """Give a client another secret; it is shown this once"""
    return answer({"clientId": client_id, "clientSecret": systems.change_secret(client_id)})


@clients.route("/clients/<string:client_id>", methods=["DELETE"])
@permission("client", "manage")
@clients.response(204)
def delete_client(client_id: str) -> Response:
    """Remove a client; history keeps its id"""
    systems.delete_client(client_id)
    return no_content()
