"""YAML as designers write it in tests, read as JSON would be: exact decimals, and texts that stay texts.

YAML's own schema turns ``no`` into false and ``2024-01-31`` into a date; here only null, true, false and numbers
are more than text.
"""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import yaml

from server.messages import LendloomError, Message

_WORDS: Final = {"": None, "null": None, "~": None, "true": True, "false": False}
_WHOLE: Final = re.compile(r"-?(0|[1-9][0-9]*)")
_FRACTION: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?")
_DEEPEST: Final = 100


class UnreadableYamlError(LendloomError):
    """The file is no YAML of the form that is read here; ``line`` is where, from 1."""

    def __init__(self, message: Message, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


Lines = dict[tuple[str | int, ...], int]
"""The line, from 1, on which each place of a document stands; the document itself is at ``()``."""


def read_yaml(path: Path) -> Any:
    """The value of a YAML file; raises :class:`UnreadableYamlError` with file and line."""
    documents = read_yaml_documents(path)
    if len(documents) > 1:
        raise _unreadable(path, documents[1][1][()], "there is more than one document")
    return documents[0][0] if documents else None


def read_yaml_documents(path: Path) -> list[tuple[Any, Lines]]:
    """The values of a YAML file's documents, each with its lines; raises :class:`UnreadableYamlError`."""
    try:
        nodes = list(yaml.compose_all(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 1
        raise _unreadable(path, line, error.problem or "syntax") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _unreadable(path, 1, str(error)) from error
    except OSError as error:
        raise unreadable_file(path, error) from error
    found: list[tuple[Any, Lines]] = []
    for node in nodes:
        lines: Lines = {}
        found.append((_value(node, path, (), lines), lines))
    return found


def _value(node: yaml.Node, path: Path, place: tuple[str | int, ...], lines: Lines) -> Any:
    lines[place] = node.start_mark.line + 1
    if len(place) > _DEEPEST:
        raise _unreadable(path, node.start_mark.line + 1, "nested too deep")
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, path, (*place, number), lines) for number, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value in found:
                raise _unreadable(path, key.start_mark.line + 1, f"the key {key.value!r} is no text or is there twice")
            found[key.value] = _value(value, path, (*place, key.value), lines)
            lines[(*place, key.value)] = key.start_mark.line + 1
        return found
    assert isinstance(node, yaml.ScalarNode)
    text: str = node.value
    return text if node.style is not None else _plain(text)


def _plain(text: str) -> Any:
    """The value of a text without quotes."""
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text) if len(text) < 1000 else text
    return Decimal(text) if _FRACTION.fullmatch(text) else text


def unreadable_file(path: Path, error: OSError) -> UnreadableYamlError:
    """A file that is not there (any longer), or may not be read."""
    why = error.strerror or str(error)
    return UnreadableYamlError(Message("cli.file", f"无法读取 {path}：{why}。", f"{path} cannot be read: {why}."))


def _unreadable(path: Path, line: int, why: str) -> UnreadableYamlError:
    message = Message(
        "cli.yaml", f"{path}:{line} 不是可读的 YAML：{why}。", f"{path}:{line} is no readable YAML: {why}."
    )
    return UnreadableYamlError(message, line)
