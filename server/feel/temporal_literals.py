"""``@"..."`` literals (DMN 1.5, grammar rule 66): any date, time, date and time or duration by its ISO form."""

from __future__ import annotations

from server.feel.durations import Duration, parse_duration
from server.feel.temporal import FeelDate, FeelDateTime, FeelTime, parse_date, parse_date_and_time, parse_time


def read_temporal(text: str) -> FeelDate | FeelTime | FeelDateTime | Duration | None:
    """The value that an ISO text denotes, whichever kind it is; None when it is none."""
    if text.lstrip("-").startswith("P"):
        return parse_duration(text)
    return parse_date(text) or parse_time(text) or parse_date_and_time(text)
