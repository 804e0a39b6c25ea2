"""Finding patients, the page of one, contact data and guardians."""

from datetime import date
from uuid import UUID, uuid4

from bot.core.roles import May
from bot.runtime import Runtime
from bot.store import guardians, notes, people
from bot.store.people import Patient
from tests.webhooks.console.urls import Url

ONE = "/patients/<uuid:patient>"
CONTACT = {
    "first_name": "Ana",
    "last_name": "Vega",
    "birth_date": "1958-04-12",
    "phone": "+12025550155",
    "language": "en",
    "timezone": "America/New_York",
}
URLS = (
    Url(rule="/patients", may=May.PATIENTS),
    Url(rule="/patients", method="POST", may=May.PATIENTS, form={"wanted": "Morales"}),
    Url(rule=ONE, may=May.PATIENTS),
    Url(rule=f"{ONE}/photos/<uuid:photo>", may=May.PATIENTS),
    Url(rule=f"{ONE}/send", method="POST", may=May.SEND, form={"what": "history"}),
    Url(rule=f"{ONE}/flow", method="POST", may=May.SEND, form={"flow": "phq2"}),
    Url(rule=f"{ONE}/call", method="POST", may=May.INBOX, form={"note": "insurance"}),
    Url(rule=f"{ONE}/contact", may=May.CONTACTS),
    Url(rule=f"{ONE}/contact", method="POST", may=May.CONTACTS, form=CONTACT),
    Url(
        rule=f"{ONE}/guardians",
        method="POST",
        may=May.CONTACTS,
        form={"name": "Luis Morales", "relation": "son"},
    ),
    Url(rule=f"{ONE}/guardians/<uuid:guardian>/remove", method="POST", may=May.CONTACTS),
)


def seed(rt: Runtime, clinic: UUID) -> dict[str, str]:
    """A patient with a photo and a guardian."""
    number, now = str(uuid4()), rt.now()
    with rt.begin() as db:
        made = Patient(
            external_id=number,
            first_name="Ana",
            last_name="Morales",
            birth_date=date(1958, 4, 12),
            phone="+12025550144",
            language="en",
            zone="America/New_York",
        )
        people.save(db, clinic, [made], now)
        patient = people.by_external_ids(db, clinic, [number])[number]
        photo = notes.keep_photo(db, clinic=clinic, patient=patient, content=b"JPEG", now=now)
        son = guardians.add(
            db, clinic=clinic, patient=patient, name="Luis", relation="son", phone=None, now=now
        )
    return {"<uuid:patient>": str(patient), "<uuid:photo>": str(photo), "<uuid:guardian>": str(son)}
