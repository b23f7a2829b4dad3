"""Logs: one line an event, with the trace id, and without secrets - in our own lines and in libraries'."""

from __future__ import annotations

import json
import logging

import pytest
import structlog

from server import logs
from server.settings import Settings


@pytest.fixture(autouse=True)
def undisturbed():
    """Logging is the process's: what a test sets up here must not stay for the others."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_lines_carry_process_level_and_trace_id(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(), process="worker")

    with logs.trace("0123", instance=7):
        structlog.get_logger().info("job.completed", job=3)
        logging.getLogger("some.library").warning("slow: %s", "ja")
        assert logs.current_trace_id() == "0123"
    structlog.get_logger().info("after")

    own, foreign, after = _lines(capsys)
    assert (own["event"], own["trace_id"], own["process"]) == ("job.completed", "0123", "worker")
    assert (own["instance"], own["job"]) == (7, 3)
    assert (foreign["event"], foreign["trace_id"], foreign["level"]) == ("slow: ja", "0123", "warning")
    assert foreign["logger"] == "some.library"
    assert "trace_id" not in after
    assert logs.current_trace_id() is None


def test_chinese_stays_readable(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings())

    structlog.get_logger().info("客户撤回申请")

    assert "客户撤回申请" in capsys.readouterr().err


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_secrets_are_hidden_wherever_they_stand(log_format: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(log_format=log_format))
    password = "hunter2-hunter2"

    structlog.get_logger().info("a", password=password, nested={"client_secret": [password]})
    structlog.get_logger().info("b", address=f"postgresql://loans:{password}@db/loans")
    logging.getLogger("library").error("sent Authorization: Bearer %s", password, extra={"cookie": password})
    try:
        raise ValueError(f"http://u:{password}@pay.example refused")
    except ValueError:
        structlog.get_logger().exception("c")
        logging.getLogger("library").exception("d")

    written = capsys.readouterr().err
    assert written.count(logs.HIDDEN) >= 6
    assert "ValueError" in written
    # The traceback quotes the line of the test itself, which names the variable but not its value.
    assert password not in written


def test_the_level_is_respected(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(log_level="warning"))

    structlog.get_logger().info("quiet")
    logging.getLogger("library").info("quiet")
    structlog.get_logger().warning("loud")

    assert [line["event"] for line in _lines(capsys)] == ["loud"]


def test_trace_ids_are_made_where_none_came() -> None:
    with logs.trace() as first, logs.trace() as second:
        assert first != second
        assert len(first) == 32
        int(first, 16)
