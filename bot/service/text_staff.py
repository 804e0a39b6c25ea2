"""Text staff: a text to one of the clinic's people that is about no escalation. It leaves like a page, at any hour."""

from datetime import datetime

from bot.core.effects import Purpose, SendText
from bot.core.oncall import Channel
from bot.store import alerts, conversations, outbox
from bot.store.base import Db
from bot.store.clinics import Clinic
from bot.store.staff import Member


def text_staff(
    db: Db,
    clinic: Clinic,
    member: Member,
    *,
    wording: str,
    words: str,
    key: str,
    now: datetime,
    handle: bytes | None = None,
) -> None:
    """Text this member, who has a phone, in the caller's transaction; the same `key` again adds nothing.

    `handle` is that of the alert whose link the words have a place for.
    """
    assert member.phone
    text = SendText(wording=wording, language="en", body=words, purpose=Purpose.PAGE, zone=clinic.zone)
    row = outbox.put(
        db,
        clinic=clinic.id,
        conversation=conversations.with_phone(db, clinic.id, member.phone, now),
        effect_key=key,
        text=text,
        now=now,
        alert=handle,
    )
    alerts.make(
        db,
        clinic=clinic.id,
        member=member.id,
        channel=Channel.TEXT,
        effect_key=key,
        words=words,
        now=now,
        handle=handle,
        text=row,
    )
