import pytest

from nlp.reader import Reader
from nlp.reading import Choice

SLOTS = Choice(
    options={
        "a": ("Tuesday Mar 3 at 9:00 AM",),
        "b": ("Wednesday Mar 4 at 2:30 PM",),
        "c": ("Thursday Mar 5 at 4:00 PM", "jueves 5 de marzo"),
    }
)
SAME_DAY = Choice(options={"a": ("Tuesday 9:00 AM",), "b": ("Tuesday 2:00 PM",)})
OFTEN = Choice(
    options={
        "never": ("0", "Not at all"),
        "some": ("1", "Several days"),
        "more": ("2", "More than half the days"),
        "most": ("3", "Nearly every day"),
    }
)
DATED = Choice(
    options={
        "a": ("1", "Tue Dec 1 at 9:00 AM"),
        "b": ("2", "Wed Dec 2 at 14:30"),
        "c": ("3", "Thu Dec 3 at 9:00 AM"),
    }
)
SHOPS = Choice(options={"wal": ("Walmart",), "rite": ("Rite Aid, 8 Oak Ave",), "heb": ("H-E-B, River Dr",)})
SURE = Choice(options={"yes": ("Yes",), "no": ("No",), "unsure": ("Not sure",)})
HARD = Choice(options={"none": ("1", "Not difficult at all"), "very": ("2", "Very difficult")})
HEALTH = Choice(options={"good": ("Good",), "poor": ("Poor",)})
LETTERS = Choice(options={"a": ("A", "Morning"), "b": ("B", "Evening")})
SIDES = Choice(options={"left": ("Left",), "right": ("Right",), "both": ("Both",)})
CASES = [
    (SLOTS, "2", "b"),
    (SLOTS, "the second one", "b"),
    (SLOTS, "#2", "b"),
    (SLOTS, "option 2", "b"),
    (SLOTS, "2 please", "b"),
    (SLOTS, "dos", "b"),
    (SLOTS, "la primera", "a"),
    (SLOTS, "the last one", "c"),
    (SLOTS, "tuesday", "a"),
    (SLOTS, "weds works for me", "b"),
    (SLOTS, "el jueves", "c"),
    (SLOTS, "4", None),
    (SLOTS, "0", None),
    (SLOTS, "tuesday or thursday", None),
    (SLOTS, "not tuesday", None),
    (SLOTS, "none of those", None),
    (SLOTS, "what do you have on friday?", None),
    (SLOTS, "1.5", None),
    (SAME_DAY, "tuesday", None),
    (SAME_DAY, "the 9 am one", "a"),
    (OFTEN, "0", "never"),
    (OFTEN, "1", "some"),
    (OFTEN, "three", "most"),
    (OFTEN, "4", None),
    (OFTEN, "several", "some"),
    (OFTEN, "almost every day, nearly every day", "most"),
    (OFTEN, "it depends", None),
    (SLOTS, "tue, no sorry thu", "c"),
    (SLOTS, "the first, no the last", "c"),
    (SLOTS, "tuesday doesn't work, wednesday does", "b"),
    (SLOTS, "any but tuesday", None),
    (SLOTS, "i work tuesdays", None),
    (SLOTS, "the middle one", "b"),
    (SLOTS, "the 3rd one", None),
    (SLOTS, "the 4th", "b"),
    (SLOTS, "at 4", "c"),
    (SLOTS, "wensday", "b"),
    (SLOTS, "thirsday", "c"),
    (OFTEN, "the last one", "most"),
    (OFTEN, "the second one", None),
    (OFTEN, "1. just a few", "some"),
    (OFTEN, "maybe 2", "more"),
    (OFTEN, "0 no wait 1", "some"),
    (OFTEN, "all the time", "most"),
    (OFTEN, "no", "never"),
    (LETTERS, "b", "b"),
    (LETTERS, "a) morning", "a"),
    (LETTERS, "a later time", None),
    (SIDES, "L", "left"),
    (SIDES, "B", None),
    (Choice(options={"yes": ("Yes",), "no": ("No",)}), "yep", "yes"),
    *[
        (DATED, text, key)
        for text, key in [
            ("230", "b"),
            ("2 30", "b"),
            ("las dos y media", "b"),
            ("half past two", "b"),
            ("2:30 pm", "b"),
            ("wed afternoon", "b"),
            ("tuesday morning", "a"),
            ("tuesday afternoon", None),
            ("tue at 3", None),
            ("9 pm", None),
            ("friday at 9", None),
            ("dec 5 at 9", None),
            ("el 3", "c"),
            ("la 4", None),
            ("1 or 3", None),
            ("2... no 3", "c"),
        ]
    ],
    (SHOPS, "wal mart", "wal"),
    (SHOPS, "riteaid", "rite"),
    (SHOPS, "heb", "heb"),
    (SURE, "no clue", "unsure"),
    (SURE, "nope", "no"),
    (HARD, "not difficult", "none"),
    (HARD, "difficult", None),
    (HEALTH, "not good", "poor"),
    (HEALTH, "good is closed", None),
    (SIDES, "lft", "left"),
    (Choice(options={"en": ("1", "Inglés"), "es": ("2", "Español")}), "los dos", None),
    (Choice(options={}), "1", None),
    (Choice(options={"a": ("",)}), "1", "a"),
]


@pytest.mark.parametrize(("expect", "text", "key"), CASES)
def test_choice(reader: Reader, expect: Choice, text: str, key: str | None) -> None:
    assert reader.read(text, expect=expect).value == key
