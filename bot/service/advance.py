"""Advance conversations: take a happening out of its mailbox, decide, keep the decision. One transaction each.

Different conversations run in parallel on any number of workers; within one, happenings go in order. One
that raises is tried again with growing pauses and then handed to a person: nothing is dropped in silence.
"""

import time
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot import log
from bot.core import identity
from bot.core.decide import Decision, decide
from bot.core.effects import OpenTask, SendText, Urgency
from bot.core.events import Event, TextArrived, What
from bot.core.facts import Facts, Sender
from bot.core.flow import Book
from bot.core.state import State
from bot.errors import DatabaseAway
from bot.failpoint import failpoint
from bot.gateways.doorbell import OUTBOUND
from bot.runtime import Runtime
from bot.service import record
from bot.service.apply import Applying, apply
from bot.store import appointments, audit, clinics, conversations, inbox, worklist
from bot.store.audit import Entry
from bot.store.base import Db
from bot.store.clinics import Clinic
from bot.store.inbox import Taken

MOST_ATTEMPTS = 5
_PAUSE = timedelta(seconds=2)
_logger = log.get(__name__)


def drain(rt: Runtime, seconds: float) -> bool:
    """Work on mailboxes until they are empty or `seconds` are over; whether there is more to do."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        texts = advance(rt)
        if texts is None:
            return False
        if texts:
            rt.doorbell.ring(OUTBOUND)
    return True


def advance(rt: Runtime) -> bool | None:
    """Deal with one happening. None: nothing waits; else whether texts are to leave."""
    taken: Taken | None = None
    try:
        with rt.begin() as db:
            taken = inbox.take(db, rt.now())
            if taken is None:
                return None
            failpoint("advance-after-take")
            decision = _decide(rt, db, taken)
            failpoint("advance-before-commit")
        failpoint("advance-after-commit")
        return any(isinstance(effect, SendText) or effect.kind == "PageStaff" for effect in decision.effects)
    except DatabaseAway:
        raise  # nothing of it happened; the clock looks again
    except Exception as error:
        if taken is None:
            raise
        _logger.error(
            "happening_failed", inbox=str(taken.id), attempt=taken.attempts + 1, **log.error_fields(error)
        )
        _put_off(rt, taken)
        return False


def _decide(rt: Runtime, db: Db, taken: Taken) -> Decision:
    now = rt.now()
    clinic = clinics.get(db, taken.clinic)
    facts = _facts(db, taken, clinic, now)
    state = conversations.load_state(
        db, clinic=taken.clinic, conversation=taken.conversation, sealed=taken.state
    )
    edition = taken.edition if state.talks and taken.edition else rt.current_edition(db)
    book = rt.book(db, edition)
    event = Event(seq=taken.seq, what=_read(rt, taken, state, facts, book, now), facts=facts)
    decision = decide(book, state, event, now)
    conversations.save(
        db,
        clinic=taken.clinic,
        conversation=taken.conversation,
        state=decision.state,
        edition=edition,
        now=now,
    )
    at = Applying(db=db, clinic=clinic, conversation=taken.conversation, event=taken.id, now=now)
    apply(at, decision.effects)
    inbox.done(db, taken, record.of(event, state, decision, now), now)
    audit.write(db, [_entry(taken, facts, decision)], now)
    return decision


def _facts(db: Db, taken: Taken, clinic: Clinic, now: datetime) -> Facts:
    people, visits = appointments.around(db, taken.clinic, taken.phone_index, now)
    return Facts(
        clinic=clinic.facts,
        people=people,
        visits=visits,
        sender=_sender(taken.phone, clinic, known=bool(people)),
        opted_out=taken.opted_out,
    )


def _sender(phone: str, clinic: Clinic, *, known: bool) -> Sender:
    if phone == clinic.oncall_phone:
        return Sender.STAFF
    if known:
        return Sender.PATIENT
    return Sender.STRANGER if phone.startswith("+") else Sender.MACHINE


def _read(rt: Runtime, taken: Taken, state: State, facts: Facts, book: Book, now: datetime) -> What:
    """The happening, a text with its reading."""
    what = taken.what
    if not isinstance(what, TextArrived):
        return what
    person = facts.people[0] if facts.people else None
    zone = person.zone if person else facts.clinic.zone
    language = state.language or (person.language if person else None)
    expect = identity.expects(state, facts.visits, zone, book.language(language))
    reading = rt.reader.read(what.body, expect=expect, language=language, now=now.astimezone(ZoneInfo(zone)))
    return replace(what, reading=reading)


def _entry(taken: Taken, facts: Facts, decision: Decision) -> Entry:
    return Entry(
        clinic=taken.clinic,
        actor="patient" if isinstance(taken.what, TextArrived) else "bot",
        action=f"conversation.{taken.what.kind}",
        subject=f"conversation:{taken.conversation}",
        patients=tuple(person.id for person in facts.people),
        detail=",".join(effect.kind for effect in decision.effects),
    )


def _put_off(rt: Runtime, taken: Taken) -> None:
    """Try again later, or hand it to a person and let the mailbox go on."""
    now = rt.now()
    again = taken.attempts + 1 < MOST_ATTEMPTS
    with rt.begin() as db:
        inbox.failed(db, taken.id, retry_at=now + _PAUSE * 2**taken.attempts if again else None, now=now)
        if not again:
            task = OpenTask(task="bot_could_not_read_this", urgency=Urgency.URGENT)
            worklist.open_task(db, clinic=taken.clinic, conversation=taken.conversation, task=task, now=now)
