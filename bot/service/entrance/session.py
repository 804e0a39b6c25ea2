"""Session: who sits at the console in this browser, for how long, and when they last showed who they are.

15 minutes without a sign of the person, 12 hours in all (NIST SP 800-63B-4, AAL3; 45 CFR 164.312(a)(2)(iii)). What the
page fetches by itself is no sign of anybody.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from bot.core.roles import Role
from bot.runtime import Runtime
from bot.service.desk import Desk
from bot.store import audit, sessions, staff
from bot.store.base import Db
from bot.store.sessions import Session
from bot.store.staff import Member

IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=12)
PROOF = timedelta(minutes=10)
"""So long after showing who they are, sensitive acts do not ask again."""
_NOTE_EVERY = timedelta(seconds=30)
_BYTES = 32
_NOBODY = Role(label="Unknown role")
"""A role that the present edition does not have may do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Somebody at their desk. `ends` is when they are signed out if nothing happens; `proven` that a sensitive act
    needs no new proof."""

    session: UUID
    desk: Desk
    clinic_name: str
    zone: str
    ends: datetime
    proven: bool


def begin(rt: Runtime, db: Db, member: Member, browser: str) -> str:
    """Sign this member in, in the caller's transaction, which has seen their proof; returns the browser's secret."""
    secret = secrets.token_urlsafe(_BYTES)
    now = rt.now()
    sessions.add(db, clinic=member.clinic, member=member.id, secret=secret, browser=browser, now=now)
    return secret


def seat(rt: Runtime, secret: str, *, by_hand: bool) -> Seat | None:
    """Who sits there; None where nobody does, or no longer. `by_hand`: a person did something, not the page itself."""
    now = rt.now()
    with rt.begin() as db:
        found = sessions.find(db, secret)
        if found is None:
            return None
        member = staff.get(db, found.member)
        if member is None or now - found.seen >= IDLE or now - found.created >= LONGEST:
            sessions.end(db, found.id)
            return None
        if by_hand and now - found.seen >= _NOTE_EVERY:
            sessions.saw(db, found.id, now)
        seen = now if by_hand else found.seen
        clinic = rt.clinic(db, found.clinic)
        return Seat(
            session=found.id,
            desk=_desk(rt, db, member),
            clinic_name=clinic.name,
            zone=clinic.zone,
            ends=min(seen + IDLE, found.created + LONGEST),
            proven=now - found.proved < PROOF,
        )


def prove(rt: Runtime, db: Db, session: UUID) -> str:
    """They showed again who they are, in the caller's transaction; returns the browser's new secret."""
    secret = secrets.token_urlsafe(_BYTES)
    sessions.proved(db, session, secret, rt.now())
    return secret


def end(rt: Runtime, at: Seat) -> None:
    """Sign out here."""
    with rt.begin() as db:
        sessions.end(db, at.session)
        audit.write(db, [at.desk.entry("session.ended", f"staff:{at.desk.member}")], rt.now())


def end_everywhere(rt: Runtime, at: Seat, *, here_too: bool = False) -> int:
    """Sign out in all other browsers, or in this one too; returns how many ended."""
    with rt.begin() as db:
        ended = sessions.end_all(db, at.desk.member, but=None if here_too else at.session)
        entry = at.desk.entry(
            "session.ended_everywhere", f"staff:{at.desk.member}", detail=f"{ended} sessions"
        )
        audit.write(db, [entry], rt.now())
    return ended


def mine(rt: Runtime, at: Seat) -> list[Session]:
    """Where one is signed in."""
    now = rt.now()
    with rt.begin() as db:
        return [one for one in sessions.of(db, at.desk.member) if now - one.seen < IDLE]


def forget_old(rt: Runtime) -> None:
    """Take away sessions that are over."""
    now = rt.now()
    with rt.begin() as db:
        sessions.forget(db, seen_before=now - IDLE, created_before=now - LONGEST)


def _desk(rt: Runtime, db: Db, member: Member) -> Desk:
    book = rt.book(db, rt.current_edition(db))
    return Desk(
        member=member.id,
        clinic=member.clinic,
        handle=member.handle,
        name=member.name,
        role_name=member.role,
        role=book.roles.all.get(member.role, _NOBODY),
    )
