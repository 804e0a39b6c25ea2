"""The order in which a text is looked at, what each rule does, and what holds whatever happens.

One rule's place is shown by a text that several rules would take: the first of them in `TEXT_RULES` wins.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.core.decide import TEXT_RULES
from bot.core.effects import Acknowledge, OpenTask, OptIn, OptOut, Purpose, SendText, Urgency
from bot.core.events import AckDue, Acknowledged, ReminderDue, TextFailed, VisitChanged
from bot.core.facts import Facts, Sender, VisitStatus
from bot.core.state import State
from nlp.reading import Intent, Level
from tests.bot.core.world import (
    NOW,
    POLICY,
    Story,
    bodies,
    book_of,
    facts,
    flow,
    kinds,
    on,
    said,
    tasks,
    text,
    visit,
)

VISIT = visit()
REMINDER = ReminderDue(
    visit_id=VISIT.id, version=1, flow="appointment", when="3 days before the visit", due=NOW
)
REMINDED = on(REMINDER).state
EMERGENCY = Level.EMERGENCY
KNOWN = facts(VISIT)
GONE = facts(VISIT, opted_out=True)
STRANGER = facts(people=(), sender=Sender.STRANGER)
MACHINE = facts(people=(), sender=Sender.MACHINE)
STAFF = facts(people=(), sender=Sender.STAFF)
STAFF_AND_PATIENT = facts(VISIT, sender=Sender.STAFF)


def test_safety_comes_before_consent_and_consent_before_everything_else() -> None:
    assert [rule.__name__ for rule in TEXT_RULES] == [
        "from_machine",
        "from_staff",
        "emergency",
        "opting",
        "unheard",
        "loop",
        "stranger",
        "other_language",
        "wrong_number",
        "with_a_person",
        "both_ways",
        "which_was_asked",
        "answers_open_talk",
        "keyword",
        "starts_flow",
        "thanks",
        "asked_again",
        "any_text",
        "hand_over",
    ]


def test_a_text_in_another_language_calls_a_person_once_and_keeps_ours() -> None:
    first = on(text("bonjour", language="und"), state=REMINDED)
    assert (said(first), tasks(first)) == (["other_language"], ["other_language"])
    assert "PageStaff" in kinds(first)
    assert first.state.language == REMINDED.language
    again = on(text("merci", language="und"), state=first.state)
    assert (said(again), tasks(again)) == ([], ["other_language"])
    assert "PageStaff" not in kinds(again)


@pytest.mark.parametrize(("confidence", "intent"), [(0.59, Intent.OTHER), (0.6, Intent.CANCEL)])
def test_what_is_not_sure_enough_is_not_acted_on(confidence: float, intent: Intent) -> None:
    arrived = text("nah skip it i guess", Intent.CANCEL)
    assert arrived.reading is not None
    unsure = replace(arrived, reading=replace(arrived.reading, confidence=confidence))
    asked = on(text("nah skip it i guess", intent), state=REMINDED)
    assert said(on(unsure, state=REMINDED)) == said(asked)


@pytest.mark.parametrize(
    ("body", "intent", "level", "around", "sentences", "opened"),
    [
        # a machine gets no answer, whatever it says
        ("chest pain", Intent.OTHER, EMERGENCY, MACHINE, [], []),
        ("STOP", Intent.STOP, Level.NONE, MACHINE, [], []),
        # an emergency beats everything that a person can be or say
        ("chest pain", Intent.OTHER, EMERGENCY, KNOWN, ["emergency_reply"], ["emergency"]),
        ("chest pain", Intent.OTHER, EMERGENCY, STRANGER, ["emergency_reply"], ["emergency"]),
        ("yes but chest pain", Intent.CONFIRM, EMERGENCY, KNOWN, ["emergency_reply"], ["emergency"]),
        ("thanks, can't breathe", Intent.THANKS, EMERGENCY, KNOWN, ["emergency_reply"], ["emergency"]),
        ("wrong number, dying", Intent.WRONG_NUMBER, EMERGENCY, KNOWN, ["emergency_reply"], ["emergency"]),
        ("help", Intent.HELP, EMERGENCY, KNOWN, ["emergency_reply"], ["emergency"]),
        ("I want to die", Intent.OTHER, Level.CRISIS, KNOWN, ["crisis_reply"], ["crisis"]),
        ("wound is open", Intent.OTHER, Level.URGENT, KNOWN, ["urgent_reply"], ["urgent"]),
        ("chest pain", Intent.OTHER, EMERGENCY, GONE, [], ["emergency"]),
        ("chest pain", Intent.OTHER, EMERGENCY, STAFF_AND_PATIENT, ["emergency_reply"], ["emergency"]),
        # STOP beats what follows
        ("STOP", Intent.OTHER, Level.NONE, KNOWN, ["opted_out_visit_stands"], []),
        ("STOP", Intent.OTHER, Level.NONE, facts(), ["opted_out"], []),
        ("STOP", Intent.OTHER, Level.NONE, STRANGER, ["opted_out"], []),
        ("leave me alone", Intent.STOP, Level.NONE, KNOWN, ["opted_out_visit_stands"], []),
        ("STOP", Intent.OTHER, Level.NONE, GONE, [], []),
        ("HELP", Intent.OTHER, Level.NONE, STRANGER, ["help"], []),
        ("HELP", Intent.OTHER, Level.NONE, GONE, [], ["text_from_opted_out"]),
        ("START", Intent.OTHER, Level.NONE, GONE, ["opted_in"], []),
        # a phone that has opted out gets no answer, but is heard
        ("yes", Intent.CONFIRM, Level.NONE, GONE, [], ["text_from_opted_out"]),
        ("thanks", Intent.THANKS, Level.NONE, GONE, [], ["text_from_opted_out"]),
        # a stranger can't do a patient's business
        ("yes", Intent.CONFIRM, Level.NONE, STRANGER, ["stranger_reply"], ["unknown_sender"]),
        ("wrong number", Intent.WRONG_NUMBER, Level.NONE, STRANGER, ["stranger_reply"], ["unknown_sender"]),
        # the person on call
        ("ack 1001", Intent.OTHER, Level.NONE, STAFF, [], []),
        ("hello", Intent.OTHER, Level.NONE, STAFF, ["staff_help"], []),
        ("yes", Intent.CONFIRM, Level.NONE, STAFF_AND_PATIENT, ["confirmed"], []),
        # a patient's business
        ("yes", Intent.CONFIRM, Level.NONE, KNOWN, ["confirmed"], []),
        ("cancel my visit", Intent.CANCEL, Level.NONE, KNOWN, ["cancelled"], []),
        ("running late", Intent.RUNNING_LATE, Level.NONE, KNOWN, ["running_late"], ["running_late"]),
        ("who's this?", Intent.WRONG_NUMBER, Level.NONE, KNOWN, ["wrong_number"], ["wrong_number"]),
        ("thanks", Intent.THANKS, Level.NONE, KNOWN, [], []),
        ("a person please", Intent.HUMAN, Level.NONE, KNOWN, ["soft_reply"], ["wants_a_person"]),
        ("is it ok to eat?", Intent.QUESTION, Level.NONE, KNOWN, ["soft_reply"], ["question"]),
        ("need my pills", Intent.REFILL, Level.NONE, KNOWN, ["soft_reply"], ["refill"]),
        ("purple", Intent.OTHER, Level.NONE, KNOWN, ["soft_reply"], ["reply_not_understood"]),
        ("", Intent.OTHER, Level.NONE, KNOWN, ["soft_reply"], ["reply_not_understood"]),
        ("late", Intent.RUNNING_LATE, Level.NONE, facts(), ["soft_reply"], ["running_late"]),
    ],
)
def test_the_first_rule_that_fits_deals_with_the_text(
    body: str, intent: Intent, level: Level, around: Facts, sentences: list[str], opened: list[str]
) -> None:
    decision = on(text(body, intent, level=level), State(), around)
    assert (said(decision), tasks(decision)) == (sentences, opened)


# -- emergencies -------------------------------------------------------------------------------------


def test_an_emergency_is_answered_before_the_staff_are_paged() -> None:
    decision = on(text("chest pain", level=EMERGENCY))
    assert kinds(decision) == ["SendText", "OpenTask", "PageStaff", "SetTimer"]
    assert decision.effects[0].purpose is Purpose.SAFETY


def test_an_emergency_leaves_what_is_open_as_it_is() -> None:
    decision = on(text("chest pain", level=EMERGENCY), REMINDED)
    assert decision.state.talks == REMINDED.talks


def test_an_emergency_in_the_text_that_opts_out_is_answered_and_the_phone_opts_out() -> None:
    decision = on(text("stop texting me, chest pain", Intent.STOP, level=EMERGENCY))
    assert said(decision) == ["emergency_reply", "opted_out_visit_stands"]
    assert all(e.final for e in decision.effects if isinstance(e, SendText))
    assert "OptOut" in kinds(decision)
    assert "PageStaff" in kinds(decision)


def test_from_a_phone_that_opted_out_the_staff_hear_that_they_must_call() -> None:
    decision = on(text("chest pain", level=EMERGENCY), State(), GONE)
    assert kinds(decision) == ["OpenTask", "PageStaff", "SetTimer"]
    assert "phone them" in decision.effects[1].body


def test_a_flood_of_emergency_texts_is_no_longer_answered_but_still_pages() -> None:
    state = State()
    for _ in range(POLICY.same_text_limit - 1):
        decision = on(text("chest pain", level=EMERGENCY), state)
        state = decision.state
        assert said(decision) == ["emergency_reply"]
    later = NOW + POLICY.page_again_after
    decision = on(text("chest pain", level=EMERGENCY), state, now=later)
    assert said(decision) == []
    assert kinds(decision) == ["OpenTask", "PageStaff"]


# -- opting out and in -------------------------------------------------------------------------------


def test_opting_out_is_confirmed_once_and_ends_what_was_open() -> None:
    decision = on(text("STOP"), REMINDED)
    assert decision.state.talks == ()
    assert decision.effects[0] == OptOut(words="patient")
    (confirmation,) = (e for e in decision.effects if isinstance(e, SendText))
    assert confirmation.final
    assert "NOT cancelled" in confirmation.body


@pytest.mark.parametrize("body", ["CANCEL", "cancel", "Cancel."])
def test_a_bare_cancel_opts_out_and_the_staff_ask_whether_the_visit_was_meant(body: str) -> None:
    decision = on(text(body, Intent.CANCEL), REMINDED)
    assert said(decision) == ["opted_out_visit_stands"]
    assert decision.effects[-1] == OpenTask(
        task="may_want_to_cancel", urgency=Urgency.URGENT, visit_id=VISIT.id
    )


def test_twilios_own_answer_to_stop_is_not_repeated() -> None:
    decision = on(text("STOP", opt_out_type="STOP"))
    assert decision.effects == (OptOut(words="carrier"),)


def test_twilios_own_answer_to_start_is_not_repeated() -> None:
    assert on(text("START", opt_out_type="START"), State(), GONE).effects == (OptIn(),)


def test_start_from_a_phone_that_never_opted_out_is_a_text_like_any_other() -> None:
    decision = on(text("START", Intent.START))
    assert "OptIn" not in kinds(decision)
    assert tasks(decision) == ["reply_not_understood"]


def test_twilios_own_answer_to_help_is_not_repeated() -> None:
    assert on(text("HELP", opt_out_type="HELP")).effects == ()


def test_a_wrong_number_is_never_texted_again() -> None:
    decision = on(text("wrong number", Intent.WRONG_NUMBER), REMINDED)
    assert kinds(decision) == ["SendText", "OptOut", "OpenTask"]
    assert decision.effects[0].final
    assert decision.state.talks == ()


# -- machines and floods -----------------------------------------------------------------------------


def flood(bodies_in: list[str], *, every: timedelta) -> list[object]:
    """What is decided about these texts, one after another."""
    state, decisions = State(), []
    for number, body in enumerate(bodies_in):
        decision = on(text(body), state, now=NOW + number * every)
        decisions.append(decision)
        state = decision.state
    return decisions


def test_the_same_text_twenty_times_in_five_minutes_is_met_with_silence_and_one_task() -> None:
    decisions = flood(["hello"] * 60, every=timedelta(seconds=4))
    opened = [tasks(decision) for decision in decisions]  # type: ignore[arg-type]
    assert all(names == ["reply_not_understood"] for names in opened[:19])
    assert opened[19] == ["too_many_texts"]
    assert all(decision.effects == () for decision in decisions[20:])  # type: ignore[attr-defined]


def test_forty_different_texts_in_five_minutes_are_a_flood_too() -> None:
    decisions = flood([f"text {number}" for number in range(60)], every=timedelta(seconds=4))
    opened = [tasks(decision) for decision in decisions]  # type: ignore[arg-type]
    assert opened[38] == ["reply_not_understood"]
    assert opened[39] == ["too_many_texts"]
    assert all(decision.effects == () for decision in decisions[40:])  # type: ignore[attr-defined]


def test_a_slow_repetition_is_no_flood() -> None:
    decisions = flood(["hello"] * 60, every=POLICY.limit_window / (POLICY.same_text_limit - 1))
    assert all("too_many_texts" not in tasks(decision) for decision in decisions)  # type: ignore[arg-type]


def test_after_five_quiet_minutes_a_text_is_heard_again() -> None:
    state = flood(["hello"] * 30, every=timedelta(seconds=1))[-1].state  # type: ignore[attr-defined]
    later = NOW + timedelta(seconds=30) + POLICY.limit_window
    assert tasks(on(text("hello"), state, now=later)) == ["reply_not_understood"]


def test_stop_is_heard_in_a_flood() -> None:
    state = flood(["hello"] * 30, every=timedelta(seconds=1))[-1].state  # type: ignore[attr-defined]
    assert "OptOut" in kinds(on(text("STOP"), state, now=NOW + timedelta(seconds=31)))


def test_what_is_remembered_of_texts_is_bounded_and_holds_no_text() -> None:
    state = flood([f"secret {number}" for number in range(500)], every=timedelta(seconds=1))[-1].state  # type: ignore[attr-defined]
    assert len(state.echoes) == POLICY.text_limit
    assert "secret" not in repr(state)


# -- strangers and soft replies ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "sentences"),
    [
        (timedelta(hours=1), []),
        (timedelta(hours=23, minutes=59), []),
        (timedelta(hours=24), ["stranger_reply"]),
    ],
)
def test_a_stranger_gets_one_answer_a_day_and_every_text_is_looked_at(
    after: timedelta, sentences: list[str]
) -> None:
    state = on(text("hi"), State(), STRANGER).state
    decision = on(text("hello?"), state, STRANGER, now=NOW + after)
    assert (said(decision), tasks(decision)) == (sentences, ["unknown_sender"])


@pytest.mark.parametrize(("minutes", "sentences"), [(1, []), (14, []), (15, ["soft_reply"])])
def test_the_soft_reply_is_said_once_in_a_while_and_every_text_is_looked_at(
    minutes: int, sentences: list[str]
) -> None:
    state = on(text("purple")).state
    decision = on(text("green"), state, now=NOW + timedelta(minutes=minutes))
    assert (said(decision), tasks(decision)) == (sentences, ["reply_not_understood"])


# -- languages ---------------------------------------------------------------------------------------


def test_the_answer_is_in_the_language_of_the_last_text() -> None:
    decision = on(text("si", Intent.CONFIRM, language="es"))
    assert bodies(decision) == ["Gracias, Ana. Su cita del lun 7 de dic a las 10:30 a. m. queda confirmada."]
    assert decision.state.language == "es"


def test_a_language_without_reviewed_wording_is_answered_in_english() -> None:
    assert bodies(on(text("oui", Intent.CONFIRM, language="fr")))[0].startswith("Thank you, Ana.")


def test_a_text_that_says_nothing_does_not_change_the_language() -> None:
    unread = replace(text("???", language="es"), reading=replace(text().reading, language="es", confidence=0))
    assert on(unread, State(language="en")).state.language == "en"


# -- the person on call ------------------------------------------------------------------------------


@pytest.mark.parametrize(("body", "code"), [("ack 1234", "1234"), ("1234", "1234"), ("ack", None)])
def test_the_on_call_phone_acknowledges(body: str, code: str | None) -> None:
    assert on(text(body), State(), STAFF).effects == (Acknowledge(code=code),)


@pytest.mark.parametrize(("body", "acknowledges"), [("ack 1234", True), ("ack", True), ("2", False)])
def test_where_it_is_a_patients_too_a_bare_number_may_be_an_answer(body: str, acknowledges: bool) -> None:
    effects = on(text(body), State(), STAFF_AND_PATIENT).effects
    assert isinstance(effects[0], Acknowledge) == acknowledges


def test_an_acknowledgement_stops_the_ladder() -> None:
    state = on(text("chest pain", level=EMERGENCY), seq=7).state
    decision = on(Acknowledged(code="1007"), state)
    assert kinds(decision) == ["CancelTimers", "NoteEscalation"]
    assert [alarm.taken for alarm in decision.state.alarms] == [NOW]


def test_nobody_acknowledges_and_the_next_page_goes_out() -> None:
    state = on(text("chest pain", level=EMERGENCY), seq=7).state
    decision = on(AckDue(code="1007", rung=0), state, now=NOW + POLICY.ack_within)
    assert kinds(decision) == ["PageStaff", "SetTimer"]


# -- reminders ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "around", "now"),
    [
        (replace(REMINDER, version=2), KNOWN, NOW),
        (replace(REMINDER, visit_id=visit(99).id), KNOWN, NOW),
        (replace(REMINDER, flow="gone"), KNOWN, NOW),
        (REMINDER, facts(replace(VISIT, status=VisitStatus.CANCELLED)), NOW),
        (REMINDER, facts(replace(VISIT, status=VisitStatus.NOSHOW)), NOW),
        (REMINDER, facts(replace(VISIT, start=NOW)), NOW),
        (REMINDER, KNOWN, NOW + POLICY.reminder_grace + timedelta(microseconds=1)),
    ],
    ids=["moved", "unknown", "flow gone", "cancelled", "missed", "begun", "stale"],
)
def test_a_reminder_that_no_longer_holds_is_silent(due: ReminderDue, around: Facts, now: datetime) -> None:
    assert on(due, State(), around, now=now).effects == ()


def test_a_reminder_within_its_grace_still_goes_out() -> None:
    assert said(on(REMINDER, now=NOW + POLICY.reminder_grace)) == ["reminder"]


def test_who_opted_out_is_called_instead_of_reminded() -> None:
    decision = on(REMINDER, State(), GONE)
    assert (said(decision), tasks(decision)) == ([], ["call_instead"])


def test_a_visit_that_moved_forgets_its_talk_and_is_planned_anew() -> None:
    moved = facts(replace(VISIT, version=2))
    decision = on(VisitChanged(visit_id=VISIT.id, version=2), REMINDED, moved)
    assert kinds(decision) == ["CancelTimers", "SetTimer", "SetTimer"]
    assert decision.state.talks == ()


def test_a_visit_that_is_not_this_phones_any_more_changes_nothing() -> None:
    decision = on(VisitChanged(visit_id=visit(99).id, version=2), REMINDED)
    assert (decision.effects, decision.state) == ((), REMINDED)


# -- texts that did not arrive -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failed", "around", "expected"),
    [
        (TextFailed(code=30005, purpose="REMINDER"), KNOWN, [("text_not_delivered", Urgency.ROUTINE)]),
        (TextFailed(code=30005, purpose="REPLY"), KNOWN, [("text_not_delivered", Urgency.ROUTINE)]),
        (
            TextFailed(code=30005, purpose="SAFETY"),
            KNOWN,
            [("text_not_delivered", Urgency.URGENT), "PageStaff", "SetTimer"],
        ),
        (TextFailed(code=30005, purpose="PAGE"), KNOWN, [("text_not_delivered", Urgency.URGENT)]),
        (
            TextFailed(code=21610, purpose="REPLY", opted_out=True),
            KNOWN,
            ["OptOut", ("text_not_delivered", Urgency.ROUTINE)],
        ),
        (TextFailed(code=21610, purpose="REPLY", opted_out=True), GONE, []),
    ],
)
def test_a_text_that_did_not_arrive_becomes_a_task(
    failed: TextFailed, around: Facts, expected: list[object]
) -> None:
    found = [
        (effect.task, effect.urgency) if isinstance(effect, OpenTask) else effect.kind
        for effect in on(failed, State(), around).effects
    ]
    assert found == expected


# -- any text ----------------------------------------------------------------------------------------

ANSWER = {"one": {"say": "we_are_closed"}}
ASKING = flow("asking", steps={"one": {"ask": "question", "answers": {"confirm": "end"}}})
PAUSING = flow(
    "pausing", starts=[{"when": "the patient texts WAIT"}], steps={"one": {"pause": "1 day", "then": "end"}}
)


def closed(condition: str = "not clinic.open") -> Story:
    """It is Monday, 9:00, and the office opens at 10:00."""
    starts = [{"when": "any text when nothing is open", "if": condition}]
    office = {"open": {"monday": {"from": "10:00", "until": "17:00"}}}
    made = flow("after_hours", starts=starts, steps=ANSWER)
    return Story(book=book_of(made, ASKING, PAUSING, office=office))


def test_any_text_begins_what_the_clinic_has_for_it() -> None:
    decision = closed().go("can you help me")
    assert (said(decision), tasks(decision)) == (["we_are_closed"], [])


def test_any_text_begins_nothing_where_its_condition_is_false() -> None:
    story = closed()
    assert said(story.go("can you help me", after=timedelta(hours=1))) == ["soft_reply"]


def test_any_text_is_answered_once_in_a_while_and_then_a_person_gets_it() -> None:
    story = closed("yes")
    story.go("can you help me")
    decision = story.go("hello?", after=POLICY.soft_reply_every - timedelta(seconds=1))
    assert (said(decision), tasks(decision)) == ([], ["reply_not_understood"])
    assert said(story.go("hello?", after=timedelta(seconds=1))) == ["we_are_closed"]


@pytest.mark.parametrize(
    ("first", "sentences"), [("go", ["soft_reply"]), ("wait", ["we_are_closed"]), (None, ["we_are_closed"])]
)
def test_any_text_begins_nothing_while_a_question_is_open(first: str | None, sentences: list[str]) -> None:
    story = closed()
    if first:
        story.go(first)
    assert said(story.go("purple")) == sentences


@pytest.mark.parametrize(
    ("intent", "level", "sentences"),
    [
        (Intent.THANKS, Level.NONE, []),
        (Intent.STOP, Level.NONE, ["opted_out_visit_stands"]),
        (Intent.OTHER, EMERGENCY, ["emergency_reply"]),
        (Intent.QUESTION, Level.NONE, ["we_are_closed"]),
    ],
)
def test_any_text_is_what_no_other_rule_deals_with(
    intent: Intent, level: Level, sentences: list[str]
) -> None:
    assert said(closed().go("hm", intent=intent, level=level)) == sentences


# -- questions in the middle -------------------------------------------------------------------------


def test_two_questions_in_a_row_are_both_handed_over_and_ours_is_said_once() -> None:
    steps = {"one": {"ask": "question", "expect": "yes or no", "then": "end"}}
    story = Story(book=book_of(flow(steps=steps)))
    story.go("go")
    first, second = (story.go("can I eat?", intent=Intent.QUESTION) for _ in range(2))
    assert (said(first), tasks(first)) == (["soft_reply", "question"], ["question"])
    assert (said(second), tasks(second)) == ([], ["question"])


def test_a_question_about_a_visit_comes_with_it() -> None:
    decision = on(text("where is it?", Intent.QUESTION), REMINDED)
    assert [e.visit_id for e in decision.effects if isinstance(e, OpenTask)] == [VISIT.id]


@pytest.mark.parametrize("both", [(Intent.CONFIRM, Intent.CANCEL), (Intent.CANCEL, Intent.CONFIRM)])
def test_yes_and_no_in_one_text_change_no_visit(both: tuple[Intent, Intent]) -> None:
    decision = on(text("yes, cancel it", both[0], also=(both[1],)), REMINDED)
    assert kinds(decision) == ["SendText", "OpenTask"]
    assert decision.state.talks == REMINDED.talks


def test_a_keyword_of_the_clinics_means_what_it_says_whatever_it_reads_as() -> None:
    made = flow(starts=[{"when": "the patient texts MESSAGE"}], steps={"one": {"say": "write_to_us"}})
    story = Story(book=book_of(made))
    assert said(story.go("Message!", intent=Intent.STOP)) == ["write_to_us"]
    assert kinds(story.go("no more messages", intent=Intent.STOP))[0] == "OptOut"
    assert kinds(Story(book=book_of(made)).go("STOP", intent=Intent.STOP))[0] == "OptOut"
