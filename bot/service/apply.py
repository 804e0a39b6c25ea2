"""Apply effects: each becomes rows, in the transaction of its event. `HANDLERS` has one entry per effect.

Rows that leave the conversation are keyed by (event, ordinal), so that a repeated event adds nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bot.core.book import Book
from bot.core.deadlines import answer_due
from bot.core.effects import (
    Acknowledge,
    BookSlot,
    CancelTimers,
    Effect,
    FindSlots,
    JoinWaitlist,
    NoteEscalation,
    OpenTask,
    OptIn,
    OptOut,
    PageStaff,
    PassOn,
    Record,
    SendPage,
    SendText,
    SetPreference,
    SetTimer,
    SetVisitStatus,
    TellStaff,
)
from bot.core.events import Acknowledged, NotAcknowledged, SlotAnswer, SlotsFound, What
from bot.core.oncall import Channel
from bot.service import alert
from bot.service.alert import Paging
from bot.store import (
    answers,
    appointments,
    audit,
    conversations,
    escalations,
    inbox,
    links,
    outbox,
    people,
    staff,
    timers,
    waitlist,
    worklist,
)
from bot.store.audit import Entry
from bot.store.base import Db
from bot.store.clinics import Clinic
from bot.store.inbox import Mail
from bot.store.timers import Timer


@dataclass(frozen=True, slots=True, kw_only=True)
class Applying:
    """What a handler works with. `event` is the mailbox row's id, `book` the edition that was decided by.

    `present` is the newest edition: who is on call stands there. `channels` are those by which staff can be told here.
    """

    db: Db
    book: Book
    present: Book
    channels: frozenset[Channel]
    clinic: Clinic
    conversation: UUID
    phone: str
    event: UUID
    now: datetime


def apply(at: Applying, effects: Sequence[Effect]) -> None:
    """Turn the effects into rows, in their order."""
    for ordinal, effect in enumerate(effects):
        HANDLERS[type(effect)](at, effect, f"{at.event}:{ordinal}")


def _send_text(at: Applying, text: SendText, key: str) -> None:
    outbox.put(
        at.db, clinic=at.clinic.id, conversation=at.conversation, effect_key=key, text=text, now=at.now
    )


def _send_page(at: Applying, effect: SendPage, key: str) -> None:
    """A link, and the text that brings it. An older link to the same page ends."""
    policy = at.book.policy
    link = links.issue(
        at.db,
        clinic=at.clinic.id,
        conversation=at.conversation,
        patient=effect.person_id,
        visit_id=effect.visit_id,
        effect_key=key,
        page=effect.page,
        form=effect.form,
        turn=effect.turn,
        tries=policy.link_tries,
        views=policy.link_views,
        now=at.now,
    )
    outbox.put(
        at.db,
        clinic=at.clinic.id,
        conversation=at.conversation,
        effect_key=key,
        text=effect.text,
        now=at.now,
        link=link,
    )


def _record(at: Applying, answer: Record, key: str) -> None:
    answers.put(
        at.db, clinic=at.clinic.id, conversation=at.conversation, effect_key=key, answer=answer, now=at.now
    )


def _set_preference(at: Applying, wish: SetPreference, _key: str) -> None:
    people.set_preference(at.db, at.clinic.id, wish.person_id, wish.name, wish.value, at.now)


def _join_waitlist(at: Applying, effect: JoinWaitlist, _key: str) -> None:
    waitlist.join(at.db, at.clinic.id, effect.visit_id, at.now)


def _pass_on(at: Applying, effect: PassOn, _key: str) -> None:
    waitlist.pass_on(at.db, effect.slot_id, effect.visit_id, at.now)


def _set_timer(at: Applying, timer: SetTimer, _key: str) -> None:
    timers.put(
        at.db,
        [
            Timer(
                clinic=at.clinic.id,
                conversation=at.conversation,
                key=timer.key,
                due=timer.due,
                what=timer.what,
            )
        ],
    )


def _cancel_timers(at: Applying, effect: CancelTimers, _key: str) -> None:
    timers.cancel(at.db, at.conversation, effect.prefix)


def _set_visit_status(at: Applying, effect: SetVisitStatus, _key: str) -> None:
    appointments.set_status(at.db, effect.visit_id, effect.status, at.now)


def _find_slots(at: Applying, effect: FindSlots, key: str) -> None:
    found = appointments.open_like(at.db, effect.visit_id, effect.at_most, at.now)
    _answer(at, key, SlotsFound(visit_id=effect.visit_id, turn=effect.turn, slots=found))


def _book_slot(at: Applying, effect: BookSlot, key: str) -> None:
    booked = appointments.book(at.db, effect.visit_id, effect.slot_id, at.now)
    if booked:
        waitlist.leave(at.db, effect.visit_id)
    _answer(at, key, SlotAnswer(visit_id=effect.visit_id, turn=effect.turn, booked=booked))


def _open_task(at: Applying, task: OpenTask, _key: str) -> None:
    due = answer_due(at.book, task.urgency, at.now, at.clinic.zone)
    worklist.open_task(
        at.db, clinic=at.clinic.id, conversation=at.conversation, task=task, now=at.now, due=due
    )


def _opt_out(at: Applying, _effect: OptOut, _key: str) -> None:
    conversations.opt_out(at.db, at.conversation, at.now)
    links.revoke(at.db, at.now, "opted_out", conversation=at.conversation)
    dropped = [
        Entry(
            clinic=at.clinic.id,
            actor="bot",
            action="text.dropped",
            subject=f"text:{text}",
            detail="opted_out",
        )
        for text in outbox.drop_waiting(at.db, at.conversation, "opted_out")
    ]
    audit.write(at.db, dropped, at.now)


def _opt_in(at: Applying, _effect: OptIn, _key: str) -> None:
    conversations.opt_out(at.db, at.conversation, None)


def _page_staff(at: Applying, page: PageStaff, key: str) -> None:
    alert.page(_paging(at), page, key)


def _acknowledge(at: Applying, ack: Acknowledge, key: str) -> None:
    """A bare 'ack' takes the one that climbs; where several do, it takes none: the code is needed.

    Should two have the same code, the one that was paged last is meant; the other goes on climbing.
    """
    found = escalations.unanswered(at.db, at.clinic.id, ack.code)
    known = ack.code and escalations.by_code(at.db, at.clinic.id, ack.code)
    if found and (ack.code or len(found) == 1):
        conversation, code = found[0]
    elif known:  # somebody was quicker, or it is over: its conversation says so
        conversation, code = known.conversation, known.code
    else:
        open_codes = tuple(sorted({code for _, code in escalations.unanswered(at.db, at.clinic.id, None)}))
        _answer(at, key, NotAcknowledged(code=ack.code, open=open_codes))
        return
    by = next((m.handle for m in staff.all_of(at.db, at.clinic.id) if m.phone == at.phone), "")
    what = Acknowledged(code=code, by=by, via="text", reply_to=at.conversation)
    letter = Mail(clinic=at.clinic.id, conversation=conversation, dedupe=f"ack:{key}:{code}", what=what)
    inbox.put(at.db, [letter], at.now)


def _note_escalation(at: Applying, effect: NoteEscalation, _key: str) -> None:
    alert.note(_paging(at), effect)


def _tell_staff(at: Applying, effect: TellStaff, key: str) -> None:
    alert.tell_staff(_paging(at), effect, key)


def _paging(at: Applying) -> Paging:
    return Paging(
        db=at.db,
        clinic=at.clinic,
        conversation=at.conversation,
        present=at.present,
        channels=at.channels,
        now=at.now,
    )


def _answer(at: Applying, key: str, what: What) -> None:
    letter = Mail(clinic=at.clinic.id, conversation=at.conversation, dedupe=f"answer:{key}", what=what)
    inbox.put(at.db, [letter], at.now)


HANDLERS: dict[type, Callable[[Applying, Any, str], None]] = {
    SendText: _send_text,
    SendPage: _send_page,
    Record: _record,
    SetPreference: _set_preference,
    JoinWaitlist: _join_waitlist,
    PassOn: _pass_on,
    SetTimer: _set_timer,
    CancelTimers: _cancel_timers,
    SetVisitStatus: _set_visit_status,
    FindSlots: _find_slots,
    BookSlot: _book_slot,
    OpenTask: _open_task,
    OptOut: _opt_out,
    OptIn: _opt_in,
    PageStaff: _page_staff,
    Acknowledge: _acknowledge,
    NoteEscalation: _note_escalation,
    TellStaff: _tell_staff,
}
