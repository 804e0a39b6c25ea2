"""Duty: who is on call now and later, and a member's shifts as a calendar feed.

Rosters are those of the present edition. Who stands in one and is not known here is said to be so.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.core.book import Book
from bot.core.clocks import at_clock
from bot.core.oncall import OnCall
from bot.core.roster import Shift, members, shifts
from bot.errors import BadImport, NotFound
from bot.runtime import Runtime
from bot.service import calendar_file, enrol
from bot.service.clinic import the_one
from bot.signing import feed_key
from bot.store import staff, swaps
from bot.store.base import Db
from bot.store.clinics import Clinic
from bot.store.staff import Member
from bot.store.swaps import Swapped

LONGEST_PLAN = 366  # days
FEED_BACK, FEED_AHEAD = timedelta(days=60), timedelta(days=180)
_AHEAD = timedelta(days=60)  # how far is looked for the next hand-over
_PAD = timedelta(days=35)  # beyond a feed's ends: longer than any turn between two hand-overs
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}.*)?")
_FIRST, _LAST = 2000, 2100  # years
_UTC = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody in a roster. No name: not known here; `phone`: its last digits, None where there is no phone."""

    handle: str
    name: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDuty:
    """Who has a roster's duty, until when, and after that who. None: nobody; `until` None: for as long as is seen."""

    roster: str
    person: Person | None
    until: datetime | None
    then: Person | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Everybody who is on call at a moment, and the clinic's on-call phone, by its last digits."""

    clinic: str
    zone: str
    at: datetime
    phone: str | None
    duties: tuple[OnDuty, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stint:
    """A part of a day, from `start` on (the clinic's clock) until the next one."""

    start: datetime
    person: Person | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day of the plan: the calendars that are closed on it as on a holiday, and each roster's stints, in order."""

    day: date
    closed: tuple[str, ...]
    stints: tuple[tuple[Stint, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The plan, on the clinic's clock."""

    clinic: str
    zone: str
    rosters: tuple[str, ...]
    days: tuple[Day, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """All that says who is on call."""

    clinic: Clinic
    book: Book
    swaps: tuple[Swapped, ...]
    people: Mapping[str, Member]

    def shifts(
        self, roster: str, start: datetime, end: datetime, oncall: OnCall | None = None
    ) -> list[Shift]:
        found = shifts(
            oncall or self.book.oncall,
            roster,
            start,
            end,
            zone=self.clinic.zone,
            calendars=self.book.house.calendars,
            swaps=[made.swap for made in self.swaps],
        )
        return list(found)

    def person(self, handle: str | None) -> Person | None:
        if handle is None:
            return None
        known = self.people.get(handle)
        return Person(
            handle=handle, name=known.name if known else None, phone=masked(known.phone) if known else None
        )


def masked(phone: str | None) -> str | None:
    """The last four digits of a phone."""
    return phone and f"…{phone[-4:]}"


# -- who, and the plan -----------------------------------------------------------------------------------


def who(rt: Runtime, clinic_id: UUID | None, at: str | None = None) -> Who:
    """Who is on call, now or at a moment in words. Raises UnknownClinic, BadImport."""
    clinic = the_one(rt, clinic_id)
    seen = moment("at", at, clinic.zone) if at else rt.now()
    plan = _plan(rt, clinic, seen)
    return Who(
        clinic=clinic.name,
        zone=clinic.zone,
        at=seen,
        phone=masked(clinic.oncall_phone),
        duties=tuple(_on_duty(plan, roster, seen) for roster in plan.book.oncall.rosters),
    )


def _on_duty(plan: _Plan, roster: str, moment: datetime) -> OnDuty:
    found = plan.shifts(roster, moment, moment + _AHEAD)
    return OnDuty(
        roster=roster,
        person=plan.person(found[0].person),
        until=found[0].end if len(found) > 1 else None,
        then=plan.person(found[1].person) if len(found) > 1 else None,
    )


def schedule(rt: Runtime, clinic_id: UUID | None, *, start: date | None = None, days: int = 14) -> Schedule:
    """So many days of the plan, from today on or from that day. Raises UnknownClinic, BadImport."""
    if not 1 <= days <= LONGEST_PLAN:
        raise BadImport(f"days: must be 1 to {LONGEST_PLAN}.")
    clinic = the_one(rt, clinic_id)
    first = start or rt.now().astimezone(ZoneInfo(clinic.zone)).date()
    if not _FIRST <= first.year <= _LAST:
        raise BadImport("from: lies too far away.")
    dawns = [_midnight(first + timedelta(days=n), clinic.zone) for n in range(days + 1)]
    plan = _plan(rt, clinic, dawns[0])
    rosters = tuple(plan.book.oncall.rosters)
    columns = [plan.shifts(roster, dawns[0], dawns[-1]) for roster in rosters]
    return Schedule(
        clinic=clinic.name,
        zone=clinic.zone,
        rosters=rosters,
        days=tuple(
            _day(plan, first + timedelta(days=n), dawns[n], dawns[n + 1], columns) for n in range(days)
        ),
    )


def _day(plan: _Plan, day: date, dawn: datetime, dusk: datetime, columns: list[list[Shift]]) -> Day:
    calendars, zone = plan.book.house.calendars, ZoneInfo(plan.clinic.zone)
    stints = [
        tuple(
            Stint(start=max(shift.start, dawn).astimezone(zone), person=plan.person(shift.person))
            for shift in column
            if shift.start < dusk and shift.end > dawn
        )
        for column in columns
    ]
    closed = tuple(name for name, calendar in calendars.items() if day.isoformat() in calendar.closed_on)
    return Day(day=day, closed=closed, stints=tuple(stints))


def _plan(rt: Runtime, clinic: Clinic, since: datetime) -> _Plan:
    with rt.begin() as db:
        return _read(rt, db, clinic, since)


def _read(rt: Runtime, db: Db, clinic: Clinic, since: datetime) -> _Plan:
    return _Plan(
        clinic=clinic,
        book=rt.book(db, rt.current_edition(db)),
        swaps=swaps.made(db, clinic.id, since),
        people={member.handle: member for member in staff.all_of(db, clinic.id)},
    )


def known_roster(book: Book, roster: str) -> None:
    """Raises NotFound, naming the rosters that there are."""
    if roster not in book.oncall.rosters:
        there = ", ".join(book.oncall.rosters) or "none"
        raise NotFound(f"There is no roster {roster} (there are: {there}): flows/oncall.yaml.")


# -- the calendar feed -----------------------------------------------------------------------------------


def feed(rt: Runtime, clinic_id: UUID | None, handle: str) -> str:
    """The address of a member's feed: whoever has it can read their shifts. Raises NotFound, UnknownClinic."""
    member = enrol.member(rt, clinic_id, handle)
    key = feed_key(rt.settings.secrets, member.id)
    return f"{rt.settings.public_url}/oncall/feed/{member.id}/{key}.ics"


def ics(rt: Runtime, member_id: UUID) -> bytes | None:
    """The member's shifts as a calendar file; None where nobody (any more) has this id.

    From the first of a month to the first of a month, so that the same plan is the same file from day to day.
    """
    with rt.begin() as db:
        member = staff.get(db, member_id)
        if member is None:
            return None
        clinic, now = rt.clinic(db, member.clinic), rt.now()
        start = _month(now - FEED_BACK, clinic.zone)
        end = _month(now + FEED_AHEAD + timedelta(days=31), clinic.zone)
        plan = _read(rt, db, clinic, start - _PAD)
    entries = [
        _entry(plan, member, roster, shift)
        for roster in _rosters_of(plan, member.handle)
        for shift in _own(plan, roster, member.handle, start, end)
    ]
    return calendar_file.write(f"On call: {member.name} ({clinic.name})", entries)


def _rosters_of(plan: _Plan, handle: str) -> list[str]:
    swapped = {made.swap.roster for made in plan.swaps if made.swap.person == handle}
    oncall = plan.book.oncall
    return [name for name in oncall.rosters if name in swapped or handle in members(oncall, name)]


def _own(plan: _Plan, roster: str, handle: str, start: datetime, end: datetime) -> Iterator[Shift]:
    """Their shifts, whole also at the ends of the feed; of a duty without end the part between the ends.

    Standing in is left out: whoever stands in has that duty by another roster, and an entry for it already.
    """
    oncall = plan.book.oncall
    only = oncall.model_copy(update={"rosters": {roster: oncall.rosters[roster]}})
    for shift in plan.shifts(roster, start - _PAD, end + _PAD, only):
        if shift.person != handle or shift.end <= start or shift.start >= end:
            continue
        yield replace(
            shift,
            start=start if shift.start == start - _PAD else shift.start,
            end=end if shift.end == end + _PAD else shift.end,
        )


def _entry(plan: _Plan, member: Member, roster: str, shift: Shift) -> calendar_file.Entry:
    same = sha256(f"{member.id} {roster} {shift.start.isoformat()}".encode()).hexdigest()[:32]
    return calendar_file.Entry(
        uid=f"{same}@careline",
        start=shift.start,
        end=shift.end,
        summary=f"On call: {roster.replace('_', ' ')} ({plan.clinic.name})",
    )


# -- moments ---------------------------------------------------------------------------------------------


def moment(name: str, text: str, zone: str) -> datetime:
    """A moment in UTC: with an offset, or on the clinic's clock; a date alone is its midnight. Raises BadImport."""
    try:
        found = datetime.fromisoformat(text.strip()) if _MOMENT.fullmatch(text.strip()) else None
    except ValueError:
        found = None
    if found is None:
        raise BadImport(
            f"{name}: is not a moment such as 2026-12-24T17:00 (the clinic's clock) or with -05:00."
        )
    if not _FIRST <= found.year <= _LAST:
        raise BadImport(f"{name}: lies too far away.")
    if found.tzinfo is None:
        return at_clock(found, zone, _UTC)
    return found.astimezone(UTC)


def _midnight(day: date, zone: str) -> datetime:
    return at_clock(datetime.combine(day, time()), zone, _UTC)


def _month(moment: datetime, zone: str) -> datetime:
    return _midnight(moment.astimezone(ZoneInfo(zone)).date().replace(day=1), zone)
