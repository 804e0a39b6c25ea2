from functools import partial

import pytest

from nlp.dates.grammar import Grammar
from nlp.lexicon import Lexicon
from nlp.normalise import normalise
from tests.nlp.work import calls


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("next tuesday", ["weekday"]),
        ("tuesday the 5th", ["weekday_number"]),
        ("in two weeks", ["in"]),
        ("a week from friday", ["from_day"]),
        ("the fourth", ["ordinal"]),
        ("the first available", []),
        ("end of june", ["month_part"]),
        ("may the 4th", ["month_day"]),
        ("may i come in", []),
        ("4 de julio", ["day_month"]),
        ("3/22 or 3/23", ["slash", "slash"]),
        ("mañana", ["tomorrow"]),
        ("por la mañana", []),
        ("have a good weekend", []),
        ("my pain is 7", []),
        ("8/10", ["slash"]),
        ("last friday of the month", ["nth_weekday"]),
        ("second week in april", ["nth_week"]),
        ("the day after thanksgiving", ["shifted"]),
        ("the week of may 4", ["shifted"]),
        ("thanksgiving is out, the monday after", ["holiday", "shifted"]),
        ("the 28th, so after that", ["ordinal", "ordinal"]),
        ("twenty first of june", ["day_month"]),
        ("the third dose", []),
        ("the 2 reminders", []),
        ("for 2 weeks", []),
        ("i sat there", []),
        ("happy monday", []),
        ("dr may called", []),
        ("call 555-0134", []),
        ("a media mañana", []),
    ],
)
def test_days(shipped: Lexicon, text: str, kinds: list[str]) -> None:
    mentions = Grammar(shipped.dates, shipped.numbers).read(shipped.speller.mend(normalise(text).words))
    assert [day.kind for day in mentions.days] == kinds


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("by friday", "by"),
        ("before christmas", "before"),
        ("antes del 10 de mayo", "before"),
        ("after the 15th", "after"),
        ("not before the 15th", "from"),
        ("cant until the 15th", "from"),
        ("from monday on", "from"),
        ("monday or later", "from"),
        ("from monday to friday", "between"),
        ("on friday", ""),
    ],
)
def test_days_that_are_open_to_one_side(shipped: Lexicon, text: str, bound: str) -> None:
    mentions = Grammar(shipped.dates, shipped.numbers).read(shipped.speller.mend(normalise(text).words))
    assert mentions.days[0].bound == bound


@pytest.mark.parametrize(
    "phrase",
    ["the day after ", "monday ", "3 ", "1 - ", "in 2 or ", "at 5 or ", "sorry 3 ", "not 3, ", "i was in "],
)
def test_work_grows_with_the_length_and_no_faster(shipped: Lexicon, phrase: str) -> None:
    grammar = Grammar(shipped.dates, shipped.numbers)
    texts = (tuple((phrase * 400)[:length].split()) for length in (600, 1200))
    short, long = [calls(partial(grammar.read, words)) for words in texts]
    assert long < 2.5 * short
