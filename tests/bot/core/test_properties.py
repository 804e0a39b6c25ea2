"""Whatever a clinic writes and whatever happens: decisions are made, say no PHI, and can be made again.

Flows are put together at random, and so is what happens to them. A flow need not make sense here: what the
linter would refuse must not bring the engine down either.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.book import Book
from bot.core.decide import decide
from bot.core.effects import EFFECTS, OpenTask, PageStaff, Record, SendPage, SendText, SetTimer
from bot.core.events import (
    WHAT,
    AckDue,
    Acknowledged,
    Drilled,
    EditionMoved,
    Event,
    GivenBack,
    Handled,
    NoAnswer,
    NotAcknowledged,
    NudgeDue,
    PageUsed,
    ReminderDue,
    SlotAnswer,
    SlotsFound,
    StaffSentPage,
    StaffWrote,
    TakenOver,
    TextArrived,
    TextFailed,
    Triggered,
    Unanswered,
    VisitChanged,
    What,
    WrongNumber,
)
from bot.core.facts import Facts, Sender, VisitStatus
from bot.core.flow import END, Do, Flow, Page
from bot.core.oncall import whom
from bot.core.state import STATE, State
from bot.core.triggers import Change
from bot.core.turn import HOLD
from nlp.reading import Intent, Level, Reading, Repair, Window
from tests.bot.core.world import ANA, BEN, BOOK, CLINIC, SLOTS, visit

NAMES = [f"s{number}" for number in range(6)]
SECRET = "xanthoma of the left knee"
WORDS = {
    "plain": "Hello {{first_name}}.",
    "asks": "Which? {{choices}}",
    "leaks": "You said {{v0}} and {{v1}}, {{sub.v0}}.",
    "page": "Look here: {{link}} Thanks.",
}
CHOICES = {"often": {"0": ("Never",), "1": ("Often",)}, "kind": {"red": ("Red",), "blue": ("Blue",)}}
EXPECTS = [
    "yes or no",
    "one of often",
    "one of kind",
    "a number from 0 to 10",
    "a number in lb from 50 to 700",
    "a blood pressure",
    "a date in the past",
    "a wish for a time",
    "text",
    "a photo",
    "anything",
]
EXPRESSIONS = [
    "v0 > 3",
    "answered(v1)",
    "not clinic.open",
    "patient.age >= 18 and v0 is v1",
    "score + 1",
    '"x"',
]
TRIGGERS = [
    "3 days before the visit",
    "1 day after the visit at 10:00",
    "the patient says confirm",
    "the patient says refill",
    "the patient texts GO",
    "any text when nothing is open",
    "a missed call",
    "staff start it",
    "the visit is moved",
    "the list recall names the patient",
]
targets = st.sampled_from([*NAMES, END])
said = st.sampled_from(list(WORDS))
expressions = st.sampled_from(EXPRESSIONS)


def asking() -> st.SearchStrategy[dict[str, Any]]:
    keys = st.sampled_from(["yes", "no", "red", "1", "a time", "confirm", "human"])
    return st.fixed_dictionaries(
        {"ask": said, "wait": st.sampled_from(["1 hour", "until the visit", "until tomorrow at 09:00"])},
        optional={
            "expect": st.sampled_from(EXPECTS),
            "save": st.sampled_from(["v0", "v1"]),
            "answers": st.dictionaries(keys, targets, max_size=3),
            "then": targets,
            "again": said,
            "tries": st.integers(0, 3),
            "give_up": targets,
            "otherwise": targets,
            "if_skipped": targets,
            "no_answer": targets,
            "nudges": st.just([{"after": "10 minutes", "say": "plain"}]),
        },
    )


def acting() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {},
        optional={
            "say": said,
            "set": st.dictionaries(
                st.sampled_from(["v0", "v1", "patient.language", "patient.survey"]), expressions, max_size=2
            ),
            "hand_over": st.just({"task": "look", "urgency": "urgent", "role": "nurse"}),
            "escalate": st.just({"reason": "worry", "urgency": "emergency"}),
            "do": st.sampled_from([str(do) for do in Do]),
            "outcomes": st.dictionaries(st.sampled_from(["found", "none", "booked", "gone"]), targets),
            "then": targets,
        },
    )


def going() -> st.SearchStrategy[dict[str, Any]]:
    cases = st.lists(st.builds(lambda e, t: {"if": e, "then": t}, expressions, targets), max_size=2)
    return st.one_of(
        st.builds(lambda some, last: {"branch": [*some, {"else": last}]}, cases, targets),
        st.builds(lambda then: {"pause": "1 day", "then": then}, targets),
        st.builds(lambda then: {"call": "sub", "with": {"v0": "v0"}, "then": then}, targets),
        st.just({"start": "sub"}),
        st.just({"call": "main"}),
        st.just({"result": "fine"}),
        st.builds(
            lambda out: {"send_page": "form", "form": "f", "say": "page", "wait": "1 day", "outcomes": out},
            st.dictionaries(st.sampled_from(["opened", "submitted"]), targets),
        ),
        st.just({"send_page": "result", "say": "page"}),
    )


@st.composite
def books(draw: st.DrawFn) -> Book:
    """A book of two flows that lead anywhere."""
    flows = {}
    for name in ("main", "sub"):
        steps = {step: draw(st.one_of(asking(), acting(), going())) for step in NAMES}
        made = Flow.model_validate(
            {
                "flow": name,
                "title": name,
                "purpose": draw(st.sampled_from(["reminder", "care", "survey", "bulk"])),
                "about": draw(st.sampled_from(["the visit", "the patient"])),
                "variables": {"v0": "phi", "v1": "phi", "score": "phi"},
                "another_flow": draw(st.sampled_from(["finish", "switch", "both"])),
                "fallback": draw(st.sampled_from([None, "s0"])),
                "starts": [{"when": when} for when in draw(st.lists(st.sampled_from(TRIGGERS), unique=True))],
                "steps": steps,
            }
        )
        flows[name] = made
    english = BOOK.wordings["en"]
    worded = english.model_copy(update={"sentences": english.sentences | WORDS, "choices": CHOICES})
    return Book(
        edition="random",
        house=BOOK.house,
        flows=flows,
        policy=BOOK.policy,
        wordings={"en": worded},
    )


values = st.one_of(
    st.booleans(),
    st.integers(-5, 20),
    st.floats(0, 900, allow_nan=False),
    st.sampled_from(
        ["red", "0", "1", SECRET, *(str(slot.id) for slot in SLOTS), str(visit().id), str(ANA.id)]
    ),
    st.builds(
        lambda high, low: {"systolic": high, "diastolic": low}, st.integers(50, 250), st.integers(30, 150)
    ),
    st.dates(),
    st.builds(Window, date_from=st.dates()),
)
readings = st.builds(
    Reading,
    language=st.just("en"),
    level=st.sampled_from([Level.NONE] * 6 + list(Level)),
    intent=st.sampled_from(list(Intent)),
    also=st.lists(st.sampled_from(list(Intent)), max_size=1).map(tuple),
    value=st.none() | values,
    correction=st.none() | st.none() | values,
    repair=st.none() | st.none() | st.sampled_from(list(Repair)),
    confidence=st.floats(0, 1),
)
texts = st.builds(
    TextArrived,
    sid=st.just("SM"),
    body=st.sampled_from([SECRET, "go", "1", "stop", "hm", ""]),
    media=st.integers(0, 1),
    reading=readings,
)
turns = st.integers(0, 12)
happenings: st.SearchStrategy[What] = st.one_of(
    texts,
    texts,
    texts,
    st.builds(NoAnswer, turn=turns),
    st.builds(NudgeDue, turn=turns, number=st.integers(0, 2)),
    st.builds(SlotsFound, visit_id=st.just(visit().id), turn=turns, slots=st.sampled_from([(), SLOTS])),
    st.builds(SlotAnswer, visit_id=st.just(visit().id), turn=turns, booked=st.booleans()),
    st.builds(
        PageUsed, turn=turns, outcome=st.sampled_from(["opened", "submitted"]), values=st.just({"v0": SECRET})
    ),
    st.builds(
        Triggered,
        trigger=st.sampled_from(TRIGGERS[6:]),
        flow=st.sampled_from([None, None, "main", "gone"]),
        person_id=st.sampled_from([None, ANA.id, UUID(int=99)]),
        visit_id=st.sampled_from([None, visit().id, UUID(int=99)]),
        values=st.sampled_from([None, {"v0": SECRET}]),
        slots=st.sampled_from([(), SLOTS[:1]]),
    ),
    st.builds(
        VisitChanged,
        visit_id=st.sampled_from([visit().id, UUID(int=99)]),
        version=st.integers(1, 2),
        change=st.sampled_from([None, *Change]),
    ),
    st.builds(
        ReminderDue,
        visit_id=st.just(visit().id),
        version=st.just(1),
        flow=st.sampled_from(["main", "sub", "gone"]),
        when=st.sampled_from(TRIGGERS[:2]),
        due=st.just(datetime(2026, 11, 30, 14, 0, tzinfo=UTC)),
    ),
    st.builds(EditionMoved, kept=st.lists(st.sampled_from([f"main:{name}" for name in NAMES])).map(tuple)),
    st.builds(AckDue, code=st.sampled_from(["1001", "1002"]), rung=st.integers(0, 2)),
    st.builds(Acknowledged, code=st.sampled_from(["1001", "1002"]), reply_to=st.sampled_from([None, ANA.id])),
    st.builds(NotAcknowledged, code=st.sampled_from([None, "1001"]), open=st.sampled_from([(), ("1001",)])),
    st.builds(
        Handled,
        code=st.sampled_from(["1001", "1002"]),
        how=st.sampled_from(["resolved", "handed over", "snoozed", "reopened"]),
        to=st.just(whom("maria")),
        until=st.just(datetime(2026, 11, 30, 15, 0, tzinfo=UTC)),
    ),
    st.builds(Unanswered, task=st.just("question"), urgency=st.sampled_from(["urgent", "routine"])),
    st.builds(Drilled, urgency=st.sampled_from(["emergency", "routine"])),
    st.builds(
        StaffWrote,
        by=st.just("maria"),
        role=st.just("nurse"),
        body=st.just("Hi {{v0}}"),
        answers=st.booleans(),
    ),
    st.builds(TakenOver, by=st.sampled_from(["maria", "joe"]), role=st.just("nurse")),
    st.builds(GivenBack, by=st.sampled_from(["maria", ""]), answers=st.booleans()),
    st.builds(
        StaffSentPage,
        by=st.just("maria"),
        page=st.sampled_from(Page),
        form=st.sampled_from([None, "f"]),
        person_id=st.sampled_from([ANA.id, UUID(int=99)]),
        visit_id=st.sampled_from([None, visit().id, UUID(int=99)]),
    ),
    st.builds(WrongNumber, by=st.just("maria")),
    st.builds(TextFailed, code=st.just(30003), purpose=st.just("REPLY"), opted_out=st.booleans()),
)
worlds = st.builds(
    Facts,
    clinic=st.just(CLINIC),
    people=st.sampled_from([(ANA,), (ANA, BEN), (), (replace(ANA, preferences={"channel": "call"}),)]),
    visits=st.sampled_from(
        [(), (visit(),), (visit(), visit(2, person=BEN)), (visit(status=VisitStatus.FULFILLED),)]
    ),
    sender=st.sampled_from([Sender.PATIENT] * 5 + list(Sender)),
    opted_out=st.sampled_from([False, False, False, True]),
)


@settings(max_examples=150, deadline=None)
@given(book=books(), story=st.lists(st.tuples(happenings, worlds), min_size=1, max_size=12))
def test_whatever_is_written_and_whatever_happens(book: Book, story: list[tuple[What, Facts]]) -> None:
    state, now = State(), datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
    for seq, (what, facts) in enumerate(story):
        event = Event(seq=seq, what=what, facts=facts)
        decision = decide(book, state, event, now)
        assert decide(book, state, event, now) == decision
        if decision.state.held is None:
            assert not any(isinstance(e, SetTimer) and e.key == HOLD for e in decision.effects)
        for talk in decision.state.talks:
            assert book.flows[talk.flow].steps[talk.step].waits
        for effect in decision.effects:
            if isinstance(effect, SendText | PageStaff | OpenTask):
                assert SECRET not in repr(effect)
            if isinstance(effect, SendPage):
                assert SECRET not in repr(effect)
        assert EFFECTS.validate_json(EFFECTS.dump_json(decision.effects)) == decision.effects
        assert WHAT.validate_json(WHAT.dump_json(what)).kind == what.kind
        state = STATE.validate_json(STATE.dump_json(decision.state))
        assert state == decision.state
        now += timedelta(minutes=7)


def test_an_answer_is_kept_and_never_said() -> None:
    """The property above would hold for an engine that keeps nothing."""
    flow = Flow.model_validate(
        {
            "flow": "main",
            "title": "Main",
            "purpose": "care",
            "about": "the patient",
            "variables": {"v0": "phi", "v1": "phi"},
            "starts": [{"when": "the patient texts GO"}],
            "steps": {
                "s0": {"ask": "plain", "expect": "text", "save": "v0", "then": "s1"},
                "s1": {"say": "leaks"},
            },
        }
    )
    english = BOOK.wordings["en"]
    worded = english.model_copy(update={"sentences": english.sentences | WORDS})
    book = Book(
        edition="one", house=BOOK.house, flows={"main": flow}, policy=BOOK.policy, wordings={"en": worded}
    )
    facts, now = Facts(clinic=CLINIC, people=(ANA,)), datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
    go = TextArrived(sid="SM", body="go", reading=Reading())
    state = decide(book, State(), Event(seq=1, what=go, facts=facts), now).state
    answer = TextArrived(sid="SM", body=SECRET, reading=Reading(value=SECRET))
    decision = decide(book, state, Event(seq=2, what=answer, facts=facts), now)
    record, text = decision.effects
    assert isinstance(record, Record)
    assert record.value == SECRET
    assert isinstance(text, SendText)
    assert text.body == "You said  and , ."
