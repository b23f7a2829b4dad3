"""Variables: by name and scope, of running and ended instances, and as a user task sees them.

A variable has no row of its own, so its key is made of its scope's key and a digest of its name; the same
variable always has the same key.
"""

from __future__ import annotations

from typing import Any

from flask import Response, request

from server.identity.visibility import seen_of_instances
from server.store.database import encode_json
from server.store.search import Condition

from .authorization import permission, principal
from .exact_json import answer
from .fields import TENANT, Flag, Key, Text, always, document, maybe
from .resource import Resource
from .search import Source, by_key, by_text, find, get, page_of, search_request

variables = Resource("Variable", description="Variables of instances.")

LONGEST_SHOWN = 8192
_NAMES = 10**11

# The variables of a JSON document of scopes, each with its key; ``%`` is doubled for the driver.
_EACH = f"""CROSS JOIN LATERAL jsonb_each(s.variables) scope(name, held)
    CROSS JOIN LATERAL jsonb_each(scope.held) v(name, value)
    CROSS JOIN LATERAL (SELECT CASE scope.name WHEN '' THEN s.key ELSE scope.name::bigint END AS key) k
    CROSS JOIN LATERAL (SELECT k.key::numeric * {_NAMES}
        + abs(hashtextextended(v.name, 0)::numeric) %% {_NAMES} AS key) n"""
_COLUMNS = "n.key, k.key AS scope_key, v.name, v.value, s.key AS instance_key, s.root_key"
VARIABLES = Source(
    kind=("变量", "variable"),
    rows=f"instance_state s {_EACH}",
    columns=_COLUMNS,
    key="n.key",
    key_type="numeric",
    fields={
        "variableKey": "text n.key::text",
        "name": "text v.name",
        "value": "text v.value::text",
        "scopeKey": "key k.key",
        "processInstanceKey": "key s.key",
        "isTruncated": f"flag length(v.value::text) > {LONGEST_SHOWN}",
        "tenantId": "text '<default>'",
    },
)
# What a task sees: its own scope, those around it, and the process's; ``innermost`` where a name stands in several.
TASK_VARIABLES = Source(
    kind=("变量", "variable"),
    rows=f"""(
        WITH RECURSIVE up AS (
            SELECT e.key, e.scope_key, 0 AS depth FROM element_instance e
            WHERE e.instance_key = %(task_instance)s AND e.key = %(task)s
            UNION ALL
            SELECT e.key, e.scope_key, up.depth + 1 FROM element_instance e JOIN up ON e.key = up.scope_key
            WHERE e.instance_key = %(task_instance)s AND e.key <> e.scope_key)
        SELECT {_COLUMNS}, row_number() OVER (
            PARTITION BY v.name ORDER BY scope.name = '', up.depth) = 1 AS innermost
        FROM instance_state s {_EACH} LEFT JOIN up ON up.key = k.key
        WHERE s.key = %(task_instance)s AND (scope.name = '' OR up.key IS NOT NULL)) x""",  # noqa: S608
    columns="x.*",
    key="x.key",
    key_type="numeric",
    fields={
        "variableKey": "text x.key::text",
        "name": "text x.name",
        "value": "text x.value::text",
        "scopeKey": "key x.scope_key",
        "processInstanceKey": "key x.instance_key",
        "tenantId": "text '<default>'",
    },
)

_VARIABLE: dict[str, Any] = {
    "variableKey": Text(),
    "name": Text(),
    "value": Text(metadata={"description": "The value, as JSON text"}),
    "scopeKey": Key(),
    "processInstanceKey": Key(),
    "rootProcessInstanceKey": maybe(Key()),
    "tenantId": Text(),
}
VariableResult = document("Variable", always(_VARIABLE))
FoundVariable = document("FoundVariable", always({**_VARIABLE, "isTruncated": Flag()}))
VariablePage = page_of("Variable", FoundVariable)
_SORTED = ("name", "value", "variableKey", "scopeKey", "processInstanceKey", "tenantId")
VariableSearch = search_request(
    "Variable",
    {
        "variableKey": by_key(),
        "name": by_text(),
        "value": by_text(),
        "scopeKey": by_key(),
        "processInstanceKey": by_key(),
        "isTruncated": Flag(),
        "tenantId": Text(),
    },
    _SORTED,
)
TaskVariableSearch = search_request("UserTaskVariable", {"name": by_text()}, _SORTED)


@variables.route("/variables/search", methods=["POST"])
@permission("variable", "read")
@variables.arguments(VariableSearch, required=False)
@variables.response(200, VariablePage)
def search_variables(body: dict[str, Any]) -> Response:
    """Find variables; long values are cut unless truncateValues is false"""
    return find(VARIABLES, body, _presented(), _seen())


@variables.route("/variables/<string:variable_key>", methods=["GET"])
@permission("variable", "read")
@variables.response(200, VariableResult)
def get_variable(variable_key: str) -> Response:
    """Get a variable with its whole value"""
    scope_key = int(variable_key) // _NAMES if variable_key.isascii() and variable_key.isdigit() else 0
    within = Condition(
        "s.key = coalesce((SELECT e.instance_key FROM element_instance e WHERE e.key = %(scope)s), %(scope)s)",
        {"scope": min(scope_key, 2**63 - 1)},
    )
    row = get(VARIABLES, variable_key, _seen(), where=within)
    shown = variable_document(row, cut=False)
    del shown["isTruncated"]
    return answer(shown)


def task_variables(task: Any, body: dict[str, Any], *, effective: bool = False) -> Response:
    """The variables of a task and of the scopes around it, or of those only what the task sees."""
    within = Condition("x.innermost" if effective else "true", {"task": task.key, "task_instance": task.instance_key})
    return find(TASK_VARIABLES, body, _presented(), where=within)


def variable_document(row: Any, *, cut: bool) -> dict[str, Any]:
    """A variable as the API shows one."""
    value = encode_json(row.value)
    is_cut = cut and len(value) > LONGEST_SHOWN
    return {
        "variableKey": str(row.key),
        "name": row.name,
        "value": value[:LONGEST_SHOWN] if is_cut else value,
        "isTruncated": is_cut,
        "scopeKey": str(row.scope_key),
        "processInstanceKey": str(row.instance_key),
        "rootProcessInstanceKey": str(row.root_key),
        "tenantId": TENANT,
    }


def _presented() -> Any:
    cut = request.args.get("truncateValues", "true").lower() != "false"
    return lambda row: variable_document(row, cut=cut)


def _seen() -> Condition | None:
    return seen_of_instances(principal(), "variable", "s.key")
