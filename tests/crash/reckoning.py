"""The reckoning after the crashes: what was acknowledged against what is in the database, each thing exactly once."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from tests.installation import Sql

from . import processes
from .load import CANCEL, FINISH, LEAVE_PAPERS, LEAVE_REVIEW, Case, Ledger
from .waiting import stuck

_ONCE = ("review", "work", "call", "papers", "pause", "end")
_MARKS = {"reviewed": "reviewed", "received": "published"}


def unfinished(sql: Sql, ledger: Ledger) -> int:
    """How many instances are still on the way to an end that needs nobody any more."""
    going_on = [case.instance_key for case in ledger.cases if _must_complete(case)]
    going_on += [*ledger.releases, *(case.instance_key for case in ledger.payouts)]
    active = sql("SELECT count(*) FROM process_instance WHERE state = 'ACTIVE' AND key = ANY(%s)", going_on)
    rest = sql(
        "SELECT (SELECT count(*) FROM signal_delivery) + (SELECT count(*) FROM message WHERE pending)"
        " + (SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
        "    AND coalesce(scheduled_at, now()) <= now())"
        " + (SELECT count(*) FROM timer WHERE due_at < clock_timestamp() - interval '1 second'"
        "    AND NOT EXISTS (SELECT 1 FROM pinned_clock))"
        " + (SELECT count(*) FROM job j WHERE ended_at IS NULL AND type = ANY(%s))",
        [processes.WORK, processes.CALLED_WORK],
    )
    return int(active[0][0] + rest[0][0])


def differences(sql: Sql, ledger: Ledger, *, payments: Path | None = None) -> list[str]:
    """Everything that does not agree, in words; the empty list is the proof."""
    return [
        *ledger.problems,
        *_instances(sql, ledger),
        *_history(sql, ledger),
        *_marks(sql, ledger),
        *_jobs(sql, ledger),
        *_releases(sql, ledger),
        *_payments(sql, ledger, payments),
        *_left_over(sql),
        *stuck(sql),
    ]


def _must_complete(case: Case) -> bool:
    return case.reviewed is not None and case.published is not None and not case.cancelled


def _expected_state(case: Case) -> str:
    if case.cancelled:
        return "TERMINATED"
    return "COMPLETED" if _must_complete(case) else "ACTIVE"


def _instances(sql: Sql, ledger: Ledger) -> list[str]:
    """Each acknowledged start is one root instance, in the state that its commands brought about; no others."""
    found: dict[str, list[tuple[int, str]]] = {}
    rows = sql(
        "SELECT p.business_id, p.key, p.state FROM process_instance p JOIN process_definition d"
        " ON d.key = p.process_definition_key WHERE p.parent_key IS NULL AND d.process_id = ANY(%s)",
        [processes.CASE, "disbursement"],
    )
    for business_id, key, state in rows:
        found.setdefault(business_id, []).append((key, state))
    known = {case.case_id: case for case in (*ledger.cases, *ledger.payouts)}
    wrong = [f"case {name}: nobody was told of its start: {found[name]}" for name in found.keys() - known.keys()]
    for case in ledger.cases:
        if found.get(case.case_id) != [(case.instance_key, _expected_state(case))]:
            wrong.append(
                f"case {case}: expected one instance in state {_expected_state(case)}, "
                f"there are {found.get(case.case_id)}"
            )
    for case in ledger.payouts:
        if found.get(case.case_id) != [(case.instance_key, "COMPLETED")]:
            wrong.append(f"payout {case.case_id}: expected one completed instance, not {found.get(case.case_id)}")
    return wrong


def _history(sql: Sql, ledger: Ledger) -> list[str]:
    """No element was passed twice, each element of a completed case once, and reminders as often as they count."""
    passed: dict[int, Counter[str]] = {case.instance_key: Counter() for case in ledger.cases}
    rows = sql(
        "SELECT instance_key, element_id, count(*) FROM element_instance"
        " WHERE state = 'COMPLETED' AND instance_key = ANY(%s) GROUP BY 1, 2",
        list(passed),
    )
    for instance, element, count in rows:
        passed[instance][element] = count
    scopes = dict(
        sql("SELECT key, (variables->''->>'reminders')::int FROM instance_state WHERE key = ANY(%s)", list(passed))
    )
    wrong = []
    for case in ledger.cases:
        counts = passed[case.instance_key]
        for element in _ONCE:
            expected = (1,) if _must_complete(case) else (0, 1)
            if counts[element] not in expected:
                wrong.append(f"case {case.case_id} ({case.instance_key}): passed {element} {counts[element]} times")
        reminded = scopes.get(case.instance_key)
        if not reminded == counts["count"] == counts["reminder"] <= processes.REMINDERS:
            wrong.append(f"case {case.case_id} ({case.instance_key}): reminded {reminded} times, {counts}")
    return wrong


def _marks(sql: Sql, ledger: Ledger) -> list[str]:
    """What an acknowledged command brought is what the case keeps."""
    kept = {
        key: json.loads(text)
        for key, text in sql(
            "SELECT key, (variables->'')::text FROM instance_state WHERE key = ANY(%s)",
            [case.instance_key for case in ledger.cases],
        )
    }
    wrong = []
    for case in ledger.cases:
        variables = kept.get(case.instance_key, {})
        for name, told in _MARKS.items():
            expected = getattr(case, told)
            if name in variables and variables[name] != expected:
                wrong.append(f"case {case.case_id}: {name} is {variables[name]}, acknowledged was {expected}")
            if _must_complete(case) and name not in variables:
                wrong.append(f"case {case.case_id}: {name} is missing, acknowledged was {expected}")
        if case.reviewed is not None and variables.get("reviewed") != case.reviewed:
            wrong.append(f"case {case.case_id}: its review was acknowledged and is not there")
    return wrong


def _jobs(sql: Sql, ledger: Ledger) -> list[str]:
    """One report per completed job was accepted, it is the one that counted, and nobody got the job after it."""
    wrong = []
    types = [processes.WORK, processes.CALLED_WORK]
    states = dict(sql("SELECT key, state FROM job WHERE type = ANY(%s)", types))
    accepted: dict[int, list[Any]] = {}
    for report in ledger.reports:
        if report.accepted:
            accepted.setdefault(report.job_key, []).append(report)
    for key, reports in accepted.items():
        if len(reports) > 1:
            wrong.append(f"job {key}: {len(reports)} completions were accepted")
        if key not in states or states[key] != "COMPLETED":
            wrong.append(f"job {key}: its completion was acknowledged, it is {states.get(key)}")
    wrong += [
        f"job {key}: completed, and nobody was told so"
        for key, state in states.items()
        if state == "COMPLETED" and key not in accepted
    ]
    done_at = {key: min(report.at for report in reports) for key, reports in accepted.items()}
    wrong += [
        f"job {key}: handed out {activation.began - done_at[key]:.2f} s after its completion was acknowledged"
        for activation in ledger.activations
        for key in activation.job_keys
        if key in done_at and activation.began > done_at[key]
    ]
    marks = {report.mark for reports in accepted.values() for report in reports}
    rows = sql(
        "SELECT key, variables->''->>'worked', variables->''->>'called' FROM instance_state WHERE key = ANY(%s)",
        [case.instance_key for case in ledger.cases],
    )
    wrong += [
        f"instance {key}: goes on with what no accepted report gave: {mark}"
        for key, *given in rows
        for mark in given
        if mark is not None and mark not in marks
    ]
    return wrong


def _releases(sql: Sql, ledger: Ledger) -> list[str]:
    """Whoever waited when a broadcast was acknowledged has gone on, once."""
    covered = max(ledger.broadcasts, default=0)
    expected = ledger.releases[:covered]
    states = dict(sql("SELECT key, state FROM process_instance WHERE key = ANY(%s)", expected))
    wrong = [
        f"instance {key}: missed the signal ({states.get(key)})" for key in expected if states.get(key) != "COMPLETED"
    ]
    total = sql(
        "SELECT count(*) FROM process_instance p JOIN process_definition d ON d.key = p.process_definition_key"
        " WHERE d.process_id = %s",
        processes.RELEASE,
    )[0][0]
    if total != len(ledger.releases):
        wrong.append(f"{len(ledger.releases)} starts of {processes.RELEASE} were acknowledged, there are {total}")
    return wrong


def _payments(sql: Sql, ledger: Ledger, journal: Path | None) -> list[str]:
    """Every payout was paid once and booked once."""
    if journal is None or not ledger.payouts:
        return []
    paid = Counter(json.loads(line)["key"] for line in journal.read_text(encoding="utf-8").splitlines())
    expected = Counter(f"payout-{case.case_id}" for case in ledger.payouts)
    wrong = [
        f"payment {key}: paid {paid[key]} times instead of {expected[key]}"
        for key in paid | expected
        if paid[key] != expected[key]
    ]
    booked = Counter(row[0] for row in sql("SELECT application_id FROM loan"))
    wrong += [
        f"loan of {case.case_id}: booked {booked[case.case_id]} times"
        for case in ledger.payouts
        if booked[case.case_id] != 1
    ]
    return wrong


def _left_over(sql: Sql) -> list[str]:
    """Nothing that waits belongs to an instance that has ended; no counter of incidents is off."""
    wrong = []
    for table, open_ in {
        "user_task": "t.state = 'CREATED'",
        "job": "t.ended_at IS NULL",
        "timer": "t.instance_key IS NOT NULL",
        "event_subscription": "t.instance_key IS NOT NULL",
        "incident": "t.state = 'ACTIVE'",
    }.items():
        rows = sql(
            f"SELECT t.key, p.key FROM {table} t LEFT JOIN process_instance p ON p.key = t.instance_key"
            f" WHERE {open_} AND p.state IS DISTINCT FROM 'ACTIVE'"
        )
        wrong += [f"{table} {key}: open, but its instance {instance} is not active" for key, instance in rows]
    rows = sql(
        "SELECT p.key, p.incidents, count(i.key) FROM process_instance p LEFT JOIN incident i"
        " ON i.instance_key = p.key AND i.state = 'ACTIVE' GROUP BY p.key HAVING p.incidents <> count(i.key)"
    )
    wrong += [f"instance {key}: counts {counted} incidents, there are {there}" for key, counted, there in rows]
    rows = sql("SELECT instance_key, element_id, message_en FROM incident WHERE state = 'ACTIVE'")
    wrong += [f"instance {key}: incident at {element}: {text[:300]}" for key, element, text in rows]
    return wrong


def summary(ledger: Ledger) -> str:
    """What the load did, in one line."""
    plans = Counter(case.plan for case in ledger.cases)
    accepted = sum(report.accepted for report in ledger.reports)
    return (
        f"{len(ledger.cases)} cases ({plans[FINISH]} to the end, {plans[CANCEL]} cancelled, "
        f"{plans[LEAVE_REVIEW] + plans[LEAVE_PAPERS]} left waiting), {accepted} jobs, {len(ledger.releases)} released"
        f" by {len(ledger.broadcasts)} signals, {len(ledger.payouts)} payouts"
    )
