"""``lendloom call``: one request to a running server, signed in, with the answer made readable."""

from __future__ import annotations

import os
import shlex
import time
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import click
import httpx
import msgspec

from server.cli.console import SpeakingCommand, fail
from server.messages import Message
from server.store.database import decode_json, encode_json

_VARIABLES = ("CAMUNDA_REST_ADDRESS", "CAMUNDA_OAUTH_URL", "CAMUNDA_CLIENT_ID", "CAMUNDA_CLIENT_SECRET")


@click.command(cls=SpeakingCommand)
@click.argument("method", type=click.Choice(["GET", "POST", "PUT", "PATCH", "DELETE"], case_sensitive=False))
@click.argument("path")
@click.argument("body", required=False)
@click.option("--as", "user", metavar="USER", help="Act for this person; the password comes from --password.")
@click.option("--password", envvar="LENDLOOM_PASSWORD", help="Default: what the demo gave to its people.")
@click.option("--pick", metavar="PATH", help="Print only this part of the answer, such as items.0.userTaskKey.")
@click.option("--until", metavar="VALUE", help="With --pick: ask again until the part is VALUE (or, with *, exists).")
@click.option("--timeout", type=float, default=30.0, show_default=True, help="Seconds to wait in all.")
@click.option("--var", type=click.Path(path_type=Path), envvar="LENDLOOM_VAR", default=Path("var"), show_default=True)
def call(
    method: str,
    path: str,
    body: str | None,
    user: str | None,
    password: str | None,
    pick: str | None,
    until: str | None,
    timeout: float,
    var: Path,
) -> None:
    """Send METHOD to PATH of the server that var/demo.env names, and print its answer.

    BODY is JSON text, or @FILE. Without --as the request is the demo client's; the exit code is 1 when the
    server refuses.

    \b
    Examples:
      lendloom call GET /v2/topology
      lendloom call POST /v2/process-instances @application.json --pick processInstanceKey
      lendloom call POST /v2/user-tasks/search '{"filter":{"state":"CREATED"}}' --as li.na --pick items.0.name
    """
    environment = _environment(var)
    until_when = time.monotonic() + timeout
    with httpx.Client(base_url=environment["CAMUNDA_REST_ADDRESS"], timeout=timeout) as client:
        headers = {"Authorization": f"Bearer {_token(client, environment, user, password)}"}
        while True:
            answer = _send(client, method, path, body, headers)
            chosen = answer if pick is None else _part(answer, pick)
            if until is None or (chosen is not None and until in ("*", _plain(chosen))):
                break
            if time.monotonic() > until_when:
                _refuse(
                    f"等待 {timeout:g} 秒后，{pick} 仍是 {_plain(chosen)}，不是 {until}。",
                    f"After {timeout:g} seconds {pick} is still {_plain(chosen)}, not {until}.",
                )
            time.sleep(0.25)
    if pick is not None:
        click.echo(_plain(chosen))
    elif answer is not None:
        click.echo(_readable(answer))


def _refuse(zh: str, en: str) -> NoReturn:
    fail(Message("call.failed", zh, en))


def _environment(var: Path) -> dict[str, str]:
    """What the official clients read, from the environment or else from var/demo.env."""
    values: dict[str, str] = {}
    file = var / "demo.env"
    if file.exists():
        for line in file.read_text().splitlines():
            name, _, value = line.partition("=")
            values[name] = "".join(shlex.split(value))
    values |= {name: os.environ[name] for name in _VARIABLES if os.environ.get(name)}
    missing = [name for name in _VARIABLES if name not in values]
    if missing:
        _refuse(
            f"缺少 {'、'.join(missing)}：请先用 make run 启动（会写出 {file}），或设置这些变量。",
            f"{', '.join(missing)} not known: start the server with make run (it writes {file}), or set them.",
        )
    return values


def _token(client: httpx.Client, environment: dict[str, str], user: str | None, password: str | None) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": environment["CAMUNDA_CLIENT_ID"],
        "client_secret": environment["CAMUNDA_CLIENT_SECRET"],
    }
    if user is not None:
        form = {"grant_type": "password", "username": user, "password": password or f"{user}-demo"}
    try:
        response = client.post(environment["CAMUNDA_OAUTH_URL"], data=form)
    except httpx.HTTPError as error:
        _refuse(
            f"连不上服务器 {client.base_url}：{error}。它在运行吗？（make run）",
            f"No connection to {client.base_url}: {error}. Is it running? (make run)",
        )
    if response.status_code != httpx.codes.OK:
        _refuse(f"登录被拒绝：{response.text}", f"Sign-in refused: {response.text}")
    token: str = response.json()["access_token"]
    return token


def _send(client: httpx.Client, method: str, path: str, body: str | None, headers: dict[str, str]) -> Any:
    content = None
    if body is not None:
        content = Path(body[1:]).read_bytes() if body.startswith("@") else body.encode()
        headers = {**headers, "Content-Type": "application/json"}
    response = client.request(method, path, content=content, headers=headers)
    is_json = "json" in response.headers.get("Content-Type", "")
    answer = decode_json(response.content) if is_json and response.content else response.text or None
    if response.is_error:
        click.echo(_readable(answer), err=True)
        raise SystemExit(1)
    return answer


def _part(answer: Any, pick: str) -> Any:
    """The part at a dotted path; None where the answer has none."""
    for step in pick.split("."):
        if isinstance(answer, list):
            index = int(step)
            answer = answer[index] if -len(answer) <= index < len(answer) else None
        elif isinstance(answer, dict):
            answer = answer.get(step)
        else:
            return None
    return answer


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else encode_json(value)


def _readable(answer: Any) -> str:
    return answer if isinstance(answer, str) else msgspec.json.format(encode_json(answer), indent=2)
