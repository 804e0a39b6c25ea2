"""Real servers for tests: an embedded PostgreSQL and Valkey for the whole run, a fresh database for each test.

`rt` is a runtime on them, `twin` a running Twilio twin, `house` the whole service around both: the web app is
served over HTTP, and `house.work()` does what workers and clock do, until nothing is left to do.
"""

import base64
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from bot.core.book import Book
from bot.core.facts import VisitStatus
from bot.gateways import embedded
from bot.gateways.twilio_twin.client import Seen, TwinClient
from bot.gateways.twilio_twin.exchange import Exchange
from bot.gateways.twilio_twin.server import RunningTwin, serve_app, serve_in_thread, twin_app
from bot.runtime import Runtime
from bot.service import advance, call_out, deliver, operate, sweep
from bot.service import clinic as clinic_service
from bot.settings import HOME, Settings
from bot.store import appointments, conversations, happenings, inbox, people, slots
from bot.store.appointments import Booking
from bot.store.inbox import Mail
from bot.store.people import Patient
from bot.store.slots import Opening, Service
from nlp.reader import Reader
from tests.shared import Late, share_compiled
from webhooks.app import create

# How long a busy machine takes to make an example says nothing about the code.
settings.register_profile("careline", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("careline")


LONGEST_FIRST = ("faults", "browser", "bot/cli", "webhooks", "bot/service")
"""Folders whose files take longest: workers that begin with them end together."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of these folders come first; otherwise the order stays."""
    places = [HOME / "tests" / folder for folder in LONGEST_FIRST]

    def place(item: pytest.Item) -> int:
        return next((n for n, folder in enumerate(places) if folder in item.path.parents), len(places))

    items.sort(key=place)


ACCOUNT, TOKEN = "AC" + "c" * 32, "t" * 32
CLINIC_PHONE, ONCALL_PHONE, ANA_PHONE = "+12025550100", "+12025550199", "+12025550111"
START = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)  # Monday, 9:00 in New York
SERVICE = Service(provider="Dr. Okafor", location="Main Street", kind="follow-up")
_numbers = itertools.count()


@dataclass(frozen=True)
class Servers:
    """URLs of the servers, and how to make a database from a migrated template (by the keeper's connection)."""

    postgres: str
    redis: str
    directory: Path
    keeper: psycopg.Connection
    templates: dict[Path, str] = field(default_factory=dict)

    def database(self, flows: Path | None = None) -> str:
        """The URL of a fresh database with the newest schema, and these flows as its edition."""
        name = f"test_{os.getpid()}_{next(_numbers)}"
        self._copy(self._template(flows or EDITION), name)
        return self.url(name)

    def url(self, name: str) -> str:
        """The URL of the database of this name."""
        return self.postgres.replace("/careline?", f"/{name}?")

    def _template(self, flows: Path) -> str:
        """A migrated database with these flows; made when first asked for."""
        if flows not in self.templates:
            name = f"template_{len(self.templates)}"
            self._copy("template0", name)
            settings = make_settings(
                database_url=self.url(name), redis_url=self.redis, data_dir=self.directory, flows_dir=flows
            )
            made = Runtime(settings)
            operate.migrate(made)
            with made.begin() as db:
                edition = made.current_edition(db)
                BOOKS[edition] = made.book(db, edition)
            made.engine.dispose()
            self.templates[flows] = name
        return self.templates[flows]

    def _copy(self, template: str, name: str) -> None:
        self.keeper.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')

    def drop(self, url: str) -> None:
        """The database of this URL is not needed any more."""
        name = url.split("/")[3].split("?")[0]
        self.keeper.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


EDITION = HOME / "tests" / "edition"
"""A small edition that stays as it is while the clinic's own flows change."""


BOOKS: dict[str, Book] = {}
"""Editions never change, whatever their database: each is read once for all tests of a process."""


def make_settings(**given: object) -> Settings:
    """Settings for tests, whatever the environment says."""
    defaults = {
        "_env_file": None,
        "secret_keys": "s" * 32,
        "master_keys": base64.b64encode(b"m" * 32).decode(),
        "twilio_account_sid": ACCOUNT,
        "twilio_auth_token": TOKEN,
        "flows_dir": EDITION,
    }
    return Settings(**(defaults | given))  # type: ignore[arg-type]


MEMORY, ENOUGH = Path("/dev/shm"), 6 << 30
"""Where files are in memory, and how much of it (bytes) must be free. A fresh database is ten times as quick there."""


@contextmanager
def _quick_directory(elsewhere: Path) -> Iterator[Path]:
    """In memory where there is room, which not every machine has."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ENOUGH:
        yield elsewhere
        return
    with tempfile.TemporaryDirectory(prefix="careline-tests-", dir=MEMORY) as directory:
        yield Path(directory)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """One PostgreSQL and one Valkey for the run (for each process of a parallel run)."""
    with ExitStack() as stack:
        directory = stack.enter_context(_quick_directory(tmp_path_factory.mktemp("servers")))
        url = stack.enter_context(embedded.postgres(directory))
        redis = stack.enter_context(embedded.valkey(directory))
        conn = stack.enter_context(psycopg.connect(url, autocommit=True))
        # Here processes die, not the machine. And a thousand small databases keep autovacuum busy all the time.
        for setting in ("fsync", "full_page_writes", "autovacuum", "synchronous_commit", "jit"):
            conn.execute(f"ALTER SYSTEM SET {setting} = off")
        conn.execute("SELECT pg_reload_conf()")
        yield Servers(url, redis, directory, conn)


@pytest.fixture(scope="session")
def reader() -> Reader:
    """The reader of texts, loaded once."""
    return Reader()


@pytest.fixture
def flows_dir() -> Path:
    """The flows that are published; tests of what needs the clinic's own say so."""
    return EDITION


@pytest.fixture
def rt(servers: Servers, reader: Reader, tmp_path: Path, flows_dir: Path) -> Iterator[Runtime]:
    """A runtime on a fresh database whose clock stands at START and goes on from there."""
    made = Runtime(
        make_settings(
            database_url=servers.database(flows_dir),
            redis_url=servers.redis,
            data_dir=tmp_path,
            flows_dir=flows_dir,
            demo=True,
        ),
        books=dict(BOOKS),
    )
    made.__dict__["reader"] = reader
    share_compiled(made.engine)
    made.move_clock(START - datetime.now(UTC))
    yield made
    made.engine.dispose()
    servers.drop(made.settings.database_url)


@pytest.fixture
def clinic(rt: Runtime) -> UUID:
    """The Riverside Clinic, with somebody on call."""
    return clinic_service.add(
        rt, name="Riverside Clinic", phone=CLINIC_PHONE, zone="America/New_York", oncall_phone=ONCALL_PHONE
    )


@dataclass
class House:
    """The whole service on real servers."""

    rt: Runtime
    twin: TwinClient
    clinic: UUID
    url: str

    def patient(self, name: str = "Ana", phone: str = ANA_PHONE, language: str = "en") -> UUID:
        """A patient of the clinic's."""
        external = f"P{next(_numbers)}"
        with self.rt.begin() as db:
            made = Patient(
                external_id=external,
                first_name=name,
                last_name="Morales",
                birth_date=date(1970, 1, 2),
                phone=phone,
                language=language,
                zone="America/New_York",
            )
            people.save(db, self.clinic, [made], self.rt.now())
            return people.by_external_ids(db, self.clinic, [external])[external]

    def visit(
        self,
        patient: UUID,
        start: datetime,
        *,
        status: VisitStatus = VisitStatus.BOOKED,
        external_id: str | None = None,
    ) -> UUID:
        """Book or change a visit as the office would; its conversation hears of it."""
        booking = Booking(
            external_id=external_id or f"A{next(_numbers)}",
            patient_id=patient,
            service=SERVICE,
            start=start,
            minutes=30,
            status=status,
        )
        from bot.core.events import VisitChanged

        with self.rt.begin() as db:
            now = self.rt.now()
            (change,) = appointments.save(db, self.clinic, [booking], now)
            phone = people.phones(db, self.clinic, [patient])[patient]
            mail = Mail(
                clinic=self.clinic,
                conversation=conversations.with_phone(db, self.clinic, phone, now),
                dedupe=f"visit:{change.visit_id}:{change.version}",
                what=VisitChanged(visit_id=change.visit_id, version=change.version),
            )
            inbox.put(db, [mail], now)
        return change.visit_id

    def openings(self, *starts: datetime) -> None:
        """Slots that fit the visits."""
        with self.rt.begin() as db:
            wanted = [Opening(service=SERVICE, start=start, minutes=30) for start in starts]
            slots.add_openings(db, self.clinic, wanted)

    def text(self, body: str, phone: str = ANA_PHONE) -> str:
        """A text leaves a phone; its MessageSid. It has come in when this returns."""
        sid = self.twin.text(sender=phone, to=CLINIC_PHONE, body=body)
        self.twin.pending(10)
        return sid

    def work(self) -> None:
        """Do what workers and clock do, until nothing is left to do now."""
        with ThreadPoolExecutor(4) as pool:
            while True:
                rung = sweep.ring_timers(self.rt)
                worked = False
                while self._advance():
                    worked = True
                sent = deliver.deliver(self.rt, pool)
                called = call_out.call_out(self.rt)
                self.twin.pending(10)
                if not (rung or worked or sent or called):
                    return

    def _advance(self) -> bool:
        with self.rt.begin() as db:
            waiting = happenings.conversations_waiting(db, self.rt.now(), 50)
        worked = [advance.advance(self.rt, conversation) is not None for conversation in waiting]
        return any(worked)

    def wait_until(self, moment: datetime) -> None:
        """Put the clock forward to this moment and do what is due."""
        self.rt.move_clock(moment - self.rt.now() + timedelta(seconds=1))
        self.work()

    def status(self, visit: UUID) -> str:
        """The visit's status now."""
        with self.rt.begin() as db:
            found = [one for one in appointments.listed(db, self.clinic) if one.id == visit]
        return found[0].status

    def thread(self, phone: str = ANA_PHONE) -> list[Seen]:
        """What the phone shows, oldest first."""
        return self.twin.messages(phone, CLINIC_PHONE)

    def got(self, phone: str = ANA_PHONE) -> list[str]:
        """The bodies that the phone got from us, oldest first."""
        return [seen.body for seen in self.thread(phone) if seen.direction == "outbound-api"]


@pytest.fixture
def start_twin(rt: Runtime) -> Iterator[Callable[[str], RunningTwin]]:
    """Starts a twin that posts inbound texts to this address; it is stopped at the end."""
    running: list[RunningTwin] = []

    def start(sms_url: str) -> RunningTwin:
        running.append(serve_in_thread(account=ACCOUNT, token=TOKEN, sms_url=sms_url, now=rt.now))
        return running[-1]

    yield start
    for twin in running:
        twin.stop()


@pytest.fixture(scope="session")
def _web() -> Iterator[tuple[str, Late]]:
    """The port of the web app: its URL, and what becomes the app of each test."""
    serving = serve_app(app := Late())
    yield serving.base_url, app
    serving.stop()


@pytest.fixture(scope="session")
def _twin() -> Iterator[tuple[str, Late]]:
    """The same for the twin."""
    serving = serve_app(app := Late())
    yield serving.base_url, app
    serving.stop()


@pytest.fixture
def house(rt: Runtime, clinic: UUID, _web: tuple[str, Late], _twin: tuple[str, Late]) -> Iterator[House]:
    """The web app over HTTP, the twin, and a clinic."""
    (url, web), (api, twin) = _web, _twin
    whole = Runtime(
        rt.settings.model_copy(update={"public_url": url, "twilio_api_base": api}), books=dict(BOOKS)
    )
    whole.__dict__.update({"engine": rt.engine, "reader": rt.reader})
    exchange = Exchange(account=ACCOUNT, token=TOKEN, sms_url=f"{url}/twilio/sms", now=rt.now)
    web.becomes(lambda: create(whole))
    twin.becomes(lambda: twin_app(exchange))
    client = TwinClient(api)
    yield House(rt=whole, twin=client, clinic=clinic, url=url)
    client.close()
    twin.becomes(None)
    exchange.close()
    web.becomes(None)
