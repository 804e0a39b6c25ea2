"""Alert: find out who is to be told of an escalation now, and tell them by each channel. Called by `apply`.

Rosters are those of the present edition, whichever one the conversation goes by: people come and go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bot.core.book import Book
from bot.core.effects import NoteEscalation, OpenTask, PageStaff, Purpose, SendText, TellStaff, Urgency
from bot.core.events import AckDue
from bot.core.oncall import Channel, Whom
from bot.service.meant import meant
from bot.store import (
    alerts,
    audit,
    conversations,
    devices,
    escalations,
    inbox,
    outbox,
    staff,
    swaps,
    worklist,
)
from bot.store.audit import Entry
from bot.store.base import Db
from bot.store.clinics import Clinic
from bot.store.escalations import Paged
from bot.store.inbox import Mail
from bot.store.staff import Member

REACHES = (Channel.TEXT, Channel.CALL, Channel.EMAIL, Channel.PUSH)
"""Channels that come to a person; the console waits until somebody looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody who can be told; no member: whoever holds the clinic's on-call phone."""

    member: UUID | None
    phone: str | None
    email: str | None = None
    devices: bool = False

    def by(self, channel: Channel) -> bool:
        """Whether they can be told by this channel."""
        needs = {
            Channel.TEXT: self.phone,
            Channel.CALL: self.phone,
            Channel.EMAIL: self.email,
            Channel.PUSH: self.devices,
        }
        return bool(needs.get(channel, True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """What a page is made of: the escalation's clinic and conversation, the present edition, what this house has."""

    db: Db
    clinic: Clinic
    conversation: UUID
    present: Book
    channels: frozenset[Channel]
    now: datetime


def page(at: Paging, effect: PageStaff, key: str) -> None:
    """Tell whoever is meant. Who can't be reached is stood in for by the on-call phone; nobody at all is a task."""
    found = escalations.paged(
        at.db, clinic=at.clinic.id, conversation=at.conversation, page=effect, now=at.now
    )
    members = staff.all_of(at.db, at.clinic.id)
    usable = [channel for channel in effect.by if channel in at.channels]
    push = Channel.PUSH in usable
    contacts = [_contact(at.db, member, push=push) for member in _meant(at, effect.whom, members)]
    if effect.whom.kind == "phone":
        contacts.append(_on_call_phone(at.clinic))
    wanted = [(contact, channel) for contact in contacts for channel in usable if contact.by(channel)]
    if not any(channel in REACHES for _, channel in wanted) and set(effect.by) & set(REACHES):
        wanted += _stand_in(at, effect)
        if not any(channel in REACHES for _, channel in wanted):
            _nobody(at, effect, key)
    for contact, channel in wanted:
        _tell(at, effect, found, contact, channel, key)


def _meant(at: Paging, whom: Whom, members: Sequence[Member]) -> list[Member]:
    if whom.kind == "phone":
        return []
    over = swaps.since(at.db, at.clinic.id, at.now)
    return meant(at.present, whom, at.now, zone=at.clinic.zone, members=members, swaps=over)


def _contact(db: Db, member: Member, *, push: bool) -> Contact:
    return Contact(
        member=member.id,
        phone=member.phone,
        email=member.email,
        devices=push and bool(devices.of(db, member.clinic, member.id)),
    )


def _on_call_phone(clinic: Clinic) -> Contact:
    return Contact(member=None, phone=clinic.oncall_phone)


def _stand_in(at: Paging, effect: PageStaff) -> list[tuple[Contact, Channel]]:
    """The on-call phone is texted in any case, and rings where the step wanted a phone to ring."""
    phone = _on_call_phone(at.clinic)
    by = (Channel.TEXT, Channel.CALL) if Channel.CALL in effect.by else (Channel.TEXT,)
    return [(phone, channel) for channel in by if phone.phone]


def _nobody(at: Paging, effect: PageStaff, key: str) -> None:
    """Nothing of this page can reach anybody: the ladder goes on at once, and people see that it had to."""
    task = OpenTask(task="nobody_on_call", urgency=Urgency.EMERGENCY)
    worklist.open_task(at.db, clinic=at.clinic.id, conversation=at.conversation, task=task, now=at.now)
    due = AckDue(code=effect.code, rung=effect.rung, failed=True)
    mail = Mail(clinic=at.clinic.id, conversation=at.conversation, dedupe=f"nobody:{key}", what=due)
    inbox.put(at.db, [mail], at.now)


def _tell(at: Paging, effect: PageStaff, found: Paged, contact: Contact, channel: Channel, key: str) -> None:
    """One alert. An older one to the same person by the same channel need not leave any more."""
    if not found.fresh:
        alerts.overtaken(at.db, found.id, (contact.member, channel))
    effect_key = f"{key}:{contact.member or 'phone'}:{channel}"
    handle = alerts.new_handle()
    alerts.make(
        at.db,
        clinic=at.clinic.id,
        escalation=found.id,
        conversation=at.conversation,
        code=effect.code,
        rung=effect.rung,
        member=contact.member,
        channel=channel,
        effect_key=effect_key,
        words=effect.spoken if channel is Channel.CALL else effect.body,
        now=at.now,
        handle=handle,
        text=_text(at, effect, contact, handle, effect_key) if channel is Channel.TEXT else None,
    )


def _text(at: Paging, effect: PageStaff, contact: Contact, handle: bytes, effect_key: str) -> UUID:
    assert contact.phone
    return outbox.put(
        at.db,
        clinic=at.clinic.id,
        conversation=conversations.with_phone(at.db, at.clinic.id, contact.phone, at.now),
        effect_key=effect_key,
        text=SendText(
            wording="page", language="en", body=effect.body, purpose=Purpose.PAGE, zone=at.clinic.zone
        ),
        now=at.now,
        alert=handle,
    )


def note(at: Paging, effect: NoteEscalation) -> None:
    """What became of it; from now on nothing of it leaves any more that has not left yet."""
    found = escalations.note(at.db, at.conversation, effect, at.now)
    if found is None:
        return
    alerts.overtaken(at.db, found)
    entry = Entry(
        clinic=at.clinic.id,
        actor=f"staff:{effect.by or 'on-call phone'}",
        action=f"escalation.{effect.became.replace(' ', '_')}",
        subject=f"escalation:{found}",
        detail=effect.via,
    )
    audit.write(at.db, [entry], at.now)


def tell_staff(at: Paging, effect: TellStaff, key: str) -> None:
    """Text a member of staff what came of their answer."""
    text = SendText(
        wording=effect.wording, language="en", body=effect.body, purpose=Purpose.PAGE, zone=at.clinic.zone
    )
    outbox.put(
        at.db, clinic=at.clinic.id, conversation=effect.conversation, effect_key=key, text=text, now=at.now
    )
