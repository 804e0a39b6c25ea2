"""Glass alert: who hears at once that the glass was broken, by text and e-mail. Nothing of a patient is in it."""

from datetime import datetime
from uuid import UUID, uuid4

from bot.core.oncall import Channel
from bot.core.roles import May
from bot.core.wording import sentence
from bot.runtime import Runtime
from bot.service.desk import Desk
from bot.service.text_staff import text_staff
from bot.store import alerts, staff
from bot.store.base import Db
from bot.store.clinics import Clinic
from bot.store.staff import Member

SENTENCE = "glass_broken"
_PLAIN = (
    "{clinic}: the glass was broken: somebody sees all of a patient's record. See the console, under Audit."
)
"""Where the published wording has no such sentence: this alert is never left out."""


def _readers(rt: Runtime, db: Db, clinic: UUID) -> list[Member]:
    """Everybody who reads the audit trail; where nobody does, who manages the staff."""
    roles = rt.book(db, rt.current_edition(db)).roles.all
    there = staff.all_of(db, clinic)
    for right in (May.AUDIT, May.STAFF):
        found = [one for one in there if one.role in roles and right in roles[one.role].may]
        if found:
            return found
    return []


def told(rt: Runtime, db: Db, desk: Desk) -> list[Member]:
    """Those, without who does it, unless there is nobody else."""
    everybody = _readers(rt, db, desk.clinic)
    return [one for one in everybody if one.id != desk.member] or everybody


def alert(rt: Runtime, db: Db, desk: Desk, now: datetime) -> None:
    """Tell them, in the caller's transaction."""
    clinic = rt.clinic(db, desk.clinic)
    words = _words(rt, db, clinic)
    for member in told(rt, db, desk):
        key = f"glass:{uuid4()}"
        if member.phone:
            text_staff(db, clinic, member, wording=SENTENCE, words=words, key=key, now=now)
        if Channel.EMAIL in rt.channels:
            alerts.make(
                db,
                clinic=clinic.id,
                member=member.id,
                channel=Channel.EMAIL,
                effect_key=f"{key}:mail",
                words=words,
                now=now,
            )


def _words(rt: Runtime, db: Db, clinic: Clinic) -> str:
    book = rt.book(db, rt.current_edition(db))
    if SENTENCE in book.wordings["en"].sentences:
        return sentence(book, SENTENCE, "en", {"clinic": clinic.name})
    return _PLAIN.format(clinic=clinic.name)
