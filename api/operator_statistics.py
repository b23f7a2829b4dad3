"""What operators look at first: incidents by cause, jobs by type and worker, instances by process.

The shapes are those of the Camunda 8 API, with a few members more. An incident's *cause* is its error type and its
message, long numbers in it (keys, times) left out, so that a thousand payments which failed alike are one line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response

from server.identity.visibility import seen_of_instances
from server.store.database import fetch, reading
from server.store.search import Condition

from .authorization import permission, principal
from .exact_json import answer
from .fields import TENANT, Flag, Instant, Key, Listed, OneOf, Part, Text, Whole, always, document, maybe
from .incidents import CAUSE, CAUSE_HASH
from .jobs import ERROR_MESSAGES
from .problems import language
from .resource import Resource
from .search import PageRequest, Source, by_text, conditions_of, list_page, page_of

operator_statistics = Resource("Statistics", description="Incidents by cause, jobs by type, instances by process.")

_MOST_GROUPS = 10_000
_JOBS = Source(
    kind=("作业", "job"),
    rows="job j",
    columns="j.key",
    key="j.key",
    fields={
        "jobType": "text j.type",
        "errorCode": "text? j.error_code",
        "errorMessage": f"texts? {ERROR_MESSAGES}",
    },
)


def _asked(name: str, sorts: Sequence[str] = (), **filters: Any) -> Any:
    members: dict[str, Any] = {"page": Part(PageRequest)}
    if filters:
        members["filter"] = Part(document(f"{name}Filter", filters))
    if sorts:
        order = {"field": OneOf(*sorts, required=True), "order": OneOf("ASC", "DESC", "asc", "desc")}
        members["sort"] = Listed(Part(document(f"{name}Sort", order)))
    return document(f"{name}Query", members)


_BY_ERROR: dict[str, Any] = {
    "errorHashCode": Whole(low=-(2**31), metadata={"description": "Names the cause in filters"}),
    "errorMessage": Text(),
    "activeInstancesWithErrorCount": Whole(),
    "errorType": Text(),
    "incidentCount": Whole(),
    "oldestCreationTime": Instant(),
    "newestCreationTime": Instant(),
    "elementIds": Listed(Text()),
    "processDefinitionIds": Listed(Text()),
}
ErrorStatistics = page_of("IncidentStatisticsByError", document("IncidentStatisticsByError", always(dict(_BY_ERROR))))
ErrorQuery = _asked("IncidentStatisticsByError", ("errorMessage", "activeInstancesWithErrorCount"))
_VERSION: dict[str, Any] = {
    "processDefinitionId": Text(),
    "processDefinitionKey": Key(),
    "processDefinitionName": maybe(Text()),
    "processDefinitionVersion": Whole(),
    "tenantId": Text(),
}
DefinitionStatistics = page_of(
    "IncidentStatisticsByDefinition",
    document("IncidentStatisticsByDefinition", always({**_VERSION, "activeInstancesWithErrorCount": Whole()})),
)
DefinitionQuery = _asked(
    "IncidentStatisticsByDefinition",
    ("processDefinitionId", "processDefinitionKey", "processDefinitionName", "activeInstancesWithErrorCount"),
    errorHashCode=Whole(low=-(2**31)),
)
StatusMetric = document("StatusMetric", always({"count": Whole(), "lastUpdatedAt": maybe(Instant())}))
_METRICS: dict[str, Any] = {
    "created": Part(StatusMetric),
    "completed": Part(StatusMetric),
    "failed": Part(StatusMetric, metadata={"description": "Failed at last, or with an error thrown"}),
    "open": Whole(metadata={"description": "Not ended"}),
    "activated": Whole(metadata={"description": "Of the open ones: at a worker now"}),
    "withoutRetries": Whole(metadata={"description": "Of the open ones: given up, with an incident"}),
    "oldestOpen": maybe(Instant()),
}
_WINDOW: dict[str, Any] = {
    "from": Instant(metadata={"description": "Jobs that were created since; all where not given"}),
    "to": Instant(),
}
GlobalJobStatistics = document("GlobalJobStatistics", always({**_METRICS, "isIncomplete": Flag()}))
GlobalJobQuery = document("GlobalJobStatisticsQuery", {**_WINDOW, "jobType": Text()})
TypeStatistics = page_of(
    "JobStatisticsByType",
    document("JobStatisticsByType", always({"jobType": Text(), **_METRICS, "workers": Whole()})),
)
TypeQuery = _asked("JobStatisticsByType", **_WINDOW, jobType=by_text())
WorkerStatistics = page_of(
    "JobStatisticsByWorker", document("JobStatisticsByWorker", always({"worker": Text(), **_METRICS}))
)
WorkerQuery = _asked("JobStatisticsByWorker", **_WINDOW, jobType=by_text())
ErrorsOfJobs = page_of(
    "JobStatisticsByError",
    document(
        "JobStatisticsByError",
        always({"errorCode": Text(), "errorMessage": Text(), "workers": Whole(), "count": Whole()}),
    ),
)
ErrorsOfJobsQuery = _asked(
    "JobStatisticsByError", **_WINDOW, jobType=by_text(), errorCode=by_text(), errorMessage=by_text()
)
_ACTIVE: dict[str, Any] = {
    "activeInstancesWithoutIncidentCount": Whole(),
    "activeInstancesWithIncidentCount": Whole(),
}
ProcessStatistics = page_of(
    "ProcessInstanceStatistics",
    document(
        "ProcessInstanceStatistics",
        always(
            {
                "processDefinitionId": Text(),
                "tenantId": Text(),
                "latestProcessDefinitionName": maybe(Text()),
                "latestProcessDefinitionKey": Key(),
                "hasMultipleVersions": Flag(),
                **_ACTIVE,
            }
        ),
    ),
)
_COUNTS = ("activeInstancesWithIncidentCount", "activeInstancesWithoutIncidentCount")
ProcessQuery = _asked("ProcessInstanceStatistics", ("processDefinitionId", *_COUNTS))
VersionStatistics = page_of(
    "ProcessInstanceVersionStatistics", document("ProcessInstanceVersionStatistics", always({**_VERSION, **_ACTIVE}))
)
VersionQuery = _asked(
    "ProcessInstanceVersionStatistics",
    ("processDefinitionId", "processDefinitionKey", "processDefinitionName", "processDefinitionVersion", *_COUNTS),
    processDefinitionId=Text(required=True),
    tenantId=Text(),
)


@operator_statistics.route("/incidents/statistics/process-instances-by-error", methods=["POST"])
@permission("incident", "read")
@operator_statistics.arguments(ErrorQuery, required=False)
@operator_statistics.response(200, ErrorStatistics)
def get_process_instance_statistics_by_error(body: dict[str, Any]) -> Response:
    """Count active incidents by cause, the most frequent first"""
    message = "message_zh" if language() == "zh" else "message_en"
    rows = _grouped(_CAUSES.replace("{message}", message), _incidents_seen())
    items = [
        {
            "errorHashCode": row.hash,
            "errorMessage": row.message,
            "activeInstancesWithErrorCount": row.instances,
            "errorType": row.error_type,
            "incidentCount": row.incidents,
            "oldestCreationTime": row.oldest,
            "newestCreationTime": row.newest,
            "elementIds": row.elements,
            "processDefinitionIds": row.processes,
        }
        for row in rows
    ]
    return answer(_page(items, body))


@operator_statistics.route("/incidents/statistics/process-instances-by-definition", methods=["POST"])
@permission("incident", "read")
@operator_statistics.arguments(DefinitionQuery, required=False)
@operator_statistics.response(200, DefinitionStatistics)
def get_process_instance_statistics_by_definition(body: dict[str, Any]) -> Response:
    """Count the instances with active incidents, by version of their process"""
    wanted = body.get("filter", {}).get("errorHashCode")
    conditions = _incidents_seen()
    if wanted is not None:
        conditions.append(Condition(f"{CAUSE_HASH} = %(hash)s", {"hash": wanted}))
    rows = _grouped(_CAUSES_BY_DEFINITION, conditions)
    items = [{**_version(row), "activeInstancesWithErrorCount": row.instances} for row in rows]
    return answer(_page(items, {**body, "filter": {}}))


@operator_statistics.route("/jobs/statistics/global", methods=["GET"])
@permission("job", "read")
@operator_statistics.arguments(GlobalJobQuery, location="query")
@operator_statistics.response(200, GlobalJobStatistics)
def get_global_job_statistics(asked: dict[str, Any]) -> Response:
    """Count the jobs that were created in a time, by what has become of them"""
    (row,) = _grouped(_JOB_COUNTS.replace("{group}", "NULL").replace("{grouping}", ""), _jobs_wanted(asked))
    return answer({**_metrics(row), "isIncomplete": False})


@operator_statistics.route("/jobs/statistics/by-types", methods=["POST"])
@permission("job", "read")
@operator_statistics.arguments(TypeQuery, required=False)
@operator_statistics.response(200, TypeStatistics)
def get_job_type_statistics(body: dict[str, Any]) -> Response:
    """Count jobs by type"""
    items = [
        {"jobType": row.name, **_metrics(row), "workers": row.workers}
        for row in _grouped(_BY["type"], _jobs_wanted(body.get("filter", {})))
    ]
    return answer(_page(items, body))


@operator_statistics.route("/jobs/statistics/by-workers", methods=["POST"])
@permission("job", "read")
@operator_statistics.arguments(WorkerQuery, required=False)
@operator_statistics.response(200, WorkerStatistics)
def get_job_worker_statistics(body: dict[str, Any]) -> Response:
    """Count the jobs that a worker has had, by worker"""
    conditions = [*_jobs_wanted(body.get("filter", {})), Condition("j.worker IS NOT NULL")]
    items = [{"worker": row.name, **_metrics(row)} for row in _grouped(_BY["worker"], conditions)]
    return answer(_page(items, body))


@operator_statistics.route("/jobs/statistics/errors", methods=["POST"])
@permission("job", "read")
@operator_statistics.arguments(ErrorsOfJobsQuery, required=False)
@operator_statistics.response(200, ErrorsOfJobs)
def get_job_error_statistics(body: dict[str, Any]) -> Response:
    """Count the jobs that failed, by error"""
    message = "coalesce(j.error_message_zh, j.error_message)" if language() == "zh" else "j.error_message"
    rows = _grouped(_JOB_ERRORS.replace("{message}", message), _jobs_wanted(body.get("filter", {})))
    items = [
        {"errorCode": row.code, "errorMessage": row.message, "workers": row.workers, "count": row.jobs} for row in rows
    ]
    return answer(_page(items, body))


@operator_statistics.route("/process-definitions/statistics/process-instances", methods=["POST"])
@permission("process-instance", "read")
@operator_statistics.arguments(ProcessQuery, required=False)
@operator_statistics.response(200, ProcessStatistics)
def get_process_definition_instance_statistics(body: dict[str, Any]) -> Response:
    """Count active instances by process"""
    items = [
        {
            "processDefinitionId": row.process_id,
            "tenantId": TENANT,
            "latestProcessDefinitionName": row.name,
            "latestProcessDefinitionKey": str(row.key),
            "hasMultipleVersions": row.versions > 1,
            **_active(row),
        }
        for row in _grouped(_BY_PROCESS, _instances_seen())
    ]
    return answer(_page(items, body))


@operator_statistics.route("/process-definitions/statistics/process-instances-by-version", methods=["POST"])
@permission("process-instance", "read")
@operator_statistics.arguments(VersionQuery)
@operator_statistics.response(200, VersionStatistics)
def get_process_definition_instance_version_statistics(body: dict[str, Any]) -> Response:
    """Count the active instances of a process by version"""
    process = Condition("true", {"process": body.get("filter", {}).get("processDefinitionId", "")})
    items = [{**_version(row), **_active(row)} for row in _grouped(_BY_VERSION, [*_instances_seen(), process])]
    return answer(_page(items, {**body, "filter": {}}))


def _grouped(statement: str, conditions: Sequence[Condition]) -> list[Any]:
    parameters = {name: value for part in conditions for name, value in part.parameters.items()}
    joined = " AND ".join(f"({part.sql})" for part in conditions) or "true"
    with reading() as connection:
        return fetch(connection, statement.replace("{condition}", joined), {**parameters, "most": _MOST_GROUPS})


def _page(items: Sequence[Mapping[str, Any]], body: Mapping[str, Any]) -> dict[str, Any]:
    """A page of groups: in the order of the statement, or sorted by numbers and texts as they are."""
    sorted_items = list(items)
    for order in reversed(body.get("sort", ())):
        descending = str(order.get("order", "ASC")).upper() == "DESC"
        sorted_items.sort(key=lambda item: _sortable(item[order["field"]]), reverse=descending)
    return list_page(sorted_items, {"page": body.get("page", {})})


def _sortable(value: Any) -> tuple[int, Any]:
    if isinstance(value, int):
        return 0, value
    text = str(value or "")
    return (0, int(text)) if text.isascii() and text.isdigit() else (1, text)


def _incidents_seen() -> list[Condition]:
    seen = seen_of_instances(principal(), "incident", "i.instance_key")
    return [Condition("i.state = 'ACTIVE'"), *([] if seen is None else [seen])]


def _instances_seen() -> list[Condition]:
    seen = seen_of_instances(principal(), "process-instance", "p.key")
    return [] if seen is None else [seen]


def _jobs_wanted(asked: Mapping[str, Any]) -> list[Condition]:
    wanted = {name: value for name, value in asked.items() if name not in ("from", "to")}
    conditions = conditions_of(_JOBS, wanted, seen_of_instances(principal(), "job", "j.instance_key"))
    if "from" in asked:
        conditions.append(Condition("j.created_at >= %(since)s", {"since": asked["from"]}))
    if "to" in asked:
        conditions.append(Condition("j.created_at <= %(until)s", {"until": asked["to"]}))
    return conditions


def _metrics(row: Any) -> dict[str, Any]:
    return {
        "created": {"count": row.created, "lastUpdatedAt": row.created_last},
        "completed": {"count": row.completed, "lastUpdatedAt": row.completed_last},
        "failed": {"count": row.failed, "lastUpdatedAt": row.failed_last},
        "open": row.open,
        "activated": row.activated,
        "withoutRetries": row.given_up,
        "oldestOpen": row.oldest_open,
    }


def _version(row: Any) -> dict[str, Any]:
    return {
        "processDefinitionId": row.process_id,
        "processDefinitionKey": str(row.key),
        "processDefinitionName": row.name,
        "processDefinitionVersion": row.version,
        "tenantId": TENANT,
    }


def _active(row: Any) -> dict[str, int]:
    return {
        "activeInstancesWithoutIncidentCount": row.active - row.troubled,
        "activeInstancesWithIncidentCount": row.troubled,
    }


_CAUSES = f"""
    SELECT {CAUSE_HASH} AS hash, min(i.error_type) AS error_type,
        min({CAUSE.replace("message_en", "{message}")}) AS message,
        count(DISTINCT i.instance_key) AS instances, count(*) AS incidents, min(i.created_at) AS oldest,
        max(i.created_at) AS newest, array_agg(DISTINCT i.element_id) AS elements,
        array_agg(DISTINCT d.process_id) AS processes
    FROM incident i JOIN process_definition d ON d.key = i.process_definition_key
    WHERE {{condition}} GROUP BY 1 ORDER BY instances DESC, hash LIMIT %(most)s"""  # noqa: S608 - parts of our own
_CAUSES_BY_DEFINITION = """
    SELECT d.key, d.process_id, d.name, d.version, count(DISTINCT i.instance_key) AS instances
    FROM incident i JOIN process_definition d ON d.key = i.process_definition_key
    WHERE {condition} GROUP BY d.key ORDER BY instances DESC, d.key LIMIT %(most)s"""
_JOB_COUNTS = """
    SELECT {group} AS name, count(*) AS created, max(j.created_at) AS created_last,
        count(*) FILTER (WHERE j.state = 'COMPLETED') AS completed,
        max(j.updated_at) FILTER (WHERE j.state = 'COMPLETED') AS completed_last,
        count(*) FILTER (WHERE j.state IN ('FAILED', 'ERROR_THROWN')) AS failed,
        max(j.updated_at) FILTER (WHERE j.state IN ('FAILED', 'ERROR_THROWN')) AS failed_last,
        count(*) FILTER (WHERE j.ended_at IS NULL) AS open,
        count(*) FILTER (WHERE j.ended_at IS NULL AND j.deadline > clock_timestamp()) AS activated,
        count(*) FILTER (WHERE j.ended_at IS NULL AND j.retries < 1) AS given_up,
        min(j.created_at) FILTER (WHERE j.ended_at IS NULL) AS oldest_open,
        count(DISTINCT j.worker) AS workers
    FROM job j WHERE {condition} {grouping}"""
_BY = {
    column: _JOB_COUNTS.replace("{group}", f"j.{column}").replace(
        "{grouping}", f"GROUP BY j.{column} ORDER BY j.{column} LIMIT %(most)s"
    )
    for column in ("type", "worker")
}
_JOB_ERRORS = """
    SELECT coalesce(j.error_code, '') AS code, coalesce({message}, '') AS message,
        count(DISTINCT j.worker) AS workers, count(*) AS jobs
    FROM job j WHERE (j.error_code IS NOT NULL OR j.error_message IS NOT NULL) AND {condition}
    GROUP BY 1, 2 ORDER BY jobs DESC, 1, 2 LIMIT %(most)s"""
_ACTIVE_COUNTS = "count(p.key) AS active, count(p.key) FILTER (WHERE p.incidents > 0) AS troubled"
_BY_PROCESS = f"""
    SELECT d.process_id, (array_agg(d.name ORDER BY d.version DESC))[1] AS name,
        (array_agg(d.key ORDER BY d.version DESC))[1] AS key, count(DISTINCT d.key) AS versions, {_ACTIVE_COUNTS}
    FROM process_definition d
    LEFT JOIN process_instance p ON p.process_definition_key = d.key AND p.ended_at IS NULL AND {{condition}}
    GROUP BY d.process_id ORDER BY active DESC, d.process_id LIMIT %(most)s"""  # noqa: S608
_BY_VERSION = f"""
    SELECT d.key, d.process_id, d.name, d.version, {_ACTIVE_COUNTS}
    FROM process_definition d
    LEFT JOIN process_instance p ON p.process_definition_key = d.key AND p.ended_at IS NULL AND {{condition}}
    WHERE d.process_id = %(process)s GROUP BY d.key ORDER BY d.version DESC LIMIT %(most)s"""  # noqa: S608
