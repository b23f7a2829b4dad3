"""``var/demo.env``: the official Python client, unmodified, reads from it where to go and who it is."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

from camunda_orchestration_sdk.runtime.configuration_resolver import ConfigurationResolver

from server.cli.demo_environment import write_demo_environment
from server.settings import Settings


def _loaded_by_a_shell(path: Path) -> dict[str, str]:
    printed = subprocess.run(
        ["/bin/sh", "-c", f"set -a; . '{path}'; env"],
        env={},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    variables = dict(line.split("=", 1) for line in printed.splitlines())
    return {name: value for name, value in variables.items() if name.startswith("CAMUNDA_")}


def test_the_official_client_understands_the_file(tmp_path: Path) -> None:
    settings = Settings(var=tmp_path, public_url="http://127.0.0.1:9000")

    path = write_demo_environment(settings, client_id="demo", client_secret="it's $ecret")
    variables = _loaded_by_a_shell(path)
    configuration = ConfigurationResolver(environment=variables).resolve().effective

    assert configuration.CAMUNDA_REST_ADDRESS == "http://127.0.0.1:9000/v2"
    assert configuration.CAMUNDA_AUTH_STRATEGY == "OAUTH"
    assert configuration.CAMUNDA_OAUTH_URL == "http://127.0.0.1:9000/oauth/token"
    assert configuration.CAMUNDA_CLIENT_ID == "demo"
    assert configuration.CAMUNDA_CLIENT_SECRET == "it's $ecret"


def test_only_its_owner_can_read_it_also_when_it_is_written_again(tmp_path: Path) -> None:
    settings = Settings(var=tmp_path)
    path = write_demo_environment(settings, client_id="a", client_secret="b")
    path.chmod(0o644)

    write_demo_environment(settings, client_id="a", client_secret="c")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["demo.env"]
