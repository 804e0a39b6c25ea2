"""Tests of bot/flowbook/loader.py."""

from datetime import date, time, timedelta
from pathlib import Path

import pytest

from bot.errors import BadFlow
from bot.flowbook import loader
from bot.settings import HOME
from nlp.reading import Level, OwnWords
from tests.bot.flowbook.conftest import Bend


def test_the_shipped_flows_make_a_book(flows: Path) -> None:
    book = loader.load(flows)
    assert "appointment" in book.flows
    assert book.policy.send_hours.opens == time(9)
    assert book.policy.in_force_from == date(2026, 11, 1)
    assert book.flows["appointment"].steps["offer_times"].wait == timedelta(hours=20)
    assert len(book.edition) == 12


def test_transcripts_are_no_part_of_an_edition(flows: Path) -> None:
    assert not [path for path in loader.collect(flows) if "transcripts" in path]


def test_the_edition_names_the_files_whatever_their_order(edition) -> None:
    files = edition()
    turned = dict(reversed(files.items()))
    assert loader.edition(files) == loader.edition(turned) == loader.read(turned).edition
    assert loader.edition(edition("clinic.yaml", "# What", "# That")) != loader.edition(files)


def test_text_cannot_move_between_files_unnoticed() -> None:
    assert loader.edition({"a": "xy"}) != loader.edition({"a": "x", "b": "y"})


def test_every_fault_is_listed(edition) -> None:
    files = edition("dialogs/mini.yaml", "tries: 1", "tires: 9")
    files["wording/en.yaml"] = "sentences: {}\n"
    with pytest.raises(BadFlow) as raised:
        loader.read(files)
    lines = str(raised.value).splitlines()
    assert [line.split(":")[0] for line in lines] == ["dialogs/mini.yaml", "wording/en.yaml"]


def test_an_edition_that_only_newer_rules_forbid_can_be_read(edition) -> None:
    assert loader.read(edition("dialogs/mini.yaml", "no_answer: end", "no_answer: nowhere"))


def test_an_empty_directory_is_a_fault_and_no_crash(tmp_path: Path) -> None:
    with pytest.raises(BadFlow, match=r"There is no clinic\.yaml"):
        loader.load(tmp_path)


WORDS = "add:\n  - {concept: pump alarm, level: urgent, category: glucose, en: pump stopped}\n"


def test_own_words_are_a_part_of_the_edition(edition) -> None:
    files = {**edition(), "words.yaml": WORDS}
    assert loader.edition(files) != loader.edition(edition())
    (added,) = loader.read(files).words.added
    assert (added.concept, added.level, added.say) == ("pump alarm", Level.URGENT, ("pump stopped",))


def test_an_edition_without_own_words_has_none(edition) -> None:
    assert loader.read(edition()).words == OwnWords()


def test_own_words_are_collected_where_they_are(tmp_path: Path, flows: Path) -> None:
    assert "words.yaml" not in loader.collect(flows)
    (tmp_path / "words.yaml").write_text(WORDS)
    assert loader.collect(tmp_path) == {"words.yaml": WORDS}


def test_the_shipped_words_are_in_both_languages_and_lower_nothing() -> None:
    words = loader.load(HOME / "flows").words
    assert len(words.added) == 2
    assert words.lowered == ()


def test_own_words_that_only_newer_rules_forbid_can_be_read(edition) -> None:
    lower = "lower:\n  - {concept: gone/now, to: none, reason: R, by: B, on: 2026-11-20}\n"
    assert loader.read({**edition(), "words.yaml": lower}).words.lowered


FORM = """\
form: intake
title: intake_title
items:
  - {item: allergy, ask: which_allergy, expect: text}
"""


def test_a_form_is_part_of_the_book(edition: Bend) -> None:
    book = loader.read({**edition(), "forms/intake.yaml": FORM})
    assert [item.item for item in book.forms["intake"].items] == ["allergy"]
    assert loader.read(edition()).forms == {}


def test_the_forms_folder_is_collected_with_the_rest() -> None:
    files = loader.collect(HOME / "flows")
    assert "forms/refill.yaml" in files
    assert set(loader.read(files).forms) == {"intake", "phq9", "refill"}


def test_two_forms_of_one_name_are_told(edition: Bend) -> None:
    with pytest.raises(BadFlow, match=r"The form 'intake' stands in forms/a.yaml already"):
        loader.read({**edition(), "forms/a.yaml": FORM, "forms/b.yaml": FORM})
