import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from nlp.lexicon import DATA, Lexicon
from nlp.reader import Reader
from nlp.reading import (
    Anything,
    BloodPressure,
    Choice,
    Date,
    Expect,
    FreeText,
    Number,
    Photo,
    Reading,
    Scale,
    When,
    YesNo,
)
from tests.nlp.work import calls

NOW = datetime(2026, 3, 11, 10, tzinfo=UTC)

expects = st.one_of(
    st.none(),
    st.just(YesNo()),
    st.builds(lambda low, span: Scale(min=low, max=low + span), st.integers(-5, 5), st.integers(0, 100)),
    st.builds(
        lambda options: Choice(options=options),
        st.dictionaries(
            st.text(max_size=5), st.lists(st.text(max_size=12), max_size=3).map(tuple), max_size=4
        ),
    ),
    st.builds(
        lambda unit, low, high: Number(unit=unit, min=low, max=high),
        st.sampled_from(["", "lb", "kg", "F", "mg/dL", "pills"]),
        st.none() | st.floats(-5, 50),
        st.none() | st.floats(0, 500),
    ),
    st.just(BloodPressure()),
    st.builds(lambda past: Date(past=past), st.booleans()),
    st.sampled_from([When(), FreeText(), Photo(), Anything()]),
)
READING: TypeAdapter[Reading] = TypeAdapter(Reading)
moments = st.none() | st.integers(-120 * 365, 6000 * 365).map(lambda days: NOW + timedelta(days=days))


@given(
    text=st.text(max_size=300),
    expect=expects,
    before=expects,
    now=moments,
    language=st.sampled_from([None, "en", "es", "xx"]),
)
@settings(max_examples=200, deadline=None)
def test_any_text_gives_a_reading(
    reader: Reader,
    text: str,
    expect: Expect | None,
    before: Expect | None,
    now: datetime | None,
    language: str | None,
) -> None:
    _sound(reader.read(text, expect=expect, before=before, now=now, language=language), text)


@given(data=st.data(), expect=expects, before=expects, now=moments)
@settings(max_examples=300, deadline=None)
def test_any_jumble_of_known_words_gives_a_reading(
    reader: Reader,
    shipped: Lexicon,
    data: st.DataObject,
    expect: Expect | None,
    before: Expect | None,
    now: datetime | None,
) -> None:
    numbers = [*"0123456789", "12", "30", "31", "2026"]
    vocabulary = [*sorted(shipped.book.vocabulary), *numbers, *",.?!:/-", "monday", "next", "at"]
    text = " ".join(data.draw(st.lists(st.sampled_from(vocabulary), max_size=25)))
    _sound(reader.read(text, expect=expect, before=before, now=now), text)


PHRASES = (
    "sorry i meant", "no wait", "not", "actually", "make that a", "i said", "but", "the last question", "correction:",
    "quise decir", "me equivoqué", "perdón era", "skip", "go back", "what was the question", "yes", "no", "4", "120/80",
    "friday at 3", "3/14/1962", "the first one", ",", ".", "?", "-",
)  # fmt: skip


@given(parts=st.lists(st.sampled_from(PHRASES), max_size=9), expect=expects, before=expects, now=moments)
@settings(max_examples=300, deadline=None)
def test_any_jumble_of_corrections_gives_a_reading(
    reader: Reader, parts: list[str], expect: Expect | None, before: Expect | None, now: datetime | None
) -> None:
    text = " ".join(parts)
    _sound(reader.read(text, expect=expect, before=before, now=now), text)


def _sound(reading: Reading, text: str) -> None:
    assert 0 <= reading.confidence <= 1
    assert reading.language in {"en", "es", "und"}
    assert reading.intent not in reading.also
    assert (reading.category is None) == (reading.level == "none")
    assert all(0 <= why.start <= why.end <= len(text) for why in reading.why)
    when = reading.when
    if when is not None and when.date_from and when.date_to:
        assert when.date_from <= when.date_to
    assert READING.validate_json(READING.dump_json(reading)) == reading


@pytest.mark.parametrize(
    "phrase",
    ["1 ", "chest pain ", "no ", "9", "monday or ", "é̷̗", "fell head vomit blood pregnant pain fever confused sugar 40 ",
     "the 1 to 2 at 3:30 ", "i said 4 but i meant 5 not 6 ", "no wait 7 not 6, last question ", "sorry ", "🙏😭",
     "<div class='x'>call us</div> http://example.org/?a=1&b=2 ", "\u202e\u200fabc\x00 "],
)  # fmt: skip
def test_work_grows_with_the_length_of_a_text_and_not_much_faster(reader: Reader, phrase: str) -> None:
    short, long = (_calls(reader, (phrase * 1600)[:length]) for length in (800, 1600))
    assert long < 5 * short
    assert _calls(reader, (phrase * 5000)[:5000]) <= 1.1 * long  # what is beyond 1,600 characters isn't read


def _calls(reader: Reader, text: str) -> int:
    return calls(lambda: reader.read(text, expect=Scale(), before=Scale(), now=NOW))


DAYS = Choice(
    options={
        "none": ("0", "Not at all"),
        "more": ("2", "More than half the days"),
        "daily": ("3", "Nearly every day"),
    }
)


@pytest.mark.parametrize(
    ("text", "expect"),
    [
        ("more than half the days", DAYS),
        ("nearly every day", DAYS),
        ("38", Number(unit="C")),
        ("it was 100.2", Number(unit="F")),
        ("yes", YesNo()),
        ("ten out of ten", Scale()),
        ("nunca", DAYS),
    ],
)
def test_what_is_nothing_but_an_answer_says_no_more_than_that(
    reader: Reader, text: str, expect: Expect
) -> None:
    reading = reader.read(text, expect=expect)
    assert reading.level == "none"
    assert reading.intent not in {"stop", "wrong_number"}


@pytest.mark.parametrize(
    ("text", "expect", "level"),
    [
        ("yes i want to die", YesNo(), "crisis"),
        ("nearly every day, and tonight i will end it", DAYS, "crisis"),
        ("182/114", BloodPressure(), "urgent"),
        ("7 and my chest hurts", Scale(), "emergency"),
    ],
)
def test_what_is_more_than_an_answer_is_heard(reader: Reader, text: str, expect: Expect, level: str) -> None:
    assert reader.read(text, expect=expect).level == level


def test_nothing_is_remembered(reader: Reader) -> None:
    first = reader.read("yes", now=NOW)
    reader.read("my chest hurts", now=NOW)
    assert reader.read("yes", now=NOW) == first


def test_another_folder_of_lexicons_may_be_given() -> None:
    assert Reader(lexicons=DATA).read("yes").intent == "confirm"


def test_nothing_is_written(reader: Reader, capfd: pytest.CaptureFixture[str]) -> None:
    reader.read("Jane Doe cannot breathe", now=NOW)
    assert capfd.readouterr() == ("", "")


def test_the_vocabulary_of_results_is_cheap_to_import() -> None:
    heavy = "{'spacy', 'yaml', 'numpy', 'onnxruntime'} & sys.modules.keys()"
    code = f"import sys, nlp.reading; print({heavy})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_commands_help_loads_no_reader() -> None:
    heavy = "{'spacy', 'numpy', 'onnxruntime', 'nlp.reader'} & sys.modules.keys()"
    asked = "  from bot.cli import main\n  sys.argv = ['bot', '--help']\n  main()"
    code = f"import sys\ntry:\n{asked}\nexcept SystemExit:\n  print({heavy})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"
