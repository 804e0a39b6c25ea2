"""PINs for secure pages: six digits, kept as Argon2id.

A PIN has 20 bits: whoever holds the database and MASTER_KEYS tries all of them in hours, whatever hash is used, and
whoever holds the database alone sees sealed bytes. What guards a PIN at the door are five tries for the life of a link.
The hash costs about 20 ms here (OWASP's least: 19 MiB, two passes; tests/bench/pages.py), so that a copy of the
open column is worth a night and not a second.
"""

from datetime import date
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.errors import BadPin

DIGITS = 6
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hashed(pin: str, born: date) -> str:
    """The hash of a PIN; raises BadPin for one that is no six digits, or that others guess first."""
    if not (len(pin) == DIGITS and pin.isascii() and pin.isdigit()):
        raise BadPin("short")
    if _is_easy(pin, born):
        raise BadPin("easy")
    return _HASHER.hash(pin)


def fits(kept: str, pin: str) -> bool:
    """Whether it is this PIN; what isn't six digits is not hashed at all."""
    if len(pin) != DIGITS:
        return False
    try:
        return _HASHER.verify(kept, pin)
    except (VerificationError, InvalidHashError):
        return False


def _is_easy(pin: str, born: date) -> bool:
    """One digit six times, a run, or the date of birth."""
    steps = {int(b) - int(a) for a, b in pairwise(pin)}
    dates = {f"{born:%m%d%y}", f"{born:%d%m%y}", f"{born:%y%m%d}", f"{born:%m%Y}", f"{born:%Y%m}"}
    return steps in ({0}, {1}, {-1}) or pin in dates or pin[:2] * 3 == pin or pin[:3] * 2 == pin
