"""The simulators as one Flask application.

``GET /health`` answers when it is up; ``/behaviour`` changes how the services misbehave
(:mod:`simulators.behaviour`). The services are ``/payments`` (:mod:`simulators.payments`),
``/bureau/reports`` (:mod:`simulators.bureau`), ``/fraud/scans`` (:mod:`simulators.fraud`) and ``/messages``
(:mod:`simulators.messages`).

State is in the memory of one process: serve it with threads, never with several worker processes.
"""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response, jsonify

from simulators.behaviour import Behaviour, behaviour_blueprint
from simulators.bureau import bureau_blueprint
from simulators.fraud import fraud_blueprint
from simulators.messages import messages_blueprint
from simulators.payment_book import PaymentBook
from simulators.payments import payments_blueprint
from simulators.problems import answer_problems


def create_app(journal: Path | None = None) -> Flask:
    """The application; ``journal`` is the file that remembers payments over a restart."""
    app = Flask("simulators")
    behaviour = Behaviour()
    answer_problems(app)

    @app.get("/health")
    def health() -> Response:
        return jsonify({"status": "UP"})

    app.register_blueprint(behaviour_blueprint(behaviour))
    app.register_blueprint(payments_blueprint(PaymentBook(journal), behaviour))
    app.register_blueprint(bureau_blueprint(behaviour))
    app.register_blueprint(fraud_blueprint(behaviour))
    app.register_blueprint(messages_blueprint(behaviour))
    return app
