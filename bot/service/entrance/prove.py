"""Prove: somebody who is signed in shows once more who they are, before an act that asks for it.

Password, app or passkey, as they like. Wrong ones are counted as at the door; the browser gets a new secret.
"""

from collections.abc import Callable

from bot.runtime import Runtime
from bot.service.entrance import hash_password, session, staff_passkey, totp, tries
from bot.service.entrance.session import Seat
from bot.service.entrance.sign_in import Refused, refusals
from bot.service.entrance.tries import FACTOR, FACTOR_DAY, NETWORK, Visitor
from bot.service.passkey_answers import Given
from bot.store import audit, logins, staff, staff_passkeys
from bot.store.base import Db


def by_password(rt: Runtime, at: Seat, password: str, visitor: Visitor) -> str | Refused:
    """By their password. Returns the browser's new secret."""

    def right(db: Db) -> bool:
        login = logins.get(db, at.desk.member)
        return hash_password.fits(login.password if login else None, password)

    return _prove(rt, at, visitor, "password", right)


def by_code(rt: Runtime, at: Seat, code: str, visitor: Visitor) -> str | Refused:
    """By the code that their app shows now. Returns the browser's new secret."""
    return _prove(rt, at, visitor, "totp", lambda db: totp.use(rt, db, at.desk.member, code))


def options(rt: Runtime, at: Seat) -> str | None:
    """What the browser is to ask their passkeys; None where they have none."""
    with rt.begin() as db:
        mine = staff_passkeys.of(db, at.desk.member)
        return staff_passkey.to_use(rt, db, at.session, mine) if mine and staff_passkey.can_be(rt) else None


def by_passkey(rt: Runtime, at: Seat, given: Given, visitor: Visitor) -> str | Refused:
    """By a passkey of theirs. Returns the browser's new secret."""

    def right(db: Db) -> bool:
        found = staff_passkey.whose(rt, db, at.session, given)
        return found is not None and found[1] and found[0].member == at.desk.member

    return _prove(rt, at, visitor, "passkey", right)


def _prove(rt: Runtime, at: Seat, visitor: Visitor, how: str, right: Callable[[Db], bool]) -> str | Refused:
    who = str(at.desk.member)
    with rt.begin() as db:
        so_far = tries.begin(rt, db, (FACTOR, who), (FACTOR_DAY, who), (NETWORK, visitor.network))
        member = staff.get(db, at.desk.member)
        if member is None or so_far.over() or not right(db):
            so_far.count(db)
            audit.write(db, refusals(member, f"proof, {how}", reached=so_far.reached()), rt.now())
            return Refused.NETWORK if so_far.over(NETWORK) else Refused.WRONG
        secret = session.prove(rt, db, at.session)
        audit.write(db, [at.desk.entry("session.proved", f"staff:{who}", detail=how)], rt.now())
    return secret
