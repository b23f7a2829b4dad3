"""The lender's day: on which date something happens where the lender does business."""

from __future__ import annotations

import datetime as dt

from server.bpmn.timers import DEFAULT_ZONE
from server.calendars.instants import parse_instant, zone_named


def business_date(instant: dt.datetime) -> dt.date:
    """The date of ``instant`` in the zone in which processes read local times."""
    return instant.astimezone(zone_named(DEFAULT_ZONE)).date()


def instant_in(text: str) -> dt.datetime:
    """The instant that ``text`` writes, in the lender's zone unless it names another.

    Raises :class:`~server.calendars.errors.InstantError`.
    """
    return parse_instant(text, DEFAULT_ZONE)
