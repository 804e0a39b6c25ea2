"""Show: what the demo's phone page shows, as plain values. Reads only; the console will have its own views."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.core.effects import Effect, SendPage, SetTimer
from bot.core.events import TextArrived, Triggered, What
from bot.core.wording import moment_text
from bot.errors import NotFound
from bot.gateways.twilio_twin.client import Seen, TwinClient
from bot.runtime import Runtime
from bot.service import demo_events
from bot.service.record import RECORD
from bot.store import appointments, clinics, conversations, inbox, people, timers, worklist
from bot.store.appointments import Listed
from bot.store.base import Db
from bot.store.clinics import Clinic
from bot.store.inbox import Worked
from nlp.reading import Value

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOST_PATIENTS = 50
MOST_EVENTS = 40
MOST_TASKS = 50

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
    "triggered": "Something that flows begin with",
    "page_used": "A secure page was used",
    "page_words": "The patient wrote on a secure page",
    "edition_moved": "Goes on with another edition",
}
_TASKS = {
    "emergency": "The text sounds like an emergency.",
    "crisis": "The text speaks of suicide or harm.",
    "urgent": "A nurse should call within the hour.",
    "reply_not_understood": "The bot did not understand the text.",
    "question": "The patient asks something.",
    "wants_a_person": "The patient wants to talk to somebody.",
    "refill": "The patient wants a refill.",
    "running_late": "The patient will be late.",
    "no_time_fits": "None of the open times suits the patient.",
    "no_open_time": "There was no open time to offer.",
    "may_want_to_cancel": "CANCEL stopped the texts; was the visit meant?",
    "wrong_number": "Somebody else has this phone.",
    "text_not_delivered": "A text did not arrive.",
    "other_language": "A text in another language than English or Spanish: nobody has read it yet.",
    "text_from_opted_out": "The phone has opted out and can't be answered.",
    "call_instead": "The phone has opted out: remind by a call.",
    "unknown_sender": "A number that is not on file.",
    "bot_could_not_read_this": "The bot failed on it, again and again.",
    "flow_too_long": "A flow walked in circles.",
    "page_asked_for": "The patient wants a new link, and this phone can't be texted: call.",
    "page_locked": "Too many wrong birth dates or PINs on a secure page: call, it may be somebody else.",
    "page_for_somebody_else": "Whoever opened the page says that it is not for them. Whose phone is it?",
    "form_to_read": "A form came in after its time: read it.",
    "urgent_words_in_a_form": "An answer on a form sounds urgent: read it soon.",
    "secure_message": "The patient wrote a secure message.",
    "message_not_read": "A secure message was not read.",
    "patient_is_here": "The patient is here.",
    "consent_refused": "The patient does not agree to a consent.",
    "page_without_a_patient": "A flow wanted a page sent, and it is not clear to whom.",
    "flow_needs_a_visit": "A flow wanted to act on a visit, and there is none.",
    "flow_changed": "The flow was changed while the patient was in it.",
    "asked_for_another_flow": "The patient wants something else before this is finished.",
    "nothing_to_start": "A flow was to start, but its condition does not hold now: is the clinic closed?",
    "text_held_back": "A text held something that must not be texted.",
    "nobody_on_call": "There was nobody to page.",
    "too_many_texts": "Many texts in a short time.",
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
    "CloseEscalation": ("Escalation taken", "good"),
}


def phone_state(rt: Runtime, patient: UUID | None) -> dict[str, Any]:
    """All of the page's data for one patient, or for the first. Raises NotFound."""
    now = rt.now()
    with rt.begin() as db:
        clinic = clinics.all_of_them(db)[0]
        everyone = people.everyone(db, clinic.id, MOST_PATIENTS)
        if not everyone:
            raise NotFound
        wanted = patient or everyone[0][0].id
        phones = {person.id: phone for person, _, phone in everyone}
        if wanted not in phones:
            raise NotFound
        visits = sorted(appointments.listed(db, clinic.id), key=lambda visit: visit.start <= now)
        conversation = conversations.find(db, clinic.id, phones[wanted])
        history = inbox.history(db, conversation, MOST_EVENTS) if conversation else []
        tasks = worklist.open_tasks(db, clinic.id, MOST_TASKS)
        waiting = Counter(conversations.phone_of(db, task.conversation) for task in tasks)
        state = {
            "clock": _clock(now, clinic),
            "clinic": {"name": clinic.name, "phone": clinic.phone},
            "patients": [
                _patient(
                    waiting,
                    clinic,
                    person.id,
                    f"{person.first_name} {last}",
                    phone,
                    person.language,
                    visits,
                    now,
                )
                for person, last, phone in everyone
            ],
            "patient": str(wanted),
            "happenings": demo_events.offered(rt.book(db, rt.current_edition(db))),
            "visits": [_visit(clinic, visit) for visit in visits if visit.patient_id == wanted],
            "tasks": [
                {
                    "id": str(task.id),
                    "kind": task.task.replace("_", " "),
                    "urgency": task.urgency,
                    "opened": task.opened.isoformat(),
                    "why": _TASKS.get(task.task, ""),
                }
                for task in tasks
                if task.conversation == conversation
            ],
            "next_reminder": _next_reminder(db, conversation) if conversation else None,
            "unacknowledged": [code for _, code in worklist.unanswered(db, clinic.id, None)],
            "trace": [_traced(clinic, worked) for worked in history],
        }
    return state | _threads(rt, clinic, phones[wanted])


def _threads(rt: Runtime, clinic: Clinic, phone: str) -> dict[str, Any]:
    """What the two phones show: the patient's, and that of whoever is on call."""
    twin = TwinClient(rt.settings.twilio_api_base)
    try:
        thread = [_bubble(seen) for seen in twin.messages(phone, clinic.phone)]
        oncall = twin.messages(clinic.oncall_phone, clinic.phone) if clinic.oncall_phone else []
        return {"thread": thread, "pages": [_bubble(seen) for seen in reversed(oncall)]}
    finally:
        twin.close()


def _bubble(seen: Seen) -> dict[str, Any]:
    return {
        "id": seen.sid,
        "from": "patient" if seen.direction == "inbound" else "clinic",
        "body": seen.body,
        "at": seen.at.isoformat(),
        "status": seen.status,
        "error_code": seen.error_code,
    }


def _clock(now: datetime, clinic: Clinic) -> dict[str, str]:
    local = now.astimezone(ZoneInfo(clinic.zone))
    label = f"{local:%A, %B} {local.day}, {local.hour % 12 or 12}:{local:%M %p}"
    return {"now": local.isoformat(), "label": label, "zone": clinic.zone}


def _patient(
    waiting: Counter[str],
    clinic: Clinic,
    patient: UUID,
    name: str,
    phone: str,
    language: str,
    visits: list[Listed],
    now: datetime,
) -> dict[str, Any]:
    ahead = [v for v in visits if v.patient_id == patient and v.start > now and v.status != "cancelled"]
    return {
        "id": str(patient),
        "name": name,
        "phone": phone,
        "language": language,
        "next_visit": moment_text(ahead[0].start, clinic.zone, "en") if ahead else None,
        "open_tasks": waiting[phone],
    }


def _visit(clinic: Clinic, visit: Listed) -> dict[str, str]:
    return {
        "id": str(visit.id),
        "when": moment_text(visit.start, clinic.zone, "en"),
        "provider": visit.service.provider,
        "location": visit.service.location,
        "kind": visit.service.kind,
        "status": visit.status,
    }


def _next_reminder(db: Db, conversation: UUID) -> dict[str, str] | None:
    due = timers.next_reminder(db, conversation)
    return {"at": due.isoformat(), "label": "reminder of a visit"} if due else None


def _traced(clinic: Clinic, worked: Worked) -> dict[str, Any]:
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
        "effects": [_effect(clinic, effect) for effect in record.effects],
    }


def _title(what: What) -> str:
    """What happened, in words; what begins flows has words of its own."""
    if isinstance(what, Triggered):
        return f"{what.trigger[0].upper()}{what.trigger[1:]}" + (f": {what.flow}" if what.flow else "")
    return _EVENTS[what.kind]


def _value(value: Value | None) -> str | None:
    """An answer as people read it; the id of a time or a visit says nothing to them."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return " / ".join(str(part) for part in value.values())
    said = None if value is None else str(value)
    return "one of those offered" if said and _UUID.fullmatch(said) else said


def _effect(clinic: Clinic, effect: Effect) -> dict[str, str]:
    title, tone = _EFFECTS[effect.kind]
    return {"kind": effect.kind, "title": title, "tone": tone, "detail": _detail(clinic, effect)}


def _detail(clinic: Clinic, effect: Effect) -> str:
    """One short line: the argument that says most."""
    if isinstance(effect, SetTimer):
        return moment_text(effect.due, clinic.zone, "en")
    if isinstance(effect, SendPage):
        return effect.text.body
    said: Mapping[str, Any] = {
        name: getattr(effect, name, None) for name in ("body", "task", "status", "code")
    }
    return next((str(value).replace("_", " ") for value in said.values() if value), "")
