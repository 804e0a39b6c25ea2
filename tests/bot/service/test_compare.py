"""Compare: what of one edition still holds in another."""

from datetime import timedelta

import pytest

from bot.core.book import Book
from bot.core.state import Frame, State, Talk
from bot.flowbook import loader
from bot.service import compare
from tests.conftest import EDITION

CALLER = """
flow: caller
title: Calls another
purpose: care
about: the patient
starts:
  - when: the patient texts hello
steps:
  first:
    call: called
    results: {good: end}
    then: end
"""
CALLED = """
flow: called
title: Is called
purpose: care
about: the patient
results: [good]
variables: {x: phi}
steps:
  ask:
    ask: help
    expect: yes or no
    save: x
    answers: {"yes": rest}
    then: end
    wait: 1 day
    no_answer: end
  rest:
    pause: 1 day
    then: end
"""


def book(caller: str = CALLER, called: str = CALLED, clinic: str = "") -> Book:
    files = loader.collect(EDITION)
    files |= {"dialogs/caller.yaml": caller, "dialogs/called.yaml": called}
    return loader.read(files | {"clinic.yaml": files["clinic.yaml"] + clinic})


BOOK = book()


def kept(new: Book) -> set[str]:
    return {place for place in compare.kept(BOOK, new) if place.startswith("call")}


def test_all_places_where_a_talk_can_wait_are_kept_in_the_same_edition() -> None:
    assert kept(BOOK) == {"caller:first", "called:ask", "called:rest"}
    assert "appointment:remind" in compare.kept(BOOK, BOOK)
    assert "appointment:confirm" not in compare.kept(BOOK, BOOK)


@pytest.mark.parametrize(
    ("old", "new", "lost"),
    [
        ("ask: help", "ask: staff_help", set()),
        ("wait: 1 day", "wait: 2 days", set()),
        ("pause: 1 day", "pause: 3 days", set()),
        ("yes or no", "text", {"called:ask"}),
        ('{"yes": rest}', '{"yes": rest, "no": end}', {"called:ask"}),
        ("  rest:", "  other:", {"called:rest", "called:ask"}),
        ("    pause: 1 day", "    ask: help\n    no_answer: end", {"called:rest"}),
        ("    pause: 1 day\n", "", {"called:rest"}),
    ],
)
def test_a_place_is_kept_while_it_waits_for_the_same_thing(old: str, new: str, lost: set[str]) -> None:
    changed = CALLED.replace(old, new)
    if old == "  rest:":
        changed = changed.replace('{"yes": rest}', '{"yes": other, "later": other}')
    assert changed != CALLED
    assert kept(book(called=changed)) == {"caller:first", "called:ask", "called:rest"} - lost


def test_a_flow_that_calls_another_now_is_not_kept() -> None:
    assert "caller:first" not in kept(book(caller=CALLER.replace("call: called", "call: appointment")))


def test_nothing_is_kept_of_what_can_not_be_read() -> None:
    assert compare.kept(None, BOOK) == ()


def test_where_a_conversation_stands_counts_who_waits_for_a_result() -> None:
    frame = Frame(flow="caller", step="first", values={})
    state = State(talks=(Talk(flow="called", step="ask", turn=1, calls=(frame,)),))
    assert compare.places(state) == {"called:ask", "caller:first"}
    assert compare.gone(state, BOOK) == set()
    without = book(caller=CALLER.replace("first:", "begin:"))
    assert compare.gone(state, without) == {"caller:first"}


@pytest.mark.parametrize(
    ("when", "same"), [("3 days before the visit", True), ("3 days before the visit at 10:00", False)]
)
def test_timers_are_the_same_while_starts_and_hours_are(when: str, same: bool) -> None:
    start = f"  - when: {when}\n"
    about = CALLER.replace("about: the patient", "about: the visit")
    one = book(caller=about.replace("steps:", "  - when: 3 days before the visit\nsteps:"))
    other = book(caller=about.replace("steps:", f"{start}steps:").replace("Calls", "Phones"))
    assert compare.same_timers(one, other) is same
    assert not compare.same_timers(None, other)


def test_how_long_after_a_visit_something_may_come() -> None:
    assert compare.longest_after(BOOK) == timedelta(0)
    after = CALLER.replace(
        "steps:", "  - when: 2 weeks after the visit\n  - when: 3 days after the visit\nsteps:"
    )
    assert compare.longest_after(book(caller=after)) >= timedelta(days=14)
