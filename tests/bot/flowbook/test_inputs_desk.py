"""Tests of bot/flowbook/inputs_desk.py: what staff do at the console, and the event that it becomes."""

import pytest

from bot.core.book import Book
from bot.core.events import GivenBack, StaffSentPage, StaffWrote, TakenOver, What, WrongNumber
from bot.core.flow import Page
from bot.errors import BadFlow
from bot.flowbook import transcript
from bot.flowbook.inputs import perform
from bot.flowbook.player import world_of
from bot.flowbook.rows import person_id, visit_id
from bot.flowbook.world import World
from nlp.reader import Reader

HEAD = {"title": "A try", "clock": "2026-11-30 09:00", "given": {"people": ["Ana"]}, "play": []}


@pytest.fixture
def world(book: Book, reader: Reader) -> World:
    return world_of(transcript.Head.model_validate(HEAD), book, reader)


def sent(page: Page, form: str | None = None, **more: object) -> StaffSentPage:
    return StaffSentPage(**{"by": "maria", "page": page, "form": form, "person_id": person_id(1), **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("entry", "event"),
    [
        ({"desk": 'writes "At 3?"'}, StaffWrote(by="maria", role="nurse", body="At 3?")),
        (
            {"desk": 'writes "She said "no"\nand left"', "by": "joe", "role": "provider"},
            StaffWrote(by="joe", role="provider", body='She said "no"\nand left'),
        ),
        ({"desk": "takes over"}, TakenOver(by="maria", role="nurse")),
        ({"desk": "takes over", "by": "joe", "role": "ma"}, TakenOver(by="joe", role="ma")),
        ({"desk": "gives back", "by": "joe"}, GivenBack(by="joe")),
        ({"desk": "sends result"}, sent(Page.RESULT)),
        ({"desk": "sends form phq9"}, sent(Page.FORM, "phq9")),
        (
            {"desk": "sends check_in", "by": "joe", "person": "2", "visit": "1"},
            sent(Page.CHECK_IN, by="joe", person_id=person_id(2), visit_id=visit_id(1)),
        ),
        ({"desk": "wrong number"}, WrongNumber(by="maria")),
    ],
)
def test_what_happens(world: World, entry: dict[str, str], event: What) -> None:
    perform(world, dict(entry))
    assert world.events[-1] == event


@pytest.mark.parametrize(("wait", "answers"), [("24 hours", True), ("1441 minutes", False)])
def test_what_comes_within_a_day_of_the_patients_text_answers_it(
    world: World, wait: str, *, answers: bool
) -> None:
    for entry in ({"patient": "hello"}, {"wait": wait}, {"desk": 'writes "Hi"'}, {"desk": "gives back"}):
        perform(world, dict(entry))
    wrote, back = (event for event in world.events if isinstance(event, StaffWrote | GivenBack))
    assert (wrote.answers, back.answers) == (answers, answers)


@pytest.mark.parametrize(
    ("entry", "hint"),
    [
        ({"desk": "writes At 3?"}, "Write 'writes"),
        ({"desk": 'writes ""'}, "Write 'writes"),
        ({"desk": "goes home"}, "Write 'writes"),
        ({"desk": "sends flowers"}, "'flowers' is no page; there are: form, result"),
        ({"desk": "sends form"}, "are named"),
        ({"desk": "sends result cbc"}, "are named"),
        ({"desk": "sends result", "person": "Ana"}, "'person' is a number"),
        ({"desk": "takes over", "via": "phone"}, "has no 'via'"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_hint(world: World, entry: dict[str, str], hint: str) -> None:
    with pytest.raises(BadFlow, match=hint):
        perform(world, dict(entry))
    assert world.events == []
