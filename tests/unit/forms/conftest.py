"""Small forms for the tests."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from server.forms import Form, read_form

MakeForm = Callable[..., Form]


@pytest.fixture
def make_form() -> MakeForm:
    """Makes a form of the given components."""

    def make(*components: dict[str, object]) -> Form:
        schema = {"type": "default", "id": "Test", "schemaVersion": 19, "components": list(components)}
        return read_form(json.dumps(schema, ensure_ascii=False), resource="test.form")

    return make
