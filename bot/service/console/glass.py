"""Glass: somebody whose role does not show them all of a patient breaks it, for a reason, for a while, in plain sight.

Nobody is asked first: in an emergency there may be no time (45 CFR 164.312(a)(2)(ii)). But everybody who reads the
audit trail hears of it at once (`glass_alert`), and somebody else than who did it looks at it afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, get_args
from uuid import UUID

from bot.core.roles import RIGHTS, May, Role, Sees
from bot.errors import BadImport, NotAllowed, NotFound
from bot.gateways.doorbell import ALERTS, OUTBOUND
from bot.runtime import Runtime
from bot.service.console import glass_alert, trail_words
from bot.service.desk import Desk
from bot.store import audit, glass, trail
from bot.store.base import Db
from bot.store.glass import Broken
from bot.store.trail import Known, Line, Look

MINUTES = (30, 60)
LONGEST_REASON = 500
Verdict = Literal["fine", "to talk about"]
MOST = 20
_MOST_LINES = 400


# -- breaking it ---------------------------------------------------------------------------------------------


def sight(rt: Runtime, db: Db, desk: Desk, patient: UUID) -> Desk:
    """The desk, as one that sees everything of this patient while the glass is broken; else as it is.

    It sees, and may do no more than before: what needs a right to give out rights or to read the trail it may not do.
    """
    if all(desk.sees(each) for each in Sees) or not desk.may(May.BREAK_GLASS):
        return desk
    if glass.open_until(db, desk.member, patient, rt.now()) is None:
        return desk
    may = tuple(right for right in desk.role.may if right not in RIGHTS)
    return replace(desk, role=Role(label=desk.role.label, may=may, sees=tuple(Sees)))


def until(rt: Runtime, db: Db, desk: Desk, patient: UUID) -> datetime | None:
    """Until when this desk sees everything of this patient by broken glass; None where it is whole."""
    return glass.open_until(db, desk.member, patient, rt.now())


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The form: of whom, and until when it is broken already."""

    patient: UUID
    name: str
    until: datetime | None
    readers: int


def asked(rt: Runtime, desk: Desk, patient: UUID) -> Asked:
    """What the form shows. Raises NotFound, NotAllowed."""
    desk.require(May.BREAK_GLASS)
    with rt.begin() as db:
        return Asked(
            patient=patient,
            name=_patient(db, desk, patient),
            until=glass.open_until(db, desk.member, patient, rt.now()),
            readers=len(glass_alert.told(rt, db, desk)),
        )


def break_it(rt: Runtime, desk: Desk, patient: UUID, *, reason: str, minutes: int) -> datetime:
    """See everything of this patient from now on, for so many minutes; returns until when.

    Raises BadImport, naming what is wrong with the form, NotFound, NotAllowed.
    """
    desk.require(May.BREAK_GLASS)
    reason = " ".join(reason.replace("\x00", "").split())
    if len(reason) < 5:
        raise BadImport("reason: say in a few words why you must see this now.")
    if len(reason) > LONGEST_REASON:
        raise BadImport(f"reason: must have at most {LONGEST_REASON} characters.")
    if minutes not in MINUTES:
        raise BadImport("minutes: must be 30 or 60.")
    now = rt.now()
    ends = now + timedelta(minutes=minutes)
    with rt.begin() as db:
        _patient(db, desk, patient)
        number = glass.add(
            db,
            clinic=desk.clinic,
            member=desk.member,
            patient=patient,
            reason=reason,
            since=now,
            until=ends,
        )
        glass_alert.alert(rt, db, desk, now)
        subject = f"glass:{number}"
        entry = desk.entry("glass.broken", subject, patients=(patient,), detail=f"{minutes} minutes")
        audit.write(db, [entry], now)
    rt.doorbell.ring(OUTBOUND)
    rt.doorbell.ring(ALERTS)
    return ends


def _patient(db: Db, desk: Desk, patient: UUID) -> str:
    found = trail.names_of(db, desk.clinic, [patient]).get(patient)
    if found is None:
        raise NotFound
    return " ".join(found)


# -- who sees more now ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A patient of whom one sees everything now."""

    patient: UUID
    name: str
    until: datetime


def open_now(rt: Runtime, desk: Desk) -> tuple[Open, ...]:
    """The patients for whom this member has broken the glass, as long as it is."""
    with rt.begin() as db:
        found = glass.open_of(db, desk.member, rt.now())
        names = trail.names_of(db, desk.clinic, [patient for patient, _ in found])
    return tuple(
        Open(patient=patient, name=" ".join(names[patient]), until=ends)
        for patient, ends in found
        if patient in names
    )


# -- looking at it afterwards --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Something that was done while the glass was broken."""

    at: datetime
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One time that the glass was broken, for who looks at it. `may`: not who did it themselves.

    `who` is a member's name; `whom` the patient as this desk may know them.
    """

    id: UUID
    who: str
    whom: str
    patient: UUID
    reason: str
    since: datetime
    until: datetime
    looked: tuple[Looked, ...]
    may: bool
    reviewer: str | None = None
    verdict: str | None = None
    reviewed: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviews:
    """What waits, oldest first, and the latest that are done. `count` is how many wait."""

    waiting: tuple[Review, ...]
    done: tuple[Review, ...]
    count: int


def waits(rt: Runtime, desk: Desk) -> int:
    """How many times somebody broke the glass and nobody has looked at it yet."""
    with rt.begin() as db:
        return glass.how_many_wait(db, desk.clinic)


def to_review(rt: Runtime, desk: Desk) -> Reviews:
    """What is to be looked at, and what was. Raises NotAllowed."""
    desk.require(May.AUDIT)
    with rt.begin() as db:
        waiting, done = glass.waiting(db, desk.clinic, MOST), glass.reviewed(db, desk.clinic, MOST)
        both = [*waiting, *done]
        looks = [
            Look(actor=one.member, patient=one.patient, since=one.since, until=one.until) for one in both
        ]
        seen = trail.within(db, desk.clinic, looks, _MOST_LINES)
        names = trail.names_of(db, desk.clinic, {one.patient for one in both})
        known = {member.id: member for member in trail.members(db, desk.clinic)}
        count = glass.how_many_wait(db, desk.clinic)
        if both:
            audit.write(db, [desk.entry("glass.listed", "glass")], rt.now())
    return Reviews(
        waiting=tuple(_review(desk, one, seen, names, known) for one in waiting),
        done=tuple(_review(desk, one, seen, names, known) for one in done),
        count=count,
    )


def review(rt: Runtime, desk: Desk, number: UUID, verdict: str) -> None:
    """Say what is to be said of it, once. Raises NotFound, NotAllowed (also to who did it), BadImport."""
    desk.require(May.AUDIT)
    if verdict not in get_args(Verdict):
        raise BadImport("verdict: must be one of the two.")
    now = rt.now()
    with rt.begin() as db:
        found = glass.get(db, desk.clinic, number)
        if found is None or found.reviewed:
            raise NotFound
        if found.member == desk.member:
            raise NotAllowed
        glass.review(db, number, by=desk.member, verdict=verdict, now=now)
        subject = f"glass:{number}"
        entry = desk.entry("glass.reviewed", subject, patients=(found.patient,), detail=verdict)
        audit.write(db, [entry], now)


def _review(
    desk: Desk,
    one: Broken,
    seen: Sequence[Line],
    names: Mapping[UUID, tuple[str, str]],
    known: Mapping[UUID, Known],
) -> Review:
    return Review(
        id=one.id,
        who=trail_words.who(str(one.member), known),
        whom=trail_words.whom(desk, one.patient, names),
        patient=one.patient,
        reason=one.reason,
        since=one.since,
        until=one.until,
        looked=tuple(
            Looked(at=line.at, words=trail_words.did(line.action))
            for line in seen
            if line.actor == str(one.member)
            and one.patient in line.patients
            and one.since <= line.at < one.until
            and not line.action.startswith("glass.")
        ),
        may=one.member != desk.member,
        reviewer=trail_words.who(str(one.reviewer), known) if one.reviewer else None,
        verdict=one.verdict,
        reviewed=one.reviewed,
    )
