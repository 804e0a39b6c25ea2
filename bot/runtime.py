"""The wiring: one value that holds everything a verb needs. Made at a door, passed as first argument."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from psycopg import OperationalError as DriverError
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot import log
from bot.core.book import Book
from bot.core.oncall import Channel
from bot.errors import DatabaseAway, NotFound
from bot.flowbook import loader
from bot.gateways.doorbell import Doorbell
from bot.gateways.live import Live
from bot.gateways.mail import Mailer
from bot.gateways.oidc import Provider
from bot.gateways.push import Pusher
from bot.gateways.twilio import Carrier
from bot.settings import Settings
from bot.store import clinics, editions, staff
from bot.store.base import Db
from bot.store.clinics import Clinic
from bot.vault import Vault

if TYPE_CHECKING:
    from nlp.reader import Reader

CLOCK_FILE = "clock-offset"
_REMEMBER = 1.0  # seconds
_logger = log.get(__name__)


@dataclass(frozen=True)
class Runtime:
    """Settings and what hangs on them. Parts that cost time (the reader) are made when first used."""

    settings: Settings
    books: dict[str, Book] = field(default_factory=dict)
    remembered: dict[object, tuple[float, Any]] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)

    @cached_property
    def engine(self) -> Engine:
        """Connections to PostgreSQL. After a restart of the server the first use fails, the next ones don't."""
        url = self.settings.database_url.replace("postgres://", "postgresql://", 1)
        return create_engine(
            url.replace("postgresql://", "postgresql+psycopg://", 1),
            pool_size=8,
            max_overflow=8,
            pool_timeout=5,
            pool_reset_on_return=None,  # `begin` has always ended its transaction
            hide_parameters=True,  # an exception's text must not hold what was written
            connect_args={
                "connect_timeout": 3,
                "application_name": "careline",
                "tcp_user_timeout": 10_000,  # ms; a host that is gone must not hold a worker
                # Every hot query is an index look-up: planning it anew each time costs more than running it.
                "options": "-c plan_cache_mode=force_generic_plan -c statement_timeout=60s",
            },
        )

    @cached_property
    def vault(self) -> Vault:
        """The keys."""
        return Vault(self.settings.masters)

    @cached_property
    def doorbell(self) -> Doorbell:
        """Redis or Valkey."""
        return Doorbell(self.settings.redis_url)

    @cached_property
    def live(self) -> Live:
        """Word to open consoles."""
        return Live(self.settings.redis_url)

    @cached_property
    def carrier(self) -> Carrier:
        """Twilio, or its twin where TWILIO_API_BASE says so."""
        settings = self.settings
        return Carrier(
            account_sid=settings.twilio_account_sid,
            auth_token=settings.auth_tokens[0],
            api_base=settings.twilio_api_base,
            messaging_service_sid=settings.twilio_messaging_service_sid or None,
        )

    @cached_property
    def mailer(self) -> Mailer | None:
        """The mail server; None where SMTP_URL or MAIL_FROM is not set. Raises BadSettings."""
        settings = self.settings
        if not settings.smtp_url or not settings.mail_from:
            return None
        return Mailer(settings.smtp_url, settings.mail_from)

    @cached_property
    def provider(self) -> Provider | None:
        """The clinic's sign-in provider; None where OIDC_ISSUER is not set."""
        settings = self.settings
        if not settings.oidc_issuer:
            return None
        return Provider(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret)

    @cached_property
    def pusher(self) -> Pusher | None:
        """What reaches browsers; None where VAPID_KEY is not set. Raises BadSettings."""
        settings = self.settings
        if not settings.vapid_key:
            return None
        # Push services take no other contact than mailto: or https:, not even from the demo on localhost.
        site = settings.public_url.replace("http://", "https://", 1)
        contact = f"mailto:{settings.mail_from}" if settings.mail_from else site
        return Pusher(settings.vapid_key, contact, allow_local=settings.demo)

    @cached_property
    def reader(self) -> "Reader":
        """What reads texts; loading it takes a second, so only workers do."""
        from nlp.reader import Reader

        return Reader()

    @contextmanager
    def begin(self) -> Iterator[Db]:
        """One transaction: committed at the end, rolled back by an exception. Raises DatabaseAway."""
        try:
            with self.engine.begin() as conn:
                yield Db(conn, self.vault)
        except (OperationalError, InterfaceError, PoolTimeout, DriverError) as error:
            raise DatabaseAway from error

    def now(self) -> datetime:
        """The present moment, aware and in UTC; the demo's clock can be ahead of the real one."""
        return datetime.now(UTC) + (self._ahead if self.settings.demo else timedelta())

    def book(self, db: Db, edition: str) -> Book:
        """An edition; it never changes, so it is read once a process."""
        if edition not in self.books:
            self.books[edition] = loader.read(editions.files(db, edition))
        return self.books[edition]

    def readable_book(self, db: Db, edition: str) -> Book | None:
        """The same; None where this program can't read the edition, whatever it stumbles over."""
        if edition in self.books:
            return self.books[edition]
        if edition in self.unreadable:
            return None
        try:
            files = editions.files(db, edition)
        except NotFound:
            return None
        try:
            self.books[edition] = loader.read(files)
        except Exception as error:
            _logger.error("edition_not_readable", edition=edition, **log.error_fields(error))
            self.unreadable.add(edition)
        return self.books.get(edition)

    def starts(self, db: Db, trigger: str) -> bool:
        """Whether a flow of the current edition starts with this, in the words of `core/triggers`."""
        return bool(self.book(db, self.current_edition(db)).starting_words(trigger))

    def current_edition(self, db: Db) -> str:
        """The edition that new conversations use; raises NotFound before anything was published."""
        found: str | None = self._recent("edition", lambda: editions.current(db))
        if found is None:
            raise NotFound("No flows are published yet: `bot flow publish flows`.")
        return found

    def clinic(self, db: Db, clinic: UUID) -> Clinic:
        """The clinic with this id; raises UnknownClinic."""
        found: Clinic = self._recent(clinic, lambda: clinics.get(db, clinic))
        return found

    @cached_property
    def channels(self) -> frozenset[Channel]:
        """By what this house can tell its staff."""
        without = {Channel.EMAIL: self.mailer is None, Channel.PUSH: self.pusher is None}
        return frozenset(channel for channel in Channel if not without.get(channel, False))

    def staff_phones(self, db: Db, clinic: UUID) -> frozenset[str]:
        """The phones of everybody who works there."""
        found: frozenset[str] = self._recent(
            ("staff", clinic), lambda: frozenset(m.phone for m in staff.all_of(db, clinic) if m.phone)
        )
        return found

    def clinic_with(self, db: Db, phone: str) -> Clinic:
        """The clinic that texts from this number; raises UnknownClinic."""
        found: Clinic = self._recent(phone, lambda: clinics.by_phone(db, phone))
        return found

    def _recent(self, key: object, read: Callable[[], Any]) -> Any:
        """What was read under this key in the last second: hot and rarely changed. Nothing found is not kept."""
        known = self.remembered.get(key)
        if known and time.monotonic() < known[0]:
            return known[1]
        found = read()
        if found is not None:
            self.remembered[key] = (time.monotonic() + _REMEMBER, found)
        return found

    @property
    def clock_file(self) -> Path:
        """Where the demo keeps how many seconds its clock is ahead."""
        return self.settings.data_dir / CLOCK_FILE

    @property
    def _ahead(self) -> timedelta:
        try:
            return timedelta(seconds=int(self.clock_file.read_text()))
        except (FileNotFoundError, ValueError):
            return timedelta()

    def move_clock(self, by: timedelta) -> None:
        """Put the demo's clock forward; every process sees it at once."""
        seconds = int((self._ahead + by).total_seconds())
        with tempfile.NamedTemporaryFile("w", dir=self.settings.data_dir, delete=False) as file:
            file.write(str(seconds))
        Path(file.name).replace(self.clock_file)
