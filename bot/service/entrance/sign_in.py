"""Sign in: the first proof, the password; and how every way ends: in a session of its own, or in nothing.

Whoever is refused learns nothing of who exists. For an address that nobody has, the same work is done, the same is
counted and the same is answered; after the limit a right password is answered like a wrong one.

    password ─┐                ┌─ code of the app ──┐
    SSO ──────┴─ doorstep ─────┼─ recovery code ────┼─ session
    passkey ───────────────────┴─ passkey ──────────┘       (SSO alone where the provider says it asked for more)
"""

import secrets
from enum import Enum, auto
from uuid import UUID

from bot.runtime import Runtime
from bot.service.desk import ORIGIN
from bot.service.entrance import hash_password, session, tries
from bot.service.entrance.tries import ADDRESS, NETWORK, Visitor
from bot.store import audit, doorsteps, logins, staff, staff_passkeys
from bot.store.audit import Entry
from bot.store.base import Db
from bot.store.doorsteps import Doorstep, Stage
from bot.store.logins import Login
from bot.store.staff import Member

BY_PASSWORD = "password"  # noqa: S105  # a word of the trail
_BYTES = 32
_STRANGER = "stranger"


class Refused(Enum):
    """Why nobody is signed in. Of WRONG one can't tell whether it was wrong or too often wrong."""

    WRONG = auto()
    NETWORK = auto()  # too many wrong tries from there: nothing is looked at
    GONE = auto()  # nothing is under way in this browser, or it took too long: begin anew


def with_password(rt: Runtime, email: str, password: str, visitor: Visitor) -> str | Refused:
    """The first proof. Returns the browser's secret for the second."""
    with rt.begin() as db:
        so_far = tries.begin(rt, db, (ADDRESS, tries.address(email)), (NETWORK, visitor.network))
        if so_far.over(NETWORK):
            audit.write(db, [refused(None, "network")], rt.now())
            return Refused.NETWORK
        known = staff.with_email(db, email.strip())
        found = _whose(db, known, password)
        if found is None or so_far.over():
            so_far.count(db)
            about = known[0] if known else None
            audit.write(db, refusals(about, BY_PASSWORD, reached=so_far.reached()), rt.now())
            return Refused.WRONG
        member, login = found
        if hash_password.is_old(login.password):
            logins.set_password(db, login, hash_password.hashed_code(password))
        secret = step_up_to(rt, db, member, Stage.CODE, BY_PASSWORD)
        audit.write(db, [entry(member, "sign_in.begun", BY_PASSWORD)], rt.now())
    return secret


def step_up_to(
    rt: Runtime, db: Db, member: Member, stage: Stage, first: str, handle: bytes | None = None
) -> str:
    """Let this member stand at the door, in the caller's transaction; returns the browser's secret."""
    secret = secrets.token_urlsafe(_BYTES)
    doorsteps.begin(
        db,
        secret,
        stage,
        rt.now(),
        clinic=member.clinic,
        member=member.id,
        first=first,
        handle=handle,
    )
    return secret


def finish(rt: Runtime, db: Db, member: Member, how: str, visitor: Visitor, *beside: Entry) -> str:
    """They have proved themselves, in the caller's transaction: a session begins; returns the browser's secret.

    `beside`: what else the audit trail, which is written last, should know.
    """
    tries.forgive(rt, db, member)
    secret = session.begin(rt, db, member, visitor.browser)
    audit.write(db, [*beside, entry(member, "session.begun", how)], rt.now())
    return secret


def at_door(rt: Runtime, db: Db, secret: str, *stages: Stage) -> tuple[Doorstep, Member] | None:
    """Who stands there with this secret in their browser, and has come so far; in the caller's transaction."""
    at = doorsteps.find(db, secret, rt.now()) if secret else None
    if at is None or at.member is None or at.stage not in stages:
        return None
    member = staff.get(db, at.member)
    return (at, member) if member else None


def ways(rt: Runtime, secret: str) -> frozenset[str] | None:
    """By what they can show the second factor: 'totp', 'passkey', 'recovery'. None where nobody stands there."""
    with rt.begin() as db:
        found = at_door(rt, db, secret, Stage.CODE)
        if found is None:
            return None
        login = logins.get(db, found[1].id)
        there = {
            "totp": login is not None and login.totp is not None,
            "passkey": bool(staff_passkeys.of(db, found[1].id)),
            "recovery": logins.codes_left(db, found[1].id) > 0,
        }
        return frozenset(name for name, has in there.items() if has)


def anybody_can(rt: Runtime) -> bool:
    """Whether anybody has set up a login."""
    with rt.begin() as db:
        return logins.any_at_all(db)


def has_login(rt: Runtime, member: UUID) -> bool:
    """Whether they have set theirs up."""
    with rt.begin() as db:
        return logins.get(db, member) is not None


# -- the audit trail -----------------------------------------------------------------------------------


def entry(member: Member, action: str, detail: str = "") -> Entry:
    """A line about what a member did with their own login."""
    return Entry(
        clinic=member.clinic,
        actor=str(member.id),
        action=action,
        subject=f"staff:{member.id}",
        origin=ORIGIN,
        detail=detail,
    )


def refused(about: Member | None, how: str) -> Entry:
    """A line about somebody who was not let in; of an address that nobody has, nothing is kept."""
    return Entry(
        clinic=about.clinic if about else None,
        actor=_STRANGER,
        action="sign_in.refused",
        subject=f"staff:{about.id}" if about else "staff:unknown",
        origin=ORIGIN,
        detail=how,
    )


def refusals(about: Member | None, how: str, *, reached: bool) -> list[Entry]:
    """The same, and that nothing more is looked at for a while, where that is so from now on."""
    line = refused(about, how)
    locked = Entry(
        clinic=line.clinic,
        actor=line.actor,
        action="sign_in.locked",
        subject=line.subject,
        origin=ORIGIN,
        detail=how,
    )
    return [line, locked] if reached else [line]


def _whose(db: Db, known: list[Member], password: str) -> tuple[Member, Login] | None:
    """Whose password it is. Where nobody has one, one is hashed all the same."""
    those = [(member, login) for member in known if (login := logins.get(db, member.id))]
    for member, login in those:
        if hash_password.fits(login.password, password):
            return member, login
    if not those:
        hash_password.fits(None, password)
    return None
