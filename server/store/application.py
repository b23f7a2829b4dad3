"""The bare Flask application of processes without a web server: workers, clocks, command-line tools."""

from __future__ import annotations

import os

from flask import Flask

from server.messages import LendloomError, Message
from server.settings import Settings

from .database import bind


class NoDatabaseError(LendloomError):
    """The settings name no database, and the embedded one has not been started for them."""


def bare_app(settings: Settings, *, pool_size: int = 8) -> Flask:
    """An application that has the database and nothing else; push its context in every thread that needs it."""
    if settings.database_url is None:
        raise NoDatabaseError(
            Message(
                "store.no-database",
                "未设置 LENDLOOM_DATABASE_URL，且内嵌数据库尚未启动；请用 lendloom up 启动。",
                "LENDLOOM_DATABASE_URL is not set and the embedded database was not started; use lendloom up.",
            )
        )
    app = Flask("lendloom")
    configure_webhook(app, os.environ)
    bind(app, settings.database_url, pool_size=pool_size)
    return app


def configure_webhook(app: Flask, environ: os._Environ[str] | dict[str, str]) -> None:
    """Tell ``app`` where events are sent to, if anywhere; the secret signs them."""
    app.config["LENDLOOM_WEBHOOK_URL"] = environ.get("LENDLOOM_WEBHOOK_URL") or None
    app.config["LENDLOOM_WEBHOOK_SECRET"] = environ.get("LENDLOOM_WEBHOOK_SECRET") or ""
