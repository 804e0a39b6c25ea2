"""Advance conversations: take a happening out of its mailbox, decide, keep the decision. One transaction each.

Different conversations run in parallel on any number of workers; within one, happenings go in order. One
that raises is tried again with growing pauses and then handed to a person: nothing is dropped in silence.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from bot import log
from bot.core import answers, identity
from bot.core.book import Book
from bot.core.decide import Decision, decide
from bot.core.effects import (
    BookSlot,
    JoinWaitlist,
    NoteEscalation,
    OpenTask,
    PageStaff,
    PassOn,
    SendPage,
    SendText,
    SetVisitStatus,
    TellStaff,
    Urgency,
)
from bot.core.events import (
    EditionMoved,
    Event,
    PageUsed,
    ReminderDue,
    StaffSentPage,
    TextArrived,
    Triggered,
    VisitChanged,
    What,
    WordsOnPage,
)
from bot.core.facts import Facts, Sender
from bot.core.state import STATE, State
from bot.errors import DatabaseAway, DealtWith
from bot.failpoint import failpoint
from bot.gateways.doorbell import ALERTS, OUTBOUND
from bot.gateways.live import DAY, INBOX, talk
from bot.runtime import Runtime
from bot.service import compare, record
from bot.service.apply import Applying, apply
from bot.store import audit, conversations, happenings, households, inbox, worklist
from bot.store.audit import Entry
from bot.store.base import Db
from bot.store.clinics import Clinic
from bot.store.happenings import Happening, Head, Taken
from bot.store.inbox import Mail

MOST_ATTEMPTS = 5
AT_ONCE = 200
_THREADS = 8
_PAUSE = timedelta(seconds=2)
_OF_PATIENTS = TextArrived | PageUsed | WordsOnPage
_WORK = OpenTask | PageStaff | NoteEscalation
_VISITS = SetVisitStatus | BookSlot | JoinWaitlist | PassOn
"""What the inbox of a console shows."""
_logger = log.get(__name__)


def drain(rt: Runtime, seconds: float) -> bool:
    """Work on mailboxes until they are empty or `seconds` are over; whether there is more to do.

    A few conversations at a time, so that one's commit does not hold up the next one's reading.
    """
    end = time.monotonic() + seconds
    with ThreadPoolExecutor(_THREADS) as pool:
        while time.monotonic() < end:
            with rt.begin() as db:
                waiting = happenings.conversations_waiting(db, rt.now(), AT_ONCE)
            went = False
            for texts in pool.map(partial(advance, rt), waiting):
                went |= texts is not None
                if texts:
                    rt.doorbell.ring_soon(OUTBOUND)
            if not went:
                return False  # empty, or other workers are at it
    return True


def advance(rt: Runtime, conversation: UUID) -> bool | None:
    """Deal with the head of one mailbox. None: there was nothing to do here; else whether texts are to leave."""
    taken: Taken | None = None
    try:
        with rt.begin() as db:
            taken = happenings.take(db, conversation, rt.now())
            if taken is None:
                return None
            failpoint("advance-after-take")
            decision = _decide(rt, db, happenings.opened(db, taken))
            failpoint("advance-before-commit")
        failpoint("advance-after-commit")
    except DatabaseAway:
        raise  # nothing of it happened; the clock looks again
    except DealtWith:
        return None  # another worker was quicker
    except Exception as error:
        if taken is None:
            raise
        attempt = taken.attempts + 1
        _logger.error("happening_failed", inbox=str(taken.id), attempt=attempt, **log.error_fields(error))
        _put_off(rt, taken)
        return False
    _tell_consoles(rt, taken, decision)
    if any(isinstance(effect, PageStaff) for effect in decision.effects):
        rt.doorbell.ring_soon(ALERTS)
    return any(isinstance(effect, SendText | SendPage | PageStaff | TellStaff) for effect in decision.effects)


def _tell_consoles(rt: Runtime, taken: Taken, decision: Decision) -> None:
    """Open consoles show it; that one is told in vain does no harm."""
    topics = [talk(taken.conversation)]
    if any(isinstance(effect, _WORK) for effect in decision.effects):
        topics.append(INBOX)
    if any(isinstance(effect, _VISITS) for effect in decision.effects):
        topics.append(DAY)
    rt.live.tell(taken.clinic, *topics)


def _decide(rt: Runtime, db: Db, happening: Happening) -> Decision:
    now, clinic = rt.now(), rt.clinic(db, happening.clinic)
    state = conversations.load_state(
        db, clinic=happening.clinic, conversation=happening.conversation, sealed=happening.state
    )
    facts = _facts(db, happening, clinic, state, now, rt.staff_phones(db, clinic.id))
    pinned = happening.edition if state.talks else None
    going = _going(rt, db, happening, pinned)
    if going.first:
        moved = decide(going.book, state, Event(seq=happening.seq, what=going.first, facts=facts), now)
        event = _event(rt, happening, moved.state, facts, going)
        then = decide(going.book, moved.state, event, now)
        decision = Decision(then.state, (*moved.effects, *then.effects), (*moved.path, *then.path))
    else:
        event = _event(rt, happening, state, facts, going)
        decision = decide(going.book, state, event, now)
    _keep(db, happening, going, record.of(event, state, decision, now), decision, now)
    at = Applying(
        db=db,
        book=going.book,
        present=rt.book(db, rt.current_edition(db)),
        channels=rt.channels,
        clinic=clinic,
        conversation=happening.conversation,
        phone=happening.phone,
        event=happening.id,
        now=now,
    )
    apply(at, decision.effects)
    if _is_replanned(rt, db, pinned, going, decision):
        inbox.put(db, _replans(happening, facts, now), now)
    audit.write(db, [_entry(happening, facts, decision)], now)
    return decision


@dataclass(frozen=True, slots=True, kw_only=True)
class _Going:
    """The edition to decide by; what happens first of all; what the happening itself is."""

    edition: str
    book: Book
    first: EditionMoved | None = None
    what: What


def _going(rt: Runtime, db: Db, happening: Happening, pinned: str | None) -> _Going:
    """A conversation goes on with the edition of its open talks, until it is moved or nobody can read that any more."""
    current, what = rt.current_edition(db), happening.what
    old = rt.readable_book(db, pinned) if pinned and pinned != current else None
    if old and pinned and not isinstance(what, EditionMoved):
        return _Going(edition=pinned, book=old, what=what)
    new = rt.book(db, current)
    if isinstance(what, EditionMoved):
        what = replace(what, kept=compare.kept(new if pinned == current else old, new))
    elif pinned not in (None, current):
        return _Going(edition=current, book=new, first=EditionMoved(kept=()), what=what)
    return _Going(edition=current, book=new, what=what)


def _event(rt: Runtime, happening: Happening, state: State, facts: Facts, going: _Going) -> Event:
    return Event(seq=happening.seq, what=_read(rt, going.what, state, facts, going.book), facts=facts)


def _keep(
    db: Db, happening: Happening, going: _Going, recorded: bytes, decision: Decision, now: datetime
) -> None:
    kept = happenings.finish(
        db,
        happening,
        state=STATE.dump_json(decision.state),
        open_talks=len(decision.state.talks),
        edition=going.edition,
        record=recorded,
        now=now,
    )
    if not kept:
        raise DealtWith


def _is_replanned(rt: Runtime, db: Db, pinned: str | None, going: _Going, decision: Decision) -> bool:
    """Whether the conversation has left an older edition whose reminders are not those of the present one."""
    current = rt.current_edition(db)
    if pinned in (None, current) or (going.edition == pinned and decision.state.talks):
        return False
    assert pinned
    return not compare.same_timers(rt.readable_book(db, pinned), rt.book(db, current))


def _replans(happening: Happening, facts: Facts, now: datetime) -> list[Mail]:
    """From now on visits are reminded of by the present edition."""
    return [
        Mail(
            clinic=happening.clinic,
            conversation=happening.conversation,
            dedupe=f"replan:{happening.id}:{visit.id}",
            what=VisitChanged(visit_id=visit.id, version=visit.version),
        )
        for visit in facts.standing(now)
    ]


def _facts(
    db: Db, happening: Happening, clinic: Clinic, state: State, now: datetime, staff: frozenset[str]
) -> Facts:
    named = {talk.visit_id for talk in state.talks}
    if isinstance(happening.what, ReminderDue | Triggered | PageUsed | StaffSentPage):
        named.add(happening.what.visit_id)
    ids = [visit for visit in named if visit]
    people, visits = households.around(db, happening.clinic, happening.phone_index, now, ids)
    return Facts(
        clinic=clinic.facts,
        people=people,
        visits=visits,
        sender=_sender(happening.phone, clinic, staff, known=bool(people)),
        opted_out=happening.opted_out,
    )


def _sender(phone: str, clinic: Clinic, staff: frozenset[str], *, known: bool) -> Sender:
    if phone == clinic.oncall_phone or phone in staff:
        return Sender.STAFF
    if known:
        return Sender.PATIENT
    return Sender.STRANGER if phone.startswith("+") else Sender.MACHINE


def _read(rt: Runtime, what: What, state: State, facts: Facts, book: Book) -> What:
    """The happening; a patient's own words with their reading."""
    if not isinstance(what, TextArrived | WordsOnPage):
        return what
    person = facts.people[0] if facts.people else None
    zone = person.zone if person else facts.clinic.zone
    language = state.language or (person.language if person else None)
    said = book.language(language)
    asked = isinstance(what, TextArrived)  # what is written on a page answers no question that was texted
    reading = rt.reader.read(
        what.body,
        expect=identity.expects(book, state, facts, zone, said) if asked else None,
        before=answers.before(book, state, said) if asked else None,
        language=language,
        now=rt.now().astimezone(ZoneInfo(zone)),
        own=book.words,
    )
    return replace(what, reading=reading)


def _entry(happening: Happening, facts: Facts, decision: Decision) -> Entry:
    return Entry(
        clinic=happening.clinic,
        actor="patient" if isinstance(happening.what, _OF_PATIENTS) else "bot",
        action=f"conversation.{happening.what.kind}",
        subject=f"conversation:{happening.conversation}",
        patients=tuple(person.id for person in facts.people),
        detail=",".join(effect.kind for effect in decision.effects),
    )


def _put_off(rt: Runtime, happening: Head) -> None:
    """Try again later, or hand it to a person and let the mailbox go on."""
    now = rt.now()
    again = happening.attempts + 1 < MOST_ATTEMPTS
    with rt.begin() as db:
        pause = now + _PAUSE * 2**happening.attempts
        happenings.put_off(db, happening, retry_at=pause if again else None, now=now)
        if not again:
            task = OpenTask(task="bot_could_not_read_this", urgency=Urgency.URGENT)
            worklist.open_task(
                db, clinic=happening.clinic, conversation=happening.conversation, task=task, now=now
            )
