"""DMN files as commands take them: a file with its neighbours as imports, a folder for every file below it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from server.cli.console import fail
from server.dmn import DecisionModel, read_dmn
from server.file_kinds import DMN, kind_of_file
from server.messages import Message


def read_model(file: Path) -> DecisionModel:
    """The model of a DMN file; the other DMN files beside it serve as its imports. Raises DmnError."""
    beside = {path.name: path.read_bytes() for path in models_beside(file)}
    return read_dmn(file.read_bytes(), resource=str(file), imports=beside)


def models_beside(file: Path) -> list[Path]:
    """The other DMN files in the folder of ``file``, in order of name."""
    return sorted(path for path in file.parent.iterdir() if kind_of_file(path.name) == DMN and path != file)


def files_below(paths: Iterable[Path], suffixes: Iterable[str]) -> list[Path]:
    """The files with one of those name endings that ``paths`` stand for, each once; fails where there are none."""
    endings = tuple(suffixes)
    found = present_files(paths, endings) or [path for path in paths if not path.is_dir()]
    if not found:
        listed, wanted = ", ".join(map(str, paths)), ", ".join(endings)
        fail(
            Message(
                "cli.no-files",
                f"{listed} 中没有 {wanted} 文件；请检查路径。",
                f"There is no {wanted} file in {listed}; check the path.",
            )
        )
    return found


def present_files(paths: Iterable[Path], suffixes: Iterable[str]) -> list[Path]:
    """The files with one of those name endings in folders, and the files among ``paths``, as far as they are there."""
    endings = tuple(suffixes)
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = (file for file in sorted(path.rglob("*")) if file.name.endswith(endings) and file.is_file())
            found.update(dict.fromkeys(inside))
        elif path.is_file():
            found[path] = None
    return list(found)
