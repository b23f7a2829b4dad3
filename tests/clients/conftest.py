"""The official clients as they come from PyPI, set up by their environment, against a running installation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from camunda_orchestration_sdk import CamundaAsyncClient, CamundaClient
from camunda_orchestration_sdk.models import ProcessCreationById

from server.store.embedded import EmbeddedPostgres
from tests.installation import CLIENT_ID, Installation, fresh_database, running_installation

from .content import FILES
from .typed import typed

Result = TypeVar("Result")


@pytest.fixture(scope="session")
def installation(database_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    var = tmp_path_factory.mktemp("clients")
    with (
        fresh_database(database_server, "clients") as url,
        running_installation(url, var) as installation,
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.setenv("CAMUNDA_REST_ADDRESS", installation.url)
        environment.setenv("CAMUNDA_AUTH_STRATEGY", "OAUTH")
        environment.setenv("CAMUNDA_OAUTH_URL", f"{installation.url}/oauth/token")
        environment.setenv("CAMUNDA_CLIENT_ID", CLIENT_ID)
        environment.setenv("CAMUNDA_CLIENT_SECRET", installation.secret)
        yield installation


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str | Path]:
    """The files that a designer deploys."""
    folder = tmp_path_factory.mktemp("content")
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in FILES]


@pytest.fixture(scope="session")
def client(installation: Installation) -> Iterator[CamundaClient]:
    """The synchronous client."""
    with CamundaClient() as client:
        yield client


@pytest.fixture(scope="session")
def deployed(client: CamundaClient, files: list[str | Path]) -> Any:
    """The deployment of all files together."""
    return client.deploy_resources_from_files(files)


@pytest.fixture
def asynchronously(deployed: Any) -> Callable[[Callable[[CamundaAsyncClient], Awaitable[Result]]], Result]:
    """Runs a coroutine with the asynchronous client."""

    def run(work: Callable[[CamundaAsyncClient], Awaitable[Result]]) -> Result:
        async def with_client() -> Result:
            async with CamundaAsyncClient() as client:
                return await asyncio.wait_for(work(client), 60)

        return asyncio.run(with_client())

    return run


@pytest.fixture
def start(client: CamundaClient, deployed: Any) -> Callable[..., Any]:
    """Starts an instance of a process by its id."""

    def run(process_id: str, /, **variables: Any) -> Any:
        body = {"processDefinitionId": process_id, "variables": variables}
        return typed(client.create_process_instance(data=ProcessCreationById.from_dict(body)))

    return run
