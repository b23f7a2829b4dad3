"""Keys: unique between threads, processes and databases."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from server.store.database import transaction
from server.store.keys import keys

pytestmark = pytest.mark.usefixtures("app")


def take(number: int) -> list[int]:
    with transaction() as connection:
        return [keys.next(connection) for _ in range(number)]


def test_threads_never_get_the_same_key(app: Flask) -> None:
    def work(_: int) -> list[int]:
        with app.app_context():
            return take(700)

    with ThreadPoolExecutor(4) as pool:
        taken = [key for keys_ in pool.map(work, range(8)) for key in keys_]
    assert len(set(taken)) == len(taken) == 8 * 700


def test_a_forked_process_takes_a_block_of_its_own() -> None:
    (last,) = take(1)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        known = next(iter(keys._blocks.values()), None)
        os.write(write, b"kept" if known else b"dropped")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 10) == b"dropped"
    assert take(1) == [last + 1]
