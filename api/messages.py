"""Messages: published into a buffer, or correlated at once; and signals, which everybody who waits receives."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response

from server.runtime import messages as runtime
from server.runtime import signals

from .authorization import permission, principal
from .exact_json import answer
from .fields import TENANT, Key, Tenant, Text, Variables, Whole, always, document
from .problems import bad_request
from .resource import Resource

messages = Resource("Message", description="Messages and signals to process instances.")

LONGEST_TIME_TO_LIVE = 400 * 24 * 3600 * 1000

_SENT: dict[str, Any] = {
    "name": Text(required=True, shortest=1, longest=1000),
    "correlationKey": Text(longest=1000),
    "variables": Variables(),
    "tenantId": Tenant(),
    "businessId": Text(longest=256),
}
Publication = document(
    "MessagePublication",
    {
        **_SENT,
        "timeToLive": Whole(high=LONGEST_TIME_TO_LIVE, metadata={"description": "Milliseconds to wait for a receiver"}),
        "messageId": Text(longest=1000, metadata={"description": "Publishing it twice is a 409"}),
    },
)
Published = document("PublishedMessage", always({"tenantId": Text(), "messageKey": Key()}))
Correlation = document("MessageCorrelation", _SENT)
Correlated = document(
    "CorrelatedMessage", always({"tenantId": Text(), "messageKey": Key(), "processInstanceKey": Key()})
)
Broadcasting = document(
    "SignalBroadcast",
    {
        "signalName": Text(required=True, shortest=1, longest=1000),
        "variables": Variables(),
        "tenantId": Tenant(),
    },
)
Broadcasted = document("BroadcastSignal", always({"tenantId": Text(), "signalKey": Key()}))


@messages.route("/messages/publication", methods=["POST"])
@permission("message", "publish")
@messages.arguments(Publication)
@messages.response(200, Published)
def publish_message(body: dict[str, Any]) -> Response:
    """Publish a message: to whoever waits, and to whoever begins to wait within its time to live"""
    _refuse_business_id(body)
    published = runtime.publish(
        name=body["name"],
        correlation_key=body.get("correlationKey", ""),
        time_to_live=dt.timedelta(milliseconds=body.get("timeToLive", 0)),
        message_id=body.get("messageId"),
        variables=body.get("variables"),
        actor=principal().name,
    )
    return answer({"tenantId": TENANT, "messageKey": str(published.key)})


@messages.route("/messages/correlation", methods=["POST"])
@permission("message", "publish")
@messages.arguments(Correlation)
@messages.response(200, Correlated)
def correlate_message(body: dict[str, Any]) -> Response:
    """Give a message to whoever waits for it now; a 404 where nobody does"""
    _refuse_business_id(body)
    received = runtime.correlate(
        name=body["name"],
        correlation_key=body.get("correlationKey", ""),
        variables=body.get("variables"),
        actor=principal().name,
    )
    return answer(
        {
            "tenantId": TENANT,
            "messageKey": str(received.key),
            "processInstanceKey": str(received.instance_key),
        }
    )


@messages.route("/signals/broadcast", methods=["POST"])
@permission("signal", "broadcast")
@messages.arguments(Broadcasting)
@messages.response(200, Broadcasted)
def broadcast_signal(body: dict[str, Any]) -> Response:
    """Broadcast a signal to everything that waits for it"""
    thrown = signals.broadcast(name=body["signalName"], variables=body.get("variables"), actor=principal().name)
    return answer({"tenantId": TENANT, "signalKey": str(thrown.key)})


def _refuse_business_id(body: dict[str, Any]) -> None:
    if "businessId" in body:
        raise bad_request(
            "message-business-id",
            "消息按名称和关联键送达，不支持按 businessId 限定；请去掉该字段。",
            "A message is received by name and correlation key, not by businessId; leave that field out.",
        )
