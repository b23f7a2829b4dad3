"""The reference cases: published figures that schedules and allocations are held to."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Case = dict[str, Any]


@pytest.fixture(scope="session")
def reference_cases() -> dict[str, Case]:
    """All cases by id; skips, with the place it looked in, where the data is not at hand."""
    beside_repository = Path(__file__).resolve().parents[3] / "shared"
    path = Path(os.environ.get("LENDLOOM_SHARED", beside_repository)) / "lending_cases/reference_cases.json"
    if not path.is_file():
        pytest.skip(f"no reference cases at {path}; set LENDLOOM_SHARED to the folder of the shared data")
    cases: list[Case] = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return {case["id"]: case for case in cases}


@pytest.fixture
def reference_case(reference_cases: dict[str, Case]) -> Callable[[str], Case]:
    """One case by id; a case that is gone is a failure, not a skip."""
    return lambda case_id: reference_cases[case_id]
