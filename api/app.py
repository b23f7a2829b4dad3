"""The API as a WSGI application: ``create_app`` puts the resources on the ground of settings, database and tokens."""

from __future__ import annotations

import os
import threading
import time
from typing import Any

import structlog
from alembic.script import ScriptDirectory
from flask import Flask, Response, g, request

from server import logs
from server.identity.tokens import configure_tokens
from server.jobs import handlers
from server.settings import Settings
from server.store import database
from server.store.application import configure_webhook
from server.store.embedded import with_database
from server.store.migration import FOLDER

from .authorization import register_authorization
from .batch_evaluations import batch_evaluations
from .batch_operations import batches
from .calendars import calendars
from .case_view import cases
from .clients import clients
from .clock import clock
from .cluster import cluster
from .comments import comments
from .conditionals import conditionals
from .decision_analysis import decision_analysis
from .decision_batches import decision_batches
from .decision_instances import decision_instances
from .decisions import decisions
from .definition_operations import definition_operations
from .deployments import deployments
from .documents import documents
from .drafts import drafts
from .element_instances import element_instances
from .event_stream import event_stream, register_streams
from .exact_json import ExactJson
from .finding import finding
from .forms import forms
from .groups import groups
from .health import register_health
from .idempotency import repeatable
from .incidents import incidents
from .instance_batches import instance_batches
from .instance_operations import instance_operations
from .jobs import jobs
from .loans import loans
from .messages import messages
from .metrics import count_request, register_metrics
from .migration import migration
from .modification import modification
from .oauth import oauth
from .openapi import describe_api
from .operation_records import operation_records
from .operator_statistics import operator_statistics
from .problems import bad_request, register_problems
from .process_definitions import process_definitions
from .process_instances import process_instances
from .repair_batches import repair_batches
from .repository import repository
from .session import session
from .task_drafts import task_drafts
from .tracing import trace_id_from, traceparent
from .trials import trials
from .user_tasks import user_tasks
from .users import users
from .variables import variables
from .waiting import register_waiting
from .waits import waits
from .web import register_web

LARGEST_BODY = 4 * 1024 * 1024
RESOURCES = (
    cluster,
    session,
    deployments,
    process_definitions,
    process_instances,
    instance_operations,
    instance_batches,
    definition_operations,
    batches,
    operation_records,
    modification,
    migration,
    repair_batches,
    element_instances,
    variables,
    user_tasks,
    task_drafts,
    comments,
    cases,
    waits,
    operator_statistics,
    repository,
    trials,
    finding,
    drafts,
    forms,
    event_stream,
    jobs,
    messages,
    conditionals,
    incidents,
    decisions,
    decision_instances,
    decision_analysis,
    decision_batches,
    batch_evaluations,
    loans,
    clock,
    calendars,
    documents,
    users,
    groups,
    clients,
)
_log = structlog.get_logger(__name__)
_QUIET = frozenset({"/health/live", "/health/ready", "/metrics"})


class LendloomApi(Flask):
    """Flask with a trace around every request, and repeatable POSTs."""

    json_provider_class = ExactJson
    admission: threading.BoundedSemaphore

    def full_dispatch_request(self) -> Response:
        """Answer a request when its turn has come.

        The server has further threads for open event streams, which have been answered and only follow what
        happens; they must not be used to work on more requests at a time than there are connections for.
        """
        with self.admission:
            return self._answer()

    def _answer(self) -> Response:
        """Answer a request under its trace id; count and log it."""
        started = time.perf_counter()
        given = trace_id_from(request.headers.get("traceparent"))
        with logs.trace(given) as trace_id:
            response = super().full_dispatch_request()
            response.headers["traceparent"] = traceparent(trace_id)
            _tell(response, time.perf_counter() - started)
            return response

    def dispatch_request(self) -> Any:
        """Run the view; where the request may be repeated, in the transaction that keeps its answer."""
        return repeatable(lambda: self.make_response(super(LendloomApi, self).dispatch_request()))


def create_app(settings: Settings | None = None) -> Flask:
    """The application, with the settings given or those of the environment."""
    handlers.load()
    settings = with_database(settings or Settings.from_environment(os.environ))
    app = LendloomApi(__name__, static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BODY, MAX_FORM_PARTS=200)
    app.extensions["lendloom-settings"] = settings
    app.admission = threading.BoundedSemaphore(settings.api_threads)
    database.bind(app, settings.database_url or "", pool_size=max(2, settings.api_threads // 2))
    configure_webhook(app, os.environ)
    tokens = configure_tokens(app, settings)
    register_problems(app)
    app.before_request(_refuse_nul)
    register_authorization(app, tokens)
    register_waiting(app, threads=settings.api_threads)
    register_streams(app, most=settings.api_streams)
    register_metrics(app)
    register_health(app, expected_revision=_expected_revision())
    app.register_blueprint(oauth)
    register_web(app, settings)
    described = describe_api(app)
    for resource in RESOURCES:
        described.register_blueprint(resource)
    return app


def _expected_revision() -> str:
    return ScriptDirectory(str(FOLDER)).get_current_head() or ""


def _refuse_nul() -> None:
    """PostgreSQL cannot compare text with the character NUL, so an address that has one names nothing."""
    if "\0" in request.path or "%00" in request.query_string.decode("latin-1"):
        raise bad_request("nul", "地址中包含空字符。", "The address contains the character NUL.")


def _tell(response: Response, seconds: float) -> None:
    route = request.url_rule.rule if request.url_rule is not None else "(none)"
    count_request(request.method, route, response.status_code, seconds)
    if request.path in _QUIET and response.status_code < 400:
        return
    who = g.principal.name if "principal" in g else None
    _log.info(
        "request",
        method=request.method,
        path=request.path,
        status=response.status_code,
        ms=round(seconds * 1000, 1),
        who=who,
    )
