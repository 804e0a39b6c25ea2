"""Every effect has exactly one handler, every event exactly one rule, and both are spelt as they are stored."""

from typing import get_args

import pytest

from bot.core import decide
from bot.core.decide import TEXT_RULES
from bot.core.effects import EFFECTS, Effect
from bot.core.events import What
from bot.service import apply

EFFECT_CLASSES = get_args(get_args(Effect)[0])
EVENT_CLASSES = get_args(get_args(What)[0])


def test_every_effect_has_exactly_one_handler() -> None:
    assert set(apply.HANDLERS) == set(EFFECT_CLASSES)
    handlers = [getattr(handler, "__qualname__", handler) for handler in apply.HANDLERS.values()]
    assert len(set(handlers)) == len(handlers)


def test_every_event_has_exactly_one_rule() -> None:
    assert set(decide._RULES) == set(EVENT_CLASSES)
    assert len(set(decide._RULES.values())) == len(EVENT_CLASSES)


def test_no_text_rule_stands_twice() -> None:
    assert len(set(TEXT_RULES)) == len(TEXT_RULES)


def test_every_text_rule_says_what_it_is_for() -> None:
    assert [rule.__name__ for rule in TEXT_RULES if not rule.__doc__] == []


@pytest.mark.parametrize("effect", EFFECT_CLASSES, ids=lambda effect: effect.__name__)
def test_an_effect_is_stored_under_its_own_name(effect: type) -> None:
    assert effect.__dataclass_fields__["kind"].default == effect.__name__
    assert effect.__doc__


def test_the_names_of_events_differ() -> None:
    names = [event.__dataclass_fields__["kind"].default for event in EVENT_CLASSES]
    assert len(set(names)) == len(names)


def test_every_event_and_effect_is_frozen() -> None:
    for made in (*EVENT_CLASSES, *EFFECT_CLASSES):
        assert made.__dataclass_params__.frozen
        assert hasattr(made, "__slots__")


def test_effects_are_json() -> None:
    assert EFFECTS.validate_json("[]") == ()
