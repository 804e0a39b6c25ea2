"""Signed tokens: the capability in a secure link, and the proof in a page's forms that they are its own.

itsdangerous' signer, with a salt of its own for each purpose, keys derived by HMAC, SHA-256, and a list of keys,
oldest first: the last one signs, all verify; a key that is taken out of the list kills its links.

    link token   base64url( handle 10 | expiry 4, seconds since 1970 | MAC 16 ), 40 characters

The handle finds the row; the row is the truth. 30 bytes fill 40 characters to the last bit, so that a token has one
spelling; nothing is keyed by it all the same. Without padding, other alphabets, or white space.
"""

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from itsdangerous import Signer
from itsdangerous.encoding import base64_decode, base64_encode
from itsdangerous.signer import HMACAlgorithm

HANDLE = 10
"""Bytes of a link's handle."""
LENGTH = 40
"""Characters of a link token."""
_EXPIRY = 4
_MAC = 16
_TOKEN = re.compile(rf"[A-Za-z0-9_-]{{{LENGTH}}}", re.ASCII)
_PROOF = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)  # a MAC of 16 bytes
_LINK, _FORM = b"careline.page-link.v1", b"careline.page-form.v1"
_ALERT, _FEED = b"careline.alert-link.v1", b"careline.oncall-feed.v1"
_CONSOLE = b"careline.console-form.v1"
_STAFF = {"invite": b"careline.staff-invite.v1", "reset": b"careline.staff-reset.v1"}
_SSO, _COUNTED = b"careline.sso-state.v1", b"careline.sign-in-count.v1"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a link token says: which row, and until when. Signed by us; whether it still holds, the row says."""

    handle: bytes
    expires: datetime


class _Short(HMACAlgorithm):
    """HMAC cut to its first 128 bits (NIST SP 800-107: the strength of a MAC is its length)."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return super().get_signature(key, value)[:_MAC]


def link_token(keys: Sequence[str], handle: bytes, expires: datetime) -> str:
    """The token of the link with this handle; always the same for the same row and key."""
    return _token(keys, _LINK, handle, expires)


def read_link(keys: Sequence[str], token: str) -> Claim | None:
    """What the token says; None for what we have not signed for this purpose, or not in this spelling."""
    return _read(keys, _LINK, token)


def alert_token(keys: Sequence[str], handle: bytes, expires: datetime) -> str:
    """The token in a page to staff: it opens the on-call page as whoever was told, and opens nothing of a patient's."""
    return _token(keys, _ALERT, handle, expires)


def read_alert(keys: Sequence[str], token: str) -> Claim | None:
    """What such a token says; None for what we have not signed for this purpose."""
    return _read(keys, _ALERT, token)


def staff_token(keys: Sequence[str], kind: str, handle: bytes, expires: datetime) -> str:
    """The token in a link to staff, 'invite' or 'reset'; it is none of the other kind."""
    return _token(keys, _STAFF[kind], handle, expires)


def read_staff(keys: Sequence[str], kind: str, token: str) -> Claim | None:
    """What such a token says; None for what we have not signed for this purpose."""
    return _read(keys, _STAFF[kind], token)


def sso_state(keys: Sequence[str], handle: bytes, expires: datetime) -> str:
    """The `state` that goes to a sign-in provider and comes back; `handle` is made of the browser's secret."""
    return _token(keys, _SSO, handle, expires)


def read_sso_state(keys: Sequence[str], token: str) -> Claim | None:
    """What such a state says; None for what we have not signed for this purpose."""
    return _read(keys, _SSO, token)


def counted(keys: Sequence[str], what: str) -> bytes:
    """By what tries to sign in are counted for an address or a network, which is itself not kept. It changes with the
    key, and so counts begin anew then."""
    return _signer(keys, _COUNTED).get_signature(_bytes(what))


def feed_key(keys: Sequence[str], member: UUID) -> str:
    """What stands in the address of a member's calendar feed, beside their id. It ends with the key that signed it."""
    return _signer(keys, _FEED).get_signature(member.bytes).decode()


def is_feed_key(keys: Sequence[str], member: UUID, key: str) -> bool:
    """Whether the feed's address was ours."""
    return bool(_PROOF.fullmatch(key)) and _signer(keys, _FEED).verify_signature(member.bytes, key.encode())


def _token(keys: Sequence[str], purpose: bytes, handle: bytes, expires: datetime) -> str:
    head = handle + struct.pack(">I", int(expires.timestamp()))
    mac = base64_decode(_signer(keys, purpose).get_signature(head))
    return base64_encode(head + mac).decode()


def _read(keys: Sequence[str], purpose: bytes, token: str) -> Claim | None:
    if not _TOKEN.fullmatch(token):
        return None
    raw = base64_decode(token)
    head, mac = raw[:-_MAC], raw[-_MAC:]
    if not _signer(keys, purpose).verify_signature(head, base64_encode(mac)):
        return None
    (seconds,) = struct.unpack(">I", head[HANDLE:])
    return Claim(head[:HANDLE], datetime.fromtimestamp(seconds, UTC))


def form_token(keys: Sequence[str], opening: UUID, browser: str) -> str:
    """What the forms of an opened page carry: it fits this opening in this browser only."""
    return _signer(keys, _FORM).get_signature(opening.bytes + _bytes(browser)).decode()


def is_form_token(keys: Sequence[str], opening: UUID, browser: str, token: str) -> bool:
    """Whether the form was ours."""
    if not _PROOF.fullmatch(token):
        return False
    return _signer(keys, _FORM).verify_signature(opening.bytes + _bytes(browser), token.encode())


def console_token(keys: Sequence[str], session: UUID) -> str:
    """What the console's forms carry: it fits this session only."""
    return _signer(keys, _CONSOLE).get_signature(session.bytes).decode()


def is_console_token(keys: Sequence[str], session: UUID, token: str) -> bool:
    """Whether the console's form was ours."""
    return bool(_PROOF.fullmatch(token)) and _signer(keys, _CONSOLE).verify_signature(
        session.bytes, token.encode()
    )


def _bytes(browser: str) -> bytes:
    return browser.encode("utf-8", "surrogatepass")  # what a cookie holds is the browser's word


def _signer(keys: Sequence[str], salt: bytes) -> Signer:
    return Signer(
        list(keys), salt=salt, key_derivation="hmac", digest_method=sha256, algorithm=_Short(sha256)
    )
