"""Nothing happens that no transcript shows: no event, effect, step, way or sentence."""

import re
from pathlib import Path
from typing import get_args

import pytest

from bot.core import by_hand
from bot.core.effects import Effect, PageStaff, SendPage, SendText, TellStaff
from bot.core.events import What
from bot.flowbook import loader, transcript
from bot.flowbook.coverage import covered
from bot.flowbook.lint import words, words_staff
from bot.flowbook.player import Run, play
from nlp.reader import Reader

FLOWS = Path(__file__).parents[2] / "flows"
BOOK = loader.load(FLOWS)
TRANSCRIPTS = [
    transcript.read(file.name, file.read_text(encoding="utf-8"))
    for file in sorted((FLOWS / "transcripts").rglob("*.yaml"))
]


@pytest.fixture(scope="module")
def runs(reader: Reader) -> list[Run]:
    return [play(script, BOOK, reader) for script in TRANSCRIPTS]


def kinds(union: object) -> set[type]:
    """The classes of a union of events or effects."""
    return set(get_args(get_args(union)[0]))


def test_every_event_stands_in_a_transcript(runs: list[Run]) -> None:
    assert kinds(What) - {type(event) for run in runs for event in run.world.events} == set()


def test_every_effect_stands_in_a_transcript(runs: list[Run]) -> None:
    assert kinds(Effect) - {type(done.effect) for run in runs for done in run.world.record} == set()


def test_every_start_step_and_way_of_every_flow_stands_in_a_transcript(runs: list[Run]) -> None:
    walked = {place for run in runs for place in run.world.path}
    assert [(each.flow, each.missing) for each in covered(BOOK, walked) if each.missing] == []


def test_every_sentence_is_said_in_a_transcript(runs: list[Run]) -> None:
    said = {text.wording for run in runs for done in run.world.record if (text := text_in(done.effect))}
    done = [done.effect for run in runs for done in run.world.record]
    said |= {effect.wording for effect in done if isinstance(effect, TellStaff)}
    pages = [
        words for effect in done if isinstance(effect, PageStaff) for words in (effect.body, effect.spoken)
    ]
    said |= {key for key in words_staff.TO_STAFF if any(begins_like(key, page) for page in pages)}
    said |= {"oncall_welcome", "glass_broken"}  # outside of any conversation: to staff
    said |= {key for key in BOOK.wordings["en"].sentences if key.startswith(by_hand.READY)}  # staff pick them
    assert set(BOOK.wordings["en"].sentences) - said == set()


def begins_like(key: str, page: str) -> bool:
    """Whether this is the sentence: PageStaff has only what it comes to."""
    words = re.split(r"\{\{ *\w+ *\}\}", BOOK.wordings["en"].sentences[key])
    return re.fullmatch(".+".join(map(re.escape, words)), page) is not None


def text_in(effect: Effect) -> SendText | None:
    """The text of an effect that sends one."""
    found = effect.text if isinstance(effect, SendPage) else effect
    return found if isinstance(found, SendText) else None


def test_the_sentences_of_every_conversation_are_known_to_the_rules() -> None:
    """`lint` asks every language for exactly the sentences that flows do not say."""
    steps = [step for flow in BOOK.flows.values() for step in flow.steps.values()]
    said = {key for step in steps for key in (step.say, step.ask, step.again) if key}
    said |= {nudge.say for step in steps for nudge in step.nudges}
    said |= {ladder.tell_patient for ladder in BOOK.oncall.ladders.values() if ladder.tell_patient}
    said |= {alert.say for form in BOOK.forms.values() for item in form.items for alert in item.at_once}
    said |= {key for key in BOOK.wordings["en"].sentences if key.startswith(by_hand.READY)}
    everywhere = {*words.EVERYWHERE, *words.FOR_PAGES, *words.BY_HAND, *words.TO_STAFF}
    assert set(BOOK.wordings["en"].sentences) - said <= everywhere
    assert everywhere <= set(BOOK.wordings["en"].sentences)
