"""Tries: how often somebody may be wrong at the console's door before nothing is looked at any more for a while.

Counted for the address that was typed, whether or not anybody has it; for the member whose second factor is asked; and
for the network. Who proves themselves wholly begins anew. What is kept of addresses and networks are keyed hashes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.runtime import Runtime
from bot.signing import counted
from bot.store import guards
from bot.store.base import Db
from bot.store.staff import Member


@dataclass(frozen=True, slots=True)
class Limit:
    """So many wrong tries within the span; `scope` is what guards call it."""

    scope: str
    span: timedelta
    most: int


ADDRESS = Limit("sign_in", timedelta(hours=1), 10)
FACTOR = Limit("sign_in_factor", timedelta(hours=1), 10)
FACTOR_DAY = Limit("sign_in_factor_day", timedelta(days=1), 30)
NETWORK = Limit("sign_in_network", timedelta(hours=1), 100)
ASKED = Limit("sign_in_asked", timedelta(hours=1), 3)
ASKED_NETWORK = Limit("sign_in_asked_network", timedelta(hours=1), 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who stands at the door: their network, None where that says nothing; and their browser, 'Chrome on Windows'."""

    network: str | None
    browser: str


@dataclass(frozen=True, slots=True)
class Tries:
    """The counts that this try is about; they are locked until the transaction ends."""

    counts: Sequence[tuple[Limit, bytes, int]]

    def over(self, *limits: Limit) -> bool:
        """Whether there were too many already, of these or of any kind."""
        return any(wrong >= limit.most for limit, _, wrong in self.counts if not limits or limit in limits)

    def reached(self) -> bool:
        """Whether one more wrong one is the last that is looked at."""
        return not self.over() and any(wrong + 1 == limit.most for limit, _, wrong in self.counts)

    def count(self, db: Db) -> None:
        """It was wrong. What was not even looked at does not count."""
        for limit, key, _ in () if self.over() else self.counts:
            guards.count(db, limit.scope, key)


def begin(rt: Runtime, db: Db, *wanted: tuple[Limit, str | None]) -> Tries:
    """Look at these counts and hold them. Networks come last, so that nobody waits in a circle."""
    found = []
    for limit, what in wanted:
        if what is not None:
            key = _key(rt, what)
            found.append((limit, key, guards.lock(db, limit.scope, key, rt.now(), limit.span)))
    return Tries(found)


def forgive(rt: Runtime, db: Db, member: Member) -> None:
    """They have proved themselves wholly."""
    guards.clear(db, ADDRESS.scope, _key(rt, address(member.email)))
    for limit in (FACTOR, FACTOR_DAY):
        guards.clear(db, limit.scope, _key(rt, str(member.id)))


def address(email: str) -> str:
    """An e-mail address as it is counted."""
    return email.strip().casefold()[:254]


def _key(rt: Runtime, what: str) -> bytes:
    return counted(rt.settings.secrets, what)
