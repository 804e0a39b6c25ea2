"""One sentence: where it is written in each language, what it costs at its longest, and what `lint` says of it alone.

While somebody writes, only the files that the sentence concerns are looked at, and only the rules that can object to
a sentence; the whole is looked through before it is published.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.core.book import Book
from bot.core.flow import Step
from bot.core.questions import OneOf
from bot.core.segments import Segments, segments
from bot.flowbook import edit
from bot.flowbook.draft import HOUSE, draft
from bot.flowbook.faults import Fault, in_order
from bot.flowbook.lint import cost, longest, privacy, templates, words, words_staff
from bot.flowbook.source import Source, parse

PARTS = ("sentences", "pages")
"""Where sentences stand in a file: those of texts, and those of secure pages."""
_FOLDER = "wording/"
_RULES = (words, privacy, cost)
_TWO_DOTS = re.compile(r"(?<!\.)\.\.(?!\.)")
"""As `core/wording` sends it: the dot of 'a. m.' is that of the sentence as well."""
_HEAD = re.compile(r"^(?:flow|questionnaire|form): *[\"']?([a-z][a-z0-9_]*)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a sentence is written: its file, and the text as it stands there, snippets not filled in.

    `begin` and `end` are its first line and the one after its last.
    """

    language: str
    file: str
    part: str
    key: str
    text: str
    snippets: Mapping[str, str]
    begin: int
    end: int

    def whole(self, text: str) -> str:
        """The text with the file's snippets in it."""
        for hole in templates.read(text).holes:
            if hole.name in self.snippets:
                text = text.replace(hole.written, self.snippets[hole.name])
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A sentence filled in with the longest values, and what it costs to send like that."""

    text: str
    size: Segments


def spots(files: Mapping[str, str], part: str, key: str) -> dict[str, Spot]:
    """Where the sentence is written, by language."""
    here = re.compile(rf"^\s+{re.escape(key)}\s*:", re.MULTILINE)
    found = (
        spot
        for path in sorted(files)
        if path.startswith(_FOLDER) and here.search(files[path])
        for spot in _spots(parse(path, files[path]), part)
        if spot.key == key
    )
    return {spot.language: spot for spot in found}


def written(file: str, text: str) -> Iterator[Spot]:
    """Every sentence of a file of wording, in its order."""
    source = parse(file, text)
    for part in PARTS:
        yield from _spots(source, part)


def _spots(source: Source, part: str) -> Iterator[Spot]:
    value = source.value if isinstance(source.value, dict) else {}
    sentences, snippets = value.get(part), value.get("snippets")
    pieces = snippets if isinstance(snippets, dict) and part == "sentences" else {}
    for key, text in sentences.items() if isinstance(sentences, dict) else ():
        node = source.values[part, key]
        yield Spot(
            language=str(value.get("language")),
            file=source.file,
            part=part,
            key=key,
            text=str(text or ""),
            snippets={name: str(piece) for name, piece in pieces.items()},
            begin=source.keys[part, key].start_mark.line + 1,
            end=node.end_mark.line + (1 if node.end_mark.column else 0) + 1,
        )


def filled(book: Book, language: str, key: str, text: str) -> Filled:
    """The text of this sentence at its longest; holes of unknown names are filled in like variables."""
    most = longest.values(language, offered=book.policy.offered_times, options=_options(book, language, key))
    if key in words_staff.TO_STAFF:
        most |= longest.TO_STAFF
    said = templates.read(text).filled(most, longest.VARIABLE)
    return Filled(text=_TWO_DOTS.sub(".", said), size=segments(said))


def used_by(book: Book, key: str) -> list[str]:
    """The flows that say this sentence."""
    return [
        flow.name for flow in book.flows.values() if any(key in says(step) for step in flow.steps.values())
    ]


def says(step: Step) -> tuple[str, ...]:
    """The sentences of a step, as it comes to say them."""
    every = (step.say, step.ask, step.again, *(nudge.say for nudge in step.nudges))
    return tuple(dict.fromkeys(key for key in every if key))


def faults(book: Book, files: Mapping[str, str], spot: Spot, text: str) -> list[Fault]:
    """What the rules say of this one sentence with that text; `book` is what the files made before it was changed.

    Raises BadFlow where the text can't stand there at all.
    """
    changed = dict(files)
    if text != spot.text:
        changed[spot.file] = edit.put(spot.file, files[spot.file], (spot.part, spot.key), text)
    made = draft(_around(book, changed, spot))
    now = _same(spot, changed[spot.file])
    found = [fault for family in _RULES for fault in family.check(made)]
    return in_order([one for one in found if one.file == spot.file and now.begin <= one.line < now.end])


def _same(spot: Spot, text: str) -> Spot:
    every = written(spot.file, text)
    return next(one for one in every if (one.part, one.key) == (spot.part, spot.key))


def _around(book: Book, files: Mapping[str, str], spot: Spot) -> dict[str, str]:
    """The files that the sentence concerns: its own, the flows that say it, the clinic's rules, lists of choices."""
    names = {*used_by(book, spot.key)}
    names |= {book.flows[name].extends or name for name in names}
    names |= {step.form for name in names for step in book.flows[name].steps.values() if step.form}
    lists = f"{_FOLDER}{spot.language}." if spot.part == "sentences" else HOUSE

    def is_wanted(path: str, text: str) -> bool:
        head = _HEAD.search(text)
        named = head is not None and head[1] in names
        shows = path.startswith(lists) and "\nchoices:" in text
        return named or shows or path in (spot.file, HOUSE) or path.startswith("policies/")

    return {path: text for path, text in files.items() if is_wanted(path, text)}


def _options(book: Book, language: str, key: str) -> Mapping[str, tuple[str, ...]] | None:
    """The longest list of choices that this sentence shows."""
    steps = (step for flow in book.flows.values() for step in flow.steps.values() if key in says(step))
    lists = {step.expect.choices for step in steps if isinstance(step.expect, OneOf)}
    known = book.wordings[language].choices if language in book.wordings else {}
    return max((known[name] for name in lists if name in known), key=lambda one: len(str(one)), default=None)
