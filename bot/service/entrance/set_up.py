"""Set up a login by a link: first the password, then the second factor, then the ten recovery codes, all or nothing.

Until the second factor is there the password is kept on the doorstep alone: nobody ever can sign in by it alone. A
reset link changes the password, ends what was open, and goes on to the second factor that they have.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from bot.runtime import Runtime
from bot.service.entrance import hash_password, recovery, staff_passkey, totp, tries
from bot.service.entrance.recovery import Fresh
from bot.service.entrance.sign_in import Refused, at_door, entry, finish, refusals
from bot.service.entrance.tries import NETWORK, Visitor
from bot.service.passkey_answers import Given
from bot.signing import read_staff
from bot.store import audit, doorsteps, logins, sessions, staff, staff_links, staff_passkeys
from bot.store.base import Db
from bot.store.doorsteps import Doorstep, Stage
from bot.store.staff import Member
from bot.store.staff_links import Kind

_BYTES = 32
_STAGE = {Kind.INVITE: Stage.INVITE, Kind.RESET: Stage.RESET}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far somebody has come who sets up: whose login it is, and the app's secret once a password was chosen."""

    stage: Stage
    name: str
    email: str
    secret: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """They are in: the secret of the session, and their recovery codes, which are shown this once."""

    session: str
    codes: tuple[str, ...]


def open_link(rt: Runtime, token: str, visitor: Visitor) -> str | None:
    """Somebody came by a link: the browser's secret; None where it is none of ours, was used, or is too old."""
    with rt.begin() as db:
        so_far = tries.begin(rt, db, (NETWORK, visitor.network))
        claims = [(kind, read_staff(rt.settings.secrets, kind, token)) for kind in Kind]
        kind, claim = next(((kind, claim) for kind, claim in claims if claim), (None, None))
        link = staff_links.get(db, claim.handle, rt.now()) if claim and not so_far.over() else None
        member = staff.get(db, link.member) if link and link.kind is kind else None
        if link is None or member is None:
            so_far.count(db)
            audit.write(db, refusals(None, "link", reached=False), rt.now())
            return None
        secret = secrets.token_urlsafe(_BYTES)
        doorsteps.begin(
            db,
            secret,
            _STAGE[link.kind],
            rt.now(),
            clinic=member.clinic,
            member=member.id,
            first="link",
            handle=link.handle,
        )
        audit.write(db, [entry(member, "login.link_opened", link.kind)], rt.now())
    return secret


def standing(rt: Runtime, secret: str) -> Standing | None:
    """How far they have come; None where nothing is being set up in this browser."""
    with rt.begin() as db:
        found = at_door(rt, db, secret, Stage.INVITE, Stage.RESET, Stage.FACTOR)
        if found is None or not _link_of(rt, db, found[0]):
            return None
        at, member = found
        return Standing(stage=at.stage, name=member.name, email=member.email, secret=at.totp)


def choose_password(rt: Runtime, secret: str, password: str) -> Stage | None:
    """The password that they want; returns what is owed next, None where nothing is. Raises BadPassword."""
    with rt.begin() as db:
        found = at_door(rt, db, secret, Stage.INVITE, Stage.RESET)
        if found is None or not _link_of(rt, db, found[0]):
            return None
        at, member = found
        hashed = hash_password.hashed(password, own_names(rt, db, member))
        if at.stage is Stage.INVITE:
            doorsteps.choose(db, at, password=hashed, totp=totp.new_secret())
            return Stage.FACTOR
        return _reset(rt, db, at, member, hashed)


def confirm_app(rt: Runtime, secret: str, code: str, visitor: Visitor) -> Done | Refused:
    """The app shows this code: it is set up."""

    def look(_db: Db, at: Doorstep, _who: Member) -> bool:
        return at.totp is not None and totp.timecode(rt, at.totp, code) is not None

    return _confirm(rt, secret, visitor, look, with_app=code)


def passkey_options(rt: Runtime, secret: str) -> str | None:
    """What the browser is to ask for a passkey instead of an app."""
    with rt.begin() as db:
        found = at_door(rt, db, secret, Stage.FACTOR)
        if found is None or not staff_passkey.can_be(rt):
            return None
        return staff_passkey.to_make(rt, db, found[0].id, found[1])


def confirm_passkey(rt: Runtime, secret: str, given: Given, visitor: Visitor) -> Done | Refused:
    """The browser has made a passkey: it is their second factor."""

    def look(db: Db, at: Doorstep, who: Member) -> bool:
        made = staff_passkey.make(rt, db, at.id, who, given, visitor.browser)
        if made:
            staff_passkeys.drop_all(db, who.id, but=made.id)
        return made is not None

    return _confirm(rt, secret, visitor, look, with_app=None)


def own_names(rt: Runtime, db: Db, member: Member) -> tuple[str, ...]:
    """What a password must not be made of."""
    clinic = rt.clinic(db, member.clinic).name
    words = (*member.name.split(), *clinic.split())
    return (member.email, member.email.partition("@")[0], member.name, clinic, "careline", *words)


def _confirm(
    rt: Runtime,
    secret: str,
    visitor: Visitor,
    look: Callable[[Db, Doorstep, Member], bool],
    *,
    with_app: str | None,
) -> Done | Refused:
    """All of it is kept, or, where the second factor is not right, none."""
    made = recovery.fresh()
    with rt.begin() as db:
        found = at_door(rt, db, secret, Stage.FACTOR)
        if found is None or not _link_of(rt, db, found[0], use=True):
            return Refused.GONE
        at, member = found
        if not look(db, at, member):
            return Refused.WRONG
        session = _keep(rt, db, at, member, made, visitor, with_app)
    return Done(session=session, codes=made.codes)


def _keep(
    rt: Runtime, db: Db, at: Doorstep, member: Member, made: Fresh, visitor: Visitor, code: str | None
) -> str:
    assert at.password
    now = rt.now()
    logins.set_up(
        db,
        clinic=member.clinic,
        member=member.id,
        password=at.password,
        totp=at.totp if code is not None else None,
        now=now,
    )
    if code is not None:
        staff_passkeys.drop_all(db, member.id)
        totp.use(rt, db, member.id, code)
    recovery.keep(db, member.clinic, member.id, made, now)
    staff_links.end_all(db, member.id)
    sessions.end_all(db, member.id)
    doorsteps.leave_all(db, member.id)
    how = "totp" if code is not None else "passkey"
    return finish(rt, db, member, f"link, {how}", visitor, entry(member, "login.set_up", how))


def _reset(rt: Runtime, db: Db, at: Doorstep, member: Member, hashed: str) -> Stage | None:
    login = logins.get(db, member.id, lock=True)
    if login is None or at.handle is None:
        return None
    logins.set_password(db, login, hashed, rt.now())
    staff_links.use(db, at.handle)
    ended = sessions.end_all(db, member.id)
    doorsteps.owe_second(db, at)
    audit.write(db, [entry(member, "login.password_reset", f"{ended} sessions ended")], rt.now())
    return Stage.CODE


def _link_of(rt: Runtime, db: Db, at: Doorstep, *, use: bool = False) -> bool:
    """Whether the link by which they came can be used still: not by now, by anybody else, or in its old age."""
    return at.handle is not None and staff_links.get(db, at.handle, rt.now(), lock=use) is not None
