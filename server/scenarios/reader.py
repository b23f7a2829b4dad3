"""Reading scenarios: from a file's data, with the lines on which they stand, to :class:`Scenario` objects."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from server.calendars import Calendar, CalendarError, WorkingTime, parse_instant, read_calendar, wall_clock, week

from .errors import ScenarioError, malformed, near
from .scenario import DEFAULT_NOW, WEEKDAYS, Answer, Answers, Completes, Fails, Scenario, StaysOpen, Step, ThrowsError
from .step_shapes import FINAL, KINDS, NOTHING, START
from .step_values import check_answer

ZONE: Final = "Asia/Shanghai"
_KEYS: Final = frozenset({"name", "process", "resources", "now", "calendar", "variables", "start", "jobs", "calls"}) | {
    "decisions",
    "start_events",
    "calendars",
    "steps",
    "expect",
}
_ANSWERED: Final = ("jobs", "calls", "decisions")
_MERGED: Final = ("variables", *_ANSWERED)
_OPEN: Final = "open"

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: its data, and the line of each place in it, from 1; the whole is at ``()``."""

    data: Any
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int:
        """The line of a place, or of what it stands in."""
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]


def is_scenario(data: Any) -> bool:
    """Whether a YAML document holds scenarios: it names a process, or lists scenarios."""
    return isinstance(data, Mapping) and ("process" in data or "scenarios" in data)


def read_scenarios(documents: Iterable[Document]) -> tuple[Scenario, ...]:
    """The scenarios of a file. Raises :class:`ScenarioError`, with the line, where they have another form."""
    found = tuple(scenario for document in documents for scenario in _of_document(document))
    if not found:
        raise malformed(
            1,
            "这里没有场景；请写 process 和 steps，或 scenarios 列表。",
            "There is no scenario here; write 'process' and 'steps', or a list 'scenarios'.",
        )
    return found


def _of_document(document: Document) -> Iterator[Scenario]:
    data = document.data
    if not is_scenario(data):
        raise malformed(document.line(()), "这里应有 process 或 scenarios。", "This needs 'process' or 'scenarios'.")
    if "scenarios" not in data:
        yield _Reading(document, data, {name: (name,) for name in data}, ()).scenario("")
        return
    common = {name: value for name, value in data.items() if name != "scenarios"}
    if not isinstance(data["scenarios"], list):
        raise malformed(document.line(("scenarios",)), "scenarios 应为列表。", "'scenarios' must be a list.")
    for number, own in enumerate(data["scenarios"]):
        place: Path = ("scenarios", number)
        if not isinstance(own, Mapping):
            raise malformed(document.line(place), "每个场景应为映射。", "Each scenario must be a mapping.")
        merged = {**common, **own}
        for name in _MERGED:
            if isinstance(common.get(name), Mapping) and isinstance(own.get(name), Mapping):
                merged[name] = {**common[name], **own[name]}
        places = {name: (*place, name) if name in own else (name,) for name in merged}
        shared = _names(common) - _names(own) if {"process", "resources"} & set(own) else frozenset()
        yield _Reading(document, merged, places, place).scenario(f"#{number + 1}", shared)


def _names(data: Mapping[str, Any]) -> frozenset[str]:
    """What a scenario answers for: job types, called processes and decisions."""
    given = [data[kind] for kind in _ANSWERED if isinstance(data.get(kind), Mapping)]
    return frozenset(str(name) for names in given for name in names)


class _Reading:
    """One scenario while it is read; ``places`` tells where in the document each of its keys stands."""

    def __init__(self, document: Document, data: Mapping[str, Any], places: Mapping[str, Path], here: Path) -> None:
        self._document = document
        self._data = data
        self._places = places
        self._line = document.line(here)

    def scenario(self, name: str, shared: frozenset[str] = frozenset()) -> Scenario:
        data = self._data
        for key in data:
            if key not in _KEYS:
                listed = ", ".join(sorted(_KEYS))
                zh, en = near(key, _KEYS)
                raise self._wrong(
                    key, f"不认识“{key}”；可用的是 {listed}{zh}", f"'{key}' is unknown; there are {listed}{en}"
                )
        if isinstance(data.get("name"), Mapping | list):
            raise self._wrong("name", "name 应为文字", "'name' must be a text")
        if not isinstance(data.get("process"), str):
            raise malformed(self._line, "场景须有 process（文件或流程编号）。", "A scenario needs 'process'.")
        steps = tuple(self._steps())
        return Scenario(
            name=str(data.get("name", name)),
            line=self._line,
            process=data["process"],
            resources=self._resources(),
            now=self._now(),
            calendar=self._calendar("calendar", self._mapping("calendar")),
            calendars={
                str(name): self._calendar("calendars", given) for name, given in self._mapping("calendars").items()
            },
            variables=self._mapping("variables"),
            start=self._start(),
            start_events=self._start_events(),
            jobs=self._answers("jobs"),
            calls=self._answers("calls"),
            decisions={
                decision: tuple(value) if isinstance(value, list) else (value,)
                for decision, value in self._mapping("decisions").items()
            },
            shared=shared,
            steps=steps,
        )

    def _resources(self) -> tuple[str, ...]:
        listed = self._data.get("resources") or []
        if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
            raise self._wrong("resources", "resources 应为文件名列表", "'resources' must be a list of file names")
        return tuple(listed)

    def _now(self) -> dt.datetime:
        if "now" not in self._data:
            return DEFAULT_NOW
        try:
            return wall_clock(parse_instant(str(self._data["now"]), ZONE))
        except CalendarError as error:
            raise self._wrong("now", error.message.zh, error.message.en) from error

    def _calendar(self, key: str, given: Any) -> WorkingTime:
        if isinstance(given, Mapping) and not given:
            return WEEKDAYS
        if not isinstance(given, Mapping) or set(given) - {"holidays", "make-up-days", "zone", "periods"}:
            raise self._wrong(
                key,
                f"{key} 中的日历可用的项是 holidays、make-up-days、zone；或 periods、zone",
                f"a calendar in '{key}' has 'holidays', 'make-up-days' and 'zone', or 'periods' and 'zone'",
            )
        try:
            if "periods" in given:
                return read_calendar("scenario", str(given.get("zone", ZONE)), given["periods"])
            days = {
                name: frozenset(dt.date.fromisoformat(str(day)) for day in given.get(name) or ())
                for name in ("holidays", "make-up-days")
            }
            hours = week((dt.time(9), dt.time(18)))
            zone = str(given.get("zone", ZONE))
            return Calendar("scenario", zone, days["holidays"], days["make-up-days"], hours)
        except CalendarError as error:
            raise self._wrong(key, error.message.zh, error.message.en) from error
        except (ValueError, TypeError) as error:
            raise self._wrong(key, f"日期不可读：{error}", f"unreadable date: {error}") from error

    def _start(self) -> Step | None:
        says = self._data.get("start")
        if says is None:
            return None
        line = self._document.line(self._places["start"])
        if says == NOTHING:
            return Step(0, line, "start", {"element": NOTHING})
        return Step(0, line, "start", START.read(says, line))

    def _start_events(self) -> bool:
        says = self._data.get("start_events", True)
        if not isinstance(says, bool):
            raise self._wrong(
                "start_events",
                "start_events 应为 true 或 false（false：启动事件不另起实例）",
                "'start_events' is true, or false where start events shall begin no further instances",
            )
        return says

    def _answers(self, key: str) -> dict[str, Answers]:
        found: dict[str, Answers] = {}
        for name, given in self._mapping(key).items():
            line = self._document.line((*self._places[key], name))
            listed = given if isinstance(given, list) and given else [given]
            found[name] = tuple(_answer(item, line) for item in listed)
        return found

    def _steps(self) -> Iterator[Step]:
        steps = self._data.get("steps") or []
        if not isinstance(steps, list):
            raise self._wrong("steps", "steps 应为列表", "'steps' must be a list")
        for number, step in enumerate(steps, 1):
            line = self._document.line((*self._places["steps"], number - 1))
            if not isinstance(step, Mapping) or len(step) != 1:
                raise malformed(
                    line,
                    f"第 {number} 步应恰有一个动作，例如 - advance: P3D。",
                    f"Step {number} must have exactly one action, such as - advance: P3D.",
                )
            ((kind, says),) = step.items()
            if kind not in KINDS:
                listed = ", ".join(KINDS)
                zh, en = near(kind, KINDS)
                raise malformed(
                    line,
                    f"第 {number} 步的动作“{kind}”不认识；可用的是 {listed}{zh or '。'}",
                    f"Step {number} has the unknown action '{kind}'; there are {listed}{en or '.'}",
                )
            yield Step(number, line, kind, KINDS[kind].read(says, line))
        if "expect" in self._data:
            line = self._document.line(self._places["expect"])
            yield Step(len(steps) + 1, line, FINAL, KINDS["expect"].read(self._data["expect"], line))

    def _mapping(self, key: str) -> dict[str, Any]:
        value = self._data.get(key)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            raise self._wrong(key, f"{key} 应为映射", f"'{key}' must be a mapping")
        return dict(value)

    def _wrong(self, key: str, zh: str, en: str) -> ScenarioError:
        zh, en = zh.rstrip("。"), en.rstrip(".")
        ends_zh, ends_en = "" if zh.endswith("？") else "。", "" if en.endswith("?") else "."
        return malformed(self._document.line(self._places.get(key, ())), zh + ends_zh, en + ends_en)


def _answer(given: Any, line: int) -> Answer:
    if given == _OPEN:
        return StaysOpen()
    if isinstance(given, Mapping) and len(given) == 1:
        ((kind, says),) = given.items()
        if kind == "complete" and (says is None or isinstance(says, Mapping | str)):
            return Completes(says or {})
        inside = says if isinstance(says, Mapping) else None
        if kind == "fail":
            if inside is None:
                return Fails(str(says or ""))
            if set(inside) <= {"message", "retries", "backoff", "variables"}:
                check_answer(inside, line)
                backoff = str(inside.get("backoff", "PT0S"))
                return Fails(str(inside.get("message", "")), inside.get("retries"), backoff, inside.get("variables"))
        if kind == "error":
            if inside is None:
                return ThrowsError(str(says))
            if "code" in inside and set(inside) <= {"code", "message", "variables"}:
                check_answer(inside, line)
                return ThrowsError(str(inside["code"]), str(inside.get("message", "")), inside.get("variables"))
    raise malformed(
        line,
        "回答应为 open，或 complete、fail、error 之一，例如 {complete: {paid: true}}。",
        "An answer is 'open', or one of complete, fail and error, such as {complete: {paid: true}}.",
    )
