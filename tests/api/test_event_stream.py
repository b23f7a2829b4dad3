"""The event stream: what happens is told at once, to those who may know of it and to nobody else."""

from __future__ import annotations

import json
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask

from api.event_stream import GONE_SECONDS, HEARTBEAT_SECONDS, register_streams
from server.runtime.live import QUIET_SECONDS

Person = Callable[[str], httpx.Client]


@pytest.fixture(scope="module", autouse=True)
def _deployed(administrator: httpx.Client, content: Path) -> None:
    names = ("small-loan.bpmn", "straight-through.bpmn", "risk.dmn", "review.form")
    files = [("resources", (name, (content / name).read_bytes())) for name in names]
    assert administrator.post("/v2/deployments", files=files).status_code == 200


class Following:
    """The events of one stream, as they come."""

    def __init__(self) -> None:
        self.events: queue.Queue[dict[str, Any]] = queue.Queue()
        self.last_id: str | None = None

    def read(self, lines: Iterator[str]) -> None:
        event_id: str | None = None
        for line in lines:
            name, _, value = line.partition(": ")
            if name == "id":
                event_id = value
            elif name == "data":
                self.last_id, event_id = event_id or self.last_id, None
                self.events.put(json.loads(value))

    def until(self, topic: str, event: str, seconds: float = 10.0, **keys: str) -> dict[str, Any]:
        """The next event of that kind."""
        deadline = time.monotonic() + seconds
        while True:
            seen = self.events.get(timeout=max(0.01, deadline - time.monotonic()))
            if seen["topic"] == topic and seen["event"] == event and all(seen[k] == v for k, v in keys.items()):
                return seen

    def nothing(self, topic: str, seconds: float = 1.0) -> bool:
        """Whether nothing of the topic comes for so long."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if self.events.get(timeout=0.1)["topic"] == topic:
                    return False
            except queue.Empty:
                continue
        return True


@contextmanager
def following(http: httpx.Client, path: str = "/v2/event-stream", settle: bool = True) -> Iterator[Following]:
    """Follow the stream as somebody; by default from when all processes know that somebody listens."""
    seen = Following()
    with httpx.Client(base_url=http.base_url, headers=http.headers, timeout=30) as own:
        sent = own.send(own.build_request("GET", path), stream=True)
        assert sent.status_code == 200, sent.read()
        assert sent.headers["content-type"].startswith("text/event-stream")

        def read() -> None:
            try:
                seen.read(sent.iter_lines())
            except httpx.HTTPError:
                return  # closed below

        threading.Thread(target=read, daemon=True).start()
        if settle:
            time.sleep(QUIET_SECONDS + 0.7)
        try:
            yield seen
        finally:
            # Closing alone would leave the connection open for as long as the thread waits for the next line of it.
            sent.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)
            sent.close()


def start(administrator: httpx.Client) -> dict[str, str]:
    """A case that waits for the reviewers of group A: the keys of its instance and its task."""
    body = {"processDefinitionId": "small-loan", "variables": {"applicationId": "x", "amount": 1}}
    instance = administrator.post("/v2/process-instances", json=body).json()["processInstanceKey"]
    asked = {"type": "check-credit", "timeout": 60_000, "maxJobsToActivate": 1}
    (job,) = administrator.post("/v2/jobs/activation", json=asked).json()["jobs"]
    administrator.post(f"/v2/jobs/{job['jobKey']}/completion")
    wanted = {"filter": {"processInstanceKey": instance}}
    (task,) = administrator.post("/v2/user-tasks/search", json=wanted).json()["items"]
    return {"instance": instance, "task": task["userTaskKey"]}


def test_a_candidate_is_told_of_every_step_of_a_task(administrator: httpx.Client, person: Person) -> None:
    with following(person("zhang.wei"), "/v2/event-stream?topics=user-task") as seen:
        case = start(administrator)
        created = seen.until("user-task", "created", userTaskKey=case["task"])
        assert created["processInstanceKey"] == case["instance"]
        person("zhang.wei").post(f"/v2/user-tasks/{case['task']}/assignment", json={})
        assert seen.until("user-task", "assigned")["assignee"] == "zhang.wei"
        person("zhang.wei").delete(f"/v2/user-tasks/{case['task']}/assignee")
        assert seen.until("user-task", "unassigned")["assignee"] is None
        opinion = {"variables": {"opinion": "同意"}}
        assert person("zhang.wei").post(f"/v2/user-tasks/{case['task']}/completion", json=opinion).status_code == 204
        done = seen.until("user-task", "completed")
        assert (done["state"], done["completedBy"]) == ("COMPLETED", "zhang.wei")


def test_nobody_is_told_of_cases_that_are_not_theirs(administrator: httpx.Client, person: Person) -> None:
    with following(person("chen.jing")) as hers, following(administrator) as everything:
        case = start(administrator)
        everything.until("user-task", "created", userTaskKey=case["task"])
        everything.events.queue.clear()
        assert hers.nothing("user-task")
        assert hers.nothing("process-instance", 0.2)
        assert hers.nothing("job", 0.2)


def test_an_operator_is_told_of_instances_jobs_and_incidents(administrator: httpx.Client, person: Person) -> None:
    with following(person("liu.yang")) as seen:
        body = {"processDefinitionId": "small-loan", "variables": {"applicationId": "x", "amount": 1}}
        key = administrator.post("/v2/process-instances", json=body).json()["processInstanceKey"]
        assert seen.until("process-instance", "started", processInstanceKey=key)["state"] == "ACTIVE"
        assert "check-credit" in seen.until("job", "changed")["types"]
        asked = {"type": "check-credit", "timeout": 60_000, "maxJobsToActivate": 5}
        jobs = administrator.post("/v2/jobs/activation", json=asked).json()["jobs"]
        (job,) = [job for job in jobs if job["processInstanceKey"] == key]
        administrator.post(f"/v2/jobs/{job['jobKey']}/failure", json={"retries": 0, "errorMessage": "down"})
        incident = seen.until("incident", "created", processInstanceKey=key)
        administrator.post(f"/v2/incidents/{incident['incidentKey']}/resolution")
        seen.until("incident", "resolved", processInstanceKey=key)
        administrator.post(f"/v2/process-instances/{key}/cancellation")
        assert seen.until("process-instance", "ended", processInstanceKey=key)["state"] == "TERMINATED"


def test_a_deployment_is_told_to_those_who_read_definitions(
    administrator: httpx.Client, person: Person, content: Path
) -> None:
    with following(person("xu.li"), "/v2/event-stream?topics=deployment") as seen:
        changed = (content / "review.form").read_bytes() + b"\n"
        deployed = administrator.post("/v2/deployments", files=[("resources", ("review.form", changed))]).json()
        seen.until("deployment", "created", deploymentKey=deployed["deploymentKey"])


def test_who_comes_back_goes_on_where_they_were(administrator: httpx.Client) -> None:
    with following(administrator, "/v2/event-stream?topics=user-task") as stays:
        with following(administrator, "/v2/event-stream?topics=user-task") as first:
            case = start(administrator)
            first.until("user-task", "created", userTaskKey=case["task"])
            last_id = first.last_id
        missed = start(administrator)
        stays.until("user-task", "created", userTaskKey=missed["task"])
        path = f"/v2/event-stream?topics=user-task&lastEventId={last_id}"
        with following(administrator, path, settle=False) as again:
            assert again.events.get(timeout=5)["userTaskKey"] == missed["task"]
        with following(administrator, "/v2/event-stream?lastEventId=unknown", settle=False) as lost:
            assert lost.events.get(timeout=5)["topic"] == "resync"


def test_a_stream_ends_when_asked_and_its_topics_are_known(administrator: httpx.Client, address: str) -> None:
    ended = administrator.get("/v2/event-stream?seconds=0")
    assert ended.status_code == 200
    assert ended.text.startswith("retry: ")
    assert administrator.get("/v2/event-stream?topics=weather").status_code == 400
    assert httpx.get(f"{address}/v2/event-stream?seconds=0").status_code == 401


def test_a_session_cookie_opens_a_stream(address: str, demo: Any) -> None:
    with httpx.Client(base_url=address) as browser:
        browser.post("/v2/session", json={"username": "zhang.wei", "password": "zhang.wei-demo"})
        assert browser.get("/v2/event-stream?seconds=0").status_code == 200
        browser.delete("/v2/session")
        assert browser.get("/v2/event-stream?seconds=0").status_code == 401


def test_streams_leave_room_for_the_others_and_say_when_they_are_full(
    api: Flask, administrator: httpx.Client, person: Person
) -> None:
    register_streams(api, most=2)
    try:
        with following(person("sun.tao"), settle=False), following(person("wu.hao"), settle=False):
            refused = person("zhou.min").get("/v2/event-stream?seconds=0")
            assert refused.status_code == 503
            assert refused.json()["code"] == "event-stream.full"
            assert administrator.get("/v2/topology").status_code == 200
    finally:
        register_streams(api, most=64)


def test_a_closed_page_makes_room_at_once(api: Flask, person: Person) -> None:
    assert 3 * GONE_SECONDS < HEARTBEAT_SECONDS
    register_streams(api, most=2)
    page = person("sun.tao")
    try:
        for _ in range(4):
            with opened(page), opened(page):
                assert page.get("/v2/event-stream?seconds=0").status_code == 503
    finally:
        register_streams(api, most=64)


@contextmanager
def opened(page: httpx.Client) -> Iterator[None]:
    """A stream of the page, as soon as those that were closed have made room for it."""
    deadline = time.monotonic() + 3 * GONE_SECONDS
    while True:
        with page.stream("GET", "/v2/event-stream") as stream:
            if stream.status_code == 200:
                yield
                return
        assert time.monotonic() < deadline, "nobody reads the streams before this one any more"
        time.sleep(0.1)


def test_an_ended_stream_has_made_room_before_its_end_is_known(api: Flask, person: Person) -> None:
    register_streams(api, most=2)
    page = person("zhou.min")
    try:
        with opened(page):
            assert {page.get("/v2/event-stream?seconds=0").status_code for _ in range(50)} == {200}
    finally:
        register_streams(api, most=64)


def test_a_stream_ends_with_the_process(api: Flask, administrator: httpx.Client) -> None:
    stopping = threading.Event()
    api.extensions["lendloom-streams"].end_when(stopping.is_set)
    with httpx.Client(base_url=administrator.base_url, headers=administrator.headers, timeout=10) as own:
        threading.Timer(0.5, stopping.set).start()
        assert "retry: " in own.get("/v2/event-stream").text
    api.extensions["lendloom-streams"].end_when(lambda: False)
