"""``lendloom call``: one request to a running server, signed in, with the answer made readable.

It reads the same variables as the official clients, so what works here works there.
"""

from __future__ import annotations

import ipaddress
import os
import shlex
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import click
import httpx
import msgspec

from server.cli.console import SpeakingCommand, fail, language
from server.messages import Message

_VARIABLES = ("CAMUNDA_REST_ADDRESS", "CAMUNDA_OAUTH_URL", "CAMUNDA_CLIENT_ID", "CAMUNDA_CLIENT_SECRET")
_ASK_AGAIN_EVERY = 0.25
# Not those of server.store: a command that only talks HTTP should not wait for the database's libraries.
_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(float_hook=Decimal)


@click.command(cls=SpeakingCommand)
@click.argument("method", type=click.Choice(["GET", "POST", "PUT", "PATCH", "DELETE"], case_sensitive=False))
@click.argument("path")
@click.argument("body", required=False)
@click.option("--as", "user", metavar="USER", help="Act for this person; the password comes from --password.")
@click.option("--password", envvar="LENDLOOM_PASSWORD", help="Default: what the demo gave to its people.")
@click.option("--where", metavar="NAME=TEXT", multiple=True, help="For a search: filter by equality; repeatable.")
@click.option("--sort", metavar="NAME", help="For a search: the field to sort by; -NAME for descending.")
@click.option("--pick", metavar="PLACE", help="Print only this part of the answer, such as items.0.userTaskKey.")
@click.option("--table", metavar="NAMES", help="Print a list as a table of these columns, such as name,assignee.")
@click.option("--until", metavar="VALUE", help="With --pick: ask again until the part is VALUE (or, with *, exists).")
@click.option("--timeout", type=float, default=30.0, show_default=True, help="Seconds to wait in all.")
@click.option("--verbose", "-v", is_flag=True, help="Show what is sent and what comes back, token and all.")
@click.option("--var", type=click.Path(path_type=Path), envvar="LENDLOOM_VAR", default=Path("var"), show_default=True)
def call(
    method: str,
    path: str,
    body: str | None,
    user: str | None,
    password: str | None,
    where: tuple[str, ...],
    sort: str | None,
    pick: str | None,
    table: str | None,
    until: str | None,
    timeout: float,
    verbose: bool,
    var: Path,
) -> None:
    """Send METHOD to PATH of the server that var/demo.env names, and print its answer.

    BODY is JSON text, or @FILE. Without --as the request is the demo client's; the exit code is 1 when the
    server refuses. A PATH that is the whole address of another server is sent without the token.

    \b
    Examples:
      lendloom call GET /v2/topology
      lendloom call POST /v2/process-instances @docs/examples/application.json --pick processInstanceKey
      lendloom call POST /v2/user-tasks/search '{"filter":{"priority":{"$gte":80}}}' --as li.na
      lendloom call POST /v2/user-tasks/search --where state=CREATED --as li.na --table name,dueDate
      lendloom call GET /v2/process-instances/4711 --pick state --until COMPLETED
    """
    if until is not None and pick is None:
        raise click.UsageError("--until needs --pick: which part of the answer is it about?")
    content = _content(body, where, sort)
    environment = _environment(var)
    root = httpx.URL(environment["CAMUNDA_REST_ADDRESS"])
    with httpx.Client(timeout=timeout, trust_env=not _is_this_machine(root.host)) as client:
        server = _Server(client, environment, verbose)
        headers = {"Accept-Language": language()}
        if _origin(root.join(path)) == _origin(root):
            headers["Authorization"] = f"Bearer {server.token(user, password)}"

        def ask() -> Any:
            answer = server.send(method.upper(), root.join(path), headers, content)
            return answer if pick is None else part(answer, pick)

        chosen = ask() if until is None else _await(ask, until, what=pick or "", seconds=timeout)
    if table is not None:
        click.echo("\n".join(table_lines(_rows(chosen), table.split(","))))
    elif pick is not None:
        click.echo(plain(chosen))
    elif chosen is not None:
        click.echo(readable(chosen))


def _await(ask: Callable[[], Any], value: str, *, what: str, seconds: float) -> Any:
    """Ask until the answer is the value (or, with ``*``, anything)."""
    deadline = time.monotonic() + seconds
    while True:
        chosen = ask()
        if chosen is not None and value in ("*", plain(chosen)):
            return chosen
        if time.monotonic() > deadline:
            wanted = ("任何值", "anything") if value == "*" else (value, value)
            _refuse(
                f"等待 {seconds:g} 秒后，{what} 仍是 {plain(chosen)}，不是 {wanted[0]}。",
                f"After {seconds:g} seconds {what} is still {plain(chosen)}, not {wanted[1]}.",
            )
        time.sleep(_ASK_AGAIN_EVERY)


# -- the conversation --


@dataclass(frozen=True, slots=True)
class _Server:
    """The server at the other end, and whether to show what is said."""

    client: httpx.Client
    environment: Mapping[str, str]
    verbose: bool

    def token(self, user: str | None, password: str | None) -> str:
        """An access token for the demo's client, or for a person."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self.environment["CAMUNDA_CLIENT_ID"],
            "client_secret": self.environment["CAMUNDA_CLIENT_SECRET"],
        }
        if user is not None:
            form = {"grant_type": "password", "username": user, "password": password or f"{user}-demo"}
        response = self._exchange(self.client.build_request("POST", self.environment["CAMUNDA_OAUTH_URL"], data=form))
        if response.is_error:
            _show_refusal(response)
        token: str = response.json()["access_token"]
        return token

    def send(self, method: str, url: httpx.URL, headers: Mapping[str, str], content: bytes | None) -> Any:
        """The answer as a value: a document, text, or None where there is none. A refusal ends the command."""
        kind = {} if content is None else {"Content-Type": "application/json"}
        response = self._exchange(self.client.build_request(method, url, headers={**headers, **kind}, content=content))
        if response.is_error:
            _show_refusal(response)
        return _value(response)

    def _exchange(self, request: httpx.Request) -> httpx.Response:
        if self.verbose:
            click.echo(f"> {request.method} {request.url}", err=True)
            for name in ("Authorization", "Content-Type"):
                if name in request.headers:
                    click.echo(f"> {name}: {request.headers[name]}", err=True)
            if request.content:
                click.echo(f">\n> {request.content.decode()}", err=True)
        try:
            response = self.client.send(request)
        except httpx.HTTPError as error:
            _refuse(
                f"连不上服务器 {request.url}：{error}。它在运行吗？（make run）",
                f"No connection to {request.url}: {error}. Is it running? (make run)",
            )
        if self.verbose:
            click.echo(f"< {_status(response)}", err=True)
            if response.content:
                click.echo(f"< {response.text.strip()}", err=True)
        return response


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


def _content(body: str | None, where: Sequence[str], sort: str | None) -> bytes | None:
    """The body of the request: as given, from a file, or the search that --where and --sort describe."""
    if where or sort:
        if body is not None:
            raise click.UsageError("--where and --sort write the body of a search; leave BODY out, or write all of it.")
        return _encoder.encode(_search(where, sort))
    if body is None or not body.startswith("@"):
        return None if body is None else body.encode()
    try:
        return Path(body[1:]).read_bytes()
    except OSError as error:
        _refuse(f"无法读取 {body[1:]}：{error.strerror}。", f"{body[1:]} cannot be read: {error.strerror}.")


def _search(where: Sequence[str], sort: str | None) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    for condition in where:
        name, equals, value = condition.partition("=")
        if not equals:
            raise click.UsageError(f"--where {condition}: write NAME=TEXT, such as state=CREATED.")
        asked.setdefault("filter", {})[name] = value
    if sort:
        asked["sort"] = [{"field": sort.removeprefix("-"), "order": "DESC" if sort.startswith("-") else "ASC"}]
    return asked


def _value(response: httpx.Response) -> Any:
    is_json = "json" in response.headers.get("Content-Type", "")
    return _decoder.decode(response.content) if is_json and response.content else response.text or None


def _is_this_machine(host: str) -> bool:
    """Whether no proxy can know this host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _status(response: httpx.Response) -> str:
    return f"{response.status_code} {httpx.codes.get_reason_phrase(response.status_code)}".rstrip()


def _show_refusal(response: httpx.Response) -> NoReturn:
    """Tell a problem in a few lines; --verbose has shown all of it."""
    problem = _value(response)
    click.echo(_status(response), err=True)
    # A token's refusal speaks OAuth (RFC 6749, 5.2), every other one is application/problem+json (RFC 9457).
    detail = problem.get("detail") or problem.get("error_description") if isinstance(problem, dict) else None
    if isinstance(problem, dict) and detail:
        click.echo(detail, err=True)
        for error in problem.get("errors") or ():
            click.echo(f"  {error.get('pointer', '')}: {error.get('detail', '')}", err=True)
    elif problem is not None:
        click.echo(readable(problem), err=True)
    raise SystemExit(1)


def _refuse(zh: str, en: str) -> NoReturn:
    fail(Message("call.failed", zh, en))


# -- what is shown of an answer --


def part(answer: Any, place: str) -> Any:
    """The part at a dotted path such as ``items.0.name``; None where the answer has none."""
    for step in place.split("."):
        if isinstance(answer, list) and step.lstrip("-").isdecimal():
            index = int(step)
            answer = answer[index] if -len(answer) <= index < len(answer) else None
        elif isinstance(answer, dict):
            answer = answer.get(step)
        else:
            return None
    return answer


def plain(value: Any) -> str:
    """A value as a shell wants it: text without quotes, everything else as JSON."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else _json(value)


def readable(answer: Any) -> str:
    """Text as it is, everything else as indented JSON."""
    return answer if isinstance(answer, str) else msgspec.json.format(_json(answer), indent=2)


def table_lines(rows: Sequence[Any], columns: Sequence[str]) -> list[str]:
    """Rows under the names of their columns, aligned also where characters are two places wide."""
    cells = [list(columns), *([_cell(part(row, column)) for column in columns] for row in rows)]
    widths = [max(_width(line[n]) for line in cells) for n in range(len(columns))]
    return ["  ".join(map(_padded, line, widths)).rstrip() for line in cells]


def _rows(chosen: Any) -> list[Any]:
    """The rows of a search's page, of a list, or the one row that a single document is."""
    if isinstance(chosen, dict):
        return chosen["items"] if isinstance(chosen.get("items"), list) else [chosen]
    if not isinstance(chosen, list):
        _refuse(
            "答复中没有可以列成表格的内容；请用 --pick 指出列表的位置。",
            "The answer has nothing to make a table of; say with --pick where the list is.",
        )
    return chosen


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return ", ".join(plain(each) for each in value) if isinstance(value, list) else plain(value)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _json(value: Any) -> str:
    return _encoder.encode(value).decode()
