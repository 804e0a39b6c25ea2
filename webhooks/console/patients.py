"""The console's patients: finding one, their page with one timeline, and what can be sent to them."""

from uuid import UUID

from flask import Response, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Answer

from bot.core.flow import Page
from bot.core.roles import May
from bot.errors import BadFlow, NotAllowed, NotFound, PhoneOptedOut
from bot.service.console import find_patient, patient_contact, patient_page, talk_send
from bot.service.console.timeline import FILTERS
from bot.service.desk import Desk
from webhooks.console.door import BY_ITSELF, SAID, needs, new_section, once, page
from webhooks.console.plots import drawn
from webhooks.security import runtime

section = new_section("patients", __name__)

SAID |= {
    "page_sent": "The link is on its way.",
    "flow_started": "Started. The bot goes on from there.",
    "call_task": "A task to call is in the inbox.",
    "cannot_send": "This can’t be sent to this patient.",
    "opted_out": "This phone has opted out: nothing can be sent. Add a call task instead.",
}


@section.get("/patients")
@needs(May.PATIENTS)
def find(desk: Desk) -> str:
    """The search field, and whom one looked at lately."""
    return page(desk, "patients.html", lately=find_patient.lately(runtime(), desk), wanted=None, hits=None)


@section.post("/patients")
@needs(May.PATIENTS)
def found(desk: Desk) -> str | Answer:
    """Who fits; straight to the page where it is one."""
    rt, wanted = runtime(), request.form.get("wanted", "")
    hits = find_patient.find(rt, desk, wanted)
    if len(hits.found) == 1:
        return redirect(url_for("patients.shown", patient=hits.found[0].id), 303)
    return page(desk, "patients.html", hits=hits, wanted=wanted, lately=())


@section.get("/patients/<uuid:patient>")
@needs(May.PATIENTS)
def shown(desk: Desk, patient: UUID) -> str:
    """Everything of a patient."""
    its = patient_page.show(
        runtime(),
        desk,
        patient,
        audited=BY_ITSELF not in request.headers,
        show=request.args.get("show", "everything"),
        before=request.args.get("before", ""),
    )
    plots = [(scores, drawn(scores)) for scores in its.scores]
    return page(
        desk, "patient.html", its=its, filters=FILTERS, plots=plots, first="before" not in request.args
    )


@section.get("/patients/<uuid:patient>/photos/<uuid:photo>")
@needs(May.PATIENTS)
def photo(desk: Desk, patient: UUID, photo: UUID) -> Answer:
    """A photo that the patient sent; who doesn't see health information comes back to the page."""
    try:
        content = patient_page.photo(runtime(), desk, patient, photo)
    except NotAllowed:
        return _to(patient)
    return Response(content, mimetype="image/jpeg")


@section.post("/patients/<uuid:patient>/send")
@needs(May.SEND)
def send(desk: Desk, patient: UUID) -> Answer:
    """The link of a secure page: 'result', or with its name 'form:phq9'."""
    rt = runtime()
    what, _, named = request.form.get("what", "").partition(":")
    talk = patient_page.conversation(rt, desk, patient)
    if what not in set(Page):
        return _to(patient, "cannot_send")
    try:
        talk_send.send_page(rt, desk, talk, patient, Page(what), named or None, once=once())
    except PhoneOptedOut:
        return _to(patient, "opted_out")
    except NotFound:
        return _to(patient, "cannot_send")
    return _to(patient, "page_sent")


@section.post("/patients/<uuid:patient>/flow")
@needs(May.SEND)
def flow(desk: Desk, patient: UUID) -> Answer:
    """Start a flow with the patient."""
    rt = runtime()
    patient_page.conversation(rt, desk, patient)
    try:
        talk_send.start_flow(rt, desk, patient, request.form.get("flow", ""))
    except (BadFlow, NotFound):
        return _to(patient, "cannot_send")
    return _to(patient, "flow_started")


@section.post("/patients/<uuid:patient>/call")
@needs(May.INBOX)
def call(desk: Desk, patient: UUID) -> Answer:
    """A task to call the patient."""
    patient_contact.call_task(runtime(), desk, patient, request.form.get("note", ""))
    return _to(patient, "call_task")


def _to(patient: UUID, said: str | None = None) -> Answer:
    """Back to the patient's page."""
    return redirect(url_for("patients.shown", patient=patient, said=said), 303)
