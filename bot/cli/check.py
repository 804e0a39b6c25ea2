"""`bot check`: preflight. One line each, a hint how to mend it, non-zero exit on a failure.

✗ is a failure. ! is something that is not set: it may be meant so, and the line says what is then missing.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import click
from rich.console import Console

from bot import settings
from bot.cli.run import NEEDED
from bot.cli.wiring import servers
from bot.core.oncall import Channel
from bot.errors import CarelineError
from bot.runtime import Runtime
from bot.service import health
from bot.service.entrance import sign_in
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class _Unset:
    """Not set, and nothing that needs it."""

    means: str


_Fault = str | _Unset | None


@click.command()
def check() -> None:
    """Look at settings, keys, database, Redis, Twilio, the webhook address and how people are told."""
    console, failed = Console(highlight=False), False
    for name, fault in _checks():
        failed |= isinstance(fault, str)
        console.print(_line(name, fault), soft_wrap=True)
    sys.exit(1 if failed else 0)


def _line(name: str, fault: _Fault) -> str:
    match fault:
        case None:
            return f"[green]✓[/] {name}"
        case _Unset():
            return f"[yellow]![/] {name}: {fault.means}"
        case _:
            return f"[red]✗[/] {name}: {fault}"


def _checks() -> Iterator[tuple[str, _Fault]]:
    try:
        given = settings.load()
        given.require(*NEEDED)
    except CarelineError as error:
        yield "settings", str(error)
        return
    yield "settings", None
    yield "public address", _address(given)
    with servers(given) as ready:
        rt = Runtime(ready)
        try:
            yield from _inside(rt)
        finally:
            rt.engine.dispose()


def _inside(rt: Runtime) -> Iterator[tuple[str, _Fault]]:
    faults = health.faults(rt)
    yield "database, Redis, flows", " ".join(faults) or None
    keys = health.keys_fault(rt) if not faults else "not looked at: the database is not ready."
    yield "keys", keys
    yield "somebody on call", health.oncall_fault(rt) if not keys else "not looked at."
    yield "Twilio credentials", (fault := _twilio(rt))
    if not (fault or keys):
        yield from _webhooks(rt)
    yield from _ways(rt, health.channels(rt) if not faults else frozenset())
    yield "somebody can sign in", _sign_in(rt) if not faults else _Unset("not looked at.")


def _address(given: Settings) -> str | None:
    if given.public_url.startswith("https://") or given.demo:
        return None
    return f"PUBLIC_URL is {given.public_url}: Twilio and patients need https:// and a public name."


def _ways(rt: Runtime, used: frozenset[Channel]) -> Iterator[tuple[str, _Fault]]:
    """How people on call and the operator are told. `used`: by what the published ladders tell people."""
    given = rt.settings
    yield "e-mail", _mail(rt, needed=Channel.EMAIL in used)
    yield "web push", _push(rt, needed=Channel.PUSH in used)
    yield "word to the operator", _operator(given)
    unset = _Unset("HEARTBEAT_URL is not set: nobody hears of it when this whole machine stops.")
    yield "dead-man's switch", None if given.heartbeat_url else unset


def _sign_in(rt: Runtime) -> _Fault:
    given = rt.settings
    if given.oidc_issuer and not (given.oidc_client_id and given.oidc_client_secret):
        return "OIDC_ISSUER is set, OIDC_CLIENT_ID or OIDC_CLIENT_SECRET is not."
    if given.oidc_issuer or sign_in.anybody_can(rt):
        return None
    return _Unset("nobody has a log-in for the console yet: `bot user invite`.")


def _mail(rt: Runtime, *, needed: bool) -> _Fault:
    given = rt.settings
    if bool(given.smtp_url) != bool(given.mail_from):
        return f"{'SMTP_URL' if given.mail_from else 'MAIL_FROM'} is not set: e-mail needs both."
    if not given.smtp_url:
        return _unset("SMTP_URL and MAIL_FROM are not set: no e-mail is sent.", "e-mail", needed=needed)
    try:
        _ = rt.mailer
    except CarelineError as error:
        return str(error)
    return None


def _push(rt: Runtime, *, needed: bool) -> _Fault:
    if not rt.settings.vapid_key:
        return _unset("VAPID_KEY is not set: no web push is sent.", "push", needed=needed)
    try:
        _ = rt.pusher
    except CarelineError as error:
        return str(error)
    return None


def _unset(means: str, channel: str, *, needed: bool) -> _Fault:
    return f"{means} Ladders of oncall.yaml tell people by {channel}." if needed else _Unset(means)


def _operator(given: Settings) -> _Fault:
    if given.operator_email and not given.smtp_url:
        return "OPERATOR_EMAIL is set, SMTP_URL is not: no e-mail can be sent."
    if not (given.operator_email or given.operator_webhook):
        return _Unset(
            "OPERATOR_EMAIL and OPERATOR_WEBHOOK are not set: nobody is told when clock, workers or carrier stop."
        )
    return None


def _webhooks(rt: Runtime) -> Iterator[tuple[str, _Fault]]:
    """Whether Twilio posts each clinic's texts to us."""
    if rt.settings.twilio_messaging_service_sid:
        yield "Twilio webhook", None  # the service has the address: Twilio's console shows it
        return
    wanted = f"{rt.settings.public_url}/twilio/sms"
    for phone in health.numbers(rt):
        found = rt.carrier.webhook(phone)
        if found is None:
            yield f"Twilio webhook of {phone}", "the account has no such number."
        else:
            yield (
                f"Twilio webhook of {phone}",
                None if found == wanted else f"it is {found or 'unset'}; set it to {wanted}.",
            )


def _twilio(rt: Runtime) -> str | None:
    try:
        status = rt.carrier.check()
    except CarelineError as error:
        return f"{error} Look at TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN."
    return None if status == "active" else f"the account is {status}."
