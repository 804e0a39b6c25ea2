"""Members of staff at the console's door, with all that they sign in by."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

import pyotp

from bot.runtime import Runtime
from bot.service import enrol
from bot.service.entrance import hash_password, recovery, session, set_up, sign_in, staff_passkey, totp
from bot.service.entrance.recovery import Fresh
from bot.service.entrance.tries import Visitor
from bot.store import logins, staff, staff_passkeys
from bot.store.audit import audit
from bot.store.staff import Member
from tests.bot.service.authenticator import Authenticator

PASSWORD = "four calm green lamps"
VISITOR = Visitor(network="203.0.113.7", browser="Chrome on Windows")
HOST, ORIGIN = "localhost", "http://localhost:8000"


@dataclass
class Entrant:
    """Somebody who can sign in."""

    rt: Runtime
    member: Member
    app: str
    codes: tuple[str, ...]
    session: str
    password: str = PASSWORD

    def code(self) -> str:
        """What their app shows now."""
        return pyotp.TOTP(self.app).at(self.rt.now())

    def first(self, password: str | None = None, visitor: Visitor = VISITOR) -> str:
        """The first step; the secret that their browser then has."""
        found = sign_in.with_password(self.rt, self.member.email, password or self.password, visitor)
        assert isinstance(found, str), found
        return found


@cache
def _hashes() -> tuple[str, Fresh]:
    """A password's hash and ten recovery codes: the same for all tests of a process, for they take their time."""
    return hash_password.hashed(PASSWORD), recovery.fresh()


def entrant(rt: Runtime, clinic: UUID, handle: str = "maria", role: str = "nurse") -> Entrant:
    """Enrolled, with password, app and recovery codes, and signed in once."""
    email, name = f"{handle}@clinic.example", f"{handle.title()} S."
    member = enrol.add(rt, clinic, email, role=role, handle=handle, name=name)
    (hashed, made), app = _hashes(), totp.new_secret()
    with rt.begin() as db:
        logins.set_up(db, clinic=clinic, member=member.id, password=hashed, totp=app, now=rt.now())
        recovery.keep(db, clinic, member.id, made, rt.now())
        secret = session.begin(rt, db, member, VISITOR.browser)
    to_next_code(rt)
    return Entrant(rt, member, app, made.codes, secret)


def to_next_code(rt: Runtime) -> datetime:
    """Put the clock to where a code is one second old; returns when it began. Tests take less than the other 29."""
    rt.move_clock(timedelta(seconds=31 - rt.now().timestamp() % 30))
    return datetime.fromtimestamp(rt.now().timestamp() // 30 * 30, UTC)


def shown(rt: Runtime, app: str) -> str:
    """What an app with this secret shows, at the beginning of its thirty seconds."""
    to_next_code(rt)
    return pyotp.TOTP(app).at(rt.now())


def opened(rt: Runtime, link: str) -> str:
    """Somebody follows this link; the secret that their browser then has."""
    found = set_up.open_link(rt, link.partition("#")[2], VISITOR)
    assert found, link
    return found


def with_key(rt: Runtime, who: Member, **more: object) -> Authenticator:
    """A passkey of theirs, on a device of its own."""
    made = Authenticator(ORIGIN, HOST, user_handle=who.id.bytes, **more)  # type: ignore[arg-type]
    with rt.begin() as db:
        asked = json.loads(staff_passkey.to_make(rt, db, who.id, who))
        assert staff_passkey.make(rt, db, who.id, who, made.make(asked), "Safari on iPhone")
    return made


def keys(rt: Runtime, who: Member) -> int:
    """How many passkeys they have."""
    with rt.begin() as db:
        return len(staff_passkeys.of(db, who.id))


def trail(rt: Runtime) -> list[tuple[str, str, str]]:
    """What the audit trail says of signing in: action, subject, detail; in no order that counts."""
    with rt.begin() as db:
        rows = db.conn.execute(audit.select().where(audit.c.origin == "console").order_by(audit.c.at)).all()
    return [(row.action, row.subject, row.detail) for row in rows]


def member_of(rt: Runtime, who: UUID) -> Member | None:
    """The member as they are now."""
    with rt.begin() as db:
        return staff.get(db, who)
