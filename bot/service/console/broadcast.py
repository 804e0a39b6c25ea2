"""Broadcast: one flow for everybody whom facts choose. Written by one person, approved by another, stopped by either.

Who they are is worked out, and what begins is begun, by the clock in portions: see `broadcast_rounds`. What it will
look like: `broadcast_preview`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import Field, TypeAdapter

from bot.core.audience import Wanted
from bot.core.book import Book
from bot.core.flow import Flow
from bot.core.roles import May
from bot.core.shape import Shape
from bot.core.state import Plain
from bot.core.triggers import Happens
from bot.errors import ChangedMeanwhile, NeedsASecondPerson, NotFound
from bot.gateways.live import INBOX
from bot.runtime import Runtime
from bot.service.desk import Desk
from bot.store import audit, broadcasts, staff
from bot.store.base import Db
from bot.store.broadcasts import Broadcast, Status, Tally

MOST_LISTED = 50
MOST_DAYS = 14
PER_MINUTE = (10, 30, 60, 180)
"""How many may begin in a minute. One long code takes a segment a second, and patients' answers come on top."""
LEFT_OUT = {
    "opted_out": "have opted out of texts",
    "wants_calls": "want calls, not texts",
    "wants_none": "don’t want texts of this kind",
    "no_longer_fits": "no longer fit",
}
"""Why who was chosen gets nothing, by its name."""
_OPEN = (Status.DRAFT, Status.COUNTING, Status.COUNTED, Status.SENDING)
_IS = re.compile(r'\b([a-z][a-z0-9_]*) is "([^"]+)"')


class Content(Shape):
    """What of a broadcast is sealed beside its title."""

    wanted: Wanted
    values: dict[str, Plain] = Field(default_factory=dict)


CONTENT: TypeAdapter[Content] = TypeAdapter(Content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody writes."""

    title: str
    flow: str
    content: Content
    per_minute: int = 30
    days: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A broadcast for people to look at. Names are those of members; `may_approve` is about whoever looks."""

    id: UUID
    title: str
    flow: str
    flow_title: str
    content: Content
    status: Status
    per_minute: int
    days: int
    tally: Tally
    looked: int
    made_by: str
    made: datetime
    approved_by: str | None
    approved: datetime | None
    ended_by: str | None
    ended: datetime | None
    may_approve: bool


def flows_for(book: Book) -> list[Flow]:
    """The flows that can be broadcast."""
    return [flow for flow, _ in book.starting(Happens.BROADCAST)]


def options(flow: Flow) -> Mapping[str, tuple[str, ...]]:
    """What the flow knows each of its variables to be, read from its branches."""
    found: dict[str, dict[str, None]] = {name: {} for name in flow.variables}
    for step in flow.steps.values():
        for case in step.branch:
            for name, value in _IS.findall(case.condition.text if case.condition else ""):
                if name in found:
                    found[name][value] = None
    return {name: tuple(values) for name, values in found.items()}


def choices(rt: Runtime, desk: Desk) -> list[tuple[Flow, Mapping[str, tuple[str, ...]]]]:
    """What can be broadcast, each flow with its variables and what they can be."""
    desk.require(May.BROADCAST, May.APPROVE)
    with rt.begin() as db:
        book = rt.book(db, rt.current_edition(db))
    return [(flow, options(flow)) for flow in flows_for(book)]


def make(rt: Runtime, desk: Desk, draft: Draft) -> UUID:
    """A new draft, whose audience is worked out at once. Raises NotFound for a flow that can't be broadcast."""
    desk.require(May.BROADCAST)
    with rt.begin() as db:
        _check(rt, db, draft)
        made = broadcasts.add(db, desk.clinic, desk.member, _values(draft), rt.now())
        broadcasts.move(db, desk.clinic, made, Status.COUNTING, Status.DRAFT)
        audit.write(db, [desk.entry("broadcast.made", f"broadcast:{made}", detail=draft.flow)], rt.now())
    return made


def change(rt: Runtime, desk: Desk, broadcast: UUID, draft: Draft) -> None:
    """Write it anew: whoever approved it has to look again. Raises NotFound, ChangedMeanwhile once it is under way."""
    desk.require(May.BROADCAST)
    with rt.begin() as db:
        _found(db, desk, broadcast)
        _check(rt, db, draft)
        if not broadcasts.change(db, desk.clinic, broadcast, _values(draft), desk.member):
            raise ChangedMeanwhile
        broadcasts.move(db, desk.clinic, broadcast, Status.COUNTING, Status.DRAFT)
        audit.write(
            db, [desk.entry("broadcast.changed", f"broadcast:{broadcast}", detail=draft.flow)], rt.now()
        )


def approve(rt: Runtime, desk: Desk, broadcast: UUID) -> None:
    """Let it go. Raises NeedsASecondPerson for who wrote it, ChangedMeanwhile where it is not counted, NotFound."""
    desk.require(May.APPROVE)
    now = rt.now()
    with rt.begin() as db:
        found = _found(db, desk, broadcast)
        if found.made_by == desk.member:
            raise NeedsASecondPerson
        values = {"approved_by": desk.member, "approved_at": now}
        moved = broadcasts.move(db, desk.clinic, broadcast, Status.SENDING, Status.COUNTED, **values)
        if moved is None or moved.made_by == desk.member:
            raise ChangedMeanwhile
        audit.write(db, [desk.entry("broadcast.approved", f"broadcast:{broadcast}")], now)
    rt.live.tell(desk.clinic, INBOX)


def stop(rt: Runtime, desk: Desk, broadcast: UUID) -> None:
    """From now on it begins for nobody else. Raises ChangedMeanwhile where it is over, NotFound, NotAllowed."""
    desk.require(May.BROADCAST, May.APPROVE)
    now = rt.now()
    with rt.begin() as db:
        _found(db, desk, broadcast)
        values = {"ended_by": desk.member, "ended_at": now}
        if broadcasts.move(db, desk.clinic, broadcast, Status.STOPPED, *_OPEN, **values) is None:
            raise ChangedMeanwhile
        audit.write(db, [desk.entry("broadcast.stopped", f"broadcast:{broadcast}")], now)


def listed(rt: Runtime, desk: Desk) -> list[Shown]:
    """The latest broadcasts, newest first."""
    desk.require(May.BROADCAST, May.APPROVE)
    with rt.begin() as db:
        return _shown(rt, db, desk, broadcasts.latest(db, desk.clinic, MOST_LISTED))


def shown(rt: Runtime, desk: Desk, broadcast: UUID) -> Shown:
    """One of them. Raises NotFound."""
    desk.require(May.BROADCAST, May.APPROVE)
    with rt.begin() as db:
        return _shown(rt, db, desk, [_found(db, desk, broadcast)])[0]


def _shown(rt: Runtime, db: Db, desk: Desk, found: list[Broadcast]) -> list[Shown]:
    book = rt.book(db, rt.current_edition(db))
    names = staff.names(db, desk.clinic, {m for one in found for m in _members(one)})
    tallies = broadcasts.tallies(db, [one.id for one in found]) if found else {}
    return [
        Shown(
            id=one.id,
            title=one.title,
            flow=one.flow,
            flow_title=book.flows[one.flow].title if one.flow in book.flows else one.flow,
            content=CONTENT.validate_json(one.content),
            status=one.status,
            per_minute=one.per_minute,
            days=one.days,
            tally=tallies.get(one.id, Tally(left_out={})),
            looked=one.looked,
            made_by=names.get(one.made_by, ""),
            made=one.made,
            approved_by=names.get(one.approved_by) if one.approved_by else None,
            approved=one.approved,
            ended_by=names.get(one.ended_by) if one.ended_by else None,
            ended=one.ended,
            may_approve=desk.may(May.APPROVE) and one.made_by != desk.member,
        )
        for one in found
    ]


def _members(one: Broadcast) -> set[UUID]:
    return {member for member in (one.made_by, one.approved_by, one.ended_by) if member}


def _found(db: Db, desk: Desk, broadcast: UUID) -> Broadcast:
    found = broadcasts.get(db, desk.clinic, broadcast)
    if found is None:
        raise NotFound
    return found


def _check(rt: Runtime, db: Db, draft: Draft) -> None:
    if draft.flow not in {flow.name for flow in flows_for(rt.book(db, rt.current_edition(db)))}:
        raise NotFound


def _values(draft: Draft) -> dict[str, object]:
    return {
        "title": draft.title,
        "flow": draft.flow,
        "content": CONTENT.dump_json(draft.content),
        "per_minute": draft.per_minute,
        "days": draft.days,
    }
