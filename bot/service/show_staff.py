"""Show the staff: who is on call, what the phones got, and how far escalations have climbed. Reads only.

For the demo's phone page, as `show`: nothing here is hidden from anybody.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bot.core.book import Book
from bot.core.oncall import THE_PHONE, Channel, Whom
from bot.core.roster import Swap, on_call
from bot.gateways.twilio_twin.client import Ring, Seen, TwinClient
from bot.runtime import Runtime
from bot.service import board_words
from bot.service.meant import meant, next_step
from bot.store import escalations, staff, swaps, timers
from bot.store.base import Db
from bot.store.clinics import Clinic
from bot.store.escalations import Escalation
from bot.store.staff import Member
from bot.store.timers import Climb

MOST_SHOWN = 6
"""Texts and calls of one phone, each."""
MOST_OPEN, MOST_READ = 6, 30
"""Escalations that are shown, and of how many."""
LATELY = timedelta(hours=12)
"""What came before that is not shown any more."""
LIVE = ("ringing", "in-progress")
_CODE = re.compile(r"\bACK ([0-9]{4})\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who works at the clinic and who has duty, by the present edition and at this moment."""

    clinic: Clinic
    book: Book
    now: datetime
    members: Mapping[str, Member]
    swaps: tuple[Swap, ...]

    def name(self, handle: str) -> str:
        """A member's name; what rosters call them where nobody has the handle; empty: the on-call phone."""
        member = self.members.get(handle)
        return member.name if member else board_words.plain(handle)

    def duty(self) -> dict[str, str | None]:
        """Who has the duty of each roster now, by handle."""
        return {roster: self._on_call(roster) for roster in self.book.oncall.rosters}

    def meant(self, whom: Whom, moment: datetime) -> list[str]:
        """The names of those whom this means at the moment; the on-call phone where nobody else is there."""
        everybody = self.members.values()
        zone = self.clinic.zone
        who = meant(self.book, whom, moment, zone=zone, members=everybody, swaps=self.swaps)
        found = [member.name for member in who]
        return found or [THE_PHONE]

    def _on_call(self, roster: str) -> str | None:
        calendars = self.book.house.calendars
        zone, oncall = self.clinic.zone, self.book.oncall
        return on_call(oncall, roster, self.now, zone=zone, calendars=calendars, swaps=self.swaps)


def people(rt: Runtime, db: Db, clinic: Clinic, now: datetime) -> People:
    """The clinic's people as they are now. Swaps reach back as far as what is shown."""
    return People(
        clinic=clinic,
        book=rt.book(db, rt.current_edition(db)),
        now=now,
        members={member.handle: member for member in staff.all_of(db, clinic.id)},
        swaps=swaps.since(db, clinic.id, now - LATELY),
    )


def on_duty(at: People) -> list[dict[str, str | None]]:
    """Each roster in its own words, and the name of who has its duty now."""
    return [
        {"roster": board_words.plain(roster), "name": handle and at.name(handle)}
        for roster, handle in at.duty().items()
    ]


# -- escalations ----------------------------------------------------------------------------------------


def climbing(db: Db, at: People) -> list[dict[str, Any]]:
    """Escalations that are not over, newest first, those that nobody has before all: who has it, or is told next."""
    found = escalations.open_ones(db, at.clinic.id, MOST_READ)
    due = timers.climbs(db, [one.conversation for one in found]) if found else {}
    ordered = sorted(found, key=lambda one: (one.taken is None, one.opened), reverse=True)
    return [_escalation(at, one, due) for one in ordered[:MOST_OPEN]]


def _escalation(at: People, one: Escalation, due: Mapping[tuple[UUID, str], Climb]) -> dict[str, Any]:
    climb = None if one.taken else due.get((one.conversation, one.code))
    return {
        "id": str(one.id),
        "code": one.code,
        "urgency": one.urgency,
        "reason": board_words.reason(one.reason, one.urgency),
        "taken": one.taken and one.taken.isoformat(),
        "by": at.name(one.by or "") if one.taken else None,
        "next": climb and _next(at, one, climb),
    }


def _next(at: People, one: Escalation, climb: Climb) -> dict[str, Any]:
    due, step = next_step(at.book, one, climb, zone=at.clinic.zone)
    # The phones of this page: it has no mailboxes, and browsers take alerts only where somebody has turned them on.
    by = [channel for channel in step.by if channel in (Channel.CALL, Channel.TEXT)]
    return {"at": due.isoformat(), "who": at.meant(step.tell, due), "how": board_words.done_to(by) or "told"}


# -- phones ---------------------------------------------------------------------------------------------


def phones(at: People, twin: TwinClient, unanswered: Collection[str]) -> list[dict[str, Any]]:
    """The phone of each member, and last that of whoever holds the on-call phone: its handle is empty."""
    calls = twin.calls(number=at.clinic.phone)
    duty = at.duty()
    found = [
        {
            "handle": one.handle,
            "name": one.name,
            "role": board_words.plain(one.role),
            "phone": one.phone,
            "on_call_for": [board_words.plain(roster) for roster, who in duty.items() if who == one.handle],
            **_phone(at, twin, calls, one.phone, unanswered),
        }
        for one in at.members.values()
    ]
    if at.clinic.oncall_phone:
        phone = at.clinic.oncall_phone
        known = {"handle": "", "name": THE_PHONE.capitalize(), "role": "", "phone": phone, "on_call_for": []}
        found.append(known | _phone(at, twin, calls, phone, unanswered))
    return found


def _phone(
    at: People, twin: TwinClient, calls: Sequence[Ring], phone: str | None, unanswered: Collection[str]
) -> dict[str, Any]:
    """What it got lately, newest first."""
    if not phone:
        return {"pages": [], "calls": []}
    since = at.now - LATELY
    texts = [seen for seen in twin.messages(phone, at.clinic.phone) if seen.at > since]
    rung = [call for call in calls if call.to == phone and (call.at > since or call.status in LIVE)]
    return {
        "pages": _pages(texts[-MOST_SHOWN:], unanswered),
        "calls": [_call(call) for call in reversed(rung[-MOST_SHOWN:])],
    }


def _pages(texts: Sequence[Seen], unanswered: Collection[str]) -> list[dict[str, Any]]:
    """Newest first; `code`: what can be acknowledged by answering this one. Of several pages that is the newest."""
    shown, left = [], set(unanswered)
    for seen in reversed(texts):
        wanted = _CODE.search(seen.body) if seen.direction != "inbound" else None
        code = wanted[1] if wanted and wanted[1] in left else None
        left.discard(code or "")
        shown.append(bubble(seen, "staff") | {"code": code})
    return shown


def bubble(seen: Seen, phone: str) -> dict[str, Any]:
    """A text as the page draws it. `phone`: whose phone it is, if not the clinic's."""
    return {
        "id": seen.sid,
        "from": phone if seen.direction == "inbound" else "clinic",
        "body": seen.body,
        "at": seen.at.isoformat(),
        "status": seen.status,
        "error_code": seen.error_code,
    }


def _call(call: Ring) -> dict[str, Any]:
    """A call; `said`: what was heard, each sentence once: a page is read out twice."""
    return {
        "id": call.sid,
        "at": call.at.isoformat(),
        "status": call.status,
        "said": list(dict.fromkeys(call.said)),
        "waits": call.waits,
    }
