"""Grant and withdraw a patient's way into their pages: a PIN that the clinic hands out, links that end at once.

Who does it is in the audit trail. Staff name patients by the clinic's own id of theirs.
"""

from secrets import randbelow
from uuid import UUID

from bot.errors import BadPin, NotFound
from bot.runtime import Runtime
from bot.service import drop_passkeys, hash_pin
from bot.service.clinic import the_one
from bot.store import audit, links, people
from bot.store.audit import Entry
from bot.store.base import Db

OPERATOR = "operator"


def issue_pin(rt: Runtime, clinic: UUID | None, external_id: str) -> str:
    """A fresh PIN for this patient, to be told in person; it is shown this once. Raises NotFound, UnknownClinic."""
    where = the_one(rt, clinic).id
    with rt.begin() as db:
        patient = _patient(db, where, external_id)
        born = people.card(db, where, patient).birth_date
        while True:
            pin = f"{randbelow(10**hash_pin.DIGITS):0{hash_pin.DIGITS}}"
            try:
                hashed = hash_pin.hashed(pin, born)
                break
            except BadPin:  # one that others would guess
                continue
        people.set_pin(db, where, patient, hashed, rt.now())
        audit.write(db, [_entry(where, patient, "pin.issued")], rt.now())
    return pin


def withdraw(rt: Runtime, clinic: UUID | None, external_id: str) -> int:
    """End all links and passkeys of this patient, from the next request on; how many links. Raises NotFound."""
    where = the_one(rt, clinic).id
    with rt.begin() as db:
        patient = _patient(db, where, external_id)
        ended = links.revoke(db, rt.now(), "staff", patients=[patient])
        drop_passkeys.drop(db, where, [patient], "staff", rt.now(), actor=OPERATOR)
        audit.write(db, [_entry(where, patient, "pages.withdrawn")], rt.now())
    return len(ended)


def patient_of(rt: Runtime, clinic: UUID | None, external_id: str) -> tuple[UUID, UUID]:
    """Clinic and patient with this id of the clinic's. Raises NotFound, UnknownClinic."""
    where = the_one(rt, clinic).id
    with rt.begin() as db:
        return where, _patient(db, where, external_id)


def _patient(db: Db, clinic: UUID, external_id: str) -> UUID:
    found = people.by_external_ids(db, clinic, [external_id]).get(external_id)
    if found is None:
        raise NotFound("No patient of this clinic's has this id.")
    return found


def _entry(clinic: UUID, patient: UUID, action: str) -> Entry:
    return Entry(
        clinic=clinic,
        actor=OPERATOR,
        action=action,
        subject=f"patient:{patient}",
        patients=(patient,),
        origin="cli",
    )
