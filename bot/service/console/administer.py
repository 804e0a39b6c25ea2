"""Administer: who works at a clinic, in which role, and how they sign in; done by those who manage its staff.

Two things keep a clinic from being locked out, or taken over: the last one who may manage staff stays that, and nobody
gives themselves another role.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bot.core.roles import May, Role
from bot.errors import BadImport, NotFound
from bot.runtime import Runtime
from bot.service import enrol
from bot.service.clinic import the_one
from bot.service.console import mask
from bot.service.desk import Desk
from bot.service.entrance import session
from bot.store import overview, sessions, staff
from bot.store.base import Db
from bot.store.overview import Access
from bot.store.staff import Member

_NOT_YET = Access(password=False, totp=False, passkeys=0, sessions=0, seen=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A member of the staff. `phone` as people read it; `lacks`: what signing in needs and they don't have yet.

    `role_missing`: the present edition has no such role, and they may do nothing.
    """

    id: UUID
    handle: str
    name: str
    email: str
    phone: str
    role: str
    role_label: str
    role_missing: bool
    manages: bool
    me: bool
    lacks: str
    passkeys: int
    sessions: int
    seen: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffing:
    """Everybody, by name; how many can't sign in with a second factor yet; whether anybody reads the audit trail."""

    people: tuple[Person, ...]
    without: int
    has_reader: bool
    roles: tuple[tuple[str, str], ...]


def people(rt: Runtime, desk: Desk) -> Staffing:
    """Everybody who works there. Raises NotAllowed."""
    desk.require(May.STAFF)
    with rt.begin() as db:
        roles = enrol.roles(rt, db)
        there = staff.all_of(db, desk.clinic)
        how = overview.access(db, desk.clinic, rt.now() - session.IDLE)
    found = [_person(desk, one, roles, how.get(one.id, _NOT_YET)) for one in there]
    return Staffing(
        people=tuple(sorted(found, key=lambda one: one.name.casefold())),
        without=sum(bool(one.lacks) for one in found),
        has_reader=any(May.AUDIT in roles[one.role].may for one in there if one.role in roles),
        roles=role_choices(roles),
    )


def person(rt: Runtime, desk: Desk, member: UUID) -> tuple[Person, tuple[tuple[str, str], ...]]:
    """One of them, and the roles that one can have. Raises NotFound, NotAllowed."""
    desk.require(May.STAFF)
    with rt.begin() as db:
        roles = enrol.roles(rt, db)
        found = _theirs(db, desk, member)
        how = overview.access(db, desk.clinic, rt.now() - session.IDLE)
    return _person(desk, found, roles, how.get(member, _NOT_YET)), role_choices(roles)


def role_choices(roles: Mapping[str, Role]) -> tuple[tuple[str, str], ...]:
    """The roles that one can have: name and label."""
    return tuple((name, role.label) for name, role in roles.items())


def hire(
    rt: Runtime, desk: Desk, *, email: str, role: str, name: str, handle: str = "", phone: str = ""
) -> UUID:
    """Add somebody; returns their id. Raises BadImport, naming the field that is wrong, NotAllowed."""
    desk.require(May.STAFF)
    clinic = the_one(rt, desk.clinic)
    if not name.strip():
        raise BadImport("name: must have 1 to 100 characters on one line.")
    with rt.begin() as db:
        staff.one_at_a_time(db, desk.clinic)
        if any(one.email.casefold() == email.strip().casefold() for one in staff.all_of(db, desk.clinic)):
            raise BadImport("e-mail: somebody here has this address already.")
        made = enrol.put(
            rt,
            db,
            clinic,
            email,
            role=role,
            name=name.strip(),
            handle=handle.strip() or None,
            phone=phone.strip() or None,
            desk=desk,
        )
    return made.id


def change(rt: Runtime, desk: Desk, member: UUID, *, role: str, name: str, phone: str) -> None:
    """Another role, name or phone. Raises BadImport, naming the field that is wrong, NotFound, NotAllowed."""
    desk.require(May.STAFF)
    clinic = the_one(rt, desk.clinic)
    with rt.begin() as db:
        staff.one_at_a_time(db, desk.clinic)
        found = _theirs(db, desk, member)
        roles = enrol.roles(rt, db)
        if role != found.role:
            enrol.known_role("role: must be", roles, role)
            if member == desk.member:
                raise BadImport("role: nobody changes their own role; ask somebody else who manages staff.")
            if May.STAFF not in roles[role].may:
                _not_the_last(db, desk, found, roles, "role")
        if not name.strip():
            raise BadImport("name: must have 1 to 100 characters on one line.")
        enrol.put(rt, db, clinic, found.email, role=role, name=name.strip(), phone=phone.strip(), desk=desk)


def let_go(rt: Runtime, desk: Desk, member: UUID) -> None:
    """They work here no more, from this moment on. Raises BadImport where that can't be, NotFound, NotAllowed."""
    desk.require(May.STAFF)
    with rt.begin() as db:
        staff.one_at_a_time(db, desk.clinic)
        found = _theirs(db, desk, member)
        if member == desk.member:
            raise BadImport("person: nobody lets themselves go; ask somebody else who manages staff.")
        _not_the_last(db, desk, found, enrol.roles(rt, db), "person")
        sessions.end_all(db, member)
        enrol.let_go(rt, db, found, desk)


def _not_the_last(db: Db, desk: Desk, about: Member, roles: Mapping[str, Role], field: str) -> None:
    """Raise BadImport where nobody else may manage staff."""
    managing = {name for name, role in roles.items() if May.STAFF in role.may}
    if about.role not in managing:
        return
    if not any(one.role in managing and one.id != about.id for one in staff.all_of(db, desk.clinic)):
        raise BadImport(f"{field}: nobody else may manage staff; give somebody else that role first.")


def _theirs(db: Db, desk: Desk, member: UUID) -> Member:
    found = staff.get(db, member)
    if found is None or found.clinic != desk.clinic:
        raise NotFound
    return found


def _person(desk: Desk, one: Member, roles: Mapping[str, Role], how: Access) -> Person:
    role = roles.get(one.role)
    return Person(
        id=one.id,
        handle=one.handle,
        name=one.name,
        email=one.email,
        phone=mask.readable(one.phone) if one.phone else "",
        role=one.role,
        role_label=role.label if role else one.role,
        role_missing=role is None,
        manages=role is not None and May.STAFF in role.may,
        me=one.id == desk.member,
        lacks=_lacks(how),
        passkeys=how.passkeys,
        sessions=how.sessions,
        seen=how.seen,
    )


def _lacks(how: Access) -> str:
    """A passkey is two factors at once (NIST SP 800-63B-4); a password needs a code beside it."""
    if how.passkeys or (how.password and how.totp):
        return ""
    return "a second factor" if how.password else "a log-in"
