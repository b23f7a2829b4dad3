"""Which release of Lendloom this is: that of the installed package, or of the source tree it runs from."""

from __future__ import annotations

from configparser import ConfigParser
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


@cache
def release() -> str:
    """The version number."""
    try:
        return version("lendloom")
    except PackageNotFoundError:
        declared = ConfigParser()
        declared.read(Path(__file__).resolve().parents[1] / "setup.cfg", encoding="utf-8")
        return declared.get("metadata", "version")
