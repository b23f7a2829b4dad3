"""What operators look at: health, metrics, and answers that do not wait for ever."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import httpx
import pytest
from flask import Flask

from api.app import create_app
from api.waiting import register_waiting
from server.settings import Settings


def test_a_healthy_installation_says_so(address: str) -> None:
    assert httpx.get(f"{address}/health/live").json() == {"status": "UP"}
    ready = httpx.get(f"{address}/health/ready")
    assert ready.status_code == 200
    assert ready.json()["checks"] == {"database": "UP", "migrations": "UP"}


def test_without_its_database_a_process_lives_but_is_not_ready(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LENDLOOM_HANDLERS", "")
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    http = create_app(replace(settings, database_url=nowhere)).test_client()
    assert http.get("/health/live").status_code == 200
    assert http.get("/health/ready").status_code == 503
    form = {"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}
    refused = http.post("/oauth/token", data=form)
    assert refused.status_code == 503
    assert refused.content_type == "application/problem+json"
    assert "Retry-After" in refused.headers


def test_metrics_count_requests_by_route_and_what_waits(administrator: httpx.Client) -> None:
    administrator.get("/v2/process-instances/1")
    administrator.get("/v2/process-instances/2")
    text = administrator.get("/metrics").text
    wanted = 'lendloom_http_requests_total{method="GET",route="/v2/process-instances/<key:key>",status="404"}'
    (line,) = [line for line in text.splitlines() if line.startswith(wanted)]
    assert float(line.rpartition(" ")[2]) >= 2
    assert "lendloom_user_tasks_open" in text
    assert "lendloom_timers_late" in text


def test_waiting_for_a_job_is_bounded_in_time(administrator: httpx.Client) -> None:
    asked = {"type": "nothing", "timeout": 1000, "maxJobsToActivate": 1, "requestTimeout": 300}
    started = time.monotonic()
    assert administrator.post("/v2/jobs/activation", json=asked).json() == {"jobs": []}
    assert 0.25 < time.monotonic() - started < 5


def test_those_who_wait_leave_room_for_the_others(api: Flask, address: str, administrator: httpx.Client) -> None:
    register_waiting(api, threads=2)
    asked = {"type": "nothing", "timeout": 1000, "maxJobsToActivate": 1, "requestTimeout": 4000}
    headers = dict(administrator.headers)
    waiter = threading.Thread(
        target=lambda: httpx.post(f"{address}/v2/jobs/activation", json=asked, headers=headers, timeout=10)
    )
    waiter.start()
    time.sleep(0.5)
    answered = administrator.post("/v2/jobs/activation", json=asked)
    assert answered.json() == {"jobs": []}
    assert waiter.is_alive(), "answered at once, while the other still waits"
    waiter.join()
