"""``python -m benchmarks``: run the workloads, print a table, write ``var/bench.json``."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import time
from pathlib import Path
from typing import Any

from . import workloads
from .installation import Installation, fresh_installation
from .measure import Run, run
from .multiply import multiply_waiting
from .statements import count_statements

VAR = Path("var")


def main() -> None:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--big", action="store_true", help="W3 also with 100,000 waiting instances")
    parser.add_argument("--only", action="append", choices=["W1", "W2", "W3", "W4"], help="run only this one")
    parser.add_argument("--operations", type=int, default=1200, help="instances per run of W1 and W2")
    parser.add_argument("--memory", type=int, default=0, metavar="N", help="also watch memory over N instances of W1")
    parser.add_argument("--port", type=int, default=18080)
    options = parser.parse_args()
    chosen = set(options.only or ["W1", "W2", "W3", "W4"])
    results: dict[str, Any] = {"at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds")}
    with fresh_installation(VAR / "bench", options.port) as installation:
        if "W1" in chosen:
            results["W1"] = _paired(installation, "W1", workloads.straight_through, options.operations)
        if "W2" in chosen:
            results["W2"] = _paired(installation, "W2", workloads.loan_approval, options.operations)
            results["W2"]["statements"] = count_statements(installation)
            results["W2"]["snapshot_bytes"] = _snapshot_bytes(installation)
            print(f"    statements {results['W2']['statements']}, snapshot {results['W2']['snapshot_bytes']} bytes")
        if "W3" in chosen:
            results["W3"] = _worklist(installation, big=options.big)
        if "W4" in chosen:
            results["W4"] = _timers(installation)
        if options.memory:
            results["memory"] = _memory(installation, options.memory)
    VAR.mkdir(exist_ok=True)
    (VAR / "bench.json").write_text(json.dumps(results, indent=1, ensure_ascii=False))
    print(f"written: {VAR / 'bench.json'}")


def _paired(installation: Installation, name: str, operation: workloads.Operation, count: int) -> dict[str, Any]:
    run(installation, operation, clients=4, operations=120)  # warm: caches, prepared statements, pools
    figures = {}
    for clients in (1, 4):
        figures[f"clients_{clients}"] = _report(name, run(installation, operation, clients=clients, operations=count))
    return figures


def _report(name: str, figures: Run) -> dict[str, Any]:
    total = figures.server_cpu_ms + figures.database_cpu_ms
    print(
        f"{name}  {figures.clients} client(s)  {figures.per_second:8.1f}/s   CPU {total:6.2f} ms"
        f" (server {figures.server_cpu_ms:.2f} + database {figures.database_cpu_ms:.2f})   WAL {figures.wal_bytes:,} B"
    )
    for step, p in figures.latencies_ms.items():
        print(f"    {step:10} p50 {p['p50']:8.2f}  p95 {p['p95']:8.2f}  p99 {p['p99']:8.2f} ms")
    return figures.as_json()


def _snapshot_bytes(installation: Installation) -> dict[str, Any]:
    run(installation, workloads.start_approval, clients=1, operations=20)
    row = installation.sql(
        "SELECT avg(length(snapshot))::int, avg(length(variables::text))::int"
        " FROM instance_state WHERE snapshot IS NOT NULL"
    )[0]
    return {"snapshot": row[0], "variables": row[1]}


def _worklist(installation: Installation, *, big: bool) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    print("W3  starting 10,000 instances that wait ...")
    figures["fill"] = _report("W3", run(installation, workloads.start_approval, clients=4, operations=10_000))
    for size in (10_000, 100_000) if big else (10_000,):
        if size > 10_000:
            print(f"W3  multiplying the waiting instances to {size:,} ...")
            multiply_waiting(installation, size)
        installation.sql("ANALYZE")
        run(installation, workloads.page_and_claim, clients=1, operations=40)
        figures[f"waiting_{size}"] = _report(
            f"W3 {size:,}", run(installation, workloads.page_and_claim, clients=1, operations=300)
        )
    return figures


def _timers(installation: Installation, count: int = 10_000) -> dict[str, Any]:
    due = dt.datetime.now(dt.UTC) + dt.timedelta(days=30)
    print(f"W4  starting {count:,} instances with a timer ...")
    run(installation, workloads.start_timer(due.isoformat()), clients=4, operations=count)
    installation.start("clock")
    time.sleep(5)
    cpu = installation.cpu_seconds()
    client = installation.client()
    began = time.perf_counter()
    instant = int((due + dt.timedelta(seconds=1)).timestamp() * 1000)
    client.call("PUT", "/v2/clock", {"timestamp": instant})
    first = None
    while True:
        left = int(str(installation.sql("SELECT count(*) FROM timer WHERE instance_key IS NOT NULL")[0][0]))
        if first is None and left < count:
            first = time.perf_counter() - began
        if left == 0:
            break
        time.sleep(0.2)
    elapsed = time.perf_counter() - began
    after = installation.cpu_seconds()
    client.call("POST", "/v2/clock/reset")
    figures = {
        "timers": count,
        "seconds": round(elapsed, 2),
        "per_second": round(count / elapsed, 1),
        "seconds_to_first": round(first or 0.0, 2),
        "server_cpu_ms": round((after[0] - cpu[0]) * 1000 / count, 2),
        "database_cpu_ms": round((after[1] - cpu[1]) * 1000 / count, 2),
    }
    print(f"W4  {figures}")
    return figures


def _memory(installation: Installation, count: int) -> dict[str, Any]:
    marks = [installation.memory_bytes()]
    for _ in range(4):
        run(installation, workloads.straight_through, clients=4, operations=count // 4)
        marks.append(installation.memory_bytes())
    print("memory MB after each quarter:", [m >> 20 for m in marks])
    return {"instances": count, "resident_bytes": marks}


if __name__ == "__main__":
    main()
