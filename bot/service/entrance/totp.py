"""TOTP: the six digits of an authenticator app (RFC 6238, 30 seconds, SHA-1, which is what the apps know).

A code counts in its own 30 seconds and in no others, and once (ASVS 5.0 V6.5.1, V6.5.5).
"""

from uuid import UUID

import pyotp
import segno
from pyotp.exceptions import OTPVerificationError

from bot.runtime import Runtime
from bot.store import logins
from bot.store.base import Db

DIGITS = 6
ISSUER = "careline"
_QUIET = 2  # modules of margin around the picture; the page adds its own


def new_secret() -> str:
    """A secret for another app: 160 bits in base32."""
    return pyotp.random_base32()


def timecode(rt: Runtime, secret: str, code: str) -> int | None:
    """Which 30 seconds the code is of, if they are the present ones."""
    digits = "".join(code.split())
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(digits, for_time=rt.now(), valid_window=0)
    except OTPVerificationError:
        return None


def use(rt: Runtime, db: Db, member: UUID, code: str) -> bool:
    """Whether it is the member's present code, and was not used yet; it is then."""
    login = logins.get(db, member)
    found = timecode(rt, login.totp, code) if login and login.totp else None
    return found is not None and logins.use_timecode(db, member, found)


def present(rt: Runtime, secret: str) -> str:
    """The code that the app shows now."""
    return pyotp.TOTP(secret).at(rt.now())


def picture(secret: str, email: str) -> str:
    """What the app's camera reads, as an SVG that stands in a page: no style in it, and its own white ground."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)
    code = segno.make(uri, error="m", micro=False)
    return code.svg_inline(
        border=_QUIET, omitsize=True, svgclass="qr", lineclass=None, dark="#000", light="#fff"
    )


def grouped(secret: str) -> str:
    """The secret as it is typed: in fours."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
