"""Passwords: which can be taken, and how they are kept: Argon2id with OWASP's least, 19 MiB and two passes.

8 to 128 characters of any kind, none cut off, no rules on which (NIST SP 800-63B-4; ASVS 5.0 V6.2). Refused are those
that many people use, and those that are made of the person's or the clinic's own name.

bot/data/common-passwords.txt.gz: those of at least 8 characters of Django's list, by Royce Williams (BSD licence).
"""

import gzip
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.errors import BadPassword

SHORTEST, LONGEST = 8, 128
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_COMMON = Path(__file__).parents[2] / "data" / "common-passwords.txt.gz"
_SHORTEST_NAME = 3


def hashed(password: str, own_names: Sequence[str] = ()) -> str:
    """Its hash; raises BadPassword. `own_names`: what others would guess first."""
    password = _same(password)
    if len(password) < SHORTEST:
        raise BadPassword("short")
    if len(password) > LONGEST:
        raise BadPassword("long")
    if password.casefold() in _common() or _is_made_of(password, own_names):
        raise BadPassword("common")
    return hashed_code(password)


def hashed_code(secret: str) -> str:
    """The hash of something that we made ourselves, or have looked at already."""
    return _HASHER.hash(secret)


def fits(kept: str | None, given: str) -> bool:
    """Whether it is this one. Where there is none to compare with, the same work is done."""
    given = _same(given) if len(given) <= 2 * LONGEST else ""
    try:
        return _HASHER.verify(kept or _nobodys(), given) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_old(kept: str) -> bool:
    """Whether it was hashed with other parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


def _same(password: str) -> str:
    """What looks the same on two keyboards is the same."""
    return unicodedata.normalize("NFC", password)


@cache
def _nobodys() -> str:
    """A hash that nothing fits."""
    return _HASHER.hash("nobody’s")


@cache
def _common() -> frozenset[str]:
    return frozenset(gzip.decompress(_COMMON.read_bytes()).decode().split())


def _is_made_of(password: str, names: Sequence[str]) -> bool:
    """A name, alone or with a few digits and signs around it."""
    bare = "".join(c for c in password.casefold() if c.isalpha())
    return any(
        bare == "".join(c for c in name.casefold() if c.isalpha())
        for name in names
        if len(name) >= _SHORTEST_NAME
    )
