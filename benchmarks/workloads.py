"""The four workloads: straight-through (W1), a loan approval (W2), a worklist page (W3), timers due at once (W4)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from .http import Client

APPLICATION: dict[str, Any] = {
    "applicationId": "A-2026-000001",
    "customerName": "王小明",
    "idNumber": "11010519491231002X",
    "phone": "13800138000",
    "age": 34,
    "city": "上海市",
    "employer": "东方纺织有限公司",
    "occupation": "工程师",
    "employmentYears": 6,
    "monthlyIncome": 18000,
    "monthlyDebt": 2500,
    "amount": 80000,
    "termMonths": 24,
    "purpose": "装修",
    "productId": "consumer-loan",
    "channel": "app",
    "score": 612,
    "fraudLevel": "clear",
    "bankAccount": "6222020200112233445",
    "consentId": "C-778812",
}
"""A loan application of twenty fields."""

Timings = dict[str, list[float]]
Operation = Callable[[Client, Timings], None]


def timed(timings: Timings, name: str, call: Callable[[], Any]) -> Any:
    """Run ``call`` and note its seconds under ``name``."""
    began = time.perf_counter()
    result = call()
    timings.setdefault(name, []).append(time.perf_counter() - began)
    return result


def straight_through(client: Client, timings: Timings) -> None:
    """W1: start, script, gateway, ten-rule decision, script, end."""
    body = {"processDefinitionId": "bench-w1", "variables": APPLICATION}
    timed(timings, "start", lambda: client.call("POST", "/v2/process-instances", body))


def loan_approval(client: Client, timings: Timings) -> None:
    """W2: start; twice search the open task and complete it; the second completion runs to the end."""
    body = {"processDefinitionId": "bench-w2", "variables": APPLICATION}
    started = timed(timings, "start", lambda: client.call("POST", "/v2/process-instances", body))
    key = started["processInstanceKey"]
    search = {"filter": {"processInstanceKey": key, "state": "CREATED"}}
    for _ in range(2):
        found = timed(timings, "search", lambda: client.call("POST", "/v2/user-tasks/search", search))
        task = found["items"][0]["userTaskKey"]
        timed(
            timings,
            "complete",
            lambda task=task: client.call(
                "POST", f"/v2/user-tasks/{task}/completion", {"variables": {"decision": "approve"}}
            ),
        )


def start_approval(client: Client, timings: Timings) -> None:
    """Start an approval and leave it waiting."""
    body = {"processDefinitionId": "bench-w2", "variables": APPLICATION}
    timed(timings, "start", lambda: client.call("POST", "/v2/process-instances", body))


def page_and_claim(client: Client, timings: Timings) -> None:
    """W3: a page of fifty open, unassigned tasks, oldest first, then a claim of one of them."""
    search = {
        "filter": {"state": "CREATED", "assignee": {"$exists": False}},
        "sort": [{"field": "creationDate", "order": "ASC"}],
        "page": {"limit": 50},
    }
    page = timed(timings, "page", lambda: client.call("POST", "/v2/user-tasks/search", search))
    task = page["items"][len(timings["page"]) % 40]["userTaskKey"]
    claim = {"assignee": "bench", "allowOverride": True}
    timed(timings, "claim", lambda: client.call("POST", f"/v2/user-tasks/{task}/assignment", claim))


def start_timer(due: str) -> Operation:
    """Start an instance that waits for a timer due at ``due``."""

    def start(client: Client, timings: Timings) -> None:
        body = {"processDefinitionId": "bench-w4", "variables": {"due": due}}
        timed(timings, "start", lambda: client.call("POST", "/v2/process-instances", body))

    return start
