"""Faults: what is wrong with the running service, a name and a sentence each. Reads only, and waits for no server.

What stops is a fault for `/readyz`: without database, Redis, schema and flows, a clock and a worker for every queue,
the service can't do its work. The rest is a warning there: taking web processes out of service for a carrier that does
not accept, a mailbox that is full or an emergency that nobody takes would only make it worse.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import log
from bot.errors import CarelineError, DatabaseAway
from bot.gateways.doorbell import QUEUES
from bot.runtime import Runtime
from bot.service import health
from bot.store import heartbeats, schema, stuck
from bot.store.base import Db

CLOCK_SILENT = timedelta(seconds=15)
WATCH_SILENT = timedelta(minutes=2)
"""The watch may be busy telling, by ways that don't answer."""
TOO_LONG = timedelta(seconds=60)
"""Whatever should have been done by now and waits for longer is stuck."""
NOBODY_TAKES_IT = timedelta(minutes=30)
START_UP = 30.0  # seconds; all processes are started together, and some take longer than others
PATIENCE = 4.0  # seconds for a look; the database has 3 of them to take a connection
_logger = log.get(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that is wrong. `name` is stable, `sentence` says what to do.

    stops     the service can't do its work
    starting  it may only be that a process is just being started
    hides     faults that can't be seen while this one is there
    lull      for so long it can be out of sight and not be over
    """

    name: str
    sentence: str
    stops: bool = False
    starting: bool = False
    hides: frozenset[str] = frozenset()
    lull: timedelta = timedelta()


def _worker(queue: str) -> str:
    return f"no_worker_{queue}"


CLOCK = Fault(
    name="clock_stopped",
    sentence="The clock does not run: no reminders, and no page is sent again. Look at its log and start `bot clock`.",
    stops=True,
    starting=True,
)
WATCH = Fault(
    name="watch_stopped",
    sentence="The watch does not run: nobody would be told of other faults. Start `bot watch`.",
    starting=True,
)
TIMERS = Fault(
    name="timers_overdue",
    sentence="Timers have been due for over a minute and don't ring: the clock is stuck. Look at its log and start "
    "`bot clock` anew.",
)
MAIL = Fault(
    name="mailbox_stuck",
    sentence="Something has waited in a mailbox for over a minute: inbound workers hang or are too few. Look at their "
    "log, or start one more `bot worker inbound`.",
)
PAGE = Fault(
    name="page_not_accepted",
    sentence="An escalation has been open for over a minute, and neither Twilio nor a mail server nor a push service "
    "took anything of it. Call whoever is on call. Look at Twilio's status and at the workers' logs.",
)
_NEWER_ONE = TOO_LONG + timedelta(seconds=30)  # a page that takes the place of another is young at first
TEXTS = Fault(
    name="texts_not_accepted",
    sentence="Answers to emergencies or pages have not left for over a minute: Twilio does not accept them. Look at "
    "Twilio's status and the outbound worker's log; `bot check` tries the credentials. Call whoever is on call.",
    lull=_NEWER_ONE,
)
ALERTS = Fault(
    name="alerts_not_accepted",
    sentence="Calls, e-mail or push to people on call have not left for over a minute. Look at Twilio's status, at "
    "SMTP_URL and at the alerts worker's log. Call whoever is on call.",
    lull=_NEWER_ONE,
)
EMERGENCY = Fault(
    name="emergency_not_taken",
    sentence="An emergency has been open for over 30 minutes and nobody has taken it. Call whoever is on call.",
)
_OF_DATABASE = frozenset(fault.name for fault in (CLOCK, WATCH, TIMERS, MAIL, PAGE, TEXTS, ALERTS, EMERGENCY))
DATABASE = Fault(
    name="database_away",
    sentence=f"{DatabaseAway()} Look at PostgreSQL and DATABASE_URL.",
    stops=True,
    hides=_OF_DATABASE | {"not_ready"},
)
REDIS = Fault(
    name="redis_away",
    sentence=health.REDIS_AWAY,
    stops=True,
    hides=frozenset(_worker(queue) for queue in QUEUES),
)
UNSEEN = Fault(
    name="look_failed",
    sentence="Nobody knows whether the service works: looking failed. The log says at `look_failed` where.",
    stops=True,
    hides=DATABASE.hides | REDIS.hides,
)


def settled(faults: tuple[Fault, ...], age: float) -> tuple[Fault, ...]:
    """What counts for a process that has run for so many seconds: what may only be starting is left out at first."""
    return tuple(fault for fault in faults if age >= START_UP or not fault.starting)


def of_database(rt: Runtime, beats: str | None = None) -> tuple[Fault, ...]:
    """What the database tells. `beats`: who is looking, and gives its own sign of life by it."""
    try:
        with rt.begin() as db:
            if not schema.is_current(db.conn):
                return (_not_ready(health.OLD_SCHEMA, _OF_DATABASE),)
            if beats:
                heartbeats.beat(db, beats)
            unready = tuple(_not_ready(sentence) for sentence in health.edition_faults(rt, db))
            return (*unready, *_silent(heartbeats.ages(db)), *_stuck(db, rt.now()))
    except DatabaseAway:
        return (DATABASE,)
    except CarelineError as error:
        return (_not_ready(str(error), _OF_DATABASE),)


def of_redis(rt: Runtime) -> tuple[Fault, ...]:
    """What Redis tells: which queues nobody works on."""
    workers = rt.doorbell.workers()
    if not workers:
        return (REDIS,)
    return tuple(
        Fault(
            name=_worker(queue),
            sentence=f"No {queue} worker: its work waits. Look at its log and start `bot worker {queue}`.",
            stops=True,
            starting=True,
        )
        for queue, count in workers.items()
        if not count
    )


def of_watch(ages: Mapping[str, timedelta]) -> tuple[Fault, ...]:
    """Whether the watch is at it."""
    return () if ages.get(heartbeats.WATCH, timedelta.max) <= WATCH_SILENT else (WATCH,)


def _silent(ages: Mapping[str, timedelta]) -> Iterator[Fault]:
    if ages.get(heartbeats.CLOCK, timedelta.max) > CLOCK_SILENT:
        yield CLOCK
    yield from of_watch(ages)


def _stuck(db: Db, now: datetime) -> Iterator[Fault]:
    before = now - TOO_LONG
    looks = (
        (TIMERS, stuck.timers_since),
        (MAIL, stuck.mail_since),
        (PAGE, stuck.page_since),
        (TEXTS, stuck.texts_since),
        (ALERTS, stuck.alerts_since),
    )
    yield from (fault for fault, there in looks if there(db, before))
    if stuck.emergency_since(db, now - NOBODY_TAKES_IT):
        yield EMERGENCY


def _not_ready(sentence: str, hides: frozenset[str] = frozenset()) -> Fault:
    return Fault(name="not_ready", sentence=sentence, stops=True, hides=hides)


class Glance:
    """A look that comes back in time: each server is asked in a thread of its own, by one at a time.

    Whoever asks while such a thread still waits for a server that hangs starts no further one.
    """

    def __init__(self, rt: Runtime, *, beats: str | None = None, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._lanes = (_Lane(lambda: of_database(rt, beats), DATABASE), _Lane(lambda: of_redis(rt), REDIS))

    def look(self) -> tuple[Fault, ...]:
        """What is wrong; a server that tries our patience is away."""
        end = time.monotonic() + self._patience
        threads = [lane.ask() for lane in self._lanes]
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))
        asked = zip(self._lanes, threads, strict=True)
        return tuple(fault for lane, thread in asked for fault in lane.answer(thread))


class _Lane:
    """Asks one server in a thread, and keeps the answer until it is asked anew."""

    def __init__(self, ask: Callable[[], tuple[Fault, ...]], away: Fault) -> None:
        self._ask, self._away = ask, away
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._answer: tuple[Fault, ...] = ()

    def ask(self) -> threading.Thread:
        """The thread that asks: the one that does so already, or a new one."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
            return self._thread

    def answer(self, thread: threading.Thread) -> tuple[Fault, ...]:
        """What the server told this thread or a later one; that it is away if this one still waits."""
        return (self._away,) if thread.is_alive() else self._answer

    def _run(self) -> None:
        try:
            self._answer = self._ask()
        except Exception as error:  # whatever it is: the watch goes on, and says that it is blind
            _logger.error("look_failed", **log.error_fields(error))
            self._answer = (UNSEEN,)
