"""`bot check`: preflight. One line each, a hint how to mend it, non-zero exit on a failure."""

import sys
from collections.abc import Iterator

import click
from rich.console import Console

from bot import settings
from bot.cli.run import NEEDED
from bot.cli.wiring import servers
from bot.errors import CarelineError
from bot.runtime import Runtime
from bot.service import health
from bot.settings import Settings


@click.command()
def check() -> None:
    """Look at settings, keys, database, Redis, Twilio and the webhook address."""
    console, failed = Console(highlight=False), False
    for name, fault in _checks():
        failed |= fault is not None
        console.print(f"[red]✗[/] {name}: {fault}" if fault else f"[green]✓[/] {name}", soft_wrap=True)
    sys.exit(1 if failed else 0)


def _checks() -> Iterator[tuple[str, str | None]]:
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


def _inside(rt: Runtime) -> Iterator[tuple[str, str | None]]:
    faults = health.faults(rt)
    yield "database, Redis, flows", " ".join(faults) or None
    keys = health.keys_fault(rt) if not faults else "not looked at: the database is not ready."
    yield "keys", keys
    yield "somebody on call", health.oncall_fault(rt) if not keys else "not looked at."
    yield "Twilio credentials", (fault := _twilio(rt))
    if not (fault or keys):
        yield from _webhooks(rt)


def _address(given: Settings) -> str | None:
    if given.public_url.startswith("https://") or given.demo:
        return None
    return f"PUBLIC_URL is {given.public_url}: Twilio and patients need https:// and a public name."


def _webhooks(rt: Runtime) -> Iterator[tuple[str, str | None]]:
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
