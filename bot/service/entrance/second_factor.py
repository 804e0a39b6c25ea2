"""The second factor at the door: a code of the authenticator app, a recovery code, or a passkey. Then they are in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.runtime import Runtime
from bot.service.entrance import recovery, totp, tries
from bot.service.entrance.sign_in import Refused, at_door, entry, finish, refusals
from bot.service.entrance.tries import FACTOR, FACTOR_DAY, NETWORK, Visitor
from bot.store import audit, doorsteps
from bot.store.audit import Entry
from bot.store.base import Db
from bot.store.doorsteps import Doorstep, Stage
from bot.store.staff import Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Whether it is theirs, and what the audit trail should know of it beside."""

    right: bool
    beside: Sequence[Entry] = ()


Look = Callable[[Db, Doorstep, Member], Proof]


def with_code(rt: Runtime, secret: str, code: str, visitor: Visitor) -> str | Refused:
    """By the code that their app shows now. Returns the secret of the session."""
    return show(rt, secret, visitor, "totp", lambda db, _, who: Proof(right=totp.use(rt, db, who.id, code)))


def with_recovery(rt: Runtime, secret: str, code: str, visitor: Visitor) -> str | Refused:
    """By one of the ten codes that they keep. Returns the secret of the session."""

    def look(db: Db, _at: Doorstep, who: Member) -> Proof:
        right = recovery.use(db, who.id, code)
        return Proof(right=right, beside=[entry(who, "recovery.used")] if right else [])

    return show(rt, secret, visitor, "recovery", look)


def show(rt: Runtime, secret: str, visitor: Visitor, how: str, look: Look) -> str | Refused:
    """Somebody whose first proof was right shows a second; wrong ones are counted before the next is looked at."""
    with rt.begin() as db:
        found = at_door(rt, db, secret, Stage.CODE)
        if found is None:
            return Refused.GONE
        at, member = found
        limits = (FACTOR, str(member.id)), (FACTOR_DAY, str(member.id)), (NETWORK, visitor.network)
        so_far = tries.begin(rt, db, *limits)
        proof = Proof(right=False) if so_far.over() else look(db, at, member)
        if not proof.right:
            so_far.count(db)
            audit.write(db, [*proof.beside, *refusals(member, how, reached=so_far.reached())], rt.now())
            return Refused.NETWORK if so_far.over(NETWORK) else Refused.WRONG
        doorsteps.leave(db, at.id)
        return finish(rt, db, member, f"{at.first}, {how}", visitor, *proof.beside)
