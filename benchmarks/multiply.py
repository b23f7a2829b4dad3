"""Many more waiting instances without waiting for them: copies of started ones, with keys of their own."""

from __future__ import annotations

from .installation import Installation

_TABLES = ("process_instance", "instance_state", "user_task", "element_instance")
_KEYS = {
    "process_instance": ("key", "root_key"),
    "instance_state": ("key", "root_key"),
    "user_task": ("key", "instance_key", "root_key"),
    "element_instance": ("key", "instance_key", "scope_key"),
}


def multiply_waiting(installation: Installation, total: int) -> None:
    """Copy every waiting instance with its rows until ``total`` wait; the copies are for reading and claiming."""
    open_tasks = int(str(installation.sql("SELECT count(*) FROM user_task WHERE state = 'CREATED'")[0][0]))
    highest = int(str(installation.sql("SELECT max(key) + 1 FROM element_instance")[0][0]))
    for copy in range(1, -(-total // open_tasks)):
        offset = copy * highest
        for table in _TABLES:
            columns = [
                str(row[0])
                for row in installation.sql(
                    "SELECT column_name FROM information_schema.columns WHERE table_name = %s", table
                )
            ]
            values = [f"t.{c} + {offset}" if c in _KEYS[table] else f"t.{c}" for c in columns]
            instance = "key" if table in ("process_instance", "instance_state") else "instance_key"
            installation.sql(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {table} t"
                f" WHERE t.{instance} < {highest} AND t.{instance} IN"
                f" (SELECT u.instance_key FROM user_task u WHERE u.state = 'CREATED' AND u.key < {highest})"
            )
