"""What the world looked like when an event was taken up: the snapshot that `decide` decides on.

The shell reads it in the event's own transaction. Moments are aware and in UTC; zones are IANA names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from bot.core.triggers import Change


class VisitStatus(StrEnum):
    """FHIR R4 Appointment.status, and `confirmed`, which FHIR keeps in AppointmentResponse."""

    PROPOSED = "proposed"
    PENDING = "pending"
    BOOKED = "booked"
    CONFIRMED = "confirmed"
    CHECKED_IN = "checked-in"
    ARRIVED = "arrived"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    NOSHOW = "noshow"
    ENTERED_IN_ERROR = "entered-in-error"
    WAITLIST = "waitlist"


STANDING = (VisitStatus.BOOKED, VisitStatus.CONFIRMED)
"""The states in which a visit still lies ahead and may be spoken about."""

HELD = (VisitStatus.FULFILLED, VisitStatus.ARRIVED, VisitStatus.CHECKED_IN)
"""The states of a visit to which the patient came."""


LATE = timedelta(hours=2)
"""For so long after its start a patient may still come to a visit, and text about it."""


class Sender(StrEnum):
    """Who holds the phone of a conversation, as far as the clinic knows."""

    PATIENT = "patient"
    STAFF = "staff"
    STRANGER = "stranger"
    MACHINE = "machine"  # a short code or an alphanumeric sender: answering it makes a loop


@dataclass(frozen=True, slots=True, kw_only=True)
class Clinic:
    """The clinic that a conversation belongs to. All of it is public."""

    name: str
    phone: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A patient who uses this phone. Several may share one.

    `missed` counts the visits to which they did not come; `preferences` has what they chose: `channel` (text or
    call), and `no` for a purpose of texts that they don't want.
    """

    id: UUID
    first_name: str
    language: str
    zone: str
    birth_date: date | None = None
    missed: int = 0
    preferences: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """An appointment. `version` rises with every change that somebody else made to it."""

    id: UUID
    patient_id: UUID
    version: int
    start: datetime
    minutes: int
    status: VisitStatus
    provider: str = ""
    location: str = ""
    kind: str = ""


_CLOSED = {
    VisitStatus.CANCELLED: Change.CANCELLED,
    VisitStatus.ENTERED_IN_ERROR: Change.CANCELLED,
    VisitStatus.FULFILLED: Change.COMPLETED,
    VisitStatus.NOSHOW: Change.MISSED,
}


def change_of(old: Visit | None, new: Visit) -> Change | None:
    """What is new about a visit that a patient could be told of."""
    if new.status in STANDING:
        if old is None or old.status not in STANDING:
            return Change.BOOKED
        return (
            Change.MOVED if old.start != new.start else None
        )  # the office's 'booked' may be our 'confirmed'
    return None if old and old.status is new.status else _CLOSED.get(new.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A time that is open for booking."""

    id: UUID
    start: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """`visits` are those of the people on this phone that are ahead or not long past, soonest first."""

    clinic: Clinic
    people: tuple[Person, ...] = ()
    visits: tuple[Visit, ...] = ()
    sender: Sender = Sender.PATIENT
    opted_out: bool = False

    def visit(self, visit_id: UUID | None) -> Visit | None:
        """The visit with this id, or None."""
        return next((visit for visit in self.visits if visit.id == visit_id), None)

    def person(self, person_id: UUID | None) -> Person | None:
        """The person with this id, or None."""
        return next((person for person in self.people if person.id == person_id), None)

    def standing(self, now: datetime) -> tuple[Visit, ...]:
        """Visits ahead of `now` that are still on, soonest first."""
        return tuple(visit for visit in self.visits if visit.status in STANDING and visit.start > now)

    def late(self, now: datetime) -> tuple[Visit, ...]:
        """Visits that have just begun, of patients whom nobody has seen come yet."""
        return tuple(
            visit for visit in self.visits if visit.status in STANDING and now - LATE <= visit.start <= now
        )
