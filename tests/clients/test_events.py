"""Messages, signals and the clock."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from camunda_orchestration_sdk import CamundaClient
from camunda_orchestration_sdk.errors import ApiError, NotFoundError
from camunda_orchestration_sdk.models import (
    ClockPinRequest,
    MessageCorrelationRequest,
    MessagePublicationRequest,
    SignalBroadcastRequest,
    VariableSearchQuery,
)

from . import content
from .typed import typed

PATIENCE_SECONDS = 20.0


def _await_state(client: CamundaClient, key: Any, state: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while client.get_process_instance(key).state != state:
        assert time.monotonic() < deadline, f"instance {key} did not become {state}"
        time.sleep(0.1)


def _received(client: CamundaClient, key: Any) -> list[str]:
    query = {"filter": {"processInstanceKey": key, "name": "received"}}
    return [item.value for item in client.search_variables(data=VariableSearchQuery.from_dict(query)).items]


def test_a_published_message_reaches_who_waits_and_who_will_wait(
    client: CamundaClient, start: Callable[..., Any]
) -> None:
    first, second = uuid.uuid4().hex, uuid.uuid4().hex

    def publish(loan: str, amount: int, **more: Any) -> Any:
        body = {
            "name": "client-paid",
            "correlationKey": loan,
            "timeToLive": 60_000,
            "variables": {"amount": amount},
            **more,
        }
        return typed(client.publish_message(data=MessagePublicationRequest.from_dict(body)))

    waiting = start(content.PAYMENT, loanId=first).process_instance_key
    assert publish(first, 100).message_key
    publish(second, 200, messageId="m-1")
    with pytest.raises(ApiError, match="m-1") as refused:
        publish(second, 200, messageId="m-1")
    assert refused.value.status_code == 409
    late = start(content.PAYMENT, loanId=second).process_instance_key

    _await_state(client, waiting, "COMPLETED")
    _await_state(client, late, "COMPLETED")
    assert _received(client, waiting) == ["100"]
    assert _received(client, late) == ["200"]


def test_a_correlated_message_answers_whom_it_reached(client: CamundaClient, start: Callable[..., Any]) -> None:
    loan = uuid.uuid4().hex
    key = start(content.PAYMENT, loanId=loan).process_instance_key
    body = {"name": "client-paid", "correlationKey": loan, "variables": {"amount": 300}}

    answer = typed(client.correlate_message(data=MessageCorrelationRequest.from_dict(body)))

    assert answer.process_instance_key == key
    assert _received(client, key) == ["300"]
    with pytest.raises(NotFoundError):
        client.correlate_message(data=MessageCorrelationRequest.from_dict(body))


def test_a_signal_reaches_everybody_who_waits(client: CamundaClient, start: Callable[..., Any]) -> None:
    keys = [start(content.CAMPAIGN).process_instance_key for _ in range(3)]

    answer = typed(
        client.broadcast_signal(
            data=SignalBroadcastRequest.from_dict({"signalName": "client-rates", "variables": {"rate": 0.036}})
        )
    )

    assert answer.signal_key
    for key in keys:
        _await_state(client, key, "COMPLETED")


@pytest.fixture
def clock(client: CamundaClient) -> Iterator[CamundaClient]:
    yield client
    client.reset_clock()


def test_the_clock_is_moved_over_a_month(clock: CamundaClient, start: Callable[..., Any]) -> None:
    key = start(content.DUNNING).process_instance_key
    then = dt.datetime.now(dt.UTC) + dt.timedelta(days=31)

    clock.pin_clock(data=ClockPinRequest(timestamp=int(then.timestamp() * 1000)))

    _await_state(clock, key, "COMPLETED")
    ended = typed(clock.get_process_instance(key)).end_date
    assert ended is not None
    assert abs(ended - then) < dt.timedelta(seconds=1)
