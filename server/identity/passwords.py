"""Passwords and client secrets: hashed with Argon2, and verified once per process rather than once per request.

Argon2 is slow on purpose. A client that fetches a token often would pay for it each time, so a secret that has
been verified is remembered as a digest under a key that only this process has and that dies with it. The
memory is bound to the stored hash: a changed secret is verified anew.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
from collections import OrderedDict

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from .errors import unusable

MINIMUM_LENGTH = 8
MAXIMUM_LENGTH = 256
_REMEMBERED = 1024

_hasher = PasswordHasher()
# Verified in place of a user that does not exist, so that the time an answer takes does not tell them apart: of random
# bytes that nobody has kept. It stands here because each process would take as long to begin as to verify it.
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$u2iqyb2hT+6Icrs+mT9MWg$VaFIIPUj/oOikeZuiLsW4fLDUKfMC66HakgYnbPAg5A"


def hash_password(password: str) -> str:
    """The Argon2id hash of ``password``, with its salt and parameters; refuses one that is too short or long."""
    if not MINIMUM_LENGTH <= len(password) <= MAXIMUM_LENGTH:
        raise unusable(
            "password-length",
            f"口令长度应为 {MINIMUM_LENGTH} 到 {MAXIMUM_LENGTH} 个字符；请更换口令。",
            f"A password has {MINIMUM_LENGTH} to {MAXIMUM_LENGTH} characters; choose another one.",
        )
    return _hasher.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Whether ``password`` is the one behind the hash; ``None`` (nobody) is never, and takes as long."""
    if len(password) > MAXIMUM_LENGTH:
        return False
    try:
        return _hasher.verify(stored or NOBODY, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


class VerifiedSecrets:
    """The memory of secrets that this process has verified."""

    def __init__(self) -> None:
        self._key = os.urandom(32)
        self._lock = threading.Lock()
        self._digests: OrderedDict[bytes, None] = OrderedDict()

    def verify(self, stored: str | None, secret: str) -> bool:
        """Whether ``secret`` is the one behind the hash, at the cost of Argon2 only the first time."""
        if stored is None:
            return verify_password(None, secret)
        digest = hmac.new(self._key, f"{stored}\0{secret}".encode(), hashlib.sha256).digest()
        with self._lock:
            if digest in self._digests:
                self._digests.move_to_end(digest)
                return True
        if not verify_password(stored, secret):
            return False
        with self._lock:
            self._digests[digest] = None
            while len(self._digests) > _REMEMBERED:
                self._digests.popitem(last=False)
        return True


verified_secrets = VerifiedSecrets()
