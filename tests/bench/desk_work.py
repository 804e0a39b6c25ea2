"""A clinic with a lot of work, for the benchmark of the console: open tasks, and a patient with a long history."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

from bot.core.effects import Purpose
from bot.core.events import WHAT, TextArrived
from bot.runtime import Runtime
from bot.service import clinic as clinics
from bot.service.record import RECORD, Record
from bot.store import conversations, inbox, outbox, people, worklist
from bot.store.base import Db
from bot.store.people import Patient
from nlp.reading import Intent, Reading

_BATCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What was made; `patient` has the long history, `task` is one of the open ones."""

    clinic: UUID
    phones: list[str]
    patient: UUID
    task: UUID


def fill(rt: Runtime, number: str, count: int, entries: int) -> Made:
    """As many patients, each with an open task, and one with as many texts back and forth."""
    clinic = clinics.add(rt, name="Riverside Clinic", phone=number, zone="America/New_York")
    phones = [f"+1404{5550000 + n:07d}" for n in range(count)]
    task = UUID(int=0)
    for first in range(0, count, _BATCH):
        with rt.begin() as db:
            task = _some(rt, db, clinic, phones[first : first + _BATCH], first)
    with rt.begin() as db:
        patient = people.by_external_ids(db, clinic, ["P0"])["P0"]
        _history(rt, db, clinic, phones[0], entries)
    with rt.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("VACUUM ANALYZE")
    return Made(clinic=clinic, phones=phones, patient=patient, task=task)


def _some(rt: Runtime, db: Db, clinic: UUID, phones: list[str], first: int) -> UUID:
    now = rt.now()
    made = [
        Patient(
            external_id=f"P{first + n}",
            first_name="Ana",
            last_name=f"Morales{first + n}",
            birth_date=date(1970, 1, 2),
            phone=phone,
            language="en",
            zone="America/New_York",
        )
        for n, phone in enumerate(phones)
    ]
    people.save(db, clinic, made, now)
    rows = [
        {
            "id": uuid4(),
            "clinic_id": clinic,
            "conversation_id": conversation,
            "task": "question" if n % 3 else "reply_not_understood",
            "urgency": "urgent" if n % 20 == 0 else "routine",
            "role": "front_desk" if n % 2 else "nurse",
            "times": 1,
            "opened_at": now - timedelta(seconds=first + n),
            "last_at": now,
            "due_at": now + timedelta(minutes=first + n),
        }
        for n, conversation in enumerate(conversations.with_phones(db, clinic, set(phones), now).values())
    ]
    db.add(worklist.tasks, rows)
    found: UUID = rows[0]["id"]  # type: ignore[assignment]
    return found


def _history(rt: Runtime, db: Db, clinic: UUID, phone: str, entries: int) -> None:
    """Texts back and forth, one an hour, each with the record of what was understood."""
    now = rt.now()
    conversation = conversations.with_phone(db, clinic, phone, now)
    reading = Reading(intent=Intent.CONFIRM, confidence=0.97, language="en")
    came, went = [], []
    for n in range(entries // 2):
        at = now - timedelta(hours=entries - 2 * n)
        record = Record(at=at, reading=reading, before=None, after=None, effects=())
        came.append(
            {
                "id": uuid4(),
                "clinic_id": clinic,
                "conversation_id": conversation,
                "rank": 1,
                "kind": "text",
                "dedupe": f"sms:{n}",
                "what": WHAT.dump_json(TextArrived(sid=f"SM{n}", body=f"yes see you then {n}")),
                "received_at": at,
                "done_at": at,
                "record": RECORD.dump_json(record),
            }
        )
        went.append(
            {
                "id": uuid4(),
                "clinic_id": clinic,
                "conversation_id": conversation,
                "effect_key": f"bench:{n}",
                "wording": "confirmed",
                "body": f"Riverside Clinic: thank you, see you then. {n}",
                "purpose": Purpose.REPLY,
                "zone": "America/New_York",
                "final": False,
                "not_before": at,
                "created_at": at + timedelta(minutes=1),
                "sent_at": at + timedelta(minutes=1),
                "status": outbox.Status.DELIVERED,
            }
        )
    db.add(inbox.inbox, came)
    db.add(outbox.outbox, went)
