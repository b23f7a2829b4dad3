"""The load of the crash test: several people, systems and workers at once, each writing down what was acknowledged."""

from __future__ import annotations

import itertools
import random
import threading
import time
import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import processes
from .insistence import Faults, InsistentClient

LEASE_MS = 4000
MESSAGE_KEPT_MS = 3_600_000
FINISH, CANCEL, LEAVE_REVIEW, LEAVE_PAPERS = "finish", "cancel", "leave review", "leave papers"
_PLANS = (FINISH, CANCEL, LEAVE_REVIEW, LEAVE_PAPERS)
_WEIGHTS = (76, 12, 6, 6)


@dataclass(slots=True)
class Case:
    """One case as its client knows it: what was acknowledged, under which mark."""

    case_id: str
    plan: str
    instance_key: int = 0
    reviewed: str | None = None
    published: str | None = None
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A worker's report on a job: the mark that it gave, and whether it was accepted."""

    job_key: int
    mark: str
    accepted: bool
    at: float


@dataclass(frozen=True, slots=True)
class Activation:
    """Jobs handed out by one request that began at ``began``."""

    began: float
    job_keys: tuple[int, ...]


@dataclass(slots=True)
class Ledger:
    """Everything that was acknowledged; a broadcast by the number of releases that waited for it."""

    cases: list[Case] = field(default_factory=list)
    releases: list[int] = field(default_factory=list)
    broadcasts: list[int] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    activations: list[Activation] = field(default_factory=list)
    payouts: list[Case] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def problem(self, text: str) -> None:
        """Something went wrong that a client could see."""
        with self.lock:
            self.problems.append(text)


class Load:
    """Client threads that work until they are told to stop: cases first, workers when nothing is left to do."""

    def __init__(self, port: int, client_id: str, secret: str, *, seed: int, payouts: bool) -> None:
        self._place = port, client_id, secret
        self.seed = seed
        self.ledger = Ledger()
        self.faults = Faults()
        self._numbers = itertools.count(1)
        self._run = uuid.uuid4().hex[:6]
        self._drivers_stop = threading.Event()
        self._workers_stop = threading.Event()
        self._drivers: list[threading.Thread] = []
        self._workers: list[threading.Thread] = []
        self._payouts = payouts

    def start(self) -> None:
        """Start all clients."""
        self._drivers = [self._thread(f"person-{n}", self._drive) for n in range(4)]
        self._drivers.append(self._thread("signal", self._signal))
        if self._payouts:
            self._drivers.append(self._thread("finance", self._pay_out))
        self._workers = [
            self._thread("worker-a", lambda c, r: self._work(c, r, processes.WORK)),
            self._thread("worker-b", lambda c, r: self._work(c, r, processes.WORK)),
            self._thread("worker-c", lambda c, r: self._work(c, r, processes.CALLED_WORK)),
        ]
        for thread in (*self._drivers, *self._workers):
            thread.start()

    def stop_starting(self) -> None:
        """Let every client finish what it has begun; workers go on."""
        self._drivers_stop.set()
        for thread in self._drivers:
            thread.join()

    def stop_working(self) -> None:
        """Stop the workers too."""
        self._workers_stop.set()
        for thread in self._workers:
            thread.join()

    def client(self) -> InsistentClient:
        """A client of its own for each thread."""
        return InsistentClient(*self._place, self.faults)

    def _thread(self, name: str, work: Callable[[InsistentClient, random.Random], None]) -> threading.Thread:
        def run() -> None:
            try:
                work(self.client(), random.Random(f"{self.seed} {name}"))
            except Exception:
                self.ledger.problem(f"{name}:\n{traceback.format_exc()}")

        return threading.Thread(target=run, name=name, daemon=True)

    # -- people and systems --------------------------------------------------------------------------------------

    def _drive(self, client: InsistentClient, chance: random.Random) -> None:
        while not self._drivers_stop.is_set():
            plan = chance.choices(_PLANS, _WEIGHTS)[0]
            case = Case(f"{self._run}-{next(self._numbers)}", plan)
            self._begin(client, case)
            steps = [self._review] if plan != LEAVE_REVIEW else []
            if plan != LEAVE_PAPERS:
                steps.append(self._publish)
            chance.shuffle(steps)
            if plan == CANCEL:
                steps = [*steps[: chance.randrange(3)], self._cancel]
            for step in steps:
                step(client, case)

    def _begin(self, client: InsistentClient, case: Case) -> None:
        body = {
            "processDefinitionId": processes.CASE,
            "businessId": case.case_id,
            "variables": {"caseId": case.case_id, "reminders": 0, "customerName": "王芳", "amount": 80000.05},
        }
        self._note_start(case, client.command("/process-instances", body), self.ledger.cases)

    def _note_start(self, case: Case, answer: Any, cases: list[Case]) -> None:
        assert answer.ok, f"start of {case.case_id}: {answer}"
        case.instance_key = int(answer.document["processInstanceKey"])
        with self.ledger.lock:
            cases.append(case)

    def _review(self, client: InsistentClient, case: Case) -> None:
        mark = uuid.uuid4().hex
        task = self._task(client, case, "review")
        claim = {"assignee": threading.current_thread().name, "allowOverride": False}
        answer = client.command(f"/user-tasks/{task}/assignment", claim)
        assert answer.ok, f"claim of {task}: {answer}"
        answer = client.command(f"/user-tasks/{task}/completion", {"variables": {"given": mark}})
        assert answer.ok, f"completion of {task}: {answer}"
        case.reviewed = mark
        again = client.command(f"/user-tasks/{task}/completion", {"variables": {"given": "twice"}})
        assert again.status in (404, 409), f"task {task} was completed twice: {again}"

    def _task(self, client: InsistentClient, case: Case, element: str) -> str:
        """The open task of a case whose start was acknowledged: it must be there at once."""
        found = client.search("/user-tasks", processInstanceKey=str(case.instance_key), state="CREATED")
        keys = [item["userTaskKey"] for item in found if item["elementId"] == element]
        assert len(keys) == 1, f"tasks of {case.case_id} ({case.instance_key}): {found}"
        return str(keys[0])

    def _publish(self, client: InsistentClient, case: Case) -> None:
        mark = uuid.uuid4().hex
        body = {
            "name": processes.PAPERS,
            "correlationKey": case.case_id,
            "timeToLive": MESSAGE_KEPT_MS,
            "messageId": mark,
            "variables": {"given": mark},
        }
        answer = client.command("/messages/publication", body)
        assert answer.ok, f"message for {case.case_id}: {answer}"
        case.published = mark

    def _cancel(self, client: InsistentClient, case: Case) -> None:
        answer = client.command(f"/process-instances/{case.instance_key}/cancellation")
        assert answer.ok or answer.status in (404, 409), f"cancellation of {case.case_id}: {answer}"
        case.cancelled = answer.ok

    def _signal(self, client: InsistentClient, chance: random.Random) -> None:
        while not self._drivers_stop.is_set():
            for _ in range(chance.randrange(1, 5)):
                answer = client.command("/process-instances", {"processDefinitionId": processes.RELEASE})
                assert answer.ok, answer
                with self.ledger.lock:
                    self.ledger.releases.append(int(answer.document["processInstanceKey"]))
            waiting = len(self.ledger.releases)
            answer = client.command("/signals/broadcast", {"signalName": processes.SIGNAL, "variables": {}})
            assert answer.ok, answer
            with self.ledger.lock:
                self.ledger.broadcasts.append(waiting)
            self._drivers_stop.wait(1.0)

    def _pay_out(self, client: InsistentClient, chance: random.Random) -> None:
        while not self._drivers_stop.is_set():
            case = Case(f"{self._run}-P{next(self._numbers)}", FINISH)
            body = {
                "processDefinitionId": "disbursement",
                "businessId": case.case_id,
                "variables": application(case.case_id, chance),
            }
            self._note_start(case, client.command("/process-instances", body), self.ledger.payouts)
            task = self._task(client, case, "finance-check")
            decision = {"decision": "approve", "comment": "同意"}
            answer = client.command(f"/user-tasks/{task}/completion", {"variables": decision})
            assert answer.ok, f"finance check of {case.case_id}: {answer}"
            case.reviewed = task
            self._drivers_stop.wait(0.4)

    # -- workers -------------------------------------------------------------------------------------------------

    def _work(self, client: InsistentClient, chance: random.Random, job_type: str) -> None:
        request = {
            "type": job_type,
            "worker": threading.current_thread().name,
            "timeout": LEASE_MS,
            "maxJobsToActivate": 5,
            "requestTimeout": 500,
        }
        while not self._workers_stop.is_set():
            began = time.monotonic()
            answer = client.once("/jobs/activation", request)
            if answer is None:
                time.sleep(0.2)
                continue
            assert answer.ok, answer
            jobs = answer.document["jobs"]
            with self.ledger.lock:
                self.ledger.activations.append(Activation(began, tuple(int(job["jobKey"]) for job in jobs)))
            for job in jobs:
                self._answer_for(client, job, chance)

    def _answer_for(self, client: InsistentClient, job: dict[str, Any], chance: random.Random) -> None:
        key, fate = int(job["jobKey"]), chance.random()
        if fate < 0.04:
            return  # this worker dies: the job comes back when its lease has run out
        if fate < 0.10:
            failure = {"retries": job["retries"], "errorMessage": "try again", "retryBackOff": 200}
            answer = client.command(f"/jobs/{key}/failure", failure)
            assert answer.ok or answer.status in (404, 409), answer
            return
        mark = uuid.uuid4().hex
        answer = client.command(f"/jobs/{key}/completion", {"variables": {"given": mark}})
        assert answer.ok or answer.status in (404, 409), answer
        with self.ledger.lock:
            self.ledger.reports.append(Report(key, mark, answer.ok, time.monotonic()))


def application(application_id: str, chance: random.Random) -> dict[str, Any]:
    """What the payout process is given about an approved application."""
    return {
        "applicationId": application_id,
        "applicantName": "王芳",
        "idNumber": "110101199003077571",
        "mobile": "13800138000",
        "product": "consumer-loan",
        "amount": 20000,
        "approvedAmount": chance.randrange(5, 50) * 1000,
        "annualRate": 0.072,
        "termMonths": 3,
        "repaymentMethod": "equal-instalments",
        "priority": "normal",
        "bankName": "招商银行",
        "bankCardNumber": "6225880123456789",
    }
