"""Tests of nlp/own.py: what a clinic adds always counts, and what it lowers hides nothing else.

The models' opinion is played where it matters: what they hold of a text may change, what is shown here not.
"""

from collections.abc import Callable

import pytest

from nlp.dates.grammar import Grammar
from nlp.lexicon import Lexicon
from nlp.message import Message, understand
from nlp.own import compiled, unreadable
from nlp.reader import Reader
from nlp.reading import Added, Intent, Level, Lowered, OwnWords
from nlp.weigh import Judged

PUMP = Added(
    level=Level.EMERGENCY,
    category="glucose",
    concept="pump alarm",
    say=("pump .. stopped|beeping", "bomba .. pitando"),
    unless=("water pump",),
)
ADDED = OwnWords(added=(PUMP,))
FALL, BLEEDING, SEIZURE = "trauma/fall or injury", "bleeding/bleeding that doesn't stop", "seizure/seizure"


def lowered(concept: str, level: Level) -> OwnWords:
    return OwnWords(lowered=(Lowered(concept=concept, level=level, reason="We see to it.", by="Dr. Ruiz"),))


def judged(level: Level = Level.NONE, category: str | None = None, intent: Intent = Intent.OTHER) -> Judged:
    return Judged(level, category, 0.9, intent, (), 0.9, learned=True)


@pytest.fixture(scope="module")
def message(shipped: Lexicon) -> Callable[[str], Message]:
    grammar = Grammar(shipped.dates, shipped.numbers)
    return lambda text: understand(text, shipped, grammar, None)


# -- added --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["my pump just stopped", "The PUMP is beeping!", "mi bomba está pitando"])
def test_an_added_word_raises_to_its_level(reader: Reader, text: str) -> None:
    reading = reader.read(text, own=ADDED)
    assert (reading.level, reading.category) == (Level.EMERGENCY, "glucose")
    assert reading.why[0].rule == "alarm:glucose/pump alarm"


@pytest.mark.parametrize(
    "text",
    [
        "my pump hasn't stopped",  # denied
        "last year my pump stopped",  # the past
        "what if my pump stops beeping",  # later
        "the water pump stopped",  # what it isn't
        "see you tuesday",
    ],
)
def test_an_added_word_is_denied_and_excused_like_others(reader: Reader, text: str) -> None:
    assert reader.read(text, own=ADDED) == reader.read(text)


def test_only_its_own_exception_excuses_it(reader: Reader) -> None:
    assert reader.read("the water pump runs, my insulin pump stopped", own=ADDED).level is Level.EMERGENCY


@pytest.mark.parametrize("held", [Level.NONE, Level.URGENT, Level.CRISIS])
def test_whatever_the_models_hold_it_counts(message, shipped: Lexicon, held: Level) -> None:
    found = compiled(ADDED, shipped).over(message("my pump stopped"), judged(held, "other"), pytest.fail)
    assert (found.level, found.category, found.learned) == (Level.EMERGENCY, "glucose", False)


def test_what_is_worse_already_stays(message, shipped: Lexicon) -> None:
    urgent = OwnWords(
        added=(Added(level=Level.URGENT, category="glucose", concept="pump", say=("pump stopped",)),)
    )
    before = judged(Level.CRISIS, "suicidal")
    assert compiled(urgent, shipped).over(message("my pump stopped"), before, pytest.fail) is before


def test_what_was_wished_beside_an_added_emergency_is_told_beside(message, shipped: Lexicon) -> None:
    own, text = compiled(ADDED, shipped), message("my pump stopped")
    found = own.over(text, judged(intent=Intent.RESCHEDULE), pytest.fail)
    assert (found.intent, found.also) == (Intent.OTHER, (Intent.RESCHEDULE,))
    assert own.over(text, judged(intent=Intent.STOP), pytest.fail).intent is Intent.STOP


def test_a_word_that_the_speller_would_mend_is_found_as_it_was_sent(message, shipped: Lexicon) -> None:
    text = message("the bleeping thing again")
    own = OwnWords(
        added=(Added(level=Level.URGENT, category="glucose", concept="b", say=("bleeping thing",)),)
    )
    assert text.words != text.text.words
    assert compiled(own, shipped).heard(text).level is Level.URGENT


# -- lowered ------------------------------------------------------------------------------------------


def test_a_lowered_concept_goes_down(reader: Reader) -> None:
    text = "she had a seizure"
    assert reader.read(text).level is Level.EMERGENCY
    reading = reader.read(text, own=lowered(SEIZURE, Level.URGENT))
    assert (reading.level, reading.category) == (Level.URGENT, "seizure")
    assert reading.why[0].rule == f"alarm:{SEIZURE}"


def test_the_rest_is_judged_without_it(message, shipped: Lexicon) -> None:
    asked: list[str] = []

    def judge(text: str) -> Judged:
        asked.append(text)
        return judged(intent=Intent.RESCHEDULE)

    own = compiled(lowered(SEIZURE, Level.NONE), shipped)
    found = own.over(message("A seizure, can I move to Friday?"), judged(Level.EMERGENCY, "seizure"), judge)
    assert [text.split() for text in asked] == [["A", ",", "can", "I", "move", "to", "Friday?"]]
    assert (found.level, found.category, found.intent) == (Level.NONE, None, Intent.RESCHEDULE)


@pytest.mark.parametrize("level", [Level.URGENT, Level.NONE])
@pytest.mark.parametrize(
    "text",
    [
        "she had a seizure and now her chest hurts bad",
        "chest pain and a seizure",
        "a seizure. cant breathe",
    ],
)
def test_beside_a_real_emergency_it_stays_an_emergency(reader: Reader, text: str, level: Level) -> None:
    reading = reader.read(text, own=lowered(SEIZURE, level))
    assert reading.level is Level.EMERGENCY
    assert reading.category in {"cardiac", "breathing"}


def test_what_stands_in_the_gap_of_a_lowered_pattern_stays(message, shipped: Lexicon) -> None:
    own = compiled(lowered(BLEEDING, Level.NONE), shipped)
    text = message("nosebleed and chest pain wont stop")  # nosebleed ... wont
    assert any(part.between for match in text.found[f"alarm:{BLEEDING}"] for part in match.parts)
    found = own.over(text, judged(Level.EMERGENCY, "bleeding"), lambda _rest: judged())
    assert found.level is Level.EMERGENCY


def test_a_concept_that_shares_its_words_stays(message, shipped: Lexicon) -> None:
    own = compiled(lowered("fever/fever after a procedure", Level.NONE), shipped)
    text = message("fever of 103 since my surgery")
    found = own.over(text, judged(Level.EMERGENCY, "fever"), lambda _rest: judged())
    assert (found.level, found.category) == (Level.URGENT, "fever")


@pytest.mark.parametrize("text", ["see you tuesday", "no seizures this week", "my chest hurts"])
def test_a_text_without_it_is_read_as_ever(reader: Reader, text: str) -> None:
    assert reader.read(text, own=lowered(SEIZURE, Level.NONE)).level is reader.read(text).level


def test_what_is_low_enough_is_not_judged_again(message, shipped: Lexicon) -> None:
    before = judged(Level.URGENT, "seizure")
    own = compiled(lowered(SEIZURE, Level.URGENT), shipped)
    assert own.over(message("she had a seizure"), before, pytest.fail) is before


def test_added_and_lowered_go_together(message, shipped: Lexicon) -> None:
    both = OwnWords(added=ADDED.added, lowered=lowered(SEIZURE, Level.URGENT).lowered)
    own, before = compiled(both, shipped), judged(Level.EMERGENCY, "seizure")
    found = own.over(message("a seizure, and my pump stopped"), before, lambda _rest: judged())
    assert (found.level, found.category) == (Level.EMERGENCY, "glucose")
    assert own.over(message("she had a seizure"), before, lambda _rest: judged()).level is Level.URGENT


def test_what_the_models_hold_of_the_rest_counts(message, shipped: Lexicon) -> None:
    own, before = compiled(lowered(SEIZURE, Level.NONE), shipped), judged(Level.EMERGENCY, "seizure")
    for held in (judged(Level.URGENT, "fever"), judged(Level.EMERGENCY, "cardiac")):
        found = own.over(message("she had a seizure and more"), before, lambda _rest, held=held: held)
        assert (found.level, found.category) == (held.level, held.category)


# -- what can't be read -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        OwnWords(added=(Added(level=Level.URGENT, category="a", concept="b", say=("<no> x",)),)),
        lowered("bleeding/none such", Level.URGENT),
        lowered(FALL, Level.URGENT),
    ],
)
def test_what_a_later_lexicon_does_not_know_is_left_out(reader: Reader, words: OwnWords) -> None:
    """The clinic's texts are read all the same; the linter told of it before."""
    assert reader.read("no x, she fell", own=words) == reader.read("no x, she fell")


def test_no_own_words_are_no_words(reader: Reader) -> None:
    assert reader.read("she had a seizure", own=OwnWords()) == reader.read("she had a seizure")


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("[my pump", "the bracket [ has no partner"),
        ("my] pump", "the bracket ] has no partner"),
        ("pump..stopped", ".. needs a space"),
        ("pump &stopped", "& needs a space"),
        ("pump ..", "begin or end"),
        ("& pump", "begin or end"),
        ("@sugar_lo", "named @sugar_lo"),
        ("<limb hurts", "named like <limb>"),
        ("limb> hurts", "named like <limb>"),
        ("<extremity> hurts", "no list of words is named <extremity>"),
        ("hurts | aches", "without words"),
        ("", "empty"),
    ],
)
def test_a_pattern_that_would_not_be_found_is_told(shipped: Lexicon, pattern: str, told: str) -> None:
    assert told in str(unreadable(pattern, shipped))


@pytest.mark.parametrize(
    "pattern",
    [
        "pump",
        "[my|the] pump .. stopped|quit",
        "<limb>|elbow ... hurts",
        "elbow|<limb> hurts",
        "@sugar_low & dizzy",
        "@start hot @end",
        "@bp_high & won't stop",
        "¿qué tal?",
    ],
)
def test_what_the_readme_lists_can_be_read(shipped: Lexicon, pattern: str) -> None:
    assert unreadable(pattern, shipped) is None
