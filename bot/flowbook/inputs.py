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
carrier: the last text fails with 30003
wait: 3 hours                          or: until 2026-12-02 09:00
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter, ValidationError

from bot.core.effects import SendText
from bot.core.events import TextArrived, TextFailed
from bot.core.facts import Visit, VisitStatus
from bot.core.flow import Duration
from bot.core.limits import Send, at_clock
from bot.errors import BadFlow
from bot.flowbook.notation import Entry
from bot.flowbook.rows import Phone, visit_id
from bot.flowbook.world import World

OPTED_OUT = 21610
"""Twilio's code for a phone that has opted out at the carrier."""

_DURATION: TypeAdapter[timedelta] = TypeAdapter(Duration)


def perform(world: World, entry: Entry) -> None:
    """Let it happen; raises BadFlow where the entry can't be understood."""
    kind, *more = entry
    unknown = set(more) - set(_MORE.get(kind, ()))
    if unknown:
        raise BadFlow(f"'{kind}' has no '{unknown.pop()}'.")
    INPUTS[kind](world, str(entry[kind] or ""), {key: str(entry[key]) for key in more})


def moment_of(world: World, text: str) -> datetime:
    """'2026-12-03 10:30' on the clinic's clock; raises BadFlow."""
    try:
        naive = datetime.fromisoformat(text.strip())
    except ValueError:
        naive = None
    if naive is None or naive.tzinfo:
        raise BadFlow(f"'{text}' is no moment; write one as '2026-12-03 10:30'.")
    return at_clock(naive, world.clinic.zone, datetime.now(UTC))


def _arrives(world: World, phone: Phone, body: str, more: Mapping[str, str]) -> None:
    media = more.get("media", "0")
    if not media.isdigit():
        raise BadFlow("'media' is the number of pictures.")
    text = TextArrived(
        sid=f"SM{len(world.events):032d}",
        body=body,
        media=int(media),
        opt_out_type=more.get("carrier answers"),
    )
    world.happen(text, phone)


def _patient(world: World, text: str, more: Mapping[str, str]) -> None:
    _arrives(world, world.patient, text, more)


def _staff(world: World, text: str, more: Mapping[str, str]) -> None:
    _arrives(world, world.staff, text, more)


def _wait(world: World, text: str, _more: Mapping[str, str]) -> None:
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


def _carrier(world: World, text: str, _more: Mapping[str, str]) -> None:
    found = re.fullmatch(r"the last text fails with (\d+)", text)
    if not found:
        raise BadFlow("Write 'the last text fails with 30003'.")
    sent = [d.effect for d in world.record if isinstance(d.fate, Send) and isinstance(d.effect, SendText)]
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


# -- the office ---------------------------------------------------------------------------------------


def _office(world: World, text: str, _more: Mapping[str, str]) -> None:
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
    world.announce(_visit(world, number))


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
    world.announce(number)


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

INPUTS: Mapping[str, Callable[[World, str, Mapping[str, str]], None]] = {
    "patient": _patient,
    "staff": _staff,
    "office": _office,
    "wait": _wait,
    "carrier": _carrier,
}
"""Every kind of input by the word that it begins with."""

_MORE = {"patient": ("media", "carrier answers"), "staff": ("media",)}
