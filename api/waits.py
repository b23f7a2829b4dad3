"""What instances wait for beside people and workers: timers, messages; and messages that wait for a receiver."""

from __future__ import annotations

from typing import Any

from flask import Response

from server.identity.visibility import seen_of_instances
from server.runtime.instant import NOW

from .authorization import permission, principal
from .fields import TENANT, Flag, Instant, Key, Listed, Text, Variables, Whole, always, document, maybe
from .resource import Resource
from .search import Source, by_flag, by_instant, by_key, by_text, by_whole, by_word, find, page_of, search_request

waits = Resource("Wait", description="Timers and messages that instances wait for, and messages that nobody has taken.")

TIMERS = Source(
    kind=("定时器", "timer"),
    rows="timer t JOIN process_definition d ON d.key = t.process_definition_key"
    " LEFT JOIN process_instance p ON p.key = t.instance_key",
    columns="t.*, d.process_id, p.business_id",
    key="t.key",
    fields={
        "elementInstanceKey": "key t.key",
        "processInstanceKey": "key? t.instance_key",
        "rootProcessInstanceKey": "key? t.root_key",
        "processDefinitionKey": "key t.process_definition_key",
        "processDefinitionId": "text d.process_id",
        "elementId": "text t.element_id",
        "businessId": "text? p.business_id",
        "dueDate": "instant t.due_at",
        "isOverdue": f"flag t.due_at < {NOW}",
        "isStartEvent": "flag t.instance_key IS NULL",
        "suspended": "flag t.suspended",
        "attempts": "whole t.attempts",
    },
)
TimerResult = document(
    "Timer",
    always(
        {
            "elementInstanceKey": Key(metadata={"description": "Of the element that waits; of a start event, its own"}),
            "processInstanceKey": maybe(Key()),
            "rootProcessInstanceKey": maybe(Key()),
            "processDefinitionKey": Key(),
            "processDefinitionId": Text(),
            "elementId": Text(),
            "dueDate": Instant(),
            "cycle": maybe(Text()),
            "repetitionsLeft": maybe(Whole()),
            "attempts": Whole(metadata={"description": "How often a clock has begun to fire it"}),
            "suspended": Flag(),
            "tenantId": Text(),
        }
    ),
)
TimerSearch = search_request(
    "Timer",
    {
        "elementInstanceKey": by_key(),
        "processInstanceKey": by_key(),
        "rootProcessInstanceKey": by_key(),
        "processDefinitionKey": by_key(),
        "processDefinitionId": by_text(),
        "elementId": by_text(),
        "businessId": by_text(),
        "dueDate": by_instant(),
        "isOverdue": by_flag(),
        "isStartEvent": by_flag(),
        "suspended": by_flag(),
        "attempts": by_whole(),
    },
    ("dueDate", "processDefinitionId", "elementId", "attempts"),
)
MESSAGES = Source(
    kind=("消息", "message"),
    rows="message m",
    columns="m.*",
    key="m.key",
    fields={
        "messageKey": "key m.key",
        "name": "text m.name",
        "correlationKey": "text m.correlation_key",
        "messageId": "text? m.message_id",
        "publicationDate": "instant m.published_at",
        "expirationDate": "instant m.expires_at",
        "isExpired": f"flag m.expires_at <= {NOW}",
        "isCorrelated": "flag m.correlated_process_ids <> '{}'",
    },
)
MessageResult = document(
    "BufferedMessage",
    always(
        {
            "messageKey": Key(),
            "name": Text(),
            "correlationKey": Text(),
            "messageId": maybe(Text()),
            "publicationDate": Instant(),
            "expirationDate": Instant(),
            "correlatedProcessDefinitionIds": Listed(Text(), metadata={"description": "Who has received it already"}),
            "variables": Variables(),
            "tenantId": Text(),
        }
    ),
)
MessageSearch = search_request(
    "BufferedMessage",
    {
        "messageKey": by_key(),
        "name": by_text(),
        "correlationKey": by_text(),
        "messageId": by_text(),
        "publicationDate": by_instant(),
        "expirationDate": by_instant(),
        "isExpired": by_flag(),
        "isCorrelated": by_flag(),
    },
    ("publicationDate", "expirationDate", "name", "correlationKey"),
)
SUBSCRIPTIONS = Source(
    kind=("消息订阅", "message subscription"),
    rows="(SELECT * FROM event_subscription WHERE kind = 'message') s"
    " JOIN process_definition d ON d.key = s.process_definition_key"
    " LEFT JOIN process_instance p ON p.key = s.instance_key",
    columns="s.*, d.process_id, d.name AS process_name, d.version, p.business_id",
    key="s.key",
    fields={
        "messageSubscriptionKey": "key s.key",
        "processDefinitionKey": "key s.process_definition_key",
        "processDefinitionId": "text d.process_id",
        "processDefinitionName": "text? d.name",
        "processDefinitionVersion": "whole d.version",
        "processInstanceKey": "key? s.instance_key",
        "elementId": "text s.element_id",
        "elementInstanceKey": "key s.key",
        "messageSubscriptionState": "text 'CREATED'",
        "messageSubscriptionType": "text CASE WHEN s.instance_key IS NULL THEN 'START_EVENT' ELSE 'PROCESS_EVENT' END",
        "lastUpdatedDate": "instant s.created_at",
        "messageName": "text s.name",
        "correlationKey": "text? s.correlation_key",
        "businessId": "text? p.business_id",
        "tenantId": "text '<default>'",
    },
)
SubscriptionResult = document(
    "MessageSubscription",
    always(
        {
            "messageSubscriptionKey": Key(),
            "processDefinitionId": Text(),
            "processDefinitionName": maybe(Text()),
            "processDefinitionVersion": Whole(),
            "processDefinitionKey": Key(),
            "processInstanceKey": maybe(Key()),
            "rootProcessInstanceKey": maybe(Key()),
            "elementId": Text(),
            "elementInstanceKey": maybe(Key()),
            "messageSubscriptionState": Text(),
            "messageSubscriptionType": Text(),
            "lastUpdatedDate": Instant(),
            "messageName": Text(),
            "correlationKey": maybe(Text()),
            "businessId": maybe(Text()),
            "toolProperties": Variables(),
            "toolName": maybe(Text()),
            "inboundConnectorType": maybe(Text()),
            "tenantId": Text(),
        }
    ),
)
SubscriptionSearch = search_request(
    "MessageSubscription",
    {
        "messageSubscriptionKey": by_key(),
        "processDefinitionKey": by_key(),
        "processDefinitionId": by_text(),
        "processDefinitionName": by_text(),
        "processDefinitionVersion": by_whole(),
        "processInstanceKey": by_key(),
        "elementId": by_text(),
        "elementInstanceKey": by_key(),
        "messageSubscriptionState": by_word("CORRELATED", "CREATED", "DELETED", "MIGRATED"),
        "messageSubscriptionType": by_word("PROCESS_EVENT", "START_EVENT"),
        "lastUpdatedDate": by_instant(),
        "messageName": by_text(),
        "correlationKey": by_text(),
        "businessId": by_text(),
        "tenantId": by_text(),
    },
    (
        "messageSubscriptionKey",
        "processDefinitionId",
        "processInstanceKey",
        "elementId",
        "elementInstanceKey",
        "messageSubscriptionState",
        "lastUpdatedDate",
        "messageName",
        "correlationKey",
        "tenantId",
    ),
)


@waits.route("/timers/search", methods=["POST"])
@permission("timer", "read")
@waits.arguments(TimerSearch, required=False)
@waits.response(200, page_of("Timer", TimerResult))
def search_timers(body: dict[str, Any]) -> Response:
    """Find timers that are set"""
    return find(TIMERS, body, timer_document, seen_of_instances(principal(), "timer", "t.instance_key"))


@waits.route("/messages/search", methods=["POST"])
@permission("message", "read")
@waits.arguments(MessageSearch, required=False)
@waits.response(200, page_of("BufferedMessage", MessageResult))
def search_messages(body: dict[str, Any]) -> Response:
    """Find messages that are buffered"""
    return find(MESSAGES, body, message_document)


@waits.route("/message-subscriptions/search", methods=["POST"])
@permission("message", "read")
@waits.arguments(SubscriptionSearch, required=False)
@waits.response(200, page_of("MessageSubscription", SubscriptionResult))
def search_message_subscriptions(body: dict[str, Any]) -> Response:
    """Find what waits for a message"""
    return find(SUBSCRIPTIONS, body, subscription_document)


def timer_document(row: Any) -> dict[str, Any]:
    """A timer as the API shows one."""
    return {
        "elementInstanceKey": str(row.key),
        "processInstanceKey": _key(row.instance_key),
        "rootProcessInstanceKey": _key(row.root_key),
        "processDefinitionKey": str(row.process_definition_key),
        "processDefinitionId": row.process_id,
        "elementId": row.element_id,
        "dueDate": row.due_at,
        "cycle": row.cycle,
        "repetitionsLeft": row.remaining,
        "attempts": row.attempts,
        "suspended": row.suspended is True,
        "tenantId": TENANT,
    }


def message_document(row: Any) -> dict[str, Any]:
    """A buffered message as the API shows one."""
    return {
        "messageKey": str(row.key),
        "name": row.name,
        "correlationKey": row.correlation_key,
        "messageId": row.message_id,
        "publicationDate": row.published_at,
        "expirationDate": row.expires_at,
        "correlatedProcessDefinitionIds": row.correlated_process_ids,
        "variables": row.variables,
        "tenantId": TENANT,
    }


def subscription_document(row: Any) -> dict[str, Any]:
    """A message subscription as the API shows one."""
    is_start = row.instance_key is None
    return {
        "messageSubscriptionKey": str(row.key),
        "processDefinitionId": row.process_id,
        "processDefinitionName": row.process_name,
        "processDefinitionVersion": row.version,
        "processDefinitionKey": str(row.process_definition_key),
        "processInstanceKey": _key(row.instance_key),
        "rootProcessInstanceKey": _key(row.root_key),
        "elementId": row.element_id,
        "elementInstanceKey": None if is_start else str(row.key),
        "messageSubscriptionState": "CREATED",
        "messageSubscriptionType": "START_EVENT" if is_start else "PROCESS_EVENT",
        "lastUpdatedDate": row.created_at,
        "messageName": row.name,
        "correlationKey": row.correlation_key,
        "businessId": row.business_id,
        "toolProperties": {},
        "toolName": None,
        "inboundConnectorType": None,
        "tenantId": TENANT,
    }


def _key(value: int | None) -> str | None:
    return None if value is None else str(value)
