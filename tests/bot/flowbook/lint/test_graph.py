"""Tests of bot/flowbook/lint/graph.py."""

from bot.core.book import Book
from bot.core.flow import Flow
from bot.flowbook.lint import graph


def flow_of(book: Book) -> Flow:
    return book.flows["appointment"]


def test_every_way_knows_its_place_and_its_label(book: Book) -> None:
    for flow in book.flows.values():
        assert {(edge.step, edge.label, edge.target) for edge in graph.edges(flow)} == {
            (name, label, target)
            for name, step in flow.steps.items()
            for label, target in step.ways().items()
        }
        for edge in graph.edges(flow):
            value: object = flow.model_dump(by_alias=True)
            for part in edge.where:
                value = value[part]  # type: ignore[index]
            assert value == edge.target


def test_everything_is_reached_and_ends(book: Book) -> None:
    flow = flow_of(book)
    assert set(flow.steps) <= graph.reachable(flow)
    assert set(flow.steps) <= graph.can_end(flow)


def test_what_stands_in_a_circle_is_found() -> None:
    assert graph.in_circles([(1, 2), (2, 3), (3, 2), (3, 4)]) == {2, 3}
    assert graph.in_circles([(1, 1)]) == {1}
    assert graph.in_circles([(1, 2)]) == set()


def test_times_are_known_after_they_were_found(book: Book) -> None:
    flow = flow_of(book)
    assert "offer_times" in graph.knows_times(flow)
    assert not {"remind", "rescheduled", "cancel"} & graph.knows_times(flow)
    assert "book" in graph.knows_choice(flow)
    assert "offer_times" not in graph.knows_choice(flow)
