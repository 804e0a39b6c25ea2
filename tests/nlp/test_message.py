from datetime import UTC, datetime

from nlp.dates.grammar import Grammar
from nlp.lexicon import Lexicon
from nlp.message import understand
from nlp.reading import Intent, Repair

NOW = datetime(2026, 3, 11, 10, tzinfo=UTC)


def test_everything_is_found_once(shipped: Lexicon) -> None:
    message = understand(
        "Hi, cancel friday, 2 kids sick", shipped, Grammar(shipped.dates, shipped.numbers), NOW
    )
    assert message.words[:3] == ("hi", ",", "cancel")
    assert [numeral.value for numeral in message.numerals] == [2]
    assert message.wish.intent is Intent.CANCEL
    assert message.when is not None
    assert message.repair is None


def test_without_a_clock_there_is_no_wish_for_a_time(shipped: Lexicon) -> None:
    grammar = Grammar(shipped.dates, shipped.numbers)
    assert understand("friday", shipped, grammar, None).when is None
    skipped = understand("skip", shipped, grammar, None).repair
    assert skipped is not None
    assert skipped.repair is Repair.SKIP
