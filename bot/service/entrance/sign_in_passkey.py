"""Sign in with a passkey: alone, without an address or a password; or as the second factor after the password."""

import secrets

from bot.runtime import Runtime
from bot.service.entrance import second_factor, staff_passkey, tries
from bot.service.entrance.second_factor import Proof
from bot.service.entrance.sign_in import Refused, entry, finish, refusals
from bot.service.entrance.tries import NETWORK, Visitor
from bot.service.passkey_answers import Given
from bot.store import audit, doorsteps, staff, staff_passkeys
from bot.store.audit import Entry
from bot.store.base import Db
from bot.store.doorsteps import Doorstep, Stage
from bot.store.staff import Member

HOW = "passkey"
_BYTES = 32


def options(rt: Runtime, secret: str) -> tuple[str, str] | None:
    """What the browser is to ask its passkeys, and its secret, which is a new one where nothing was under way.

    None where the console's address can have no passkeys.
    """
    if not staff_passkey.can_be(rt):
        return None
    with rt.begin() as db:
        at = doorsteps.find(db, secret, rt.now()) if secret else None
        if at and at.stage is Stage.CODE and at.member:
            return staff_passkey.to_use(rt, db, at.id, staff_passkeys.of(db, at.member)), secret
        if at is None or at.stage is not Stage.OPEN:
            secret = secrets.token_urlsafe(_BYTES)
            owner = doorsteps.begin(db, secret, Stage.OPEN, rt.now(), first=HOW)
        else:
            owner = at.id
        return staff_passkey.to_use(rt, db, owner), secret


def with_passkey(rt: Runtime, secret: str, given: Given, visitor: Visitor) -> str | Refused:
    """The answer of a passkey. Returns the secret of the session."""
    with rt.begin() as db:
        at = doorsteps.find(db, secret, rt.now()) if secret else None
        if at is None or at.stage is not Stage.CODE:
            return Refused.GONE if at is None else _alone(rt, db, at, given, visitor)
    return second_factor.show(rt, secret, visitor, HOW, lambda db, at, who: _second(rt, db, at, who, given))


def _alone(rt: Runtime, db: Db, at: Doorstep, given: Given, visitor: Visitor) -> str | Refused:
    so_far = tries.begin(rt, db, (NETWORK, visitor.network))
    if so_far.over() or at.stage is not Stage.OPEN:
        audit.write(db, refusals(None, HOW, reached=False), rt.now())
        return Refused.NETWORK if so_far.over() else Refused.GONE
    found = staff_passkey.whose(rt, db, at.id, given)
    member = staff.get(db, found[0].member) if found else None
    if found is None or member is None or not found[1]:
        so_far.count(db)
        beside = [_copied(member)] if found and member else []
        audit.write(db, [*beside, *refusals(member, HOW, reached=so_far.reached())], rt.now())
        return Refused.WRONG
    doorsteps.leave(db, at.id)
    return finish(rt, db, member, HOW, visitor)


def _second(rt: Runtime, db: Db, at: Doorstep, who: Member, given: Given) -> Proof:
    found = staff_passkey.whose(rt, db, at.id, given)
    if found is None or found[0].member != who.id:
        return Proof(right=False)
    return Proof(right=found[1], beside=[] if found[1] else [_copied(who)])


def _copied(member: Member) -> Entry:
    return entry(member, "passkey.copied")
