"""Documents: uploaded once, held by reference in variables and forms, read back by those who may."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import marshmallow as ma
from flask import Response, current_app, request, stream_with_context
from werkzeug.datastructures import FileStorage

from server.identity.visibility import seen_documents
from server.messages import LendloomError
from server.runtime import documents as runtime
from server.runtime.documents import STORE, DocumentRecord, NewDocument
from server.runtime.errors import no_such
from server.settings import Settings, ensure_secret_key

from .authorization import permission, principal, public
from .exact_json import answer, no_content, read_json
from .fields import Instant, Key, Listed, OneOf, Part, Text, Variables, Whole, always, document, maybe
from .problems import bad_request, language
from .resource import Resource
from .statuses import status_of

documents = Resource("Document", description="Large content by reference, beside the variables.")

_ENVELOPE = 1024 * 1024
"""What a multipart request may have beside its files."""

_MOST_IN_A_BATCH = 50
_LONGEST_LINK = dt.timedelta(days=7)
_PLAIN = "application/octet-stream"

_METADATA: dict[str, Any] = {
    "contentType": Text(longest=255),
    "fileName": Text(longest=1000),
    "expiresAt": Instant(),
    "size": Whole(high=2**53),
    "processDefinitionId": Text(longest=1000),
    "processInstanceKey": Key(),
    "customProperties": Variables(),
}
DocumentMetadata = document("DocumentMetadata", _METADATA)
_METADATA_READER = DocumentMetadata()
DocumentReference = document(
    "DocumentReference",
    always(
        {
            "camunda.document.type": Text(metadata={"enum": ["camunda"]}),
            "storeId": Text(),
            "documentId": Text(),
            "contentHash": maybe(Text()),
            "metadata": Part(
                document(
                    "DocumentMetadataResult",
                    always(
                        {
                            "contentType": Text(),
                            "fileName": Text(),
                            "expiresAt": maybe(Instant()),
                            "size": Whole(high=2**53),
                            "processDefinitionId": maybe(Text()),
                            "processInstanceKey": maybe(Key()),
                            "customProperties": Variables(),
                        }
                    ),
                )
            ),
        }
    ),
)
_FAILURE = document(
    "DocumentFailure", always({"fileName": Text(), "status": Whole(), "title": Text(), "detail": Text()})
)
DocumentBatchResult = document(
    "DocumentBatch",
    always({"createdDocuments": Listed(Part(DocumentReference)), "failedDocuments": Listed(Part(_FAILURE))}),
)
DocumentLinkRequest = document("DocumentLinkRequest", {"timeToLive": Whole(low=1000, high=7 * 86_400_000)})
DocumentLink = document("DocumentLink", always({"url": Text(), "expiresAt": Instant()}))
_BINARY = {"type": "string", "format": "binary"}
_ONE = document(
    "DocumentUpload", {"file": ma.fields.Raw(required=True, metadata=_BINARY), "metadata": Part(DocumentMetadata)}
)
_SEVERAL = document(
    "DocumentUploads",
    {
        "files": Listed(ma.fields.Raw(metadata=_BINARY), required=True),
        "metadataList": Listed(Part(DocumentMetadata)),
    },
)
_STORED: dict[str, Any] = {"storeId": OneOf(STORE)}
_Store = document("DocumentStore", _STORED)
_Creation = document("DocumentCreation", {**_STORED, "documentId": Text(shortest=1, longest=200)})
_Which = document("DocumentWhich", {**_STORED, "contentHash": Text(longest=200)})
_Shared = document(
    "DocumentShared",
    {"expires": Text(required=True, longest=14), "signature": Text(required=True, longest=200)},
)


@documents.route("/documents", methods=["POST"])
@permission("document", "create")
@documents.doc(
    requestBody={"required": True, "content": {"multipart/form-data": {"schema": _ONE}}},
)
@documents.arguments(_Creation, location="query")
@documents.response(201, DocumentReference)
def create_document(query: dict[str, Any]) -> Response:
    """Upload a document and get the reference by which variables hold it"""
    limit = _settings().document_limit
    request.max_content_length = limit + _ENVELOPE
    (file,) = _files("file", 1)
    given = _metadata(_parts("metadata"), 1)[0]
    new = _new(file, given, query.get("documentId"))
    return answer(_reference(runtime.create(new, limit=limit, actor=principal().name)), 201)


@documents.route("/documents/batch", methods=["POST"])
@permission("document", "create")
@documents.doc(
    requestBody={"required": True, "content": {"multipart/form-data": {"schema": _SEVERAL}}},
)
@documents.arguments(_Store, location="query")
@documents.response(201, DocumentBatchResult)
@documents.alt_response(207, schema=DocumentBatchResult)
def create_documents(query: dict[str, Any]) -> Response:
    """Upload several documents, each for itself; 207 where some of them failed"""
    limit = _settings().document_limit
    request.max_content_length = limit + _ENVELOPE
    files = _files("files", _MOST_IN_A_BATCH)
    created, failed = [], []
    for file, given in zip(files, _metadata(_parts("metadataList"), len(files)), strict=True):
        new = _new(file, given, None)
        try:
            created.append(_reference(runtime.create(new, limit=limit, actor=principal().name)))
        except LendloomError as error:
            detail = error.message.text(language())
            failed.append(
                {
                    "fileName": new.file_name,
                    "status": status_of(error),
                    "title": error.message.code,
                    "detail": detail,
                }
            )
    return answer({"createdDocuments": created, "failedDocuments": failed}, 207 if failed else 201)


@documents.route("/documents/<string:document_id>", methods=["GET"])
@permission("document", "read")
@documents.arguments(_Which, location="query")
@documents.response(200, content_type=_PLAIN)
def get_document(query: dict[str, Any], document_id: str) -> Response:
    """Download a document"""
    return _content(_found(document_id, query))


@documents.route("/documents/<string:document_id>", methods=["DELETE"])
@permission("document", "delete")
@documents.arguments(_Store, location="query")
@documents.response(204)
def delete_document(query: dict[str, Any], document_id: str) -> Response:
    """Delete a document; references to it lead nowhere from then on"""
    runtime.find(document_id, seen_documents(principal(), action="delete"))
    runtime.delete(document_id)
    return no_content()


@documents.route("/documents/<string:document_id>/links", methods=["POST"])
@permission("document", "read")
@documents.arguments(_Which, location="query")
@documents.arguments(DocumentLinkRequest, required=False)
@documents.response(201, DocumentLink)
def create_document_link(query: dict[str, Any], body: dict[str, Any], document_id: str) -> Response:
    """Make a link that downloads a document without signing in, for a time (an hour where none is said)"""
    record = _found(document_id, query)
    lifetime = dt.timedelta(milliseconds=body.get("timeToLive", 3_600_000))
    expires = dt.datetime.now(dt.UTC).replace(microsecond=0) + min(lifetime, _LONGEST_LINK)
    number = int(expires.timestamp())
    path = f"/v2/documents/{quote(record.document_id, safe='')}/shared"
    url = f"{_settings().public_url}{path}?expires={number}&signature={_signature(record, number)}"
    return answer({"url": url, "expiresAt": expires.isoformat()}, 201)


@documents.route("/documents/<string:document_id>/shared", methods=["GET"])
@public
@documents.arguments(_Shared, location="query")
@documents.response(200, content_type=_PLAIN)
def get_shared_document(query: dict[str, Any], document_id: str) -> Response:
    """Download a document by a link that was made for it"""
    expires = query["expires"]
    number = int(expires) if expires.isascii() and expires.isdigit() else 0
    if number <= dt.datetime.now(dt.UTC).timestamp():
        raise no_such("文档链接", "link to document", document_id)
    record = runtime.find(document_id)
    if not hmac.compare_digest(_signature(record, number).encode(), query["signature"].encode()):
        raise no_such("文档链接", "link to document", document_id)
    return _content(record)


# -- requests ----------------------------------------------------------------------------------------------------


def _settings() -> Settings:
    settings: Settings = current_app.extensions["lendloom-settings"]
    return settings


def _files(name: str, most: int) -> list[FileStorage]:
    files = request.files.getlist(name)
    if not 1 <= len(files) <= most:
        raise bad_request(
            "no-files",
            f"请以 multipart/form-data 提交名为 {name} 的文件部分，1 到 {most} 个。",
            f"Send multipart/form-data with 1 to {most} file parts named {name}.",
        )
    return files


def _parts(name: str) -> list[str | bytes]:
    """The JSON parts of that name: browsers send them as files, other clients as fields."""
    return [*request.form.getlist(name), *(file.stream.read() for file in request.files.getlist(name))]


def _metadata(parts: list[str | bytes], number: int) -> list[Mapping[str, Any]]:
    """One document's metadata for each file; none at all means none for any."""
    given: list[Any] = []
    for part in parts:
        value = read_json(part.encode() if isinstance(part, str) else part)
        given += value if isinstance(value, list) else [value]
    if not given:
        return [{}] * number
    if len(given) != number:
        raise bad_request(
            "metadata",
            f"元数据有 {len(given)} 份，文件有 {number} 个；数量必须一致。",
            f"There are {len(given)} pieces of metadata for {number} files; their numbers must agree.",
        )
    return [_METADATA_READER.load(each) for each in given]


def _new(file: FileStorage, given: Mapping[str, Any], document_id: str | None) -> NewDocument:
    return NewDocument(
        content=file.stream,
        file_name=given.get("fileName") or file.filename or "document",
        content_type=given.get("contentType") or file.mimetype or _PLAIN,
        document_id=document_id,
        expires_at=given.get("expiresAt"),
        process_definition_id=given.get("processDefinitionId"),
        process_instance_key=given.get("processInstanceKey"),
        custom_properties=given.get("customProperties", {}),
    )


def _found(document_id: str, query: Mapping[str, Any]) -> DocumentRecord:
    record = runtime.find(document_id, seen_documents(principal()))
    asked = query.get("contentHash")
    if asked is not None and asked != record.content_hash:
        raise bad_request(
            "document-hash",
            f"文档 {document_id} 的内容与所给 contentHash 不符；引用可能属于另一个文档。",
            f"The content of document {document_id} does not have this contentHash; the reference may be another's.",
        )
    return record


def _signature(record: DocumentRecord, expires: int) -> str:
    key = hashlib.sha256(b"document links\0" + ensure_secret_key(_settings()).encode()).digest()
    signed = f"{record.document_id}\0{record.content_hash}\0{expires}"
    return hmac.new(key, signed.encode(), hashlib.sha256).hexdigest()


# -- answers -----------------------------------------------------------------------------------------------------


def _content(record: DocumentRecord) -> Response:
    """The content as a download: a browser must never run what somebody has uploaded."""
    response = Response(stream_with_context(runtime.content(record)), mimetype=_PLAIN)
    response.headers["Content-Type"] = _header_text(record.content_type) or _PLAIN
    response.headers["Content-Length"] = str(record.size)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(record.file_name, safe='')}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["ETag"] = f'"{record.content_hash}"'
    return response


def _header_text(text: str) -> str:
    return text if text.isascii() and text.isprintable() else ""


def _reference(record: DocumentRecord) -> dict[str, Any]:
    expires, instance = record.expires_at, record.process_instance_key
    return {
        "camunda.document.type": "camunda",
        "storeId": STORE,
        "documentId": record.document_id,
        "contentHash": record.content_hash,
        "metadata": {
            "contentType": record.content_type,
            "fileName": record.file_name,
            "expiresAt": None if expires is None else expires.isoformat(),
            "size": record.size,
            "processDefinitionId": record.process_definition_id,
            "processInstanceKey": None if instance is None else str(instance),
            "customProperties": record.custom_properties,
        },
    }
