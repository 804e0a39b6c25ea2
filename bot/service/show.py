"""Show: what the demo's phone page shows, as plain values. Reads only; the console has its own views.

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
from bot.service import demo_events, show_staff, show_trace, words_of_tasks
from bot.service.show_staff import People, bubble
from bot.store import appointments, clinics, conversations, escalations, inbox, people, timers, worklist
from bot.store.appointments import Listed
from bot.store.base import Db
from bot.store.clinics import Clinic

MOST_PATIENTS = 50
MOST_EVENTS = 40
MOST_TASKS = 50


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
                    "why": words_of_tasks.WHY.get(task.task, ""),
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
