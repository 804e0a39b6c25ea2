"""A small world to decide in: a book with one flow (`tests/edition`), a clinic, Ana and her visits.

With short ways to say what happens.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.core.book import Book, Wording
from bot.core.decide import Decision, decide
from bot.core.effects import Effect, OpenTask, SendText
from bot.core.events import Event, TextArrived, What
from bot.core.facts import Clinic, Facts, Person, Sender, Slot, Visit, VisitStatus
from bot.core.flow import Flow
from bot.core.moments import Calendar
from bot.core.state import State
from bot.flowbook import loader
from nlp.reading import Intent, Level, Reading, Repair, Value

BOOK = loader.load(Path(__file__).parents[2] / "edition")
POLICY = BOOK.policy
NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)  # Monday, 9:00 in New York
CLINIC = Clinic(name="Riverside Clinic", phone="+12025550100", zone="America/New_York")
ANA = Person(id=UUID(int=0xA), first_name="Ana", language="en", zone="America/New_York")
BEN = Person(id=UUID(int=0xB), first_name="Ben", language="en", zone="America/New_York")
SLOTS = tuple(
    Slot(id=UUID(int=0x100 + day), start=datetime(2026, 12, day, 15, 30, tzinfo=UTC)) for day in (8, 9, 10)
)


def visit(
    number: int = 1,
    *,
    start: datetime = datetime(2026, 12, 7, 15, 30, tzinfo=UTC),
    status: VisitStatus = VisitStatus.BOOKED,
    version: int = 1,
    person: Person = ANA,
) -> Visit:
    """A visit; number n has the id UUID(int=n)."""
    return Visit(
        id=UUID(int=number), patient_id=person.id, version=version, start=start, minutes=30, status=status
    )


def facts(
    *visits: Visit,
    people: tuple[Person, ...] = (ANA,),
    sender: Sender = Sender.PATIENT,
    opted_out: bool = False,
) -> Facts:
    """The facts about Ana's phone, unless other people share it."""
    return Facts(clinic=CLINIC, people=people, visits=visits, sender=sender, opted_out=opted_out)


def text(
    body: str = "hm",
    intent: Intent = Intent.OTHER,
    *,
    also: tuple[Intent, ...] = (),
    level: Level = Level.NONE,
    value: Value | None = None,
    correction: Value | None = None,
    repair: Repair | None = None,
    language: str = "en",
    media: int = 0,
    opt_out_type: str | None = None,
) -> TextArrived:
    """A text that was read as this."""
    reading = Reading(
        language=language,
        level=level,
        intent=intent,
        also=also,
        value=value,
        correction=correction,
        repair=repair,
        confidence=0.9,
    )
    return TextArrived(sid="SM1", body=body, media=media, reading=reading, opt_out_type=opt_out_type)


def on(
    what: What,
    state: State | None = None,
    around: Facts | None = None,
    *,
    now: datetime = NOW,
    book: Book = BOOK,
    seq: int = 1,
) -> Decision:
    """What is decided about this happening; by default Ana has one visit and nothing is open."""
    event = Event(seq=seq, what=what, facts=around or facts(visit()))
    return decide(book, state or State(), event, now)


def kinds(effects: Decision | tuple[Effect, ...]) -> list[str]:
    """The names of the effects, in their order."""
    return [effect.kind for effect in _effects(effects)]


def said(decision: Decision) -> list[str]:
    """The names of the sentences that are texted."""
    return [effect.wording for effect in decision.effects if isinstance(effect, SendText)]


def bodies(decision: Decision) -> list[str]:
    """The texts themselves."""
    return [effect.body for effect in decision.effects if isinstance(effect, SendText)]


def tasks(decision: Decision) -> list[str]:
    """The names of the tasks that are opened."""
    return [effect.task for effect in decision.effects if isinstance(effect, OpenTask)]


def book_with(flow: Flow, **sentences: str) -> Book:
    """The book with this flow alone, and further English sentences."""
    english = BOOK.wordings["en"]
    more = english.model_copy(update={"sentences": english.sentences | sentences})
    return Book(
        edition=BOOK.edition,
        house=BOOK.house,
        flows={flow.name: flow},
        policy=BOOK.policy,
        wordings=BOOK.wordings | {"en": more},
    )


def flow(name: str = "test", **given: Any) -> Flow:
    """A flow about the patient that begins with the text GO, but for what is `given`."""
    usual = {"title": "A flow of the tests", "purpose": "care", "about": "the patient"}
    starts = [{"when": "the patient texts GO"}]
    return Flow.model_validate({"flow": name, **usual, "starts": starts, **given})


def book_of(*flows: Flow, choices: Any = None, office: Any = None, **sentences: str) -> Book:
    """The book with these flows; a sentence that is not given says its own name."""
    steps = [step for each in flows for step in each.steps.values()]
    spoken = {key for step in steps for key in (step.say, step.ask, step.again) if key}
    spoken |= {nudge.say for step in steps for nudge in step.nudges}
    wordings = {}
    for language, wording in BOOK.wordings.items():
        said = {key: f"{key} in {language}" for key in spoken} | wording.sentences | sentences
        wordings[language] = Wording.model_validate(
            {**wording.model_dump(), "sentences": said, "choices": choices or {}}
        )
    return Book(
        edition="tests",
        house=BOOK.house.model_copy(
            update={"calendars": {"office": Calendar.model_validate(office)} if office else {}}
        ),
        flows={each.name: each for each in flows},
        policy=BOOK.policy,
        wordings=wordings,
    )


@dataclass(slots=True, kw_only=True)
class Story:
    """One conversation: what happens follows on what has happened before."""

    book: Book
    around: Facts = field(default_factory=lambda: facts(visit()))
    now: datetime = NOW
    state: State = field(default_factory=State)
    seq: int = 0

    def go(self, what: What | str, *, after: timedelta = timedelta(), **read: Any) -> Decision:
        """Let it happen, so long after what happened last. A string is a text that was `read` as this."""
        self.now += after
        self.seq += 1
        event = Event(
            seq=self.seq, what=text(what, **read) if isinstance(what, str) else what, facts=self.around
        )
        decision = decide(self.book, self.state, event, self.now)
        self.state = decision.state
        return decision

    @property
    def turn(self) -> int:
        """The turn of the question that is open."""
        return self.state.talks[0].turn

    @property
    def values(self) -> dict[str, object]:
        """The variables of the talk that moved last."""
        return dict(self.state.talks[0].values)

    @property
    def at(self) -> list[str]:
        """Where the talks wait, the one that moved last in front."""
        return [talk.step for talk in self.state.talks]


def _effects(effects: Decision | tuple[Effect, ...]) -> tuple[Effect, ...]:
    return effects.effects if isinstance(effects, Decision) else effects
