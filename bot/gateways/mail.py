"""E-mail, for people on call and for the operator: one message over one connection, by SMTP.

`smtp://` changes to TLS by STARTTLS and goes no further where it can't, unless the server is on this machine;
`smtps://` begins with TLS. No address and no text is ever logged here, nor stands in an error.
"""

import re
import smtplib
import ssl
from contextlib import closing, suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import unquote, urlsplit

from bot.errors import BadSettings, MailRefused, MailUnreachable

TIMEOUT = 10.0  # seconds, for each step of the exchange
SUBMISSION, SUBMISSIONS = 587, 465  # ports where the URL names none; RFC 6409, RFC 8314
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
BAD_ADDRESS = 553  # RFC 5321, 4.2.3: mailbox name not allowed

_ONE_ADDRESS = re.compile(r"""[^\s@,;:<>()[\]\\"]{1,64}@[^\s@,;:<>()[\]\\"]{1,255}""")
_NO_IDENTITY = re.compile(r"[^A-Za-z0-9.@_+-]")  # characters that no Message-ID needs
# Python before 3.11.10 decodes such a word and writes what comes out as it is, ends of lines too (CVE-2024-6923).
_ENCODED_WORD = "=?"
_POLICY = SMTP.clone(cte_type="7bit")  # a server that knows only ASCII takes it too


class Mailer:
    """A mail server, and who writes. Safe to share between threads."""

    def __init__(self, smtp_url: str, sender: str, *, timeout: float = TIMEOUT) -> None:
        """`smtp_url`: smtp(s)://user:password@host:port, user and password percent-encoded. Raises BadSettings."""
        parts = urlsplit(smtp_url)
        self._implicit = parts.scheme == "smtps"
        self._host = parts.hostname or ""
        self._port = _port(smtp_url) or (SUBMISSIONS if self._implicit else SUBMISSION)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        if not (self._user + self._password).isascii():
            raise BadSettings("SMTP_URL: user and password must be ASCII; SMTP knows no other.")
        if not sender.isascii() or not _is_address(sender):
            raise BadSettings("MAIL_FROM: must be one address, without a name: careline@clinic.example")
        self._sender, self._domain = sender, sender.rpartition("@")[2]
        self._timeout = timeout

    def send(self, *, to: str, subject: str, body: str, message_id: str) -> None:
        """Hand one message over.

        `message_id`: the left part of the Message-ID, or all of it. The same one again is the same message, of
        which mailboxes show one. Raises MailRefused (no use in trying again) and MailUnreachable.
        """
        if not _is_address(to):
            raise MailRefused(BAD_ADDRESS)
        message = self._message(to, subject, body, message_id)
        try:
            with closing(self._connect()) as server:
                self._enter(server)
                self._hand_over(server, message, to)
                with suppress(OSError):  # it was taken; how the server says goodbye changes nothing
                    server.quit()
        except (OSError, UnicodeError) as error:  # of smtplib, ssl and sockets; or the host can't be a name
            raise MailUnreachable(getattr(error, "smtp_code", None)) from None

    def _message(self, to: str, subject: str, body: str, message_id: str) -> EmailMessage:
        message = EmailMessage(policy=_POLICY)
        message["Date"] = datetime.now(UTC)
        message["From"] = self._sender
        message["To"] = to
        message["Subject"] = _one_line(subject)
        message["Message-ID"] = self._identity(message_id)
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday notice answers
        message["Importance"] = "high"
        message.set_content(body)
        return message

    def _identity(self, message_id: str) -> str:
        plain = _NO_IDENTITY.sub("", message_id)
        return f"<{plain}>" if "@" in plain else f"<{plain}@{self._domain}>"

    def _connect(self) -> smtplib.SMTP:
        # We greet by the sender's domain: smtplib would ask DNS for our own name, and wait for it.
        if self._implicit:
            return smtplib.SMTP_SSL(
                self._host, self._port, self._domain, timeout=self._timeout, context=self._trust()
            )
        return smtplib.SMTP(self._host, self._port, self._domain, timeout=self._timeout)

    def _enter(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        here = self._host in HERE
        if not self._implicit and (server.has_extn("starttls") or not here):
            server.starttls(context=self._trust())
        if self._user:
            server.login(self._user, self._password)

    def _trust(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._host in HERE:  # a certificate for localhost is its own witness, and the wire is this machine
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def _hand_over(self, server: smtplib.SMTP, message: EmailMessage, to: str) -> None:
        try:
            server.send_message(message, self._sender, [to])
        except smtplib.SMTPRecipientsRefused as error:
            raise _refused(error.recipients[to][0]) from None
        except smtplib.SMTPDataError as error:
            raise _refused(error.smtp_code) from None
        except smtplib.SMTPNotSupportedError:  # an address with more than ASCII, a server that takes none
            raise MailRefused(BAD_ADDRESS) from None


def _refused(code: int) -> MailRefused | MailUnreachable:
    return MailRefused(code) if 500 <= code <= 599 else MailUnreachable(code)


def _port(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError:  # its text would hold a part of the password that was not encoded
        raise BadSettings(
            "SMTP_URL: must be smtp://user:password@host:587, user and password percent-encoded."
        ) from None


def _is_address(text: str) -> bool:
    """Whether this is one address and nothing else: no second one, no name, no end of a line."""
    return text.isprintable() and _ENCODED_WORD not in text and _ONE_ADDRESS.fullmatch(text) is not None


def _one_line(text: str) -> str:
    """The text without ends of lines and control characters, plain or encoded: a header is one line."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.replace(_ENCODED_WORD, "= ?").split())
