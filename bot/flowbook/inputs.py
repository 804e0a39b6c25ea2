"""What can happen in a transcript or a chat, and how it is written.

patient: yes see you then
patient: STOP                          with `carrier answers: STOP`: the carrier has replied already
patient: ""                            with `media: 1`: a picture
staff: ACK 1001                        a text from the on-call phone
office: visit booked                   the conversation hears of visit 1; of another: visit 2 booked
office: visit booked for 2026-12-10 09:00
office: visit moved to 2026-12-04 11:00
office: visit cancelled                or any other status: arrived, fulfilled, noshow, …
office: slot 2026-12-08 09:00 taken    by somebody else; the conversation hears nothing
trigger: a missed call                 or any other start that nobody texts for, with `flow`, `visit`, `person`
                                       (numbers), `values`, and `slots` (the times that opened up)
page: submitted                        the secure page that was sent last, with `values`, and `books`, the time that was
                                       chosen; or: opened, saved (answers of a form, which goes on), locked, wrong
                                       person, asked again
words on page: I feel worse            a secure message; with `where: form` an answer of a form
edition: {keeps: [appointment:remind]} the clinic has published; of the places where talks wait, these still exist
escalation: 1001 taken                 what staff do with one otherwise than by text, with `by` (a name) and `via`
                                       (call, link, console); or: resolved (with `outcome`), reopened,
                                       handed over to joe, snoozed for 30 minutes
desk: writes "We can see you at 3"     what staff do at the console, with `by` (maria) and `role` (nurse); or: takes
                                       over, gives back, wrong number, sends result, sends form phq9 (with `person`,
                                       `visit`)
overdue: question                      nobody has seen to this task in time, with `urgency`
drill: emergency                       the ladder of this urgency is tried
carrier: the last text fails with 30003
wait: 3 hours                          or: until 2026-12-02 09:00
"""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta

from pydantic import TypeAdapter, ValidationError

from bot.core.effects import SendPage, SendText
from bot.core.events import EditionMoved, TextArrived, TextFailed, Triggered
from bot.core.facts import Visit, VisitStatus
from bot.core.limits import Send
from bot.core.shape import Duration
from bot.core.triggers import Change, FormSubmitted, Happens, Listed, TaskClosed, Trigger, When
from bot.errors import BadFlow
from bot.flowbook.inputs_alarms import drill, escalation, overdue
from bot.flowbook.inputs_desk import desk
from bot.flowbook.inputs_pages import page, words_on_page
from bot.flowbook.inputs_said import More, as_list, moment_of, values_of
from bot.flowbook.notation import Entry
from bot.flowbook.rows import Phone, person_id, visit_id
from bot.flowbook.world import World

OPTED_OUT = 21610
"""Twilio's code for a phone that has opted out at the carrier."""

_DURATION: TypeAdapter[timedelta] = TypeAdapter(Duration)
_TRIGGERS = set(Happens) - {Happens.ANY_TEXT}
_READ: TypeAdapter[Trigger] = TypeAdapter(When)


def _read_trigger(text: str) -> Trigger | None:
    try:
        return _READ.validate_python(text)
    except ValidationError:
        return None


def perform(world: World, entry: Entry) -> None:
    """Let it happen; raises BadFlow where the entry can't be understood."""
    kind, *more = entry
    unknown = set(more) - set(_MORE.get(kind, ()))
    if unknown:
        raise BadFlow(f"'{kind}' has no '{unknown.pop()}'.")
    INPUTS[kind](world, str(entry[kind] or ""), {key: entry[key] for key in more})


def _arrives(world: World, phone: Phone, body: str, more: More) -> None:
    media = str(more.get("media", "0"))
    if not media.isdigit():
        raise BadFlow("'media' is the number of pictures.")
    text = TextArrived(
        sid=f"SM{len(world.events):032d}",
        body=body,
        media=int(media),
        opt_out_type=str(more["carrier answers"]) if "carrier answers" in more else None,
    )
    world.happen(text, phone)


def _patient(world: World, text: str, more: More) -> None:
    _arrives(world, world.patient, text, more)


def _staff(world: World, text: str, more: More) -> None:
    _arrives(world, world.staff, text, more)


def _wait(world: World, text: str, _more: More) -> None:
    if text.startswith("until "):
        until = moment_of(world, text.removeprefix("until "))
    else:
        try:
            until = world.now + _DURATION.validate_python(text)
        except ValidationError:
            raise BadFlow(f"'{text}' is no wait; write '3 hours' or 'until 2026-12-02 09:00'.") from None
    if until < world.now:
        raise BadFlow("The clock does not go back.")
    world.wait(until)


def _carrier(world: World, text: str, _more: More) -> None:
    found = re.fullmatch(r"the last text fails with (\d+)", text)
    if not found:
        raise BadFlow("Write 'the last text fails with 30003'.")
    done = (d.effect for d in world.record if isinstance(d.fate, Send))
    texts = (effect.text if isinstance(effect, SendPage) else effect for effect in done)
    sent = [text for text in texts if isinstance(text, SendText)]
    if not sent:
        raise BadFlow("No text was sent yet.")
    code, last = int(found[1]), sent[-1]
    failed = TextFailed(
        code=code,
        purpose=last.purpose.name,
        opted_out=code == OPTED_OUT,
        visit_id=last.about.visit_id if last.about else None,
    )
    world.happen(failed)


# -- lists, calls, editions ----------------------------------------------------------------------


def _trigger(world: World, text: str, more: More) -> None:
    if text not in _TRIGGERS and not isinstance(_read_trigger(text), Listed | FormSubmitted | TaskClosed):
        raise BadFlow(f"'{text}' is no trigger; write one as a flow's 'when' does.")
    wanted = [moment_of(world, str(start)) for start in as_list(more.get("slots"))]
    slots = tuple(o.slot for start in wanted for o in world.openings if o.slot.start == start)
    person = str(more.get("person", ""))
    visit = more.get("visit")
    flow = more.get("flow")
    world.happen(
        Triggered(
            trigger=text,
            flow=str(flow) if flow else None,
            person_id=person_id(int(person)) if person else None,
            visit_id=visit_id(_visit(world, str(visit))) if visit else None,
            values=values_of(more.get("values")),
            slots=slots,
        )
    )


def _edition(world: World, text: str, more: More) -> None:
    if text != "moved":
        raise BadFlow("Write 'edition: moved', with the places that it keeps.")
    world.happen(EditionMoved(kept=tuple(str(place) for place in as_list(more.get("keeps")))))


# -- the office ---------------------------------------------------------------------------------------


def _office(world: World, text: str, _more: More) -> None:
    for pattern, act in _OFFICE:
        if found := re.fullmatch(pattern, text):
            act(world, *found.groups())
            return
    raise BadFlow(
        "Write 'visit booked', 'visit booked for 2026-12-10 09:00', 'visit moved to 2026-12-04 11:00', "
        "'visit cancelled' or 'slot 2026-12-08 09:00 taken'."
    )


def _visit(world: World, number: str | None) -> int:
    chosen = int(number or 1)
    if not 1 <= chosen <= len(world.visits):
        raise BadFlow(f"There is no visit {chosen}.")
    return chosen


def _booked(world: World, number: str | None) -> None:
    world.announce(_visit(world, number), Change.BOOKED)


def _booked_for(world: World, start: str) -> None:
    number = len(world.visits) + 1
    visit = Visit(
        id=visit_id(number),
        patient_id=world.patient.people[0].id,
        version=1,
        start=moment_of(world, start),
        minutes=30,
        status=VisitStatus.BOOKED,
    )
    world.add(visit)
    world.announce(number, Change.BOOKED)


def _moved(world: World, number: str | None, start: str) -> None:
    world.change(_visit(world, number), start=moment_of(world, start), status=VisitStatus.BOOKED)


def _became(world: World, number: str | None, status: str) -> None:
    world.change(_visit(world, number), status=VisitStatus(status))


def _taken(world: World, start: str) -> None:
    world.take(moment_of(world, start))


_OFFICE: tuple[tuple[str, Callable[..., None]], ...] = (
    (r"visit(?: (\d+))? booked", _booked),
    (r"visit booked for (.+)", _booked_for),
    (r"visit(?: (\d+))? moved to (.+)", _moved),
    (rf"visit(?: (\d+))? ({'|'.join(VisitStatus)})", _became),
    (r"slot (.+) taken", _taken),
)

INPUTS: Mapping[str, Callable[[World, str, More], None]] = {
    "patient": _patient,
    "staff": _staff,
    "office": _office,
    "wait": _wait,
    "carrier": _carrier,
    "trigger": _trigger,
    "page": page,
    "words on page": words_on_page,
    "edition": _edition,
    "escalation": escalation,
    "desk": desk,
    "overdue": overdue,
    "drill": drill,
}
"""Every kind of input by the word that it begins with."""

_MORE = {
    "patient": ("media", "carrier answers"),
    "staff": ("media",),
    "trigger": ("flow", "visit", "person", "values", "slots"),
    "page": ("values", "books"),
    "words on page": ("where",),
    "edition": ("keeps",),
    "escalation": ("by", "via", "outcome"),
    "desk": ("by", "role", "person", "visit"),
    "overdue": ("urgency",),
}
