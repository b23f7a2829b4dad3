"""Nothing acknowledged is lost, nothing happens twice, nobody is stuck - whatever process is killed when."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import pytest

from .house import VICTIMS
from .trial import trial

SECONDS = 25.0
PAUSE = (0.8, 2.2)


@pytest.mark.slow
def test_kills_in_random_order_lose_nothing_and_repeat_nothing(tmp_path: Path) -> None:
    seed = int(os.environ.get("LENDLOOM_CRASH_SEED") or secrets.randbelow(2**31))

    verdict = trial(tmp_path / "var", seconds=SECONDS, pause=PAUSE, seed=seed)

    done = f"seed {seed}: {verdict.summary}; killed {', '.join(verdict.killed)}"
    assert set(VICTIMS) <= set(verdict.killed), done
    assert not verdict.differences, "\n".join([done, *verdict.differences])
    assert not verdict.faults, "\n".join([done, *verdict.faults])
