"""A chat with a flow: a transcript that is played while it is written. The terminal is `bot/cli/flow`.

What is typed is the patient's text, or one of `COMMANDS`, which say what else can happen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.book import Book
from bot.core.triggers import Happens
from bot.errors import BadFlow
from bot.flowbook import transcript
from bot.flowbook.notation import Entry, moment
from bot.flowbook.player import step, world_of
from bot.flowbook.rows import CLINIC, Done
from bot.flowbook.transcript import Head
from bot.flowbook.world import Reads, World
from nlp.reading import Explanation, Level, Reading

COMMANDS: Mapping[str, tuple[str, str]] = {
    "/wait": (
        "wait: {}",
        "let time pass: /wait 3 hours, /wait until 2026-12-02 09:00, /wait (the next thing)",
    ),
    "/booked": ("office: visit booked", "the conversation hears of the visit"),
    "/book": ("office: visit booked for {}", "the office books another visit: /book 2026-12-10 09:00"),
    "/move": ("office: visit moved to {}", "the office moves the visit: /move 2026-12-04 11:00"),
    "/cancel": ("office: visit cancelled", "the office cancels the visit"),
    "/status": ("office: visit {}", "what becomes of the visit: /status fulfilled, noshow, arrived"),
    "/start": ("trigger: staff start it", "a member of staff starts this flow"),
    "/trigger": ("trigger: {}", "what starts it otherwise: /trigger a missed call"),
    "/page": ("page: {}", "the secure page that was sent: /page opened, /page saved, /page submitted"),
    "/take": ("office: slot {} taken", "somebody else takes a time: /take 2026-12-08 09:00"),
    "/staff": ("staff: {}", "a text from the on-call phone: /staff ACK 1001"),
    "/act": (
        "escalation: {}",
        "what staff do with an alarm: /act 1001 resolved, /act 1001 snoozed for 1 hour",
    ),
    "/desk": ("desk: {}", 'what staff do at the console: /desk takes over, /desk writes "We call you"'),
    "/overdue": ("overdue: {}", "nobody has seen to a task in time: /overdue question"),
    "/drill": ("drill: {}", "the ladder is tried: /drill emergency"),
    "/fail": ("carrier: the last text fails with {}", "the carrier could not deliver: /fail 30003"),
}
"""Command, the transcript's input that it stands for, and what it does."""


@dataclass(slots=True)
class Chat:
    """`played` has what went on so far, as the entries of a transcript."""

    world: World
    flow: str | None
    clock: str
    given: dict[str, Any]
    played: list[Entry] = field(default_factory=list)

    def type(self, line: str) -> list[Done]:
        """One line that was typed; returns what was done. Raises BadFlow with a hint."""
        entry = self._entry(line)
        before = len(self.world.record)
        entries = step(self.world, entry)
        self.played += [entry, *entries]
        return self.world.record[before:]

    def state(self) -> list[str]:
        """What the clinic knows: visits, what is under way, and what will happen when."""
        world, phone = self.world, self.world.patient
        visits = [
            f"visit {number}: {moment(world, visit.start)}, {visit.status}, version {visit.version}"
            for number, visit in enumerate(world.visits, start=1)
        ]
        open_times = [moment(world, o.slot.start) for o in world.openings if o.open]
        return [
            *visits,
            *(f"waits at: {talk.flow}, {talk.step}" for talk in phone.state.talks),
            *(f"not acknowledged: {code}" for code in world.climbing),
            *(f"at {moment(world, due)}: {what}" for due, what in world.timers()),
            f"open times: {', '.join(open_times) or 'none'}",
            f"opted out: {'yes' if phone.opted_out else 'no'}",
        ]

    def saved(self, title: str) -> str:
        """The chat as a transcript file."""
        return transcript.printed(title, self.flow, self.clock, self.given, self.played)

    def _entry(self, line: str) -> Entry:
        if not line.startswith("/"):
            return {"patient": line}
        command, _, rest = line.strip().partition(" ")
        if command not in COMMANDS:
            raise BadFlow(f"There is no command {command}; /help lists them.")
        kind, _, form = COMMANDS[command][0].partition(": ")
        if command == "/wait" and not rest:
            rest = self._until_next()
        if ("{}" in form) != bool(rest):
            raise BadFlow(COMMANDS[command][1])
        entry: Entry = {kind: form.format(rest.strip())}
        return entry | self._triggered(rest) if kind == "trigger" else entry

    def _triggered(self, trigger: str) -> Entry:
        """What a trigger brings: this flow, its visit, and the time that opens up."""
        flow = self.world.book.flows.get(self.flow or "")
        brings: Entry = {"flow": flow.name} if flow else {}
        if flow is None or flow.about == "the visit":
            brings["visit"] = "1"
        times = [moment(self.world, o.slot.start) for o in self.world.openings if o.open]
        return brings | ({"slots": times[0]} if trigger.strip() == Happens.TIME_OPENS and times else {})

    def _until_next(self) -> str:
        due = self.world.next_due
        if due is None:
            raise BadFlow("Nothing is going to happen by itself.")
        return f"until {moment(self.world, due)}"


def begin(book: Book, flow: str | None, reader: Reads, *, now: datetime, language: str = "en") -> Chat:
    """A chat with Ana, who has a visit in four days; some times are open. `now` is aware."""
    local = now.astimezone(ZoneInfo(CLINIC.zone)).replace(second=0, microsecond=0, tzinfo=None)
    day = local.replace(hour=0, minute=0)
    visit = day + timedelta(days=4, hours=10, minutes=30)
    times = [visit + timedelta(days=days, hours=hours) for days, hours in ((1, 0), (3, 4), (5, -1), (6, 3))]
    given: dict[str, Any] = {
        "people": [{"name": "Ana", "language": language, "born": "1961-04-02"}],
        "visits": [_form(visit)],
        "slots": [_form(time) for time in times],
    }
    clock = _form(local)
    head = Head.model_validate({"title": "A chat", "flow": flow, "clock": clock, "given": given, "play": []})
    return Chat(world=world_of(head, book, reader), flow=flow, clock=clock, given=given)


def on_clock(now: datetime) -> datetime:
    """A moment without a zone is one on the clinic's clock."""
    return now if now.tzinfo else now.replace(tzinfo=ZoneInfo(CLINIC.zone))


def help_text() -> list[str]:
    """What can be typed."""
    said = {command: what for command, (_, what) in COMMANDS.items()}
    said |= {"/state": "what the clinic knows, and what will happen when", "/quit": "the end"}
    return [f"{command:<9}{what}" for command, what in said.items()]


def explained(body: str, reading: Reading, how: Explanation) -> list[str]:
    """What a text was read as, the words that say so, what was found and excused, and what else is likely."""
    parts: dict[str, object] = {
        "level": reading.level if reading.level is not Level.NONE else None,
        "category": reading.category,
        "intent": reading.intent,
        "also": ", ".join(reading.also) or None,
        "answer": reading.value,
        "correction": reading.correction,
        "wants": reading.repair,
        "language": reading.language,
    }
    known = ", ".join(f"{name} {value}" for name, value in parts.items() if value is not None)
    because = [f"because of '{body[why.start : why.end]}' ({why.rule})" for why in reading.why]
    excused = [f"denied or excused: '{body[why.start : why.end]}' ({why.rule})" for why in how.excused]
    weighed = ", ".join(dict.fromkeys(f"'{body[why.start : why.end]}'" for why in how.weighed))
    likely = f"likely: {_shares(how.levels)}; {_shares(how.intents)}"
    most = [f"weighed most: {weighed}"] if weighed else []
    return [f"understood: {known}; sure to {reading.confidence:.0%}", *because, *excused, *most, likely]


def _shares(likely: Mapping[str, float]) -> str:
    ranked = sorted(likely.items(), key=lambda one: -one[1])
    return ", ".join(f"{name} {share:.0%}" for name, share in ranked if share >= _WORTH_TELLING)


_WORTH_TELLING = 0.02


def _form(naive: datetime) -> str:
    return naive.strftime("%Y-%m-%d %H:%M")
