"""A shell in small for escalations: it works a conversation's mailbox, keeps its timers, and lets the time pass.

The rules are those of the shipped edition: its ladders, its wording, its office hours.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from bot.core.book import Book
from bot.core.decide import decide
from bot.core.effects import CancelTimers, Effect, NoteEscalation, PageStaff, SetTimer, TellStaff
from bot.core.events import AckDue, Acknowledged, Event, Handled, What
from bot.core.facts import Clinic, Facts, Person
from bot.core.oncall import whom
from bot.core.state import STATE, Alarm, State
from bot.flowbook import loader
from nlp.reading import Level
from tests.bot.core.world import text

BOOK = loader.load(Path(__file__).parents[3] / "flows")
POLICY = BOOK.policy
ZONE = "America/New_York"
CLINIC = Clinic(name="Riverside Clinic", phone="+12025550100", zone=ZONE)
ANA = Person(id=UUID(int=0xA), first_name="Anastasia", language="en", zone=ZONE)
MONDAY = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)  # 10:00 in New York: the office is open
NIGHT = datetime(2026, 12, 5, 3, 0, tzinfo=UTC)  # Friday, 22:00
REPLY = UUID(int=0xF)
"""The conversation with the phone of a member of staff."""

MINUTE = timedelta(minutes=1)


@dataclass(slots=True, kw_only=True)
class Desk:
    """A conversation with Ana and what the shell keeps for it. `timers` by key, as the same key replaces."""

    book: Book = field(default_factory=lambda: BOOK)
    now: datetime = MONDAY
    state: State = field(default_factory=State)
    opted_out: bool = False
    seq: int = 0
    timers: dict[str, tuple[datetime, What]] = field(default_factory=dict)
    rung: list[AckDue] = field(default_factory=list)
    pages: list[PageStaff] = field(default_factory=list)

    def happen(self, what: What) -> tuple[Effect, ...]:
        """Decide on it and do what follows; the state goes through its stored form."""
        self.seq += 1
        facts = Facts(clinic=CLINIC, people=(ANA,), opted_out=self.opted_out)
        decision = decide(self.book, self.state, Event(seq=self.seq, what=what, facts=facts), self.now)
        self.state = STATE.validate_json(STATE.dump_json(decision.state))
        assert self.state == decision.state
        for effect in decision.effects:
            if isinstance(effect, SetTimer):
                self.timers[effect.key] = (effect.due, effect.what)
            elif isinstance(effect, CancelTimers):
                self.timers = {k: v for k, v in self.timers.items() if not k.startswith(effect.prefix)}
            elif isinstance(effect, PageStaff):
                self.pages.append(effect)
        return decision.effects

    def wait(self, span: timedelta) -> list[PageStaff]:
        """Let the time pass, and what falls due happen; returns the pages of that time."""
        until, before = self.now + span, len(self.pages)
        for due, what in self._due(until):
            self.now = max(self.now, due)
            self.happen(what)
        self.now = until
        return self.pages[before:]

    def _due(self, until: datetime) -> Iterator[tuple[datetime, What]]:
        while waiting := [(due, key) for key, (due, _) in self.timers.items() if due <= until]:
            due, what = self.timers.pop(min(waiting)[1])
            if isinstance(what, AckDue):
                self.rung.append(what)
            yield due, what

    # -- ways to say it ------------------------------------------------------------------------------

    def texts(self, level: Level, body: str = "help") -> list[str]:
        """Ana texts words of this level; returns what is said to her."""
        return said(self.happen(text(body, level=level)))

    def takes(self, code: str, by: str = "maria", *, by_text: bool = True) -> list[str]:
        """Somebody takes it; returns what is said, to staff and to Ana."""
        return said(self.happen(Acknowledged(code=code, by=by, reply_to=REPLY if by_text else None)))

    def does(self, code: str, how: str, **more: object) -> tuple[Effect, ...]:
        """Somebody handles it."""
        if isinstance(more.get("to"), str):
            more["to"] = whom(str(more["to"]))
        return self.happen(Handled(code=code, how=how, **{"by": "maria", **more}))  # type: ignore[arg-type]

    def alarm(self, code: str | None = None) -> Alarm:
        """The open escalation with this code, or the only one."""
        (found,) = (a for a in self.state.alarms if code in (None, a.code))
        return found

    @property
    def rings(self) -> datetime:
        """When the only timer of an escalation rings."""
        (ring,) = (due for due, what in self.timers.values() if isinstance(what, AckDue))
        return ring


def said(effects: tuple[Effect, ...]) -> list[str]:
    """The sentences to the patient and to staff, by their names."""
    told = [effect.wording for effect in effects if isinstance(effect, TellStaff)]
    return [*sentences_of(effects), *told]


def sentences_of(effects: tuple[Effect, ...]) -> list[str]:
    """The sentences to the patient."""
    return [e.wording for e in effects if e.kind == "SendText"]


def became(effects: tuple[Effect, ...]) -> list[str]:
    """What is noted of escalations."""
    return [effect.became for effect in effects if isinstance(effect, NoteEscalation)]


def told(pages: list[PageStaff]) -> list[str]:
    """Whom each page tells."""
    return [str(page.whom) for page in pages]


def without(book: Book, **changes: object) -> Book:
    """The book with these parts changed, made anew."""
    return Book(**{name: getattr(book, name) for name in Book.model_fields} | changes)
