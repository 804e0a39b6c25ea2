"""Talk by hand: staff write to a patient by text, take the conversation over from the bot, give it back.

What they do goes into the conversation's mailbox, and the core decides (`core/by_hand`). Here stands what is refused
before: the same is looked at again when the text is about to leave.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bot.core import by_hand
from bot.core.effects import Purpose, SendText
from bot.core.events import Event, GivenBack, StaffWrote, TakenOver, WrongNumber
from bot.core.limits import Defer, Leaving, verdict
from bot.core.roles import May
from bot.core.segments import Segments, room, segments
from bot.core.turn import Turn
from bot.errors import EmptyText, HoldsPhi, PhoneOptedOut, TextTooLong
from bot.gateways.doorbell import INBOUND
from bot.runtime import Runtime
from bot.service import attend, hold_back
from bot.service.console import talk_found
from bot.service.console.talk_found import Talking
from bot.service.desk import Desk
from bot.store import phi, worklist
from bot.store.base import Db

MOST_SEGMENTS = 6
"""A longer text is better a secure message, or a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What would become of the words if they were sent now.

    found     what must not stand in a text, by a name without PHI; None where nothing was found
    segments  how many the whole text has, with the clinic's name before the words
    left      characters until it is too long; below 0 it is
    costly    characters that halve what fits into a segment
    textable  whether the phone may be texted at all
    waits     until when it waits for the hours in which texts may leave; None where it leaves at once
    """

    found: str | None
    segments: int
    left: int
    costly: tuple[str, ...]
    textable: bool
    waits: datetime | None

    @property
    def too_long(self) -> bool:
        """Whether it has more segments than a text may have."""
        return self.segments > MOST_SEGMENTS


def look(rt: Runtime, desk: Desk, conversation: UUID, body: str) -> Checked:
    """What would become of these words. Writes nothing. Raises NotFound, NotAllowed."""
    desk.require(May.REPLY)
    with rt.begin() as db:
        talking = talk_found.found(rt, db, desk, conversation)
        return _checked(rt, db, talking, by_hand.tidy(body))


def write(rt: Runtime, desk: Desk, conversation: UUID, body: str, *, once: UUID | None = None) -> None:
    """Text the patient, and have the conversation from now on. What the patient wrote to staff is answered with it.

    `once` names this text, so that who presses the button twice sends it once.

    Raises EmptyText, TextTooLong, HoldsPhi, PhoneOptedOut, NotFound, NotAllowed.
    """
    desk.require(May.REPLY)
    words = by_hand.tidy(body)
    if not words:
        raise EmptyText
    with rt.begin() as db:
        talking = talk_found.found(rt, db, desk, conversation)
        checked = _checked(rt, db, talking, words)
        _refuse(checked)
        for task, closed in worklist.close_named(db, conversation, [by_hand.ANSWERED], rt.now()):
            attend.begin_with(rt, db, task, closed)
        what = StaffWrote(by=desk.handle, role=desk.role_name, body=words, answers=talking.answers)
        talk_found.put(rt, db, desk, talking, what, "text.written", f"{checked.segments} segments", once=once)
    rt.doorbell.ring(INBOUND)


def take_over(rt: Runtime, desk: Desk, conversation: UUID) -> None:
    """Have the conversation from now on; whoever had it does not any more. Raises NotFound, NotAllowed."""
    desk.require(May.REPLY)
    with rt.begin() as db:
        talking = talk_found.found(rt, db, desk, conversation)
        what = TakenOver(by=desk.handle, role=desk.role_name)
        talk_found.put(rt, db, desk, talking, what, "conversation.taken_over")
    rt.doorbell.ring(INBOUND)


def give_back(rt: Runtime, desk: Desk, conversation: UUID) -> None:
    """The bot goes on, whoever of staff has it. Raises NotFound, NotAllowed."""
    desk.require(May.REPLY)
    with rt.begin() as db:
        talking = talk_found.found(rt, db, desk, conversation)
        what = GivenBack(by=desk.handle, answers=talking.answers)
        talk_found.put(rt, db, desk, talking, what, "conversation.given_back")
    rt.doorbell.ring(INBOUND)


def wrong_number(rt: Runtime, desk: Desk, conversation: UUID) -> None:
    """The phone is not the patient's: nothing is texted there any more. Raises NotFound, NotAllowed."""
    desk.require(May.CONTACTS)
    with rt.begin() as db:
        talking = talk_found.found(rt, db, desk, conversation)
        talk_found.put(rt, db, desk, talking, WrongNumber(by=desk.handle), "conversation.wrong_number")
    rt.doorbell.ring(INBOUND)


# -- what becomes of words ---------------------------------------------------------------------------------


def _checked(rt: Runtime, db: Db, talking: Talking, words: str) -> Checked:
    now, conversation = rt.now(), talking.standing.id
    text = _as_text(talking, words, now)
    size: Segments = segments(text.body)
    books = [talking.present] if talking.book is talking.present else [talking.present, talking.book]
    known = phi.of(db, [conversation], now)[conversation]
    leaving = Leaving(purpose=text.purpose, zone=text.zone, wish=text.hours)
    fate = verdict(leaving, talking.present.policy.send_hours, now)
    return Checked(
        found=hold_back.finding(text, known, talking.facts.clinic.name, books),
        segments=size.count,
        left=room(size, MOST_SEGMENTS),
        costly=size.culprits,
        textable=not talking.standing.opted_out,
        waits=fate.until if isinstance(fate, Defer) else None,
    )


def _as_text(talking: Talking, words: str, now: datetime) -> SendText:
    """The very text that the core would send."""
    what = StaffWrote(by="", role="", body=words, answers=talking.answers)
    event = Event(seq=0, what=what, facts=talking.facts)
    turn = Turn(book=talking.book, event=event, now=now, state=talking.standing.state)
    return by_hand.text(turn, words, Purpose.REPLY if talking.answers else Purpose.REMINDER)


def _refuse(checked: Checked) -> None:
    if not checked.textable:
        raise PhoneOptedOut
    if checked.too_long:
        raise TextTooLong(f"A text has at most {MOST_SEGMENTS} parts; this has {checked.segments}.")
    if checked.found:
        raise HoldsPhi(checked.found)
