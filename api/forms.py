"""Forms: form-js schemas as they were deployed."""

from __future__ import annotations

from typing import Any

from flask import Response

from server.runtime.definitions import catalogue, epoch
from server.store.database import transaction

from .authorization import permission
from .deployments import read_content
from .exact_json import answer, no_content
from .fields import TENANT, Key, Text, Whole, always, document
from .resource import Resource
from .search import Source, get

forms = Resource("Form", description="Forms for starting processes and for finishing tasks.")

FormResult = document(
    "Form",
    always(
        {
            "formId": Text(),
            "formKey": Key(),
            "version": Whole(),
            "schema": Text(metadata={"description": "The form-js schema, as text"}),
            "tenantId": Text(),
        }
    ),
)
FORMS = Source(
    kind=("表单", "form"),
    rows="form_definition f",
    columns="f.*",
    key="f.key",
    fields={"formKey": "key f.key"},
)


@forms.route("/forms/<key:key>", methods=["GET"])
@permission("form", "read")
@forms.response(200, FormResult)
def get_form_by_key(key: int) -> Response:
    """Get a form"""
    return form_answer(key)


def form_answer(key: int) -> Response:
    """The form with this key."""
    row = get(FORMS, key)
    shown: dict[str, Any] = {
        "formId": row.form_id,
        "formKey": str(row.key),
        "version": row.version,
        "schema": read_content(row.content_hash).decode(),
        "tenantId": TENANT,
    }
    return answer(shown)


def start_form_answer(definition_key: int) -> Response:
    """The form that starts a version of a process; a 204 where it has none."""
    with transaction() as connection:
        definitions = catalogue(connection)
        version = definitions.process(connection, definition_key)
        form = version.model.start_form
        if form is None:
            return no_content()
        form_key = definitions.resolve(
            connection,
            epoch(connection),
            "form",
            form.form_id,
            binding=form.binding,
            version_tag=form.version_tag,
            deployment_key=version.deployment_key,
        )
    return no_content() if form_key is None else form_answer(form_key)
