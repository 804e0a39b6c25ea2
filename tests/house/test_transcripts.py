"""Nothing happens that no transcript shows.

Whether a way, a step or a sentence stands in a transcript is found out by bending it: some transcript must
notice. So a way that is walked without any effect that tells it from another one counts as not shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import get_args

import pytest

from bot.core.book import Book
from bot.core.effects import Effect
from bot.core.events import What
from bot.core.flow import Flow, Step, Task
from bot.flowbook import loader, transcript
from bot.flowbook.lint import graph, words
from bot.flowbook.player import Run, play
from bot.flowbook.world import Reads
from nlp.reader import Reader
from nlp.reading import Expect, Reading

FLOWS = Path(__file__).parents[2] / "flows"
BOOK = loader.load(FLOWS)
TRANSCRIPTS = [
    transcript.read(file.name, file.read_text(encoding="utf-8"))
    for file in sorted((FLOWS / "transcripts").rglob("*.yaml"))
]
TRAP = "bent"


@dataclass
class Remembering:
    """Reads each text once: the transcripts are played hundreds of times here."""

    reader: Reader
    known: dict[object, Reading] = field(default_factory=dict)

    def read(self, text: str, *, expect: Expect | None, language: str | None, now: datetime) -> Reading:
        key = (text, repr(expect), language, now)
        if key not in self.known:
            self.known[key] = self.reader.read(text, expect=expect, language=language, now=now)
        return self.known[key]


@pytest.fixture(scope="module")
def memory(reader: Reader) -> Reads:
    return Remembering(reader)


@pytest.fixture(scope="module")
def runs(memory: Reads) -> list[Run]:
    return [play(script, BOOK, memory) for script in TRANSCRIPTS]


def kinds(union: object) -> set[type]:
    """The classes of a union of events or effects."""
    return set(get_args(get_args(union)[0]))


def test_every_event_stands_in_a_transcript(runs: list[Run]) -> None:
    assert kinds(What) - {type(event) for run in runs for event in run.world.events} == set()


def test_every_effect_stands_in_a_transcript(runs: list[Run]) -> None:
    assert kinds(Effect) - {type(done.effect) for run in runs for done in run.world.record} == set()


# -- what happens when something is bent ---------------------------------------------------------------


def bent_flow(flow: Flow, steps: dict[str, Step]) -> Book:
    trap = Step(hand_over=Task(name=TRAP), then="end")
    changed = flow.model_copy(update={"steps": {**flow.steps, TRAP: trap, **steps}})
    return BOOK.model_copy(update={"flows": {**BOOK.flows, flow.name: changed}})


def bent_ways() -> Iterator[tuple[str, Book]]:
    for flow in BOOK.flows.values():
        for edge in graph.edges(flow):
            step = flow.steps[edge.step]
            part, *key = (str(name) for name in edge.where[2:])
            value = {**getattr(step, part), key[0]: TRAP} if key else TRAP
            bent = step.model_copy(update={part: value})
            yield f"{flow.name}: {edge.step}, {edge.label}", bent_flow(flow, {edge.step: bent})


def bent_steps() -> Iterator[tuple[str, Book]]:
    for flow in BOOK.flows.values():
        for name in flow.steps:
            trap = Step(hand_over=Task(name=TRAP), then="end")
            yield f"{flow.name}: {name}", bent_flow(flow, {name: trap})


def bent_starts() -> Iterator[tuple[str, Book]]:
    for flow in BOOK.flows.values():
        for number, start in enumerate(flow.starts):
            for part in ("at", "if_confirmed"):
                if getattr(start, part):
                    starts = list(flow.starts)
                    starts[number] = start.model_copy(update={part: TRAP})
                    bent = bent_flow(flow, {}).flows[flow.name].model_copy(update={"starts": tuple(starts)})
                    book = BOOK.model_copy(update={"flows": {**BOOK.flows, flow.name: bent}})
                    yield f"{flow.name}: {start.when}, {part}", book


def bent_sentences() -> Iterator[tuple[str, Book]]:
    english = BOOK.wordings["en"]
    for key in english.sentences:
        sentences = {**english.sentences, key: f"{english.sentences[key]} (bent)"}
        bent = english.model_copy(update={"sentences": sentences})
        yield key, BOOK.model_copy(update={"wordings": {**BOOK.wordings, "en": bent}})


def noticed(book: Book, reader: Reads) -> bool:
    """Whether some transcript goes otherwise with this book."""
    return any(play(script, book, reader).mismatches for script in TRANSCRIPTS)


BENT = {
    "ways": list(bent_ways()),
    "steps": list(bent_steps()),
    "starts": list(bent_starts()),
    "sentences": list(bent_sentences()),
}


@pytest.mark.parametrize("kind", BENT)
def test_whatever_is_bent_a_transcript_notices(kind: str, memory: Reads) -> None:
    assert [name for name, book in BENT[kind] if not noticed(book, memory)] == []


def test_nothing_bent_nothing_noticed(memory: Reads) -> None:
    assert not noticed(BOOK, memory)


def test_every_way_is_bent() -> None:
    ways = [label for flow in BOOK.flows.values() for step in flow.steps.values() for label in step.ways()]
    assert len(BENT["ways"]) == len(ways) > 20


def test_the_sentences_of_every_conversation_are_known_to_the_rules() -> None:
    """`lint` asks every language for exactly the sentences that flows do not say."""
    said = {
        key
        for flow in BOOK.flows.values()
        for step in flow.steps.values()
        for key in (step.say, step.ask, step.again)
        if key
    }
    assert set(BOOK.wordings["en"].sentences) - said == set(words.EVERYWHERE) | set(words.TO_STAFF)
