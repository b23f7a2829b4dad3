"""Whose incidents are open: those of an instance are also those of its callers, which wait for it.

An instance therefore *has an incident* where it or one that it called, however deep, has an open one. This is
looked up from the open incidents upwards, so that it costs what is open, not what has ever been called.
"""

from __future__ import annotations

# Every open incident, once for its own instance and once for each that called it, under the name ``holder``.
HELD_INCIDENTS = """(
    WITH RECURSIVE held AS (
        SELECT i.key, i.instance_key, i.root_key, i.instance_key AS holder FROM incident i WHERE i.state = 'ACTIVE'
        UNION ALL SELECT h.key, h.instance_key, h.root_key, called.parent_key
        FROM held h JOIN process_instance called ON called.key = h.holder WHERE called.parent_key IS NOT NULL)
    SELECT key, instance_key, root_key, holder FROM held)"""

# Whether the alias p of ``process_instance`` has an incident.
HAS_INCIDENT = f"""(p.incidents > 0 OR p.ended_at IS NULL AND p.key IN (
    SELECT x.holder FROM {HELD_INCIDENTS} x))"""  # noqa: S608 - names of our own
