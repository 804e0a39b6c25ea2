"""Show: what the demo's phone page shows, as plain values. Reads only; the console will have its own views.

What the service did stands in `show_trace`, the phones of staff in `show_staff`.
"""

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.core.wording import moment_text
from bot.errors import NotFound
from bot.gateways.twilio_twin.client import TwinClient
from bot.runtime import Runtime
from bot.service import demo_events, show_staff, show_trace
from bot.service.show_staff import People, bubble
from bot.store import appointments, clinics, conversations, escalations, inbox, people, timers, worklist
from bot.store.appointments import Listed
from bot.store.base import Db
from bot.store.clinics import Clinic

MOST_PATIENTS = 50
MOST_EVENTS = 40
MOST_TASKS = 50

_TASKS = {
    "emergency": "The text sounds like an emergency.",
    "crisis": "The text speaks of suicide or harm.",
    "urgent": "A nurse should call within the hour.",
    "reply_not_understood": "The bot did not understand the text.",
    "patient_answered": "The patient has written to the person who has the conversation.",
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
        staff = show_staff.people(rt, db, clinic, now)
        unanswered = [code for _, code in escalations.unanswered(db, clinic.id, None)]
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
            "unacknowledged": unanswered,
            "escalations": show_staff.climbing(db, staff),
            "on_call": show_staff.on_duty(staff),
            "trace": [show_trace.traced(staff, worked) for worked in history],
        }
    return state | _threads(rt, staff, phones[wanted], unanswered)


def _threads(rt: Runtime, staff: People, phone: str, unanswered: list[str]) -> dict[str, Any]:
    """What the phones show: the patient's, and those of staff. `pages`: the texts of the on-call phone."""
    clinic = staff.clinic
    twin = TwinClient(rt.settings.twilio_api_base)
    try:
        oncall = twin.messages(clinic.oncall_phone, clinic.phone) if clinic.oncall_phone else []
        return {
            "thread": [bubble(seen, "patient") for seen in twin.messages(phone, clinic.phone)],
            "pages": [bubble(seen, "patient") for seen in reversed(oncall)],
            "staff": show_staff.phones(staff, twin, unanswered),
        }
    finally:
        twin.close()


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
