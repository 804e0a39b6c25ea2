"""Send by hand: a secure page, a secure message, a flow. Each reaches the patient by a text that gives nothing away."""

from uuid import UUID

from bot.core import by_hand
from bot.core.events import StaffSentPage
from bot.core.flow import Page
from bot.core.roles import May
from bot.errors import EmptyText, NotFound, PhoneOptedOut, TextTooLong
from bot.gateways.doorbell import INBOUND
from bot.runtime import Runtime
from bot.service import begin, correspond
from bot.service.begin import Wanted
from bot.service.console import talk_found
from bot.service.desk import ORIGIN, Desk
from bot.store import people


def send_page(
    rt: Runtime,
    desk: Desk,
    conversation: UUID,
    patient: UUID,
    page: Page,
    form: str | None = None,
    visit: UUID | None = None,
    *,
    once: UUID | None = None,
) -> None:
    """Text the link of a page to one of those who share the phone; a form, and a consent, by its name.

    `once` names this one, so that who presses the button twice sends it once.

    Raises PhoneOptedOut, NotFound (for a page that can't be sent, too), NotAllowed.
    """
    desk.require(May.SEND)
    with rt.begin() as db:
        talking = talk_found.found(rt, db, desk, conversation, visits=[visit] if visit else [])
        its = talking.facts.visit(visit)
        if talking.facts.person(patient) is None or (visit and (its is None or its.patient_id != patient)):
            raise NotFound("This phone has no such patient, or they have no such visit.")
        if not by_hand.can_send(talking.book, page, form, visit=visit is not None):
            raise NotFound("There is no such page to send.")
        if talking.standing.opted_out:
            raise PhoneOptedOut
        what = StaffSentPage(
            by=desk.handle,
            page=page,
            form=form,
            person_id=patient,
            visit_id=visit,
            answers=talking.answers,
        )
        named = f"{page}: {form}" if form else str(page)
        talk_found.put(rt, db, desk, talking, what, "page.sent", named, once=once)
    rt.doorbell.ring(INBOUND)


def start_flow(rt: Runtime, desk: Desk, patient: UUID, flow: str) -> None:
    """Start a flow with the patient; one about a visit is about their next. Raises NotFound, BadFlow, NotAllowed."""
    desk.require(May.SEND)
    with rt.begin() as db:
        if patient not in people.phones(db, desk.clinic, [patient]):
            raise NotFound("There is no such patient.")
        wanted = Wanted(patient=people.card(db, desk.clinic, patient).external_id)
    begun = begin.by_staff(rt, desk.clinic, flow, wanted, by=str(desk.member), origin=ORIGIN)
    if begun.faults:
        raise NotFound(f"The patient {begun.faults[0].reason}.")


def write_secure(rt: Runtime, desk: Desk, patient: UUID, body: str) -> UUID:
    """A secure message under the member's name. Raises EmptyText, TextTooLong, NotFound, NotAllowed."""
    desk.require(May.REPLY)
    words = body.replace("\x00", "").replace("\r\n", "\n").strip()
    if not words:
        raise EmptyText
    if len(words) > correspond.LONGEST:
        raise TextTooLong(f"A message has at most {correspond.LONGEST} characters.")
    return correspond.write(rt, desk.clinic, patient, desk.name, words, by=desk)
