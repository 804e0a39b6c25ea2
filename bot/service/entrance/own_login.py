"""One's own login: what one signs in by and where, and changing it. Every change ends all other sessions.

The door has asked for a fresh proof before anything here is changed (`needs(proof=True)`).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bot.errors import NotFound
from bot.runtime import Runtime
from bot.service.entrance import hash_password, recovery, session, set_up, staff_passkey, totp
from bot.service.entrance.session import Seat
from bot.service.passkey_answers import Given
from bot.store import audit, doorsteps, logins, sessions, staff, staff_links, staff_passkeys
from bot.store.base import Db
from bot.store.doorsteps import Stage
from bot.store.sessions import Session
from bot.store.staff import Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A passkey of one's own, as it is listed. `alone`: nothing else would be a second factor."""

    id: UUID
    browser: str
    made: datetime
    used: datetime | None
    alone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLogin:
    """What one signs in by, and where one is signed in. Moments are None for what one does not have."""

    email: str
    password_at: datetime | None
    app_at: datetime | None
    keys: tuple[Key, ...]
    codes_left: int
    sessions: tuple[Session, ...]
    can_have_keys: bool


def look(rt: Runtime, at: Seat) -> OwnLogin:
    """All of it. Raises NotFound where they have just left."""
    with rt.begin() as db:
        member, login = _me(db, at), logins.get(db, at.desk.member)
        keys = staff_passkeys.of(db, member.id)
        alone = len(keys) == 1 and (login is None or login.totp is None)
        left = logins.codes_left(db, member.id)
    return OwnLogin(
        email=member.email,
        password_at=login.password_at if login else None,
        app_at=login.totp_at if login else None,
        keys=tuple(
            Key(id=key.id, browser=key.browser, made=key.created, used=key.used, alone=alone) for key in keys
        ),
        codes_left=left,
        sessions=tuple(session.mine(rt, at)),
        can_have_keys=staff_passkey.can_be(rt),
    )


def change_password(rt: Runtime, at: Seat, password: str) -> None:
    """Another password. Raises BadPassword, and NotFound where they sign in by SSO alone."""
    with rt.begin() as db:
        member, login = _me(db, at), logins.get(db, at.desk.member, lock=True)
        if login is None:
            raise NotFound
        hashed = hash_password.hashed(password, set_up.own_names(rt, db, member))
        logins.set_password(db, login, hashed, rt.now())
        _changed(rt, db, at, "login.password_changed")


def offer_app(rt: Runtime, at: Seat, *, again: bool = False) -> str:
    """The secret that another authenticator app is to be given; the same until it is confirmed, or `again`."""
    with rt.begin() as db:
        offered = None if again else doorsteps.find(db, _place(at), rt.now())
        if offered and offered.totp and offered.member == at.desk.member:
            return offered.totp
        secret = totp.new_secret()
        doorsteps.begin(
            db,
            _place(at),
            Stage.APP,
            rt.now(),
            clinic=at.desk.clinic,
            member=at.desk.member,
            totp=secret,
        )
    return secret


def confirm_app(rt: Runtime, at: Seat, code: str) -> bool:
    """The new app shows this code: the one before counts no more. False where it is not right."""
    with rt.begin() as db:
        offered, login = (
            doorsteps.find(db, _place(at), rt.now()),
            logins.get(db, at.desk.member, lock=True),
        )
        if offered is None or not offered.totp or login is None:
            return False
        if totp.timecode(rt, offered.totp, code) is None:
            return False
        logins.set_totp(db, login, offered.totp, rt.now())
        totp.use(rt, db, at.desk.member, code)
        _changed(rt, db, at, "login.app_changed")
    return True


def key_options(rt: Runtime, at: Seat) -> str | None:
    """What the browser is to ask for a new passkey; None where there can be none, or are enough."""
    with rt.begin() as db:
        member = _me(db, at)
        full = len(staff_passkeys.of(db, member.id)) >= staff_passkeys.MOST
        return (
            None
            if full or not staff_passkey.can_be(rt)
            else staff_passkey.to_make(rt, db, at.session, member)
        )


def add_key(rt: Runtime, at: Seat, given: Given, browser: str) -> bool:
    """Keep the passkey that was made; False for what is none."""
    with rt.begin() as db:
        member = _me(db, at)
        full = len(staff_passkeys.of(db, member.id)) >= staff_passkeys.MOST
        made = None if full else staff_passkey.make(rt, db, at.session, member, given, browser)
        if made:
            _changed(rt, db, at, "passkey.made")
    return made is not None


def drop_key(rt: Runtime, at: Seat, key: UUID) -> bool:
    """Take one away; False where it is the only second factor. Raises NotFound for what is not theirs."""
    with rt.begin() as db:
        login = logins.get(db, at.desk.member, lock=True)
        others = [each for each in staff_passkeys.of(db, at.desk.member) if each.id != key]
        if not others and login and login.totp is None:
            return False
        if not staff_passkeys.drop(db, at.desk.member, key):
            raise NotFound
        _changed(rt, db, at, "passkey.removed")
    return True


def new_codes(rt: Runtime, at: Seat) -> tuple[str, ...]:
    """Ten other recovery codes, which are shown this once."""
    made = recovery.fresh()
    with rt.begin() as db:
        recovery.keep(db, at.desk.clinic, at.desk.member, made, rt.now())
        _changed(rt, db, at, "recovery.made")
    return made.codes


def end_session(rt: Runtime, at: Seat, other: UUID) -> None:
    """Sign out in one other browser. Raises NotFound for what is not theirs."""
    with rt.begin() as db:
        if other not in {one.id for one in sessions.of(db, at.desk.member)}:
            raise NotFound
        sessions.end(db, other)
        audit.write(db, [at.desk.entry("session.ended", f"staff:{at.desk.member}")], rt.now())


def _changed(rt: Runtime, db: Db, at: Seat, action: str) -> None:
    """Nobody stays signed in elsewhere, and what was under way by the old one ends; links too."""
    ended = sessions.end_all(db, at.desk.member, but=at.session)
    doorsteps.leave_all(db, at.desk.member)
    staff_links.end_all(db, at.desk.member)
    line = at.desk.entry(action, f"staff:{at.desk.member}", detail=f"{ended} other sessions ended")
    audit.write(db, [line], rt.now())


def _me(db: Db, at: Seat) -> Member:
    found = staff.get(db, at.desk.member)
    if found is None:
        raise NotFound
    return found


def _place(at: Seat) -> str:
    """Where the app that is being set up stands: no browser ever has such a secret."""
    return f"app:{at.session}"
