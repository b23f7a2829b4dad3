"""The message service: text messages and notices to customers and staff, kept for tests to read.

``POST /messages`` with ``{to, template, parameters}`` answers 202 ``{messageId}``; with an
``Idempotency-Key`` a repeated request gets the first id and is sent once. Phones that end in 990001 are
refused with 422 ``RECIPIENT_UNREACHABLE``. ``GET /messages`` lists what was sent, newest last, narrowed by
``to`` and ``template``; ``DELETE /messages`` empties the list.
"""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, field

from flask import Blueprint, Response, jsonify, request

from simulators.behaviour import Behaviour, after, before
from simulators.problems import RequestRefusedError, json_body, text_field

UNREACHABLE_SUFFIX = "990001"


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message that went out."""

    message_id: str
    to: str
    template: str
    parameters: dict[str, object]


@dataclass(slots=True)
class Outgoing:
    """All messages of this run, once for each idempotency key."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    sent: list[SentMessage] = field(default_factory=list)
    by_key: dict[str, SentMessage] = field(default_factory=dict)

    def send(self, key: str, to: str, template: str, parameters: dict[str, object]) -> SentMessage:
        """Sends a message, or finds the one sent under this key before; an empty key is no key."""
        with self.lock:
            if key and key in self.by_key:
                return self.by_key[key]
            message = SentMessage(str(uuid.uuid4()), to, template, parameters)
            self.sent.append(message)
            if key:
                self.by_key[key] = message
            return message

    def listed(self, to: str | None, template: str | None) -> list[SentMessage]:
        """The messages to a recipient and of a template, or all."""
        with self.lock:
            return [
                message for message in self.sent if to in (None, message.to) and template in (None, message.template)
            ]

    def clear(self) -> None:
        """Forgets everything that was sent."""
        with self.lock:
            self.sent.clear()
            self.by_key.clear()


def messages_blueprint(behaviour: Behaviour) -> Blueprint:
    """The resource ``/messages``."""
    blueprint = Blueprint("messages", __name__)
    outgoing = Outgoing()

    @blueprint.post("/messages")
    def send() -> Response:
        body = json_body()
        to, template = text_field(body, "to"), text_field(body, "template")
        parameters = body.get("parameters", {})
        if not isinstance(parameters, dict):
            raise RequestRefusedError(400, "INVALID_BODY", "parameters is an object.", field="parameters")
        rule = behaviour.take("messages", to)
        before(rule)
        if to.endswith(UNREACHABLE_SUFFIX):
            raise RequestRefusedError(422, "RECIPIENT_UNREACHABLE", f"No message reaches {to}.")
        message = outgoing.send(request.headers.get("Idempotency-Key", ""), to, template, parameters)
        after(rule)
        response = jsonify({"messageId": message.message_id})
        response.status_code = 202
        return response

    @blueprint.get("/messages")
    def listed() -> Response:
        messages = outgoing.listed(request.args.get("to"), request.args.get("template"))
        return jsonify(
            {
                "items": [
                    {
                        "messageId": message.message_id,
                        "to": message.to,
                        "template": message.template,
                        "parameters": message.parameters,
                    }
                    for message in messages
                ]
            }
        )

    @blueprint.delete("/messages")
    def clear() -> Response:
        outgoing.clear()
        return Response(status=204)

    return blueprint
