"""A lean HTTP client, so that the driver takes as little of the machine as it can."""

from __future__ import annotations

import http.client
import json
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlencode


class Client:
    """One kept-alive connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._headers: dict[str, str] = {"Content-Type": "application/json", "Accept": "application/json"}

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Status and body of one request."""
        self._connection.request(method, path, body, headers or self._headers)
        response = self._connection.getresponse()
        return response.status, response.read()

    def sign_in(self, client_id: str, secret: str) -> None:
        """Take a token by client credentials and use it from now on."""
        form = urlencode({"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret})
        status, body = self.request(
            "POST", "/oauth/token", form.encode(), {"Content-Type": "application/x-www-form-urlencoded"}
        )
        if status != 200:
            raise SystemExit(f"no token: {status} {body!r}")
        self._headers["Authorization"] = "Bearer " + json.loads(body)["access_token"]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON answer of a request that must succeed."""
        payload = None if body is None else json.dumps(body).encode()
        status, answer = self.request(method, path, payload)
        if status >= 300:
            raise RuntimeError(f"{method} {path}: {status} {answer.decode()}")
        return json.loads(answer) if answer else None

    def deploy(self, files: list[Path]) -> Any:
        """Deploy files together."""
        boundary = uuid.uuid4().hex
        parts = []
        for file in files:
            parts.append(
                f'--{boundary}\r\nContent-Disposition: form-data; name="resources"; filename="{file.name}"\r\n'
                "Content-Type: application/octet-stream\r\n\r\n".encode()
                + file.read_bytes()
                + b"\r\n"
            )
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        headers = {**self._headers, "Content-Type": f"multipart/form-data; boundary={boundary}"}
        status, answer = self.request("POST", "/v2/deployments", body, headers)
        if status != 200:
            raise SystemExit(f"not deployed: {status} {answer.decode()}")
        return json.loads(answer)
