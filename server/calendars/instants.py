"""Instants: reading the dates and times that designers write, always with a zone.

The forms are those of ISO 8601 and XML Schema, with a named zone as FEEL (``@Asia/Shanghai``) or Java
(``[Asia/Shanghai]``) write it. Every instant of the server is an aware ``datetime``.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from server.calendars.errors import InstantError

_INSTANT = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})"
    r"(?:T(?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?P<offset>Z|[+-]\d{2}(?::?\d{2})?)?)?"
    r"(?:@(?P<feel_zone>[A-Za-z0-9_+\-/]+)|\[(?P<java_zone>[A-Za-z0-9_+\-/]+)\])?",
    re.ASCII,
)


HOME_ZONE = "Asia/Shanghai"
"""Whose clock counts where nothing else is said."""


def zone_named(name: str) -> ZoneInfo:
    """The IANA zone ``name``; raises :class:`InstantError` when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InstantError.of(
            "zone.unknown",
            f"没有名为“{name}”的时区；请使用 IANA 时区名，例如 Asia/Shanghai。",
            f"There is no time zone '{name}'; use an IANA name such as Asia/Shanghai.",
        ) from error


def wall_clock(instant: datetime) -> datetime:
    """``instant`` as clocks in :data:`HOME_ZONE` show it, with their offset: the day on which ``today()`` is.

    A database or a machine may tell the time in another zone; before eight in the morning UTC has still yesterday.
    """
    local = instant.astimezone(zone_named(HOME_ZONE))
    offset = local.utcoffset()
    assert offset is not None
    return local.replace(tzinfo=timezone(offset))


def require_aware(instant: datetime) -> datetime:
    """``instant`` itself; a programmer's ``datetime`` without a zone is refused."""
    if instant.utcoffset() is None:
        raise InstantError.of(
            "instant.naive",
            f"时间 {instant.isoformat()} 没有时区；请给出带时区的时间。",
            f"The time {instant.isoformat()} has no zone; give an instant with a zone.",
        )
    return instant


def at_wall_time(wall: datetime, zone: tzinfo) -> datetime:
    """The instant at which clocks in ``zone`` show ``wall``.

    A wall time that occurs twice (clocks set back) is its first occurrence; one that is skipped (clocks set
    forward) moves on by the length of the gap, as java.time does.
    """
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC).astimezone(zone)


def parse_instant(text: str, default_zone: str | None) -> datetime:
    """Read a date and time; without a zone of its own it is meant in ``default_zone``.

    A date alone is its midnight. ``default_zone=None`` refuses a text that names no zone.
    """
    match = _INSTANT.fullmatch(text.strip())
    if match is None:
        raise _unreadable(text)
    try:
        wall = _wall_time(match)
        name = match["feel_zone"] or match["java_zone"]
        if match["offset"]:
            instant = wall.replace(tzinfo=_fixed_offset(match["offset"]))
            return instant if name is None else _in_named_zone(instant, zone_named(name), text)
        zone = name or default_zone
        if zone is None:
            raise InstantError.of(
                "instant.zone-missing",
                f"“{text}”没有写时区；请加上时区，例如 +08:00 或 Z。",
                f"'{text}' names no time zone; add one, such as +08:00 or Z.",
            )
        return at_wall_time(wall, zone_named(zone))
    except (ValueError, OverflowError) as error:
        raise _unreadable(text) from error


def _wall_time(match: re.Match[str]) -> datetime:
    day = datetime.fromisoformat(match["date"])
    if match["hour"] is None:
        return day
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    microsecond = int((match["fraction"] or "").ljust(6, "0")[:6])
    if (hour, minute, second, microsecond) == (24, 0, 0, 0):  # ISO 8601: the end of the day
        return day + timedelta(days=1)
    return datetime.combine(day, time(hour, minute, second, microsecond))


def _fixed_offset(text: str) -> tzinfo:
    if text == "Z":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if minutes > 59 or hours > 18:
        raise ValueError(text)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def _in_named_zone(instant: datetime, zone: ZoneInfo, text: str) -> datetime:
    local = instant.astimezone(zone)
    if local.utcoffset() != instant.utcoffset():
        raise InstantError.of(
            "instant.offset-contradicts-zone",
            f"“{text}”的偏移与时区 {zone.key} 在该时刻的偏移不一致；请只保留其一。",
            f"The offset in '{text}' is not the one of {zone.key} at that time; keep only one of them.",
        )
    return local


def _unreadable(text: str) -> InstantError:
    return InstantError.of(
        "instant.syntax",
        f"“{text}”不是日期时间；请写成 2026-01-31T09:00:00+08:00 的形式。",
        f"'{text}' is not a date and time; write it like 2026-01-31T09:00:00+08:00.",
    )
