"""Built-in handlers: jobs that our own workers run, by type.

A handler is a function from a :class:`JobContext` to the variables that its job gives. What goes wrong is told
by what it raises (or returns): :class:`JobFailure` for what may be tried again, :class:`BusinessError` for what
the process decides about. Anything else it raises counts as a failure to try again. A handler may run more than
once for a job, because a worker can be killed at any moment: what it does to other systems goes under the job's
``idempotency_key``.
"""

from __future__ import annotations

import datetime as dt
import importlib
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Flask, current_app
from sqlalchemy.exc import DBAPIError

from server.messages import LendloomError, Message
from server.runtime import background
from server.runtime.errors import Conflict, NotFound

from . import completion
from .activation import ActivatedJob, activate_one, extend

DEFAULT_HANDLERS = "server.lending.handlers"
_BATCHES = ("server.runtime.batch_kinds", "server.jobs.job_batches")
LEASE = dt.timedelta(seconds=60)
HEARTBEAT_SECONDS = 15.0
FIRST_BACKOFF_SECONDS = 5
LONGEST_BACKOFF_SECONDS = 3600
LONGEST_MESSAGE = 4000

_log = structlog.get_logger(__name__)


class JobFailure(Exception):
    """The job could not be done this time. ``retry_after`` overrides the growing pause between tries.

    With ``retries`` the handler says how many tries are left; 0 makes an incident at once. A ``Message`` is shown to
    operators in their language.
    """

    def __init__(
        self, message: str | Message, *, retry_after: dt.timedelta | None = None, retries: int | None = None
    ) -> None:
        super().__init__(str(message))
        self.message = message
        self.retry_after = retry_after
        self.retries = retries


class BusinessError(Exception):
    """The job ended with an error of the business, which a boundary event may catch by its code."""

    def __init__(self, code: str, message: str | Message = "", variables: Mapping[str, Any] | None = None) -> None:
        super().__init__(str(message) or code)
        self.code = code
        self.message = message
        self.variables = dict(variables or {})


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a handler is given: its job, and which try this is (from 1)."""

    job: ActivatedJob

    @property
    def variables(self) -> Mapping[str, Any]:
        """The variables that the job's element sees."""
        return self.job.variables

    @property
    def headers(self) -> Mapping[str, str]:
        """The custom headers of the job's element."""
        return self.job.custom_headers

    @property
    def idempotency_key(self) -> str:
        """The same for every try of this job, and for no other job."""
        return f"lendloom-job-{self.job.key}"


Handler = Callable[[JobContext], Mapping[str, Any] | JobFailure | BusinessError | None]

_handlers: dict[str, Handler] = {}


def register(job_type: str, handler: Handler) -> None:
    """Let our own workers run jobs of ``job_type``. Every process that steps instances must have registered it."""
    _handlers[job_type] = handler
    background.declare(job_type)


def unregister(job_type: str) -> None:
    """Leave jobs of ``job_type`` to workers outside again."""
    _handlers.pop(job_type, None)
    background.withdraw(job_type)


def load() -> None:
    """Register the handlers of the floors above, and what can be done in batches.

    Every process that steps instances does this at its start.

    ``LENDLOOM_HANDLERS`` names the modules, separated by commas; importing each registers its handlers.
    """
    for module in _BATCHES:
        importlib.import_module(module)
    for module in os.environ.get("LENDLOOM_HANDLERS", DEFAULT_HANDLERS).split(","):
        if module.strip():
            importlib.import_module(module.strip())


def run(job_key: int, *, worker: str) -> None:
    """Run the handler of a job and report what came of it; nothing happens where the job is closed already."""
    job = activate_one(job_key=job_key, timeout=LEASE, worker=worker)
    if job is None:
        return
    handler = _handlers.get(job.type)
    if handler is None:
        _report(job, JobFailure(_no_handler(job)))
        return
    with _heartbeat(job):
        outcome = _outcome(handler, job)
    _report(job, outcome)


def _outcome(handler: Handler, job: ActivatedJob) -> Mapping[str, Any] | JobFailure | BusinessError:
    try:
        return handler(JobContext(job)) or {}
    except (JobFailure, BusinessError) as told:
        return told
    except DBAPIError as error:
        if error.connection_invalidated:
            raise  # the database went away: the queue runs the job again, and it costs none of the job's retries
        return _fault(job, error)
    except Exception as error:  # a handler's fault is the job's, and is shown to operators
        return _fault(job, error)


def _fault(job: ActivatedJob, error: Exception) -> JobFailure:
    _log.error("jobs.handler_failed", job=job.key, type=job.type, exc_info=error)
    if isinstance(error, LendloomError):
        return JobFailure(error.message)
    cause = f"{type(error).__name__}: {error}"[:LONGEST_MESSAGE]
    return JobFailure(
        Message(
            "job.handler-fault",
            f"处理程序出现意外错误：{cause}。请把这段文字交给技术人员。",
            f"The handler failed unexpectedly: {cause}. Give this text to the engineers.",
        )
    )


def _no_handler(job: ActivatedJob) -> Message:
    return Message(
        "job.no-handler",
        f"这个后台进程没有类型为“{job.type}”的处理程序；请检查它的 LENDLOOM_HANDLERS 设置。",
        f"This worker has no handler for jobs of type '{job.type}'; check its LENDLOOM_HANDLERS setting.",
    )


def _report(job: ActivatedJob, outcome: Mapping[str, Any] | JobFailure | BusinessError) -> None:
    """Report under the job's lease: who was taken for dead meanwhile is not heard any more."""
    actor = f"worker:{job.worker}"
    try:
        if isinstance(outcome, JobFailure):
            retries = job.retries - 1 if outcome.retries is None else outcome.retries
            completion.fail(
                job_key=job.key,
                retries=max(retries, 0),
                error_message=_bounded(outcome.message),
                retry_backoff=outcome.retry_after or _backoff(job),
                actor=actor,
                lease=job.lease,
            )
        elif isinstance(outcome, BusinessError):
            completion.throw_error(
                job_key=job.key,
                error_code=outcome.code,
                error_message=_bounded(outcome.message),
                variables=outcome.variables,
                actor=actor,
                lease=job.lease,
            )
        else:
            completion.complete(job_key=job.key, variables=outcome, actor=actor, lease=job.lease)
    except (NotFound, Conflict) as gone:
        _log.info("jobs.report_ignored", job=job.key, cause=str(gone))


def _bounded(told: str | Message) -> str | Message:
    if isinstance(told, Message):
        return Message(told.code, told.zh[:LONGEST_MESSAGE], told.en[:LONGEST_MESSAGE])
    return told[:LONGEST_MESSAGE]


def _backoff(job: ActivatedJob) -> dt.timedelta:
    """The pause before the next try grows with each lease that the job has had."""
    return dt.timedelta(seconds=min(FIRST_BACKOFF_SECONDS * 2 ** min(job.lease - 1, 20), LONGEST_BACKOFF_SECONDS))


@contextmanager
def _heartbeat(job: ActivatedJob) -> Iterator[None]:
    """Prolong the job's lease while its handler runs."""
    done = threading.Event()
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    thread = threading.Thread(target=_beat, args=(app, job, done), name="job-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()


def _beat(app: Flask, job: ActivatedJob, done: threading.Event) -> None:
    while not done.wait(HEARTBEAT_SECONDS):
        with app.app_context():
            try:
                if not extend(job_key=job.key, lease=job.lease, timeout=LEASE):
                    return
            except Exception:  # the next beat tries again; the lease has several beats' room
                _log.warning("jobs.heartbeat_failed", job=job.key, exc_info=True)
