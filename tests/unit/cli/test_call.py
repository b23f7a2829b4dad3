"""``lendloom call``: what it sends, what it shows, and what it never gives away."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from click.testing import CliRunner, Result

from server.cli import main
from server.cli.call import part, plain, table_lines


@dataclass
class Listener:
    """A small HTTP server that answers what a test prepares, and remembers what it was asked."""

    answers: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    def answer(self, path: str, *documents: Any, status: int = 200) -> None:
        """The answers to a path, in turn; the last one stays."""
        self.answers[path] = [(status, document) for document in documents]

    def to(self, path: str) -> list[tuple[str, str, dict[str, str], bytes]]:
        return [each for each in self.asked if each[1] == path]


def _handler(listener: Listener) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            listener.asked.append((self.command, self.path, dict(self.headers), body))
            prepared = listener.answers.get(self.path, [(404, {"detail": "nothing here"})])
            status, document = prepared.pop(0) if len(prepared) > 1 else prepared[0]
            content = b"" if document is None else json.dumps(document, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            self.answer()

        def do_PUT(self) -> None:
            self.answer()

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


def _listening() -> Iterator[Listener]:
    listener = Listener()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(listener))
    listener.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield listener
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def other() -> Iterator[Listener]:
    yield from _listening()


@pytest.fixture
def lendloom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """A server that gives out tokens, and the demo.env that names it."""
    for name in ("REST_ADDRESS", "OAUTH_URL", "CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.delenv(f"CAMUNDA_{name}", raising=False)
    monkeypatch.delenv("LENDLOOM_PASSWORD", raising=False)
    monkeypatch.setenv("LENDLOOM_LANGUAGE", "en")
    monkeypatch.setenv("LENDLOOM_VAR", str(tmp_path))
    for listener in _listening():
        listener.answer("/oauth/token", {"access_token": "the-token"})
        (tmp_path / "demo.env").write_text(
            f"CAMUNDA_REST_ADDRESS={listener.url}\nCAMUNDA_OAUTH_URL={listener.url}/oauth/token\n"
            "CAMUNDA_CLIENT_ID=demo\nCAMUNDA_CLIENT_SECRET='it is secret'\n"
        )
        yield listener


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["call", *arguments])


def test_the_request_carries_a_token_by_client_credentials(lendloom: Listener) -> None:
    lendloom.answer("/v2/topology", {"clusterSize": 1})

    result = call("GET", "/v2/topology")

    assert (result.exit_code, json.loads(result.stdout)) == (0, {"clusterSize": 1})
    [(_, _, _, form)] = lendloom.to("/oauth/token")
    assert parse_qs(form.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["demo"],
        "client_secret": ["it is secret"],
    }
    [(_, _, headers, _)] = lendloom.to("/v2/topology")
    assert headers["Authorization"] == "Bearer the-token"


def test_for_a_person_it_signs_in_with_the_demos_password(lendloom: Listener) -> None:
    lendloom.answer("/v2/topology", {})

    call("GET", "/v2/topology", "--as", "li.na")
    call("GET", "/v2/topology", "--as", "li.na", "--password", "her own")

    forms = [parse_qs(form.decode()) for _, _, _, form in lendloom.to("/oauth/token")]
    assert [form["username"] for form in forms] == [["li.na"], ["li.na"]]
    assert [form["password"] for form in forms] == [["li.na-demo"], ["her own"]]


def test_another_server_never_gets_the_token(lendloom: Listener, other: Listener) -> None:
    other.answer("/payments/ledger", {"items": []})

    result = call("GET", f"{other.url}/payments/ledger", "--as", "li.na")

    assert result.exit_code == 0
    [(_, _, headers, _)] = other.asked
    assert "Authorization" not in headers
    assert lendloom.asked == []


def test_the_body_is_text_or_a_file(lendloom: Listener, tmp_path: Path) -> None:
    lendloom.answer("/v2/process-instances", {})
    (tmp_path / "application.json").write_text('{"name": "林小满"}')

    call("POST", "/v2/process-instances", '{"amount": 1.10}')
    call("POST", "/v2/process-instances", f"@{tmp_path}/application.json")

    bodies = [body.decode() for _, _, _, body in lendloom.to("/v2/process-instances")]
    assert bodies == ['{"amount": 1.10}', '{"name": "林小满"}']


def test_a_file_that_is_not_there_is_named(lendloom: Listener) -> None:
    result = call("POST", "/v2/process-instances", "@nowhere.json")

    assert result.exit_code == 1
    assert "nowhere.json" in result.stderr
    assert lendloom.asked == []


def test_a_search_can_be_written_as_conditions(lendloom: Listener) -> None:
    lendloom.answer("/v2/user-tasks/search", {"items": []})

    call("POST", "/v2/user-tasks/search", "--where", "state=CREATED", "--where", "name=a=b", "--sort", "-dueDate")

    [(_, _, _, body)] = lendloom.to("/v2/user-tasks/search")
    assert json.loads(body) == {
        "filter": {"state": "CREATED", "name": "a=b"},
        "sort": [{"field": "dueDate", "order": "DESC"}],
    }


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--where", "state"], "NAME=TEXT"),
        (["{}", "--where", "state=CREATED"], "leave BODY out"),
        (["--until", "COMPLETED"], "--pick"),
    ],
)
def test_what_contradicts_itself_is_a_usage_error(lendloom: Listener, arguments: list[str], complaint: str) -> None:
    result = call("POST", "/v2/user-tasks/search", *arguments)

    assert result.exit_code == 2
    assert complaint in result.stderr
    assert lendloom.asked == []


def test_it_asks_again_until_the_part_is_there(lendloom: Listener) -> None:
    lendloom.answer("/v2/loans/1", {"state": "ACTIVE"}, {"state": "ACTIVE"}, {"state": "OVERDUE"})

    result = call("GET", "/v2/loans/1", "--pick", "state", "--until", "OVERDUE")

    assert (result.exit_code, result.stdout) == (0, "OVERDUE\n")
    assert len(lendloom.to("/v2/loans/1")) == 3
    assert len(lendloom.to("/oauth/token")) == 1


def test_it_does_not_ask_for_ever(lendloom: Listener) -> None:
    lendloom.answer("/v2/loans/1", {"state": "ACTIVE"})

    result = call("GET", "/v2/loans/1", "--pick", "state", "--until", "OVERDUE", "--timeout", "0.3")

    assert result.exit_code == 1
    assert "still ACTIVE, not OVERDUE" in result.stderr


def test_a_refusal_is_told_in_its_own_words(lendloom: Listener) -> None:
    problem = {"detail": "The form has an error.", "errors": [{"pointer": "/variables/a", "detail": "Too high."}]}
    lendloom.answer("/v2/user-tasks/1/completion", problem, status=400)

    result = call("POST", "/v2/user-tasks/1/completion", "{}")

    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == "400 Bad Request\nThe form has an error.\n  /variables/a: Too high.\n"


def test_a_refused_sign_in_is_told_too(lendloom: Listener) -> None:
    lendloom.answer("/oauth/token", {"error": "invalid_grant", "error_description": "Wrong password."}, status=400)

    result = call("GET", "/v2/topology", "--as", "li.na")

    assert (result.exit_code, result.stderr) == (1, "400 Bad Request\nWrong password.\n")
    assert lendloom.to("/v2/topology") == []


def test_the_server_is_asked_for_the_readers_language(lendloom: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    lendloom.answer("/v2/topology", {})
    monkeypatch.setenv("LENDLOOM_LANGUAGE", "zh")

    call("GET", "/v2/topology")

    [(_, _, headers, _)] = lendloom.to("/v2/topology")
    assert headers["Accept-Language"] == "zh"


def test_verbose_shows_what_is_said(lendloom: Listener) -> None:
    lendloom.answer("/v2/topology", {"clusterSize": 1})

    result = call("GET", "/v2/topology", "--verbose", "--pick", "clusterSize")

    assert result.stdout == "1\n"
    assert f"> GET {lendloom.url}/v2/topology\n> Authorization: Bearer the-token\n< 200 OK\n" in result.stderr


def test_an_empty_answer_prints_nothing(lendloom: Listener) -> None:
    lendloom.answer("/v2/clock", None, status=204)

    assert call("PUT", "/v2/clock", "{}").stdout == ""


def test_a_server_that_does_not_run_is_explained(tmp_path: Path, lendloom: Listener) -> None:
    text = (tmp_path / "demo.env").read_text().replace(lendloom.url, "http://127.0.0.1:1")
    (tmp_path / "demo.env").write_text(text)

    result = call("GET", "/v2/topology")

    assert result.exit_code == 1
    assert "make run" in result.stderr


def test_without_an_installation_it_says_how_to_get_one(tmp_path: Path, lendloom: Listener) -> None:
    (tmp_path / "demo.env").unlink()

    result = call("GET", "/v2/topology")

    assert result.exit_code == 1
    assert "CAMUNDA_REST_ADDRESS" in result.stderr
    assert "make run" in result.stderr


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("items.0.name", "a"),
        ("items.-1.name", "b"),
        ("items.2.name", None),
        ("items.name", None),
        ("page.totalItems", 2),
        ("page.totalItems.more", None),
    ],
)
def test_a_part_is_found_by_its_place(place: str, expected: Any) -> None:
    answer = {"items": [{"name": "a"}, {"name": "b"}], "page": {"totalItems": 2}}

    assert part(answer, place) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("text", "text"), (Decimal("5330.90"), "5330.90"), (True, "true"), (None, "null"), ({"a": [1]}, '{"a":[1]}')],
)
def test_a_part_is_printed_for_a_shell(value: Any, expected: str) -> None:
    assert plain(value) == expected


def test_a_table_is_aligned_also_in_chinese() -> None:
    rows = [{"name": "信审", "groups": ["a", "b"], "due": {"at": "9:00"}}, {"name": "x", "groups": [], "due": None}]

    assert table_lines(rows, ["name", "groups", "due.at"]) == [
        "name  groups  due.at",
        "信审  a, b    9:00",
        "x             -",
    ]


def test_a_document_is_a_table_of_one_row(lendloom: Listener) -> None:
    lendloom.answer("/v2/loans/1", {"loanId": "LN1", "daysPastDue": 3})

    assert call("GET", "/v2/loans/1", "--table", "loanId,daysPastDue").stdout == "loanId  daysPastDue\nLN1     3\n"


def test_text_is_no_table(lendloom: Listener) -> None:
    lendloom.answer("/v2/loans/1", {"loanId": "LN1"})

    result = call("GET", "/v2/loans/1", "--pick", "loanId", "--table", "a")

    assert result.exit_code == 1
    assert "--pick" in result.stderr
