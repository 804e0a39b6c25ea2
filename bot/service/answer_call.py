"""Answer a call: what a page by phone says, and what a key does. A voicemail presses no key, so it takes nothing."""

from dataclasses import dataclass
from uuid import UUID

from bot.core.oncall import THE_PHONE
from bot.core.wording import sentence
from bot.errors import NotFound
from bot.gateways.doorbell import INBOUND
from bot.runtime import Runtime
from bot.service import answer, climb
from bot.service.answer import Came
from bot.store import alerts, audit, clinics, staff
from bot.store.alerts import Alert, Status
from bot.store.audit import Entry
from bot.store.base import Db

TAKE = "1"
_TAKEN = {
    Came.TAKEN: ("ack_taken", "You have it. Thank you."),
    Came.ALREADY: ("ack_already", "Somebody else took it."),
    Came.CLOSED: ("ack_closed", "This is closed already."),
}
"""The sentence, and what is said by editions of before there was one."""
_ENDED = {
    "completed": Status.ANSWERED,
    "busy": Status.UNANSWERED,
    "no-answer": Status.UNANSWERED,
    "canceled": Status.UNANSWERED,
    "failed": Status.FAILED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the phone hears; `asks`: whether a key is waited for."""

    words: str
    asks: bool


def picked_up(rt: Runtime, alert_id: UUID) -> Said:
    """Somebody, or a voicemail, took the call. Raises NotFound."""
    with rt.begin() as db:
        return Said(words=_alert(db, alert_id).words, asks=True)


def pressed(rt: Runtime, alert_id: UUID, digits: str) -> Said:
    """A key was pressed: 1 takes the escalation; at any other the page is said once more. Raises NotFound."""
    with rt.begin() as db:
        alert = _alert(db, alert_id)
        member = staff.get(db, alert.member) if alert.member else None
        clinic, book = clinics.get(db, alert.clinic), rt.book(db, rt.current_edition(db))
    assert alert.code
    if digits != TAKE:
        return Said(words=alert.words, asks=True)
    # All that is needed to answer is there by now: who has taken it must not hear that something went wrong.
    taken = answer.take(rt, alert.clinic, alert.code, by=member.handle if member else "", via="call")
    key, plain = _TAKEN[taken.came]
    values: dict[str, object] = {
        "clinic": clinic.name,
        "code": " ".join(alert.code),
        "who": (taken.by or THE_PHONE).replace("_", " "),
        "minutes": int((rt.now() - taken.since).total_seconds() // 60),
    }
    there = key in book.wordings["en"].sentences
    return Said(words=sentence(book, key, "en", values) if there else plain, asks=False)


def ended(rt: Runtime, alert_id: UUID, *, sid: str, status: str) -> None:
    """The carrier says how the call ended. Where nothing of its page reached anybody, the ladder goes on at once."""
    ours = _ENDED.get(status)
    if ours is None:
        return
    now = rt.now()
    with rt.begin() as db:
        alert = alerts.called(db, alert_id, sid=sid, status=ours, now=now)
        if alert is None:
            return
        climbs = ours is not Status.ANSWERED and climb.lost(db, alert, now)
        entry = Entry(
            clinic=alert.clinic,
            actor="carrier",
            action=f"alert.{ours}",
            subject=f"alert:{alert.id}",
            origin="webhook",
        )
        audit.write(db, [entry], now)
    if climbs:
        rt.doorbell.ring(INBOUND)


def _alert(db: Db, alert_id: UUID) -> Alert:
    found = alerts.get(db, alert_id)
    if found is None or found.code is None:
        raise NotFound("There is no such page.")
    return found
