"""What the installation says of itself: status, topology, license, and who is asking."""

from __future__ import annotations

from flask import Response, current_app, request

from server.identity.principal import PrincipalKind
from server.identity.roles import PERMISSIONS
from server.identity.users import get_user
from server.settings import Settings

from .authorization import permission, principal, public, signed_in
from .exact_json import answer, no_content
from .fields import TENANT, Flag, Instant, Listed, Part, Text, Variables, Whole, always, document, maybe
from .release import release
from .resource import Resource

cluster = Resource("Cluster", description="The installation and the one who asks.")

TenantResult = document("Tenant", always({"name": Text(), "tenantId": Text(), "description": maybe(Text())}))
Me = document(
    "CurrentUser",
    always(
        {
            "username": Text(),
            "displayName": maybe(Text()),
            "email": maybe(Text()),
            "authorizedComponents": Listed(Text()),
            "tenants": Listed(Part(TenantResult)),
            "groups": Listed(Text()),
            "roles": Listed(Text()),
            "permissions": Listed(
                Text(), metadata={"description": "What the roles allow, such as user-task:claim, if only on own rows"}
            ),
            "salesPlanType": maybe(Text()),
            "c8Links": Variables(),
            "canLogout": Flag(),
        }
    ),
)
Partition = document("Partition", always({"partitionId": Whole(), "role": Text(), "health": Text(), "state": Text()}))
Broker = document(
    "Broker",
    always(
        {
            "nodeId": Whole(),
            "brokerId": Text(),
            "host": Text(),
            "port": Whole(),
            "partitions": Listed(Part(Partition)),
            "version": Text(),
        }
    ),
)
Topology = document(
    "Topology",
    always(
        {
            "brokers": Listed(Part(Broker)),
            "clusterId": maybe(Text()),
            "clusterSize": Whole(),
            "partitionsCount": Whole(),
            "replicationFactor": Whole(),
            "gatewayVersion": Text(),
            "lastCompletedChangeId": Text(),
        }
    ),
)
License = document(
    "License",
    always({"validLicense": Flag(), "licenseType": Text(), "isCommercial": Flag(), "expiresAt": maybe(Instant())}),
)


@cluster.route("/status", methods=["GET"])
@public
@cluster.response(204)
def get_status() -> Response:
    """Whether the API answers"""
    return no_content()


@cluster.route("/topology", methods=["GET"])
@permission("cluster", "read")
@cluster.response(200, Topology)
def get_topology() -> Response:
    """The installation in the terms of the Camunda 8 API: one broker with one partition"""
    settings: Settings = current_app.extensions["lendloom-settings"]
    partition = {"partitionId": 1, "role": "leader", "health": "healthy", "state": "active"}
    broker = {
        "nodeId": 0,
        "brokerId": "0",
        "host": request.host.rpartition(":")[0] or request.host,
        "port": settings.port,
        "partitions": [partition],
        "version": release(),
    }
    return answer(
        {
            "brokers": [broker],
            "clusterId": "lendloom",
            "clusterSize": 1,
            "partitionsCount": 1,
            "replicationFactor": 1,
            "gatewayVersion": release(),
            "lastCompletedChangeId": "0",
        }
    )


@cluster.route("/license", methods=["GET"])
@permission("cluster", "read")
@cluster.response(200, License)
def get_license() -> Response:
    """The license: Lendloom is free software"""
    return answer({"validLicense": True, "licenseType": "Apache-2.0", "isCommercial": False, "expiresAt": None})


@cluster.route("/authentication/me", methods=["GET"])
@signed_in
@cluster.response(200, Me)
def get_authentication() -> Response:
    """Who is asking, and what they belong to"""
    me = principal()
    account = get_user(me.name) if me.kind is PrincipalKind.USER else None
    return answer(
        {
            "username": me.name,
            "displayName": account.name if account else me.name,
            "email": account.email if account else None,
            "authorizedComponents": [],
            "tenants": [{"name": "Default", "tenantId": TENANT, "description": None}],
            "groups": me.groups,
            "roles": me.roles,
            "permissions": sorted(
                f"{resource}:{action}" for resource, action in PERMISSIONS if me.may(resource, action)
            ),
            "salesPlanType": None,
            "c8Links": {},
            "canLogout": True,
        }
    )
