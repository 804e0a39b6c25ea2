"""Health: what keeps the service from working, and counts of what waits. Reads only."""

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from bot.core.oncall import Channel
from bot.errors import CarelineError, NotFound, VaultError
from bot.runtime import Runtime
from bot.store import clinics, gauges, schema
from bot.store.base import Db

OLD_SCHEMA = "The database has an old schema: `bot migrate`."
REDIS_AWAY = "Redis does not answer: work goes on only once it does."


def faults(rt: Runtime) -> list[str]:
    """What keeps the service from working before any process of it runs, a sentence each; empty when all is well."""
    found = []
    try:
        with rt.begin() as db:
            if not schema.is_current(db.conn):
                found.append(OLD_SCHEMA)
            found += edition_faults(rt, db)
    except CarelineError as error:
        found.append(str(error))
    if not rt.doorbell.answers():
        found.append(REDIS_AWAY)
    return found


def edition_faults(rt: Runtime, db: Db) -> list[str]:
    """What is wrong with the flows that are published."""
    try:
        book = rt.book(db, rt.current_edition(db))
    except NotFound as error:
        return [str(error)]
    sends = any(step.send_page for flow in book.flows.values() for step in flow.steps.values())
    if sends and not book.wordings["en"].pages:
        return ["The published flows have no words for secure pages: `bot flow publish flows`."]
    return []


def channels(rt: Runtime) -> frozenset[Channel]:
    """By what the published ladders tell people on call."""
    with rt.begin() as db:
        ladders = rt.book(db, rt.current_edition(db)).oncall.ladders.values()
    return frozenset(channel for ladder in ladders for step in ladder.steps for channel in step.by)


def metrics(rt: Runtime) -> bytes:
    """What waits, as gauges."""
    registry = CollectorRegistry()
    with rt.begin() as db:
        for name, (help_text, value) in gauges.read(db, rt.now()).items():
            Gauge(f"careline_{name}", help_text, registry=registry).set(value)
    return generate_latest(registry)


def keys_fault(rt: Runtime) -> str | None:
    """Whether MASTER_KEYS open every clinic's data keys; a sentence if not."""
    try:
        with rt.begin() as db:
            for clinic in clinics.all_of_them(db):
                db.keys(clinic.id)
    except VaultError as error:
        return f"{error} Put the key that was in use back into MASTER_KEYS."
    return None


def numbers(rt: Runtime) -> list[str]:
    """The numbers that clinics text from."""
    with rt.begin() as db:
        return [clinic.phone for clinic in clinics.all_of_them(db)]


def oncall_fault(rt: Runtime) -> str | None:
    """Whether every clinic has somebody to page; a sentence if not."""
    with rt.begin() as db:
        missing = [clinic.name for clinic in clinics.all_of_them(db) if clinic.oncall_phone is None]
    if not missing:
        return None
    return f"nobody is on call at {', '.join(missing)}: `bot clinic oncall PHONE`."
