"""A practice for the benchmarks of pages: patients with charts, links as their texts bring them, forms almost done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from pydantic import TypeAdapter
from sqlalchemy import select

from bot.core.chart import Medicine, Result
from bot.core.flow import Page
from bot.runtime import Runtime
from bot.service import clinic as clinics
from bot.service import hash_pin
from bot.service.fill_in import Draft
from bot.signing import form_token, link_token, read_link
from bot.store import chart, conversations, links, openings, people
from bot.store.chart import Leaf
from bot.store.people import Patient
from tests.conftest import CLINIC_PHONE
from webhooks.pages.browser import new_secret

BORN = date(1970, 1, 2)
PIN = "402917"
DAY = timedelta(days=1)
MEASURED = 8
"""Times at which each value of a patient's was measured."""
_VALUES = (
    ("Total cholesterol", "mg/dL", None, 200.0, 180.0),
    ("LDL cholesterol", "mg/dL", None, 100.0, 95.0),
    ("HDL cholesterol", "mg/dL", 50.0, None, 55.0),
    ("Triglycerides", "mg/dL", None, 150.0, 140.0),
    ("Hemoglobin A1c", "%", 4.0, 5.6, 5.5),
)
_MEDICINES = ("Metformin", "Lisinopril", "Atorvastatin")
_DRAFT: TypeAdapter[Draft] = TypeAdapter(Draft)
_PORTION = 100  # patients in one transaction


@dataclass(frozen=True, slots=True)
class Someone:
    """A patient and the conversation with their phone."""

    patient: UUID
    conversation: UUID


@dataclass(frozen=True, slots=True)
class Seat:
    """A browser's unlocked page: where it is, its cookie and the proof of its forms."""

    here: str
    cookie: str
    csrf: str


@dataclass(frozen=True, slots=True)
class Practice:
    """The clinic and its patients."""

    rt: Runtime
    clinic: UUID
    everyone: Sequence[Someone]

    def tokens(self, page: Page, whose: Sequence[Someone], form: str | None = None) -> list[str]:
        """The token of a fresh link for each of these; an older one to the same page ends."""
        with self.rt.begin() as db:
            now = self.rt.now()
            made = [
                links.issue(
                    db,
                    clinic=self.clinic,
                    conversation=each.conversation,
                    patient=each.patient,
                    visit_id=None,
                    effect_key=str(uuid4()),
                    page=page,
                    form=form,
                    turn=None,
                    tries=5,
                    views=20,
                    now=now,
                )
                for each in whose
            ]
            links.leave(db, [(link, now + DAY) for link in made])
            c = links.links.c
            rows = db.conn.execute(select(c.id, c.handle, c.expires_at).where(c.id.in_(made)))
            found = {row.id: (row.handle, row.expires_at) for row in rows}
        return [link_token(self.rt.settings.secrets, *found[link]) for link in made]

    def seats(self, form: str, whose: Sequence[Someone], so_far: Draft) -> list[Seat]:
        """An unlocked form for each of these, answered so far."""
        made, secrets = [], self.rt.settings.secrets
        claims = [read_link(secrets, token) for token in self.tokens(Page.FORM, whose, form)]
        with self.rt.begin() as db:
            now = self.rt.now()
            for claim in claims:
                assert claim is not None
                link, cookie = links.with_handle(db, claim.handle), new_secret()
                assert link is not None
                opening = openings.begin(db, clinic=self.clinic, link=link.id, browser=cookie, now=now)
                openings.unlock(db, opening, now)
                links.save(db, link, _DRAFT.dump_json(so_far))
                made.append(Seat(f"/s/{opening}", cookie, form_token(secrets, opening, cookie)))
        return made

    def give_pins(self, whose: Sequence[Someone]) -> None:
        """Each of these has chosen the PIN."""
        with self.rt.begin() as db:
            hashed = hash_pin.hashed(PIN, BORN)
            for each in whose:
                people.set_pin(db, self.clinic, each.patient, hashed, self.rt.now())


def fill(rt: Runtime, patients: int) -> Practice:
    """A clinic with so many patients, each with a phone of their own, medicines and results over some years."""
    clinic = clinics.add(
        rt, name="Riverside Clinic", phone=CLINIC_PHONE, zone="America/New_York", oncall_phone="+12025550199"
    )
    everyone: list[Someone] = []
    for first in range(0, patients, _PORTION):
        numbers = range(first, min(first + _PORTION, patients))
        with rt.begin() as db:
            now = rt.now()
            people.save(db, clinic, [_patient(number) for number in numbers], now)
            ids = people.by_external_ids(db, clinic, [f"P{number}" for number in numbers])
            talks = conversations.with_phones(db, clinic, {phone(number) for number in numbers}, now)
            everyone.extend(Someone(ids[f"P{number}"], talks[phone(number)]) for number in numbers)
            leaves = [leaf for number in numbers for leaf in _leaves(number, ids[f"P{number}"], now)]
            chart.save(db, clinic, leaves, now)
    with rt.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("VACUUM ANALYZE")
    return Practice(rt, clinic, everyone)


def phone(number: int) -> str:
    """The phone of this patient, E.164."""
    return f"+1303{5550000 + number:07d}"


def fields_of_birth() -> Mapping[str, str]:
    """What patients type to prove who they are."""
    return {"month": str(BORN.month), "day": str(BORN.day), "year": str(BORN.year)}


def _patient(number: int) -> Patient:
    return Patient(
        external_id=f"P{number}",
        first_name="Ana",
        last_name="Morales",
        birth_date=BORN,
        phone=phone(number),
        language="es" if number % 4 == 0 else "en",
        zone="America/New_York",
    )


def _leaves(number: int, patient: UUID, now: datetime) -> Iterator[Leaf]:
    for name in _MEDICINES:
        what = Medicine(name=name, how="10 mg once a day", covered=True)
        yield Leaf(external_id=f"{number}-{name}", patient_id=patient, content=what, at=now, released=True)
    for time in range(MEASURED):
        taken = datetime(2026, 10, 1, 15, 0, tzinfo=UTC) - time * timedelta(days=180)
        for name, unit, low, high, value in _VALUES:
            measured = Result(
                name=name,
                value=f"{value + time:g}",
                number=value + time,
                unit=unit,
                low=low,
                high=high,
                taken=taken,
                provider="Dr. Okafor",
                note="Better again. Please go on as you do.",
                panel="Cholesterol and blood sugar",
            )
            yield Leaf(
                external_id=f"{number}-{name}-{time}",
                patient_id=patient,
                content=measured,
                at=taken,
                released=taken + 2 * DAY,
                group=f"{number}-{time}",
            )
