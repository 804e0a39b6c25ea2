from datetime import time

import pytest

from nlp.dates.clock import moment


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("3", time(15)),
        ("7", time(19)),
        ("8", time(8)),
        ("12", time(12)),
        ("noon", time(12)),
        ("3 am", time(3)),
        ("12 am", time(0)),
        ("10 : 15", time(10, 15)),
        ("230", time(14, 30)),
        ("15 : 00", time(15)),
        ("half past 4", time(16, 30)),
        ("quarter to 3", time(14, 45)),
        ("cuarto para las 3", time(14, 45)),
        ("10 y media", time(10, 30)),
        ("7 de la manana", time(7)),
        ("8 at night", time(20)),
        ("10 past 9", time(9, 10)),
        ("20 to 4", time(15, 40)),
        ("at 10 to 3", time(14, 50)),
        ("1 cuarto para las 11", time(10, 45)),
        ("10.30 am", time(10, 30)),
        ("3.5", time(15, 30)),
        ("1500 hours", time(15)),
        ("0830", time(8, 30)),
        ("mid day", time(12)),
        ("555", time(17, 55)),
        ("534", None),
        ("25", None),
        ("975", None),
    ],
)
def test_moment(text: str, at: time | None) -> None:
    assert moment(text) == at
