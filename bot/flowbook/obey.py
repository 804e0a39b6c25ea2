"""Obey effects in the little clinic: `OBEY` has one entry per effect, like `HANDLERS` of `service/apply`."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.core.effects import (
    Acknowledge,
    BookSlot,
    CancelTimers,
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
from bot.core.events import Acknowledged, NotAcknowledged, SlotAnswer, SlotsFound
from bot.core.facts import VisitStatus
from bot.flowbook.rows import STAFF, Done, Phone, Rows


def _send_text(rows: Rows, phone: Phone, done: Done, _effect: SendText) -> None:
    rows.leave(done, phone)


def _set_timer(rows: Rows, _phone: Phone, done: Done, timer: SetTimer) -> None:
    rows.later(timer.due, timer.what, key=timer.key)
    rows.record.append(done)


def _cancel_timers(rows: Rows, _phone: Phone, done: Done, effect: CancelTimers) -> None:
    rows.pending = [p for p in rows.pending if p.key is None or not p.key.startswith(effect.prefix)]
    rows.record.append(done)


def _set_visit_status(rows: Rows, _phone: Phone, done: Done, effect: SetVisitStatus) -> None:
    rows.record.append(done)
    if done.visit:
        rows.put(replace(done.visit, status=effect.status))


def _find_slots(rows: Rows, phone: Phone, done: Done, effect: FindSlots) -> None:
    rows.record.append(done)
    there = [o.slot for o in rows.openings if o.open and o.slot.start > rows.now]
    found = tuple(there[: effect.at_most])
    phone.mailbox.appendleft(SlotsFound(visit_id=effect.visit_id, turn=effect.turn, slots=found))


def _book_slot(rows: Rows, phone: Phone, done: Done, effect: BookSlot) -> None:
    rows.record.append(done)
    wanted = next((o for o in rows.openings if o.slot.id == effect.slot_id), None)
    booked = bool(wanted and wanted.open and wanted.slot.start > rows.now and done.visit)
    if booked and wanted and done.visit:
        moved = replace(
            done.visit,
            start=wanted.slot.start,
            status=VisitStatus.BOOKED,
            version=done.visit.version + 1,
        )
        rows.put(moved)
    phone.mailbox.appendleft(SlotAnswer(visit_id=effect.visit_id, turn=effect.turn, booked=booked))


def _note(
    rows: Rows, _phone: Phone, done: Done, _effect: OpenTask | Record | JoinWaitlist | PassOn | TellStaff
) -> None:
    rows.record.append(done)


def _send_page(rows: Rows, phone: Phone, done: Done, _effect: SendPage) -> None:
    rows.leave(done, phone)


def _set_preference(rows: Rows, phone: Phone, done: Done, wish: SetPreference) -> None:
    rows.record.append(done)
    phone.people = tuple(
        replace(
            person,
            language=wish.value if wish.name == "language" else person.language,
            preferences={**person.preferences, wish.name: wish.value},
        )
        if person.id == wish.person_id
        else person
        for person in phone.people
    )


def _opt_out(rows: Rows, phone: Phone, done: Done, _effect: OptOut) -> None:
    phone.opted_out = True
    rows.record.append(done)


def _opt_in(rows: Rows, phone: Phone, done: Done, _effect: OptIn) -> None:
    phone.opted_out = False
    rows.record.append(done)


def _page_staff(rows: Rows, _phone: Phone, done: Done, page: PageStaff) -> None:
    if page.code not in rows.climbing:
        rows.climbing.append(page.code)
    rows.paged[page.code] = page
    rows.record.append(done)


def _acknowledge(rows: Rows, phone: Phone, done: Done, ack: Acknowledge) -> None:
    """Without a code: the one that climbs; where several do, or none, the staff are asked which."""
    rows.record.append(done)
    found = rows.climbing if ack.code is None else [code for code in rows.paged if code == ack.code]
    if len(found) == 1:
        rows.patient.mailbox.append(Acknowledged(code=found[0], reply_to=STAFF))
    else:
        phone.mailbox.append(NotAcknowledged(code=ack.code, open=tuple(sorted(rows.climbing))))


def _note_escalation(rows: Rows, _phone: Phone, done: Done, effect: NoteEscalation) -> None:
    rows.climbing = [code for code in rows.climbing if code != effect.code]
    rows.record.append(done)


OBEY: dict[type, Callable[[Rows, Phone, Done, Any], None]] = {
    SendText: _send_text,
    SendPage: _send_page,
    Record: _note,
    SetPreference: _set_preference,
    JoinWaitlist: _note,
    PassOn: _note,
    SetTimer: _set_timer,
    CancelTimers: _cancel_timers,
    SetVisitStatus: _set_visit_status,
    FindSlots: _find_slots,
    BookSlot: _book_slot,
    OpenTask: _note,
    OptOut: _opt_out,
    OptIn: _opt_in,
    PageStaff: _page_staff,
    Acknowledge: _acknowledge,
    NoteEscalation: _note_escalation,
    TellStaff: _note,
}
