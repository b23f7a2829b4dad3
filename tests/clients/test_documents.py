"""Documents through the official client: uploaded, held by a variable, read back, shared, deleted."""

from __future__ import annotations

import datetime as dt
from io import BytesIO

import httpx
import pytest
from camunda_orchestration_sdk import CamundaClient, errors
from camunda_orchestration_sdk.models import (
    CreateDocumentData,
    CreateDocumentsData,
    DocumentLinkRequest,
    DocumentMetadata,
    DocumentMetadataCustomProperties,
    ProcessCreationById,
    ProcessInstanceCreationInstructionBaseVariables,
)
from camunda_orchestration_sdk.types import File

from .content import CHECK
from .typed import typed

CONTRACT = "借款合同".encode() * 100_000  # some chunks


def file(content: bytes, name: str = "contract.pdf") -> File:
    return File(payload=BytesIO(content), file_name=name, mime_type="application/pdf")


def test_a_document_is_uploaded_read_shared_and_deleted(client: CamundaClient) -> None:
    properties = DocumentMetadataCustomProperties.from_dict({"loan": "L-1"})
    expires = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
    metadata = DocumentMetadata(file_name="合同.pdf", expires_at=expires, custom_properties=properties)
    made = typed(client.create_document(data=CreateDocumentData(file=file(CONTRACT), metadata=metadata)))
    assert (made.metadata.file_name, made.metadata.size) == ("合同.pdf", len(CONTRACT))
    assert (made.metadata.content_type, made.metadata.expires_at) == ("application/pdf", expires)
    assert made.metadata.custom_properties.to_dict() == {"loan": "L-1"}
    assert made.content_hash is not None
    read = client.get_document(made.document_id, store_id=made.store_id, content_hash=made.content_hash)
    assert read.payload.read() == CONTRACT
    link = typed(client.create_document_link(made.document_id, data=DocumentLinkRequest(time_to_live=60_000)))
    assert httpx.get(link.url).content == CONTRACT
    client.delete_document(made.document_id)
    with pytest.raises(errors.NotFoundError):
        client.get_document(made.document_id)


def test_a_document_is_held_by_a_variable(client: CamundaClient, deployed: object) -> None:
    made = client.create_document(data=CreateDocumentData(file=file(b"scan")))
    variables = ProcessInstanceCreationInstructionBaseVariables.from_dict({"contract": made.to_dict()})
    instance = client.create_process_instance(
        data=ProcessCreationById(process_definition_id=CHECK, variables=variables)
    )
    assert instance.process_instance_key
    client.delete_document(made.document_id)


def test_several_documents_at_once(client: CamundaClient) -> None:
    metadata = [DocumentMetadata(file_name="one"), DocumentMetadata(expires_at=dt.datetime(2000, 1, 1, tzinfo=dt.UTC))]
    data = CreateDocumentsData(files=[file(b"1"), file(b"2", "two.pdf")], metadata_list=metadata)
    made = typed(client.create_documents(data=data))
    assert [document.metadata.file_name for document in made.created_documents] == ["one"]
    assert [(failed.file_name, failed.status) for failed in made.failed_documents] == [("two.pdf", 400)]
