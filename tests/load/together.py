"""Clients that do something at the same moment, each over a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType

from tests.installation import Answer, Caller, Installation

CLIENTS = 8
Act = Callable[[Caller], Answer]


class Together:
    """Up to :data:`CLIENTS` connections that are kept open; use as a context manager."""

    def __init__(self, installation: Installation) -> None:
        self._callers = [installation.caller() for _ in range(CLIENTS)]
        self._pool = ThreadPoolExecutor(CLIENTS)

    def __enter__(self) -> Together:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown()
        for caller in self._callers:
            caller.close()

    def __call__(self, acts: Sequence[Act]) -> list[Answer]:
        """The answers to all acts, begun at the same moment. No user may ever see an error of the engine."""
        starting = threading.Barrier(len(acts))

        def run(act: Act, caller: Caller) -> Answer:
            starting.wait(30)
            return act(caller)

        answers = list(self._pool.map(run, acts, self._callers))
        unseemly = [answer for answer in answers if answer.status not in (200, 201, 204, 404, 409)]
        assert not unseemly, unseemly
        return answers
