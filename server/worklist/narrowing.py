"""What the filters of a box leave of it, said so that the database finds the right index.

A box may hold a hundred thousand tasks, of which a filter leaves three. What a filter means is therefore looked up
first and stands in the search as literals: only then does the planner know whether to walk along the order that is
asked for, because there are many, or to collect the few.
"""

from __future__ import annotations

from server.store.database import fetch, reading
from server.store.search import Condition, literally

from .boxes import Box, literal

MOST_CASES = 1_000
"""Of a text that more cases contain, enough tasks stand near the beginning of every order."""


def of_process(process_id: str) -> Condition:
    """The condition on the alias ``t`` of ``user_task`` that a task is of a process, of whatever version."""
    with reading() as connection:
        keys = [row.key for row in fetch(connection, _DEFINITIONS, {"process_id": process_id})]
    return Condition(f"t.process_definition_key = ANY('{{{_joined(keys)}}}'::bigint[])")


def containing(text: str, box: Box | None) -> Condition:
    """The condition that a text stands in what a list shows of a task: its name, its case's number or applicant.

    On the aliases ``t`` of ``user_task`` and ``p`` of ``process_instance``.
    """
    pattern = f"%{literally(text)}%"
    if box is not Box.CLAIMABLE:
        return Condition(f"({_anywhere('t.business_id', 'p.applicant', 't.name')})", {"containing": pattern})
    with reading() as connection:
        parameters = {"text": text, "containing": pattern, "most": MOST_CASES + 1}
        cases = [row.key for row in fetch(connection, _CASES, parameters)]
        if len(cases) > MOST_CASES:
            return Condition(_COMMON, {"containing": pattern})
        names = [row.name for row in fetch(connection, _NAMES, parameters)]
    parts = ["false"]
    if cases:
        parts.append(f"t.instance_key = ANY('{{{_joined(cases)}}}'::bigint[])")
    if names:
        parts.append(f"t.name = ANY(ARRAY[{', '.join(map(literal, names))}])")
    return Condition(f"({' OR '.join(parts)})")


def _joined(keys: list[int]) -> str:
    return ",".join(map(str, keys))


def _anywhere(*columns: str) -> str:
    return " OR ".join(f"{column} ILIKE %(containing)s" for column in columns)


_DEFINITIONS = "SELECT key FROM process_definition WHERE process_id = %(process_id)s"
# The index holds every character of a case's number and applicant and every two that stand together.
_CASES = f"""
    SELECT p.key FROM process_instance p
    WHERE p.ended_at IS NULL AND (p.business_id IS NOT NULL OR p.applicant IS NOT NULL)
      AND text_parts(p.business_id, p.applicant) @> ARRAY(
        SELECT substr(word, place, least(length(word), 2))
        FROM lower(%(text)s::text) AS word, generate_series(1, greatest(length(word) - 1, 1)) AS place)
      AND ({_anywhere("p.business_id", "p.applicant")})
    LIMIT %(most)s"""  # noqa: S608 - our own names
# A question for each task: the planner takes it for a common one, and walks along the order that is asked for.
_COMMON = f"""(t.name ILIKE %(containing)s OR (
    SELECT {_anywhere("c.business_id", "c.applicant")} FROM process_instance c WHERE c.key = t.instance_key))"""  # noqa: S608
_UNCLAIMED = "SELECT t.name FROM user_task t WHERE t.state = 'CREATED' AND t.assignee IS NULL"
# From one name to the next: there are few, however many tasks have them.
_NAMES = f"""
    WITH RECURSIVE known AS (
        ({_UNCLAIMED} AND t.name IS NOT NULL ORDER BY t.name LIMIT 1)
        UNION ALL
        SELECT ({_UNCLAIMED} AND t.name > known.name ORDER BY t.name LIMIT 1) FROM known WHERE known.name IS NOT NULL)
    SELECT name FROM known WHERE name ILIKE %(containing)s"""  # noqa: S608
