"""A practice: a clinic in town with patients who text, and the history of it all.

`check` is the specification of reliability. It reads what the carrier saw and what stands in the database, and
says whether every text was dealt with once, answered once, and in order.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text as sql

from bot.core.events import VisitChanged
from bot.core.facts import VisitStatus
from bot.gateways.twilio_twin.client import Seen
from bot.service import clinic as clinics
from bot.service import operate, sweep
from bot.store import appointments, conversations, inbox, people
from bot.store.appointments import Booking
from bot.store.inbox import Mail
from bot.store.people import Patient
from bot.store.slots import Opening, Service, add_openings
from tests.faults.town import Town
from tests.faults.waiting import RECOVERY, until

CONFIRM = "yes see you then"
SERVICE = Service(provider="Dr. Okafor", location="Main Street", kind="follow-up")
_numbers = itertools.count(1000)

# A text that a worker has just put there may lie a moment ahead of the clock that was looked at before.
_WAITS = """
    SELECT (SELECT count(*) FROM inbox WHERE clinic_id = :clinic AND done_at IS NULL AND failed_at IS NULL),
           (SELECT count(*) FROM outbox WHERE clinic_id = :clinic AND status IN ('ready', 'sending')
            AND not_before <= CAST(:now AS timestamptz) + interval '1 s')
"""
# Anywhere in town, but for what was left half sent, and what waits behind that.
_UNDER_WAY = """
    SELECT 1 FROM inbox WHERE done_at IS NULL AND failed_at IS NULL
    UNION ALL
    SELECT 1 FROM outbox o WHERE not_before <= CAST(:now AS timestamptz) + interval '1 s' AND (
        status = 'sending' AND claimed_at > CAST(:now AS timestamptz) - interval '3 s'
        OR status = 'ready' AND NOT EXISTS (
            SELECT FROM outbox a WHERE a.conversation_id = o.conversation_id AND a.status = 'sending'))
"""
_TEXTS = """
    SELECT substr(i.dedupe, 5) AS sid, i.seq, i.done_at, i.failed_at, i.conversation_id,
           array(SELECT o.id FROM outbox o WHERE split_part(o.effect_key, ':', 1) = i.id::text ORDER BY o.seq)
               AS replies
    FROM inbox i WHERE i.clinic_id = :clinic AND i.kind = 'text' ORDER BY i.seq
"""
_DECIDED = """
    SELECT count(*) FROM audit WHERE clinic_id = :clinic AND action = 'conversation.text'
"""


@dataclass
class Practice:
    """A clinic of its own for one test: all tests share the processes and their database."""

    town: Town
    clinic: UUID
    phone: str
    oncall: str
    patients: list[UUID]
    phones: list[str]
    visits: list[UUID]

    # -- what happens

    def text(self, patient: int, body: str = CONFIRM) -> str:
        """A patient texts; its MessageSid. It is on its way when this returns."""
        return self.town.twin.text(sender=self.phones[patient], to=self.phone, body=body)

    def visit_changes(self, patient: int, start: datetime) -> None:
        """The office moves a visit; reminders are planned for it."""
        with self.town.rt.begin() as db:
            now = self.town.rt.now()
            booking = _booking(self.clinic, patient, self.patients[patient], start)
            (change,) = appointments.save(db, self.clinic, [booking], now)
            mail = Mail(
                clinic=self.clinic,
                conversation=conversations.with_phone(db, self.clinic, self.phones[patient], now),
                dedupe=f"visit:{change.visit_id}:{change.version}",
                what=VisitChanged(visit_id=change.visit_id, version=change.version),
            )
            inbox.put(db, [mail], now)

    def plan_reminders(self, ahead: timedelta) -> None:
        """Every patient has a visit whose first reminder is due that far ahead, in the morning; timers are set."""
        self.town.morning()
        start = self.town.rt.now().replace(microsecond=0) + timedelta(days=3) + ahead
        for patient in range(len(self.patients)):
            self.visit_changes(patient, start)
        planned = "SELECT DISTINCT conversation_id FROM timers WHERE clinic_id = :clinic"
        until(lambda: len(self.rows(planned)) == len(self.patients))

    def openings(self, *starts: datetime) -> None:
        """Open times that fit the visits."""
        with self.town.rt.begin() as db:
            add_openings(
                db, self.clinic, [Opening(service=SERVICE, start=start, minutes=30) for start in starts]
            )

    def traffic(self) -> None:
        """Every patient texts, some of them twice."""
        everybody = range(len(self.phones))
        for patient in (*everybody, *everybody[::2]):
            self.text(patient)

    def close(self) -> None:
        """Nothing of it rings any more."""
        with self.town.rt.begin() as db:
            db.conn.execute(sql("DELETE FROM timers WHERE clinic_id = :clinic"), {"clinic": self.clinic})

    # -- what there is

    def rows(self, statement: str, **values: object) -> list[Any]:
        """Rows of a query; `:clinic` and `:now` are known."""
        known = {"clinic": self.clinic, "now": self.town.rt.now()} | values
        used = {name: value for name, value in known.items() if f":{name}" in statement}
        with self.town.rt.begin() as db:
            return list(db.conn.execute(sql(statement), used))

    def statuses(self) -> list[str]:
        """Of the texts in the outbox, oldest first."""
        query = "SELECT status FROM outbox WHERE clinic_id = :clinic ORDER BY seq"
        return [row.status for row in self.rows(query)]

    def tasks(self) -> list[str]:
        """What people have to do."""
        return sorted(row.task for row in self.rows("SELECT task FROM tasks WHERE clinic_id = :clinic"))

    def said(self) -> list[Seen]:
        """The patients' texts as the carrier has them, oldest first."""
        return [seen for seen in self._seen() if seen.direction == "inbound"]

    def accepted(self, phone: str | None = None) -> list[Seen]:
        """Our texts as the carrier took them, oldest first: to one phone or to all."""
        ours = [seen for seen in self._seen() if seen.direction == "outbound-api"]
        return [seen for seen in ours if phone in (None, seen.to)]

    def got(self, patient: int) -> list[str]:
        """The bodies that a patient got from us, oldest first."""
        return [seen.body for seen in self.accepted(self.phones[patient])]

    def _seen(self) -> list[Seen]:
        return self.town.twin.messages(number=self.phone)

    # -- and what must be so

    def settle(self, within: float = RECOVERY) -> None:
        """Wait until nothing waits: no happening, no text, no callback."""
        until(lambda: self._waiting() == (0, 0, 0), within, self._waiting)

    def catch_up(self, within: float = RECOVERY) -> None:
        """The clock's poll brings in what the webhook missed; then all is dealt with."""
        self.settle(within)
        sweep.poll(self.town.rt)
        self.settle(within)

    def find_out(self) -> None:
        """The clock looks up at the carrier what was being sent, and after ten minutes gives up on the rest."""
        until(lambda: not self.rows(_UNDER_WAY))
        for wait in (sweep.LOOK_AFTER, sweep.GIVE_UP_AFTER):
            self.town.pass_time(wait + timedelta(seconds=1))
            sweep.settle(self.town.rt)

    def _waiting(self) -> tuple[int, int, int]:
        """The carrier is asked before and after: what was on its way at one look has arrived at the other."""
        on_the_way = self.town.twin.pending()
        mail, texts = self.rows(_WAITS)[0]
        return mail, texts, on_the_way + self.town.twin.pending()

    def check(self, *, may_be_lost: bool = False) -> None:
        """Every text dealt with once and answered once; what the carrier took is what the outbox says, in order.

        `may_be_lost`: a routine answer may have become a task instead, where nobody knows if it was sent.
        """
        texts = {row.sid: row for row in self.rows(_TEXTS)}
        assert sorted(texts) == sorted(seen.sid for seen in self.said()), "came in, each once"
        assert all(row.done_at and not row.failed_at for row in texts.values()), "dealt with"
        assert [len(row.replies) for row in texts.values()] == [1] * len(texts), "answered once"
        assert self.rows(_DECIDED)[0].count == len(texts), "decided once"
        self._check_carrier(may_be_lost=may_be_lost)
        self._check_order(texts)
        operate.verify_audit(self.town.rt)

    def _check_carrier(self, *, may_be_lost: bool) -> None:
        outbox = self.rows("SELECT id, sid, status FROM outbox WHERE clinic_id = :clinic")
        lost = [row for row in outbox if row.status == "lost"]
        assert may_be_lost or not lost
        assert bool(lost) == ("text_not_delivered" in self.tasks()), "what is lost is a person's task"
        gone = sorted(row.sid for row in outbox if row.status in ("sent", "delivered"))
        assert len(gone) + len(lost) == len(outbox), "nothing is stuck"
        assert gone == sorted(seen.sid for seen in self.accepted()), "sent once"

    def _check_order(self, texts: dict[str, Any]) -> None:
        """Texts whose webhook was taken came in as they were sent; answers left in the order of the texts."""
        ours = {seen.sid: number for number, seen in enumerate(self.accepted())}
        left = {row.id: ours.get(row.sid) for row in self.rows("SELECT id, sid FROM outbox")}
        for phone in self.phones:
            taken = [s.sid for s in self.said() if s.sender == phone and s.webhook == "done"]
            arrived = [texts[sid].seq for sid in taken]
            assert arrived == sorted(arrived), "came in in order"
            worked = sorted((row for row in texts.values() if row.sid in taken), key=lambda row: row.seq)
            answers = [left[row.replies[0]] for row in worked]
            sent = [place for place in answers if place is not None]
            assert sent == sorted(sent), "answered in order"


def found(town: Town, patients: int = 1) -> Practice:
    """A new clinic with somebody on call, whose patients each have a visit in five days."""
    number = next(_numbers)
    phone, oncall = f"+1202555{number}", f"+1202556{number}"
    rt = town.rt
    clinic = clinics.add(
        rt, name="Riverside Clinic", phone=phone, zone="America/New_York", oncall_phone=oncall
    )
    phones = [_phone(each) for each in range(patients)]
    with rt.begin() as db:
        people.save(db, clinic, [_patient(each, phones[each]) for each in range(patients)], rt.now())
        ids = people.by_external_ids(db, clinic, [f"P{each}" for each in range(patients)])
        everyone = [ids[f"P{each}"] for each in range(patients)]
        start = rt.now().replace(microsecond=0) + timedelta(days=5)
        bookings = [_booking(clinic, each, everyone[each], start) for each in range(patients)]
        changes = {
            change.patient_id: change.visit_id for change in appointments.save(db, clinic, bookings, rt.now())
        }
    return Practice(town, clinic, phone, oncall, everyone, phones, [changes[patient] for patient in everyone])


def sentences(bodies: Sequence[str], *names: str) -> bool:
    """Whether the bodies are these sentences, told by some words of each."""
    return len(bodies) == len(names) and all(name in body for name, body in zip(names, bodies, strict=True))


def _phone(number: int) -> str:
    return f"+1303555{number:04d}"


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


def _booking(clinic: UUID, number: int, patient: UUID, start: datetime) -> Booking:
    return Booking(
        external_id=f"A{number}",
        patient_id=patient,
        service=SERVICE,
        start=start,
        minutes=30,
        status=VisitStatus.BOOKED,
    )
