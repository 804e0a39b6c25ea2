import pytest

from nlp.reader import Reader
from nlp.reading import Number

CASES: list[tuple[str, list[tuple[str, float | None]]]] = [
    (
        "lb",
        [
            ("12 stone 4", 172), ("7 lb 8 oz", 7.5), ("68 kilos y medio", 151.02), ("I'm 5'4 and 150 lbs", 150),
            ("down 3 lbs", None), ("more than 300", None), ("190 something", None),
            ("low 190s", None), ("my room is 7", None), ("18O", None),
            ("188 on dec 5", 188),
            ("none", None), ("lost 2, now 180", 180),
        ],
    ),
    ("kg", [("64 kilos 500 gramos", 64.5), ("170 lbs", 77.11)]),
    (
        "min",
        [("half an hour", 30), ("an hour and a half", 90), ("1 hr 15", 75), ("una hora y cuarto", 75),
        ("tres cuartos de hora", 45), ("none", 0)],
    ),
    ("hours", [("90 minutes", 1.5), ("6 1/2", 6.5), ("from 10 to 6", None), ("8:30", None)]),
    ("days", [("a week and a half", 10.5), ("couple of days", 2), ("a couple", 2), ("30 lbs", None)]),
    (
        "cigarettes",
        [
            ("half a pack", 10), ("1/2 pack", 10), ("pack and a half", 30), ("a dozen", 12), ("quit", 0),
            ("trying to quit", None),
        ],
    ),
    ("packs", [("half", 0.5), ("10 cigarettes", 0.5)]),
    ("steps", [("6k", 6000), ("4.5k", 4500), ("10 mil", 10000)]),
    ("oz", [("120 ml", 4.06), ("tres onzas y media", 3.5)]),
    ("inches", [("5'6\"", 66), ("5 ft 7 in", 67)]),
    ("%", [("96%", 96), ("ninety four percent", 94), ("95 por ciento", 95), ("105%", None),
        ("spo2 97 hr 80", 97), ("o2 is 94", 94), ("91 o 92", None)]),
    ("F", [("102.3 at 9", 102.3), ("1012", None), ("98 6", 98.6)]),
    ("mg/dL", [("7.8 mmol", 140.54), ("fasting 98, after lunch 140", None), ("110 before lunch 150 after", None)]),
    ("bpm", [("120/80 pulse 72", 72), ("o2 98 pulse 76", 76)]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "text", "value"), [(unit, text, value) for unit, rows in CASES for text, value in rows]
)
def test_in_the_unit_asked(reader: Reader, unit: str, text: str, value: float | None) -> None:
    assert reader.read(text, expect=Number(unit=unit)).value == value
