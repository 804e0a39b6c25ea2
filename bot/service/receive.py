"""Receive a text, or word of a missed call: it is in its mailbox and on disk before the carrier gets its answer."""

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.core.events import TextArrived, Triggered
from bot.core.triggers import Happens
from bot.failpoint import failpoint
from bot.gateways.doorbell import INBOUND
from bot.runtime import Runtime
from bot.store import conversations, inbox
from bot.store.base import Db
from bot.store.inbox import Mail

ANONYMOUS = ("+266696687", "+7378742833", "+2562533", "+8566696", "+86282452253")
"""What Twilio has for callers who don't show their number: ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE."""
_PHONE = re.compile(r"\+[1-9]\d{7,14}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text as the carrier hands it over. Phones are in E.164, or a short code or name."""

    sid: str
    sender: str
    to: str
    body: str
    media: int = 0
    opt_out_type: str | None = None


def receive(rt: Runtime, text: Text) -> bool:
    """Take in a text; False if it came in before. Raises UnknownClinic."""
    with rt.begin() as db:
        new = put(rt, db, text)
        failpoint("receive-before-commit")
    failpoint("receive-after-commit")
    if new:
        rt.doorbell.ring_soon(INBOUND)
    return new


def missed_call(rt: Runtime, *, caller: str, to: str) -> bool:
    """Nobody took this call: a flow may begin with that, for one caller once a day at most (DECISIONS 15).

    False where nothing begins: no flow does, the number can't be texted, or it had its text today.
    Raises UnknownClinic.
    """
    trigger = str(Happens.MISSED_CALL)
    now = rt.now()
    with rt.begin() as db:
        clinic = rt.clinic_with(db, to)
        ours = (clinic.phone, clinic.oncall_phone, *ANONYMOUS)
        if caller in ours or not _PHONE.fullmatch(caller) or not rt.starts(db, trigger):
            return False
        today = now.astimezone(ZoneInfo(clinic.zone)).date()
        who = db.keys(clinic.id).blind("phone", caller).hex()
        mail = Mail(
            clinic=clinic.id,
            conversation=conversations.with_phone(db, clinic.id, caller, now),
            dedupe=f"call:{who}:{today}",
            what=Triggered(trigger=trigger),
        )
        new = inbox.put(db, [mail], now) > 0
    if new:
        rt.doorbell.ring_soon(INBOUND)
    return new


def put(rt: Runtime, db: Db, text: Text) -> bool:
    """Put a text into its mailbox, in the caller's transaction."""
    now = rt.now()
    clinic = rt.clinic_with(db, text.to)
    what = TextArrived(sid=text.sid, body=text.body, media=text.media, opt_out_type=text.opt_out_type)
    dedupe = f"sms:{text.sid}"
    new = inbox.post(db, clinic=clinic.id, phone=text.sender, dedupe=dedupe, what=what, now=now)
    if not new:  # a repeat, or the first text of a phone that has no conversation yet
        conversation = conversations.with_phone(db, clinic.id, text.sender, now)
        mail = Mail(clinic=clinic.id, conversation=conversation, dedupe=dedupe, what=what)
        new = inbox.put(db, [mail], now) > 0
    failpoint("receive-after-insert")
    return new
