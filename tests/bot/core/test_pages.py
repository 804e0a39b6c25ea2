"""What follows when a secure page was used: what it means by itself, the flow that waits, and what nobody waits for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core import pages
from bot.core.book import Book, House
from bot.core.effects import (
    OpenTask,
    PageStaff,
    Purpose,
    Record,
    SendPage,
    SendText,
    SetPreference,
    SetTimer,
    SetVisitStatus,
    Urgency,
)
from bot.core.events import PageUsed, WordsOnPage
from bot.core.facts import VisitStatus
from bot.core.flow import Page
from bot.core.forms import Form
from bot.core.pages import Factor
from nlp.reading import Intent, Level, Reading
from tests.bot.core.world import ANA, BEN, NOW, Story, book_of, facts, flow, kinds, said, tasks, visit

VISIT = visit()
FORM = Form.model_validate(
    {
        "form": "mood",
        "title": "mood_title",
        "items": [
            {"item": "sleep", "ask": "mood_sleep", "expect": "a number from 0 to 3"},
            {
                "item": "harm",
                "ask": "mood_harm",
                "expect": "a number from 0 to 3",
                "at_once": [
                    {
                        "if": "harm >= 1",
                        "escalate": {"reason": "harm", "urgency": "emergency"},
                        "say": "crisis_reply",
                    }
                ],
            },
        ],
    }
)
WAITS = {
    "page": {
        "send_page": "form",
        "form": "mood",
        "say": "mood_link",
        "outcomes": {"opened": "seen", "submitted": "thanks"},
    },
    "seen": {"say": "seen"},
    "thanks": {"say": "thanks"},
}


def with_form(book: Book) -> Book:
    """The book, and a form."""
    return book.model_copy(update={"forms": {"mood": FORM}})


def waiting(**given: Any) -> Story:
    """A flow that has sent its form."""
    steps = given.pop("steps", WAITS)
    made = flow(variables={"sleep": "phi", "harm": "phi"}, steps=steps, **given)
    book = book_of(made, mood_link="See {{link}} now.", page_again="{{clinic}}: {{link}} again.")
    story = Story(book=with_form(book), around=facts(VISIT))
    story.go("GO")
    return story


def used(outcome: str, **given: Any) -> PageUsed:
    """A page of Ana's."""
    return PageUsed(
        **{"turn": 2, "outcome": outcome, "page": Page.FORM, "form": "mood", "person_id": ANA.id, **given}
    )


# -- the flow that waits ------------------------------------------------------------------------------


def test_the_flow_goes_on_with_the_answers() -> None:
    story = waiting()
    decision = story.go(used("submitted", turn=story.turn, values={"sleep": 2, "harm": 0}))
    records = [effect for effect in decision.effects if isinstance(effect, Record)]
    assert [(record.item, record.value) for record in records] == [("sleep", 2), ("harm", 0)]
    assert said(decision) == ["thanks"]


def test_a_page_that_belongs_to_an_older_question_moves_nothing() -> None:
    story = waiting()
    assert story.go(used("opened", turn=story.turn + 1)).effects == ()
    assert story.at == ["page"]


def test_a_form_that_nobody_waits_for_is_kept_for_a_person() -> None:
    decision = waiting().go(used("submitted", turn=None, values={"sleep": 2}))
    assert kinds(decision) == ["Record", "OpenTask"]
    (task,) = [effect for effect in decision.effects if isinstance(effect, OpenTask)]
    assert (task.task, task.detail) == ("form_to_read", "form: mood")


def test_a_form_that_comes_late_starts_the_flow_that_begins_with_it() -> None:
    reads = flow(
        "reads",
        starts=[{"when": "the form mood is submitted", "if": "sleep >= 2"}],
        variables={"sleep": "phi"},
        steps={"one": {"say": "read"}},
    )
    story = Story(book=with_form(book_of(reads)), around=facts(VISIT))
    assert said(story.go(used("submitted", turn=None, values={"sleep": 2}))) == ["read"]
    assert tasks(story.go(used("submitted", turn=None, values={"sleep": 1}))) == ["form_to_read"]


# -- answers that must not wait ------------------------------------------------------------------------


def test_an_answer_that_must_not_wait_pages_when_it_is_saved() -> None:
    story = waiting()
    decision = story.go(used("saved", turn=story.turn, values={"sleep": 0, "harm": 1}, fresh=("harm",)))
    assert kinds(decision) == ["OpenTask", "PageStaff", "SetTimer", "SendText"]
    text = decision.effects[-1]
    assert isinstance(text, SendText)
    assert (text.wording, text.purpose) == ("crisis_reply", Purpose.SAFETY)
    assert story.at == ["page"]  # the form goes on


def test_what_was_said_before_pages_nobody_again() -> None:
    story = waiting()
    assert (
        story.go(used("saved", turn=story.turn, values={"sleep": 1, "harm": 1}, fresh=("sleep",))).effects
        == ()
    )


def test_the_last_answer_counts_though_it_is_sent_and_not_saved() -> None:
    story = waiting()
    values = {"sleep": 0, "harm": 3}
    decision = story.go(used("submitted", turn=story.turn, values=values, fresh=("harm",)))
    assert any(isinstance(effect, PageStaff) for effect in decision.effects)
    assert said(decision) == ["crisis_reply", "thanks"]


# -- what pages mean by themselves ---------------------------------------------------------------------


def test_every_wish_counts_at_once_and_nothing_else_is_a_wish() -> None:
    wishes = {"language": "es", "hours": "morning", "frequency": "fewer", "is_admin": "yes"}
    decision = waiting().go(used("submitted", page=Page.PREFERENCES, form=None, values=wishes))
    kept = {effect.name: effect.value for effect in decision.effects if isinstance(effect, SetPreference)}
    assert kept == {"language": "es", "hours": "morning", "frequency": "fewer"}


def test_the_next_text_comes_in_the_language_that_was_chosen() -> None:
    story = waiting()
    story.go(used("submitted", turn=None, page=Page.PREFERENCES, form=None, values={"language": "es"}))
    (page,) = story.go(used("asked_again")).effects
    assert isinstance(page, SendPage)
    assert page.text.language == "es"


def test_who_wants_fewer_reminders_has_their_visits_planned_anew() -> None:
    whens = ("3 days before the visit", "1 day before the visit", "2 hours before the visit")
    made = flow(
        "reminds",
        purpose="reminder",
        about="the visit",
        starts=[{"when": when} for when in whens],
        steps={"a": {"say": "x"}},
    )
    story = Story(book=book_of(made), around=facts(VISIT))
    fewer = used("submitted", turn=None, page=Page.PREFERENCES, form=None, values={"frequency": "fewer"})
    planned = [effect for effect in story.go(fewer).effects if isinstance(effect, SetTimer)]
    assert [timer.what.when for timer in planned] == ["1 day before the visit"]  # type: ignore[union-attr]


@pytest.mark.parametrize("choice", ["none", "keep"])
def test_a_time_that_was_not_taken_changes_no_reminder(choice: str) -> None:
    left = used(
        "submitted", turn=None, page=Page.TIMES, form=None, visit_id=VISIT.id, values={"choice": choice}
    )
    assert waiting().go(left).effects == ()


def test_no_texts_at_all_is_an_opt_out_that_is_confirmed() -> None:
    stop = used("submitted", turn=None, page=Page.PREFERENCES, form=None, values={"texts": "stop"})
    decision = waiting().go(stop)
    assert kinds(decision) == ["OptOut", "SendText"]
    assert decision.effects[1].final  # type: ignore[union-attr]
    story = waiting()
    story.around = facts(VISIT, opted_out=True)
    assert story.go(stop).effects == ()


def test_a_time_that_was_chosen_is_reminded_of_and_the_talk_goes_on_with_it() -> None:
    steps = {
        "page": {"send_page": "times", "say": "mood_link", "outcomes": {"submitted": "thanks"}},
        "thanks": {"say": "thanks"},
    }
    reminds = flow(
        "reminds", about="the visit", starts=[{"when": "1 day before the visit"}], steps={"a": {"say": "x"}}
    )
    book = book_of(flow(about="the visit", steps=steps), reminds, mood_link="See {{link}} now.")
    story = Story(book=book, around=facts(VISIT))
    story.go("GO")
    moved = replace(VISIT, start=datetime(2026, 12, 9, 15, tzinfo=UTC), version=2)
    story.around = facts(moved)
    booked = used(
        "submitted",
        turn=story.turn,
        page=Page.TIMES,
        form=None,
        visit_id=VISIT.id,
        values={"choice": "booked"},
    )
    decision = story.go(booked)
    assert [effect.due.day for effect in decision.effects if isinstance(effect, SetTimer)] == [8]
    assert said(decision) == ["thanks"]


def test_who_checks_in_is_here() -> None:
    here = used("submitted", page=Page.CHECK_IN, form=None, visit_id=VISIT.id, values={"here": True})
    decision = waiting().go(here)
    assert decision.effects[0] == SetVisitStatus(visit_id=VISIT.id, status=VisitStatus.ARRIVED)
    assert tasks(decision) == ["patient_is_here"]


def test_a_visit_that_is_off_is_not_checked_in_to() -> None:
    story = waiting()
    story.around = facts(replace(VISIT, status=VisitStatus.CANCELLED))
    here = used(
        "submitted", turn=None, page=Page.CHECK_IN, form=None, visit_id=VISIT.id, values={"here": True}
    )
    assert story.go(here).effects == ()


@pytest.mark.parametrize(("agree", "opened"), [(True, []), (False, ["consent_refused"])])
def test_a_consent_that_is_refused_goes_to_a_person(*, agree: bool, opened: list[str]) -> None:
    signed = used("submitted", page=Page.CONSENT, form="telehealth", values={"agree": agree})
    assert tasks(waiting().go(signed)) == opened


# -- what goes wrong -----------------------------------------------------------------------------------


def test_a_person_hears_of_a_link_that_was_locked() -> None:
    (effect,) = waiting().go(used("locked")).effects
    assert isinstance(effect, OpenTask)
    assert (effect.task, effect.urgency) == ("page_locked", Urgency.ROUTINE)


def test_not_for_me_is_a_wrong_number_where_the_phone_is_one_persons() -> None:
    story = waiting()
    decision = story.go(used("wrong_person"))
    assert kinds(decision) == ["OpenTask", "SendText", "OptOut"]
    assert (tasks(decision), said(decision)) == (["page_for_somebody_else"], ["wrong_number"])
    assert story.at == []


def test_not_for_me_on_a_shared_phone_ends_no_more_than_what_waits_for_that_page() -> None:
    story = waiting()
    story.around = facts(VISIT, people=(ANA, BEN))
    decision = story.go(used("wrong_person"))
    assert (kinds(decision), tasks(decision)) == (["OpenTask"], ["page_for_somebody_else"])
    assert story.at == []


def test_a_new_link_leads_to_the_same_page_and_the_same_question() -> None:
    story = waiting()
    turn = story.turn
    (page,) = story.go(used("asked_again", turn=turn)).effects
    assert isinstance(page, SendPage)
    assert (page.page, page.form, page.turn, page.person_id) == (Page.FORM, "mood", turn, ANA.id)
    assert "[link]" in page.text.body


def test_new_links_come_once_in_a_while() -> None:
    story = waiting()
    assert kinds(story.go(used("asked_again"))) == ["SendPage"]
    assert kinds(story.go(used("asked_again"), after=timedelta(minutes=4))) == []
    assert kinds(story.go(used("asked_again"), after=timedelta(minutes=2))) == ["SendPage"]


def test_a_phone_that_has_opted_out_gets_no_new_link_but_a_call() -> None:
    story = waiting()
    story.around = facts(VISIT, opted_out=True)
    assert tasks(story.go(used("asked_again"))) == ["page_asked_for"]


# -- words ---------------------------------------------------------------------------------------------


def words(where: str, **read: Any) -> WordsOnPage:
    """Something that Ana wrote on a page, read as this."""
    reading = Reading(language="en", confidence=0.9, **read)
    return WordsOnPage(person_id=ANA.id, body="some words", where=where, reading=reading)  # type: ignore[arg-type]


def test_a_message_goes_to_a_nurse() -> None:
    (task,) = waiting().go(words("message")).effects
    assert isinstance(task, OpenTask)
    assert (task.task, task.role) == ("secure_message", "nurse")


@pytest.mark.parametrize(
    ("where", "level"),
    [
        ("message", Level.EMERGENCY),
        ("message", Level.CRISIS),
        ("message", Level.URGENT),
        ("form", Level.EMERGENCY),
        ("form", Level.CRISIS),
    ],
)
def test_an_emergency_in_it_does_not_wait_for_somebody_to_read(where: str, level: Level) -> None:
    decision = waiting().go(words(where, level=level))
    assert said(decision) == [f"{level}_reply"]
    assert [kind for kind in kinds(decision) if kind == "PageStaff"] == ["PageStaff"]


def test_an_urgent_answer_of_a_form_is_a_task_and_pages_nobody() -> None:
    decision = waiting().go(words("form", level=Level.URGENT))
    assert (kinds(decision), tasks(decision)) == (["OpenTask"], ["urgent_words_in_a_form"])


def test_stop_in_a_message_is_an_opt_out_and_in_a_form_it_is_an_answer() -> None:
    assert "OptOut" in kinds(waiting().go(words("message", intent=Intent.STOP)))
    assert waiting().go(words("form", intent=Intent.STOP)).effects == ()


# -- what opens a page ---------------------------------------------------------------------------------


def house(**rules: Any) -> House:
    """A clinic with these rules for pages."""
    return House.model_validate({"policy": "p", "pages": rules})


@pytest.mark.parametrize(
    ("rules", "page", "has_pin", "factor", "wants"),
    [
        ({}, Page.RESULT, False, Factor.BIRTH_DATE, False),
        ({}, Page.RESULT, True, Factor.BIRTH_DATE, False),
        ({"second_factor": "pin"}, Page.RESULT, True, Factor.PIN, False),
        ({"second_factor": "pin"}, Page.RESULT, False, Factor.BIRTH_DATE, True),
        ({"open_without": ["check_in"]}, Page.CHECK_IN, False, Factor.NONE, False),
        ({"open_without": ["check_in"]}, Page.RESULT, False, Factor.BIRTH_DATE, False),
        ({"second_factor": "pin", "open_without": ["times"]}, Page.TIMES, False, Factor.NONE, False),
    ],
)
def test_the_clinic_says_what_opens_a_page(
    rules: dict[str, Any], page: Page, *, has_pin: bool, factor: Factor, wants: bool
) -> None:
    assert pages.factor(house(**rules), page, has_pin=has_pin) is factor
    assert pages.wants_pin(house(**rules), page, has_pin=has_pin) is wants


@pytest.mark.parametrize(
    "page", [page for page in Page if page not in ("times", "offer", "preferences", "check_in")]
)
def test_a_page_that_may_show_phi_never_opens_without(page: Page) -> None:
    with pytest.raises(ValueError, match="second factor"):
        house(open_without=[page])


def test_a_link_lives_three_days_at_most() -> None:
    policy = Story(book=book_of(flow(steps={"a": {"say": "x"}}))).book.policy.model_dump(by_alias=True)
    for life, fits in (("72 hours", True), ("73 hours", False), ("4 minutes", False)):
        try:
            type(waiting().book.policy).model_validate({**policy, "link_life": life})
        except ValueError:
            assert not fits, life
        else:
            assert fits, life
    assert NOW
