"""Instants as designers write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.calendars import InstantError, parse_instant

EIGHT_UTC = datetime(2026, 1, 31, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31T08:00:00Z",
        "2026-01-31T16:00:00+08:00",
        "2026-01-31T16:00+08",
        "2026-01-31T03:00:00-0500",
        "2026-01-31T16:00:00",
        "2026-01-31T16:00",
        "2026-01-31T09:00:00@Europe/Berlin",
        "2026-01-31T09:00:00+01:00[Europe/Berlin]",
        "2026-01-31T08:00:00.000000000Z",
    ],
)
def test_the_same_instant_in_many_spellings(text: str) -> None:
    assert parse_instant(text, "Asia/Shanghai") == EIGHT_UTC


def test_a_date_alone_is_its_midnight_and_24_is_the_next() -> None:
    assert parse_instant("2026-01-31", "Asia/Shanghai") == EIGHT_UTC - timedelta(hours=16)
    assert parse_instant("2026-01-31T24:00:00", "Asia/Shanghai") == EIGHT_UTC + timedelta(hours=8)


def test_a_named_zone_stays_with_the_instant() -> None:
    read = parse_instant("2026-01-31T09:00:00+01:00[Europe/Berlin]", None)
    assert read.tzinfo == ZoneInfo("Europe/Berlin")


def test_wall_times_that_the_clocks_skip_or_repeat() -> None:
    skipped = parse_instant("2026-03-08T02:30:00", "America/New_York")
    repeated = parse_instant("2026-11-01T01:30:00", "America/New_York")
    # In UTC: PEP 495 lets an ambiguous wall time equal no instant of another zone.
    assert skipped.astimezone(UTC) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    assert repeated.astimezone(UTC) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "syntax"),
        ("tomorrow", "syntax"),
        ("2026-02-30", "syntax"),
        ("2026-01-31T25:00:00Z", "syntax"),
        ("2026-01-31T08:00:00+19:00", "syntax"),
        ("2026-01-31 08:00:00", "syntax"),
        ("9999-12-31T24:00:00Z", "syntax"),
        ("2026-01-31T08:00:00", "zone-missing"),
        ("2026-01-31T08:00:00+08:00[Europe/Berlin]", "offset-contradicts-zone"),
    ],
)
def test_refuses_what_is_no_instant(text: str, code: str) -> None:
    with pytest.raises(InstantError) as caught:
        parse_instant(text, None)
    assert caught.value.message.code == f"calendar.instant.{code}"


def test_an_unknown_zone_is_named() -> None:
    with pytest.raises(InstantError, match="Mars/Base"):
        parse_instant("2026-01-31T08:00:00@Mars/Base", None)


@given(st.datetimes(timezones=st.timezones()))
def test_what_python_writes_reads_back(instant: datetime) -> None:
    offset = instant.utcoffset()
    assert offset is not None
    if offset % timedelta(minutes=1):  # local mean time of the 19th century: no ISO 8601 offset
        return
    assert parse_instant(instant.isoformat(), None) == instant.astimezone(UTC)
