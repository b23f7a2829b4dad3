"""``lendloom openapi``: the OpenAPI document of this version, written without a server or a database.

The web application's types are generated from it (``make types``), and CI compares them with it.
"""

from __future__ import annotations

import json
from pathlib import Path

import click

from server import logs
from server.cli.console import SpeakingCommand
from server.settings import Profile, Settings

from .app import create_app

# Made, never used: nothing is asked of the database, and nobody signs in.
_SETTINGS = Settings(
    database_url="postgresql+psycopg://nobody@127.0.0.1:1/nothing",
    secret_key="only to describe the API, never to sign",  # noqa: S106
    profile=Profile.TEST,
    log_level="warning",
)


@click.command(cls=SpeakingCommand)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
def openapi(file: Path | None) -> None:
    """Write the OpenAPI document of this version to FILE, or print it.

    \b
    Examples:
      lendloom openapi
      lendloom openapi web/openapi.json
    """
    logs.configure(_SETTINGS, process="openapi")
    document = create_app(_SETTINGS).test_client().get("/openapi.json").get_data(as_text=True)
    text = json.dumps(json.loads(document), ensure_ascii=False, indent=1) + "\n"
    if file is None:
        click.echo(text, nl=False)
    else:
        file.write_text(text, encoding="utf-8")
