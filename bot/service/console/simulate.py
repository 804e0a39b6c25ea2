"""Simulate: talk to a flow in the browser, with a clock that is put forward. Nothing is sent and nothing is kept.

The browser keeps what was typed; each time everything is played again from the start, so the same lines give the same
talk. What can be typed is bounded, as is the time that may pass: it is played while somebody waits.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.book import Book
from bot.core.effects import (
    CancelTimers,
    Effect,
    FindSlots,
    OpenTask,
    OptIn,
    OptOut,
    PageStaff,
    SendPage,
    SendText,
    SetTimer,
    SetVisitStatus,
)
from bot.core.events import TextArrived
from bot.core.limits import Defer, Send
from bot.core.roles import May
from bot.errors import BadFlow, NotFound
from bot.flowbook import chat, emit
from bot.flowbook.chat import Chat
from bot.flowbook.notation import written
from bot.flowbook.player import only
from bot.flowbook.rows import Done
from bot.flowbook.world import Reads, World
from bot.runtime import Runtime
from bot.service.console import read_flows
from bot.service.desk import Desk
from nlp.reading import Expect, Explanation, OwnWords, Reading

MOST_LINES, LONGEST_LINE = 40, 320
MOST_TIME = timedelta(days=45)
"""So much time may pass in one talk."""
MOST_SHOWN = 60
"""What follows from one line: the rest is counted."""
_MOST_AHEAD = 12
_MOST_SAVED = 500
_WAIT = re.compile(r"/wait(?: (\d{1,3}) (minute|hour|day)s?)?")
_TAKEN = (
    "/wait",
    "/booked",
    "/book",
    "/move",
    "/cancel",
    "/status",
    "/start",
    "/trigger",
    "/page",
    "/take",
    "/fail",
)
_NOT_HERE = "That can't happen here and now."


@dataclass(frozen=True, slots=True, kw_only=True)
class Bubble:
    """One line of the talk. `kind`: patient, clinic, or quiet (what happens beside it); `read`: what was understood."""

    kind: str
    text: str
    at: str = ""
    read: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """What the page shows. `lines` are those that were taken; `fault` is what was wrong with the last one."""

    flow: str
    title: str
    languages: tuple[str, ...]
    language: str
    on_draft: bool
    has_draft: bool
    start: datetime
    clock: str
    bubbles: tuple[Bubble, ...]
    lines: tuple[str, ...]
    ahead: tuple[str, ...]
    fault: str | None
    saved: str


def talk(
    rt: Runtime,
    desk: Desk,
    flow: str,
    lines: Sequence[str],
    *,
    language: str = "en",
    start: datetime | None = None,
    on_draft: bool = False,
) -> Talk:
    """Play these lines from the start, on the present edition or on the draft. Raises NotFound, BadFlow."""
    desk.require(May.FLOWS)
    with rt.begin() as db:
        files = read_flows.files(rt, db)
    has_draft = files.draft is not None and not files.moved_on
    book = read_flows.book_of(rt, files.drafted if on_draft and has_draft else files.base)
    if flow not in book.flows:
        raise NotFound
    start = (start or rt.now()).astimezone(UTC).replace(second=0, microsecond=0)
    played = _begin(book, flow, _Later(rt), start, language)
    bubbles, taken, fault = _play(played, lines)
    return Talk(
        flow=flow,
        title=book.flows[flow].title,
        languages=tuple(sorted(book.wordings)),
        language=language,
        on_draft=on_draft and has_draft,
        has_draft=has_draft,
        start=start,
        clock=_when(played.world, played.world.now),
        bubbles=tuple(bubbles),
        lines=tuple(taken),
        ahead=tuple(_ahead(played.world)),
        fault=fault,
        saved=_saved(played),
    )


def warm(rt: Runtime, desk: Desk) -> None:
    """Load what reads texts: it takes a process about a second, once."""
    desk.require(May.FLOWS)
    _ = rt.reader


@dataclass(frozen=True, slots=True)
class _Later:
    """The reader, loaded by the first text."""

    rt: Runtime

    def read(
        self,
        text: str,
        *,
        expect: Expect | None,
        language: str | None,
        now: datetime,
        before: Expect | None = None,
        own: OwnWords | None = None,
    ) -> Reading:
        return self.rt.reader.read(text, expect=expect, language=language, now=now, before=before, own=own)

    def explain(self, text: str, *, own: OwnWords | None = None) -> Explanation:
        return self.rt.reader.explain(text, own=own)


def _saved(played: Chat) -> str:
    """The talk as a transcript; nothing where an alarm that nobody took has made thousands of entries of it."""
    return played.saved(f"A chat of {played.clock}") if len(played.played) <= _MOST_SAVED else ""


def _begin(book: Book, flow: str, reader: Reads, start: datetime, language: str) -> Chat:
    known = language if language in book.wordings else "en"
    return chat.begin(only(book, flow), flow, reader, now=start, language=known)


def _play(played: Chat, lines: Sequence[str]) -> tuple[list[Bubble], list[str], str | None]:
    """The talk, the lines that were taken, and why the next one was not."""
    bubbles, taken = list(_of(played, "/booked")), list[str]()
    began = played.world.now
    for line in lines:
        try:
            _bounded(played, line, len(taken), began)
            bubbles += _of(played, line)
        except BadFlow as error:
            return bubbles, taken, str(error)
        except (
            ArithmeticError,
            LookupError,
            ValueError,
        ):  # a moment that no calendar has, a visit that is not there
            return bubbles, taken, _NOT_HERE
        taken.append(line)
    return bubbles, taken, None


def _bounded(played: Chat, line: str, before: int, began: datetime) -> None:
    """Raise BadFlow for what is too much, or can't be typed here."""
    if before >= MOST_LINES:
        raise BadFlow(
            f"A talk has at most {MOST_LINES} lines here. Start over, or go on with `bot flow chat`."
        )
    if not line.strip() or len(line) > LONGEST_LINE:
        raise BadFlow(f"Type a text of at most {LONGEST_LINE} characters.")
    if not line.startswith("/"):
        return
    command = line.split()[0]
    if command not in _TAKEN:
        raise BadFlow(f"Here one can type a text, or {', '.join(_TAKEN)}.")
    if command != "/wait":
        return
    found = _WAIT.fullmatch(line.strip())
    if found is None:
        raise BadFlow("Write '/wait 3 hours', or '/wait' for the next thing that happens.")
    until = played.world.next_due or played.world.now
    if found[1]:
        until = played.world.now + timedelta(**{f"{found[2]}s": int(found[1])})
    if until - began > MOST_TIME:
        raise BadFlow(f"At most {MOST_TIME.days} days pass in one talk.")


def _of(played: Chat, line: str) -> Iterator[Bubble]:
    """One line and all that follows from it."""
    world, at = played.world, _when(played.world, played.world.now)
    before = len(world.events)
    done = played.type(line)
    if line.startswith("/"):
        yield Bubble(kind="quiet", text=_happening(line.strip()))
    else:
        yield Bubble(kind="patient", text=line, at=at, read=tuple(_understood(world, before)))
    for each in done[:MOST_SHOWN]:
        yield _bubble(world, each)
    if len(done) > MOST_SHOWN:
        yield Bubble(kind="quiet", text=f"… and {len(done) - MOST_SHOWN} more")


def _happening(line: str) -> str:
    """What was let happen, in words."""
    command, _, rest = line.partition(" ")
    return _SAID.get(command, line.lstrip("/")).replace("{}", rest or "until something happens")


_SAID = {
    "/booked": "The office books a visit.",
    "/cancel": "The office cancels the visit.",
    "/start": "A member of staff starts this flow.",
    "/wait": "Time passes: {}.",
    "/page": "On the secure page: {}.",
}


def _understood(world: World, before: int) -> Iterator[str]:
    for event in world.events[before:]:
        if isinstance(event, TextArrived) and event.reading:
            how = world.reader.explain(event.body, own=world.book.words)
            yield from chat.explained(event.body, event.reading, how)


def _bubble(world: World, done: Done) -> Bubble:
    at, effect = _when(world, done.at), done.effect
    text = effect.text if isinstance(effect, SendPage) else effect
    if isinstance(text, SendText) and isinstance(done.fate, Send) and not done.to_staff:
        return Bubble(kind="clinic", text=text.body, at=at)
    if isinstance(text, SendText) and isinstance(done.fate, Defer):
        return Bubble(kind="quiet", text=f"Waits until {_when(world, done.fate.until)}: {text.body}")
    say = _EFFECTS.get(type(effect))
    return Bubble(kind="quiet", text=say(world, effect) if say else emit.flowing(written(world, done)))


def _due(what: object) -> str:
    """What is going to happen, in words."""
    if isinstance(what, Done):
        return "a text that waits leaves"
    return getattr(what, "when", None) or _TIMERS.get(getattr(what, "kind", ""), "a timer")


_TIMERS = {
    "no_answer": "if there is no answer until then",
    "nudge": "the question is reminded of",
    "ack_due": "if nobody has taken it until then",
    "given_back": "the bot goes on by itself",
}


def _ahead(world: World) -> Iterator[str]:
    """Where it stands, and what is going to happen."""
    for visit in world.visits:
        yield f"The visit: {_when(world, visit.start)}, {visit.status}"
    for talk in world.patient.state.talks:
        yield f"Waits at {talk.step.replace('_', ' ')}" + (
            f" of {talk.flow}" if len(world.book.flows) > 1 else ""
        )
    for pending in sorted(world.pending, key=lambda one: (one.due, one.order))[:_MOST_AHEAD]:
        yield f"{_when(world, pending.due)}: {_due(pending.what)}"
    times = [_when(world, opening.slot.start) for opening in world.openings if opening.open]
    yield f"Open times: {'; '.join(times) or 'none'}"
    if world.patient.opted_out:
        yield "Ana has opted out of texts"


def _when(world: World, at: datetime) -> str:
    """'Mon 30 Nov, 9:04 AM' on the clinic's clock."""
    local = at.astimezone(ZoneInfo(world.clinic.zone))
    return f"{local:%a} {local.day} {local:%b}, {local.hour % 12 or 12}:{local:%M %p}"


_EFFECTS: Mapping[type[Effect], Any] = {
    OpenTask: lambda _, it: (
        f"A task for the {it.role.replace('_', ' ')}: {it.task.replace('_', ' ')} ({it.urgency})"
    ),
    PageStaff: lambda _, it: f"Pages the person on call ({it.urgency}, {it.reason.replace('_', ' ')})",
    SetTimer: lambda world, it: f"Planned for {_when(world, it.due)}: {_due(it.what)}",
    CancelTimers: lambda *_: "What was planned before is forgotten",
    SetVisitStatus: lambda _, it: f"The visit is {it.status}",
    FindSlots: lambda *_: "Looks for open times",
    OptOut: lambda *_: "No more texts to this phone",
    OptIn: lambda *_: "This phone may be texted again",
}
"""What is said in words; all else is shown as a transcript writes it."""
