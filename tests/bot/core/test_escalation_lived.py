"""Whatever happens to escalations in whatever order: none falls silent, none is forgotten, nobody is told of a patient.

Alarms of several reasons, timers that ring late, twice or for nothing, and several people who do what people do.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.core.effects import Effect, PageStaff, TellStaff
from bot.core.escalation import OUTCOMES
from bot.core.events import AckDue, Acknowledged, Drilled, Handled, PageUsed, TextFailed, Unanswered, What
from bot.core.state import Alarm
from nlp.reading import Intent, Level
from tests.bot.core.alarms import ANA, BOOK, CLINIC, REPLY, Desk, without
from tests.bot.core.world import text

PLAIN = without(BOOK, flows={})
OFFICE = BOOK.calendar()
SECRET = "xanthoma of the left knee"
PEOPLE = ["", "maria", "joe", "dr_lee"]
CODES = ["1001", "1002", "1003", "1004"]
ALARMS: list[What] = [
    text(SECRET, level=Level.EMERGENCY),
    text(SECRET, level=Level.CRISIS),
    text(SECRET, level=Level.URGENT),
    text(SECRET, language="und"),
    text(SECRET, Intent.HUMAN),
    TextFailed(code=30003, purpose="SAFETY"),
    PageUsed(outcome="locked"),
    Unanswered(task="question", urgency="routine"),
    Unanswered(task="text_not_delivered", urgency="urgent"),
    Drilled(urgency="emergency"),
    Drilled(urgency="routine"),
]
SPANS = st.one_of(st.integers(0, 20), st.integers(0, 20), st.integers(0, 1000)).map(
    lambda minutes: timedelta(minutes=minutes)
)


@dataclass(slots=True, kw_only=True)
class Watched(Desk):
    """A desk that looks at every single decision. `seen` has the pages of each escalation's present round."""

    seen: dict[str, set[int]] = field(default_factory=dict)

    def happen(self, what: What) -> tuple[Effect, ...]:
        before = {alarm.code: alarm for alarm in self.state.alarms}
        effects = super(Watched, self).happen(what)
        pages = [effect for effect in effects if isinstance(effect, PageStaff)]
        if not isinstance(what, AckDue):
            self.seen |= {alarm.code: set() for alarm in self.state.alarms if alarm.rung < 0}
        for page in pages:
            self.it_may_page(what, before.get(page.code), page)
        self.nothing_is_forgotten(what, set(before))
        self.nobody_learns_of_a_patient(effects)
        return effects

    def it_may_page(self, what: What, before: Alarm | None, page: PageStaff) -> None:
        assert not isinstance(what, Acknowledged)
        if isinstance(what, AckDue):
            assert before
            if before.taken:
                assert before.due, "somebody has it, and it was not to be asked of again"
                assert self.now >= before.due
                assert (page.rung, str(page.whom)) == (-1, before.by or "the on-call phone")
                self.seen[page.code] = set()
            else:
                assert page.rung == before.rung + 1
                assert page.rung not in self.seen.get(page.code, ())
                assert what.failed or before.due is None or self.now >= before.due
        else:
            assert not isinstance(what, Handled) or what.how in ("handed over", "reopened")
            self.seen[page.code] = set()
        self.seen.setdefault(page.code, set()).add(page.rung)
        if page.urgency == "routine" and not page.drill and not isinstance(what, Handled):
            assert OFFICE
            assert OFFICE.next_open(self.now, CLINIC.zone) == self.now

    def nothing_is_forgotten(self, what: What, before: set[str]) -> None:
        over = {what.code} if isinstance(what, Handled) and what.how == "resolved" else set[str]()
        assert before - over <= {alarm.code for alarm in self.state.alarms}

    def nobody_learns_of_a_patient(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            if isinstance(effect, PageStaff | TellStaff):
                assert SECRET not in repr(effect)
                assert ANA.first_name not in repr(effect)
            if isinstance(effect, PageStaff):
                assert effect.drill == (effect.reason == "drill")
                assert ("DRILL" in effect.body) == effect.drill
                assert ("drill" in effect.spoken) == effect.drill
                assert effect.code in effect.body


class Escalations(RuleBasedStateMachine):
    """One conversation."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Watched(book=PLAIN)

    # -- what happens --------------------------------------------------------------------------------

    @rule(what=st.sampled_from(ALARMS), opted_out=st.sampled_from([False] * 4 + [True]))
    def an_alarm(self, what: What, opted_out: bool) -> None:
        self.desk.opted_out = opted_out
        self.desk.happen(what)

    @rule(what=st.sampled_from(ALARMS[:4]), at=st.integers(0, 9000))
    def an_alarm_of_another_number(self, what: What, at: int) -> None:
        self.desk.seq += at
        self.desk.happen(what)

    @rule(span=SPANS)
    def time_passes(self, span: timedelta) -> None:
        self.desk.wait(span)

    @precondition(lambda self: self.desk.rung)
    @rule(pick=st.integers(0, 99), failed=st.booleans())
    def a_timer_of_before(self, pick: int, failed: bool) -> None:
        rung = self.desk.rung[-1 - pick % len(self.desk.rung)]
        self.desk.happen(AckDue(code=rung.code, rung=rung.rung, failed=failed))

    @precondition(lambda self: self.desk.state.alarms)
    @rule(pick=st.integers(0, 9), off=st.sampled_from([0, 0, 0, 1, -1]), failed=st.booleans())
    def a_timer(self, pick: int, off: int, failed: bool) -> None:
        alarm = self.picked(pick)
        self.desk.happen(AckDue(code=alarm.code, rung=alarm.rung + off, failed=failed))

    @precondition(lambda self: self.desk.pages)
    @rule(pick=st.integers(0, 99), by=st.sampled_from(PEOPLE), via=st.sampled_from(["text", "call"]))
    def somebody_takes_it(self, pick: int, by: str, via: str) -> None:
        code = self.desk.pages[-1 - pick % len(self.desk.pages)].code
        reply = REPLY if via == "text" else None
        self.desk.happen(Acknowledged(code=code, by=by, via=via, reply_to=reply))  # type: ignore[arg-type]

    @precondition(lambda self: self.desk.pages)
    @rule(
        pick=st.integers(0, 99),
        how=st.sampled_from(["resolved", "handed over", "snoozed", "reopened"]),
        by=st.sampled_from(PEOPLE),
        span=SPANS,
    )
    def somebody_handles_it(self, pick: int, how: str, by: str, span: timedelta) -> None:
        page = self.desk.pages[-1 - pick % len(self.desk.pages)]
        more = {
            "resolved": {"outcome": OUTCOMES[0]},
            "handed over": {"to": "provider on call"},
            "snoozed": {"until": self.desk.now + span},
            "reopened": {"urgency": str(page.urgency), "reason": page.reason},
        }
        self.desk.does(page.code, how, by=by, **more[how])

    # -- what holds ----------------------------------------------------------------------------------

    @invariant()
    def whatever_nobody_has_taken_has_one_timer(self) -> None:
        timers = dict(self.desk.timers)
        for alarm in self.desk.state.alarms:
            due, what = timers.pop(f"ack:{alarm.code}:", (None, None))
            if due is None:
                assert alarm.taken
                assert alarm.urgency == "routine", "whoever has it is asked again"
                continue
            assert (due, what) == (alarm.due, AckDue(code=alarm.code, rung=alarm.rung))
        assert timers == {}

    @invariant()
    def codes_tell_them_apart(self) -> None:
        codes = [alarm.code for alarm in self.desk.state.alarms]
        assert len(set(codes)) == len(codes)

    def teardown(self) -> None:
        """None of those that climb is silent for longer than its ladder says."""
        longest = {"emergency": 5, "urgent": 15}
        for alarm in self.desk.state.alarms:
            if alarm.taken is None and alarm.urgency in longest:
                pages = self.desk.wait(timedelta(minutes=longest[alarm.urgency]))
                assert alarm.code in [page.code for page in pages]

    def picked(self, number: int) -> Alarm:
        return self.desk.state.alarms[number % len(self.desk.state.alarms)]


def test_whatever_happens_in_whatever_order() -> None:
    run_state_machine_as_test(
        Escalations, settings=settings(max_examples=120, stateful_step_count=30, deadline=None)
    )
