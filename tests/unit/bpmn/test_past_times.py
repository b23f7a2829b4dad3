"""Fixed times that have passed: a repetition that is over is refused, a date that is due at once is a warning."""

from __future__ import annotations

import datetime as dt

import pytest

from server.bpmn import Failure, read_processes
from server.messages import Severity
from server.runtime.lint import lint_files

from .diagrams import END, START, boundary, document, flow, node, path, timer

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
ERROR, WARNING = Severity.ERROR, Severity.WARNING


def found(file: bytes, now: dt.datetime | None = NOW) -> list[tuple[str, Severity]]:
    findings = lint_files([("test.bpmn", file)], now=now)
    return [
        (f.message.code, f.severity)
        for f in findings
        if f.severity is not Severity.INFO and "lint." not in f.message.code
    ]


def starts(kind: str, text: str, ext: str = "") -> bytes:
    return document(node("startEvent", "start", timer(kind, text), ext=ext), END, path("start", "end"))


def reminds(text: str, ext: str = "") -> bytes:
    return document(
        START,
        node("userTask", "x"),
        END,
        boundary("late", "x", timer("cycle", text), interrupting=False, ext=ext),
        node("endEvent", "told"),
        path("start", "x", "end"),
        flow("late", "told"),
    )


def waits(kind: str, text: str) -> bytes:
    return document(START, node("intermediateCatchEvent", "x", timer(kind, text)), END, path("start", "x", "end"))


OVER = [
    "R3/2020-01-01T00:00:00Z/P1D",
    "R1/2026-03-01T11:00:00Z/PT1H",
    '="R3/2020-01-01T00:00:00Z/P1D"'.replace('"', "&quot;"),
]
GOES_ON = [
    "R/2020-01-01T00:00:00Z/P1D",
    "R3/2026-02-28T13:00:00Z/P1D",
    "R3/P1D",
    "0 0 9 * * *",
    "R3/2020-01-01/P1WD",  # hangs on a calendar, which may leave years out
    "=&quot;R3/&quot; + string(date(now()) + duration(&quot;P1D&quot;)) + &quot;/P1D&quot;",
]


@pytest.mark.parametrize("text", OVER)
def test_a_repetition_that_is_over_is_refused(text):
    assert found(starts("cycle", text)) == [("bpmn.timer-past", ERROR)]
    assert found(reminds(text)) == [("bpmn.timer-past", ERROR)]


@pytest.mark.parametrize("text", OVER)
def test_such_a_repetition_would_have_been_an_incident(text):
    (process,) = read_processes(reminds(text))
    (event,) = [each for each in process.nodes if each.element.id == "late"]
    with pytest.raises(Failure):
        event.event_definition.first_due(NOW, {}, calendars=lambda _name: None)


@pytest.mark.parametrize("text", GOES_ON)
def test_a_repetition_that_goes_on_passes(text):
    assert found(reminds(text)) == []


def test_the_end_of_a_repetition_counts():
    def until(day: str) -> bytes:
        return reminds("0 0 9 * * *", f'<lendloom:timer until="{day}"/>')

    assert found(until("2026-02-01")) == [("bpmn.timer-past", ERROR)]
    assert found(until("2026-04-01")) == []


def test_a_repetition_that_never_falls_due_is_refused_once():
    never = "R2/2020-01-01T00:00:00Z/P1D"
    assert found(reminds(f"=&quot;{never}&quot;", '<lendloom:timer until="1980-01-01"/>')) == [
        ("bpmn.timer-value", ERROR)
    ]


@pytest.mark.parametrize("text", ["2025-01-01T00:00:00Z", "2025-01-01", "=date(&quot;2025-01-01&quot;)"])
def test_a_date_that_has_passed_is_a_warning(text):
    assert found(waits("date", text)) == [("bpmn.timer-past", WARNING)]
    assert found(starts("date", text)) == [("bpmn.timer-past", WARNING)]


@pytest.mark.parametrize("text", ["2027-01-01T00:00:00Z", "=now()", "=due", "2026-03-01T20:00:00+08:00"])
def test_a_date_to_come_or_of_the_moment_passes(text):
    assert found(waits("date", text)) == []


def test_a_due_date_that_has_passed_is_a_warning():
    def due(text: str) -> bytes:
        ext = f'<zeebe:userTask/><zeebe:taskSchedule dueDate="{text}"/>'
        return document(START, node("userTask", "x", ext=ext), END, path("start", "x", "end"))

    assert found(due("2025-01-01")) == [("bpmn.due-date-past", WARNING)]
    assert found(due("P3D")) == found(due("2027-01-01")) == found(due("=due")) == []


def test_without_an_instant_nothing_is_said_of_times():
    assert found(reminds(OVER[0]), None) == []
    assert found(waits("date", "2025-01-01"), None) == []


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("duration", "=duration(&quot;-PT1H&quot;)", "calendar.duration.negative"),
        ("cycle", "=&quot;R/PT0.0001S&quot;", "calendar.cycle.too-short"),
        ("cycle", "R/2020-01-01T00:00:00Z/PT0.0001S", "calendar.cycle.too-short"),
    ],
)
def test_what_no_clock_can_keep_is_told_once(kind: str, text: str, code: str) -> None:
    file = waits("duration", text) if kind == "duration" else reminds(text)
    assert found(file) == [(code, ERROR)]
