"""Calendars over HTTP: written, read, found, removed, and asked when a working day is over."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

YEAR = {
    "from": "2026-01-01",
    "to": "2026-12-31",
    "hours": {"MON-FRI": ["09:00-12:00", "13:30-18:00"]},
    "holidays": ["2026-02-15/2026-02-23"],
    "makeUpDays": ["2026-02-14"],
}
CALENDAR = {"name": "中国内地", "timezone": "Asia/Shanghai", "isDefault": True, "periods": [YEAR]}


def test_a_calendar_is_written_read_found_and_removed(administrator: httpx.Client) -> None:
    put = administrator.put("/v2/calendars/CN", json=CALENDAR)
    assert put.status_code == 200, put.text
    written = put.json()
    assert written == administrator.get("/v2/calendars/CN").json()
    assert (written["calendarId"], written["revision"], written["isDefault"]) == ("CN", 1, True)
    assert written["periods"] == [YEAR]
    assert administrator.put("/v2/calendars/CN", json=CALENDAR).json()["revision"] == 2
    found = administrator.post("/v2/calendars/search", json={"filter": {"isDefault": True}}).json()
    assert [item["calendarId"] for item in found["items"]] == ["CN"]
    assert administrator.delete("/v2/calendars/CN").status_code == 204
    assert administrator.get("/v2/calendars/CN").status_code == 404


def test_a_due_date_is_told_as_a_timer_would_count_it(administrator: httpx.Client) -> None:
    administrator.put("/v2/calendars/CN", json=CALENDAR)
    asked = {"from": "2026-02-13T10:00:00+08:00", "duration": "P2WD"}
    answer = administrator.post("/v2/calendars/CN/due-date", json=asked)
    assert answer.json() == {"dueDate": "2026-02-24T10:00:00+08:00"}
    refused = administrator.post("/v2/calendars/CN/due-date", json={**asked, "duration": "P300WD"})
    assert refused.status_code == 400
    assert refused.json()["code"] == "calendar.gap"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"timezone": "Asia/Atlantis"}, "calendar.zone.unknown"),
        ({"periods": [{**YEAR, "holidays": ["2027-01-01"]}]}, "calendar.definition.outside"),
        ({"periods": [{**YEAR, "hours": {"MON": "09:00-18:00"}}]}, "calendar.definition.document"),
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(
    administrator: httpx.Client, change: dict[str, object], code: str
) -> None:
    refused = administrator.put("/v2/calendars/wrong", json={**CALENDAR, **change})
    assert refused.status_code == 400
    assert refused.json()["code"] == code
    assert refused.headers["Content-Type"].startswith("application/problem+json")


def test_who_may_not_manage_calendars_may_not(person: Callable[[str], httpx.Client]) -> None:
    reviewer = person("zhang.wei")
    assert reviewer.put("/v2/calendars/CN", json=CALENDAR).status_code == 403
