"""How slow the machine is just now, for tests of bars that are times.

The same machine may take two or four times as long a minute later, when others share its processors. A bar is a time
on a machine of usual speed; on a slower one it grows in proportion, on a quicker one it stays as it is. All count the
time of the processor: how long something waits for its turn says nothing about it.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from statistics import median
from time import process_time
from timeit import timeit

USUAL_SECONDS = 2.7e-6
"""What :func:`work` takes on the machines of docs/performance.md, where nothing else runs."""

ROWS = [{"amount": number, "score": Decimal(number), "status": "ok"} for number in range(20)]


def work() -> int:
    """Twenty conditions as somebody would write them in Python, for one who would not write them in FEEL."""
    found = 0
    for row in ROWS:
        if row["amount"] > 3 and row["score"] >= Decimal(7) and row["status"] == "ok":
            found += 1
    return found


def mean_seconds(call: Callable[[], object], times: int) -> float:
    """What one of many calls takes."""
    return timeit(call, timer=process_time, number=times) / times


def slowness(rounds: int = 9) -> float:
    """How many times the usual time work takes; 1 for a machine of usual speed or quicker.

    With few rounds it is the moment's, for something measured beside it.
    """
    return max(1.0, median(mean_seconds(work, 100) for _ in range(rounds)) / USUAL_SECONDS)
