import pytest

from nlp.dates.grammar import Grammar
from nlp.lexicon import Lexicon
from nlp.normalise import normalise


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
    ],
)
def test_days(shipped: Lexicon, text: str, kinds: list[str]) -> None:
    mentions = Grammar(shipped.dates, shipped.numbers).read(shipped.speller.mend(normalise(text).words))
    assert [day.kind for day in mentions.days] == kinds
