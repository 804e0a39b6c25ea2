"""Serves the twin: in a thread of this process for tests, or under gunicorn for the demo."""

import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from bot.gateways.twilio_twin import control, rest
from bot.gateways.twilio_twin.clock import Clock, clock_of, real_clock
from bot.gateways.twilio_twin.exchange import Exchange

THREADS = 8
LARGEST_REQUEST = 1 << 20  # bytes


def twin_app(exchange: Exchange) -> Flask:
    """The twin as a WSGI application."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    app.extensions["exchange"] = exchange
    app.register_blueprint(rest.routes)
    app.register_blueprint(control.routes)
    return app


class _Quiet(WSGIRequestHandler):
    """Logs no request: a query may hold a number."""

    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class Serving:
    """An application that is served by a thread of this process."""

    base_url: str
    _server: BaseWSGIServer
    _thread: threading.Thread

    def stop(self) -> None:
        """Serve no more, and wait for the thread."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def serve_app(app: Any, port: int = 0) -> Serving:
    """Serve a WSGI application on 127.0.0.1; port 0: any that is free."""
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    return Serving(f"http://127.0.0.1:{server.server_port}", server, thread)


@dataclass(frozen=True, slots=True)
class RunningTwin:
    """A twin that is served by a thread of this process."""

    base_url: str
    exchange: Exchange
    _serving: Serving

    def stop(self) -> None:
        """Stop it; with a journal, the next one goes on from there."""
        self._serving.stop()
        self.exchange.close()


def serve_in_thread(
    *,
    account: str,
    token: str,
    sms_url: str,
    port: int = 0,
    journal: Path | None = None,
    now: Clock = real_clock,
) -> RunningTwin:
    """Start a twin in this process; port 0: any that is free."""
    exchange = Exchange(account=account, token=token, sms_url=sms_url, journal=journal, now=now)
    serving = serve_app(twin_app(exchange), port)
    return RunningTwin(serving.base_url, exchange, serving)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says."""

    host: str
    port: int
    account: str
    token: str
    sms_url: str
    journal: Path | None
    clock_file: Path | None


class TwinServer(BaseApplication):  # type: ignore[misc]
    """gunicorn with one threaded worker, as all state is in its memory."""

    def __init__(self, options: Options) -> None:
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        """gunicorn's settings; no access log, and no control socket, which would stand at a shared path."""
        wanted = {
            "bind": f"{self.options.host}:{self.options.port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "keepalive": 75,
            "graceful_timeout": 3,
            "control_socket_disable": True,
            "loglevel": "warning",
            "proc_name": "twilio-twin",
            "when_ready": _tell,
        }
        for name, value in wanted.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Made in the worker: threads don't outlive a fork."""
        options = self.options
        exchange = Exchange(
            account=options.account,
            token=options.token,
            sms_url=options.sms_url,
            journal=options.journal,
            now=clock_of(options.clock_file),
        )
        return twin_app(exchange)


def _tell(arbiter: Any) -> None:
    """The base URL on standard output, for whoever waits for it (and to learn the port, for port 0)."""
    host, port = arbiter.LISTENERS[0].sock.getsockname()[:2]
    sys.stdout.write(f"http://{host}:{port}\n")
    sys.stdout.flush()
