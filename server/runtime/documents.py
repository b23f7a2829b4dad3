"""Documents by reference: contracts, reports and scans, too large to be variables.

A variable holds a *reference* (``camunda.document.type``, store, id, hash, metadata); the content is written once and
never changed. It is deleted by hand, or when it has expired, and is not found any more from that instant on.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from sqlalchemy import Connection

from server.messages import Message
from server.store.database import affect, encode_json, fetch, transaction
from server.store.search import Condition

from .command import command
from .errors import Conflict, Refused, TooLarge, no_such
from .instant import NOW, now

STORE = "lendloom"
"""The id of the one store of documents."""

CHUNK = 256 * 1024
_EXPIRED_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """A document without its content."""

    document_id: str
    content_hash: str
    size: int
    content_type: str
    file_name: str
    expires_at: dt.datetime | None
    process_definition_id: str | None
    process_instance_key: int | None
    custom_properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NewDocument:
    """What is to be stored; ``document_id`` None has one made up."""

    content: IO[bytes]
    file_name: str
    content_type: str
    document_id: str | None = None
    expires_at: dt.datetime | None = None
    process_definition_id: str | None = None
    process_instance_key: int | None = None
    custom_properties: Mapping[str, Any] = field(default_factory=dict)


def create(document: NewDocument, *, limit: int, actor: str) -> DocumentRecord:
    """Store a document of at most ``limit`` bytes.

    Raises :class:`TooLarge`, :class:`Conflict` where the id is taken and :class:`Refused` where it has expired already.
    """

    def body(connection: Connection) -> DocumentRecord:
        instant = now(connection)
        if document.expires_at is not None and document.expires_at <= instant:
            raise Refused(
                Message(
                    "document.expired",
                    f"expiresAt {document.expires_at.isoformat()} 已经过去；请给出将来的时刻或省略。",
                    f"expiresAt {document.expires_at.isoformat()} is over already; give a later one or none.",
                )
            )
        row = {
            "id": document.document_id or str(uuid.uuid4()),
            "type": document.content_type,
            "name": document.file_name,
            "expires": document.expires_at,
            "process": document.process_definition_id,
            "instance": document.process_instance_key,
            "custom": encode_json(document.custom_properties),
            "now": instant,
            "actor": actor,
        }
        if not affect(connection, _RESERVE, row):
            raise _taken(str(row["id"]))
        digest, size = _write_content(connection, str(row["id"]), document.content, limit)
        found = fetch(connection, _SEAL, {"id": row["id"], "hash": digest, "size": size})
        return DocumentRecord(*found[0])

    document.content.seek(0)
    return command(body)


def find(document_id: str, seen: Condition | None = None) -> DocumentRecord:
    """A document that has not expired, among those that ``seen`` allows. Raises :class:`NotFound`."""
    limited = "" if seen is None else f" AND ({seen.sql})"
    parameters = {**({} if seen is None else seen.parameters), "id": document_id}
    with transaction() as connection:
        for row in fetch(connection, _FIND + limited, parameters):
            return DocumentRecord(*row)
    raise no_such("文档", "document", document_id)


def content(record: DocumentRecord) -> Iterator[bytes]:
    """The content of a document, chunk by chunk, each read for itself."""
    for number in range(-(-record.size // CHUNK)):
        with transaction() as connection:
            rows = fetch(connection, _CHUNK_OF, {"id": record.document_id, "number": number})
        if not rows:
            raise no_such("文档", "document", record.document_id)  # deleted while it was read
        yield bytes(rows[0].content)


def delete(document_id: str) -> None:
    """Delete a document with its content. Raises :class:`NotFound`."""

    def body(connection: Connection) -> None:
        if not affect(connection, "DELETE FROM document WHERE document_id = %(id)s", {"id": document_id}):
            raise no_such("文档", "document", document_id)

    command(body)


def delete_expired(connection: Connection) -> int:
    """Delete documents whose time is over, some at a time; returns how many."""
    return affect(connection, _DELETE_EXPIRED)


def _write_content(connection: Connection, document_id: str, source: IO[bytes], limit: int) -> tuple[str, int]:
    digest, size, number = hashlib.sha256(), 0, 0
    while chunk := source.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise TooLarge(
                Message(
                    "document.too-large",
                    f"文档超过 {limit} 字节的上限；请压缩或拆分，或由管理员调高 LENDLOOM_DOCUMENT_LIMIT。",
                    f"The document is larger than {limit} bytes; make it smaller, split it, or have"
                    " LENDLOOM_DOCUMENT_LIMIT raised.",
                )
            )
        digest.update(chunk)
        affect(connection, _ADD_CHUNK, {"id": document_id, "number": number, "content": chunk})
        number += 1
    return digest.hexdigest(), size


def _taken(document_id: str) -> Conflict:
    return Conflict(
        Message(
            "document.exists",
            f"已有编号为 {document_id} 的文档，内容不能更改；请换一个编号。",
            f"There is a document {document_id} already, and documents are never changed; use another id.",
        )
    )


_COLUMNS = """
    d.document_id, d.content_hash, d.size, d.content_type, d.file_name, d.expires_at, d.process_definition_id,
    d.process_instance_key, d.custom_properties"""
_RESERVE = """
    INSERT INTO document (document_id, content_hash, size, content_type, file_name, expires_at,
        process_definition_id, process_instance_key, custom_properties, created_at, created_by)
    VALUES (%(id)s, '', 0, %(type)s, %(name)s, %(expires)s, %(process)s, %(instance)s, %(custom)s, %(now)s, %(actor)s)
    ON CONFLICT DO NOTHING"""
_SEAL = (
    f"UPDATE document d SET content_hash = %(hash)s, size = %(size)s WHERE document_id = %(id)s RETURNING {_COLUMNS}"  # noqa: S608
)
_ADD_CHUNK = "INSERT INTO document_chunk (document_id, number, content) VALUES (%(id)s, %(number)s, %(content)s)"
_FIND = f"""
    SELECT {_COLUMNS} FROM document d
    WHERE d.document_id = %(id)s AND (d.expires_at IS NULL OR d.expires_at > {NOW})"""  # noqa: S608
_CHUNK_OF = "SELECT content FROM document_chunk WHERE document_id = %(id)s AND number = %(number)s"
_DELETE_EXPIRED = f"""
    DELETE FROM document WHERE document_id IN (
        SELECT document_id FROM document WHERE expires_at <= {NOW}
        ORDER BY expires_at LIMIT {_EXPIRED_AT_ONCE} FOR UPDATE SKIP LOCKED)"""  # noqa: S608
