"""Tests of bot/flowbook/inputs_pages.py: what happens on a page, and that it brings only what the real one does."""

from datetime import UTC, datetime

import pytest

from bot.core.book import Book
from bot.core.effects import Record, SetPreference
from bot.core.events import PageUsed, VisitChanged, WordsOnPage
from bot.core.facts import VisitStatus
from bot.core.triggers import Change
from bot.errors import BadFlow
from bot.flowbook import loader, transcript
from bot.flowbook.inputs import perform
from bot.flowbook.player import world_of
from bot.flowbook.rows import person_id
from bot.flowbook.source import Plain
from bot.flowbook.world import World
from nlp.reader import Reader
from tests.bot.flowbook.conftest import Bend
from tests.bot.flowbook.test_inputs import HEAD

PAGES = """\
flow: intake
title: A form
purpose: care
about: the patient
variables: {shoe: phi, new: phi}
starts:
  - when: staff start it
steps:
  form: {send_page: form, form: intake, say: running_late, wait: 1 day, outcomes: {submitted: end, opened: form}}
"""


@pytest.fixture
def paged(edition: Bend, reader: Reader) -> World:
    files = {**edition(), "dialogs/intake.yaml": PAGES}
    return world_of(transcript.Head.model_validate(HEAD), loader.read(files), reader)


@pytest.mark.parametrize("outcome", ["opened", "submitted"])
def test_a_page_that_was_sent_is_used(paged: World, outcome: str) -> None:
    perform(paged, {"trigger": "staff start it"})
    turn = paged.patient.state.talks[0].turn
    perform(paged, {"page": outcome, "values": {"shoe": "43", "new": "yes"}})
    used = paged.events[-1]
    assert isinstance(used, PageUsed)
    assert (used.turn, used.outcome, used.values) == (turn, outcome, {"shoe": 43, "new": True})
    assert (used.page, used.form, used.person_id) == ("form", "intake", person_id(1))
    kept = [done.effect.value for done in paged.record if isinstance(done.effect, Record)]
    assert kept == [43, True]


def test_the_page_that_was_sent_last_is_meant(paged: World) -> None:
    perform(paged, {"trigger": "staff start it"})
    perform(paged, {"page": "opened"})  # which sends another
    perform(paged, {"page": "submitted"})
    assert isinstance(paged.events[-1], PageUsed)
    assert paged.events[-1].turn == 2
    assert paged.patient.state.talks == ()


FORM = """\
form: intake
title: intake_title
items:
  - {item: shoe, ask: shoe, expect: a number from 20 to 60}
  - {item: new, ask: new, expect: yes or no}
"""


@pytest.fixture
def formed(edition: Bend, reader: Reader) -> World:
    files = {**edition(), "dialogs/intake.yaml": PAGES, "forms/intake.yaml": FORM}
    world = world_of(transcript.Head.model_validate(HEAD), loader.read(files), reader)
    perform(world, {"trigger": "staff start it"})
    return world


def test_what_was_saved_before_is_handed_in_with_the_rest(formed: World) -> None:
    perform(formed, {"page": "saved", "values": {"shoe": "43"}})
    perform(formed, {"page": "saved", "values": {"shoe": "43", "new": "no"}})
    perform(formed, {"page": "submitted", "values": {"new": "yes"}})
    used = [event for event in formed.events if isinstance(event, PageUsed)]
    assert [event.fresh for event in used] == [("shoe",), ("new",), ("new",)]
    assert used[-1].values == {"shoe": 43, "new": True}


def test_a_form_brings_nothing_that_it_does_not_ask(formed: World) -> None:
    with pytest.raises(BadFlow, match=r"has no item 'shoo'.* Did you mean 'shoe'"):
        perform(formed, {"page": "submitted", "values": {"shoo": "43"}})


def test_words_on_a_page_are_read_but_answer_no_question(formed: World) -> None:
    perform(formed, {"words on page": "I have crushing chest pain", "where": "form"})
    said = formed.events[-1]
    assert isinstance(said, WordsOnPage)
    assert said.reading is not None
    assert (said.where, said.reading.level) == ("form", "emergency")


# -- times, offers, consents, wishes -------------------------------------------------------------------

TIMES = """\
flow: times
title: Pick a time
purpose: care
about: the patient
variables: {choice: phi, agree: phi}
starts:
  - when: staff start it
steps:
  pick: {send_page: KIND, say: running_late, wait: 1 day, outcomes: {submitted: end}}
"""
ABOUT_VISIT = TIMES.replace("about: the patient\n", "")
OPEN = datetime(2026, 12, 8, 14, 0, tzinfo=UTC)
BOOKED: dict[str, Plain] = {
    "page": "submitted",
    "values": {"choice": "booked"},
    "books": "2026-12-08 09:00",
}


def sent(edition: Bend, reader: Reader, flow: str, kind: str, **more: Plain) -> World:
    files = {**edition(), "dialogs/times.yaml": flow.replace("KIND", kind)}
    world = world_of(transcript.Head.model_validate(HEAD), loader.read(files), reader)
    perform(world, {"trigger": "staff start it", "flow": "times", **more})
    return world


def test_a_time_that_was_chosen_has_moved_the_visit_before_anybody_hears_of_it(
    edition: Bend, reader: Reader
) -> None:
    world = sent(edition, reader, ABOUT_VISIT, "times", visit="1")
    perform(world, BOOKED)
    [visit] = world.visits
    assert (visit.start, visit.version, visit.status) == (OPEN, 2, VisitStatus.BOOKED)
    assert [opening.visit for opening in world.openings] == [visit.id]
    assert [type(event) for event in world.events[1:]] == [PageUsed]
    assert world.patient.state.talks == ()  # the talk about the older version went on all the same


def test_a_first_visit_is_announced_before_the_page(edition: Bend, reader: Reader) -> None:
    world = sent(edition, reader, TIMES, "times")
    perform(world, BOOKED)
    made = world.visits[-1]
    assert (len(world.visits), made.start, made.patient_id) == (2, OPEN, person_id(1))
    assert world.events[1] == VisitChanged(visit_id=made.id, version=1, change=Change.BOOKED)
    assert isinstance(world.events[2], PageUsed)


def test_an_offer_can_be_taken_or_kept(edition: Bend, reader: Reader) -> None:
    taken = sent(edition, reader, ABOUT_VISIT, "offer", visit="1")
    perform(taken, {**BOOKED, "values": {"choice": "take"}})
    kept = sent(edition, reader, ABOUT_VISIT, "offer", visit="1")
    perform(kept, {"page": "submitted", "values": {"choice": "keep"}})
    assert [world.visits[0].version for world in (taken, kept)] == [2, 1]


@pytest.mark.parametrize(
    ("kind", "entry", "told"),
    [
        ("times", {**BOOKED, "books": "2026-12-09 09:00"}, "is not open"),
        ("times", {**BOOKED, "books": "soon"}, "is no moment"),
        ("times", {"page": "submitted", "values": {"choice": "booked"}}, "Write 'books:"),
        ("times", {**BOOKED, "values": {"choice": "none"}}, "Write 'books:"),
        ("times", {**BOOKED, "page": "opened"}, "Write 'books:"),
        ("times", {**BOOKED, "values": {"choice": "take"}}, "brings 'choice', which is booked or none"),
        ("times", {"page": "submitted", "values": {"agree": "no"}}, "brings 'choice'"),
        ("offer", {"page": "submitted", "values": {"choice": "none"}}, "which is take or keep"),
        ("consent", {"page": "submitted", "values": {"agree": "perhaps"}}, "which is yes or no"),
        ("preferences", {"page": "submitted", "values": {"colour": "red"}}, "brings: language"),
        ("preferences", {"page": "submitted", "values": {"texts": "go"}}, "'texts: stop'"),
    ],
)
def test_what_the_page_does_not_bring_is_told(
    edition: Bend, reader: Reader, kind: str, entry: dict[str, Plain], told: str
) -> None:
    world = sent(edition, reader, TIMES, "consent, form: video" if kind == "consent" else kind)
    with pytest.raises(BadFlow, match=told):
        perform(world, entry)
    assert len(world.events) == 1
    assert [visit.version for visit in world.visits] == [1]


def test_a_consent_brings_yes_or_no(edition: Bend, reader: Reader) -> None:
    world = sent(edition, reader, TIMES, "consent, form: video")
    perform(world, {"page": "submitted", "values": {"agree": "no"}})
    [kept] = [done.effect for done in world.record if isinstance(done.effect, Record)]
    assert kept.value is False


def test_wishes_are_the_words_that_they_are_chosen_by(edition: Bend, reader: Reader) -> None:
    world = sent(edition, reader, TIMES, "preferences")
    perform(world, {"page": "submitted", "values": {"survey": "no", "hours": "morning"}})
    wishes = [done.effect for done in world.record if isinstance(done.effect, SetPreference)]
    assert {(wish.name, wish.value) for wish in wishes} == {("survey", "no"), ("hours", "morning")}


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"page": "submitted"}, "after a page was sent"),
        ({"page": "eaten"}, "Write opened, saved, submitted"),
        ({"words on page": "hello", "where": "wall"}, "Somebody writes a 'message'"),
    ],
)
def test_a_page_that_nobody_sent_is_not_used(
    book: Book, reader: Reader, entry: dict[str, Plain], told: str
) -> None:
    world = world_of(transcript.Head.model_validate(HEAD), book, reader)
    with pytest.raises(BadFlow, match=told):
        perform(world, entry)
    assert world.events == []
