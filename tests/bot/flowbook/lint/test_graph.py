"""Tests of bot/flowbook/lint/graph.py."""

from bot.core.book import Book
from bot.core.flow import Flow
from bot.flowbook.lint import graph


def flow_of(book: Book) -> Flow:
    return book.flows["appointment"]


def test_every_way_knows_its_place_in_the_file(book: Book) -> None:
    flow = flow_of(book)
    for edge in graph.edges(flow):
        value: object = flow.model_dump()
        for part in edge.where:
            assert isinstance(value, dict)
            value = value[part]
        assert value == edge.target


def test_everything_is_reached_and_ends(book: Book) -> None:
    flow = flow_of(book)
    assert set(flow.steps) <= graph.reachable(flow)
    assert set(flow.steps) <= graph.can_end(flow)
    assert graph.rushes(flow) == set()


def test_times_are_known_after_they_were_found(book: Book) -> None:
    flow = flow_of(book)
    assert "offer_times" in graph.knows_times(flow)
    assert not {"no_times", "remind", "rescheduled", "cancel"} & graph.knows_times(flow)
    assert "book" in graph.knows_choice(flow)
    assert "offer_times" not in graph.knows_choice(flow)
