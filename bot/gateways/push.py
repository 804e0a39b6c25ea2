"""Web push: a short message to a browser, encrypted for it alone (RFC 8291) and signed by us (RFC 8292).

A browser names the server that we are to call. So that nobody can send us into our own network, only names
of the public net are called, only over https, and redirects are not followed. A certificate must stand for
the name: one that leads to a private address gets no further than that.
"""

import base64
import re
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from uuid import UUID

import requests
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid, VapidException  # type: ignore[import-untyped]

from bot.errors import BadSettings, PushGone, PushUnreachable

TIMEOUTS = (3.05, 10.0)  # seconds: connect (just over one TCP retransmission), read
KEY_BYTES = 32  # of a P-256 private key
SECRET_BYTES = 16  # of a browser; RFC 8291, 3.2
SIGNED_FOR_S = 12 * 60 * 60  # RFC 8292, 2: at most 24 hours, and clocks differ
GONE = (404, 410)  # RFC 8030, 7.3

# In full, so that no two readers of URLs can differ about the host. Addresses by number end in no letter.
_PUBLIC = re.compile(r"https://(?P<host>(?:[a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{0,62})(?:/[!-\[\]-~]*)?")
_LOCAL = re.compile(r"https?://(?:localhost|127\.0\.0\.1)(?::\d{1,5})?(?:/[!-\[\]-~]*)?")
_PRIVATE_NAMES = ("localhost", "local", "internal", "intranet", "lan", "corp", "home", "arpa", "localdomain")


@dataclass(frozen=True, slots=True)
class Subscription:
    """A browser as its PushManager.subscribe() tells it. Who knows the endpoint can call the browser."""

    endpoint: str = field(repr=False)
    p256dh: str = field(repr=False)  # its public key, base64url
    auth: str = field(repr=False)  # its secret, base64url


class Pusher:
    """Our name at the push services. Safe to share between threads.

    `contact`: a mailto: or https: address, for the people who run them. `allow_local`: servers on this machine
    are called too; for the demo and for tests.
    """

    def __init__(self, vapid_key: str, contact: str, *, allow_local: bool = False) -> None:
        """`vapid_key`: as `new_key` makes it. Raises BadSettings."""
        self._vapid = _read(vapid_key)
        self._contact = contact
        self._allow_local = allow_local

    @property
    def public_key(self) -> str:
        """What a browser needs for PushManager.subscribe(), base64url."""
        return _text(self._vapid.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def usable(self, subscription: Subscription) -> bool:
        """Whether it can be sent to at all: a public endpoint, keys that can be read. To be asked before it is kept."""
        try:
            self._sealed(subscription, "?")
        except PushGone:
            return False
        return True

    def send(
        self, subscription: Subscription, payload: str, ttl_s: int, *, topic: UUID | None = None
    ) -> None:
        """Hand one message over; up to 3993 bytes of it. It is kept for `ttl_s` seconds while the browser is away.

        `topic`: an alert; of those still kept, the browser gets only the last. Raises PushGone, PushUnreachable.
        """
        body = self._sealed(subscription, payload)
        headers = self._signed(subscription) | {
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(ttl_s),
            "Urgency": "high",
        }
        if topic is not None:
            headers["Topic"] = topic.hex  # 32 characters, the most that RFC 8030, 5.4, has room for
        status = _post(subscription.endpoint, body, headers)
        if status in GONE:
            raise PushGone
        if not 200 <= status <= 299:
            raise PushUnreachable(status)

    def _sealed(self, subscription: Subscription, payload: str) -> bytes:
        # Imported late: aiohttp comes with it, and most processes never push.
        from pywebpush import WebPusher, WebPushException  # type: ignore[import-untyped]

        if not self._may_call(subscription.endpoint):
            raise PushGone
        keys = {"p256dh": subscription.p256dh, "auth": subscription.auth}
        try:
            browser = WebPusher({"endpoint": subscription.endpoint, "keys": keys})
            body: bytes = browser.encode(payload.encode())["body"]
        except (WebPushException, ValueError, IndexError):  # no base64, no point of the curve, nothing at all
            raise PushGone from None
        if len(browser.auth_key) != SECRET_BYTES:
            raise PushGone
        return body

    def _may_call(self, endpoint: str) -> bool:
        if self._allow_local and _LOCAL.fullmatch(endpoint):
            return True
        public = _PUBLIC.fullmatch(endpoint)
        return public is not None and public["host"].rpartition(".")[2] not in _PRIVATE_NAMES

    def _signed(self, subscription: Subscription) -> dict[str, str]:
        parts = urlsplit(subscription.endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int(time.time()) + SIGNED_FOR_S,  # the real time: the demo's clock means nothing elsewhere
            "sub": self._contact,
        }
        headers: dict[str, str] = self._vapid.sign(claims)
        return headers


def new_key() -> str:
    """A new VAPID_KEY. Browsers that subscribed with an older one must subscribe anew."""
    vapid = Vapid()
    vapid.generate_keys()
    return _text(vapid.private_key.private_numbers().private_value.to_bytes(KEY_BYTES, "big"))


def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """The status. The answer's body is not read: it is a stranger's, and may have no end."""
    try:
        with requests.post(
            url,
            data=body,
            headers=headers,
            timeout=TIMEOUTS,
            allow_redirects=False,
            stream=True,
            auth=_as_it_is,
        ) as answer:
            return answer.status_code
    except (requests.RequestException, ValueError):  # urllib3's complaints about a host are ValueErrors
        raise PushUnreachable from None


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps requests from putting a password of ~/.netrc in the place of our signature."""
    return request


def _read(vapid_key: str) -> Vapid:
    try:
        raw = base64.urlsafe_b64decode(vapid_key.rstrip("=") + "=" * (-len(vapid_key.rstrip("=")) % 4))
        if len(raw) == KEY_BYTES:
            vapid = Vapid.from_raw(_text(raw).encode())
            vapid.conf = {"no-strict": True}  # its idea of an address has no room for a port
            return vapid
    except (ValueError, VapidException):
        pass
    raise BadSettings("VAPID_KEY: must be a P-256 private key, 32 bytes in base64url.")


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
