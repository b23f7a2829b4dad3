"""Cases that happened, recorded as scenarios: they play as the cases went, and name nobody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from server.cli.scenario_files import play_file
from server.jobs import completion
from server.runtime import deployments, incidents, instances, messages, timers
from server.runtime.errors import Refused
from server.runtime.recording import record_instance
from server.store.database import transaction
from server.worklist import user_tasks

from ..models import ACTOR, open_task, rows

ROOT = Path(__file__).resolve().parents[3]
CHINA = dt.timezone(dt.timedelta(hours=8))
NOW = dt.datetime(2026, 11, 2, 9, 0, tzinfo=CHINA)
PERSONAL = {
    "applicantName": "王芳",
    "idNumber": "11010519491231002X",
    "mobile": "13800138000",
    "bankCardNumber": "6225880123456789",
    "residenceAddress": "北京市朝阳区建国路 1 号",
    "emergencyContactMobile": "13900139000",
}
APPLICATION: dict[str, Any] = {
    **PERSONAL,
    "applicationId": "A-2026-0001",
    "loanProduct": "consumer",
    "amount": 50000,
    "termMonths": 12,
    "repaymentMethod": "equal-instalments",
    "monthlyIncome": 15000,
    "monthlyDebt": 2000,
    "employmentType": "employed",
    "bankName": "招商银行",
    "documents": ["id-card", "bank-card", "income-proof", "bank-statement"],
    "bureauConsent": True,
}
FRAUD = {
    "deviceMatch": False,
    "ipMatch": False,
    "contactOverlap": 0,
    "blacklistLevel": "none",
    "vendorScore": 10,
    "sameDeviceApplications": 1,
}
ANSWERS: dict[str, dict[str, Any]] = {
    "fraud-scan": {"fraudScan": FRAUD},
    "bureau-query": {"bureau": {"score": 760, "overdueCount": 0}},
    "contract-generate": {"contract": {"contractNumber": "C-1", "remark": "借款人王芳，电话13800138000"}},
    "payment-pay": {"payout": {"status": "SETTLED", "paymentId": "P-1"}},
    "loan-book": {"loan": {"loanId": "L-1"}},
}
APPROVE = {"decision": "approve", "comment": "王芳的收入属实", "approvedAmount": 45000}


@pytest.fixture(scope="module", autouse=True)
def _deployed(app: Flask) -> None:
    files = [path for folder in ("processes", "dmn", "forms") for path in sorted((ROOT / folder).iterdir())]
    deployments.deploy(
        [(f"{f.parent.name}/{f.name}", f.read_bytes()) for f in files if f.suffix in (".bpmn", ".dmn", ".form")],
        actor=ACTOR,
    )


@pytest.fixture(autouse=True)
def at(app: Flask) -> Iterator[Callable[[dt.datetime], None]]:
    """Move the clock, and let the timers fire that are due then."""

    def move(instant: dt.datetime) -> None:
        with transaction() as connection:
            connection.execute(text("DELETE FROM pinned_clock"))
            connection.execute(text("INSERT INTO pinned_clock (key, instant) VALUES (1, :at)"), {"at": instant})
        while due := timers.claim_due(100):
            for timer in due:
                timers.fire(timer)

    move(NOW)
    yield move
    with transaction() as connection:
        connection.execute(text("DELETE FROM pinned_clock"))


def answer_jobs() -> None:
    while open_ := rows("SELECT key, type FROM job WHERE ended_at IS NULL AND retries > 0 ORDER BY key"):
        for row in open_:
            completion.complete(job_key=row.key, variables=ANSWERS.get(row.type, {}), actor="worker")


def complete(instance_key: int, element: str, by: str, **values: Any) -> None:
    user_tasks.complete(task_key=open_task(instance_key, element), variables=values, actor=by)
    answer_jobs()


def replayed(tmp_path: Path, root: int) -> tuple[str, Any]:
    """The recorded text, and what came of it as a file with the files that were deployed."""
    recorded = record_instance(root)
    for name, content in recorded.resources:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    file = tmp_path / "case.scenario.yaml"
    file.write_text(recorded.recording.text, encoding="utf-8")
    (played,) = play_file(file, lambda _file, _name: True)
    assert recorded.recording.passes, recorded.recording.text
    return recorded.recording.text, played.outcome


def test_a_loan_through_all_hands_is_played_again_without_saying_whose_it_was(
    tmp_path: Path, at: Callable[[dt.datetime], None]
) -> None:
    root = instances.start(process_id="loan-approval", variables=APPLICATION, actor=ACTOR).key
    answer_jobs()
    at(NOW + dt.timedelta(hours=2))
    complete(root, "review-a", "zhang.wei", **APPROVE)
    at(NOW + dt.timedelta(hours=3))
    complete(root, "review-b", "li.na", **APPROVE)
    at(NOW + dt.timedelta(days=1))
    complete(root, "risk-head-review", "wang.qiang", **APPROVE)
    ((child,),) = rows("SELECT key FROM process_instance WHERE parent_key = %(key)s", key=root)
    complete(child, "finance-check", "sun.li", decision="approve", comment="同意")

    recorded, outcome = replayed(tmp_path, root)

    assert outcome.passed, outcome.problem
    assert recorded.splitlines()[1] == "name: loan-approval " + str(root), "no remark: everything came again"
    assert {"review-a", "review-b", "risk-head-review", "finance-check", "loan-book"} <= set(outcome.story.visited)
    for person in (*PERSONAL.values(), "zhang.wei", "li.na", "wang.qiang", "sun.li"):
        assert person not in recorded
    assert "state: completed" in recorded


def test_timers_messages_failures_and_repairs_come_again(tmp_path: Path, at: Callable[[dt.datetime], None]) -> None:
    instalment = {"loanId": "L-7", "instalment": 3, "dueDate": "2026-11-20", "amount": 1561, "mobile": "13800138000"}
    root = instances.start(process_id="collection", variables={**instalment, "customerName": "王芳"}, actor=ACTOR).key
    for day in (17, 19, 20, 21):
        at(dt.datetime(2026, 11, day, 10, 0, tzinfo=CHINA))
        answer_jobs()
    at(dt.datetime(2026, 11, 22, 11, 0, tzinfo=CHINA))
    contact = {"method": "phone", "result": "no-answer", "effective": False, "nextStep": "follow-up"}
    complete(root, "m1-contact", "zhao.lei", **contact)
    at(dt.datetime(2026, 11, 24, 11, 0, tzinfo=CHINA))
    messages.publish(
        name="payment-received",
        correlation_key="L-7-3",
        variables={"paymentId": "P-1", "paidAmount": 1561, "outstanding": 0},
        actor=ACTOR,
    )
    ((settle,),) = rows("SELECT key FROM job WHERE type = 'loan-mark-settled' AND ended_at IS NULL")
    completion.fail(job_key=settle, retries=0, error_message="账上未结清", actor="worker")
    ((incident,),) = rows("SELECT key FROM incident WHERE state = 'ACTIVE'")
    at(dt.datetime(2026, 11, 25, 9, 0, tzinfo=CHINA))
    incidents.resolve(incident_key=incident, actor="zhou.min")
    answer_jobs()

    recorded, outcome = replayed(tmp_path, root)

    assert outcome.passed, outcome.problem
    assert {"m1-contact", "payment-received", "loan-mark-settled"} <= set(outcome.story.visited)
    assert "retry: loan-mark-settled" in recorded
    # The job that began with a late timer is answered when it was, so the clock of what follows is the same.
    assert "contactClock: '2026-11-21T10:00:00+08:00'" in recorded
    assert recorded.splitlines()[1] == f"name: collection {root}", "no remark"
    assert "王芳" not in recorded and "13800138000" not in recorded


def test_a_case_under_way_and_a_cancelled_one(tmp_path: Path, at: Callable[[dt.datetime], None]) -> None:
    waiting = instances.start(process_id="loan-approval", variables=APPLICATION, actor=ACTOR).key
    answer_jobs()
    at(NOW + dt.timedelta(hours=1))

    recorded, outcome = replayed(tmp_path, waiting)
    assert outcome.passed, outcome.problem
    assert "state: active" in recorded

    instances.cancel(instance_key=waiting, actor=ACTOR)
    recorded, outcome = replayed(tmp_path, waiting)
    assert outcome.passed, outcome.problem
    assert "state: cancelled" in recorded


def test_a_called_instance_is_recorded_with_its_root() -> None:
    root = instances.start(process_id="loan-approval", variables={**APPLICATION, "amount": 18000}, actor=ACTOR).key
    answer_jobs()
    ((child,),) = rows("SELECT key FROM process_instance WHERE parent_key = %(key)s", key=root)

    with pytest.raises(Refused, match=str(root)):
        record_instance(child)
