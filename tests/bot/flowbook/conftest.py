"""A small edition for the tests of the flowbook: one flow, the shipped policy and wording."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.core.book import Book
from bot.flowbook import loader

FLOWS = Path(__file__).parents[2] / "edition"

MINI = """\
flow: mini
title: A small flow
purpose: reminder
languages: [en]
starts:
  - when: 3 days before the visit
    at: remind
  - when: the patient says reschedule
    at: look
steps:
  remind:
    ask: reminder
    answers:
      confirm: done
      reschedule: look
    wait: 20 hours
    no_answer: end
  done:
    do: confirm the visit
    say: confirmed
    then: end
  look:
    do: find open times
    outcomes:
      found: offer
      none: end
  offer:
    ask: offer_times
    answers:
      a time: book
    again: offer_times_again
    tries: 1
    wait: 20 hours
    no_answer: end
  book:
    do: book the chosen time
    outcomes:
      booked: end
      gone: look
"""

Bend = Callable[..., dict[str, str]]


@pytest.fixture(scope="session")
def flows() -> Path:
    return FLOWS


@pytest.fixture(scope="session")
def book() -> Book:
    return loader.load(FLOWS)


@pytest.fixture
def edition() -> Bend:
    """The files of the small edition; `edition(file, old, new)` has that text changed in one of them."""

    def make(file: str | None = None, old: str = "", new: str = "") -> dict[str, str]:
        files = {**loader.collect(FLOWS), "dialogs/mini.yaml": MINI}
        del files["dialogs/appointment.yaml"]
        if file:
            assert files[file].count(old) >= 1
            files[file] = files[file].replace(old, new, 1)
        return files

    return make
