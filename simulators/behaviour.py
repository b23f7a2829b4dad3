"""Behaviour: how the simulated services misbehave, set by tests and demonstrations.

Each service has at most one rule. A rule names a mode, how often it applies (``times``; without it until it
is replaced), how long it waits (``latencyMs``), and optionally which requests it meets (``match``: a text
that the account, ID number, device or recipient must contain), so that tests sharing one program do not
disturb each other.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from flask import Blueprint, Response, jsonify, request

from simulators.problems import RequestRefusedError

# Longer than any sensible client waits; a hanging answer must end some day all the same.
_HANG_MS = 30_000


class Mode(StrEnum):
    """What happens to a request."""

    NORMAL = "normal"
    DECLINE = "decline"
    TIMEOUT_AFTER_ACCEPT = "timeout-after-accept"
    TIMEOUT_BEFORE_ACCEPT = "timeout-before-accept"
    DROP_AFTER_ACCEPT = "drop-after-accept"
    UNAVAILABLE = "unavailable"
    SLOW = "slow"


_WITHOUT_EFFECT = frozenset({Mode.NORMAL, Mode.UNAVAILABLE, Mode.SLOW, Mode.TIMEOUT_BEFORE_ACCEPT})
_WITH_EFFECT = _WITHOUT_EFFECT | {Mode.TIMEOUT_AFTER_ACCEPT, Mode.DROP_AFTER_ACCEPT}

SERVICE_MODES: Mapping[str, frozenset[Mode]] = {
    "payments": _WITH_EFFECT | {Mode.DECLINE},
    "paymentQueries": _WITHOUT_EFFECT,
    "bureau": _WITHOUT_EFFECT,
    "fraud": _WITHOUT_EFFECT,
    "messages": _WITH_EFFECT,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to behave; ``times`` counts down as requests meet it."""

    mode: Mode = Mode.NORMAL
    times: int | None = None
    latency_ms: int | None = None
    match: str | None = None
    code: str | None = None

    @property
    def wait_seconds(self) -> float:
        """How long a request that meets this rule waits before anything else happens to it."""
        if self.latency_ms is not None:
            return self.latency_ms / 1000
        return 1.0 if self.mode is Mode.SLOW else 0.0

    @property
    def hang_seconds(self) -> float:
        """How long the connection hangs before it is dropped."""
        return (_HANG_MS if self.latency_ms is None else self.latency_ms) / 1000

    def as_json(self) -> dict[str, object]:
        """The rule in the words of the API."""
        return {
            "mode": self.mode.value,
            "times": self.times,
            "latencyMs": self.latency_ms,
            "match": self.match,
            "code": self.code,
        }


NO_RULE = Rule()


class Behaviour:
    """The rules in force, safe to use from many requests at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: dict[str, Rule] = {}

    def put(self, rules: Mapping[str, Rule]) -> None:
        """Replaces the rules of the services named; the others keep theirs."""
        with self._lock:
            self._rules.update(rules)

    def clear(self) -> None:
        """Every service behaves normally again."""
        with self._lock:
            self._rules.clear()

    def current(self) -> dict[str, Rule]:
        """The rule of every service."""
        with self._lock:
            return {service: self._rules.get(service, NO_RULE) for service in SERVICE_MODES}

    def take(self, service: str, subject: str) -> Rule:
        """The rule that a request about ``subject`` meets; uses up one of its ``times``."""
        with self._lock:
            rule = self._rules.get(service, NO_RULE)
            if rule.match is not None and rule.match not in subject:
                return NO_RULE
            if rule.times is not None:
                if rule.times <= 0:
                    return NO_RULE
                self._rules[service] = replace(rule, times=rule.times - 1)
            return rule

    def meet(self, service: str, subject: str) -> Rule:
        """Takes the rule of a request and lives through what comes before the service's own work."""
        rule = self.take(service, subject)
        before(rule)
        return rule


def before(rule: Rule) -> None:
    """What a rule does before a request has any effect: wait, refuse, or lose the connection."""
    if rule.mode is Mode.TIMEOUT_BEFORE_ACCEPT:
        hang(rule)
    if rule.mode not in (Mode.TIMEOUT_AFTER_ACCEPT, Mode.DROP_AFTER_ACCEPT):
        time.sleep(rule.wait_seconds)
    if rule.mode is Mode.UNAVAILABLE:
        raise RequestRefusedError(503, "SERVICE_UNAVAILABLE", "The service is down for maintenance; try again later.")


def after(rule: Rule) -> None:
    """What a rule does once a request had its effect: the answer gets lost on its way."""
    if rule.mode is Mode.TIMEOUT_AFTER_ACCEPT:
        hang(rule)
    elif rule.mode is Mode.DROP_AFTER_ACCEPT:
        drop_connection()


def hang(rule: Rule) -> None:
    """Keeps the caller waiting, then drops the connection without an answer."""
    time.sleep(rule.hang_seconds)
    drop_connection()


def drop_connection() -> None:
    """Cuts the connection under the current request and ends its handling."""
    for name in ("werkzeug.socket", "gunicorn.socket"):
        connection = request.environ.get(name)
        if isinstance(connection, socket.socket):
            connection.shutdown(socket.SHUT_RDWR)
    raise RequestRefusedError(504, "CONNECTION_DROPPED", "The connection was dropped on purpose.")


def behaviour_blueprint(behaviour: Behaviour) -> Blueprint:
    """``GET``, ``PUT`` and ``DELETE /behaviour``."""
    blueprint = Blueprint("behaviour", __name__)

    def answer() -> Response:
        return jsonify({service: rule.as_json() for service, rule in behaviour.current().items()})

    @blueprint.get("/behaviour")
    def read() -> Response:
        return answer()

    @blueprint.put("/behaviour")
    def change() -> Response:
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            raise RequestRefusedError(400, "INVALID_BEHAVIOUR", "Send a JSON object: service -> rule.")
        behaviour.put({service: _rule(service, wanted) for service, wanted in body.items()})
        return answer()

    @blueprint.delete("/behaviour")
    def reset() -> Response:
        behaviour.clear()
        return answer()

    return blueprint


def _rule(service: str, wanted: object) -> Rule:
    modes = SERVICE_MODES.get(service)
    if modes is None:
        known = ", ".join(SERVICE_MODES)
        raise RequestRefusedError(400, "INVALID_BEHAVIOUR", f"There is no service {service!r}; there are {known}.")
    if not isinstance(wanted, dict) or wanted.get("mode") not in modes:
        choices = ", ".join(sorted(modes))
        raise RequestRefusedError(400, "INVALID_BEHAVIOUR", f"The mode of {service} is one of {choices}.")
    unknown = set(wanted) - {"mode", "times", "latencyMs", "match", "code"}
    if unknown:
        raise RequestRefusedError(400, "INVALID_BEHAVIOUR", f"A rule has no {', '.join(sorted(unknown))}.")
    for name in ("times", "latencyMs"):
        value = wanted.get(name)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            raise RequestRefusedError(400, "INVALID_BEHAVIOUR", f"{name} is a whole number, 0 or more.")
    for name in ("match", "code"):
        if not isinstance(wanted.get(name, ""), str):
            raise RequestRefusedError(400, "INVALID_BEHAVIOUR", f"{name} is a text.")
    return Rule(
        mode=Mode(wanted["mode"]),
        times=wanted.get("times"),
        latency_ms=wanted.get("latencyMs"),
        match=wanted.get("match"),
        code=wanted.get("code"),
    )
