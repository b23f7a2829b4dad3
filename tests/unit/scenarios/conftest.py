"""Scenarios written as YAML, played against processes written in Python."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from server.cli.scenario_files import Played, play_file
from server.scenarios import Outcome


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Write files by name (``p_bpmn=…``) into the test's folder."""

    def write(**files: bytes | str) -> Path:
        for name, content in files.items():
            file = tmp_path / ".".join(name.rsplit("_", 1))
            file.write_bytes(content if isinstance(content, bytes) else textwrap.dedent(content).encode())
        return tmp_path

    return write


@pytest.fixture
def play(folder: Callable[..., Path]) -> Callable[..., Outcome]:
    """Play the one scenario of a text that runs with these files."""

    def run(text: str, **files: bytes | str) -> Outcome:
        (played,) = play_all(folder, text, **files)
        return played.outcome

    return run


def play_all(folder: Callable[..., Path], text: str, **files: bytes | str) -> list[Played]:
    """Play all scenarios of a text."""
    place = folder(**files)
    file = place / "case.scenario.yaml"
    file.write_text(textwrap.dedent(text), encoding="utf-8")
    return play_file(file, lambda _file, _name: True)
