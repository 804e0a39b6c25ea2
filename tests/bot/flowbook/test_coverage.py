"""Tests of bot/flowbook/coverage.py: what is walked, what is missing, and what a variant has of its own."""

import pytest

from bot.core.book import Book
from bot.flowbook import transcript
from bot.flowbook.coverage import Coverage, covered, places
from bot.flowbook.player import play
from nlp.reader import Reader
from tests.bot.core.world import book_of, flow

STEPS = {
    "one": {
        "ask": "question",
        "expect": "yes or no",
        "answers": {"yes": "two"},
        "then": "end",
        "no_answer": "end",
    },
    "two": {"say": "thanks_for_it", "then": "end"},
}
BASE = flow("base", steps=STEPS)
ALL = [
    "base<the patient texts GO",
    "base:one",
    "base:one>answer: yes",
    "base:one>no answer",
    "base:one>then",
    "base:two",
    "base:two>then",
]


def test_a_flow_has_its_starts_its_steps_and_every_way_out_of_them() -> None:
    assert places(BASE) == ALL


@pytest.mark.parametrize(
    ("walked", "missing", "percent"),
    [
        (
            [],
            [
                "base<the patient texts GO",
                "one",
                "one>answer: yes",
                "one>no answer",
                "one>then",
                "two",
                "two>then",
            ],
            0,
        ),
        (ALL, [], 100),
        (ALL[:2], ["one>answer: yes", "one>no answer", "one>then", "two", "two>then"], 100 * 2 / 7),
        ([*ALL[1:], "other:one"], ["base<the patient texts GO"], 100 * 6 / 7),
    ],
)
def test_what_nothing_walks_is_missing(walked: list[str], missing: list[str], percent: float) -> None:
    (found,) = covered(book_of(BASE), walked)
    assert found == Coverage(flow="base", places=7, missing=tuple(missing))
    assert found.percent == pytest.approx(percent)


def test_a_variant_need_only_be_walked_where_it_differs() -> None:
    own = {**STEPS, "two": {"say": "park_here", "then": "end"}}
    variant = flow("own", extends="base", site="Downtown", steps=own)
    _, found = covered(book_of(BASE, variant), [])
    assert found.missing == ("two", "two>then")
    assert covered(book_of(BASE, variant), ["own:two", "own:two>then"])[1].percent == 100


def test_a_variant_that_differs_in_nothing_is_walked() -> None:
    variant = flow("own", extends="base", site="Downtown", steps=STEPS)
    assert covered(book_of(BASE, variant), [])[1] == Coverage(flow="own", places=0, missing=())
    assert covered(book_of(BASE, variant), [])[1].percent == 100


def test_the_names_are_those_that_a_play_leaves_behind(book: Book, reader: Reader) -> None:
    """Else nothing would ever be covered."""
    script = transcript.read(
        "t.yaml",
        "title: T\nclock: 2026-11-30 09:00\ngiven: {people: [Ana], visits: [2026-12-07 10:30]}\nplay:\n"
        "  - office: visit booked\n  - wait: until 2026-12-05 09:00\n  - patient: C\n",
    )
    world = play(script, book, reader).world
    known = places(book.flows["appointment"])
    assert set(world.path) <= set(known)
    assert {"appointment<3 days before the visit", "appointment:remind>answer: confirm"} <= set(world.path)
