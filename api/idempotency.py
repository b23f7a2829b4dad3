"""``Idempotency-Key``: a POST that may be repeated gives its first answer again.

Works for every POST of somebody who is signed in, without the view's doing. The view runs inside the
transaction that keeps its answer (:mod:`server.store.idempotency`). A view that must not, because it waits for
what others do after its commit, is marked with :func:`keeps_its_answer` and uses :func:`in_two_steps`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response, current_app, g, request

from server.store.idempotency import Answer, Claim, answer_once, fulfil

from .problems import bad_request

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_LONGEST = 255
_OWN = "_lendloom_keeps_its_answer"

View = TypeVar("View", bound=Callable[..., Any])


def claim_of_request() -> Claim | None:
    """The claim of the current request, or None where it is not one that may be repeated."""
    key = request.headers.get(HEADER)
    if key is None or request.method != "POST" or "principal" not in g:
        return None
    if not 1 <= len(key) <= _LONGEST or not key.isprintable():
        raise bad_request(
            "idempotency-key",
            f"Idempotency-Key 应为 1 到 {_LONGEST} 个可打印字符。",
            f"An Idempotency-Key has 1 to {_LONGEST} printable characters.",
        )
    return Claim(f"{g.principal.kind}:{g.principal.name}", key, _digest())


def keeps_its_answer(view: View) -> View:
    """Mark a view that sees to repetitions itself."""
    setattr(view, _OWN, True)
    return view


def repeatable(view: Callable[[], Response]) -> Response:
    """The view's answer, or the first one where this request is a repetition."""
    claim = claim_of_request()
    if claim is None or getattr(current_app.view_functions[request.endpoint or ""], _OWN, False):
        return view()
    return once(claim, view)


def once(claim: Claim, view: Callable[[], Response]) -> Response:
    """The answer to a claim: the view's, or the first one."""
    made: list[Response] = []

    def command() -> Answer:
        response = view()
        if response.status_code >= 400:
            raise _NotKeptError(response)
        made.append(response)
        return answer_of(response)

    try:
        answer, repeated = answer_once(claim, command)
    except _NotKeptError as not_kept:
        return not_kept.response
    return response_of(answer) if repeated else made[0]


def in_two_steps(begin: Callable[[], bytes], finish: Callable[[bytes], Response]) -> Response:
    """The answer of ``finish`` to what ``begin`` has done and committed.

    A repetition never begins again: it is given the answer, or finishes what the first request had begun.
    """
    claim = claim_of_request()
    if claim is None:
        return finish(begin())
    kept, _ = answer_once(claim, lambda: Answer(None, begin()))
    if kept.status is not None:
        return response_of(kept)
    response = finish(kept.body)
    fulfil(claim, answer_of(response))
    return response


def answer_of(response: Response) -> Answer:
    """A response as it is kept."""
    return Answer(response.status_code, response.get_data(), response.content_type)


def response_of(answer: Answer) -> Response:
    """A kept answer as a response."""
    return Response(answer.body, answer.status, headers={REPLAYED: "true"}, content_type=answer.content_type or None)


class _NotKeptError(Exception):
    """Carries a refusal out of the transaction, so that nothing of it is kept."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def _digest() -> str:
    """A digest of everything that the request says; the boundaries of a multipart body say nothing."""
    digest = hashlib.sha256(f"{request.method} {request.full_path}\0".encode())
    if request.mimetype == "multipart/form-data":
        for name, value in sorted(request.form.items(multi=True)):
            digest.update(f"{name}={value}\0".encode())
        for name, file in request.files.items(multi=True):
            digest.update(f"{name}:{file.filename}\0".encode())
            digest.update(hashlib.sha256(file.stream.read()).digest())
            file.stream.seek(0)
    else:
        digest.update(request.get_data(cache=True))
    return digest.hexdigest()
