"""E-mail, handed to a real mail server: what arrives, which refusals are for good, and no secret without TLS."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.errors import BadSettings, MailRefused, MailUnreachable
from bot.gateways.mail import Mailer
from bot.runtime import Runtime
from tests.conftest import make_settings

SENDER, MARIA = "careline@clinic.example", "maria@clinic.example"
USER, PASSWORD = "care@line", "p:a/s#s w%rd"
ENCODED = "care%40line:p%3Aa%2Fs%23s%20w%25rd"
HERE, ELSEWHERE = "127.0.0.1", "127.0.0.2"  # the same machine; of the second, Mailer doesn't know that
ALERT = "7d9f2b64-0a53-4a8e-a1d4-0c0b6f6f2d11"


@dataclass
class Post:
    """What a mail server does with a message, hook by hook; `answers` are replies other than its usual ones."""

    answers: dict[str, str] = field(default_factory=dict)
    taken: list[EmailMessage] = field(default_factory=list)
    tls: list[bool] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 OK")

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if "DATA" in self.answers:
            return self.answers["DATA"]
        self.taken.append(message_from_bytes(envelope.content, policy=default))
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        self.tls.append(server.transport.get_extra_info("ssl_object") is not None)
        return "250 OK"

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if "QUIT" in self.answers:
            server.transport.abort()
        return "221 Bye"

    def let_in(self, server: Any, session: Any, envelope: Any, mechanism: str, login: Any) -> AuthResult:
        """Only the one user."""
        self.users.append(login.login.decode())
        right = (login.login, login.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)


class _Server(Controller):
    """A mail server on a port that nobody else can take meanwhile."""

    def __init__(self, host: str, post: Post, **options: Any) -> None:
        self._socket = socket.create_server((host, 0))
        super().__init__(post, hostname=host, port=self._socket.getsockname()[1], **options)

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._socket, ssl=self.ssl_context)


Serve = Callable[..., str]


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def serve(post: Post) -> Iterator[Serve]:
    """Starts a mail server; the answer is `host:port`."""
    with ExitStack() as stack:

        def start(host: str = HERE, **options: Any) -> str:
            server = _Server(host, post, **options)
            server.start()
            stack.callback(server.stop)
            return f"{host}:{server.port}"

        yield start


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for both hosts that nobody signed but itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail")])
    hosts = x509.SubjectAlternativeName([x509.IPAddress(ip_address(host)) for host in (HERE, ELSEWHERE)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(hosts, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "mail.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    """The server's side of it."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


def send(url: str, **other: str) -> None:
    """One message over a new Mailer."""
    given = {"to": MARIA, "subject": "Careline: please look", "body": "Somebody waits.", "message_id": ALERT}
    Mailer(url, SENDER).send(**(given | other))


def unchained(error: BaseException) -> bool:
    """Whether a traceback shows this error alone, and not the server's words, which may name somebody."""
    return error.__suppress_context__ and error.__cause__ is None


def test_a_message_arrives_with_the_headers_of_an_alert(serve: Serve, post: Post) -> None:
    send(f"smtp://{serve()}", subject="Careline: ¿quién está?", body="Línea uno.\n.\nLínea tres – 🙂\n")
    (message,) = post.taken
    assert post.envelopes == [(SENDER, [MARIA])]
    assert {name: message[name] for name in ("From", "To", "Subject", "Message-ID")} == {
        "From": SENDER,
        "To": MARIA,
        "Subject": "Careline: ¿quién está?",
        "Message-ID": f"<{ALERT}@clinic.example>",
    }
    assert (message["Auto-Submitted"], message["Importance"]) == ("auto-generated", "high")
    assert abs(message["Date"].datetime - datetime.now(UTC)) < timedelta(hours=1)  # not the year 1970
    assert message.get_content().replace("\r\n", "\n") == "Línea uno.\n.\nLínea tres – 🙂\n"
    assert message.as_bytes().isascii()


@pytest.mark.parametrize("given", [ALERT, f"{ALERT}@clinic.example", f"<{ALERT}@clinic.example>"])
def test_the_same_alert_is_the_same_message_every_time(serve: Serve, post: Post, given: str) -> None:
    url = f"smtp://{serve()}"
    send(url, message_id=given)
    send(url, message_id=given)
    assert [message["Message-ID"] for message in post.taken] == [f"<{ALERT}@clinic.example>"] * 2


def test_a_user_and_a_password_may_have_any_character(serve: Serve, post: Post, tls: ssl.SSLContext) -> None:
    server = serve(tls_context=tls, auth_required=True, authenticator=post.let_in)
    send(f"smtp://{ENCODED}@{server}")
    assert (post.users[0], len(post.taken), post.tls) == (USER, 1, [True])


def test_a_wrong_password_is_ours_to_mend_and_no_fault_of_the_message(
    serve: Serve, post: Post, tls: ssl.SSLContext
) -> None:
    server = serve(tls_context=tls, auth_required=True, authenticator=post.let_in)
    with pytest.raises(MailUnreachable) as said:
        send(f"smtp://care%40line:wrong@{server}")
    assert (said.value.code, said.value.retryable, post.taken) == (535, True, [])


@pytest.mark.parametrize(("hook", "code"), [("RCPT", 550), ("RCPT", 551), ("DATA", 552), ("DATA", 554)])
def test_what_is_refused_for_good(serve: Serve, post: Post, hook: str, code: int) -> None:
    post.answers[hook] = f"{code} {MARIA} is nobody"
    with pytest.raises(MailRefused) as said:
        send(f"smtp://{serve()}")
    assert (said.value.code, said.value.retryable, post.taken) == (code, False, [])
    assert MARIA not in str(said.value)
    assert unchained(said.value)


@pytest.mark.parametrize(
    ("hook", "code"),
    [("RCPT", 450), ("RCPT", 421), ("DATA", 451), ("DATA", 421), ("MAIL", 550), ("MAIL", 451)],
)
def test_what_may_be_taken_later(serve: Serve, post: Post, hook: str, code: int) -> None:
    post.answers[hook] = f"{code} {MARIA} must wait"
    with pytest.raises(MailUnreachable) as said:
        send(f"smtp://{serve()}")
    assert (said.value.code, said.value.retryable, post.taken) == (code, True, [])
    assert MARIA not in str(said.value)
    assert unchained(said.value)


def test_a_server_that_hangs_up_after_it_took_the_message_has_taken_it(serve: Serve, post: Post) -> None:
    post.answers["QUIT"] = "no answer"
    send(f"smtp://{serve()}")
    assert len(post.taken) == 1


def test_an_address_beyond_ascii_where_the_server_takes_it_and_where_not(serve: Serve, post: Post) -> None:
    send(f"smtp://{serve()}", to="maría@clinic.example")
    with pytest.raises(MailRefused):
        send(f"smtp://{serve(enable_SMTPUTF8=False)}", to="maría@clinic.example")
    assert post.envelopes == [(SENDER, ["maría@clinic.example"])]


@pytest.mark.parametrize("host", ["127.0.0.1:1", "nowhere.invalid:25", f"{'a' * 70}.example:25"])
def test_a_server_that_is_not_there(host: str) -> None:
    with pytest.raises(MailUnreachable) as said:
        send(f"smtp://{host}")
    assert said.value.code is None


def _once(answer: bytes, *, wait: bool) -> tuple[str, Thread]:
    """A server for one connection: says this, and hangs up, at once or when the other side does."""
    listener = socket.create_server((HERE, 0))

    def run() -> None:
        with listener, listener.accept()[0] as connection:
            connection.sendall(answer)
            while wait and connection.recv(4096):
                pass

    thread = Thread(target=run)
    thread.start()
    return f"smtp://{HERE}:{listener.getsockname()[1]}", thread


@pytest.mark.parametrize(
    ("answer", "wait", "code"),
    [
        (b"", True, None),  # never says a word
        (b"", False, None),
        (b"220 mail ESMTP\r\n", False, None),
        (b"554 no service\r\n", True, 554),
        (b"\xff\xfe\x00\r\n", True, -1),
    ],
)
def test_a_server_that_is_no_mail_server_today(answer: bytes, wait: bool, code: int | None) -> None:
    url, thread = _once(answer, wait=wait)
    mailer = Mailer(url, SENDER, timeout=0.2)
    with pytest.raises(MailUnreachable) as said:
        mailer.send(to=MARIA, subject="?", body="?", message_id=ALERT)
    thread.join()
    assert said.value.code == code


def test_on_this_machine_a_server_without_tls_will_do(serve: Serve, post: Post) -> None:
    send(f"smtp://{serve()}")
    assert post.tls == [False]


def test_where_tls_is_offered_it_is_taken_and_localhost_needs_nobodys_signature(
    serve: Serve, post: Post, tls: ssl.SSLContext
) -> None:
    send(f"smtp://{serve(tls_context=tls)}")
    send(f"smtps://{serve(ssl_context=tls)}")
    assert post.tls == [True, True]


def test_elsewhere_nothing_is_said_without_tls(serve: Serve, post: Post) -> None:
    server = serve(ELSEWHERE, auth_require_tls=False, authenticator=post.let_in)
    with pytest.raises(MailUnreachable):
        send(f"smtp://{ENCODED}@{server}")
    assert (post.users, post.taken) == ([], [])


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_elsewhere_a_certificate_must_be_good(
    serve: Serve,
    post: Post,
    tls: ssl.SSLContext,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
) -> None:
    server = serve(ELSEWHERE, **{"tls_context" if scheme == "smtp" else "ssl_context": tls})
    with pytest.raises(MailUnreachable):
        send(f"{scheme}://{server}")
    assert post.taken == []
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    send(f"{scheme}://{server}")
    assert post.tls == [True]


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("Look\r\nBcc: eve@x.example\u2028\x00!", "Look Bcc: eve@x.example !"),
        ("=?utf-8?q?Look=0d=0aBcc:_eve@x.example?=", "= ?utf-8?q?Look=0d=0aBcc:_eve@x.example?="),
        ("=?utf-8?b?YQ0KQmNjOiBlQHguZXhhbXBsZQ==?=", "= ?utf-8?b?YQ0KQmNjOiBlQHguZXhhbXBsZQ== ?="),
    ],
)
def test_a_subject_stays_one_line(serve: Serve, post: Post, subject: str, shown: str) -> None:
    send(f"smtp://{serve()}", subject=subject)
    (message,) = post.taken
    assert (message["Subject"], message["Bcc"]) == (shown, None)
    assert post.envelopes == [(SENDER, [MARIA])]


def test_an_identity_stays_one_line(serve: Serve, post: Post) -> None:
    send(f"smtp://{serve()}", message_id="=?utf-8?q?a=0d=0a?=\r\nBcc: eve")
    (message,) = post.taken
    assert (message["Message-ID"], message["Bcc"]) == ("<utf-8qa0d0aBcceve@clinic.example>", None)


@pytest.mark.parametrize(
    "to",
    [
        "",
        "maria",
        "maria@",
        "@clinic.example",
        "maria@clinic.example\r\nBcc: eve@x.example",
        "maria@clinic.example\n",
        "maria@clinic.example, eve@x.example",
        "maria@clinic.example;eve@x.example",
        "Maria <maria@clinic.example>",
        "maria@x@clinic.example",
        "maria@clinic.example\u2028",
        "ma\x00ria@clinic.example",
        "=?utf-8?q?maria=0d=0aBcc?=@clinic.example",
        f"{'m' * 65}@clinic.example",
    ],
)
def test_what_is_not_one_address_never_leaves(serve: Serve, post: Post, to: str) -> None:
    with pytest.raises(MailRefused):
        send(f"smtp://{serve()}", to=to)
    assert post.taken == []


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("smtp://care:secret#1@mail.example:587", SENDER),  # not encoded: the port would be `secret`
        ("smtp://mail.example:99999", SENDER),
        ("smtp://care:s%C3%A9cret@mail.example", SENDER),
        ("smtp://mail.example", "Careline <careline@clinic.example>"),
        ("smtp://mail.example", "careline@clinic.example\n"),
        ("smtp://mail.example", "línea@clinic.example"),
        ("smtp://mail.example", ""),
    ],
)
def test_settings_that_can_not_be_meant_are_said_without_a_secret(url: str, sender: str) -> None:
    with pytest.raises(BadSettings) as said:
        Mailer(url, sender)
    assert "secret" not in str(said.value)
    assert said.value.__cause__ is None


@pytest.mark.parametrize(("scheme", "port"), [("smtp", 587), ("smtps", 465)])
def test_the_usual_ports(scheme: str, port: int) -> None:
    assert Mailer(f"{scheme}://mail.example", SENDER)._port == port


def test_the_service_has_a_mailer_where_both_settings_are_there() -> None:
    both = {"smtp_url": "smtp://mail.example", "mail_from": SENDER}
    assert isinstance(Runtime(make_settings(**both)).mailer, Mailer)
    assert [Runtime(make_settings(**{name: both[name]})).mailer for name in both] == [None, None]
