"""Tests of bot/flowbook/obey.py; what each effect does is shown in test_world."""

from typing import get_args

from bot.core.effects import Effect
from bot.flowbook.obey import OBEY


def test_every_effect_is_obeyed() -> None:
    assert set(OBEY) == set(get_args(get_args(Effect)[0]))
