"""A client that insists: it repeats a command with the same Idempotency-Key until it has an answer that counts.

That is what makes "acknowledged" a fact on both sides: whatever the server was killed in the middle of, in the end
the client knows whether its command was carried out.
"""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from tests.installation import Answer, Caller

PATIENCE_SECONDS = 180.0
_PAUSE_SECONDS = 0.15
_STILL_RUNNING = "idempotency.running"


@dataclass(slots=True)
class Faults:
    """Answers that no client may ever see, whatever was killed: 5xx other than "not available, try again"."""

    seen: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, request: str, answer: Answer) -> None:
        """Remember an answer if it is a fault."""
        if answer.status >= 500 and answer.status != 503:
            with self._lock:
                self.seen.append(f"{request}: {answer.status} {answer.document}")


class InsistentClient:
    """One connection, used by one thread."""

    def __init__(self, port: int, client_id: str, secret: str, faults: Faults) -> None:
        self._caller = Caller(port, timeout=30)
        self._credentials = client_id, secret
        self._signed_in = False
        self._faults = faults

    def command(self, path: str, body: Any = None) -> Answer:
        """Carry out a POST exactly once, however often it has to be sent."""
        return self._insist(path, body, str(uuid.uuid4()))

    def search(self, path: str, **filters: Any) -> list[dict[str, Any]]:
        """What a search finds, once the server answers."""
        answer = self._insist(f"{path}/search", {"filter": filters, "page": {"limit": 100}}, None)
        assert answer.ok, f"{path} {filters}: {answer}"
        items: list[dict[str, Any]] = answer.document["items"]
        return items

    def once(self, path: str, body: Any = None) -> Answer | None:
        """One attempt without a key; None where no answer that counts came of it."""
        try:
            if not self._signed_in:
                self._sign_in()
            answer = self._caller.post(path, body)
        except OSError:
            return None
        self._faults.note(path, answer)
        if answer.status == 401:
            self._signed_in = False
        return None if answer.status in (401, 429) or answer.status >= 500 else answer

    def _insist(self, path: str, body: Any, key: str | None) -> Answer:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = None
            try:
                if not self._signed_in:
                    self._sign_in()
                answer = self._caller.post(path, body, key=key)
            except OSError:
                pass  # no server, or no whole answer: whether the command was carried out is open
            if answer is not None:
                self._faults.note(path, answer)
                if _counts(answer):
                    return answer
                if answer.status == 401:
                    self._signed_in = False
            assert time.monotonic() < deadline, f"no answer that counts in {PATIENCE_SECONDS} s: {path} {answer}"
            time.sleep(_PAUSE_SECONDS)

    def _sign_in(self) -> None:
        try:
            self._caller.sign_in(*self._credentials)
        except AssertionError as refused:
            raise ConnectionError(str(refused)) from refused
        self._signed_in = True


def _counts(answer: Answer) -> bool:
    if answer.status >= 500 or answer.status in (401, 429):
        return False
    return not (answer.status == 409 and answer.document.get("code") == _STILL_RUNNING)
