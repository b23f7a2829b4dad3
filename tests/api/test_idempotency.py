"""A request that is repeated under the same Idempotency-Key is carried out once and answered the same."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from server.runtime import instances

START = {
    "processDefinitionId": "small-loan",
    "variables": {"applicationId": "a", "amount": 1},
    "businessId": "",
}


@pytest.fixture(scope="module", autouse=True)
def _deployed(administrator: httpx.Client, content: Path) -> None:
    names = ("small-loan.bpmn", "straight-through.bpmn", "risk.dmn", "review.form")
    files = [("resources", (name, (content / name).read_bytes())) for name in names]
    assert administrator.post("/v2/deployments", files=files).status_code == 200


def case(business_id: str) -> dict[str, object]:
    return {**START, "businessId": business_id}


def count(http: httpx.Client, business_id: str) -> int:
    body = {"filter": {"businessId": business_id}}
    total: int = http.post("/v2/process-instances/search", json=body).json()["page"]["totalItems"]
    return total


def post(http: httpx.Client, body: object, key: str, path: str = "/v2/process-instances") -> httpx.Response:
    return http.post(path, json=body, headers={"Idempotency-Key": key})


def fresh() -> str:
    return uuid.uuid4().hex


def test_a_repetition_gets_the_first_answer(administrator: httpx.Client) -> None:
    key, name = fresh(), fresh()
    first = post(administrator, case(name), key)
    second = post(administrator, case(name), key)
    assert first.status_code == second.status_code == 200
    assert second.content == first.content
    assert second.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert count(administrator, name) == 1


def test_the_same_key_with_another_body_is_refused(administrator: httpx.Client) -> None:
    key, name = fresh(), fresh()
    post(administrator, case(name), key)
    refused = post(administrator, case(fresh()), key)
    assert refused.status_code == 422
    assert refused.json()["code"] == "idempotency.reused"
    assert count(administrator, name) == 1


def test_the_same_key_for_another_path_is_refused(administrator: httpx.Client) -> None:
    key = fresh()
    post(administrator, {"signalName": "x"}, key, "/v2/signals/broadcast")
    assert post(administrator, {"signalName": "x"}, key, "/v2/messages/publication").status_code in (400, 422)


def test_keys_belong_to_whoever_sent_them(administrator: httpx.Client, person: Callable[[str], httpx.Client]) -> None:
    key = fresh()
    mine = post(administrator, case(fresh()), key)
    theirs = post(person("ma.chao"), case(fresh()), key)
    assert mine.json()["processInstanceKey"] != theirs.json()["processInstanceKey"]


def test_a_refused_command_leaves_the_key_unused(administrator: httpx.Client) -> None:
    key = fresh()
    unknown = {"processDefinitionId": "no-such-process"}
    assert post(administrator, unknown, key).status_code == 404
    assert post(administrator, unknown, key).status_code == 404
    assert post(administrator, case(fresh()), key).status_code == 200


def test_requests_at_the_same_moment_are_carried_out_once(address: str, administrator: httpx.Client) -> None:
    key, name = fresh(), fresh()
    answers: list[httpx.Response] = []
    headers = dict(administrator.headers)
    together = threading.Barrier(8)

    def send() -> None:
        with httpx.Client(base_url=address, headers=headers, timeout=30) as http:
            together.wait()
            answers.append(post(http, case(name), key))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert count(administrator, name) == 1


def test_a_crash_before_the_commit_leaves_neither_command_nor_key(
    administrator: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, name = fresh(), fresh()
    real_start = instances.start

    def start_and_die(**arguments: object) -> object:
        real_start(**arguments)  # type: ignore[arg-type]
        raise SystemError("killed")

    monkeypatch.setattr(instances, "start", start_and_die)
    assert post(administrator, case(name), key).status_code == 500
    assert count(administrator, name) == 0
    monkeypatch.undo()
    assert post(administrator, case(name), key).status_code == 200
    assert count(administrator, name) == 1


def test_an_awaited_instance_is_started_once_and_its_end_answered_again(administrator: httpx.Client) -> None:
    key, name = fresh(), fresh()
    body = {
        "processDefinitionId": "straight-through",
        "variables": {"principal": 1, "interest": 2},
        "businessId": name,
        "awaitCompletion": True,
    }
    first = post(administrator, body, key)
    assert first.json()["variables"]["total"] == 3
    assert post(administrator, body, key).content == first.content
    assert count(administrator, name) == 1


def test_after_a_crash_while_awaiting_the_repetition_goes_on_with_the_same_instance(
    administrator: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, name = fresh(), fresh()
    body = {
        "processDefinitionId": "straight-through",
        "variables": {"principal": 1, "interest": 2},
        "businessId": name,
        "awaitCompletion": True,
    }

    def die(*_: object, **__: object) -> None:
        raise SystemError("killed")

    monkeypatch.setattr(instances, "await_end", die)
    assert post(administrator, body, key).status_code == 500
    monkeypatch.undo()
    answered = post(administrator, body, key)
    assert answered.json()["variables"]["total"] == 3
    assert count(administrator, name) == 1


def test_a_deployment_is_repeated_although_its_boundaries_differ(administrator: httpx.Client, content: Path) -> None:
    key = fresh()
    headers = {"Idempotency-Key": key}
    files = {"resources": ("risk.dmn", (content / "risk.dmn").read_bytes())}
    first = administrator.post("/v2/deployments", files=files, headers=headers)
    second = administrator.post("/v2/deployments", files=files, headers=headers)
    assert first.json()["deploymentKey"] == second.json()["deploymentKey"]
    changed = {"resources": ("risk.dmn", (content / "risk.dmn").read_bytes() + b"\n")}
    assert administrator.post("/v2/deployments", files=changed, headers=headers).status_code == 422


def test_a_message_is_published_once(administrator: httpx.Client) -> None:
    key = fresh()
    body = {"name": "customer-confirmed", "correlationKey": "nobody", "timeToLive": 60_000}
    first = post(administrator, body, key, "/v2/messages/publication")
    second = post(administrator, body, key, "/v2/messages/publication")
    assert first.json()["messageKey"] == second.json()["messageKey"]


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_has_a_sensible_length(administrator: httpx.Client, key: str) -> None:
    assert post(administrator, case(fresh()), key).status_code == 400
