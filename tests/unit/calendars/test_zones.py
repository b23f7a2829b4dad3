"""Schedules with zones behind them: the wall clock is kept when clocks change."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from server.calendars import CronError, InstantError, parse_cron, parse_cycle


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expression", "zone"),
    [
        ("0 9 * * MON-FRI", "0 9 * * MON-FRI", "Asia/Shanghai"),
        ("0 9 * * MON-FRI Europe/Berlin", "0 9 * * MON-FRI", "Europe/Berlin"),
        ("0 0 9 * * * UTC", "0 0 9 * * *", "UTC"),
        ("0 9 * * * America/Argentina/Buenos_Aires", "0 9 * * *", "America/Argentina/Buenos_Aires"),
        ("*/5 8-18/2 * * SUN,SAT Etc/GMT+8", "*/5 8-18/2 * * SUN,SAT", "Etc/GMT+8"),
        ("@daily Asia/Tokyo", "@daily", "Asia/Tokyo"),
    ],
)
def test_a_cron_text_may_end_with_its_zone(text: str, expression: str, zone: str) -> None:
    cron = parse_cron(text, "Asia/Shanghai")
    assert (cron.expression, cron.zone) == (expression, zone)


def test_a_cron_text_with_a_zone_that_does_not_exist_or_no_schedule_is_refused() -> None:
    with pytest.raises(InstantError):
        parse_cron("0 9 * * * Asia/Atlantis", "UTC")
    with pytest.raises(CronError):
        parse_cron("nine o'clock Asia/Shanghai", "UTC")


def test_a_cycle_keeps_the_wall_time_of_its_zone_over_a_change_of_clocks() -> None:
    for text in (
        "R/2026-03-27T09:00:00+01:00/P1D[Europe/Berlin]",
        "R/2026-03-27T09:00:00[Europe/Berlin]/P1D",
        "R/2026-03-27T09:00:00@Europe/Berlin/P1D",
    ):
        cycle = parse_cycle(text)
        assert cycle.next(utc("2026-03-27T12:00")) == utc("2026-03-28T08:00"), text
        assert cycle.next(utc("2026-03-28T12:00")) == utc("2026-03-29T07:00"), text


def test_a_zone_whose_name_has_a_p_in_it_is_read() -> None:
    assert parse_cycle("R2/2026-03-27T09:00:00[America/Port_of_Spain]/P1D").start == utc("2026-03-27T13:00")


def test_a_cycle_is_written_as_it_is_read() -> None:
    for text in ("R3/PT10H", "R/2026-03-27T09:00:00+01:00[Europe/Berlin]/P1M", "R/P1M[Asia/Shanghai]"):
        cycle = parse_cycle(text)
        assert str(cycle) == text
        assert parse_cycle(str(cycle)) == cycle
