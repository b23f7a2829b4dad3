"""Deployments: files published together, and the files as they were deployed."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response, request

from server.messages import Severity
from server.runtime import deployments as runtime
from server.runtime import lint
from server.store.database import fetch, transaction

from .authorization import permission, principal
from .drafts import draft_reader
from .exact_json import answer, plain
from .fields import TENANT, Flag, Key, Listed, Part, Tenant, Text, Whole, always, document, maybe
from .problems import bad_request, finding_errors
from .resource import Resource
from .search import Source, by_key, by_text, by_whole, find, get, page_of, search_request

deployments = Resource("Deployment", description="Files published together, and the files as they were deployed.")

LARGEST_DEPLOYMENT = 32 * 1024 * 1024
LONGEST_NOTE = 2000

_PROCESS: dict[str, Any] = {
    "processDefinitionId": Text(),
    "processDefinitionVersion": Whole(),
    "processDefinitionKey": Key(),
    "resourceName": Text(),
    "tenantId": Text(),
}
_DECISION: dict[str, Any] = {
    "decisionDefinitionId": Text(),
    "version": Whole(),
    "name": Text(),
    "tenantId": Text(),
    "decisionRequirementsId": Text(),
    "decisionDefinitionKey": Key(),
    "decisionRequirementsKey": Key(),
}
_REQUIREMENTS: dict[str, Any] = {
    "decisionRequirementsId": Text(),
    "decisionRequirementsName": Text(),
    "version": Whole(),
    "resourceName": Text(),
    "tenantId": Text(),
    "decisionRequirementsKey": Key(),
}
_FORM: dict[str, Any] = {
    "formId": Text(),
    "version": Whole(),
    "resourceName": Text(),
    "tenantId": Text(),
    "formKey": Key(),
}
_RESOURCE: dict[str, Any] = {
    "resourceId": Text(),
    "resourceName": Text(),
    "version": Whole(),
    "tenantId": Text(),
    "resourceKey": Key(),
}


def _maybe_part(name: str, members: dict[str, Any]) -> ma.fields.Field[Any]:
    return maybe(Part(document(f"Deployed{name}", always(members))))


DeployedItem = document(
    "DeployedItem",
    always(
        {
            "processDefinition": _maybe_part("Process", _PROCESS),
            "decisionDefinition": _maybe_part("Decision", _DECISION),
            "decisionRequirements": _maybe_part("DecisionRequirements", _REQUIREMENTS),
            "form": _maybe_part("Form", _FORM),
            "resource": _maybe_part("Resource", _RESOURCE),
        }
    ),
)
Warned = document(
    "Finding",
    {
        "code": Text(),
        "rule": Text(metadata={"description": "The rule's name, which is bpmnlint's where it has one"}),
        "severity": Text(metadata={"enum": ["error", "warning", "info"]}),
        "detail": Text(),
        "resource": Text(),
        "element": Text(),
        "line": maybe(Whole()),
        "column": maybe(Whole()),
    },
)
LintResult = document("LintResult", always({"deployable": Flag(), "findings": Listed(Part(Warned))}))
DeploymentResult = document(
    "Deployment",
    always(
        {
            "deploymentKey": Key(),
            "tenantId": Text(),
            "deployments": Listed(Part(DeployedItem)),
            "warnings": Listed(Part(Warned)),
        }
    ),
)
ResourceResult = document("Resource", always({**_RESOURCE, "versionTag": maybe(Text())}))
ResourcePage = page_of("Resource", ResourceResult)
ResourceSearch = search_request(
    "Resource",
    {
        "resourceKey": by_key(),
        "resourceId": by_text(),
        "resourceName": by_text(),
        "version": by_whole(),
        "versionTag": by_text(),
        "deploymentKey": by_key(),
        "tenantId": by_text(),
    },
    ("resourceKey", "resourceId", "resourceName", "version", "versionTag", "deploymentKey", "tenantId"),
)


class _Upload(ma.Schema):
    """The parts of a deployment, as the OpenAPI document shows them."""

    resources = ma.fields.List(ma.fields.Raw(metadata={"type": "string", "format": "binary"}), required=True)
    tenantId = Tenant()  # noqa: N815 - the name of the part
    note = Text(longest=LONGEST_NOTE, metadata={"description": "Why these versions; shown with them"})


class _LintUpload(_Upload):
    complete = Flag(
        metadata={
            "description": "Whether the files are all that is to be deployed together; true where not given. Where they"
            " are not, what is bound to the same deployment may be deployed already."
        }
    )


# Each kind of definition is a resource of its own, as in the Camunda 8 API: what was deployed under which name.
RESOURCES = Source(
    kind=("资源", "resource"),
    rows="""(
        SELECT key, process_id AS id, version, version_tag, resource_name, content_hash, deployment_key
        FROM process_definition
        UNION ALL SELECT key, requirements_id, version, NULL, resource_name, content_hash, deployment_key
        FROM decision_requirements
        UNION ALL SELECT key, form_id, version, version_tag, resource_name, content_hash, deployment_key
        FROM form_definition) r""",
    columns="r.*",
    key="r.key",
    fields={
        "resourceKey": "key r.key",
        "resourceId": "text r.id",
        "resourceName": "text r.resource_name",
        "version": "whole r.version",
        "versionTag": "text? r.version_tag",
        "deploymentKey": "key r.deployment_key",
        "tenantId": "text '<default>'",
    },
)
_CONTENT = "SELECT content FROM resource WHERE content_hash = %(content_hash)s"


@deployments.route("/deployments", methods=["POST"])
@permission("deployment", "create")
@deployments.doc(
    requestBody={"required": True, "content": {"multipart/form-data": {"schema": _Upload}}},
)
@deployments.response(200, DeploymentResult)
def create_deployment() -> Response:
    """Deploy BPMN, DMN and form files together: all of them, or none"""
    files = _uploaded()
    note = request.form.get("note", "").strip() or None
    if note is not None and (len(note) > LONGEST_NOTE or "\0" in note):
        raise bad_request("note", f"说明最多 {LONGEST_NOTE} 个字符。", f"A note has at most {LONGEST_NOTE} characters.")
    return deployment_answer(runtime.deploy(files, actor=principal().name, note=note))


def deployment_answer(deployed: runtime.Deployment) -> Response:
    """What a deployment did, with its warnings."""
    with transaction() as connection:
        missing = runtime.missing_references(connection, deployed)
    return answer(
        {
            "deploymentKey": str(deployed.key),
            "tenantId": TENANT,
            "deployments": [_item(item) for item in deployed.items],
            "warnings": finding_errors([*deployed.findings, *missing]),
        }
    )


@deployments.route("/deployments/lint", methods=["POST"])
@permission("resource", "read")
@deployments.doc(
    requestBody={"required": True, "content": {"multipart/form-data": {"schema": _LintUpload}}},
)
@deployments.response(200, LintResult)
def lint_deployment() -> Response:
    """Say everything that can be said of files before they are deployed, without deploying them"""
    complete = request.form.get("complete", "true") != "false"
    findings = lint.lint_deployment(_uploaded(), complete=complete, reader=draft_reader())
    deployable = all(finding.severity is not Severity.ERROR for finding in findings)
    return answer({"deployable": deployable, "findings": finding_errors(findings)})


def _uploaded() -> list[tuple[str, bytes]]:
    """The names and contents of the files that the request brings."""
    request.max_content_length = LARGEST_DEPLOYMENT
    files = [file for _, file in request.files.items(multi=True)]
    tenant = request.form.get("tenantId", TENANT)
    if not files:
        raise bad_request(
            "no-files",
            "没有收到文件；请以 multipart/form-data 提交，每个文件一个名为 resources 的部分。",
            "No file has arrived; send multipart/form-data with a part named resources for each file.",
        )
    if tenant != TENANT:
        raise bad_request("tenant", f"未启用多租户，只能使用 {TENANT}。", f"There are no tenants here but {TENANT}.")
    return [(file.filename or "", file.stream.read()) for file in files]


@deployments.route("/resources/search", methods=["POST"])
@permission("resource", "read")
@deployments.arguments(ResourceSearch, required=False)
@deployments.response(200, ResourcePage)
def search_resources(body: dict[str, Any]) -> Response:
    """Find deployed files"""
    return find(RESOURCES, body, _resource)


@deployments.route("/resources/<key:key>", methods=["GET"])
@permission("resource", "read")
@deployments.response(200, ResourceResult)
def get_resource(key: int) -> Response:
    """Get what a deployed file is"""
    return answer(_resource(get(RESOURCES, key)))


@deployments.route("/resources/<key:key>/content", methods=["GET"])
@permission("resource", "read")
@deployments.response(200, content_type="text/plain")
def get_resource_content(key: int) -> Response:
    """Get a deployed file, as text or JSON"""
    row = get(RESOURCES, key)
    return plain(read_content(row.content_hash), _media_type(row.resource_name))


@deployments.route("/resources/<key:key>/content/binary", methods=["GET"])
@permission("resource", "read")
@deployments.response(200, content_type="application/octet-stream")
def get_resource_content_binary(key: int) -> Response:
    """Get a deployed file, byte for byte"""
    return plain(read_content(get(RESOURCES, key).content_hash), "application/octet-stream")


def read_content(content_hash: str) -> bytes:
    """The bytes of a deployed file."""
    with transaction() as connection:
        return bytes(fetch(connection, _CONTENT, {"content_hash": content_hash})[0].content)


def _media_type(name: str) -> str:
    if name.endswith((".form", ".json")):
        return "application/json"
    return "text/xml" if name.endswith((".bpmn", ".dmn", ".xml")) else "text/plain"


def _resource(row: Any) -> dict[str, Any]:
    return {
        "resourceKey": str(row.key),
        "resourceId": row.id,
        "resourceName": row.resource_name,
        "version": row.version,
        "versionTag": row.version_tag,
        "tenantId": TENANT,
    }


def _item(item: runtime.Deployed) -> dict[str, Any]:
    shown: dict[str, Any] = dict.fromkeys(
        ("processDefinition", "decisionDefinition", "decisionRequirements", "form", "resource")
    )
    common = {"resourceName": item.resource_name, "tenantId": TENANT}
    match item.kind:
        case "process":
            shown["processDefinition"] = {
                "processDefinitionId": item.definition_id,
                "processDefinitionVersion": item.version,
                "processDefinitionKey": str(item.key),
                **common,
            }
        case "decision":
            shown["decisionDefinition"] = {
                "decisionDefinitionId": item.definition_id,
                "version": item.version,
                "name": item.name or item.definition_id,
                "tenantId": TENANT,
                "decisionRequirementsId": item.requirements_id,
                "decisionDefinitionKey": str(item.key),
                "decisionRequirementsKey": str(item.requirements_key),
            }
        case "decisionRequirements":
            shown["decisionRequirements"] = {
                "decisionRequirementsId": item.definition_id,
                "decisionRequirementsName": item.name or item.definition_id,
                "version": item.version,
                "decisionRequirementsKey": str(item.key),
                **common,
            }
        case "form":
            shown["form"] = {
                "formId": item.definition_id,
                "version": item.version,
                "formKey": str(item.key),
                **common,
            }
    return shown
