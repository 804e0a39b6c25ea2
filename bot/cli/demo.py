"""`bot demo`: the whole service on this machine, with a stand-in for Twilio and made-up patients."""

import base64
import secrets
import socket
import urllib.error
import urllib.request
from pathlib import Path

import click
from rich.console import Console

from bot import log, settings
from bot.cli import demo_data, supervise
from bot.cli.run import environment
from bot.cli.wiring import servers
from bot.errors import BadSettings
from bot.gateways import push
from bot.runtime import CLOCK_FILE, Runtime
from bot.service import demo as doing
from bot.service.entrance import demo_sign_in
from bot.service.operate import migrate
from bot.settings import DEMO_FILE, HOME, Settings

_ON_CALL = "maria"
"""Whose on-call page is offered at the start."""


@click.command()
@click.option(
    "--port",
    default=8000,
    show_default=True,
    help="Port of the web; the stand-in for Twilio takes the next one.",
)
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    help="Where data is kept; the next start goes on from it. [default: DATA_DIR or var]",
)
def demo(port: int, data_dir: Path | None) -> None:
    """Try it: everything on this machine, with made-up patients. Ctrl-C stops all of it."""
    log.configure(level="WARNING")
    _free(port, port + 1)
    given = _settings(port, data_dir)
    console = Console(highlight=False)
    console.print("[dim]Starting PostgreSQL and Valkey …[/]")
    with servers(given) as ready:
        rt = Runtime(ready)
        migrate(rt)
        demo_data.fill(rt)
        link = doing.link_to_oncall(rt, _ON_CALL)
        rt.engine.dispose()
        children = [_twin(ready), *_processes()]
        announce = _Announce(console, ready, link)
        supervise.run(children, environment(ready), tend=announce.look)
    console.print("[dim]Stopped. Everything is kept; `bot demo` goes on from here.[/]")


def _free(*ports: int) -> None:
    """Raise BadSettings if a port is taken: better one line now than a web that never comes up."""
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("0.0.0.0", port))  # noqa: S104  # what gunicorn will bind
            except OSError:
                raise BadSettings(f"Port {port} is in use; choose others with --port.") from None


class _Announce:
    """Says once where to click, as soon as the web answers."""

    def __init__(self, console: Console, ready: Settings, oncall: str | None) -> None:
        self._console, self._url, self._oncall, self._done = console, ready.public_url, oncall, False

    def look(self) -> None:
        """Called by the supervisor at every look."""
        if self._done or not _answers(f"{self._url}/readyz"):
            return
        self._done = True
        rows = (
            ("Phone simulator", f"{self._url}/phone"),
            ("Console", f"{self._url}/console"),
            *((("On-call page", self._oncall),) if self._oncall else ()),
            ("Documentation", f"{self._url}/docs"),
            ("Health", f"{self._url}/readyz"),
        )
        self._console.print("\n[bold]careline is running.[/] Open the phone and text as a patient.\n")
        for name, url in rows:
            self._console.print(f"  {name:<16} [link={url}]{url}[/link]", soft_wrap=True)
        self._console.print("\nAt the console sit down as anybody with one click, or sign in:\n")
        for email in demo_data.ADDRESSES:
            self._console.print(f"  {email:<28} {demo_sign_in.PASSWORD}", soft_wrap=True)
        self._console.print("\n[dim]Ctrl-C stops all of it.[/]")


def _settings(port: int, data_dir: Path | None) -> Settings:
    """The demo's settings; keys are made once and kept beside the data. A file of an older demo gets what it lacks."""
    overrides: dict[str, object] = {"data_dir": data_dir.resolve()} if data_dir else {}
    directory = settings.load(**overrides).data_dir.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / DEMO_FILE
    file.touch(mode=0o600)
    kept = dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)
    kept = _fresh_keys() | kept
    url = f"http://localhost:{port}"
    mine = {"PUBLIC_URL": url, "PORT": str(port), "TWILIO_API_BASE": f"http://127.0.0.1:{port + 1}"}
    file.write_text("".join(f"{name}={value}\n" for name, value in {**kept, **mine}.items()))
    values = {name.lower(): value for name, value in {**kept, **mine}.items()}
    return settings.load(**{**values, "data_dir": directory})


def _fresh_keys() -> dict[str, str]:
    return {
        "MASTER_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
        "SECRET_KEYS": secrets.token_urlsafe(32),
        "TWILIO_ACCOUNT_SID": f"AC{secrets.token_hex(16)}",
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "VAPID_KEY": push.new_key(),
        "DEMO": "true",
    }


def _twin(ready: Settings) -> supervise.Child:
    command = [
        *supervise.python("-m", "bot.gateways.twilio_twin"),
        *("--port", str(ready.port + 1), "--sms-url", f"{ready.public_url}/twilio/sms"),
        *("--journal", str(ready.data_dir / "twin.jsonl"), "--clock-file", str(ready.data_dir / CLOCK_FILE)),
    ]
    return supervise.Child("twin", command)


def _processes() -> list[supervise.Child]:
    procfile = supervise.read_procfile(HOME / "Procfile")
    return [supervise.Child(name, command) for name, command in procfile.items() if name != "release"]


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310  # our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False
