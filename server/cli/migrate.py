"""``lendloom migrate``: the database's tables; and ``lendloom migrate plan`` for running process instances."""

from __future__ import annotations

import importlib

import click

from server.cli.console import SpeakingGroup, step
from server.cli.installation import settings_from_environment
from server.cli.migration_plan import plan
from server.store.embedded import with_database


@click.group(cls=SpeakingGroup, invoke_without_command=True)
@click.option("--to", "revision", default="head", show_default=True, help="The revision to end at.")
@click.option("--down", is_flag=True, help="Go back instead: --to is required, 'base' removes every table.")
@click.pass_context
def migrate(context: click.Context, revision: str, down: bool) -> None:
    """Bring the database's tables to this version. Safe to repeat; nothing happens where nothing is to do.

    What migrates running process instances is planned with `lendloom migrate plan`.

    \b
    Examples:
      lendloom migrate
      lendloom migrate --down --to base      remove every table, with all data
    """
    if context.invoked_subcommand is not None:
        return
    if down and revision == "head":
        raise click.UsageError("--down needs --to REVISION, for example --to base or --to=-1")
    settings = with_database(settings_from_environment(process="migrate"))
    migration = importlib.import_module("server.store.migration")
    with step(f"迁移数据库到 {revision}", f"Migrating the database to {revision}"):
        (migration.downgrade if down else migration.upgrade)(settings.database_url, revision)


migrate.add_command(plan)
