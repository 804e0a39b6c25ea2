"""Recovery codes: ten, shown once, each good for one sign-in when app and passkey are gone.

    k7mq-2xpd-9vhr      the first letter says which of the ten it is, so that one hash is worked out and not ten;
                        the others are chance, 55 bits

Kept as Argon2id hashes, like passwords (ASVS 5.0 V6.5.2). Capital letters are as small ones; o is 0, i and l are 1.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bot.service.entrance import hash_password
from bot.store import logins
from bot.store.base import Db

PLACES = "abcdefghjk"
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH, _GROUP = 12, 4
_READ_AS = str.maketrans("oil", "011", " -\t")


@dataclass(frozen=True, slots=True)
class Fresh:
    """Ten new codes: as they are shown once, and their hashes."""

    codes: tuple[str, ...]
    hashes: tuple[str, ...]


def fresh() -> Fresh:
    """Ten new ones. Takes about a quarter of a second: not within a transaction."""
    bare = [
        place + "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH - len(place))) for place in PLACES
    ]
    return Fresh(tuple(map(_grouped, bare)), tuple(map(hash_password.hashed_code, bare)))


def keep(db: Db, clinic: UUID, member: UUID, made: Fresh, now: datetime) -> None:
    """They are the member's from now on; the ones before are good for nothing."""
    logins.set_codes(db, clinic=clinic, member=member, hashes=made.hashes, now=now)


def use(db: Db, member: UUID, given: str) -> bool:
    """Whether it is one of the member's that was not used yet; it is used up then."""
    bare = given.strip().casefold()[:40].translate(_READ_AS)
    place = PLACES.find(bare[:1]) if bare else -1
    found = logins.code_at(db, member, place) if place >= 0 and len(bare) == _LENGTH else None
    if not hash_password.fits(found[1] if found else None, bare) or found is None:
        return False
    logins.use_code(db, found[0])
    return True


def _grouped(bare: str) -> str:
    return "-".join(bare[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))
