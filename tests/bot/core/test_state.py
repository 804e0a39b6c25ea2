"""The state is JSON with a version, and whatever happens in whatever order, it stays sound.

The random histories below are those that a mailbox could have seen: texts read in any way, timers that ring
late, visits that the office moves meanwhile, answers to acts that come when the talk has gone on.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.core.decide import Decision
from bot.core.effects import EFFECTS, BookSlot, FindSlots, OptIn, OptOut, SendText, SetVisitStatus
from bot.core.events import (
    WHAT,
    AckDue,
    Acknowledged,
    NoAnswer,
    ReminderDue,
    SlotAnswer,
    SlotsFound,
    TextArrived,
    TextFailed,
    VisitChanged,
    What,
)
from bot.core.facts import Facts, Sender, VisitStatus
from bot.core.state import STATE, Alarm, Echo, Held, State, Talk, Which
from nlp.reading import Intent, Level
from tests.bot.core.world import ANA, BEN, NOW, SLOTS, facts, on, text, visit

FULL = State(
    turn=9,
    language="es",
    talks=(
        Talk(
            flow="f",
            step="s",
            turn=8,
            visit_id=visit().id,
            version=3,
            slots=SLOTS,
            chosen=SLOTS[0].id,
            tries=1,
        ),
    ),
    which=Which(trigger="the patient says cancel", visits=(visit().id,)),
    echoes=(Echo(digest="abc", at=NOW),),
    alarms=(Alarm(code="1007", urgency="urgent", since=NOW, paged=NOW, rung=2),),
    told={"soft_reply": NOW},
    held=Held(by="maria", role="nurse", since=NOW, until=NOW, missed=(8,)),
)


@pytest.mark.parametrize("state", [State(), FULL], ids=["empty", "full"])
@pytest.mark.parametrize("exclude_defaults", [True, False])
def test_a_state_comes_back_from_json_as_it_was(state: State, exclude_defaults: bool) -> None:
    assert STATE.validate_json(STATE.dump_json(state, exclude_defaults=exclude_defaults)) == state


def test_a_state_of_a_version_that_this_code_does_not_know_is_refused() -> None:
    with pytest.raises(ValidationError):
        STATE.validate_json('{"v": 2}')


# -- random histories --------------------------------------------------------------------------------

BODIES = (
    "yes",
    "1",
    "2",
    "STOP",
    "start",
    "cancel",
    "help",
    "ack",
    "ack 1001",
    "",
    "hello",
    "chest pain",
    "{{x}}",
)
WHENS = ("3 days before the visit", "1 day before the visit")
OPT_OUT_TYPES = (None, None, None, None, "STOP", "START", "HELP")
VISITS = (
    visit(1),
    visit(2, start=NOW + timedelta(days=9)),
    visit(3, start=NOW + timedelta(days=2), person=BEN),
)
VALUES = (None, True, 1, "junk", *(str(one.id) for one in (*SLOTS, *VISITS)))
PEOPLE = ((ANA, BEN), (ANA,), ())


@dataclass
class History:
    """A conversation and its surroundings; `number` of a step picks among what is possible."""

    people: int
    sender: Sender
    state: State = field(default_factory=State)
    visits: dict = field(default_factory=lambda: {one.id: one for one in VISITS})
    opted_out: bool = False
    now: datetime = NOW
    seq: int = 0
    pending: list = field(default_factory=list)

    def facts(self) -> Facts:
        people = PEOPLE[self.people]
        ids = {person.id for person in people}
        visits = sorted((v for v in self.visits.values() if v.patient_id in ids), key=lambda v: v.start)
        return facts(*visits, people=people, sender=self.sender, opted_out=self.opted_out)

    def happen(self, what: What) -> Decision:
        """Decide on it, check what always holds, and let the effects have their way."""
        self.seq += 1
        around = self.facts()
        kept = WHAT.validate_json(WHAT.dump_json(what))
        decision = on(kept, self.state, around, now=self.now, seq=self.seq)
        assert kept == what
        assert on(what, self.state, around, now=self.now, seq=self.seq) == decision
        assert STATE.validate_json(STATE.dump_json(decision.state, exclude_defaults=True)) == decision.state
        assert EFFECTS.validate_json(EFFECTS.dump_json(decision.effects)) == decision.effects
        assert decision.state.turn >= self.state.turn
        assert len({talk.visit_id for talk in decision.state.talks}) == len(decision.state.talks)
        assert len(decision.effects) <= 50
        if self.opted_out and isinstance(what, TextArrived | ReminderDue):
            assert all(
                e.final or e.purpose.name == "PAGE" for e in decision.effects if isinstance(e, SendText)
            )
        self.state = decision.state
        for effect in decision.effects:
            self.apply(effect)
        return decision

    def apply(self, effect: object) -> None:
        if isinstance(effect, OptOut | OptIn):
            self.opted_out = isinstance(effect, OptOut)
        elif isinstance(effect, SetVisitStatus):
            self.visits[effect.visit_id] = replace(self.visits[effect.visit_id], status=effect.status)
        elif isinstance(effect, FindSlots | BookSlot):
            self.pending.append(effect)
        elif isinstance(effect, SendText):
            assert 0 < len(effect.body) <= 1600

    # each step of a history: a verb and a number

    def a_text(self, number: int) -> What:
        def pick(options: object) -> object:
            nonlocal number
            number, rest = divmod(number, len(options))  # type: ignore[arg-type]
            return options[rest]  # type: ignore[index]

        return text(
            pick(BODIES),  # type: ignore[arg-type]
            pick(tuple(Intent)),  # type: ignore[arg-type]
            level=pick((Level.NONE,) * 6 + tuple(Level)),  # type: ignore[arg-type]
            value=pick(VALUES),  # type: ignore[arg-type]
            language=pick(("en", "es", "fr")),  # type: ignore[arg-type]
            opt_out_type=pick(OPT_OUT_TYPES),  # type: ignore[arg-type]
        )

    def a_reminder(self, number: int) -> What:
        one = VISITS[number % len(VISITS)]
        version = self.visits[one.id].version - (number % 5 == 0)
        return ReminderDue(
            visit_id=one.id, version=version, flow="appointment", when=WHENS[number % 2], due=self.now
        )

    def no_answer(self, number: int) -> What:
        return NoAnswer(turn=self.state.turn - number % 3)

    def nobody_acknowledged(self, number: int) -> What:
        codes = [alarm.code for alarm in self.state.alarms] or ["1000"]
        rungs = [alarm.rung for alarm in self.state.alarms] or [0]
        return AckDue(code=codes[0], rung=rungs[0] - number % 2)

    def somebody_acknowledged(self, number: int) -> What:
        return Acknowledged(code=(["1000"] + [alarm.code for alarm in self.state.alarms])[-1])

    def the_office_changes_a_visit(self, number: int) -> What:
        one = self.visits[VISITS[number % len(VISITS)].id]
        statuses = tuple(VisitStatus)
        changed = replace(
            one,
            version=one.version + 1,
            start=one.start + timedelta(hours=number % 50 - 25),
            status=statuses[number % len(statuses)] if number % 2 else VisitStatus.BOOKED,
        )
        self.visits[one.id] = changed
        return VisitChanged(visit_id=one.id, version=changed.version)

    def an_act_is_answered(self, number: int) -> What:
        if not self.pending:
            return NoAnswer(turn=0)
        act = self.pending.pop(0)
        if isinstance(act, FindSlots):
            return SlotsFound(visit_id=act.visit_id, turn=act.turn, slots=SLOTS[: number % 4])
        if number % 2:
            return SlotAnswer(visit_id=act.visit_id, turn=act.turn, booked=False)
        one = self.visits[act.visit_id]
        start = next(slot.start for slot in SLOTS if slot.id == act.slot_id)
        self.visits[one.id] = replace(one, start=start, version=one.version + 1, status=VisitStatus.BOOKED)
        return SlotAnswer(visit_id=act.visit_id, turn=act.turn, booked=True)

    def a_text_fails(self, number: int) -> What:
        purposes = ("SAFETY", "PAGE", "REPLY", "REMINDER", "BULK")
        return TextFailed(code=number % 40000, purpose=purposes[number % 5], opted_out=number % 7 == 0)

    def time_passes(self, number: int) -> What:
        self.now += timedelta(minutes=number % 3000)
        return NoAnswer(turn=self.state.turn)


VERBS = (
    History.a_text,
    History.a_text,
    History.a_text,
    History.an_act_is_answered,
    History.a_reminder,
    History.no_answer,
    History.nobody_acknowledged,
    History.somebody_acknowledged,
    History.the_office_changes_a_visit,
    History.a_text_fails,
    History.time_passes,
)


@given(
    people=st.integers(0, len(PEOPLE) - 1),
    sender=st.sampled_from(Sender),
    steps=st.lists(st.tuples(st.sampled_from(VERBS), st.integers(0, 10**9)), max_size=40),
)
def test_no_history_breaks_the_bot(people: int, sender: Sender, steps: list) -> None:
    history = History(people=people, sender=sender)
    for verb, number in steps:
        history.happen(verb(history, number))
