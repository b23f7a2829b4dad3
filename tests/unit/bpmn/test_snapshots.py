"""Stored snapshots are read for ever: every format that was ever written has its corpus here.

A corpus entry holds a model, a snapshot with its variables, the stimuli that follow, and what must come of them.
Entries are never rewritten; a new format gets a folder of its own beside the old ones.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from server.bpmn import Execution, SnapshotError, read_processes

from .diagrams import END, START, World, model, node, path

CORPUS = sorted((Path(__file__).parent / "snapshots").glob("*/*.json"))


@pytest.mark.parametrize("entry", CORPUS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_stored_snapshot_goes_on_as_it_would_have(entry):
    stored = json.loads(entry.read_text(encoding="utf-8"))
    (process,) = read_processes(stored["model"].encode())
    world = World(process)
    world._keys = iter(range(10_000, 20_000))
    world.execution = Execution.restore(
        process,
        world.services(),
        instance_key=100,
        snapshot=bytes.fromhex(stored["snapshot"]),
        variables=stored["variables"],
    )
    for stimulus, key, *arguments in stored["stimuli"]:
        getattr(world.execution, stimulus)(key, *arguments)
        world._store()
    assert world.completed
    assert world.execution.variables[""] == stored["outcome"]


def test_the_corpus_is_there():
    assert {p.parent.name for p in CORPUS} == {"format-1", "format-2", "format-3"}
    assert len(CORPUS) >= 16


@pytest.mark.parametrize("snapshot", [b"", b"[]", b"[9,0,[]]", b"zgarbage", b'{"a":1}', b"\xff"])
def test_an_unreadable_snapshot_says_so(snapshot):
    world = World(model(START, node("userTask", "t"), END, path("start", "t", "end"))).start()
    with pytest.raises(SnapshotError):
        Execution.restore(world.process, world.services(), instance_key=100, snapshot=snapshot, variables={"": {}})
