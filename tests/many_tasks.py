"""Many waiting tasks without waiting for them: copies of real cases with keys, numbers, names and times of their own.

A copy is what a list, a search and a claim need of a case: its instance with its state and variables, the task, and
the element instances that are active. What lies behind the case (finished elements, decisions, jobs) is not copied.
"""

from __future__ import annotations

from typing import Any

import psycopg

_BLOCK = 1_000
_TABLES = ("process_instance", "instance_state", "user_task", "element_instance")
_KEYS = {
    "process_instance": ("key", "root_key"),
    "instance_state": ("key", "root_key"),
    "user_task": ("key", "instance_key", "root_key"),
    "element_instance": ("key", "instance_key", "scope_key"),
}
_NUMBER = "'PL-' || lpad(copy::text, 7, '0')"
# Slower than the templates take turns, so that every name is in all of them.
_NAME = (
    "substr('王李张刘陈杨赵黄周吴徐孙朱马胡郭林何高梁', copy / 11 % 20 + 1, 1)"
    " || substr('伟芳娜秀敏静丽强磊军洋勇艳杰娟涛明超霞平', copy / 220 % 20 + 1, 1)"
    " || substr('文华国建玉春海雪晓志', copy / 4400 % 10 + 1, 1)"
)
_EARLIER = "copy * interval '7 seconds'"
_OWN = {
    "business_id": _NUMBER,
    "applicant": _NAME,
    "started_at": f"t.started_at - {_EARLIER}",
    "created_at": f"t.created_at - {_EARLIER}",
    "due_date": f"t.due_date - {_EARLIER} + copy * 7919 % 240 * interval '1 hour'",
    "priority": "CASE copy % 10 WHEN 0 THEN 80 WHEN 1 THEN 20 ELSE t.priority END",
}
_STATE = (
    "jsonb_set(t.variables, '{"
    "}', t.variables->'' || jsonb_build_object("
    f"'applicationId', {_NUMBER}, 'applicantName', {_NAME}, 'amount', 10000 + copy % 90 * 1000))"
)


def fill_with_waiting_tasks(database_url: str, total: int) -> None:
    """Copy the cases whose tasks wait, in turn, until ``total`` tasks wait."""
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        connection.execute("SET LOCAL synchronous_commit = off")
        connection.execute(
            "CREATE TEMP TABLE template ON COMMIT DROP AS"
            " SELECT instance_key, row_number() OVER (ORDER BY instance_key) - 1 AS place"
            " FROM user_task WHERE state = 'CREATED' GROUP BY instance_key"
        )
        templates = _value(connection, "SELECT count(*) FROM template")
        waiting = _value(connection, "SELECT count(*) FROM user_task WHERE state = 'CREATED'")
        copies = -(-(total - waiting) * templates // waiting)
        # The blocks of keys that processes hold end before the first copy; the next one begins behind the last.
        step = (_value(connection, "SELECT nextval('key_block')") + 1) * _BLOCK
        for table in _TABLES:
            _copy(connection, table, templates, copies, step)
        connection.execute("SELECT setval('key_block', (SELECT max(key) FROM element_instance) / %s + 1)", (_BLOCK,))
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"ANALYZE {', '.join(_TABLES)}")  # type: ignore[arg-type]


def _copy(connection: psycopg.Connection[Any], table: str, templates: int, copies: int, step: int) -> None:
    columns = [
        row[0]
        for row in connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s", (table,)
        ).fetchall()
    ]
    values = [_value_of(table, column, step) for column in columns]
    instance = "key" if table in ("process_instance", "instance_state") else "instance_key"
    active = " AND t.ended_at IS NULL" if table == "element_instance" else ""
    connection.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)}"  # type: ignore[arg-type]
        f" FROM generate_series(1, {copies}) AS copy JOIN template ON template.place = copy %% {templates}"
        f" JOIN {table} t ON t.{instance} = template.instance_key{active}".replace("%%", "%")
    )


def _value_of(table: str, column: str, step: int) -> str:
    if column in _KEYS[table]:
        return f"t.{column} + copy::bigint * {step}"
    if table == "instance_state":
        return _STATE if column == "variables" else f"t.{column}"
    return _OWN.get(column, f"t.{column}")


def _value(connection: psycopg.Connection[Any], statement: str) -> int:
    row = connection.execute(statement).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return int(row[0])
