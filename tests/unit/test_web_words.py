"""The web application has words for every code that the API gives: none is shown as it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from camunda_orchestration_sdk.models.incident_result_error_type import IncidentResultErrorType

from api import batch_operations, jobs, user_tasks
from server.jobs.job_batches import UPDATE_JOB
from server.runtime import batch_kinds, migrations, modifications, variables

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "web" / "src"
KEY = re.compile(r"^  '([\w.]+)':", re.MULTILINE)
# What is kept of what operators do, beside the batches.
RECORDS = {"SUSPEND_PROCESS_DEFINITION", "RESUME_PROCESS_DEFINITION", variables.KIND}


def words(prefix: str, language: str) -> set[str]:
    """The codes for which the application has a word."""
    text = (WEB / "processes" / f"strings.{language}.ts").read_text(encoding="utf-8")
    return {key.removeprefix(prefix) for key in KEY.findall(text) if key.startswith(prefix)}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_operations_have_words(language: str) -> None:
    of_batches = {name for name in vars(batch_kinds).values() if isinstance(name, str) and name.isupper()}
    asked = {*batch_operations.TYPES, *of_batches, UPDATE_JOB, migrations.KIND, modifications.KIND, *RECORDS}
    assert len(asked) > 15
    assert asked <= words("operation.", language)


def test_every_kind_of_record_is_known_here() -> None:
    written = set()
    for module in (ROOT / "server" / "runtime").glob("*.py"):
        text = module.read_text(encoding="utf-8")
        if "record(" in text:
            written |= set(re.findall(r'"([A-Z]+(?:_[A-Z]+)*_(?:INSTANCE|DEFINITION|VARIABLES?))"', text))
    assert written and written <= words("operation.", "zh")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_incidents_have_words(language: str) -> None:
    assert {kind.value for kind in IncidentResultErrorType} <= words("error.", language)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_states_have_words(language: str) -> None:
    asked = {*batch_operations.STATES, *batch_operations.ITEM_STATES, *jobs.STATES, *user_tasks._STATES}
    asked |= {"ACTIVE", "COMPLETED", "TERMINATED", "SUSPENDED", "RESOLVED", "EVALUATED", "FAILED"}
    assert asked <= words("state.", language)
