"""On call: how soon an emergency is at a person's phone, what ten thousand open escalations cost, and who has duty.

    .venv/bin/python -m tests.bench.oncall [--emergencies 200] [--open 10000] [--runs 1]

Prints a table in Markdown. Everything runs here: load generator, web, workers, clock, twin, PostgreSQL and Valkey with
fsync on, the flows that ship. A nurse is on call. The first step of the emergency ladder, which texts, calls her too
here, so that both ways are measured.

floor                  the bare route of `floor.py` under the same gunicorn: checks a signature, commits a row
text, call at the      from the 200 of the webhook that took the patient's emergency in, until the carrier has taken
  carrier              the nurse's page, by its own clock. Four emergencies a second, and twenty other texts a second
                       beside them, sent by the clock; every one counts, and nobody acknowledges
answer to the patient  the same until the carrier has taken the patient's own answer ('Call 911 now')
steps due              the clock's query: 200 timers of 10,000 are due
and into mailboxes     the clock's whole round for them, committed
tasks overdue          the clock's query: 200 tasks have lain too long, and so have 10,000 others whose open escalations
                       bring somebody already
open escalations       the on-call page's query for the first 200 of a clinic with 10,000 open ones
on call, shifts        `core/roster` for the rosters that ship, and beside it a plain call with the same arguments
"""

import argparse
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from sqlalchemy import text

from bot.core.book import Book
from bot.core.roster import on_call, shifts
from bot.flowbook import loader
from bot.gateways.twilio_twin.client import TwinClient
from bot.runtime import Runtime
from bot.service import clinic as clinics
from bot.settings import HOME
from bot.store import conversations, editions, people, staff
from bot.store.base import Db
from bot.store.people import Patient
from tests.bench import crowd
from tests.bench.load import Hit, Shot, paced, shots
from tests.bench.machine import TWIN, WEB, floor_rate, machine, percentile, row, running
from tests.conftest import ACCOUNT, CLINIC_PHONE, TOKEN

PROCESSES = ("web", "twin", "inbound", "outbound", "alerts", "clock")
EMERGENCY, OTHER = "I have crushing chest pain", "yes see you then"
OTHERS = 5
"""Other texts to each emergency."""
PACE = 24  # texts a second, emergencies and others
_ENDS = 60.0  # seconds that the last page may take


def main() -> None:
    """Run all of it and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--emergencies", type=int, default=200, help="in each run")
    parser.add_argument("--open", type=int, default=10_000, help="escalations that are open")
    parser.add_argument("--runs", type=int, default=1, help="of emergencies")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, machine(Path(directory)) as rt:
        book = _publish(rt)
        _emergencies(rt, given.emergencies, given.runs)
        crowd.measure(rt, given.open)
        _duty(book)


def _publish(rt: Runtime) -> Book:
    """The flows that ship, with a first step that also calls."""
    files = dict(loader.collect(HOME / "flows"))
    plan = yaml.safe_load(files["oncall.yaml"])
    plan["ladders"]["emergency"]["steps"][0]["by"].append("call")
    files["oncall.yaml"] = yaml.safe_dump(plan)
    book = loader.read(files)
    with rt.begin() as db:
        editions.publish(db, book.edition, files, rt.now(), by="operator")
    return book


# -- from an emergency to a page --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What came of one emergency: when the carrier took the page as a text and as a call, and the patient's answer."""

    text: float
    call: float
    answer: float


def _emergencies(rt: Runtime, count: int, runs: int) -> None:
    clinic = clinics.add(
        rt, name="Riverside Clinic", phone=CLINIC_PHONE, zone="America/New_York", oncall_phone="+12025550199"
    )
    patients = count * (OTHERS + 1) * runs + PACE * 4
    phones = [f"+1303{5550000 + number:07d}" for number in range(patients)]
    with rt.begin() as db:
        people.save(db, clinic, [_patient(number, phone) for number, phone in enumerate(phones)], rt.now())
        conversations.with_phones(db, clinic, set(phones), rt.now())
        for number, handle in enumerate(("maria", "joe", "sam")):  # whose turn it is, the calendar says
            _hire(db, clinic, handle, f"+1202555017{number}", rt.now())
    row("floor", "requests/s", f"{floor_rate(rt, phones[:1000]):.0f}", "")
    with running(rt, PROCESSES):
        paced(WEB, _mixed(phones[: PACE * 4], every=0), PACE)
        _rest(rt)  # all is loaded
        for number in range(runs):
            mine = phones[PACE * 4 + number * count * (OTHERS + 1) :][: count * (OTHERS + 1)]
            _report(_run(rt, clinic, _mixed(mine, every=OTHERS + 1)))
    with rt.begin() as db:  # what comes after is not to ring with the rest
        db.conn.execute(text("DELETE FROM timers"))


_WAITS = """
    SELECT 1 FROM inbox WHERE done_at IS NULL UNION ALL SELECT 1 FROM outbox WHERE status IN ('ready', 'sending')
"""


def _rest(rt: Runtime) -> None:
    """Wait until nothing waits."""
    while True:
        with rt.begin() as db:
            if not db.conn.execute(text(_WAITS)).all():
                return
        time.sleep(0.2)


def _mixed(phones: Sequence[str], every: int) -> list[Shot]:
    """A text from each; every so many of them is an emergency (0: none)."""
    said = [EMERGENCY if every and number % every == every - 1 else OTHER for number in range(len(phones))]
    texts = [(f"SM{secrets.token_hex(16)}", phone, body) for phone, body in zip(phones, said, strict=True)]
    url = f"http://127.0.0.1:{WEB}/twilio/sms"
    return shots(token=TOKEN, url=url, account=ACCOUNT, to=CLINIC_PHONE, texts=texts)


def _run(rt: Runtime, clinic: UUID, texts: Sequence[Shot]) -> dict[str, list[float]]:
    """Milliseconds of each emergency until its text, its call and its answer were taken."""
    hits = paced(WEB, texts, PACE)
    assert {hit.status for hit in hits} == {200}
    urgent = {hit.sid: hit for number, hit in enumerate(hits) if number % (OTHERS + 1) == OTHERS}
    pages = _pages(rt, clinic, urgent)
    took: dict[str, list[float]] = {"text": [], "call": [], "answer": []}
    for sid, page in pages.items():
        for way, times in took.items():
            times.append((getattr(page, way) - urgent[sid].answered) * 1000)
    return took


_TAKEN = """
    SELECT substr(i.dedupe, 5) AS sid, page.sid AS text, call.sid AS call, answer.sid AS answer
    FROM inbox i
    JOIN escalations e ON e.conversation_id = i.conversation_id
    JOIN alerts t ON t.escalation_id = e.id AND t.rung = 0 AND t.channel = 'text'
    JOIN outbox page ON page.id = t.outbox_id
    JOIN alerts call ON call.escalation_id = e.id AND call.rung = 0 AND call.channel = 'call'
    JOIN outbox answer ON split_part(answer.effect_key, ':', 1) = i.id::text
        AND answer.conversation_id = i.conversation_id
    WHERE i.clinic_id = :clinic AND i.dedupe = ANY(:names)
      AND page.sid IS NOT NULL AND call.sid IS NOT NULL AND answer.sid IS NOT NULL
"""


def _pages(rt: Runtime, clinic: UUID, urgent: Mapping[str, Hit]) -> dict[str, Page]:
    """When the twin took each; waits until it has all of them."""
    names, end = [f"sms:{sid}" for sid in urgent], time.monotonic() + _ENDS
    while True:
        with rt.begin() as db:
            rows = db.conn.execute(text(_TAKEN), {"clinic": clinic, "names": names}).all()
        if len(rows) == len(urgent):
            break
        if time.monotonic() > end:
            raise RuntimeError(f"{len(urgent) - len(rows)} emergencies without a page")
        time.sleep(0.5)
    twin = TwinClient(f"http://127.0.0.1:{TWIN}")
    at = {seen.sid: seen.at.timestamp() for seen in twin.messages()}
    at |= {ring.sid: ring.at.timestamp() for ring in twin.calls()}
    twin.close()
    return {one.sid: Page(text=at[one.text], call=at[one.call], answer=at[one.answer]) for one in rows}


def _report(took: Mapping[str, Sequence[float]]) -> None:
    names = {"text": "text at the carrier", "call": "call at the carrier", "answer": "answer to the patient"}
    for way, times in took.items():
        p50, p99 = statistics.median(times), percentile(times, 99)
        row(
            names[way],
            "p50 / p99 / most, ms",
            f"{p50:.0f} / {p99:.0f} / {max(times):.0f}",
            f"{len(times)} times",
        )


def _patient(number: int, phone: str) -> Patient:
    return Patient(
        external_id=f"P{number}",
        first_name="Ana",
        last_name="Morales",
        birth_date=date(1970, 1, 2),
        phone=phone,
        language="en",
        zone="America/New_York",
    )


def _hire(db: Db, clinic: UUID, handle: str, phone: str, now: datetime) -> None:
    staff.save(
        db,
        clinic=clinic,
        handle=handle,
        role="nurse",
        name=handle.title(),
        email=f"{handle}@clinic.example",
        phone=phone,
        now=now,
    )


# -- who has duty -----------------------------------------------------------------------------------------


def _duty(book: Book) -> None:
    zone, calendars, oncall = "America/New_York", book.house.calendars, book.oncall
    start = datetime.fromisoformat("2026-11-30T14:00:00+00:00")
    kept: dict[str, Any] = {"zone": zone, "calendars": calendars}

    def plain(plan: object, roster: str, moment: datetime, *, zone: str, calendars: object) -> str:
        return roster

    base = _microseconds(lambda: plain(oncall, "nurse", start, **kept), 20_000)
    row("a plain call", "us", f"{base:.2f}", "1")
    for name, times, asked in (
        ("on call: nurse", 2000, lambda: on_call(oncall, "nurse", start, **kept)),
        ("on call: front desk, closed", 2000, lambda: on_call(oncall, "front_desk", start, **kept)),
        (
            "shifts: nurse, 14 days",
            50,
            lambda: shifts(oncall, "nurse", start, start + timedelta(days=14), **kept),
        ),
        (
            "shifts: nurse, a year",
            5,
            lambda: shifts(oncall, "nurse", start, start + timedelta(days=365), **kept),
        ),
    ):
        took = _microseconds(asked, times)
        row(name, "us", f"{took:.1f}", f"{took / base:.0f}")


def _microseconds(asked: Callable[[], object], times: int) -> float:
    """The median of five series."""
    series = []
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(times):
            asked()
        series.append((time.perf_counter() - start) / times * 1e6)
    return statistics.median(series)


if __name__ == "__main__":
    os.chdir(HOME)
    main()
