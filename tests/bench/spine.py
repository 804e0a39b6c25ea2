"""The spine's speed and memory, beside the floor, in one run on one machine.

    .venv/bin/python -m tests.bench.spine [--texts 3000] [--memory 10000]

Prints a table in Markdown. Everything runs here: load generator, web, workers, clock, twin, PostgreSQL, Valkey.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psutil
from sqlalchemy import text

from bot.core.facts import VisitStatus
from bot.gateways.twilio_twin.client import TwinClient
from bot.runtime import Runtime
from bot.service import clinic as clinics
from bot.settings import HOME
from bot.store import appointments, conversations, people, timers
from bot.store.appointments import Booking, Service
from bot.store.people import Patient
from tests.bench.load import Hit, Shot, paced, saturate
from tests.bench.machine import TWIN, WEB, floor_rate, machine, percentile, rate, row, running, texts
from tests.conftest import CLINIC_PHONE

PATIENTS = 2000


def main() -> None:
    """Run all of it and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--texts", type=int, default=3000, help="texts in each throughput run")
    parser.add_argument("--memory", type=int, default=0, help="turns to run before memory is looked at")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, machine(Path(directory)) as rt:
        clinic = _fill(rt)
        floor = floor_rate(rt, [_phone(number) for number in range(given.texts)])
        row("floor", "requests/s", f"{floor:.0f}", "1.00")
        with running(rt, ("web",)):
            accept, p99 = _accept(rt, given.texts)
            row("webhook accept", "requests/s", f"{accept:.0f}", f"{accept / floor:.2f}")
            row("webhook accept at 50/s", "p99 ms", f"{p99:.1f}", "")
        _forget(rt)
        with running(rt, ("web", "twin", "inbound", "outbound", "clock")) as children:
            _warm(rt)
            _callbacks("none")
            p50, p99 = _turn_latency(rt)
            row("whole turn at 20/s", "p50 / p99 ms", f"{p50:.1f} / {p99:.1f}", "")
            top, lost = _turn_rate(rt, given.texts)
            row("whole turn, saturated", "turns/s", f"{top:.0f}", f"{top / floor:.2f}")
            row("", "lost", str(lost), "")
            _callbacks("normal")
            top, lost = _turn_rate(rt, given.texts)
            row("the same, and two status callbacks each", "turns/s", f"{top:.0f}", f"{top / floor:.2f}")
            row("", "lost", str(lost), "")
            if given.memory:
                for turns in (given.memory // 10, given.memory):
                    _turn_rate(rt, turns)
                    row(f"memory after {turns} more turns", "MB, largest worker", _memory(children), "")
        row("100,000 timers, finding what is due", "ms", f"{_timers(rt, clinic):.1f}", "")


def _phone(number: int) -> str:
    return f"+1303{5550000 + number % PATIENTS:07d}"


def _fill(rt: Runtime) -> UUID:
    """A clinic whose patients each have a visit."""
    clinic = clinics.add(
        rt, name="Riverside Clinic", phone=CLINIC_PHONE, zone="America/New_York", oncall_phone="+12025550199"
    )
    everyone = [
        Patient(
            external_id=f"P{number}",
            first_name="Ana",
            last_name="Morales",
            birth_date=date(1970, 1, 2),
            phone=_phone(number),
            language="en",
            zone="America/New_York",
        )
        for number in range(PATIENTS)
    ]
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(days=5)
    with rt.begin() as db:
        people.save(db, clinic, everyone, rt.now())
        ids = people.by_external_ids(db, clinic, [patient.external_id for patient in everyone])
        bookings = [
            Booking(
                external_id=f"A{number}",
                patient_id=ids[f"P{number}"],
                service=Service(provider="Dr. Okafor", location="Main Street", kind="follow-up"),
                start=start + timedelta(minutes=number),
                minutes=30,
                status=VisitStatus.BOOKED,
            )
            for number in range(PATIENTS)
        ]
        appointments.save(db, clinic, bookings, rt.now())
        conversations.with_phones(db, clinic, {patient.phone for patient in everyone}, rt.now())
    return clinic


def _texts(count: int) -> list[Shot]:
    return texts([_phone(number) for number in range(count)])


def _accept(rt: Runtime, count: int) -> tuple[float, float]:
    saturate(WEB, _texts(300))
    top = rate(saturate(WEB, _texts(count)))
    hits = paced(WEB, _texts(500), 50)
    return top, percentile([(hit.answered - hit.sent) * 1000 for hit in hits], 99)


def _warm(rt: Runtime) -> None:
    _settled(rt, saturate(WEB, _texts(200)))


def _turn_latency(rt: Runtime) -> tuple[float, float]:
    hits = paced(WEB, _texts(400), 20)
    times = _settled(rt, hits)
    took = [(times[hit.sid] - hit.sent) * 1000 for hit in hits]
    return statistics.median(took), percentile(took, 99)


def _turn_rate(rt: Runtime, count: int) -> tuple[float, int]:
    hits = saturate(WEB, _texts(count))
    times = _settled(rt, hits)
    first, last = min(hit.sent for hit in hits), max(times.values())
    return len(times) / (last - first), count - len(times)


def _settled(rt: Runtime, hits: Sequence[Hit]) -> dict[str, float]:
    """When the twin accepted the reply to each text (time.time(), seconds); waits until all are."""
    assert {hit.status for hit in hits} == {200}
    names = [f"sms:{hit.sid}" for hit in hits]
    query = text(
        "SELECT i.dedupe, extract(epoch FROM min(o.sent_at)) AS at FROM inbox i "
        "JOIN outbox o ON split_part(o.effect_key, ':', 1) = i.id::text "
        "WHERE i.dedupe = ANY(:names) AND o.sent_at IS NOT NULL GROUP BY 1"
    )
    end = time.monotonic() + 120
    found: Mapping[str, float] = {}
    while time.monotonic() < end:
        time.sleep(0.5)
        with rt.begin() as db:
            waiting = (
                db.conn.execute(text("SELECT count(*) FROM inbox WHERE done_at IS NULL")).scalar_one()
                + db.conn.execute(
                    text("SELECT count(*) FROM outbox WHERE status IN ('ready', 'sending')")
                ).scalar_one()
            )
            if waiting:
                continue
            found = {row.dedupe[4:]: float(row.at) for row in db.conn.execute(query, {"names": names})}
        if len(found) == len(hits):
            break
    return dict(found)


def _callbacks(weather: str) -> None:
    """Whether the twin reports on each text: reports are work for the web that comes after the turn."""
    twin = TwinClient(f"http://127.0.0.1:{TWIN}")
    twin.weather(callbacks=weather)
    twin.close()


def _forget(rt: Runtime) -> None:
    """Drop what the accept run left in the mailboxes: the turn runs start empty."""
    with rt.begin() as db:
        db.conn.execute(text("DELETE FROM inbox"))


def _timers(rt: Runtime, clinic: UUID) -> float:
    """Median time of the clock's query with 100,000 timers of the future and one that is due."""
    with rt.begin() as db:
        db.conn.execute(
            text(
                "INSERT INTO timers (id, clinic_id, conversation_id, key, due_at, what) "
                "SELECT gen_random_uuid(), :clinic, (SELECT id FROM conversations LIMIT 1), 'b:' || n, "
                "now() + interval '1 day' + n * interval '1 second', "
                """'{"kind": "no_answer", "turn": 0}' FROM generate_series(1, 100000) n"""
            ),
            {"clinic": clinic},
        )
        db.conn.execute(text("ANALYZE timers"))
    took = []
    for _ in range(21):
        with rt.begin() as db:
            db.conn.execute(
                text("UPDATE timers SET due_at = now() - interval '1 minute' WHERE key = :key"),
                {"key": f"b:{len(took) + 1}"},
            )
            start = time.perf_counter()
            assert len(timers.ring(db, rt.now(), 500)) == 1
            took.append((time.perf_counter() - start) * 1000)
    return statistics.median(took)


def _memory(processes: Sequence[psutil.Process]) -> str:
    everyone = [p for process in processes for p in (process, *process.children(recursive=True))]
    return f"{max(p.memory_info().rss for p in everyone) / 1e6:.0f}"


if __name__ == "__main__":
    os.chdir(HOME)
    main()
