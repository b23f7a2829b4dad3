"""The command that serves the simulators: ``lendloom simulators``, or ``python -m simulators``."""

from __future__ import annotations

import errno
import logging
import signal
import sys
import threading
from pathlib import Path
from queue import SimpleQueue

import click
from werkzeug.serving import make_server

from simulators.app import create_app
from simulators.payment_book import JournalError

DEFAULT_PORT = 8090


@click.command("simulators")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=DEFAULT_PORT, show_default=True, help="Port to listen on; 0 takes a free one.")
@click.option(
    "--journal",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File that remembers payments over a restart (JSON lines); without it they are forgotten.",
)
def simulators(host: str, port: int, journal: Path | None) -> None:
    """Serve a lender's outside world: payments, credit bureau, fraud scan and messages.

    For demonstrations and tests. The services decline, time out and lose answers on purpose: by account
    number, or as told through PUT /behaviour.
    """
    try:
        serve(host, port, journal)
    except JournalError as error:
        raise click.ClickException(f"{error} Repair the journal or choose another with --journal.") from error
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise click.ClickException(f"Port {port} is in use; choose another with --port.") from error
    except SystemExit as stopped:
        # Werkzeug ends the program itself where a port is taken; the cause is on standard error by then.
        raise click.ClickException(f"Cannot listen on {host}:{port}; choose another --port.") from stopped


def serve(host: str, port: int, journal: Path | None = None) -> None:
    """Serves the simulators until SIGINT or SIGTERM; says on standard output where."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server(host, port, create_app(journal), threaded=True)

    told: SimpleQueue[int] = SimpleQueue()

    def stop() -> None:
        told.get()
        server.shutdown()

    # shutdown() waits for the serving loop, which runs on this very thread. A handler may be interrupted by the next
    # signal: what it does must not need a lock that it holds itself.
    threading.Thread(target=stop, daemon=True).start()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _frame: told.put(received))
    click.echo(f"Simulators listen on http://{host}:{server.port}")
    sys.stdout.flush()
    server.serve_forever()
    server.server_close()
