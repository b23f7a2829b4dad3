"""The web application's page and files, and what browsers are told to allow."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_jwt_extended import JWTManager

from api.authorization import register_authorization
from api.problems import register_problems
from api.web import register_web
from server.identity.tokens import configure_tokens
from server.settings import Profile, Settings

PAGE = "text/html,application/xhtml+xml,*/*;q=0.8"
SECRET = "the signing secret of an installation under test"


def client_of(folder: Path, settings: Settings) -> FlaskClient:
    """The API's manners around the files in a folder."""
    app = Flask("api", static_folder=None)
    tokens: JWTManager = configure_tokens(app, settings)
    register_problems(app)
    register_authorization(app, tokens)
    register_web(app, settings, built=folder)
    return app.test_client()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings without a database: none is asked."""
    return Settings(profile=Profile.TEST, var=tmp_path, secret_key=SECRET)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A built application."""
    assets = tmp_path / "static" / "assets"
    assets.mkdir(parents=True)
    (assets.parent / "index.html").write_text("<title>Lendloom</title>")
    (assets / "index-1.js").write_text("main()")
    (assets / "index-1.js.gz").write_bytes(gzip.compress(b"main()"))
    return assets.parent


@pytest.fixture
def browser(built: Path, settings: Settings) -> Iterator[FlaskClient]:
    """A client of a server that has a built application."""
    with client_of(built, settings) as client:
        yield client


@pytest.mark.parametrize("address", ["/", "/review", "/review/tasks/123", "/cases/business/JJ-2026-0001"])
def test_every_address_of_the_application_is_its_page(browser: FlaskClient, address: str) -> None:
    answer = browser.get(address, headers={"Accept": PAGE})
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert answer.text == "<title>Lendloom</title>"
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("address", ["/v2/nothing", "/oauth/nothing", "/assets/gone.js", "/docs/nothing"])
def test_an_address_of_the_api_that_is_not_there_stays_a_problem(browser: FlaskClient, address: str) -> None:
    answer = browser.get(address, headers={"Accept": PAGE})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_a_program_that_asks_for_no_page_is_told_that_there_is_nothing(browser: FlaskClient) -> None:
    assert browser.get("/review", headers={"Accept": "application/json"}).status_code == 404
    assert browser.post("/review", headers={"Accept": PAGE}).status_code == 404


def test_files_are_kept_for_ever_and_sent_packed(browser: FlaskClient) -> None:
    packed = browser.get("/assets/index-1.js", headers={"Accept-Encoding": "gzip"})
    assert (packed.mimetype, packed.headers["Content-Encoding"]) == ("text/javascript", "gzip")
    assert gzip.decompress(packed.data) == b"main()"
    assert "immutable" in packed.headers["Cache-Control"]
    plain = browser.get("/assets/index-1.js")
    assert plain.data == b"main()"
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"


def test_the_licences_of_what_is_bundled_are_text_that_is_asked_for_every_time(
    browser: FlaskClient, built: Path
) -> None:
    assert browser.get("/licences.txt", headers={"Accept": PAGE}).status_code == 404
    (built / "licences.txt").write_text("react 19 (MIT)")
    answer = browser.get("/licences.txt", headers={"Accept": PAGE})
    assert (answer.status_code, answer.mimetype, answer.text) == (200, "text/plain", "react 19 (MIT)")
    assert answer.headers["Cache-Control"] == "no-cache"


def test_no_file_outside_is_served(browser: FlaskClient, built: Path) -> None:
    (built / "secret.txt").write_text("secret")
    assert browser.get("/assets/../secret.txt").status_code == 404
    assert browser.get("/assets/%2e%2e/secret.txt").status_code == 404


def test_scripts_come_from_the_server_only(browser: FlaskClient) -> None:
    headers = browser.get("/").headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Strict-Transport-Security" not in headers


def test_all_answers_are_protected_and_browsers_stay_with_https(built: Path, tmp_path: Path) -> None:
    settings = Settings(profile=Profile.TEST, var=tmp_path, secret_key=SECRET, public_url="https://lendloom.example")
    problem = client_of(built, settings).get("/v2/nothing")
    assert problem.headers["X-Content-Type-Options"] == "nosniff"
    assert "max-age" in problem.headers["Strict-Transport-Security"]


def test_without_a_built_application_the_page_says_what_to_do(tmp_path: Path, settings: Settings) -> None:
    answer = client_of(tmp_path / "nothing", settings).get("/")
    assert answer.status_code == 200
    assert "make web" in answer.text
    assert "Node.js" in answer.text
    assert "尚未构建" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
