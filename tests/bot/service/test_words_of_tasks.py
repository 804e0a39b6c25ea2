"""Words of tasks: a sentence for every name in the shipped flows, and what a countdown says."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from bot.service import words_of_tasks
from bot.settings import HOME

NOW = datetime(2026, 11, 30, 14, tzinfo=UTC)


def test_every_task_of_the_shipped_flows_has_a_sentence() -> None:
    texts = [path.read_text() for path in (HOME / "flows").rglob("*.yaml") if "transcripts" not in path.parts]
    named = set(re.findall(r"\{task: (\w+)", "".join(texts)))
    assert len(named) > 20
    assert named - set(words_of_tasks.WHY) <= set(words_of_tasks.OF_FLOWS)
    assert not set(words_of_tasks.OF_FLOWS) & set(words_of_tasks.WHY)


def test_a_name_that_nobody_knows_is_made_a_sentence() -> None:
    assert words_of_tasks.why("water_the_plants") == "Water the plants."


@pytest.mark.parametrize(
    ("due", "words", "late"),
    [
        (None, "", False),
        (timedelta(minutes=42, seconds=59), "answer in 42 min", False),
        (timedelta(seconds=30), "answer in a moment", False),
        (timedelta(), "late since a moment", True),
        (timedelta(minutes=-10), "late since 10 min", True),
        (timedelta(minutes=119), "answer in 119 min", False),
        (timedelta(hours=2), "answer in 2 h", False),
        (timedelta(hours=-47), "late since 47 h", True),
        (timedelta(days=3, hours=23), "answer in 3 d", False),
    ],
)
def test_a_countdown_says_how_long_there_is_or_since_when_it_is_late(
    due: timedelta | None, words: str, late: bool
) -> None:
    moment = NOW + due if due is not None else None
    assert words_of_tasks.countdown(moment, NOW) == (words, late)


def test_what_happens_next_is_said_with_its_moment() -> None:
    due, gone = NOW + timedelta(hours=1), NOW - timedelta(hours=1)
    assert words_of_tasks.next_step(due, None, brought=False) == ("It climbs to the people on call", due)
    assert words_of_tasks.next_step(gone, NOW, brought=True) == ("It went to the people on call", NOW)
    assert words_of_tasks.next_step(None, None, brought=True)[1] is None
    assert words_of_tasks.next_step(due, None, brought=True)[0].startswith("An open escalation brings")
