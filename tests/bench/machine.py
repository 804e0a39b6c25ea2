"""What the benchmarks share: servers and processes as in production, the floor, and lines of the table."""

import secrets
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg

from bot.cli import supervise
from bot.cli.run import environment
from bot.gateways import embedded
from bot.runtime import Runtime
from bot.service import operate
from bot.settings import HOME
from tests.bench.load import Hit, Shot, saturate, shots
from tests.conftest import ACCOUNT, CLINIC_PHONE, TOKEN, make_settings

WEB, TWIN, FLOOR = 8801, 8802, 8803
_GUNICORN = ("-m", "gunicorn", "--workers", "2", "--worker-class", "gthread", "--threads", "4")
_QUIET = ("--no-control-socket", "--log-level", "error")


def row(*cells: str) -> None:
    """One line of the table."""
    print("| " + " | ".join(cells) + " |", flush=True)


@contextmanager
def machine(directory: Path, **given: object) -> Iterator[Runtime]:
    """PostgreSQL and Valkey with fsync on, migrated; `given` are settings beside those of every run."""
    with embedded.postgres(directory) as database, embedded.valkey(directory) as redis:
        common = {
            "database_url": database,
            "redis_url": redis,
            "data_dir": directory,
            "public_url": f"http://127.0.0.1:{WEB}",
            "port": WEB,
            "twilio_api_base": f"http://127.0.0.1:{TWIN}",
        }
        rt = Runtime(make_settings(**(common | given)))
        operate.migrate(rt)
        with psycopg.connect(database) as conn:
            conn.execute("CREATE TABLE floor (id bigserial PRIMARY KEY, sid text UNIQUE, body text)")
        yield rt
        rt.engine.dispose()


@contextmanager
def running(rt: Runtime, names: Sequence[str]) -> Iterator[list[psutil.Process]]:
    """Processes of the Procfile by their names there, and 'twin'; all are stopped at the end."""
    variables = environment(rt.settings)
    procfile = supervise.read_procfile(HOME / "Procfile")
    procfile["twin"] = [
        *(sys.executable, "-m", "bot.gateways.twilio_twin", "--port", str(TWIN)),
        *("--sms-url", f"{rt.settings.public_url}/twilio/sms"),
    ]
    children = [
        subprocess.Popen(
            procfile[name],
            env=variables,
            start_new_session=True,
            stderr=subprocess.DEVNULL,
        )
        for name in names
    ]
    try:
        for port in (WEB, TWIN) if "twin" in names else (WEB,):
            _wait_for(port)
        yield [psutil.Process(child.pid) for child in children]
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(20)


def floor_rate(rt: Runtime, phones: Sequence[str]) -> float:
    """Requests a second of the floor, a text from each of these phones; see `floor.py`."""
    variables = environment(rt.settings) | {"PUBLIC_URL": f"http://127.0.0.1:{FLOOR}"}
    command = [sys.executable, *_GUNICORN, *_QUIET, "--bind", f"127.0.0.1:{FLOOR}", "tests.bench.floor:app"]
    with subprocess.Popen(command, env=variables, cwd=HOME) as process:
        try:
            _wait_for(FLOOR)
            saturate(FLOOR, texts(phones[:300], FLOOR))
            return rate(saturate(FLOOR, texts(phones, FLOOR)))
        finally:
            process.terminate()


def texts(phones: Sequence[str], port: int = WEB) -> list[Shot]:
    """A signed text from each of these phones."""
    return shots(
        token=TOKEN,
        url=f"http://127.0.0.1:{port}/twilio/sms",
        account=ACCOUNT,
        to=CLINIC_PHONE,
        texts=[(f"SM{secrets.token_hex(16)}", phone, "yes see you then") for phone in phones],
    )


def rate(hits: Sequence[Hit], status: int = 200) -> float:
    """Hits a second, from the first that was sent to the last that was answered; all with this status."""
    assert {hit.status for hit in hits} == {status}
    return len(hits) / (max(hit.answered for hit in hits) - min(hit.sent for hit in hits))


def percentile(values: Sequence[float], percent: int) -> float:
    """The value below which so many percent lie."""
    return statistics.quantiles(values, n=100)[percent - 1]


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"nothing answers on port {port}")
