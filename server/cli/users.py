"""``lendloom users``: the people who sign in, from the command line - above all the first administrator."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from server.cli.console import SpeakingGroup, say
from server.cli.installation import database_context, running_settings
from server.identity import groups, users

ADMINISTRATORS = "administrators"


@click.group("users", cls=SpeakingGroup)
def users_commands() -> None:
    """Add, list and deactivate users; set passwords. What a user may do comes from the groups they are in.

    \b
    Examples:
      lendloom users add mei.chen --name 陈梅 --administrator
      lendloom users add bo.li --name 李博 --group credit-reviewer-a
      lendloom users list
      lendloom users deactivate bo.li
    """


@users_commands.command()
@click.argument("username")
@click.option("--name", help="What people call them; the username where it is left out.")
@click.option("--email")
@click.option("--group", "group_ids", multiple=True, help="A group to be in; may be given several times.")
@click.option("--administrator", is_flag=True, help="May do everything (the group 'administrators').")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add(
    username: str,
    name: str | None,
    email: str | None,
    group_ids: tuple[str, ...],
    administrator: bool,
    password_stdin: bool,
) -> None:
    """Add a user. Without --password-stdin the password is asked for, or made up where nobody can be asked."""
    with _database():
        if administrator:
            _ensure_administrators()
            group_ids = (*group_ids, ADMINISTRATORS)
        for group_id in group_ids:
            groups.get_group(group_id)  # a group that is not there is told before anything is written
        password, made_up = _password(password_stdin)
        users.create_user(username, password, name=name, email=email)
        for group_id in dict.fromkeys(group_ids):
            groups.add_member(group_id, username)
    say(f"已添加用户 {username}。", f"Added the user {username}.")
    if made_up:
        click.echo(password)


@users_commands.command("list")
@click.option("--group", "group_id", help="Only the members of this group.")
def list_users(group_id: str | None) -> None:
    """List users: username, name, email, and whether they may sign in."""
    with _database():
        found = users.list_users(group_id=group_id)
    for user in found:
        state = "active" if user.active else "deactivated"
        click.echo("\t".join((user.username, user.name, user.email or "-", state)))


@users_commands.command()
@click.argument("username")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def passwd(username: str, password_stdin: bool) -> None:
    """Set a user's password. Ends every session of that user."""
    with _database():
        users.get_user(username)
        password, made_up = _password(password_stdin)
        users.update_user(username, password=password)
    say(f"已更改 {username} 的口令。", f"Changed the password of {username}.")
    if made_up:
        click.echo(password)


@users_commands.command()
@click.argument("username")
def deactivate(username: str) -> None:
    """Keep a user out from now on, also from sessions that are open. What they did stays in the history."""
    with _database():
        users.set_user_active(username, active=False)
    say(f"已停用用户 {username}。", f"Deactivated the user {username}.")


@users_commands.command()
@click.argument("username")
def activate(username: str) -> None:
    """Let a deactivated user in again."""
    with _database():
        users.set_user_active(username, active=True)
    say(f"已启用用户 {username}。", f"Activated the user {username}.")


@contextmanager
def _database() -> Iterator[None]:
    with database_context(running_settings(process="users")):
        yield


def _ensure_administrators() -> None:
    if ADMINISTRATORS not in {group.group_id for group in groups.list_groups()}:
        groups.create_group(ADMINISTRATORS, "系统管理员", ["administrator"])


def _password(from_stdin: bool) -> tuple[str, bool]:
    """The password, and whether it was made up; one that a person types is never shown."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\n"), False
    if sys.stdin.isatty():
        return str(click.prompt("Password / 口令", hide_input=True, confirmation_prompt=True)), False
    return secrets.token_urlsafe(12), True
