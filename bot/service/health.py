"""Health: what keeps the service from working, and counts of what waits. Reads only."""

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import CarelineError
from bot.runtime import Runtime
from bot.store import gauges, schema


def faults(rt: Runtime) -> list[str]:
    """What keeps the service from working, a sentence each; empty when all is well."""
    found = []
    try:
        with rt.begin() as db:
            if not schema.is_current(db.conn):
                found.append("The database has an old schema: `bot migrate`.")
            rt.current_edition(db)
    except SQLAlchemyError:
        found.append("The database does not answer.")
    except CarelineError as error:
        found.append(str(error))
    if not rt.doorbell.answers():
        found.append("Redis does not answer: work goes on only once it does.")
    return found


def metrics(rt: Runtime) -> bytes:
    """What waits, as gauges."""
    registry = CollectorRegistry()
    with rt.begin() as db:
        for name, (help_text, value) in gauges.read(db, rt.now()).items():
            Gauge(f"careline_{name}", help_text, registry=registry).set(value)
    return generate_latest(registry)
