"""Working time: calendars of working days and hours, and the durations, instants and schedules of timers.

Pure: what time it is, and which calendar holds, is told by the caller.
"""

from server.calendars.cron import Cron
from server.calendars.cycles import Cycle, parse_cycle
from server.calendars.durations import Duration, parse_duration
from server.calendars.errors import (
    CalendarDefinitionError,
    CalendarError,
    CronError,
    CycleError,
    DurationError,
    DurationRangeError,
    InstantError,
)
from server.calendars.instants import parse_instant, zone_named
from server.calendars.working_time import Calendar, Span, week

__all__ = [
    "Calendar",
    "CalendarDefinitionError",
    "CalendarError",
    "Cron",
    "CronError",
    "Cycle",
    "CycleError",
    "Duration",
    "DurationError",
    "DurationRangeError",
    "InstantError",
    "Span",
    "parse_cycle",
    "parse_duration",
    "parse_instant",
    "week",
    "zone_named",
]
