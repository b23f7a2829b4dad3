"""Trace ids: taken from the caller's ``traceparent`` (W3C Trace Context) or made up, and given back."""

from __future__ import annotations

import re
import secrets

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_NONE = "0" * 32


def trace_id_from(traceparent: str | None) -> str | None:
    """The trace id of a ``traceparent`` header, or None where there is no usable one."""
    match = _TRACEPARENT.fullmatch(traceparent or "")
    return match[1] if match is not None and match[1] != _NONE else None


def traceparent(trace_id: str) -> str:
    """The header that names this server's part of the trace."""
    return f"00-{trace_id}-{secrets.token_hex(8)}-01"
