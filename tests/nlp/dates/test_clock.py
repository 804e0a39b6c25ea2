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
        ("25", None),
        ("975", None),
    ],
)
def test_moment(text: str, at: time | None) -> None:
    assert moment(text) == at
