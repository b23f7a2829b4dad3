"""What is said in Chinese has Chinese commas."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_SOURCES = sorted(path for folder in ("server", "api", "simulators") for path in (_ROOT / folder).rglob("*.py"))
_HALF_WIDTH = re.compile(r"[\u4e00-\u9fff{}）)][,;] ?[\u4e00-\u9fff]|[\u4e00-\u9fff][,;] ?[\u4e00-\u9fff{]")


def _texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
            yield node.lineno, "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


def test_there_is_something_to_look_at() -> None:
    assert len(_SOURCES) > 300
    (found,) = [text for _, text in _texts(ast.parse('x = f"期数 {n},须少于总期数"')) if _HALF_WIDTH.search(text)]
    assert found == "期数 {},须少于总期数"


@pytest.mark.parametrize("source", _SOURCES, ids=lambda path: str(path.relative_to(_ROOT)))
def test_no_half_width_comma_stands_in_chinese(source: Path) -> None:
    wrong = [(line, text) for line, text in _texts(ast.parse(source.read_text())) if _HALF_WIDTH.search(text)]
    assert wrong == []
