"""Working time: calendars of working days and hours, and the durations, instants and schedules of timers.

Pure: what time it is, and which calendar holds, is told by the caller.
"""

from server.calendars.cron import Cron, parse_cron
from server.calendars.cycles import Cycle, parse_cycle
from server.calendars.dated import DatedCalendar, Period
from server.calendars.definition import read_calendar
from server.calendars.durations import Duration, parse_duration
from server.calendars.errors import (
    CalendarDefinitionError,
    CalendarError,
    CalendarGapError,
    CronError,
    CycleError,
    DurationError,
    DurationRangeError,
    InstantError,
)
from server.calendars.instants import HOME_ZONE, parse_instant, wall_clock, zone_named
from server.calendars.working_time import Calendar, Span, WorkingTime, week

__all__ = [
    "HOME_ZONE",
    "Calendar",
    "CalendarDefinitionError",
    "CalendarError",
    "CalendarGapError",
    "Cron",
    "CronError",
    "Cycle",
    "CycleError",
    "DatedCalendar",
    "Duration",
    "DurationError",
    "DurationRangeError",
    "InstantError",
    "Period",
    "Span",
    "WorkingTime",
    "parse_cron",
    "parse_cycle",
    "parse_duration",
    "parse_instant",
    "read_calendar",
    "wall_clock",
    "week",
    "zone_named",
]
