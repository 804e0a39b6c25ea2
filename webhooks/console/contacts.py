"""The console's contact data of a patient: the form for it, and guardians."""

from uuid import UUID
from zoneinfo import available_timezones

from flask import request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Answer

from bot.core.roles import May
from bot.service.console import patient_contact
from bot.service.console.patient_contact import BadContact, Contact
from bot.service.desk import Desk
from webhooks.console.door import SAID, needs, new_section, page
from webhooks.security import runtime

section = new_section("contacts", __name__)

SAID |= {
    "contact_changed": "Kept. The clinic’s own system is not told.",
    "contact_same": "Nothing was changed.",
    "guardian_added": "Added.",
    "guardian_removed": "Taken away.",
}
LANGUAGES = (("en", "English"), ("es", "Spanish"))
ZONES = tuple(sorted(zone for zone in available_timezones() if zone.startswith(("America/", "Pacific/"))))


@section.get("/patients/<uuid:patient>/contact")
@needs(May.CONTACTS)
def form(desk: Desk, patient: UUID) -> str:
    """The form as it stands."""
    return _form(desk, patient_contact.form(runtime(), desk, patient))


@section.post("/patients/<uuid:patient>/contact")
@needs(May.CONTACTS)
def change(desk: Desk, patient: UUID) -> Answer | tuple[str, int]:
    """What is new is kept."""
    rt, given = runtime(), {name: request.form.get(name, "") for name in patient_contact.FIELDS}
    try:
        changed = patient_contact.change(rt, desk, patient, given)
    except BadContact as bad:
        now = patient_contact.form(rt, desk, patient)
        return _form(desk, now, given=given, faults=bad.faults), 422
    said = "contact_changed" if changed else "contact_same"
    return redirect(url_for("patients.shown", patient=patient, said=said), 303)


@section.post("/patients/<uuid:patient>/guardians")
@needs(May.CONTACTS)
def add_guardian(desk: Desk, patient: UUID) -> Answer | tuple[str, int]:
    """Somebody who speaks for the patient."""
    rt, given = runtime(), {name: request.form.get(name, "") for name in ("name", "relation", "phone")}
    try:
        patient_contact.add_guardian(rt, desk, patient, given)
    except BadContact as bad:
        now = patient_contact.form(rt, desk, patient)
        return _form(desk, now, guardian=given, wrong=bad.faults), 422
    return redirect(url_for("contacts.form", patient=patient, said="guardian_added"), 303)


@section.post("/patients/<uuid:patient>/guardians/<uuid:guardian>/remove")
@needs(May.CONTACTS)
def remove_guardian(desk: Desk, patient: UUID, guardian: UUID) -> Answer:
    """They speak for the patient no more."""
    patient_contact.remove_guardian(runtime(), desk, patient, guardian)
    return redirect(url_for("contacts.form", patient=patient, said="guardian_removed"), 303)


def _form(desk: Desk, contact: Contact, **values: object) -> str:
    defaults: dict[str, object] = {"given": contact.values, "faults": {}, "guardian": {}, "wrong": {}}
    return page(
        desk,
        "contact.html",
        contact=contact,
        languages=LANGUAGES,
        zones=sorted({*ZONES, contact.values["timezone"]}),
        **(defaults | values),
    )
