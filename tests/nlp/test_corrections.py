from datetime import date, datetime, time

import pytest

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
    Scale,
    Value,
    When,
    Window,
    YesNo,
)

NOW = datetime.fromisoformat("2026-11-24T10:15:00-05:00")

PAIN = Scale(min=0, max=10)
PART = Choice(options={"am": ("Morning", "before noon"), "pm": ("Afternoon",)})

CASES: list[tuple[Expect, Expect | None, list[tuple[str, Value | None]]]] = [
    (
        PAIN,
        PAIN,
        [
            ("sorry I meant 4", 4), ("I meant 4", 4), ("I meant to say 4", 4), ("4 I meant", 4),
            ("actually make that a 3", 3), ("no wait, 7 not 6", 7), ("actually 4 not 5", 4),
            ("sorry, not 6 but 7", 7), ("wait, 4 instead of 6", 4), ("correction: 4", 4), ("correction - 4", 4),
            ("I said 6 but it's 4", 4), ("i said 6, i meant 4", 4), ("I put 6 but I meant 4", 4),
            ("change my last answer to 3", 3), ("change my answer from 6 to 4", 4), ("typo, 8", 8),
            ("my answer to the last question should be 2", 2), ("for the last one i meant 8", 8),
            ("sorry, I made a mistake. It's 4", 4), ("oops i mean 4", 4), ("i meant no pain", 0),
            ("quise decir 4", 4), ("perdón, era 3", 3), ("me equivoqué, es 5", 5), ("Me equivoque. Es 5", 5),
            ("perdón digo 4", 4), ("que diga 5", 5), ("dije 6 pero es 4", 4), ("puse mal, son 8", 8),
            ("perdón, no 6, 7", 7), ("cambie mi última respuesta a 2", 2), ("corrección: 4", 4),
            ("Whoops meant 6", 6), ("hit the wrong key, 5", 5), ("I put 9 by mistake, its 6", 6),
            ("scratch that, it's a 4", 4), ("that last one should be a 6", 6), ("I misspoke, 4/10", 4),
            ("Can I change my answer? it's 3", 3), ("it should be 4, not 6", 4),
            ("Me equivoqué en la anterior, es 5", 5), ("quise decir siete no seis", 7), ("perdón, eran 3", 3),
            # the answer is put right in the same text, or is no correction
            ("4 no wait 5", None), ("4, sorry i meant 5", None), ("6. oops i meant 7", None),
            ("actually 4", None), ("sorry 4", None), ("wait 4", None), ("perdon 4", None), ("no", None),
            ("4", None), ("", None),
            # a correction without a value of the scale
            ("I meant 40", None), ("i meant 4 or 5", None), ("I meant yes", None), ("correction", None),
            # something else was meant
            ("I meant to bring 2 pills", None), ("i meant to ask, is 4 bad?", None), ("i meant may 4", None),
            ("i meant tuesday the 4th", None), ("thats not what i meant, 4", None), ("make it 3 pm", None),
            ("sorry for the delay, 4", None), ("Sorry it was 4 yesterday", None), ("actually its a 4 today", None),
            ("I was wrong, it is 4 now", None), ("I meant it, 4 is too much", None), ("my mistake 4", None),
            ("sorry for not answering the last question. 4", None), ("last question was weird. 5", None),
            ("perdón por no contestar, era un dia ocupado, 4", None), ("i didnt mean 4", None),
            ("can you make it at 3", None), ("can you make that at 3", None),
            ("i put ice on it but its a 7 now", None), ("i put 2 ice packs on it but its still a 7", None),
            ("i was wrong about the pills, i took 2 days off because of it all", None),
        ],
    ),
    (
        PAIN,
        YesNo(),
        [
            ("yes. sorry I meant 4 on the last one", 4), ("yes, i meant 4 earlier", 4),
            ("actually, for the last one, 4", 4), ("no I meant 4", 4),
            ("yes", None), ("sorry, yes", None), ("actually no", None),
        ],
    ),
    (
        YesNo(),
        YesNo(),
        [
            ("I meant no", False), ("sorry I meant yes", True), ("no wait, i meant yes", True),
            ("i meant not really", False), ("correction, no", False), ("i said yes but no", False),
            ("sorry, i meant no to the last one", False), ("actually yes for the last one", True),
            ("my last answer should be no", False), ("please change my previous answer to no", False),
            ("quise decir que no", False), ("quise decir sí", True), ("mi respuesta anterior era no, perdón", False),
            ("actually yes", None), ("actually no", None), ("no wait yes", None), ("no i meant yes", None),
            ("yes i meant no", None), ("no sorry", None), ("sorry, no", None), ("my mistake, no", None),
            ("i meant to but no", None), ("no to the last question", None), ("should have said something", None),
            ("perdón era mi hija, no", None), ("I mean no", None), ("wait, yes", None),
            ("i made a mistake, yes", None), ("me equivoqué, sí", None), ("i meant no problem", None),
            ("actually i dont understand the last question", None), ("i know what i meant, yes", None),
        ],
    ),
    (
        YesNo(),
        PAIN,
        [
            ("I meant no", False), ("me equivoqué, no", False), ("6, and i meant no on the last one", False),
            ("actually no", None), ("no 6", None), ("6", None),
        ],
    ),
    (
        BloodPressure(),
        PAIN,
        [
            ("correction: 120/80", {"systolic": 120, "diastolic": 80}),
            ("no wait, 120/80 not 130/80", {"systolic": 120, "diastolic": 80}),
            ("quise decir 120 sobre 80", {"systolic": 120, "diastolic": 80}),
            ("sorry 120/80", None), ("i meant 120", None), ("120/80", None),
        ],
    ),
    (
        PART,
        PAIN,
        [
            ("I meant the first one", "am"), ("sorry i meant morning not afternoon", "am"),
            ("i meant afternoon", "pm"), ("quise decir morning", "am"), ("i meant the third one", None),
            ("morning", None),
        ],
    ),
    (
        Number(unit="lb", min=50, max=700),
        YesNo(),
        [("I meant 180", 180.0), ("typo, 180 lbs", 180.0), ("i meant 20", None), ("180", None)],
    ),
    (
        Date(past=True),
        PAIN,
        [("I meant 3/14/1962", date(1962, 3, 14)), ("correction: march 14 1962", date(1962, 3, 14)),
        ("i meant 1963", None)],
    ),
    (
        When(),
        YesNo(),
        [
            ("I meant friday", Window(date_from=date(2026, 11, 27), date_to=date(2026, 11, 27))),
            ("change that to friday", Window(date_from=date(2026, 11, 27), date_to=date(2026, 11, 27))),
            ("sorry, 3pm not 4pm", Window(time_from=time(15), time_to=time(15))),
            ("friday", None), ("sorry, friday", None), ("friday, scratch that, monday at 10", None),
        ],
    ),
    (
        FreeText(),
        PAIN,
        [
            ("sorry I meant my left knee", "my left knee"), ("correction: Lisinopril 20 mg", "Lisinopril 20 mg"),
            ("quise decir la rodilla izquierda", "la rodilla izquierda"),
            ("I hurt my knee. i meant to call", None), ("i meant to call", None), ("i meant", None),
            ("actually my left knee", None),
        ],
    ),
    (Anything(), PAIN, [("I meant Ann", "Ann"), ("Ann", None)]),
    (Photo(), PAIN, [("I meant 4", None)]),
    (PAIN, None, [("i meant 4", 4), ("4, sorry i meant 5", 5), ("4", None)]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "expect", "text", "value"),
    [(before, expect, text, value) for before, expect, rows in CASES for text, value in rows],
)
def test_correction(
    reader: Reader, before: Expect, expect: Expect | None, text: str, value: Value | None
) -> None:
    got = reader.read(text, expect=expect, before=before, now=NOW).correction
    assert got == value
    assert type(got) is type(value)


def test_without_an_earlier_question_nothing_is_corrected(reader: Reader) -> None:
    assert reader.read("sorry I meant 4", expect=PAIN).correction is None


def test_the_present_answer_is_read_as_ever(reader: Reader) -> None:
    for text in ("sorry I meant 4", "yes", "yes. sorry I meant 4 on the last one"):
        with_before = reader.read(text, expect=YesNo(), before=PAIN)
        assert with_before.value == reader.read(text, expect=YesNo()).value


def test_the_phrase_is_told(reader: Reader) -> None:
    reasons = reader.read("sorry I meant 4", expect=YesNo(), before=PAIN).why
    assert ("corrects:meant", 6, 13) in {(why.rule, why.start, why.end) for why in reasons}
