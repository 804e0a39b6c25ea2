"""Show the trace: what the service understood and did, event by event, in words. Reads only.

Names of staff are told: it is the demo's page that shows it.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.core.effects import Effect, NoteEscalation, PageStaff, SendPage, SetTimer
from bot.core.events import AckDue, Handled, TextArrived, Triggered, What
from bot.core.oncall import Channel
from bot.core.wording import moment_text
from bot.service.record import RECORD
from bot.service.show_staff import People
from bot.store.inbox import Worked
from nlp.reading import Value

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_EVENTS = {
    "text": "Text from the patient",
    "reminder": "Time for a reminder",
    "no_answer": "No answer in time",
    "nudge": "Time to remind of a question",
    "ack_due": "Nobody has acknowledged yet",
    "visit": "The office changed a visit",
    "slots": "Open times looked up",
    "slot_answer": "Booking came back",
    "text_failed": "A text did not arrive",
    "acknowledged": "Staff acknowledged",
    "not_acknowledged": "Staff answered, and it is not clear which page",
    "handled": "Staff went on with an escalation",
    "unanswered": "A task has waited too long",
    "drilled": "A drill",
    "triggered": "Something that flows begin with",
    "page_used": "A secure page was used",
    "page_words": "The patient wrote on a secure page",
    "staff_wrote": "Staff wrote",
    "taken_over": "Staff took the conversation over",
    "given_back": "The bot goes on",
    "staff_page": "Staff sent a secure page",
    "wrong_number": "Staff say that the number is wrong",
    "edition_moved": "Goes on with another edition",
}
_HANDLED = {
    "resolved": "Staff ended it",
    "handed over": "Staff handed it over",
    "snoozed": "Staff want to be asked again later",
    "reopened": "Staff opened it again",
}
_EFFECTS: dict[str, tuple[str, str]] = {
    "SendText": ("Text queued", "plain"),
    "SendPage": ("Secure page sent", "good"),
    "Record": ("Answer kept", "good"),
    "SetPreference": ("Wish kept", "good"),
    "JoinWaitlist": ("On the waitlist", "good"),
    "PassOn": ("Time passed on", "plain"),
    "SetTimer": ("Timer set", "plain"),
    "CancelTimers": ("Timers cancelled", "plain"),
    "SetVisitStatus": ("Visit updated", "good"),
    "FindSlots": ("Looks for open times", "plain"),
    "BookSlot": ("Books the time", "good"),
    "OpenTask": ("Task for staff", "warn"),
    "OptOut": ("Texts stopped", "warn"),
    "OptIn": ("Texts on again", "good"),
    "PageStaff": ("On-call paged", "alarm"),
    "Acknowledge": ("Page acknowledged", "good"),
    "NoteEscalation": ("Escalation moved on", "good"),
    "TellStaff": ("Text to staff", "plain"),
}
_BECAME = {
    "taken": ("Escalation taken", "good"),
    "resolved": ("Escalation ended", "good"),
    "reopened": ("Escalation open again", "alarm"),
    "snoozed": ("Asked again later", "plain"),
    "handed over": ("Escalation handed over", "warn"),
}
_BY = {
    Channel.CALL: "call",
    Channel.TEXT: "text",
    Channel.EMAIL: "e-mail",
    Channel.PUSH: "push alert",
    Channel.CONSOLE: "on-call page",
}
_VIA = {
    "text": ", by text",
    "call": ", by phone",
    "link": ", on the on-call page",
    "console": ", in the console",
    "command": ", by command",
}


def traced(staff: People, worked: Worked) -> dict[str, Any]:
    """One happening: what it was, what was understood, where the conversation went, and what was done."""
    record = RECORD.validate_json(worked.record)
    reading = record.reading
    body = worked.what.body if isinstance(worked.what, TextArrived) else None
    return {
        "id": str(worked.id),
        "at": record.at.isoformat(),
        "event": {"kind": worked.what.kind, "title": _title(worked.what), "text": body},
        "understood": reading
        and {
            "intent": reading.intent,
            "level": reading.level,
            "category": reading.category,
            "value": _value(reading.value),
            "language": reading.language,
            "confidence": reading.confidence,
        },
        "before": record.before,
        "after": record.after,
        "effects": [_effect(staff, effect, record.at) for effect in record.effects],
    }


def _title(what: What) -> str:
    """What happened, in words; what begins flows has words of its own."""
    if isinstance(what, Triggered):
        return f"{what.trigger[0].upper()}{what.trigger[1:]}" + (f": {what.flow}" if what.flow else "")
    if isinstance(what, AckDue) and what.failed:
        return "Nobody could be reached"
    if isinstance(what, Handled):
        return _HANDLED[what.how]
    return _EVENTS[what.kind]


def _value(value: Value | None) -> str | None:
    """An answer as people read it; the id of a time or a visit says nothing to them."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return " / ".join(str(part) for part in value.values())
    said = None if value is None else str(value)
    return "one of those offered" if said and _UUID.fullmatch(said) else said


def title(effect: Effect) -> str:
    """What was done, in words."""
    return (
        _BECAME[effect.became] if isinstance(effect, NoteEscalation) else _EFFECTS[type(effect).__name__]
    )[0]


def _effect(staff: People, effect: Effect, at: datetime) -> dict[str, str]:
    title, tone = _EFFECTS[type(effect).__name__]
    if isinstance(effect, NoteEscalation):
        title, tone = _BECAME[effect.became]
    return {"kind": effect.kind, "title": title, "tone": tone, "detail": _detail(staff, effect, at)}


def _detail(staff: People, effect: Effect, at: datetime) -> str:
    """One short line: the argument that says most."""
    if isinstance(effect, SetTimer):
        return moment_text(effect.due, staff.clinic.zone, "en")
    if isinstance(effect, SendPage):
        return effect.text.body
    if isinstance(effect, PageStaff):
        return _paged(staff, effect, at)
    if isinstance(effect, NoteEscalation):
        return _noted(staff, effect)
    said: Mapping[str, Any] = {
        name: getattr(effect, name, None) for name in ("body", "task", "status", "code")
    }
    return next((str(value).replace("_", " ") for value in said.values() if value), "")


def _paged(staff: People, effect: PageStaff, at: datetime) -> str:
    """'Maria Santos (nurse on call), by call and text'; of whole rosters not every name."""
    meant = str(effect.whom).replace("_", " ")
    names = staff.meant(effect.whom, at)
    one = len(names) == 1 and effect.whom.kind == "on call"
    who = f"{names[0]} ({meant})" if one else names[0] if effect.whom.kind == "person" else meant
    by = [words for channel, words in _BY.items() if channel in effect.by]
    ways = " and ".join(filter(None, (", ".join(by[:-1]), by[-1])))
    return f"{who[0].upper()}{who[1:]}, by {ways}"


def _noted(staff: People, effect: NoteEscalation) -> str:
    """Who, by what, and what came of it."""
    who = f"{staff.name(effect.by)}{_VIA.get(effect.via, '')}"
    more = effect.outcome
    if effect.to:
        more = f"to {staff.meant(effect.to, staff.now)[0]}"
    if effect.until:
        more = f"until {moment_text(effect.until, staff.clinic.zone, 'en')}"
    return f"{who[0].upper()}{who[1:]}" + (f": {more}" if more else "")
