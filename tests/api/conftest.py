"""A running API: the real application behind a real socket, with people and a client to sign in as."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from camunda_orchestration_sdk import CamundaClient
from flask import Flask
from werkzeug.serving import make_server

from api.app import create_app
from server import logs
from server.identity import demo as identities
from server.identity.demo import DemoIdentities, ensure_demo_identities
from server.settings import Settings
from server.store.database import db

CONTENT = Path(__file__).with_name("content")


@pytest.fixture(scope="module")
def api(settings: Settings) -> Iterator[Flask]:
    """The application on the module's fresh database; all jobs are left to workers outside."""
    logs.configure(settings, process="api")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("LENDLOOM_HANDLERS", "")
        application = create_app(settings)
    yield application
    with application.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def hash_once() -> Callable[[str], str]:
    """Hashing is slow on purpose: the demo's passwords are hashed for the first module, not for each."""
    return functools.cache(identities.hash_password)


@pytest.fixture(scope="module")
def demo(api: Flask, settings: Settings, hash_once: Callable[[str], str]) -> DemoIdentities:
    """The demo's people and its client, which may do everything."""
    with api.app_context(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(identities, "hash_password", hash_once)
        return ensure_demo_identities(settings)


@pytest.fixture(scope="module")
def address(api: Flask) -> Iterator[str]:
    """Where the running API answers."""
    server = make_server("127.0.0.1", 0, api, threaded=True)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    serving.join()


@pytest.fixture(scope="module")
def sdk_settings(address: str, demo: DemoIdentities) -> dict[str, str]:
    """What the official clients read from their environment."""
    return {
        "CAMUNDA_REST_ADDRESS": address,
        "CAMUNDA_AUTH_STRATEGY": "OAUTH",
        "CAMUNDA_OAUTH_URL": f"{address}/oauth/token",
        "CAMUNDA_CLIENT_ID": demo.client_id,
        "CAMUNDA_CLIENT_SECRET": demo.client_secret,
    }


@pytest.fixture(scope="module")
def client(sdk_settings: dict[str, str]) -> Iterator[CamundaClient]:
    """The official client, unmodified."""
    with CamundaClient(configuration=sdk_settings) as connected:  # type: ignore[arg-type]
        yield connected


@pytest.fixture(scope="module")
def administrator(address: str, demo: DemoIdentities) -> Iterator[httpx.Client]:
    """HTTP as the demo's client, which may do everything."""
    form = {
        "grant_type": "client_credentials",
        "client_id": demo.client_id,
        "client_secret": demo.client_secret,
    }
    token = httpx.post(f"{address}/oauth/token", data=form).json()["access_token"]
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=30) as http:
        yield http


@pytest.fixture(scope="module")
def person(address: str, demo: DemoIdentities) -> Iterator[Callable[[str], httpx.Client]]:
    """HTTP as one of the demo's people, by username."""
    passwords = {login.username: login.password for login in demo.logins}
    opened: dict[str, httpx.Client] = {}

    def sign_in(username: str) -> httpx.Client:
        if username not in opened:
            form = {"grant_type": "password", "username": username, "password": passwords[username]}
            token = httpx.post(f"{address}/oauth/token", data=form).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            opened[username] = httpx.Client(base_url=address, headers=headers, timeout=30)
        return opened[username]

    yield sign_in
    for http in opened.values():
        http.close()


@pytest.fixture(scope="session")
def content() -> Path:
    """The folder with the tests' own processes, decisions and forms."""
    return CONTENT
