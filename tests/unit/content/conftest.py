"""The shipped loan models, and cases that walk through them in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from server.bpmn import DecisionReference, Execution, ExecutionServices, ProcessModel, read_processes
from server.bpmn.effects import (
    CallOpened,
    Effect,
    IncidentRaised,
    JobClosed,
    JobOpened,
    ProcessEnded,
    SubscriptionClosed,
    SubscriptionOpened,
    TimerCleared,
    TimerSet,
    UserTaskClosed,
    UserTaskOpened,
)
from server.dmn import DecisionEvaluation, DecisionModel, read_dmn
from server.messages import Message

ROOT = Path(__file__).resolve().parents[3]
CHINA = dt.timezone(dt.timedelta(hours=8))

Handler = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class Case:
    """One instance of a shipped process: answers its jobs, and is restored from its snapshot at every stimulus."""

    def __init__(
        self,
        model: ProcessModel,
        decisions: Mapping[str, DecisionModel],
        variables: dict[str, Any],
        handlers: Mapping[str, Handler],
        now: dt.datetime,
    ) -> None:
        self.model = model
        self.decisions = decisions
        self.handlers = dict(handlers)
        self.now = now
        self.keys = count(1)
        self.jobs_done: list[tuple[str, dict[str, Any]]] = []
        self.tasks: dict[int, UserTaskOpened] = {}
        self.timers: dict[int, TimerSet] = {}
        self.subscriptions: dict[int, SubscriptionOpened] = {}
        self.calls: dict[int, CallOpened] = {}
        self.jobs: dict[int, JobOpened] = {}
        self.ended = self.completed = False
        self.key = next(self.keys)
        self._take(Execution.start(model, self._services(), instance_key=self.key, variables=variables))

    # -- what one can see --

    @property
    def open_tasks(self) -> dict[str, UserTaskOpened]:
        return {task.element_id: task for task in self.tasks.values()}

    @property
    def variables(self) -> dict[str, Any]:
        return self._scopes[""]

    def inputs_of(self, job_type: str) -> list[dict[str, Any]]:
        """What each job of this type saw, in order."""
        return [seen for done, seen in self.jobs_done if done == job_type]

    def notices(self) -> list[str]:
        return [seen["notice"]["template"] for seen in self.inputs_of("notice-send")]

    # -- what one can do --

    def complete(self, element_id: str, **variables: Any) -> None:
        key = self.open_tasks[element_id].key
        self._stimulate(lambda execution: execution.complete_user_task(key, variables))

    def move_to(self, now: dt.datetime) -> None:
        """Let the time pass: every timer fires at its own instant, the earliest first."""
        while due := [timer for timer in self.timers.values() if timer.due_at <= now]:
            first = min(due, key=lambda timer: timer.due_at)
            self.now = max(self.now, first.due_at)
            key = first.key
            self._stimulate(lambda execution, key=key: execution.fire_timer(key))
        self.now = max(self.now, now)

    def pass_time(self, **length: float) -> None:
        self.move_to(self.now + dt.timedelta(**length))

    def correlate(self, name: str, key: str, **variables: Any) -> None:
        found = [s for s in self.subscriptions.values() if s.name == name and s.correlation_key == key]
        assert len(found) == 1, f"{name} {key}: {self.subscriptions}"
        subscription = found[0].key
        self._stimulate(lambda execution: execution.deliver_message(subscription, variables))

    def end_call(self, **variables: Any) -> None:
        (key,) = self.calls
        del self.calls[key]
        self._stimulate(lambda execution: execution.call_ended(key, variables))

    # -- how it runs --

    def _services(self) -> ExecutionServices:
        return ExecutionServices(lambda: next(self.keys), self.now, self._decide)

    def _decide(self, reference: DecisionReference, context: Mapping[str, Any]) -> tuple[int, DecisionEvaluation]:
        evaluation = self.decisions[reference.decision_id].evaluate(reference.decision_id, dict(context))
        return 1, evaluation

    def _stimulate(self, stimulus: Callable[[Execution], None]) -> None:
        execution = Execution.restore(
            self.model,
            self._services(),
            instance_key=self.key,
            snapshot=self._snapshot,
            variables=self._scopes,
        )
        stimulus(execution)
        self._take(execution)

    def _take(self, execution: Execution) -> None:
        for effect in execution.effects:
            self._note(effect)
        self._snapshot, self._scopes = execution.snapshot(), execution.variables
        self._work(execution)

    def _work(self, execution: Execution) -> None:
        """Answer the first open job; its answer brings the next."""
        if not self.jobs:
            return
        key, job = next(iter(self.jobs.items()))
        seen = execution.variables_of(key)
        self.jobs_done.append((job.type, seen))
        answer = dict(self.handlers[job.type](seen))
        code = answer.pop("ERROR", None)
        if code is None:
            self._stimulate(lambda execution: execution.complete_job(key, answer))
        else:
            reason = Message("test.business-error", "业务错误", "a business error")
            self._stimulate(lambda execution: execution.throw_error(key, code, reason, answer))

    def _note(self, effect: Effect) -> None:
        match effect:
            case UserTaskOpened(key=key):
                self.tasks[key] = effect
            case UserTaskClosed(key=key):
                del self.tasks[key]
            case JobOpened(key=key):
                self.jobs[key] = effect
            case JobClosed(key=key):
                del self.jobs[key]
            case TimerSet(key=key):
                self.timers[key] = effect
            case TimerCleared(key=key):
                self.timers.pop(key, None)
            case SubscriptionOpened(key=key):
                self.subscriptions[key] = effect
            case SubscriptionClosed(key=key):
                self.subscriptions.pop(key, None)
            case CallOpened(key=key):
                self.calls[key] = effect
            case IncidentRaised(element_id=element_id, message=message):
                raise AssertionError(f"incident at {element_id}: {message}")
            case ProcessEnded(completed=completed):
                self.ended, self.completed = True, completed
            case _:
                pass


@pytest.fixture(scope="session")
def decisions() -> dict[str, DecisionModel]:
    """Every shipped decision by its id."""
    found: dict[str, DecisionModel] = {}
    for path in sorted((ROOT / "dmn").glob("*.dmn")):
        model = read_dmn(path.read_bytes(), resource=path.name)
        found.update(dict.fromkeys(model.decisions, model))
    return found


@pytest.fixture(scope="session")
def processes() -> dict[str, ProcessModel]:
    """Every shipped process by its id."""
    return {
        model.process_id: model
        for path in sorted((ROOT / "processes").glob("*.bpmn"))
        for model in read_processes(path.read_bytes(), resource=path.name)
    }


@pytest.fixture
def application() -> dict[str, Any]:
    """A complete application of a good customer for a small consumer loan."""
    return {
        "applicationId": "A-2026-0001",
        "channel": "online",
        "loanProduct": "consumer",
        "priority": "normal",
        "amount": 18000,
        "termMonths": 12,
        "repaymentMethod": "equal-instalments",
        "purpose": "decoration",
        "applicantName": "王芳",
        "idNumber": "11010519491231002X",
        "mobile": "13800138000",
        "email": "wang@example.com",
        "maritalStatus": "married",
        "education": "bachelor",
        "residenceAddress": "北京市朝阳区建国路 1 号",
        "employmentType": "employed",
        "employer": "某某科技有限公司",
        "monthlyIncome": 15000,
        "monthlyDebt": 2000,
        "bankName": "招商银行",
        "bankCardNumber": "6225880123456789",
        "emergencyContactName": "李强",
        "emergencyContactRelation": "spouse",
        "emergencyContactMobile": "13900139000",
        "deviceId": "device-1",
        "ipAddress": "203.0.113.7",
        "documents": ["id-card", "bank-card"],
        "privacyConsent": True,
        "bureauConsent": True,
    }


@pytest.fixture
def handlers() -> dict[str, Handler]:
    """What the outside answers when all is well."""
    fraud = {
        "deviceMatch": False,
        "ipMatch": False,
        "contactOverlap": 0,
        "blacklistLevel": "none",
        "vendorScore": 10,
        "sameDeviceApplications": 1,
    }
    return {
        "fraud-scan": lambda _: {"fraudScan": fraud},
        "bureau-query": lambda _: {"bureau": {"score": 760, "overdueCount": 0}},
        "contract-generate": lambda _: {"contract": {"contractNumber": "C-1"}},
        "notice-send": lambda _: {},
        "payment-pay": lambda _: {"payout": {"status": "SETTLED", "paymentId": "P-1"}},
        "payment-query": lambda _: {"payout": {"status": "SETTLED", "paymentId": "P-1"}},
        "loan-book": lambda _: {"loan": {"loanId": "L-1"}},
        "loan-mark-overdue": lambda _: {},
        "loan-mark-settled": lambda _: {},
        "watch-list-add": lambda _: {},
    }


@pytest.fixture
def start(
    processes: dict[str, ProcessModel], decisions: dict[str, DecisionModel], handlers: dict[str, Handler]
) -> Callable[..., Case]:
    """Start a shipped process: ``start("collection", variables, now)``."""

    def start(process_id: str, variables: dict[str, Any], now: dt.datetime | None = None) -> Case:
        begin = now or dt.datetime(2026, 11, 2, 9, 0, tzinfo=CHINA)
        return Case(processes[process_id], decisions, variables, handlers, begin)

    return start


@pytest.fixture
def case_type() -> type[Case]:
    """For tests that need other decisions than the shipped ones."""
    return Case
