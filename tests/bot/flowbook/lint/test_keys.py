"""Tests of bot/flowbook/lint/keys.py, on models of their own."""

from datetime import timedelta

import pytest
from pydantic import Field

from bot.core.book import House
from bot.core.flow import Flow
from bot.core.shape import Duration, Shape
from bot.flowbook.lint.keys import homes, keys_at


class Short(Shape):
    words: str


class Long(Shape):
    words: str
    pages: int = 1


class Part(Shape):
    name: str = Field(alias="part")
    body: Short | Long | None = None
    after: Duration | None = timedelta(0)


class Whole(Shape):
    title: str
    cover: Part
    steps: dict[str, Part] = Field(default={})
    extras: tuple[Part | str, ...] = ()


@pytest.mark.parametrize(
    ("where", "keys"),
    [
        ((), ["title", "cover", "steps", "extras"]),
        (("cover",), ["part", "body", "after"]),
        (("steps", "any"), ["part", "body", "after"]),
        (("extras", 3, "body"), ["words", "pages"]),
        (("cover", "after"), ["part", "body", "after"]),
    ],
)
def test_keys_are_told_as_they_are_written(where: tuple[str | int, ...], keys: list[str]) -> None:
    assert keys_at(Whole, where) == keys


def test_a_key_has_homes() -> None:
    assert homes(Whole, "title") == ["at the top of the file"]
    assert homes(Whole, "part") == ["in 'cover'", "in a step", "in an entry of 'extras'"]
    assert homes(Whole, "pages") == ["in 'body'"]
    assert homes(Whole, "nothing") == []
    assert homes(Whole, "name") == []


def test_what_is_read_from_words_has_no_keys() -> None:
    assert homes(Flow, "unit") == []
    assert homes(Flow, "wait") == ["in a step"]
    assert homes(Flow, "urgency")[0] == "in 'hand_over'"
    assert "steps" in keys_at(Flow, ())
    assert "policy" in keys_at(House, ())
