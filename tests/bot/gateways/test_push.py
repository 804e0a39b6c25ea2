"""Web push, against a push service that opens the message as a browser would and checks who signed it."""

import base64
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID
from wsgiref.types import StartResponse, WSGIEnvironment

import http_ece  # type: ignore[import-untyped]
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import jwt  # type: ignore[import-untyped]
from werkzeug.wrappers import Request, Response

from bot.errors import BadSettings, PushGone, PushUnreachable
from bot.gateways.push import Pusher, Subscription, new_key
from bot.gateways.twilio_twin.server import serve_app
from bot.runtime import Runtime
from tests.conftest import make_settings

CONTACT = "mailto:careline@clinic.example"
ALERT = UUID("7d9f2b64-0a53-4a8e-a1d4-0c0b6f6f2d11")


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Browser:
    """A browser and the push service that it has chosen."""

    base_url: str = ""
    status: int = 201
    headers: dict[str, str] = field(default_factory=dict)
    came: list[Request] = field(default_factory=list)
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        request.get_data(cache=True)
        self.came.append(request)
        return Response("", self.status, self.headers)(environ, start_response)

    def subscription(self) -> Subscription:
        """What PushManager.subscribe() gives."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return Subscription(f"{self.base_url}/push/secret-endpoint", _text(point), _text(self.secret))

    def read(self) -> str:
        """The one message that came, decrypted."""
        (request,) = self.came
        opened: bytes = http_ece.decrypt(
            request.get_data(), private_key=self.key, auth_secret=self.secret, version="aes128gcm"
        )
        return opened.decode()


@pytest.fixture
def browser() -> Iterator[Browser]:
    app = Browser()
    serving = serve_app(app)
    app.base_url = serving.base_url
    yield app
    serving.stop()


@pytest.fixture
def pusher() -> Pusher:
    return Pusher(new_key(), CONTACT, allow_local=True)


def test_only_the_browser_can_read_what_it_is_sent(browser: Browser, pusher: Pusher) -> None:
    pusher.send(browser.subscription(), '{"title": "¡Atención!"}', 300)
    assert browser.read() == '{"title": "¡Atención!"}'
    (request,) = browser.came
    assert b"Atenci" not in request.get_data()
    browser.secret = os.urandom(16)
    with pytest.raises(http_ece.ECEException):
        browser.read()


def test_the_longest_message_that_a_push_service_must_take(browser: Browser, pusher: Pusher) -> None:
    pusher.send(browser.subscription(), "x" * 3993, 300)
    (request,) = browser.came
    assert len(request.get_data()) == 4096  # RFC 8030, 7.2
    assert browser.read() == "x" * 3993


def test_a_push_service_can_tell_who_calls_and_how_urgent_it_is(browser: Browser, pusher: Pusher) -> None:
    pusher.send(browser.subscription(), "?", 300, topic=ALERT)
    (request,) = browser.came
    headers = request.headers
    assert (request.method, request.path) == ("POST", "/push/secret-endpoint")
    assert (headers["TTL"], headers["Urgency"], headers["Topic"]) == ("300", "high", ALERT.hex)
    assert headers["Content-Encoding"] == "aes128gcm"
    scheme, _, rest = headers["Authorization"].partition(" ")
    parts = dict(part.split("=", 1) for part in rest.split(","))
    assert (scheme, parts["k"]) == ("vapid", pusher.public_key)
    claims = jwt.decode(parts["t"], pusher.public_key)  # raises where another key has signed
    assert (claims["aud"], claims["sub"]) == (browser.base_url, CONTACT)
    assert 0 < claims["exp"] - time.time() <= 24 * 60 * 60


def test_without_a_topic_nothing_replaces_anything(browser: Browser, pusher: Pusher) -> None:
    pusher.send(browser.subscription(), "?", 300)
    (request,) = browser.came
    assert "Topic" not in request.headers


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_what_counts_as_taken(browser: Browser, pusher: Pusher, status: int) -> None:
    browser.status = status
    pusher.send(browser.subscription(), "?", 300)
    assert len(browser.came) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_gone(browser: Browser, pusher: Pusher, status: int) -> None:
    browser.status = status
    with pytest.raises(PushGone) as said:
        pusher.send(browser.subscription(), "?", 300)
    assert not said.value.retryable


@pytest.mark.parametrize("status", [400, 401, 403, 413, 429, 500, 503])
def test_what_may_be_taken_later(browser: Browser, pusher: Pusher, status: int) -> None:
    browser.status = status
    with pytest.raises(PushUnreachable) as said:
        pusher.send(browser.subscription(), "?", 300)
    assert (said.value.code, said.value.retryable) == (status, True)
    assert len(browser.came) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_push_service_can_not_send_us_elsewhere(browser: Browser, pusher: Pusher, status: int) -> None:
    browser.status, browser.headers = status, {"Location": f"{browser.base_url}/inside"}
    with pytest.raises(PushUnreachable):
        pusher.send(browser.subscription(), "?", 300)
    assert [request.path for request in browser.came] == ["/push/secret-endpoint"]


def test_a_password_of_this_machine_does_not_replace_our_signature(
    browser: Browser, pusher: Pusher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    pusher.send(browser.subscription(), "?", 300)
    (request,) = browser.came
    assert request.headers["Authorization"].startswith("vapid ")


def test_a_push_service_that_is_not_there(browser: Browser, pusher: Pusher) -> None:
    here = browser.subscription()
    away = Subscription("http://127.0.0.1:1/push/secret-endpoint", here.p256dh, here.auth)
    with pytest.raises(PushUnreachable) as said:
        pusher.send(away, "?", 300)
    assert said.value.code is None
    assert "secret-endpoint" not in str(said.value)
    # A traceback of what lies below would show the endpoint.
    assert (said.value.__suppress_context__, said.value.__cause__) == (True, None)


def test_a_proxy_that_can_not_be_one(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy..example:3128")  # requests raises a bare ValueError
    here = browser.subscription()
    made = Subscription("https://push.example.com/1", here.p256dh, here.auth)
    with pytest.raises(PushUnreachable):
        Pusher(new_key(), CONTACT).send(made, "?", 300)


def test_a_subscription_does_not_tell_its_secrets(browser: Browser) -> None:
    assert repr(browser.subscription()) == "Subscription()"


INSIDE = (
    "http://push.example.com/1",
    "https://127.0.0.1/1",
    "https://10.0.0.1/1",
    "https://169.254.169.254/1",
    "https://8.8.8.8/1",
    "https://[::1]/1",
    "https://[::ffff:10.0.0.1]/1",
    "https://2130706433/1",
    "https://127.1/1",
    "https://0x7f.0x1/1",
    "https://localhost/1",
    "http://localhost/1",
    "http://localhost:8000/1",
    "https://push.localhost/1",
    "https://redis/1",
    "https://printer.local/1",
    "https://metadata.google.internal/1",
    "https://me@push.example.com/1",
    "https://push.example.com@127.0.0.1/1",
    "https://push.example.com\\@127.0.0.1/1",
    "https://push.example.com:6379/1",
    "https://push.example.com/1\r\nX: y",
    "https://push.example.com/1\n",
    "https://push.exämple.com/1",
    "https://push.example.com./1",
    f"https://{'a' * 64}.example.com/1",
    "file:///etc/passwd",
    "",
)


@pytest.mark.parametrize("endpoint", INSIDE)
def test_nobody_can_send_us_into_our_own_network(browser: Browser, endpoint: str) -> None:
    here = browser.subscription()
    made = Subscription(endpoint, here.p256dh, here.auth)
    pusher = Pusher(new_key(), CONTACT)
    assert not pusher.usable(made)
    with pytest.raises(PushGone):  # and not PushUnreachable: nobody was called
        pusher.send(made, "?", 300)


def test_the_demo_reaches_its_own_machine_and_no_other_without_https(
    browser: Browser, pusher: Pusher
) -> None:
    here = browser.subscription()
    assert pusher.usable(here)
    for endpoint in ("http://push.example.com/1", "https://10.0.0.1/1", "http://127.0.0.2/1"):
        assert not pusher.usable(Subscription(endpoint, here.p256dh, here.auth))


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/dQw4w9WgXcQ:APA91b-_x",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABm-_=",
        "https://web.push.apple.com/QGuQyavXutnMH",
        "https://wns2-by3p.notify.windows.com/w/?token=BQYAAAD%2fx%3d%3d",
    ],
)
def test_the_push_services_of_today_s_browsers_are_called(browser: Browser, endpoint: str) -> None:
    here = browser.subscription()
    assert Pusher(new_key(), CONTACT).usable(Subscription(endpoint, here.p256dh, here.auth))


@pytest.mark.parametrize("broken", ["", "?", "AAAA", "é", _text(b"\x04" + b"\x01" * 64)])
@pytest.mark.parametrize("part", ["p256dh", "auth"])
def test_a_subscription_whose_keys_can_not_be_read_is_no_good(
    browser: Browser, pusher: Pusher, part: str, broken: str
) -> None:
    here = browser.subscription()
    keys = {"p256dh": here.p256dh, "auth": here.auth} | {part: broken}
    made = Subscription(here.endpoint, **keys)
    assert not pusher.usable(made)
    with pytest.raises(PushGone):
        pusher.send(made, "?", 300)
    assert browser.came == []


def test_a_key_is_new_each_time_and_has_always_the_same_public_half() -> None:
    key = new_key()
    assert (len(base64.urlsafe_b64decode(key + "=")), len({key, new_key()})) == (32, 2)
    public = Pusher(key, CONTACT).public_key
    assert Pusher(key + "=", CONTACT).public_key == public
    assert base64.urlsafe_b64decode(public + "=")[:1] == b"\x04"
    assert Pusher(new_key(), CONTACT).public_key != public


@pytest.mark.parametrize(
    "key", ["", "secret", "secret-é", _text(b"s" * 31), _text(b"\x00" * 32), _text(b"\xff" * 32)]
)
def test_a_key_that_can_not_be_one(key: str) -> None:
    with pytest.raises(BadSettings) as said:
        Pusher(key, CONTACT)
    assert "secret" not in str(said.value)


def test_the_service_has_a_pusher_where_there_is_a_key() -> None:
    key = new_key()
    assert Runtime(make_settings()).pusher is None
    pusher = Runtime(make_settings(vapid_key=key)).pusher
    assert pusher is not None
    assert pusher.public_key == Pusher(key, CONTACT).public_key


@pytest.mark.parametrize(
    ("settings", "contact"),
    [
        ({"mail_from": "careline@clinic.example"}, CONTACT),
        ({"public_url": "https://sms.clinic.example:8443"}, "https://sms.clinic.example:8443"),
        ({"public_url": "http://localhost:8000"}, "https://localhost:8000"),
    ],
)
def test_the_service_says_where_its_people_are(
    browser: Browser, settings: dict[str, str], contact: str
) -> None:
    rt = Runtime(make_settings(vapid_key=new_key(), demo=True, **settings))
    assert rt.pusher is not None
    rt.pusher.send(browser.subscription(), "?", 300)
    token = browser.came[0].headers["Authorization"].partition("t=")[2].partition(",")[0]
    assert jwt.decode(token, rt.pusher.public_key)["sub"] == contact


def test_only_the_demo_calls_this_machine(browser: Browser) -> None:
    real = Runtime(make_settings(vapid_key=new_key())).pusher
    assert real is not None
    assert not real.usable(browser.subscription())
