"""Board: what the on-call page shows whoever came by a link. Reads only; what is done there: `board_acts`.

No PHI, by construction: nothing here reads a patient, a phone or a message. What a patient is called stands elsewhere.
Steps are those of the present edition's ladders; who they mean, the present rosters say for the moment they are due.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.core.book import Book
from bot.core.effects import Urgency
from bot.core.escalation import OUTCOMES
from bot.core.oncall import THE_PHONE, Channel, Rung, Whom, whom
from bot.core.roster import Shift, Swap, members, shifts
from bot.runtime import Runtime
from bot.service import board_words, oncall_link
from bot.service.meant import meant, next_step
from bot.signing import feed_key
from bot.store import alerts, escalations, staff, swaps, timers
from bot.store.alerts import Status, Told
from bot.store.base import Db
from bot.store.clinics import Clinic
from bot.store.escalations import Act, Escalation
from bot.store.staff import Member
from bot.store.timers import Climb

AHEAD = timedelta(days=14)
"""So far ahead one's own shifts are shown."""
LATELY = timedelta(hours=12)
"""What was ended so lately can be opened again."""
MOST_OPEN, MOST_ENDED, MOST_TOLD = 50, 5, 12
SNOOZES = (10, 30, 60)
"""Minutes."""
_URGENCIES = [str(urgency) for urgency in Urgency]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who came by a link. No member: whoever holds the clinic's on-call phone. `code`: what their page was about.

    `via`: at the console they come in by its own door.
    """

    clinic: UUID
    member: UUID | None
    handle: str
    code: str | None
    via: Literal["link", "console"] = "link"


def visitor(rt: Runtime, token: str) -> Visitor | None:
    """Whose link this is; None where it is over, made up, or of somebody who works there no more."""
    with rt.begin() as db:
        alert = oncall_link.read(rt, db, token)
        if alert is None:
            return None
        member = staff.get(db, alert.member) if alert.member else None
    if alert.member and member is None:
        return None
    handle = member.handle if member else ""
    return Visitor(clinic=alert.clinic, member=alert.member, handle=handle, code=alert.code)


def state(rt: Runtime, token: str, known: str = "") -> Mapping[str, Any] | None:
    """All that the page shows, beside the present moment; `state` is None while it is what `known` stands for.

    None where the link is over.
    """
    with rt.begin() as db:
        at = _board(rt, db, token)
        if at is None:
            return None
        shown = {
            "clinic": at.clinic.name,
            "zone": at.clinic.zone,
            "me": _me(at),
            "code": at.code,
            **_escalations(at),
            "duty": [_duty(at, roster) for roster in at.book.oncall.rosters],
            "shifts": sorted(_my_shifts(at), key=lambda shift: shift["start"] or ""),
            "plan": _plan(at),
            "targets": [{"to": str(to), "label": label} for to, label in targets(at)],
            "outcomes": OUTCOMES,
            "snoozes": SNOOZES,
            "push": rt.pusher.public_key if rt.pusher and at.me else None,
            "feed": at.me and f"/oncall/feed/{at.me.id}/{feed_key(rt.settings.secrets, at.me.id)}.ics",
        }
    version = hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:16]
    now = at.now.isoformat(timespec="milliseconds")
    return {"now": now, "version": version, "state": None if version == known else shown}


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What a look is made of. `rotas`: each roster's duty from now on."""

    db: Db
    now: datetime
    clinic: Clinic
    book: Book
    me: Member | None
    code: str | None
    members: Mapping[str, Member]
    swaps: tuple[Swap, ...]
    rotas: Mapping[str, tuple[Shift, ...]]

    def name(self, handle: str) -> str:
        """A member's name; what rosters call them where nobody has the handle."""
        member = self.members.get(handle)
        return member.name if member else board_words.plain(handle)

    def mine(self, handle: str | None) -> bool:
        """Whether it is whoever looks. The on-call phone has no handle."""
        return handle == (self.me.handle if self.me else "")


def _board(rt: Runtime, db: Db, token: str) -> Board | None:
    alert = oncall_link.read(rt, db, token)
    if alert is None:
        return None
    everybody = staff.all_of(db, alert.clinic)
    me = next((member for member in everybody if member.id == alert.member), None)
    if alert.member and me is None:
        return None  # they work there no more
    return board(rt, db, alert.clinic, everybody, me=me, code=alert.code)


def board(
    rt: Runtime, db: Db, clinic_id: UUID, everybody: Sequence[Member], *, me: Member | None, code: str | None
) -> Board:
    """The clinic's board, as this member sees it."""
    now, clinic = rt.now(), rt.clinic(db, clinic_id)
    book = rt.book(db, rt.current_edition(db))
    over = swaps.since(db, clinic.id, now)
    until = _midnight(now + AHEAD, clinic.zone)
    found = {
        roster: shifts(
            book.oncall, roster, now, until, zone=clinic.zone, calendars=book.house.calendars, swaps=over
        )
        for roster in book.oncall.rosters
    }
    return Board(
        db=db,
        now=now,
        clinic=clinic,
        book=book,
        me=me,
        code=code,
        members={member.handle: member for member in everybody},
        swaps=over,
        rotas=found,
    )


def _midnight(moment: datetime, zone: str) -> datetime:
    """The beginning of that day: the same for every look of a day."""
    return datetime.combine(moment.astimezone(ZoneInfo(zone)), time(), ZoneInfo(zone))


# -- people ---------------------------------------------------------------------------------------------


def _me(at: Board) -> Mapping[str, Any]:
    """`handle` is '' for the on-call phone."""
    name, handle = (at.me.name, at.me.handle) if at.me else (THE_PHONE, "")
    return {"name": name, "handle": handle, "member": at.me is not None}


def _duty(at: Board, roster: str) -> Mapping[str, Any]:
    """Who of a roster is on call now, and until when; None: for longer than the page looks ahead."""
    spans = at.rotas[roster]
    person = spans[0].person
    return {
        "roster": board_words.plain(roster),
        "name": person and at.name(person),
        "known": person in at.members,
        "mine": person is not None and at.me is not None and person == at.me.handle,
        "until": _moment(spans[0].end) if len(spans) > 1 else None,
    }


def _my_shifts(at: Board) -> Iterator[dict[str, Any]]:
    """One's own. Standing in for a roster that has nobody is no shift of it."""
    if at.me is None:
        return
    for roster, spans in at.rotas.items():
        swapped = any(swap.roster == roster and swap.person == at.me.handle for swap in at.swaps)
        if not swapped and at.me.handle not in members(at.book.oncall, roster):
            continue
        for span in spans:
            if span.person == at.me.handle:
                start = None if span is spans[0] else _moment(span.start)
                end = None if span is spans[-1] else _moment(span.end)
                yield {"roster": board_words.plain(roster), "start": start, "end": end}


def _plan(at: Board) -> Mapping[str, Any]:
    """Everybody's shifts: a row for each day, of which each roster has one after another; `at` is the hand-over."""
    today, zone = at.now.astimezone(ZoneInfo(at.clinic.zone)).date(), ZoneInfo(at.clinic.zone)
    dawns = [datetime.combine(today + timedelta(days=n), time(), zone) for n in range(AHEAD.days + 1)]

    def cell(spans: Sequence[Shift], dawn: datetime, dusk: datetime) -> list[Mapping[str, Any]]:
        return [
            {
                "at": _moment(span.start) if span.start > dawn and span is not spans[0] else None,
                "name": span.person and at.name(span.person),
                "mine": span.person is not None and at.me is not None and span.person == at.me.handle,
            }
            for span in spans
            if span.start < dusk and span.end > dawn
        ]

    return {
        "rosters": [board_words.plain(roster) for roster in at.rotas],
        "days": [
            {"day": _moment(dawn), "cells": [cell(spans, dawn, dusk) for spans in at.rotas.values()]}
            for dawn, dusk in pairwise(dawns)
        ],
    }


def targets(at: Board) -> list[tuple[Whom, str]]:
    """To whom an escalation can be handed over, and how the page calls them."""
    rosters = [
        (
            Whom(kind="on call", name=roster),
            f"{board_words.plain(roster).capitalize()} on call: {at.name(spans[0].person)}",
        )
        for roster, spans in at.rotas.items()
        if spans[0].person and not (at.me and spans[0].person == at.me.handle)
    ]
    people = [
        (Whom(kind="person", name=handle), member.name)
        for handle, member in at.members.items()
        if at.me is None or handle != at.me.handle
    ]
    phone = [(Whom(kind="phone"), "Whoever holds the on-call phone")] if at.me else []
    return rosters + people + (phone if at.clinic.oncall_phone else [])


# -- escalations ----------------------------------------------------------------------------------------


def _escalations(at: Board) -> Mapping[str, Any]:
    """What nobody has ended: first what nobody has, and of that the gravest. And what was ended lately."""
    found = escalations.open_ones(at.db, at.clinic.id, MOST_OPEN)
    ended = escalations.ended(at.db, at.clinic.id, at.now - LATELY, MOST_ENDED)
    ids = [one.id for one in (*found, *ended)]
    done = escalations.acts_of(at.db, ids) if ids else {}
    ordered = sorted(
        found, key=lambda one: (one.taken is not None, _URGENCIES.index(one.urgency), one.opened)
    )
    return {
        "open": _open_ones(at, ordered, done) if found else [],
        "ended": [_ended(at, one, done.get(one.id, ())) for one in ended],
    }


def cards(at: Board, found: Sequence[Escalation]) -> list[Mapping[str, Any]]:
    """These escalations as the page shows them: what is next, who was told, what was done."""
    done = escalations.acts_of(at.db, [one.id for one in found]) if found else {}
    return _open_ones(at, found, done) if found else []


def _open_ones(
    at: Board, found: Sequence[Escalation], done: Mapping[UUID, Sequence[Act]]
) -> list[Mapping[str, Any]]:
    climbs = timers.climbs(at.db, [one.conversation for one in found])
    notices: dict[UUID | None, list[Told]] = {}
    for notice in alerts.of(at.db, [one.id for one in found], MOST_TOLD):
        if notice.alert.channel is Channel.CONSOLE and notice.status != Status.SHOWN:
            continue  # nobody was told by it, and nobody will be
        notices.setdefault(notice.alert.escalation, []).append(notice)
    return [
        {
            **_escalation(at, one),
            "next": _next(at, one, climbs.get((one.conversation, one.code))),
            "told": [_told(at, notice) for notice in notices.get(one.id, ())][-MOST_TOLD:],
            "done": [_done(at, act) for act in done.get(one.id, ())],
        }
        for one in found
    ]


def _ended(at: Board, one: Escalation, done: Sequence[Act]) -> Mapping[str, Any]:
    last = next((act for act in reversed(done) if act.act == "resolved"), None)
    return {
        **_escalation(at, one),
        "mine": last is not None and at.mine(last.by),
        "by": at.name(last.by) if last else None,
        "ended": one.resolved and _moment(one.resolved),
        "outcome": one.outcome,
    }


def _escalation(at: Board, one: Escalation) -> Mapping[str, Any]:
    return {
        "code": one.code,
        "urgency": one.urgency,
        "drill": one.drill,
        "reason": board_words.reason(one.reason, one.urgency),
        "opened": _moment(one.opened),
        "paged": _moment(one.paged),
        "taken": one.taken and _moment(one.taken),
        "mine": one.taken is not None and at.mine(one.by),
        "by": at.name(one.by or "") if one.taken else None,
        "until": one.snoozed_until and _moment(one.snoozed_until),
    }


def _next(at: Board, one: Escalation, climb: Climb | None) -> Mapping[str, Any] | None:
    """When somebody is told next, and who; None where nobody will be, or just now."""
    if climb is None:
        return None
    if one.taken:
        return {
            "at": _moment(climb.due),
            "who": [at.name(one.by or "")],
            "you": at.mine(one.by),
            "how": "asked",
        }
    due, step = next_step(at.book, one, climb, zone=at.clinic.zone)
    people = _reached(at, step, due)
    return {
        "at": _moment(due),
        "who": [person.name for person in people if person != at.me] if people else [THE_PHONE] * bool(at.me),
        "you": at.me in people if people else at.me is None,
        "how": board_words.done_to(step.by if people else [Channel.TEXT]),
    }


def _reached(at: Board, step: Rung, moment: datetime) -> list[Member]:
    """Who of those whom a step means can be told by it; nobody: the on-call phone stands in."""
    everybody = at.members.values()
    found = meant(at.book, step.tell, moment, zone=at.clinic.zone, members=everybody, swaps=at.swaps)
    needs_no_phone = {Channel.EMAIL, Channel.PUSH} & set(step.by)
    return [member for member in found if member.phone or needs_no_phone]


def _told(at: Board, notice: Told) -> Mapping[str, Any]:
    alert = notice.alert
    words, good = board_words.how_it_went(alert.channel, notice.status)
    named = next((member.name for member in at.members.values() if member.id == alert.member), None)
    return {
        "who": named or ("somebody who has left" if alert.member else THE_PHONE),
        "by": board_words.CHANNELS[alert.channel],
        "how": words,
        "good": good,
        "at": _moment(notice.sent or alert.created),
    }


def _done(at: Board, act: Act) -> Mapping[str, Any]:
    detail = act.detail or ""
    if act.act == "handed over" and detail:
        to = whom(detail)
        detail = at.name(to.name) if to.kind == "person" else str(to).replace("_", " ")
    return {
        "who": at.name(act.by),
        "what": board_words.act(act.act),
        "via": board_words.via(act.via),
        "at": _moment(act.at),
        "until": detail if act.act == "snoozed" else None,
        "detail": "" if act.act == "snoozed" else detail,
    }


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
