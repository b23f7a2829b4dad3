"""The snapshot codec: the live tokens of an instance as a few compact bytes.

The specification is never in it: an element is named by its number within the model, which the instance's process
definition fixes by content hash. Variables are not in it either; they are stored as a document of their own, where
they can be searched. A snapshot names its format, and a corpus of stored snapshots is read in the tests for ever.

Format 2 is JSON, ``[2, flows seen, [token, …]]``, each token ``[key, index of its scope, element number, state,
start in microseconds, data or nothing]``, the root first and every scope before what is inside it. It is deflated
when that makes it smaller; the first byte is then ``z`` instead of ``[``. Format 1 differed in what a join remembers.
Format 3 is format 2 in which completions share the values that they remember (:mod:`.remembered`); it is written only
where they do, so that what an older server can read it may read.
"""

from __future__ import annotations

import datetime as dt
import zlib
from decimal import Decimal
from typing import Any

import msgspec

from server.messages import LendloomError, Message

from .compensation import records_of
from .instance import Instance
from .remembered import VALUES, forget_unnamed
from .token import Token

FORMAT = 3
FORMAT_WITHOUT_SHARED_VALUES = 2
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_DEFLATE_FROM = 300

_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(float_hook=Decimal)


class SnapshotError(LendloomError):
    """A snapshot cannot be read."""


def encode(instance: Instance) -> bytes:
    """The instance's live tokens."""
    root = instance.task_tree.internal_data
    if VALUES in root and instance.let_go:
        forget_unnamed(root, (r for token in instance.tasks.values() for r in records_of(token.internal_data)))
    instance.let_go = False
    rows: list[list[Any]] = []
    positions: dict[int, int] = {}

    def add(token: Token) -> None:
        positions[token.id] = len(rows)
        number = -1 if token.is_root else token.task_spec.number
        scope = -1 if token._parent is None else positions[token._parent]
        started = (token.started_at - _EPOCH) // _MICROSECOND
        state = token._state if token.announced or token.is_root else -token._state
        row: list[Any] = [token.id, scope, number, state, started]
        if token.internal_data:
            row.append(token.internal_data)
        rows.append(row)
        for child in token.children:
            add(child)

    add(instance.task_tree)
    form = FORMAT if VALUES in root else FORMAT_WITHOUT_SHARED_VALUES
    body = _encoder.encode([form, f"{instance.flows_seen:x}", rows])
    if len(body) >= _DEFLATE_FROM:
        packed = b"z" + zlib.compress(body, 1)
        if len(packed) < len(body):
            return packed
    return body


def decode(instance: Instance, snapshot: bytes) -> None:
    """Put the tokens of ``snapshot`` into a fresh ``instance``. Raises :class:`SnapshotError`."""
    try:
        body = zlib.decompress(snapshot[1:]) if snapshot[:1] == b"z" else snapshot
        form, flows, rows = _decoder.decode(body)
    except (zlib.error, msgspec.DecodeError, ValueError, TypeError) as error:
        raise _unreadable(str(error)) from error
    if form not in (1, FORMAT_WITHOUT_SHARED_VALUES, FORMAT):
        raise _unreadable(f"format {form}")
    instance.flows_seen = int(flows, 16)
    nodes = instance.model.nodes
    tokens: list[Token] = []
    for key, scope, number, state, started, *data in rows:
        spec = instance.model.spec.start if number < 0 else nodes[number]
        started_at = _EPOCH + dt.timedelta(microseconds=started)
        token = Token(instance, spec, None if scope < 0 else tokens[scope], key, started_at)
        token._state = abs(state)
        token.announced = state > 0
        if data:
            token.internal_data = data[0]
        tokens.append(token)
    instance.task_tree = tokens[0]
    if form == 1:
        _from_format_1(tokens)
    for token in tokens:
        token.task_spec.restored(token)


def _from_format_1(tokens: list[Token]) -> None:
    """Joins counted their arrivals; since format 2 they keep the branch of each."""
    for token in tokens:
        for flow, count in token.internal_data.get("arrived", {}).items():
            token.internal_data["arrived"][flow] = [[]] * count


def _unreadable(cause: str) -> SnapshotError:
    return SnapshotError(
        Message(
            "bpmn.snapshot-unreadable",
            f"流程实例的快照无法读取（{cause}）。它可能由更新的版本写入；请升级服务器。",
            f"The snapshot of the instance cannot be read ({cause}). A newer version may have written it;"
            " upgrade the server.",
        )
    )
