"""Jobs for workers outside: activation, leases, completion, failure, business errors."""

from __future__ import annotations

import datetime as dt
import threading
import time

import pytest
from flask import Flask

from server.jobs import activation, completion
from server.jobs.activation import ActivatedJob, activate, extend
from server.runtime import incidents, instances
from server.runtime.errors import Conflict, NotFound, Refused

from ...unit.bpmn.diagrams import boundary, error, error_definition, flow, io, job, path, subprocess_
from ..models import (
    ACTOR,
    deploy,
    line,
    node,
    one,
    open_task,
    rows,
    start_and_end,
    state,
    user_task,
    variables,
)
from .processes import eventually

pytestmark = pytest.mark.usefixtures("app")
MINUTE = dt.timedelta(minutes=1)
MOMENT = dt.timedelta(milliseconds=150)


@pytest.fixture(scope="module", autouse=True)
def deployed(app: object) -> None:
    """For each test a job type of its own, so that none takes the other's."""
    headers = '<zeebe:taskHeaders><zeebe:header key="color" value="blue"/></zeebe:taskHeaders>'
    work = node("serviceTask", "work", ext=job("=jobType", headers=headers) + io(("input", "amount * 2", "twice")))
    inner = subprocess_(
        "sub",
        node("startEvent", "inner-start"),
        node("serviceTask", "work", ext=job("=jobType")),
        node("endEvent", "inner-end"),
        path("inner-start", "work", "inner-end"),
        ext=io(("input", "amount + 1", "next")),
    )
    deploy(
        line(("work", work), id_="working"),
        line(("sub", inner), id_="nested"),
        start_and_end(
            node("serviceTask", "work", ext=job("=jobType")),
            boundary("refused", "work", error()),
            user_task("repair"),
            path("start", "work", "end"),
            flow("refused", "repair"),
            flow("repair", "end"),
            id_="catching",
            definitions=error_definition(),
        ),
    )


def start(job_type: str, process_id: str = "working") -> int:
    return instances.start(process_id=process_id, variables={"jobType": job_type, "amount": 4}, actor=ACTOR).key


def take(job_type: str, *, number: int = 1, lease: dt.timedelta = MINUTE, wait: float = 0) -> list[ActivatedJob]:
    return activate(
        job_type=job_type,
        max_jobs=number,
        timeout=lease,
        worker="w1",
        request_timeout=dt.timedelta(seconds=wait),
        actor="w1",
    )


def test_a_job_carries_what_its_worker_needs() -> None:
    key = start("carry")
    (taken,) = take("carry")
    assert (taken.instance_key, taken.element_id, taken.retries, taken.worker) == (key, "work", 3, "w1")
    assert taken.variables == {"jobType": "carry", "amount": 4, "twice": 8}
    assert taken.custom_headers == {"color": "blue"}
    assert take("carry") == [], "a job is with one worker at a time"
    completion.complete(job_key=taken.key, variables={"done": True}, actor="w1")
    assert state(key) == "COMPLETED"
    assert variables(key)["done"] is True


def test_only_the_variables_asked_for_are_fetched() -> None:
    start("few")
    (taken,) = activate(job_type="few", max_jobs=1, timeout=MINUTE, worker="w1", fetch_variables=["twice"], actor="w1")
    assert taken.variables == {"twice": 8}


def test_a_job_in_a_subprocess_sees_the_scopes_around_it() -> None:
    start("inner", "nested")
    (taken,) = take("inner")
    assert taken.variables == {"jobType": "inner", "amount": 4, "next": 5}


def test_a_completed_job_is_gone() -> None:
    start("gone")
    (taken,) = take("gone")
    completion.complete(job_key=taken.key, actor="w1")
    for report in (
        lambda: completion.complete(job_key=taken.key, actor="w1"),
        lambda: completion.fail(job_key=taken.key, retries=1, actor="w1"),
        lambda: completion.fail(job_key=taken.key, retries=0, actor="w1"),
        lambda: completion.throw_error(job_key=taken.key, error_code="X", actor="w1"),
        lambda: completion.update(job_key=taken.key, retries=1, actor="w1"),
    ):
        with pytest.raises(NotFound):
            report()


def test_a_lease_that_ran_out_frees_the_job_and_fences_its_worker() -> None:
    key = start("lease")
    (first,) = take("lease", lease=MOMENT)
    time.sleep(0.3)
    (second,) = take("lease")
    assert (second.key, second.lease) == (first.key, first.lease + 1)
    assert not extend(job_key=first.key, lease=first.lease, timeout=MINUTE)
    assert extend(job_key=second.key, lease=second.lease, timeout=MINUTE)
    with pytest.raises(Conflict):
        completion.complete(job_key=first.key, actor="w1", lease=first.lease)
    completion.complete(job_key=first.key, actor="w1")  # a worker that names no lease is heard: the first report wins
    assert state(key) == "COMPLETED"
    with pytest.raises(NotFound):
        completion.complete(job_key=second.key, actor="w2")


def test_a_failed_job_comes_again_after_its_backoff() -> None:
    start("again")
    (first,) = take("again")
    completion.fail(job_key=first.key, retries=2, error_message="timeout", retry_backoff=MOMENT * 2, actor="w1")
    assert take("again") == []
    (second,) = take("again", wait=3)
    assert (second.key, second.retries) == (first.key, 2)
    assert one("SELECT error_message FROM job WHERE key = %(key)s", key=first.key) == "timeout"


def test_no_retries_left_is_an_incident_and_resolving_it_tries_again() -> None:
    key = start("spent")
    (first,) = take("spent")
    completion.fail(job_key=first.key, retries=0, error_message="no route", variables={"trace": "x"}, actor="w1")
    assert take("spent") == []
    with pytest.raises(Conflict):
        completion.complete(job_key=first.key, actor="w1")
    incident = rows("SELECT * FROM incident WHERE instance_key = %(key)s", key=key)[0]
    assert (incident.error_type, incident.job_key) == ("JOB_NO_RETRIES", first.key)
    assert "no route" in incident.message_en
    completion.update(job_key=first.key, retries=5, actor="operator")
    assert take("spent") == [], "new retries alone do not resolve the incident"
    incidents.resolve(incident_key=incident.key, actor="operator")
    (again,) = take("spent")
    assert (again.retries, again.variables["trace"]) == (5, "x")
    completion.complete(job_key=again.key, actor="w1")
    assert state(key) == "COMPLETED"


def test_a_business_error_is_caught_by_its_boundary_event() -> None:
    key = start("err", "catching")
    (taken,) = take("err")
    completion.throw_error(
        job_key=taken.key, error_code="REFUSED", error_message="no", variables={"why": 1}, actor="w1"
    )
    assert open_task(key, "repair")
    assert variables(key)["why"] == 1
    row = rows("SELECT state, error_code, error_message FROM job WHERE key = %(key)s", key=taken.key)[0]
    assert tuple(row) == ("ERROR_THROWN", "REFUSED", "no")


def test_an_error_that_nobody_catches_is_an_incident_of_the_job() -> None:
    key = start("uncaught", "catching")
    (taken,) = take("uncaught")
    completion.throw_error(job_key=taken.key, error_code="OTHER", actor="w1")
    incident = rows("SELECT * FROM incident WHERE instance_key = %(key)s", key=key)[0]
    assert (incident.error_type, incident.job_key) == ("UNHANDLED_ERROR_EVENT", taken.key)
    assert take("uncaught") == []
    incidents.resolve(incident_key=incident.key, actor="operator")
    (again,) = take("uncaught")
    completion.complete(job_key=again.key, actor="w1")
    assert state(key) == "COMPLETED"


def test_an_operator_changes_retries_and_lease() -> None:
    start("update")
    key = one("SELECT key FROM job WHERE type = 'update'")
    with pytest.raises(Conflict, match="lease"):
        completion.update(job_key=key, timeout=MINUTE, actor=ACTOR)
    (taken,) = take("update", lease=MOMENT)
    completion.update(job_key=key, timeout=MINUTE, retries=9, actor=ACTOR)
    time.sleep(0.3)
    assert take("update") == [], "the longer lease holds"
    assert one("SELECT retries FROM job WHERE key = %(key)s", key=taken.key) == 9
    with pytest.raises(Refused):
        completion.update(job_key=key, retries=0, actor=ACTOR)


def test_a_waiting_worker_is_woken_by_a_new_job(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activation, "FALLBACK_POLL", dt.timedelta(seconds=60))
    found: list[tuple[float, list[ActivatedJob]]] = []

    def wait() -> None:
        with app.app_context():
            begun = time.monotonic()
            jobs = take("wake", wait=8)
            found.append((time.monotonic() - begun, jobs))

    waiting = threading.Thread(target=wait)
    waiting.start()
    eventually(lambda: one("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN %%'"))
    time.sleep(0.5)  # past the first look
    key = start("wake")
    begun = time.monotonic()
    waiting.join(timeout=8)
    assert time.monotonic() - begun < 5, "woken by the hint, not by the end of its wait"
    assert [job.instance_key for job in found[0][1]] == [key]


def test_waiting_ends_with_nothing_when_nothing_comes() -> None:
    begun = time.monotonic()
    assert take("never", wait=0.4) == []
    assert 0.35 < time.monotonic() - begun < 2


def test_many_workers_get_each_job_once(app: Flask) -> None:
    keys = {start("many") for _ in range(20)}
    taken: list[ActivatedJob] = []

    def work() -> None:
        with app.app_context():
            while jobs := take("many", number=3):
                taken.extend(jobs)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(job.instance_key for job in taken) == sorted(keys)


def test_numbers_without_sense_are_refused() -> None:
    with pytest.raises(Refused):
        take("x", number=0)
    with pytest.raises(Refused):
        take("x", lease=dt.timedelta(0))
    with pytest.raises(Refused):
        completion.fail(job_key=1, retries=-1, actor="w1")
