"""Tests of bot/flowbook/own_words.py."""

import pytest

from bot.flowbook.draft import fit
from bot.flowbook.own_words import Words, ways
from bot.flowbook.source import parse
from nlp.reading import Added, Level, Lowered, OwnWords

WRITTEN = """\
add:
  - concept: pump alarm
    level: urgent
    category: glucose
    en: >
      pump is beeping, pump says
      no delivery,
    es: la bomba esta pitando
    not: water pump
lower:
  - {concept: trauma/fall or injury, to: none, reason: Said daily here., by: Dr. Ana Ruiz, on: 2026-11-20}
"""


def test_words_become_what_the_reader_takes() -> None:
    words, problems = fit(parse("words.yaml", WRITTEN), Words)
    assert problems == []
    assert words.own() == OwnWords(
        added=(
            Added(
                level=Level.URGENT,
                category="glucose",
                concept="pump alarm",
                say=("pump is beeping", "pump says no delivery", "la bomba esta pitando"),
                unless=("water pump",),
            ),
        ),
        lowered=(
            Lowered(
                concept="trauma/fall or injury",
                level=Level.NONE,
                reason="Said daily here.",
                by="Dr. Ana Ruiz",
            ),
        ),
    )


def test_commas_part_the_ways_to_say_it() -> None:
    assert ways(" a  b,, c\n d , ") == ("a b", "c d")
    assert ways("") == ()


@pytest.mark.parametrize(
    ("old", "new", "where", "kind"),
    [
        ("    level: urgent\n", "", ("add", 0, "level"), "missing"),
        ("level: urgent", "level: none", ("add", 0, "level"), "literal_error"),
        ("concept: pump", "koncept: pump", ("add", 0, "koncept"), "extra_forbidden"),
        ("es: la bomba esta pitando", "es: [la bomba]", ("add", 0, "es"), "value_error"),
        ("to: none", "to: emergency", ("lower", 0, "to"), "literal_error"),
        (", by: Dr. Ana Ruiz", "", ("lower", 0, "by"), "missing"),
        (", on: 2026-11-20", "", ("lower", 0, "on"), "missing"),
        ("reason: Said daily here.", "reason:", ("lower", 0, "reason"), "string_type"),
        ("on: 2026-11-20", "on: last week", ("lower", 0, "on"), "date_from_datetime_parsing"),
    ],
)
def test_what_does_not_fit_is_told_at_its_place(
    old: str, new: str, where: tuple[object, ...], kind: str
) -> None:
    assert old in WRITTEN
    _, problems = fit(parse("words.yaml", WRITTEN.replace(old, new)), Words)
    assert (where, kind) in [(problem.where, problem.kind) for problem in problems]
