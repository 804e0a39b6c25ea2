"""Apply effects: each becomes rows, in the transaction of its event. `HANDLERS` has one entry per effect.

Rows that leave the conversation are keyed by (event, ordinal), so that a repeated event adds nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bot.core.book import Book
from bot.core.effects import (
    Acknowledge,
    BookSlot,
    CancelTimers,
    CloseEscalation,
    Effect,
    FindSlots,
    JoinWaitlist,
    OpenTask,
    OptIn,
    OptOut,
    PageStaff,
    PassOn,
    Purpose,
    Record,
    SendPage,
    SendText,
    SetPreference,
    SetTimer,
    SetVisitStatus,
    Urgency,
)
from bot.core.events import Acknowledged, SlotAnswer, SlotsFound, What
from bot.store import (
    answers,
    appointments,
    audit,
    conversations,
    inbox,
    links,
    outbox,
    people,
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
    """What a handler works with. `event` is the mailbox row's id, `book` the edition that was decided by."""

    db: Db
    book: Book
    clinic: Clinic
    conversation: UUID
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
    worklist.open_task(at.db, clinic=at.clinic.id, conversation=at.conversation, task=task, now=at.now)


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
    """Text whoever is on call now; with nobody on call the task is all there is, and says so."""
    worklist.paged(at.db, clinic=at.clinic.id, conversation=at.conversation, page=page, now=at.now)
    if at.clinic.oncall_phone is None:
        _open_task(at, OpenTask(task="nobody_on_call", urgency=Urgency.EMERGENCY), key)
        return
    text = SendText(wording="page", language="en", body=page.body, purpose=Purpose.PAGE, zone=at.clinic.zone)
    oncall = conversations.with_phone(at.db, at.clinic.id, at.clinic.oncall_phone, at.now)
    outbox.put(at.db, clinic=at.clinic.id, conversation=oncall, effect_key=key, text=text, now=at.now)


def _acknowledge(at: Applying, ack: Acknowledge, key: str) -> None:
    """A bare 'ack' takes the escalation that is open; where several are, it takes none: the code is needed."""
    found = worklist.unanswered(at.db, at.clinic.id, ack.code)
    if ack.code is None and len(found) > 1:
        found = []
    mail = [
        Mail(
            clinic=at.clinic.id,
            conversation=conversation,
            dedupe=f"ack:{key}:{code}",
            what=Acknowledged(code=code),
        )
        for conversation, code in found
    ]
    inbox.put(at.db, mail, at.now)


def _close_escalation(at: Applying, effect: CloseEscalation, _key: str) -> None:
    worklist.acknowledged(at.db, at.conversation, effect.code, at.now)


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
    CloseEscalation: _close_escalation,
}
