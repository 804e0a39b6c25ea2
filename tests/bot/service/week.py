"""A week at the clinic, for tests of the console's day: patients, visits, free times, without carrier or phones."""

import itertools
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, select

from bot.core.effects import OpenTask, Purpose, SendText, Urgency, VisitRef
from bot.core.events import WHAT, VisitChanged
from bot.core.facts import Visit, VisitStatus
from bot.core.triggers import Change
from bot.runtime import Runtime
from bot.store import (
    appointments,
    audit,
    conversations,
    inbox,
    outbox,
    people,
    slots,
    visit_acts,
    waitlist,
    worklist,
)
from bot.store.appointments import Booking
from bot.store.outbox import Status
from bot.store.people import Patient
from bot.store.slots import Opening
from tests.conftest import SERVICE


@dataclass
class Week:
    """What the front desk of one clinic has before it."""

    rt: Runtime
    clinic: UUID
    numbers: itertools.count = field(default_factory=lambda: itertools.count(1))

    def patient(self, name: str = "Ana") -> UUID:
        """Somebody with a phone of their own."""
        number = next(self.numbers)
        made = Patient(
            external_id=f"P{number}",
            first_name=name,
            last_name="Morales",
            birth_date=date(1970, 1, 2),
            phone=f"+1202555{1000 + number}",
            language="en",
            zone="America/New_York",
        )
        with self.rt.begin() as db:
            people.save(db, self.clinic, [made], self.rt.now())
            return people.by_external_ids(db, self.clinic, [made.external_id])[made.external_id]

    def visit(
        self,
        start: datetime,
        *,
        name: str = "Ana",
        patient: UUID | None = None,
        status: VisitStatus = VisitStatus.BOOKED,
        provider: str = SERVICE.provider,
    ) -> UUID:
        """A visit of somebody's."""
        booking = Booking(
            external_id=f"A{next(self.numbers)}",
            patient_id=patient or self.patient(name),
            service=replace(SERVICE, provider=provider),
            start=start,
            minutes=30,
            status=status,
        )
        with self.rt.begin() as db:
            made = appointments.save(db, self.clinic, [booking], self.rt.now())[0].visit_id
        self.conversation(made)
        return made

    def free(self, *starts: datetime) -> list[UUID]:
        """Free times that fit the visits, soonest first; the waitlist may have them at once."""
        with self.rt.begin() as db:
            now = self.rt.now()
            made = [Opening(service=SERVICE, start=start, minutes=30) for start in starts]
            slots.add_openings(db, self.clinic, made, now)
            c = slots.slots.c
            wanted = select(c.id).where(c.clinic_id == self.clinic, c.start_at.in_(starts))
            return list(db.conn.execute(wanted.order_by(c.start_at)).scalars())

    def waits(self, visit: UUID) -> None:
        """They would come earlier."""
        with self.rt.begin() as db:
            waitlist.join(db, self.clinic, visit, self.rt.now())

    def now(self, visit: UUID) -> Visit:
        """The visit as it is."""
        with self.rt.begin() as db:
            found = visit_acts.visit(db, self.clinic, visit)
        assert found
        return found

    def conversation(self, visit: UUID) -> UUID:
        """That of the visit's patient."""
        with self.rt.begin() as db:
            phone = people.card(db, self.clinic, self.now(visit).patient_id).phone
            return conversations.with_phone(db, self.clinic, phone, self.rt.now())

    def texted(self, visit: UUID, status: Status = Status.DELIVERED) -> None:
        """A reminder of it that became this."""
        conversation, stands = self.conversation(visit), self.now(visit)
        text = SendText(
            wording="reminder",
            language="en",
            body="x",
            purpose=Purpose.REMINDER,
            zone="America/New_York",
            about=VisitRef(visit_id=visit, version=stands.version),
        )
        with self.rt.begin() as db:
            made = outbox.put(
                db,
                clinic=self.clinic,
                conversation=conversation,
                effect_key=str(uuid4()),
                text=text,
                now=self.rt.now(),
            )
            outbox.change(db, [{"id": made, "status": status}])

    def task(self, visit: UUID, name: str) -> None:
        """Something about it waits for a person."""
        conversation = self.conversation(visit)
        with self.rt.begin() as db:
            task = OpenTask(task=name, urgency=Urgency.ROUTINE, visit_id=visit)
            worklist.open_task(
                db, clinic=self.clinic, conversation=conversation, task=task, now=self.rt.now()
            )

    def opts_out(self, visit: UUID) -> None:
        """Their phone takes no texts."""
        conversation = self.conversation(visit)
        with self.rt.begin() as db:
            conversations.opt_out(db, conversation, self.rt.now())

    def trail(self) -> list[Row[*tuple[Any, ...]]]:
        """The audit trail, oldest first."""
        with self.rt.begin() as db:
            return list(db.conn.execute(select(audit.audit).order_by(audit.audit.c.lane, audit.audit.c.seq)))

    def news(self) -> list[Change | None]:
        """What conversations were told of changed visits, oldest first."""
        c = inbox.inbox.c
        with self.rt.begin() as db:
            rows = db.conn.execute(select(c.id, c.what).where(c.kind == "visit").order_by(c.seq)).all()
            told = [
                WHAT.validate_json(
                    db.open_bytes(inbox.inbox, "what", row.what, clinic=self.clinic, row=row.id)
                )
                for row in rows
            ]
        return [what.change for what in told if isinstance(what, VisitChanged)]

    def mail(self) -> int:
        """How many happenings wait in mailboxes."""
        with self.rt.begin() as db:
            return inbox.waiting(db)


def at(base: datetime, hours: float = 0, days: int = 0) -> datetime:
    """So much later, on the full second."""
    return (base + timedelta(days=days, hours=hours)).replace(microsecond=0)
