"""What is done about everything that is not a text: triggers and wishes, visits, pages, timers, new editions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.effects import OptOut, PageStaff, Purpose, Record, SendText, SetTimer, Urgency
from bot.core.events import (
    EditionMoved,
    NoAnswer,
    PageUsed,
    ReminderDue,
    SlotAnswer,
    TextFailed,
    Triggered,
    VisitChanged,
)
from bot.core.facts import Facts, VisitStatus
from bot.core.triggers import Change
from nlp.reading import Intent
from tests.bot.core.world import (
    ANA,
    BEN,
    NOW,
    SLOTS,
    Story,
    bodies,
    book_of,
    facts,
    flow,
    kinds,
    said,
    tasks,
    visit,
)

VISIT = visit()
HELLO = {"one": {"say": "hello"}}
ASKS = {"one": {"ask": "how_are_you", "answers": {"confirm": "fine"}}, "fine": {"say": "fine"}}


def begun_by(*whens: str, around: Facts | None = None, **given: object) -> Story:
    """A flow that begins with these."""
    steps = given.pop("steps", HELLO)
    starts = [{"when": when} for when in whens]
    made = flow(starts=starts, steps=steps, **given)
    return Story(book=book_of(made), around=around or facts(VISIT))


# -- triggers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trigger",
    [
        "a missed call",
        "a result is released",
        "a time opens up",
        "staff start it",
        "a broadcast",
        "the list recall names the patient",
        "the form intake is submitted",
        "the task refill_review is closed",
    ],
)
def test_a_trigger_begins_its_flow(trigger: str) -> None:
    (text,) = begun_by(trigger).go(Triggered(trigger=trigger)).effects
    assert isinstance(text, SendText)
    assert (text.wording, text.purpose) == ("hello", Purpose.REMINDER)


def test_a_trigger_begins_every_flow_that_names_it() -> None:
    flows = [
        flow(name, starts=[{"when": "a missed call"}], steps={"a": {"say": name}}) for name in ("one", "two")
    ]
    assert said(Story(book=book_of(*flows)).go(Triggered(trigger="a missed call"))) == ["one", "two"]


@pytest.mark.parametrize(
    ("what", "sentences", "opened"),
    [
        (Triggered(trigger="a missed call"), ["hello"], []),
        (Triggered(trigger="a missed call", flow="test"), ["hello"], []),
        (
            Triggered(trigger="a broadcast", flow="test"),
            ["hello"],
            [],
        ),  # named, so it needs no start of its own
        (Triggered(trigger="a missed call", flow="gone"), [], ["nothing_to_start"]),
        (Triggered(trigger="a broadcast"), [], ["nothing_to_start"]),
        (Triggered(trigger="the list recall names the patient"), [], ["nothing_to_start"]),
    ],
)
def test_where_nothing_begins_a_person_hears_of_it(
    what: Triggered, sentences: list[str], opened: list[str]
) -> None:
    decision = begun_by("a missed call").go(what)
    assert (said(decision), tasks(decision)) == (sentences, opened)


@pytest.mark.parametrize(
    ("trigger", "opened"),
    [
        ("a missed call", []),
        ("the list recall names the patient", []),
        ("staff start it", ["nothing_to_start"]),
    ],
)
def test_a_condition_that_is_false_is_silent_unless_somebody_waits_for_it(
    trigger: str, opened: list[str]
) -> None:
    made = flow(starts=[{"when": trigger, "if": "patient.has_visit"}], steps=HELLO)
    with_visit, without = (Story(book=book_of(made), around=facts(*visits)) for visits in ((VISIT,), ()))
    assert said(with_visit.go(Triggered(trigger=trigger))) == ["hello"]
    decision = without.go(Triggered(trigger=trigger))
    assert (said(decision), tasks(decision)) == ([], opened)


def test_a_trigger_brings_variables_of_the_flow_that_its_condition_can_look_at() -> None:
    starts = [{"when": "the list recall names the patient", "if": "weight > 80", "at": "two"}]
    steps = {"one": {"say": "one"}, "two": {"ask": "told", "expect": "text", "then": "end"}}
    made = flow(starts=starts, variables={"weight": "contact"}, steps=steps)
    story = Story(book=book_of(made, told="You said {{weight}}."))
    listed = Triggered(trigger="the list recall names the patient", values={"weight": 90, "secret": "x"})
    assert bodies(story.go(listed)) == ["You said 90."]
    assert story.values == {"weight": 90}
    light = Story(book=story.book).go(replace(listed, values={"weight": 70}))
    assert light.effects == ()


@pytest.mark.parametrize(
    ("trigger", "sentence"), [("staff start it", "two"), ("a missed call", "one"), ("a broadcast", "one")]
)
def test_a_flow_that_was_named_begins_where_it_would_with_this_trigger(trigger: str, sentence: str) -> None:
    starts = [{"when": "a missed call"}, {"when": "staff start it", "at": "two"}]
    made = flow(starts=starts, steps={"one": {"say": "one"}, "two": {"say": "two"}})
    assert said(Story(book=book_of(made)).go(Triggered(trigger=trigger, flow="test"))) == [sentence]


def test_a_flow_about_a_visit_needs_one() -> None:
    story = begun_by("staff start it", about="the visit")
    assert tasks(story.go(Triggered(trigger="staff start it"))) == ["nothing_to_start"]
    assert said(story.go(Triggered(trigger="staff start it", visit_id=VISIT.id))) == ["hello"]


def test_on_a_shared_phone_the_one_who_is_meant_is_named() -> None:
    made = flow(starts=[{"when": "a result is released"}], steps={"one": {"say": "hello"}})
    story = Story(book=book_of(made, hello="Hi {{first_name}}."), around=facts(people=(ANA, BEN)))
    assert bodies(story.go(Triggered(trigger="a result is released", person_id=BEN.id))) == ["Hi Ben."]


def test_times_that_opened_up_are_offered() -> None:
    made = flow(about="the visit", starts=[{"when": "a time opens up"}], steps={"one": {"ask": "offer"}})
    story = Story(book=book_of(made, offer="{{offered}}?"))
    opened = Triggered(trigger="a time opens up", visit_id=VISIT.id, slots=SLOTS[:1])
    assert bodies(story.go(opened)) == ["Tue, Dec 8 at 10:30 AM?"]


# -- what the patient wants --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wishes", "opted_out", "purpose", "sentences", "opened"),
    [
        ({}, False, "care", ["hello"], []),
        ({"channel": "text"}, False, "care", ["hello"], []),
        # a survey or an offer is not worth a call; care and reminders are
        ({"channel": "call"}, False, "reminder", [], ["call_instead"]),
        ({"channel": "call"}, False, "care", [], ["call_instead"]),
        ({"channel": "call"}, False, "survey", [], []),
        ({"channel": "call"}, False, "bulk", [], []),
        ({}, True, "care", [], ["call_instead"]),
        ({}, True, "survey", [], []),
        # what is turned off is off
        ({"survey": "no"}, False, "survey", [], []),
        ({"survey": "no"}, False, "care", ["hello"], []),
        ({"survey": "yes"}, False, "survey", ["hello"], []),
        ({"bulk": "no"}, False, "bulk", [], []),
        ({"care": "no"}, False, "care", [], []),
        ({"reminder": "no", "channel": "call"}, False, "reminder", [], []),
    ],
)
def test_what_nobody_asked_for_goes_by_the_patients_wishes(
    wishes: dict[str, str], *, opted_out: bool, purpose: str, sentences: list[str], opened: list[str]
) -> None:
    around = facts(VISIT, people=(replace(ANA, preferences=wishes),), opted_out=opted_out)
    decision = begun_by("a missed call", around=around, purpose=purpose).go(
        Triggered(trigger="a missed call")
    )
    assert (said(decision), tasks(decision)) == (sentences, opened)


def test_what_the_patient_asks_for_by_text_is_given_by_text() -> None:
    caller = facts(VISIT, people=(replace(ANA, preferences={"channel": "call", "care": "no"}),))
    assert said(begun_by("the patient texts GO", around=caller).go("go")) == ["hello"]


# -- visits ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", list(Change))
def test_what_the_office_does_to_a_visit_begins_its_flow(change: Change) -> None:
    story = begun_by(f"the visit is {change}", about="the visit")
    for other in (None, *Change):
        told = said(story.go(VisitChanged(visit_id=VISIT.id, version=1, change=other)))
        assert told == (["hello"] if other is change else [])


def test_a_change_that_another_has_followed_is_not_told() -> None:
    story = begun_by("the visit is moved", about="the visit", around=facts(replace(VISIT, version=3)))
    assert said(story.go(VisitChanged(visit_id=VISIT.id, version=2, change=Change.MOVED))) == []


def test_a_change_is_told_only_where_the_condition_holds() -> None:
    starts = [{"when": "the visit is moved", "if": "visit.days_ahead < 3"}]
    made = flow(about="the visit", starts=starts, steps=HELLO)
    changed = VisitChanged(visit_id=VISIT.id, version=1, change=Change.MOVED)
    assert said(Story(book=book_of(made)).go(changed)) == []
    soon = facts(replace(VISIT, start=NOW + timedelta(days=2)))
    assert said(Story(book=book_of(made), around=soon).go(changed)) == ["hello"]


@pytest.mark.parametrize(("version", "survives"), [(1, True), (2, False)])
def test_a_talk_about_a_visit_survives_what_does_not_change_it(version: int, *, survives: bool) -> None:
    story = begun_by("staff start it", about="the visit", steps=ASKS)
    story.go(Triggered(trigger="staff start it", visit_id=VISIT.id))
    story.around = facts(replace(VISIT, version=version))
    story.go(VisitChanged(visit_id=VISIT.id, version=version))
    assert bool(story.state.talks) is survives


@pytest.mark.parametrize(
    ("status", "change", "now"),
    [
        (VisitStatus.FULFILLED, Change.COMPLETED, VISIT.start + timedelta(hours=1)),
        (VisitStatus.BOOKED, Change.MOVED, VISIT.start),
        (VisitStatus.CANCELLED, Change.CANCELLED, NOW),
    ],
)
def test_a_talk_about_a_visit_that_is_over_or_off_survives_its_changes(
    status: VisitStatus, change: Change, now: datetime
) -> None:
    story = begun_by(f"the visit is {change}", about="the visit", steps=ASKS)
    story.around = facts(replace(VISIT, status=status, version=2))
    story.now = now
    story.go(VisitChanged(visit_id=VISIT.id, version=2, change=change))
    story.around = facts(replace(VISIT, status=status, version=3))
    story.go(VisitChanged(visit_id=VISIT.id, version=3))
    assert said(story.go("fine", intent=Intent.CONFIRM)) == ["fine"]


@pytest.mark.parametrize(
    ("number", "change", "open_still"),
    [(1, Change.MOVED, False), (2, Change.CANCELLED, False), (1, None, True), (3, Change.MOVED, True)],
)
def test_which_visit_is_meant_is_asked_until_one_of_them_changes(
    number: int, change: Change | None, *, open_still: bool
) -> None:
    first, second, third = (visit(n, start=VISIT.start + timedelta(days=n)) for n in (1, 2, 3))
    story = begun_by("the patient says reschedule", about="the visit", around=facts(first, second))
    assert said(story.go("another day", intent=Intent.RESCHEDULE)) == ["which_visit"]
    story.around = facts(first, second, third)
    story.go(VisitChanged(visit_id=visit(number).id, version=1, change=change))
    assert (story.state.which is not None) is open_still


# -- reminders around a visit ------------------------------------------------------------------------

AFTER = ReminderDue(
    visit_id=VISIT.id,
    version=1,
    flow="test",
    when="1 day after the visit",
    due=VISIT.start + timedelta(days=1),
)


@pytest.mark.parametrize(
    ("status", "sentences"),
    [
        (VisitStatus.FULFILLED, ["hello"]),
        (VisitStatus.ARRIVED, ["hello"]),
        (VisitStatus.CHECKED_IN, ["hello"]),
        (VisitStatus.BOOKED, []),  # nobody knows
        (VisitStatus.CONFIRMED, []),
        (VisitStatus.NOSHOW, []),
        (VisitStatus.CANCELLED, []),
        (VisitStatus.ENTERED_IN_ERROR, []),
    ],
)
def test_after_a_visit_only_who_came_is_texted(status: VisitStatus, sentences: list[str]) -> None:
    around = facts(replace(VISIT, status=status))
    story = begun_by(AFTER.when, about="the visit", around=around)
    story.now = AFTER.due
    assert said(story.go(AFTER)) == sentences


def test_a_reminder_looks_at_its_condition_when_it_is_due() -> None:
    starts = [{"when": AFTER.when, "if": 'visit.kind is "surgery"'}]
    made = flow(about="the visit", starts=starts, steps=HELLO)
    for kind, sentences in (("surgery", ["hello"]), ("follow-up", [])):
        around = facts(replace(VISIT, status=VisitStatus.FULFILLED, kind=kind))
        assert said(Story(book=book_of(made), around=around, now=AFTER.due).go(AFTER)) == sentences


def test_of_two_starts_at_the_same_time_the_first_whose_condition_holds_begins() -> None:
    starts = [
        {"when": AFTER.when, "if": 'visit.kind is "surgery"', "at": "one"},
        {"when": AFTER.when, "at": "two"},
    ]
    made = flow(about="the visit", starts=starts, steps={"one": {"say": "one"}, "two": {"say": "two"}})
    came = facts(replace(VISIT, status=VisitStatus.FULFILLED))
    assert said(Story(book=book_of(made), around=came, now=AFTER.due).go(AFTER)) == ["two"]


# -- pages -------------------------------------------------------------------------------------------


def paged(*outcomes: str) -> Story:
    steps = {
        "one": {
            "send_page": "form",
            "form": "intake",
            "say": "look",
            "wait": "1 day",
            "outcomes": dict.fromkeys(outcomes, "two"),
            "no_answer": "late",
        },
        "two": {"say": "thanks_for_it", "then": "three"},
        "three": {"ask": "more", "expect": "text", "then": "end"},
        "late": {"say": "too_late"},
    }
    story = Story(book=book_of(flow(variables={"allergies": "phi", "shoe": "phi"}, steps=steps)))
    story.go("go")
    return story


def test_what_comes_back_from_a_page_is_kept_and_answered_at_once() -> None:
    story = paged("submitted")
    used = PageUsed(turn=story.turn, outcome="submitted", values={"allergies": "nuts", "unknown": 3})
    record, thanks, more = story.go(used).effects
    assert record == Record(flow="test", item="allergies", value="nuts", person_id=ANA.id)
    assert isinstance(thanks, SendText)
    assert isinstance(more, SendText)
    assert thanks.purpose is more.purpose is Purpose.REPLY
    assert story.values == {"allergies": "nuts"}


def test_who_only_opens_a_page_may_sleep_again_by_the_time_that_a_text_comes() -> None:
    story = paged("opened")
    purposes = {
        e.purpose
        for e in story.go(PageUsed(turn=story.turn, outcome="opened")).effects
        if isinstance(e, SendText)
    }
    assert purposes == {Purpose.REMINDER}


def test_an_outcome_that_the_step_does_not_wait_for_changes_nothing() -> None:
    story = paged("submitted")
    before = story.state
    assert story.go(PageUsed(turn=story.turn, outcome="opened")).effects == ()
    assert story.state == before


def test_a_page_of_an_earlier_turn_changes_nothing() -> None:
    story = paged("submitted")
    turn = story.turn
    story.go(PageUsed(turn=turn, outcome="submitted"))
    assert story.go(PageUsed(turn=turn, outcome="submitted")).effects == ()


def test_a_page_that_nobody_opens_goes_on_as_unanswered() -> None:
    story = paged("submitted")
    assert said(story.go(NoAnswer(turn=story.turn))) == ["too_late"]


# -- editions ----------------------------------------------------------------------------------------


def asked(**given: object) -> Story:
    steps = {**ASKS, "sorry": {"say": "sorry_for_the_change"}}
    story = Story(book=book_of(flow(steps=steps, **given)))
    story.go("go")
    return story


def test_a_talk_whose_step_the_new_edition_has_goes_on() -> None:
    story = asked(fallback="sorry")
    assert story.go(EditionMoved(kept=("test:one",))).effects == ()
    assert story.at == ["one"]


@pytest.mark.parametrize(
    ("fallback", "sentences"), [("sorry", ["sorry_for_the_change"]), (None, []), ("nowhere", [])]
)
def test_a_talk_whose_step_is_gone_goes_to_a_person_and_to_the_fallback(
    fallback: str | None, sentences: list[str]
) -> None:
    story = asked(fallback=fallback)
    decision = story.go(EditionMoved(kept=("test:two", "other:one")))
    assert (said(decision), tasks(decision)) == (sentences, ["flow_changed"])
    assert all(e.purpose is Purpose.REMINDER for e in decision.effects if isinstance(e, SendText))
    assert story.state.talks == ()


def test_a_talk_needs_the_flows_that_wait_for_its_result_too() -> None:
    main = flow("main", steps={"one": {"call": "sub", "then": "end"}})
    sub = flow("sub", starts=[], steps=ASKS)
    story = Story(book=book_of(main, sub))
    story.go("go")
    assert story.go(EditionMoved(kept=("sub:one", "main:one"))).effects == ()
    assert tasks(story.go(EditionMoved(kept=("sub:one",)))) == ["flow_changed"]


# -- the rest ----------------------------------------------------------------------------------------


def test_a_booking_is_reminded_of_but_not_too_soon() -> None:
    whens = ("3 days before the visit", "1 day before the visit")
    story = begun_by(*whens, about="the visit")
    near = facts(replace(VISIT, start=datetime(2026, 12, 3, 20, tzinfo=UTC), version=2))  # in three days
    story.around = near
    decision = story.go(SlotAnswer(visit_id=VISIT.id, turn=99, booked=True))
    assert [e.what.when for e in decision.effects if isinstance(e, SetTimer)] == [whens[1]]  # type: ignore[union-attr]
    office = story.go(VisitChanged(visit_id=VISIT.id, version=2, change=Change.MOVED))
    assert [e.what.when for e in office.effects if isinstance(e, SetTimer)] == list(whens)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("purpose", "urgency"),
    [
        ("PAGE", Urgency.URGENT),
        ("REPLY", Urgency.ROUTINE),
        ("BULK", Urgency.ROUTINE),
    ],
)
def test_a_text_that_was_lost_is_as_urgent_as_it_was_grave(purpose: str, urgency: Urgency) -> None:
    failed = TextFailed(code=21610, purpose=purpose, opted_out=True)
    effects = begun_by("a missed call").go(failed).effects
    assert effects[0] == OptOut(words="carrier")
    assert kinds(effects) == ["OptOut", "OpenTask"]
    assert effects[1].urgency is urgency  # type: ignore[union-attr]


def test_a_safety_text_that_was_lost_pages_whoever_is_on_call() -> None:
    failed = TextFailed(code=30003, purpose="SAFETY")
    _task, page, _timer = begun_by("a missed call").go(failed).effects
    assert isinstance(page, PageStaff)
    assert (page.reason, page.urgency) == ("not_delivered", Urgency.URGENT)
    assert "phone them" in page.body


@pytest.mark.parametrize(("opted_out", "opened"), [(True, []), (False, ["text_not_delivered"])])
def test_only_a_text_that_an_opt_out_held_back_is_not_missed(*, opted_out: bool, opened: list[str]) -> None:
    story = begun_by("a missed call", around=facts(VISIT, opted_out=True))
    assert tasks(story.go(TextFailed(code=30005, purpose="REPLY", opted_out=opted_out))) == opened


@pytest.mark.parametrize("change", [Change.CANCELLED, Change.COMPLETED])
def test_news_of_a_visit_that_is_off_is_not_held_back_as_if_it_were_a_reminder(change: Change) -> None:
    status = {Change.CANCELLED: VisitStatus.CANCELLED, Change.COMPLETED: VisitStatus.FULFILLED}[change]
    closed = replace(VISIT, status=status, version=2)  # though its time has not come
    story = begun_by(f"the visit is {change}", about="the visit", around=facts(closed))
    (text,) = [
        e
        for e in story.go(VisitChanged(visit_id=VISIT.id, version=2, change=change)).effects
        if isinstance(e, SendText)
    ]
    assert (text.purpose, text.about, text.not_after) == (Purpose.REMINDER, None, None)
