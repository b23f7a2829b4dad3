"""The web application: its page, its files, and what browsers are told to allow.

``make web`` builds it into ``api/static``; a wheel has it there. Files below ``/assets`` carry a digest in their
name and never change, so browsers keep them; ``index.html``, and ``licences.txt`` of what is bundled, are asked for
every time. Each file has a ``.gz`` beside it. A browser that opens an address of the application's own (``/review/…``)
is given the page; unknown addresses of the API stay problems. Where nothing was built the server runs as ever, and
``/`` says what to do.
"""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response, render_template, request, send_from_directory
from werkzeug.exceptions import NotFound

from server.settings import Settings

from .authorization import public
from .problems import of_http

BUILT = Path(__file__).with_name("static")
NOT_OF_THE_APPLICATION = frozenset(
    {"v2", "oauth", "assets", "health", "metrics", "docs", "openapi.json", "licences.txt"}
)
"""The first parts of addresses that are never pages of the application."""

# Styles are made by the components' libraries while they run; scripts come from files of our own only.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_FOR_A_YEAR = "public, max-age=31536000, immutable"


def register_web(app: Flask, settings: Settings, *, built: Path = BUILT) -> None:
    """Serve the application that was built into a folder, and send the security headers with every answer."""
    secure = settings.public_url.startswith("https://")

    @app.get("/")
    @public
    def page() -> Response:
        return _page(built)

    @app.get("/assets/<path:name>")
    @public
    def asset(name: str) -> Response:
        return _file(built / "assets", name, cache=_FOR_A_YEAR)

    @app.get("/licences.txt")
    @public
    def licences() -> Response:
        return _file(built, "licences.txt", cache="no-cache")

    @app.errorhandler(NotFound)
    def page_or_problem(error: NotFound) -> Response:
        return _page(built) if _asks_for_a_page() else of_http(error)

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if response.mimetype == "text/html":
            response.headers.setdefault("Content-Security-Policy", _POLICY)
        if secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response


def _asks_for_a_page() -> bool:
    first = request.path.split("/", 2)[1]
    if request.method not in ("GET", "HEAD") or first in NOT_OF_THE_APPLICATION:
        return False
    return "text/html" in request.headers.get("Accept", "")


def _page(built: Path) -> Response:
    if (built / "index.html").is_file():
        return _file(built, "index.html", cache="no-cache")
    response = Response(render_template("no_web.html"), mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    return response


def _file(folder: Path, name: str, *, cache: str) -> Response:
    """A file, packed where the browser takes that."""
    packed = "gzip" in request.accept_encodings and (folder / f"{name}.gz").is_file()
    response = send_from_directory(folder, f"{name}.gz" if packed else name, mimetype=_kind(name))
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = cache
    return response


def _kind(name: str) -> str | None:
    return _KINDS.get(Path(name).suffix)


_KINDS = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".woff": "font/woff",
    ".json": "application/json",
    ".txt": "text/plain",
}
