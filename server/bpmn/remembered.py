"""The variables that completions remember, each distinct value kept once in an instance.

A completion that can be undone remembers everything that it saw. Most of that is the same from one completion to the
next, above all the large documents of a case. So a record holds small values itself and names the others by their
digest; the values stand in the root token. Where records have gone since the last snapshot, the next forgets the values
that none names any more; otherwise storing costs nothing for what was remembered before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any, Final

import msgspec

VALUES: Final = "values"
"""Under this name the root token keeps values by digest."""
_SMALL: Final = 48
"""A value of so many bytes as JSON stands in the record itself: its digest would be as long."""
_DIGEST_BYTES: Final = 16

_encoder = msgspec.json.Encoder(decimal_format="number")

Record = dict[str, Any]


def keep(root: dict[str, Any], record: Record, variables: Mapping[str, Any]) -> None:
    """Write ``variables`` into ``record``; ``root`` is what the root token remembers."""
    small, large = {}, {}
    for name, value in variables.items():
        encoded = _encoder.encode(value)
        if len(encoded) <= _SMALL:
            small[name] = deepcopy(value)
            continue
        digest = hashlib.blake2b(encoded, digest_size=_DIGEST_BYTES).hexdigest()
        values = root.setdefault(VALUES, {})
        if digest not in values:
            values[digest] = deepcopy(value)
        large[name] = digest
    record["variables"] = small
    if large:
        record["kept"] = large


def recall(root: Mapping[str, Any], record: Record) -> dict[str, Any]:
    """The variables that a record remembers. Records of older formats hold all of them."""
    large = {name: deepcopy(root[VALUES][digest]) for name, digest in record.get("kept", {}).items()}
    return {**record["variables"], **large}


def forget_unnamed(root: dict[str, Any], records: Iterable[Record]) -> None:
    """Let go of the values that none of ``records``, which are all there are, names."""
    named = {digest for record in records for digest in record.get("kept", {}).values()}
    kept = {digest: value for digest, value in root.pop(VALUES).items() if digest in named}
    if kept:
        root[VALUES] = kept
