"""A random but repeatable schedule of faults under traffic.

FAULT_SOAK_SECONDS makes it longer, FAULT_SOAK_SEED another one.
"""

import os
import random
import time
from collections.abc import Callable

import pytest

from bot.service import sweep
from tests.faults.practice import Practice
from tests.faults.town import PROCESSES, Town

pytestmark = pytest.mark.fault
SECONDS = float(os.environ.get("FAULT_SOAK_SECONDS", "5"))
SEED = int(os.environ.get("FAULT_SOAK_SEED", "1"))


def test_whatever_breaks_every_text_is_answered_once(town: Town, practice: Callable[..., Practice]) -> None:
    clinics, chance, end = [practice(6)], random.Random(SEED), time.monotonic() + SECONDS
    while time.monotonic() < end:
        clinic = clinics[-1]
        clinic.traffic()
        break_something(town, chance)
        if len(clinic.said()) > 60:  # nobody texts for ever: the bot falls silent
            clinics.append(practice(6))
    town.heal()
    clinics[-1].find_out()  # for all of them
    sweep.poll(town.rt)
    for clinic in clinics:
        clinic.settle()
        clinic.check(may_be_lost=True)


def break_something(town: Town, chance: random.Random) -> None:
    """One fault, mended at once."""
    match chance.choice(("kill", "kill", "kill", "flush", "redis", "postgres", "silence")):
        case "kill":
            town.replace(chance.choice(PROCESSES))
        case "flush":
            town.valkey.flush()
        case "redis":
            town.valkey.kill()
            town.valkey.start()
        case "postgres":
            town.crash_postgres()
        case "silence":
            town.twin.weather(
                accept_then_hang_up=chance.randint(1, 3), callbacks=chance.choice(("normal", "none"))
            )
