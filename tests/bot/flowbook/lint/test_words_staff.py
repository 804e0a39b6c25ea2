"""Tests of bot/flowbook/lint/words_staff.py, beside the examples of the rulebook."""

import pytest

from bot.core.known import KNOWN
from bot.core.wording import VALUES
from bot.flowbook.lint import lint
from bot.flowbook.lint.words_staff import SPOKEN, TO_STAFF
from tests.bot.flowbook.lint.bent import EN, NOW, bent, rules_of, told
from tests.bot.flowbook.lint.rosters import FILE

SAFE = {"clinic", "code", "codes", "digits", "urgency", "minutes", "link", "who"}
TELLS = "ladders:\n  urgent:\n    steps:\n      - {tell: nurse on call}\n      - {tell: everyone of nurse}\n"
TELLS += "    tell_patient: have_it\n"
HAVE_IT = 'sentences:\n  have_it: "%s"\n'
ES = "language: es\nreviewed_by: A\nreviewed_on: 2026-11-20\n"


def test_no_value_of_a_patient_is_among_those_for_staff() -> None:
    assert set().union(*TO_STAFF.values()) == SAFE
    assert SAFE & {*KNOWN, "first_name", "day", "time", "location", "visits", "people"} == set()


@pytest.mark.parametrize("key", TO_STAFF)
def test_a_sentence_to_staff_has_no_other_value(key: str) -> None:
    others = sorted({*VALUES, "reason", "birth_date", *SAFE} - TO_STAFF[key])
    for name in others:
        found = told(bent(sentences=f'sentences:\n  {key}: "{{{{{name}}}}} x"\n'), "words/value")
        assert [(rule, f"{{{{{name}}}}}" in words) for rule, _, words in found] == [("words/value", True)], (
            name
        )
    usual = " ".join(f"{{{{{name}}}}}" for name in sorted(TO_STAFF[key]))
    assert rules_of(bent(sentences=f'sentences:\n  {key}: "{usual} x"\n'), "words/value") == []


@pytest.mark.parametrize("key", TO_STAFF)
def test_every_sentence_is_needed_where_there_is_a_file(key: str) -> None:
    files = bent()
    files[EN] = "".join(
        line for line in files[EN].splitlines(keepends=True) if not line.startswith(f"  {key}:")
    )
    assert [words.split("'")[1] for _, _, words in told(files, "words")] == [key]
    del files[FILE]
    assert rules_of(files) == (["words/missing"] if key in ("page", "page_phone_only") else [])


@pytest.mark.parametrize("key", [key for key in TO_STAFF if key.startswith("page")])
def test_every_page_has_its_code(key: str) -> None:
    wanted = "digits" if key in SPOKEN else "code"
    assert rules_of(bent(sentences=f'sentences:\n  {key}: "{{{{clinic}}}} x"\n'), "words") == [
        "words/no-code"
    ]
    assert rules_of(bent(sentences=f'sentences:\n  {key}: "{{{{{wanted}}}}} x"\n'), "words") == []


def test_what_a_ladder_tells_the_patient_is_said() -> None:
    words = HAVE_IT % "{{clinic}}: We have it."
    assert rules_of(bent(sentences=words)) == ["words/unused"]
    assert rules_of(bent(sentences=words, more={FILE: TELLS})) == []


@pytest.mark.parametrize("name", ["first_name", "reason", "link", "code", "day"])
def test_it_says_nothing_of_the_patient_nor_of_the_page(name: str) -> None:
    files = bent(sentences=HAVE_IT % f"We have it, {{{{{name}}}}}, now.", more={FILE: TELLS})
    assert [(f.rule, f.file) for f in lint(files, NOW)] == [("words/value", EN)]


def test_it_is_written_in_every_language() -> None:
    files = bent(sentences=HAVE_IT % "We have it.", more={FILE: TELLS})
    files["wording/es.yaml"] = (
        files[EN].replace("language: en", "language: es").replace("  have_it:", "  had_it:")
    )
    found = [(f.rule, f.file, f.message) for f in lint(files, NOW) if f.severity == "error"]
    assert found == [
        (
            "words/missing",
            FILE,
            "The sentence 'have_it' is missing in 'es': a patient of this language would get another's.",
        )
    ]


def test_it_is_no_sentence_of_pages() -> None:
    files = bent(sentences='pages:\n  have_it: "We have it."\n', more={FILE: TELLS})
    assert rules_of(files, "words") == ["words/page-or-text"]


def test_nothing_is_missed_while_a_wording_cannot_be_read() -> None:
    files = bent(more={FILE: TELLS, "wording/en.more.yaml": "language: en\nsentences: [\n"})
    assert "words/missing" not in rules_of(files)
    assert "words/missing" in rules_of(bent(more={FILE: TELLS}))
