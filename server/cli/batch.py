"""Decisions for every row of a file, with progress; the results appear when the last row is done."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from server.cli.console import language, say
from server.dmn import DecisionModel
from server.messages import counted
from server.runtime.decision_batch import DecisionBatch
from server.runtime.spreadsheets import kind_of, read_rows, written_rows

_EVERY_SECONDS: Final = 2.0


def run_batch(model: DecisionModel, decisions: Sequence[str], source: Path, target: Path, instant: dt.datetime) -> None:
    """Evaluates the decisions for every row of ``source``; ends the command with 1 where a row has no result."""
    batch = DecisionBatch(model, decisions, instant)
    kind = kind_of(str(target))
    part = target.with_name(f"{target.stem}.part{target.suffix}")
    done = failed = 0
    progress = _Progress()
    with source.open("rb") as file:
        headings, cases = batch.read(read_rows(file, str(source)), str(source))
        try:
            with part.open("wb") as written, written_rows(written, kind) as write:
                write([*headings, *batch.headings])
                for case in cases:
                    results = batch.evaluate(case.facts)
                    done += 1
                    failed += any(result.failed for result in results)
                    write([*case.cells, *batch.cells(results, language())])
                    progress.tell(done)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    say(
        f"{done} 行已写入 {target}，{failed} 行没有结果。",
        f"{counted(done, 'row')} written to {target}, {failed} without a result.",
    )
    if failed:
        raise SystemExit(1)


class _Progress:
    """Says now and then how far the rows are."""

    def __init__(self) -> None:
        self._began = self._told = time.monotonic()

    def tell(self, done: int) -> None:
        now = time.monotonic()
        if now - self._told > _EVERY_SECONDS:
            self._told = now
            rate = done / (now - self._began)
            say(f"  已完成 {done} 行（每秒 {rate:.0f} 行）", f"  {done} rows done ({rate:.0f} a second)")
