"""Every transcript goes as it is written: the dialog core against its specification."""

from pathlib import Path

import pytest

from bot.core.book import Book
from bot.flowbook import loader, transcript
from bot.flowbook.player import play
from bot.flowbook.transcript import Transcript
from bot.flowbook.world import Reads

FLOWS = Path(__file__).parents[3] / "flows"
FILES = sorted((FLOWS / "transcripts").rglob("*.yaml"))
TRANSCRIPTS = [
    transcript.read(file.relative_to(FLOWS.parent).as_posix(), file.read_text(encoding="utf-8"))
    for file in FILES
]


def _called(script: Transcript) -> str:
    return f"{Path(script.file).parent.name}: {script.head.title}"


@pytest.fixture(scope="module")
def book() -> Book:
    return loader.load(FLOWS)


@pytest.mark.parametrize("script", TRANSCRIPTS, ids=lambda script: _called(script))
def test_it_goes_as_it_is_written(script: Transcript, book: Book, reader: Reads) -> None:
    run = play(script, book, reader)
    shown = [f"{script.file}:{wrong.line}\n{wrong.diff}" for wrong in run.mismatches]
    assert not shown, "\n\n".join(shown)


def test_titles_tell_transcripts_apart() -> None:
    names = [_called(script) for script in TRANSCRIPTS]
    assert len(set(names)) == len(names)
    titles = [script.head.title for script in TRANSCRIPTS]
    assert not [title for title in titles if title.endswith(".") or not title[0].isupper()]


def test_folders_are_flows_or_hold_for_every_flow(book: Book) -> None:
    folders = {Path(script.file).parent.name for script in TRANSCRIPTS}
    assert folders - set(book.flows) == {"safety", "consent", "desk", "everyone", "oncall"}
    assert set(book.flows) <= folders
