"""Scenarios as YAML text, as people would write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import yaml


class _Dumper(yaml.SafeDumper):
    """Writes exact decimals, and never an alias for what is only equal."""

    def ignore_aliases(self, data: Any) -> bool:
        """Say everything in its place."""
        return True


def _decimal(dumper: yaml.SafeDumper, value: Decimal) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:float", f"{value:f}")


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    # What another reader of YAML would take for a number, a date or a truth value is quoted by the dumper itself.
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(Decimal, _decimal)
_Dumper.add_representer(str, _text)


def yaml_text(comments: Iterable[str], data: Mapping[str, Any]) -> str:
    """A YAML document with comment lines ahead of it."""
    body: str = yaml.dump(dict(data), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)
    head = "".join(f"# {line}\n" for comment in comments for line in comment.splitlines())
    return head + body
