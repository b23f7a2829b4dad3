"""Races over HTTP: many clients do the same, or opposite, things at once, and the result is that of some order."""

from __future__ import annotations

import random
import uuid
from typing import Any

import pytest

from tests.crash import processes
from tests.crash.waiting import stuck
from tests.installation import Answer, Caller, Installation

from .together import CLIENTS, Act, Together

ROUNDS = 20


@pytest.fixture
def caller(installation: Installation) -> Caller:
    return installation.caller()


@pytest.fixture(autouse=True)
def nobody_is_stuck(installation: Installation) -> Any:
    yield
    with installation.at_one_instant() as sql:
        assert stuck(sql) == []


def post(path: str, body: Any = None, key: str | None = None) -> Act:
    return lambda caller: caller.post(path, body, key=key)


def begun(caller: Caller, **more: Any) -> tuple[str, str]:
    """A new case: its instance key and its correlation key."""
    case_id = uuid.uuid4().hex
    body = {"processDefinitionId": processes.CASE, "variables": {"caseId": case_id, "reminders": 0}, **more}
    answer = caller.post("/process-instances", body)
    assert answer.ok, answer
    return answer.document["processInstanceKey"], case_id


def review_of(caller: Caller, instance: str) -> str:
    tasks = caller.find("/user-tasks", processInstanceKey=instance, state="CREATED")
    return str(tasks[0]["userTaskKey"])


def job_of(caller: Caller, instance: str, job_type: str) -> str:
    return str(caller.find("/jobs", processInstanceKey=instance, type=job_type)[0]["jobKey"])


def variables(caller: Caller, instance: str) -> dict[str, str]:
    return {item["name"]: item["value"] for item in caller.find("/variables", processInstanceKey=instance)}


def state(caller: Caller, instance: str) -> str:
    return str(caller.call("GET", f"/v2/process-instances/{instance}").document["state"])


def at_papers(caller: Caller) -> tuple[str, str]:
    """A case that has come to the wait for its message."""
    instance, case_id = begun(caller)
    assert caller.post(f"/user-tasks/{review_of(caller, instance)}/completion", {"variables": {"given": "r"}}).ok
    work = job_of(caller, instance, processes.WORK)
    assert caller.post(f"/jobs/{work}/completion", {"variables": {"given": "w"}}).ok
    called = caller.find("/process-instances", parentProcessInstanceKey=instance)[0]["processInstanceKey"]
    called_work = job_of(caller, called, processes.CALLED_WORK)
    assert caller.post(f"/jobs/{called_work}/completion", {"variables": {"given": "c"}}).ok
    return instance, case_id


def winners(answers: list[Answer]) -> list[int]:
    return [number for number, answer in enumerate(answers) if answer.ok]


def test_exactly_one_claim_wins(caller: Caller, together: Together) -> None:
    for _ in range(ROUNDS):
        task = review_of(caller, begun(caller)[0])

        answers = together(
            [
                post(f"/user-tasks/{task}/assignment", {"assignee": f"person-{n}", "allowOverride": False})
                for n in range(CLIENTS)
            ]
        )

        assert len(winners(answers)) == 1
        assert {answer.status for answer in answers} == {204, 409}
        assignee = caller.call("GET", f"/v2/user-tasks/{task}").document["assignee"]
        assert assignee == f"person-{winners(answers)[0]}"


def test_exactly_one_completion_of_a_task_counts(caller: Caller, together: Together) -> None:
    for _ in range(ROUNDS):
        instance, _ = begun(caller)
        task = review_of(caller, instance)

        answers = together(
            [post(f"/user-tasks/{task}/completion", {"variables": {"given": n}}) for n in range(CLIENTS)]
        )

        assert len(winners(answers)) == 1
        assert variables(caller, instance)["reviewed"] == str(winners(answers)[0])


def test_exactly_one_report_on_a_job_counts(caller: Caller, together: Together) -> None:
    for _ in range(ROUNDS):
        instance, _ = begun(caller)
        job = job_of(caller, instance, processes.WORK)

        answers = together([post(f"/jobs/{job}/completion", {"variables": {"given": n}}) for n in range(CLIENTS)])

        assert len(winners(answers)) == 1
        assert variables(caller, instance)["worked"] == str(winners(answers)[0])


def test_a_job_goes_to_one_worker(caller: Caller, together: Together) -> None:
    instances = {begun(caller)[0] for _ in range(ROUNDS)}
    request = {"type": processes.WORK, "timeout": 60_000, "maxJobsToActivate": 4, "requestTimeout": -1}

    handed_out: list[str] = []
    for _ in range(ROUNDS * 3):
        answers = together([post("/jobs/activation", request) for _ in range(CLIENTS)])
        batch = [job for answer in answers for job in answer.document["jobs"]]
        handed_out += [job["jobKey"] for job in batch if job["processInstanceKey"] in instances]
        if not batch:
            break

    assert len(handed_out) == len(set(handed_out)) == ROUNDS


def test_completion_and_cancellation_have_an_order(caller: Caller, together: Together) -> None:
    for round_ in range(ROUNDS):
        instance, _ = begun(caller)
        task, job = review_of(caller, instance), job_of(caller, instance, processes.WORK)
        acts = [
            post(f"/process-instances/{instance}/cancellation"),
            post(f"/user-tasks/{task}/completion", {"variables": {"given": "r"}}),
            post(f"/jobs/{job}/completion", {"variables": {"given": "w"}}),
            post(f"/process-instances/{instance}/cancellation"),
            post(f"/user-tasks/{task}/assignment", {"assignee": "li.na", "allowOverride": False}),
        ]
        order = random.Random(round_).sample(range(len(acts)), len(acts))

        shuffled = together([acts[n] for n in order])

        answers = dict(zip(order, shuffled, strict=True))
        assert [answers[0].ok, answers[3].ok].count(True) == 1
        assert state(caller, instance) == "TERMINATED"
        kept = variables(caller, instance)
        assert ("reviewed" in kept) is answers[1].ok
        assert ("worked" in kept) is answers[2].ok
        done = caller.call("GET", f"/v2/user-tasks/{task}").document
        assert done["state"] == ("COMPLETED" if answers[1].ok else "CANCELED")


def test_a_message_is_correlated_once(caller: Caller, together: Together) -> None:
    for _ in range(ROUNDS // 2):
        instance, case_id = at_papers(caller)

        answers = together(
            [
                post(
                    "/messages/correlation",
                    {"name": processes.PAPERS, "correlationKey": case_id, "variables": {"given": n}},
                )
                for n in range(CLIENTS)
            ]
        )

        assert len(winners(answers)) == 1
        assert answers[winners(answers)[0]].document["processInstanceKey"] == instance
        assert variables(caller, instance)["received"] == str(winners(answers)[0])


def test_message_and_cancellation_have_an_order(caller: Caller, together: Together) -> None:
    for _ in range(ROUNDS // 2):
        instance, case_id = at_papers(caller)
        message = {"name": processes.PAPERS, "correlationKey": case_id, "variables": {"given": "m"}}

        correlated, cancelled = together(
            [post("/messages/correlation", message), post(f"/process-instances/{instance}/cancellation")]
        )

        assert cancelled.ok, "the case still waits for its timer after the message"
        assert ("received" in variables(caller, instance)) is correlated.ok


def test_a_message_id_is_accepted_once(caller: Caller, together: Together) -> None:
    for _ in range(ROUNDS // 2):
        body = {
            "name": processes.PAPERS,
            "correlationKey": uuid.uuid4().hex,
            "messageId": "only-one",
            "timeToLive": 60_000,
        }

        answers = together([post("/messages/publication", body) for _ in range(CLIENTS)])

        assert len(winners(answers)) == 1
        assert {answer.status for answer in answers} == {200, 409}


def test_a_message_meets_whoever_begins_to_wait_at_that_moment(caller: Caller, together: Together) -> None:
    """A publication and the step into the wait cross: the message is received, whichever was first."""
    waiting = []
    for _ in range(ROUNDS):
        instance, case_id = begun(caller)
        task, work = review_of(caller, instance), job_of(caller, instance, processes.WORK)
        assert caller.post(f"/user-tasks/{task}/completion", {"variables": {"given": "r"}}).ok
        assert caller.post(f"/jobs/{work}/completion", {"variables": {"given": "w"}}).ok
        called = caller.find("/process-instances", parentProcessInstanceKey=instance)[0]["processInstanceKey"]
        job = job_of(caller, called, processes.CALLED_WORK)
        message = {
            "name": processes.PAPERS,
            "correlationKey": case_id,
            "timeToLive": 60_000,
            "variables": {"given": "m"},
        }

        answers = together(
            [
                post(f"/jobs/{job}/completion", {"variables": {"given": "c"}}),
                post("/messages/publication", message),
            ]
        )

        assert all(answer.ok for answer in answers)
        waiting.append(instance)
    assert [variables(caller, instance).get("received") for instance in waiting] == ['"m"'] * ROUNDS


def test_a_business_id_starts_one_case(caller: Caller, together: Together) -> None:
    for _ in range(ROUNDS // 2):
        body = {
            "processDefinitionId": processes.CASE,
            "businessId": uuid.uuid4().hex,
            "businessIdUnique": True,
            "variables": {"caseId": "x", "reminders": 0},
        }

        answers = together([post("/process-instances", body) for _ in range(CLIENTS)])

        assert len(winners(answers)) == 1
        assert {answer.status for answer in answers} == {200, 409}


def test_one_key_is_one_command(caller: Caller, together: Together) -> None:
    for _ in range(ROUNDS // 2):
        business_id = uuid.uuid4().hex
        body = {
            "processDefinitionId": processes.CASE,
            "businessId": business_id,
            "variables": {"caseId": "x", "reminders": 0},
        }

        answers = together([post("/process-instances", body, key=business_id) for _ in range(CLIENTS)])

        keys = {answer.document["processInstanceKey"] for answer in answers if answer.ok}
        assert len(keys) == 1
        found = caller.find("/process-instances", businessId=business_id)
        assert [item["processInstanceKey"] for item in found] == list(keys)
