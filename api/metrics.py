"""Prometheus metrics at ``/metrics``: requests by route, and what waits in the database.

With several server processes each keeps its counts in a file under ``PROMETHEUS_MULTIPROC_DIR`` and any of them
answers for all. The numbers carry no data of any case; the path is open, as Prometheus expects.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from flask import Flask, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import REGISTRY, Collector
from sqlalchemy import func, select, true

from server.store.database import transaction
from server.store.work import Incident, Job, Timer, UserTask

from .authorization import public

_FRESH_SECONDS = 5.0
_MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"

_requests = Counter("lendloom_http_requests", "HTTP requests answered", ("method", "route", "status"))
_seconds = Histogram(
    "lendloom_http_request_seconds",
    "Time to answer an HTTP request",
    ("method", "route"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    _requests.labels(method, route, status).inc()
    _seconds.labels(method, route).observe(seconds)


class Waiting(Collector):
    """What instances wait for, counted by PostgreSQL at most every few seconds, however many ask."""

    def __init__(self) -> None:
        self._counted_at = float("-inf")
        self._metrics: list[Metric] = []

    def collect(self) -> Iterator[Metric]:
        if time.monotonic() - self._counted_at > _FRESH_SECONDS:
            self._metrics = _count_waiting()
            self._counted_at = time.monotonic()
        yield from self._metrics


def _count_waiting() -> list[Metric]:
    open_jobs = (Job.ended_at.is_(None), Job.retries > 0, Job.suspended.is_not(true()))
    jobs = select(Job.type, func.count()).where(*open_jobs).group_by(Job.type)
    incidents = select(Incident.error_type, func.count()).where(Incident.state == "ACTIVE")
    tasks = select(func.count()).select_from(UserTask).where(UserTask.state == "CREATED")
    overdue = select(func.count()).select_from(Timer).where(Timer.due_at < func.now(), Timer.suspended.is_not(true()))
    waiting_jobs = GaugeMetricFamily(
        "lendloom_jobs_open", "Jobs that wait or run, those of suspended cases aside", labels=["type"]
    )
    active = GaugeMetricFamily("lendloom_incidents_active", "Incidents to be repaired", labels=["error_type"])
    with transaction() as connection:
        for job_type, count in connection.execute(jobs):
            waiting_jobs.add_metric([job_type], count)
        for error_type, count in connection.execute(incidents.group_by(Incident.error_type)):
            active.add_metric([error_type], count)
        open_tasks = connection.execute(tasks).scalar_one()
        late_timers = connection.execute(overdue).scalar_one()
    return [
        waiting_jobs,
        active,
        GaugeMetricFamily("lendloom_user_tasks_open", "User tasks that wait for a person", value=open_tasks),
        GaugeMetricFamily(
            "lendloom_timers_late", "Timers past their due time, those of suspended cases aside", value=late_timers
        ),
    ]


def register_metrics(app: Flask) -> None:
    """Serve ``/metrics``."""
    waiting = Waiting()

    @app.get("/metrics")
    @public
    def metrics() -> Response:
        registry = REGISTRY
        if os.environ.get(_MULTIPROCESS):
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)
        database = CollectorRegistry()
        database.register(waiting)
        return Response(generate_latest(registry) + generate_latest(database), content_type=CONTENT_TYPE_LATEST)
