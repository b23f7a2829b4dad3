"""The message service's client: reminders and notices by template."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from server.lending.service_call import ServiceClient, ServiceName, decimal_text, unavailable

_SERVICE = ServiceName("notice", "消息服务", "message service")

Parameter = str | int | bool | Decimal | None


class NoticeClient(ServiceClient):
    """Talks to one message service.

    Raises the same two errors as the bureau's client.
    """

    name = _SERVICE

    def send(self, *, to: str, template: str, parameters: Mapping[str, Parameter], key: str) -> str:
        """Sends a notice, once for a ``key`` however often it is tried; the service's id of it.

        Amounts among the parameters travel as decimal text.
        """
        values = {
            name: decimal_text(value) if isinstance(value, Decimal) else value for name, value in parameters.items()
        }
        body = {"to": to, "template": template, "parameters": values}
        answer = self.post("/messages", body, {"Idempotency-Key": key})
        if not answer.get("messageId"):
            raise unavailable(_SERVICE, "the answer names no message")
        return str(answer["messageId"])
