"""``lendloom openapi``: the document of the API without a server."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from server.cli import main


def test_the_document_is_written_without_server_and_database(tmp_path: Path) -> None:
    file = tmp_path / "openapi.json"
    done = CliRunner().invoke(main, ["openapi", str(file)])
    assert done.exit_code == 0, done.output
    document = json.loads(file.read_text(encoding="utf-8"))
    assert document["openapi"].startswith("3.1")
    assert "/v2/user-tasks/search" in document["paths"]
    assert "permissions" in document["components"]["schemas"]["CurrentUser"]["required"]


def test_what_is_printed_is_the_document_alone() -> None:
    done = CliRunner().invoke(main, ["openapi"])
    assert json.loads(done.stdout)["info"]["title"] == "Lendloom"
