"""Timers: zones, working days, missed firings, and what the gate says about them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.bpmn import ProcessModel, TimerDefinition, TimerSchedule, lint, read_processes
from server.bpmn.effects import IncidentCleared, IncidentRaised, TimerCleared, TimerSet, UserTaskOpened
from server.bpmn.expressions import read_expression
from server.bpmn.timers import TimerSettings
from server.calendars import DatedCalendar, read_calendar

from .diagrams import END, NOW, START, World, boundary, document, flow, node, path, timer

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
CN = read_calendar(
    "CN",
    "Asia/Shanghai",
    [
        {
            "from": "2026-01-01",
            "to": "2026-01-31",
            "hours": {"MON-FRI": ["09:00-18:00"]},
            "holidays": ["2026-01-07"],
            "makeUpDays": ["2026-01-10"],
        }
    ],
)
FEBRUARY = {"from": "2026-02-01", "to": "2026-12-31", "hours": {"MON-FRI": ["09:00-18:00"]}}


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def no_calendars(_id: str | None) -> DatedCalendar:
    raise AssertionError("no calendar is needed")


def definition(kind: str, text: str, **settings: str) -> TimerDefinition:
    return TimerDefinition(kind, read_expression(text), TimerSettings(**settings))


def dues(timer_: TimerDefinition, now: dt.datetime, number: int) -> list[dt.datetime]:
    """The first due times of a timer that a clock fires punctually."""
    schedule: TimerSchedule | None = timer_.first_due(now, {}, calendars=lambda _id: CN)
    found = []
    while schedule is not None and len(found) < number:
        found.append(schedule.due_at)
        schedule = timer_.fired(schedule, schedule.due_at, calendars=lambda _id: CN).following
    return found


def waiting(kind: str, text: str, ext: str = "", process: str = "") -> ProcessModel:
    """A process that waits for a timer and ends."""
    catch = node("intermediateCatchEvent", "wait", timer(kind, text.replace('"', "&quot;")), ext=ext)
    holder = f"<bpmn:extensionElements>{process}</bpmn:extensionElements>" if process else ""
    return read_processes(document(holder, START, catch, END, path("start", "wait", "end")))[0]


def reminding(cycle: str, ext: str = "") -> ProcessModel:
    """A process whose user task has a repeated reminder."""
    return read_processes(
        document(
            START,
            node("userTask", "work"),
            boundary("remind", "work", timer("cycle", cycle), interrupting=False, ext=ext),
            node("userTask", "call"),
            END,
            path("start", "work", "end"),
            flow("remind", "call"),
        )
    )[0]


# -- when a timer is due -------------------------------------------------------------------------------------------


def test_cron_with_a_zone_follows_the_clocks_of_that_zone() -> None:
    cron = definition("cycle", "0 9 * * MON-FRI Europe/Berlin")
    found = dues(cron, at("2026-03-27T12:00:00+00:00"), 2)
    assert found == [at("2026-03-30T07:00:00+00:00"), at("2026-03-31T07:00:00+00:00")]  # summer time since Sunday
    assert dues(cron, at("2026-03-26T12:00:00+00:00"), 1) == [at("2026-03-27T08:00:00+00:00")]


def test_without_a_zone_wall_times_are_those_of_shanghai_or_of_the_zone_at_the_timer() -> None:
    assert dues(definition("cycle", "0 9 * * *"), NOW, 1) == [at("2026-01-06T09:00:00+08:00")]
    assert dues(definition("cycle", "0 9 * * *", zone="Europe/Berlin"), NOW, 1) == [at("2026-01-05T09:00:00+01:00")]
    assert dues(definition("date", "2026-03-01T09:00:00", zone="Europe/Berlin"), NOW, 1) == [
        at("2026-03-01T09:00:00+01:00")
    ]


def test_a_zone_at_the_timer_turns_an_offset_into_a_wall_time() -> None:
    cycle = definition("cycle", "R3/2026-03-27T09:00:00+01:00/P1D", zone="Europe/Berlin")
    before = at("2026-03-28T10:00:00+00:00")
    assert dues(cycle, before, 9) == [at("2026-03-29T07:00:00+00:00")]
    frozen = definition("cycle", "R3/2026-03-27T09:00:00+01:00/P1D")
    assert dues(frozen, before, 9) == [at("2026-03-29T08:00:00+00:00")]


def test_months_are_counted_in_the_timers_zone() -> None:
    late_in_january = at("2026-01-31T16:30:00+00:00")  # the first of February in Shanghai
    assert dues(definition("duration", "P1M"), late_in_january, 1) == [at("2026-03-01T00:30:00+08:00")]


def test_a_cycle_of_months_does_not_lose_its_day_in_february() -> None:
    start = at("2026-01-31T09:00:00+08:00")
    assert [due.day for due in dues(definition("cycle", "R4/P1M"), start, 9)] == [28, 31, 30, 31]
    assert [due.day for due in dues(definition("cycle", "R/P1M"), start, 3)] == [28, 31, 30]


def test_a_cycle_with_a_start_and_a_count_fires_at_those_times_only() -> None:
    cycle = definition("cycle", "R5/2026-01-01T09:00:00+08:00/P1D")
    assert dues(cycle, at("2026-01-03T12:00:00+08:00"), 9) == [
        at("2026-01-04T09:00:00+08:00"),
        at("2026-01-05T09:00:00+08:00"),
    ]


def test_a_repetition_ends_when_it_is_told_to() -> None:
    assert len(dues(definition("cycle", "0 9 * * *", until="2026-01-08T09:00:00"), NOW, 99)) == 3
    assert len(dues(definition("cycle", "R/P1D", until="2026-01-08"), NOW, 99)) == 2


@pytest.mark.parametrize("text", ['=now() + duration("P1D")', '=date and time("2026-01-06T09:00:00@Asia/Shanghai")'])
def test_feel_gives_dates(text: str) -> None:
    (set_,) = World(waiting("date", text)).start().of(TimerSet)
    assert set_.due_at == NOW + DAY


def test_feel_gives_texts_of_cycles_and_durations_of_working_days() -> None:
    world = World(waiting("duration", '="P" + string(days) + "WD"'))
    world.calendars[None] = CN
    assert world.start(days=2).of(TimerSet)[0].due_at == at("2026-01-08T09:00:00+08:00")
    (set_,) = World(reminding('="0 10 * * * " + zone'.replace('"', "&quot;"))).start(zone="Asia/Tokyo").of(TimerSet)
    assert (set_.due_at, set_.cycle) == (at("2026-01-06T10:00:00+09:00"), "0 10 * * * Asia/Tokyo")


# -- working days ----------------------------------------------------------------------------------------------------


def test_working_days_are_counted_by_the_default_calendar() -> None:
    world = World(waiting("duration", "P3WD"))
    world.calendars[None] = CN
    assert world.start().of(TimerSet)[0].due_at == at("2026-01-09T09:00:00+08:00")  # Wednesday is a holiday


def test_the_timers_calendar_goes_before_that_of_its_process() -> None:
    process, own = ('<lendloom:calendar name="bank"/>', '<lendloom:calendar name="CN"/>')
    for ext, calendar_id in (("", "bank"), (own, "CN")):
        world = World(waiting("duration", "P3WD", ext=ext, process=process))
        world.calendars[calendar_id] = CN
        assert world.start().of(TimerSet), calendar_id


def test_a_year_that_the_calendar_lacks_is_an_incident_until_it_is_added() -> None:
    world = World(waiting("duration", "P20WD"))
    world.calendars[None] = CN
    (incident,) = world.start().of(IncidentRaised)
    assert incident.error_type == "EXTRACT_VALUE_ERROR"
    assert incident.message.code == "calendar.gap"
    assert "PUT /v2/calendars/CN" in incident.message.en
    rest = [_january(), FEBRUARY]
    world.calendars[None] = read_calendar("CN", "Asia/Shanghai", rest)
    world.do("retry", "wait")
    assert world.of(TimerSet)[0].due_at == at("2026-02-02T09:00:00+08:00")
    assert world.do("fire_timer", "wait").completed


def _january() -> dict[str, object]:
    return {
        "from": "2026-01-01",
        "to": "2026-01-31",
        "hours": {"MON-FRI": ["09:00-18:00"]},
        "holidays": ["2026-01-07"],
        "makeUpDays": ["2026-01-10"],
    }


def test_a_calendar_that_does_not_exist_is_an_incident() -> None:
    (incident,) = World(waiting("duration", "PT8WH")).start().of(IncidentRaised)
    assert incident.message.code == "calendar.unknown"


def test_a_calendar_at_a_cron_timer_keeps_it_to_working_days() -> None:
    cron = definition("cycle", "0 9 * * *", calendar="CN")
    assert [due.day for due in dues(cron, NOW, 4)] == [6, 8, 9, 10]
    everyday = definition("cycle", "0 9 * * *", process_calendar="CN")
    assert [due.day for due in dues(everyday, NOW, 4)] == [6, 7, 8, 9]


def test_a_repeated_timer_whose_calendar_ends_fires_and_then_stands_still() -> None:
    world = World(reminding("R/P1WD"))
    world.calendars[None] = CN
    world.now = at("2026-01-29T10:00:00+08:00")
    world.start()
    world.now = at("2026-01-30T10:00:00+08:00")
    world.do("fire_timer", "remind")
    assert world.waiting() == ["call", "remind", "work"]
    assert world.of(IncidentRaised)[0].message.code == "calendar.gap"
    assert world.of(TimerCleared)
    world.calendars[None] = read_calendar("CN", "Asia/Shanghai", [_january(), FEBRUARY])
    world.do("retry", "remind")
    assert world.of(IncidentCleared)
    assert world.of(TimerSet)[0].due_at == at("2026-02-02T10:00:00+08:00")
    world.do("fire_timer", "remind")
    assert world.waiting().count("call") == 2
    world.do("complete_user_task", "work", {})
    assert "remind" not in world.waiting()


def test_a_reminder_that_stands_still_goes_away_with_its_task() -> None:
    world = World(reminding("R/P1WD"))
    world.calendars[None] = CN
    world.now = at("2026-01-29T10:00:00+08:00")
    world.start()
    world.now = at("2026-01-30T10:00:00+08:00")
    world.do("fire_timer", "remind")
    world.do("complete_user_task", "work", {})
    assert world.of(IncidentCleared)
    assert world.waiting() == ["call"]


def test_due_dates_of_user_tasks_may_be_durations() -> None:
    ext = '<zeebe:userTask/><zeebe:taskSchedule dueDate="P3WD" followUpDate="=duration(&quot;P1D&quot;)"/>'
    task = node("userTask", "work", ext=ext + '<lendloom:calendar name="CN"/>')
    world = World(read_processes(document(START, task, END, path("start", "work", "end")))[0])
    world.calendars["CN"] = CN
    (opened,) = world.start().of(UserTaskOpened)
    assert opened.due_date == at("2026-01-09T09:00:00+08:00")
    assert opened.follow_up_date == NOW + DAY


# -- missed firings: the clock stood still for three days --------------------------------------------------------


def fire_when_due(world: World, element: str, until: dt.datetime) -> int:
    """Fire the element's timer as a clock would that woke up at ``until``; how many of the firings counted."""
    world.now = until
    world._store()  # the services of the next step see the new instant
    before = len(world.keys("call"))
    for _ in range(100):
        if not world.keys(element):
            break
        token = world.execution._instance.tasks[world.key(element)]
        if at(token.internal_data["timer"][0]) > until:
            break
        world.do("fire_timer", element)
    return len(world.keys("call")) - before


@pytest.mark.parametrize(
    ("misfire", "counted", "following"),
    [
        ("", 1, NOW + 3 * DAY + HOUR),
        ('<lendloom:timer misfire="once"/>', 1, NOW + 3 * DAY + HOUR),
        ('<lendloom:timer misfire="all"/>', 72, NOW + 3 * DAY + HOUR),
        ('<lendloom:timer misfire="skip"/>', 0, NOW + 3 * DAY + HOUR),
    ],
)
def test_after_three_days_a_reminder_follows_its_policy(misfire: str, counted: int, following: dt.datetime) -> None:
    world = World(reminding("R/PT1H", misfire)).start()
    late = NOW + 3 * DAY + dt.timedelta(minutes=5)
    assert fire_when_due(world, "remind", late) == counted
    token = world.execution._instance.tasks[world.key("remind")]
    assert at(token.internal_data["timer"][0]) == following
    # From then on it is punctual again.
    assert fire_when_due(world, "remind", following) == 1


def test_a_count_without_a_start_counts_what_was_fired() -> None:
    for misfire, counted in (("once", 1), ("all", 3), ("skip", 0)):
        world = World(reminding("R3/PT1H", f'<lendloom:timer misfire="{misfire}"/>')).start()
        now = NOW + 3 * DAY + dt.timedelta(minutes=5)
        assert fire_when_due(world, "remind", now) == counted, misfire
        for hour in range(5):
            counted += fire_when_due(world, "remind", NOW + 3 * DAY + (hour + 1) * HOUR)
        assert counted == 3, misfire
        assert not world.keys("remind"), misfire


def test_a_count_with_a_start_names_the_times_so_missed_ones_are_gone() -> None:
    for misfire, counted in (("once", 1), ("all", 3), ("skip", 0)):
        world = World(reminding("R3/2026-01-05T10:00:00+08:00/PT1H", f'<lendloom:timer misfire="{misfire}"/>'))
        assert fire_when_due(world.start(), "remind", NOW + 3 * DAY) == counted, misfire
        assert not world.keys("remind"), misfire


def test_a_timer_without_repetition_fires_once_however_late() -> None:
    world = World(waiting("duration", "PT1H")).start()
    world.now = NOW + 3 * DAY
    assert world.do("fire_timer", "wait").completed


@pytest.mark.parametrize(("policy", "counted"), [("once", 1), ("all", 9), ("skip", 0)])
def test_an_event_subprocess_that_a_timer_starts_follows_its_policy(policy: str, counted: int) -> None:
    ext = f'<lendloom:timer misfire="{policy}"/>'
    begin = node("startEvent", "remind", timer("cycle", "R/PT8H"), ext=ext, isInterrupting="false")
    inner = (begin, node("userTask", "call"), node("endEvent", "called"), path("remind", "call", "called"))
    file = document(
        START,
        node("userTask", "work"),
        END,
        node("subProcess", "esp", *inner, triggeredByEvent="true"),
        path("start", "work", "end"),
    )
    world = World(read_processes(file)[0]).start()
    assert fire_when_due(world, "remind", NOW + 3 * DAY + dt.timedelta(minutes=5)) == counted
    assert fire_when_due(world, "remind", NOW + 3 * DAY + 8 * HOUR) == 1


def test_skip_is_patient_for_a_moment() -> None:
    world = World(reminding("R/PT1H", '<lendloom:timer misfire="skip"/>')).start()
    assert fire_when_due(world, "remind", NOW + HOUR + dt.timedelta(seconds=30)) == 1


@settings(deadline=None)
@given(
    st.sampled_from(["R/PT7M", "R/P1D", "R/P1M", "0 9 * * MON-FRI Europe/Berlin", "*/13 * * * *"]),
    st.sampled_from(["once", "all", "skip"]),
    st.integers(0, 3 * 24 * 60),
    st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2027, 1, 1), timezones=st.just(ZoneInfo("UTC"))),
)
def test_what_follows_lies_on_the_punctual_timers_times(
    text: str, misfire: str, minutes: int, now: dt.datetime
) -> None:
    timer_ = definition("cycle", text, misfire=misfire)
    first = timer_.first_due(now, {}, calendars=no_calendars)
    late = first.due_at + dt.timedelta(minutes=minutes)
    following = timer_.fired(first, late, calendars=no_calendars).following
    assert following is not None
    assert following.due_at > (first.due_at if misfire == "all" else late)
    punctual = TimerDefinition("cycle", read_expression(text), TimerSettings(misfire="all"))
    schedule: TimerSchedule | None = first
    while schedule is not None and schedule.due_at < following.due_at:
        schedule = punctual.fired(schedule, schedule.due_at, calendars=no_calendars).following
    assert schedule is not None and schedule.due_at == following.due_at


# -- what no clock can keep ------------------------------------------------------------------------------------------


def test_a_negative_duration_that_is_calculated_is_due_at_once_as_a_date_that_has_passed() -> None:
    world = World(waiting("duration", "=duration(limit) - duration(reminder)"))
    world.start(limit="PT1H", reminder="PT2H")
    assert not world.of(IncidentRaised)
    assert world.of(TimerSet)[0].due_at == NOW - HOUR


def test_a_duration_of_nothing_is_due_at_once() -> None:
    world = World(waiting("duration", "=duration(limit)")).start(limit="PT0S")
    assert world.of(TimerSet)[0].due_at == NOW


@pytest.mark.parametrize("text", ["PT0.0009S", "PT0.0000001S", "PT0.0000002WH"])
def test_a_cycle_that_would_keep_the_clock_busy_is_an_incident_where_a_variable_gives_it(text: str) -> None:
    world = World(reminding("=&quot;R/&quot; + pause")).start(pause=text)
    (incident,) = world.of(IncidentRaised)
    assert (incident.error_type, incident.message.code) == ("EXTRACT_VALUE_ERROR", "calendar.cycle.too-short")
    assert not world.of(TimerSet)
    world.execution.set_variables(100, {"pause": "PT1S"})
    world.do("retry", incident.element_id)
    assert world.of(TimerSet)


def test_what_was_deployed_with_such_a_cycle_is_still_read_and_what_waits_goes_on() -> None:
    assert World(reminding("R/PT0.0005S")).start().of(IncidentRaised)
    due = TimerSchedule(NOW, "R/PT0.0005S", None)
    following = definition("cycle", "R/PT0.0005S").fired(due, NOW, calendars=no_calendars).following
    assert following is not None and following.due_at > NOW


# -- the gate ----------------------------------------------------------------------------------------------------------


def errors(kind: str, text: str, ext: str = "", *, process: str = "") -> list[str]:
    catch = boundary("event", "work", timer(kind, text), interrupting=kind != "cycle", ext=ext)
    holder = f"<bpmn:extensionElements>{process}</bpmn:extensionElements>" if process else ""
    file = document(holder, START, node("userTask", "work"), catch, END, path("start", "work", "end"))
    found = [finding for finding in lint(file) if finding.severity == "error"]
    assert all(finding.message.zh and finding.message.en and finding.line for finding in found)
    return [finding.message.code for finding in found]


@pytest.mark.parametrize(
    ("kind", "text", "ext", "code"),
    [
        ("duration", "P3XD", "", "calendar.duration.syntax"),
        ("duration", "-PT1H", "", "bpmn.timer-negative"),
        ("duration", "P9999Y", "", "calendar.duration.out-of-range"),
        ("cycle", "R/P99999999D", "", "calendar.duration.out-of-range"),
        ("cycle", "R/PT0.0005S", "", "calendar.cycle.too-short"),
        ("cycle", "R3/2026-01-01T09:00:00Z/PT0.0000001S", "", "calendar.cycle.too-short"),
        ("cycle", "R/PT0.0000001WH", "", "calendar.cycle.too-short"),
        ("cycle", "0 9 * * MON Asia/Atlantis", "", "calendar.zone.unknown"),
        ("cycle", "0 9 30 2 *", "", "calendar.cron.never"),
        ("cycle", "R/PT1H", '<lendloom:timer misfire="twice"/>', "bpmn.timer-misfire"),
        ("cycle", "R/PT1H", '<lendloom:timer zone="Asia/Atlantis"/>', "calendar.zone.unknown"),
        ("cycle", "R/PT1H", '<lendloom:timer until="some day"/>', "calendar.instant.syntax"),
        ("cycle", "R/PT1H", '<lendloom:timer misfires="all"/>', "bpmn.unknown-own-extension"),
        ("cycle", "R/PT1H", "<lendloom:clock/>", "bpmn.unknown-own-extension"),
        ("cycle", "R/PT1H", "<lendloom:calendar/>", "bpmn.calendar-name"),
        ("duration", "PT1H", '<lendloom:timer misfire="all"/>', "bpmn.timer-not-repeated"),
        ("duration", "PT1H", '<lendloom:timer until="2026-12-31"/>', "bpmn.timer-not-repeated"),
    ],
)
def test_the_gate_refuses_what_a_timer_cannot_do(kind: str, text: str, ext: str, code: str) -> None:
    assert errors(kind, text, ext) == [code]


@pytest.mark.parametrize(
    ("kind", "text", "ext"),
    [
        ("duration", "P3WD", ""),
        ("duration", "PT0S", ""),
        ("cycle", "R/PT1S", ""),
        ("cycle", "R/P1DT0.5S", ""),
        ("duration", "P1WDT4.5WH", '<lendloom:calendar name="CN"/>'),
        ("cycle", "0 9 * * MON-FRI Asia/Shanghai", '<lendloom:timer misfire="all" until="2026-12-31"/>'),
        ("cycle", "R5/2026-01-01T09:00:00+08:00/P1D", '<lendloom:timer zone="Asia/Shanghai" misfire="skip"/>'),
        ("cycle", "R/2026-03-27T09:00:00[Europe/Berlin]/P1D", ""),
    ],
)
def test_the_gate_takes_what_a_timer_can_do(kind: str, text: str, ext: str) -> None:
    assert errors(kind, text, ext, process='<lendloom:calendar name="CN"/>') == []


def test_time_settings_where_they_would_do_nothing_are_refused() -> None:
    for ext, code in (
        ('<lendloom:timer zone="UTC"/>', "bpmn.timer-position"),
        ('<lendloom:calendar name="CN"/>', "bpmn.calendar-position"),
    ):
        file = document(START, node("task", "work", ext=ext), END, path("start", "work", "end"))
        assert [finding.message.code for finding in lint(file)] == [code]
    assert errors("duration", "PT1H", process="<lendloom:calendars/>") == ["bpmn.unknown-own-extension"]


def test_a_literal_due_date_is_read_at_deployment() -> None:
    task = node("userTask", "work", ext='<zeebe:userTask/><zeebe:taskSchedule dueDate="soon" followUpDate="P3QD"/>')
    file = document(START, task, END, path("start", "work", "end"))
    assert [f.message.code for f in lint(file)] == ["calendar.instant.syntax", "calendar.duration.syntax"]
