"""Running an operation from several client processes at once, and the figures of the run."""

from __future__ import annotations

import multiprocessing
import statistics
import time
from dataclasses import asdict, dataclass
from typing import Any

from .http import Client
from .installation import CLIENT_ID, Installation
from .workloads import Operation, Timings


@dataclass(frozen=True, slots=True)
class Run:
    """The figures of one run; milliseconds, per operation where not said otherwise."""

    clients: int
    operations: int
    per_second: float
    server_cpu_ms: float
    database_cpu_ms: float
    wal_bytes: float
    latencies_ms: dict[str, dict[str, float]]

    def as_json(self) -> dict[str, Any]:
        """The run as plain data."""
        return asdict(self)


def run(installation: Installation, operation: Operation, *, clients: int, operations: int) -> Run:
    """Run ``operation`` so many times in all, shared by so many client processes."""
    context = multiprocessing.get_context("fork")
    ready, go = context.Barrier(clients + 1), context.Barrier(clients + 1)
    results: Any = context.Queue()
    share = operations // clients
    workers = [
        context.Process(
            target=_work,
            args=(installation.settings.port, installation.secret, operation, share, ready, go, results),
        )
        for _ in range(clients)
    ]
    for worker in workers:
        worker.start()
    ready.wait()
    cpu, wal = installation.cpu_seconds(), installation.wal_bytes()
    began = time.perf_counter()
    go.wait()
    gathered: list[Timings] = [results.get() for _ in workers]
    elapsed = time.perf_counter() - began
    cpu_after, wal_after = installation.cpu_seconds(), installation.wal_bytes()
    for worker in workers:
        worker.join()
    failures = [g for g in gathered if "failure" in g]
    if failures:
        raise SystemExit(f"A client failed: {failures[0]['failure']}")
    count = share * clients
    names = {name for timings in gathered for name in timings}
    return Run(
        clients=clients,
        operations=count,
        per_second=round(count / elapsed, 1),
        server_cpu_ms=round((cpu_after[0] - cpu[0]) * 1000 / count, 2),
        database_cpu_ms=round((cpu_after[1] - cpu[1]) * 1000 / count, 2),
        wal_bytes=round((wal_after - wal) / count),
        latencies_ms={name: _percentiles([s for g in gathered for s in g.get(name, [])]) for name in sorted(names)},
    )


def _work(port: int, secret: str, operation: Operation, count: int, ready: Any, go: Any, results: Any) -> None:
    timings: Timings = {}
    try:
        client = Client(port)
        client.sign_in(CLIENT_ID, secret)
        ready.wait()
        go.wait()
        for _ in range(count):
            operation(client, timings)
    except Exception as error:  # told to the parent, which stops the benchmark
        results.put({"failure": f"{type(error).__name__}: {error}"})
        return
    results.put(timings)


def _percentiles(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(s * 1000 for s in seconds)

    def at(share: float) -> float:
        return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)], 2)

    return {"p50": round(statistics.median(ordered), 2), "p95": at(0.95), "p99": at(0.99)}
