"""``var/demo.env``: the variables by which the official Camunda clients find and enter an installation."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from server.settings import Settings


def write_demo_environment(settings: Settings, *, client_id: str, client_secret: str) -> Path:
    """Write the file, readable by its owner only, and return its path.

    The clients append ``/v2`` to the REST address themselves. Load it in a shell with
    ``set -a; . var/demo.env; set +a``.
    """
    values = {
        "CAMUNDA_REST_ADDRESS": settings.public_url,
        "CAMUNDA_AUTH_STRATEGY": "OAUTH",
        "CAMUNDA_OAUTH_URL": f"{settings.public_url}/oauth/token",
        "CAMUNDA_CLIENT_ID": client_id,
        "CAMUNDA_CLIENT_SECRET": client_secret,
    }
    path = settings.var / "demo.env"
    aside = path.with_name(f".demo.env.{os.getpid()}")
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"{name}={shlex.quote(value)}\n" for name, value in values.items())
    aside.replace(path)
    return path
