"""Timeline words: how the way of a text and of a page, a reading and a decision are said to people. Tables."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.effects import Effect, OpenTask, SendPage, SetVisitStatus
from bot.core.flow import Page
from bot.core.wording import moment_text
from bot.gateways.twilio import Remedy, remedy
from bot.service import show_trace
from bot.service.console.timeline_entry import Understood
from bot.store.outbox import Status
from nlp.reading import Intent, Level, Reading, Value

LANGUAGES: Mapping[str, str] = {"en": "English", "es": "Spanish"}
PAGES: Mapping[str, str] = {
    Page.FORM: "Form",
    Page.RESULT: "Results",
    Page.SUMMARY: "Visit summary",
    Page.TIMES: "Open times",
    Page.OFFER: "Offer of an earlier time",
    Page.MESSAGES: "Secure messages",
    Page.CONSENT: "Consent",
    Page.PREFERENCES: "Preferences",
    Page.CHECK_IN: "Check-in",
    Page.HISTORY: "All messages",
}
_STATUS: Mapping[str, tuple[str, str]] = {
    Status.READY: ("waits to leave", "plain"),
    Status.SENDING: ("on its way", "plain"),
    Status.SENT: ("sent", "plain"),
    Status.DELIVERED: ("delivered", "good"),
    Status.UNDELIVERED: ("not delivered", "warn"),
    Status.FAILED: ("not delivered", "warn"),
    Status.DROPPED: ("not sent", "warn"),
    Status.LOST: ("nobody knows whether it arrived", "warn"),
}
_INTENTS: Mapping[Intent, str] = {
    Intent.CONFIRM: "says yes",
    Intent.CANCEL: "wants to cancel",
    Intent.RESCHEDULE: "wants another time",
    Intent.RUNNING_LATE: "will be late",
    Intent.QUESTION: "asks something",
    Intent.REFILL: "wants a refill",
    Intent.HUMAN: "wants a person",
    Intent.THANKS: "says thank you",
    Intent.WRONG_NUMBER: "has the wrong number",
    Intent.STOP: "wants no more texts",
    Intent.START: "wants texts again",
    Intent.HELP: "asks for help",
    Intent.OTHER: "nothing certain",
}
_CODES: Mapping[int, str] = {
    21211: "this is no phone number",
    21265: "texts can’t go to this number",
    21612: "this number can’t be reached",
    21614: "this number takes no texts",
    21635: "it is a landline",
    30003: "the phone is off or out of reach",
    30004: "the phone or its carrier blocks our texts",
    30005: "the number does not exist any more",
    30006: "it is a landline, or its carrier can’t be reached",
    30007: "the carrier took it for spam",
    30008: "the carrier does not say why",
    30036: "it was too late when the phone could be reached",
}
"""Twilio's codes for those that staff can do something about; see `gateways/twilio`."""
_REMEDIES: Mapping[Remedy, str] = {
    Remedy.RETRY: "the carrier is busy",
    Remedy.RETRY_ONCE: "the carrier does not say why",
    Remedy.BAD_NUMBER: "the number can’t be texted",
    Remedy.OPTED_OUT: "the phone has opted out",
    Remedy.TELL_OPERATOR: "something on our side; the operator was told",
    Remedy.GIVE_UP: "it was lost",
}
_DROPPED: Mapping[str, str] = {
    "opted_out": "the phone has opted out",
    "too_late": "it would have come too late",
    "link_revoked": "its page was closed before",
    "visit_changed": "the visit has changed since",
    "visit_off": "the visit is off",
    "overtaken": "a newer text took its place",
    "no_readable_edition": "its flow can’t be read",
}
_ENDED: Mapping[str, str] = {
    "reissued": "a newer link took its place",
    "phone_changed": "the phone changed",
    "opted_out": "the phone opted out",
    "wrong_person": "somebody said that it is not for them",
    "staff": "the clinic took it back",
}
_LEVELS: Mapping[Level, str] = {
    Level.EMERGENCY: "sounds like an emergency",
    Level.CRISIS: "sounds like a crisis",
    Level.URGENT: "sounds urgent",
    Level.NONE: "no alarm",
}
_SURE = ((0.85, "sure"), (0.6, "fairly sure"), (0.0, "not sure"))


def way(status: str, code: int | None, reason: str | None, waits: str) -> tuple[str, str]:
    """What became of a text, and how that is. `waits`: until when, where it waits for its hours."""
    words, tone = _STATUS.get(status, (status, "plain"))
    why = ""
    if status == Status.READY and waits:
        why = f"leaves {waits}"
        return why, tone
    if status in (Status.UNDELIVERED, Status.FAILED) and code:
        why = _CODES.get(code) or _REMEDIES[remedy(code).remedy]
    elif status == Status.DROPPED and reason:
        why = _DROPPED.get(reason, "it held something that must not be texted")
    return (f"{words}: {why}" if why else words), tone


def page_way(row: Any, now: datetime, zone: str) -> tuple[str, str]:
    """Where a secure page has come to: the furthest that it got, and whether it is over."""

    def at(moment: datetime) -> str:
        return short(moment, now, zone)

    if row.submitted_at:
        return f"sent in {at(row.submitted_at)}", "good"
    if row.tries_left <= 0:
        return "locked: too many wrong tries", "warn"
    opened = f"opened {at(row.opened_at)}" if row.opened_at else "not opened"
    if row.revoked_at:
        why = _ENDED.get(row.reason or "")
        return f"{opened}, over: {why}" if why else f"{opened}, over", "plain"
    if row.expires_at is None:
        return "its text has not left yet", "plain"
    if row.expires_at <= now:
        return f"{opened}, over since {at(row.expires_at)}", "plain" if row.opened_at else "warn"
    return (opened, "good") if row.opened_at else (f"not opened yet, until {at(row.expires_at)}", "plain")


def understood(reading: Reading | None, effects: tuple[Effect, ...], body: str, *, value: bool) -> Understood:
    """What the bot made of a text. `value`: whether an answer's value may be said."""
    done = tuple(dict.fromkeys(_done(effect) for effect in effects if _tells(effect)))
    if reading is None:
        return Understood(line="Not read: nothing was to be understood", done=done)
    wants = [] if reading.intent is Intent.OTHER and reading.level is not Level.NONE else [reading.intent]
    parts = [*(_INTENTS[one] for one in wants), *(f"also {_INTENTS[more]}" for more in reading.also)]
    if reading.value is not None:
        parts.append(f"answer: {value_text(reading.value)}" if value else "an answer")
    parts.append(next(words for least, words in _SURE if reading.confidence >= least))
    parts.append(_LEVELS[reading.level] + (f" ({plain(reading.category)})" if reading.category else ""))
    return Understood(
        line=f"Read as: {' · '.join(parts)}",
        why=tuple(_why(why.rule, body[why.start : why.end]) for why in reading.why),
        done=done,
    )


def value_text(value: Value) -> str:
    """An answer as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return " / ".join(str(part) for part in value.values())
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def plain(name: str) -> str:
    """A name as code has it, in words."""
    return name.replace("_", " ")


def short(moment: datetime, now: datetime, zone: str) -> str:
    """'9:04 AM' on the same day, else with its day."""
    local, today = moment.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    clock = f"{local.hour % 12 or 12}:{local:%M %p}"
    return clock if local.date() == today else f"{local:%a} {local.day} {local:%b}, {clock}"


def visit_moment(moment: datetime, zone: str) -> str:
    """A visit's day and time, as texts have it."""
    return moment_text(moment, zone, "en")


def _why(rule: str, said: str) -> str:
    name = plain(rule).replace(":", ", ", 1).replace("/", ", ")
    return f"{name}: “{said}”" if said else name


def _tells(effect: Effect) -> bool:
    """Timers and answers that were kept are no news to whoever reads a talk."""
    return effect.kind not in ("SetTimer", "CancelTimers", "SendText", "Record")


def _done(effect: Effect) -> str:
    said = show_trace.title(effect)
    if isinstance(effect, OpenTask):
        return f"{said}: {plain(effect.task)}"
    if isinstance(effect, SetVisitStatus):
        return f"{said}: {plain(effect.status)}"
    if isinstance(effect, SendPage):
        return f"{said}: {PAGES[effect.page].lower()}"
    return said
