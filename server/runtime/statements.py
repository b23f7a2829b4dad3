"""The SQL by which commands read and write cases, each statement under its name.

A command writes everything in one statement: a chain of data-modifying WITH parts, one for each kind of row that
changed. Rows travel as one JSON text a kind, which costs no more for a hundred rows than for one.
"""

from __future__ import annotations

from server.bpmn.settling import START_ECHOES

from .instant import NOW

STATE_COLUMNS = f"""
    {NOW} AS now, (SELECT epoch FROM deployment_epoch) AS epoch,
    s.key, s.root_key, s.process_definition_key, s.snapshot, s.variables, s.revision, s.suspended,
    p.parent_key, p.parent_element_instance_key, p.business_id, p.applicant"""  # noqa: S608 - parts of our own


def lock(source: str, extra: str = "", condition: str = "") -> str:
    """Lock the case that a row of ``source`` belongs to, and read the state of its root and of its instance.

    ``source`` has the columns key, instance_key and root_key. The root's row comes first and is locked first,
    so that commands on a case take turns. No row means that there is no such thing (any longer).
    """
    return f"""
    SELECT {STATE_COLUMNS}, t.instance_key AS target_key{", " + extra if extra else ""}
    FROM {source} t
    JOIN instance_state s ON s.key = ANY(ARRAY[t.root_key, t.instance_key])
    JOIN process_instance p ON p.key = s.key
    WHERE t.key = %(key)s {condition}
    ORDER BY s.key <> t.root_key
    FOR UPDATE OF s"""  # noqa: S608 - names of our own


LOCK_INSTANCE = lock("(SELECT key, key AS instance_key, root_key FROM process_instance)")
LOCK_ELEMENT = lock(
    "(SELECT i.key, i.instance_key, i.element_type, q.root_key FROM element_instance i "
    "JOIN process_instance q ON q.key = i.instance_key)",
    "t.element_type",
)
LOCK_TIMER = lock("timer", "t.cycle", condition="AND t.due_at = %(due_at)s")
LOCK_SUBSCRIPTION = lock("event_subscription")
LOCK_INCIDENT = lock("incident", "t.element_instance_key, t.state AS incident_state, t.job_key")
LOCK_SIGNAL = lock("signal_delivery", "t.subscription_key, t.variables AS payload, t.echoes")
LOCK_JOB = lock("job", "t.ended_at, t.state AS job_state, t.retries, t.type, t.lease, t.worker")
LOCK_USER_TASK = lock(
    "user_task",
    "t.state AS task_state, t.assignee, t.element_id, t.form_key, t.custom_headers, "
    "t.process_definition_key AS task_definition_key",
)

# The state of an instance whose root is locked already.
READ_STATE = f"""
    SELECT {STATE_COLUMNS}, s.key AS target_key
    FROM instance_state s JOIN process_instance p ON p.key = s.key
    WHERE s.key = %(key)s"""  # noqa: S608

BEGINNING = f"SELECT {NOW} AS now, e.epoch FROM deployment_epoch e"  # noqa: S608

# Of a suspended case: variables were set, so the conditions of this instance are asked at the resumption.
ASK_CONDITIONS_LATER = "UPDATE instance_state SET suspended = true WHERE key = %(key)s"

CALLED_INSTANCE = """
    SELECT key FROM process_instance WHERE parent_element_instance_key = %(key)s AND ended_at IS NULL"""

# -- messages that wait for a subscription -----------------------------------------------------------------------

# One turn for all who publish a message or open a subscription of the same name and correlation key. Those who
# open do not exclude each other, only those who publish.
SHARE_MESSAGE_TURN = r"""
    SELECT pg_advisory_xact_lock_shared(turn) FROM (
        SELECT DISTINCT hashtextextended(name || E'\x1f' || correlation_key, 0) AS turn
        FROM json_to_recordset(%(wanted)s::json) AS r(name text, correlation_key text) ORDER BY turn
    ) turns"""
TAKE_MESSAGE_TURN = r"""
    SELECT pg_advisory_xact_lock(hashtextextended(%(name)s || E'\x1f' || %(correlation_key)s, 0))"""
BUFFERED_MESSAGES = """
    SELECT m.key, m.name, m.correlation_key, m.variables
    FROM message m JOIN json_to_recordset(%(wanted)s::json) AS r(name text, correlation_key text)
    USING (name, correlation_key)
    WHERE (m.expires_at > %(now)s OR m.pending) AND NOT %(process_id)s = ANY(m.correlated_process_ids)
    ORDER BY m.key"""
MARK_CORRELATED = """
    UPDATE message SET correlated_process_ids = correlated_process_ids || %(process_id)s::text
    WHERE key = %(key)s AND NOT %(process_id)s::text = ANY(correlated_process_ids)"""

# -- what a command writes ---------------------------------------------------------------------------------------


def _insert(table: str, parameter: str) -> str:
    return (
        f"INSERT INTO {table} SELECT * FROM "  # noqa: S608
        f"json_populate_recordset(NULL::{table}, %({parameter})s::json)"
    )


def _delete(table: str, parameter: str) -> str:
    return f"DELETE FROM {table} WHERE key = ANY(%({parameter})s::bigint[])"  # noqa: S608


WRITES = {
    "instances_started": _insert("process_instance", "instances_started"),
    "instances_changed": """
        UPDATE process_instance p SET state = coalesce(r.state, p.state),
            ended_at = coalesce(r.ended_at, p.ended_at), end_reason = coalesce(r.end_reason, p.end_reason),
            applicant = coalesce(r.applicant, p.applicant), incidents = p.incidents + r.incidents
        FROM json_to_recordset(%(instances_changed)s::json)
            AS r(key bigint, state text, ended_at timestamptz, end_reason text, applicant text,
                 incidents int)
        WHERE p.key = r.key""",
    "states_begun": _insert("instance_state", "states_begun"),
    "states_changed": """
        UPDATE instance_state s SET revision = s.revision + 1, snapshot = r.snapshot,
            variables = coalesce(r.variables, s.variables), flows = s.flows || r.flows
        FROM json_to_recordset(%(states_changed)s::json)
            AS r(key bigint, snapshot bytea, variables jsonb, flows text[])
        WHERE s.key = r.key""",
    "elements_activated": _insert("element_instance", "elements_activated"),
    "elements_ended": """
        UPDATE element_instance i SET state = r.state, ended_at = r.ended_at, actor = r.actor, changes = r.changes,
            received = coalesce(r.received, i.received)
        FROM json_to_recordset(%(elements_ended)s::json)
            AS r(key bigint, started_at timestamptz, state text, ended_at timestamptz, actor text, changes jsonb,
                 received jsonb)
        WHERE i.key = r.key AND i.started_at = r.started_at""",
    "tasks_opened": _insert("user_task", "tasks_opened"),
    "tasks_closed": """
        UPDATE user_task t SET state = r.state, ended_at = r.ended_at, completed_by = r.completed_by,
            action = r.action
        FROM json_to_recordset(%(tasks_closed)s::json)
            AS r(key bigint, state text, ended_at timestamptz, completed_by text, action text,
                 guarded boolean, assignee text)
        WHERE t.key = r.key AND (NOT r.guarded OR t.assignee IS NOT DISTINCT FROM r.assignee)
        RETURNING t.key""",
    "drafts_dropped": """
        DELETE FROM user_task_draft d USING json_to_recordset(%(tasks_closed)s::json) AS r(key bigint)
        WHERE d.task_key = r.key""",
    "jobs_opened": """
        INSERT INTO job (key, instance_key, root_key, process_definition_key, element_id, type, state, retries,
            priority, custom_headers, business_id, available_at, created_at, updated_at, ended_at, suspended)
        SELECT key, instance_key, root_key, process_definition_key, element_id, type, state, retries, priority,
            custom_headers, business_id, clock_timestamp(), created_at, created_at, ended_at, suspended
        FROM json_populate_recordset(NULL::job, %(jobs_opened)s::json)""",
    "jobs_closed": """
        UPDATE job j SET state = r.state, ended_at = r.ended_at, updated_at = r.ended_at, deadline = NULL,
            error_code = coalesce(r.error_code, j.error_code),
            error_message = coalesce(r.error_message, j.error_message),
            error_message_zh = CASE WHEN r.error_message IS NULL THEN j.error_message_zh ELSE r.error_message_zh END
        FROM json_to_recordset(%(jobs_closed)s::json)
            AS r(key bigint, state text, ended_at timestamptz, error_code text, error_message text,
                 error_message_zh text)
        WHERE j.key = r.key""",
    "timers_set": """
        INSERT INTO timer SELECT * FROM json_populate_recordset(NULL::timer, %(timers_set)s::json)
        ON CONFLICT (key) DO UPDATE SET due_at = excluded.due_at, cycle = excluded.cycle,
            remaining = excluded.remaining, claimed_until = NULL, attempts = 0, suspended = excluded.suspended""",
    "timers_cleared": _delete("timer", "timers_cleared"),
    "subscriptions_opened": _insert("event_subscription", "subscriptions_opened"),
    "subscriptions_changed": """
        UPDATE event_subscription s SET name = r.name, correlation_key = r.correlation_key,
            interrupting = r.interrupting
        FROM json_to_recordset(%(subscriptions_changed)s::json)
            AS r(key bigint, name text, correlation_key text, interrupting boolean)
        WHERE s.key = r.key""",
    "subscriptions_closed": _delete("event_subscription", "subscriptions_closed"),
    "decisions_taken": _insert("decision_instance", "decisions_taken"),
    "incidents_raised": _insert("incident", "incidents_raised"),
    "incidents_cleared": """
        UPDATE incident SET state = 'RESOLVED', resolved_at = %(now)s, resolved_by = %(actor)s
        WHERE element_instance_key = ANY(%(incidents_cleared)s::bigint[]) AND state = 'ACTIVE'""",
    "signals_thrown": f"""
        INSERT INTO signal_delivery (subscription_key, instance_key, root_key, process_definition_key,
            element_id, variables, suspended, echoes)
        SELECT s.key, s.instance_key, s.root_key, s.process_definition_key, s.element_id, r.variables, s.suspended,
            r.echoes + CASE WHEN s.instance_key IS NULL THEN {START_ECHOES} ELSE 1 END
        FROM json_to_recordset(%(signals_thrown)s::json)
            AS r(name text, variables jsonb, gone bigint[], echoes integer)
        JOIN event_subscription s ON s.kind = 'signal' AND s.name = r.name
        WHERE NOT s.key = ANY(r.gone) AND (s.suspended IS NOT TRUE OR s.instance_key IS NOT NULL)
        ORDER BY s.key
        RETURNING key, suspended""",  # noqa: S608 - a number of our own
    "message_starts_over": """
        DELETE FROM message_start WHERE instance_key = ANY(%(message_starts_over)s::bigint[])
        RETURNING process_id, correlation_key""",
    "events_announced": _insert("outbox", "events_announced"),
}
"""The parts of a command's write by the kind of rows; each takes one parameter of the same name."""

# A live token has the key of what it waits with, so one list moves all of them; the instance's own key moves the
# instance. What has ended stays with the version under which it happened.
MIGRATE = """
    WITH moved AS (
        SELECT * FROM json_to_recordset(%(elements)s::json) AS r(key bigint, started_at timestamptz, element_id text,
            name text, process_definition_key bigint)),
    elements AS (
        UPDATE element_instance i SET element_id = r.element_id, process_definition_key = r.process_definition_key
        FROM moved r WHERE i.key = r.key AND i.started_at = r.started_at),
    tasks AS (
        UPDATE user_task t SET element_id = r.element_id, process_definition_key = r.process_definition_key,
            name = r.name
        FROM moved r WHERE t.key = r.key),
    jobs AS (
        UPDATE job j SET element_id = r.element_id, process_definition_key = r.process_definition_key
        FROM moved r WHERE j.key = r.key),
    timers AS (
        UPDATE timer t SET element_id = r.element_id, process_definition_key = r.process_definition_key
        FROM moved r WHERE t.key = r.key),
    subscriptions AS (
        UPDATE event_subscription s SET element_id = r.element_id, process_definition_key = r.process_definition_key
        FROM moved r WHERE s.key = r.key),
    incidents AS (
        UPDATE incident i SET element_id = r.element_id, process_definition_key = r.process_definition_key
        FROM moved r WHERE i.element_instance_key = r.key AND i.state = 'ACTIVE'),
    states AS (
        UPDATE instance_state s SET process_definition_key = r.process_definition_key
        FROM moved r WHERE s.key = r.key)
    UPDATE process_instance p SET process_definition_key = r.process_definition_key
    FROM moved r WHERE p.key = r.key"""

ANSWERS = {
    "tasks_closed": "(SELECT count(*) FROM tasks_closed)",
    "signals_thrown": "(SELECT json_agg(key) FROM signals_thrown WHERE suspended IS NOT TRUE)",
    "message_starts_over": "(SELECT json_agg(json_build_array(process_id, correlation_key)) FROM message_starts_over)",
    "jobs_deferred": """
        (SELECT procrastinate_defer_jobs_v1(array_agg(ROW(r.queue, r.task, r.priority, NULL, r.queueing_lock,
            r.args, r.scheduled_at)::procrastinate_job_to_defer_v1))
         FROM json_to_recordset(%(jobs_deferred)s::json) AS r(queue varchar, task varchar, priority int,
            queueing_lock text, args jsonb, scheduled_at timestamptz))""",
}
"""What a write answers, by the kind of rows; deferring background jobs is a function call, so it stands here."""


def write(kinds: list[str]) -> str:
    """The one statement that writes rows of these ``kinds``; its row has a column for each answer, by name."""
    parts = [f"{kind} AS ({WRITES[kind]})" for kind in WRITES if kind in kinds]
    answers = [f"{ANSWERS[kind]} AS {kind}" for kind in ANSWERS if kind in kinds]
    beginning = "WITH " + ",\n".join(parts) if parts else ""
    return f"{beginning}\nSELECT {', '.join(answers) or '1'}"
