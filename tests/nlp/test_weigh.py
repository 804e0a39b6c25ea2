"""The last word: what is done with what rules and models hold likely."""

from dataclasses import replace

import numpy as np
import pytest

from nlp.intents import Wish
from nlp.linear import Weighed
from nlp.opinion import Opinion
from nlp.reading import Intent, Level
from nlp.safety import Verdict
from nlp.weigh import Judged, weigh

NOTHING = Verdict(Level.NONE, None, 0.0, (), excused=False)
FOUND = Verdict(Level.EMERGENCY, "cardiac", 0.95, (), excused=False)
NO_WISH = Wish(Intent.OTHER, (), 0.2, None)
SEEN = Weighed(np.array([], np.int64), np.array([], np.float32), ())


def judged(
    verdict: Verdict = NOTHING,
    wish: Wish = NO_WISH,
    *,
    emergency: float = 0.0,
    crisis: float = 0.0,
    urgent: float = 0.0,
    ordinary: float = 0.0,
    intents: dict[str, float] | None = None,
) -> Judged:
    levels = {
        "emergency": emergency,
        "crisis": crisis,
        "urgent": urgent,
        "none": 1 - emergency - crisis - urgent,
    }
    opinion = Opinion(
        level=levels,
        category={"stroke": 0.6, "cardiac": 0.4},
        intent=intents or {"other": 1.0, "confirm": 0.0},
        language={"en": 1.0, "es": 0.0, "und": 0.0},
        ordinary=ordinary,
        seen=SEEN,
    )
    return weigh(verdict, wish, opinion)


@pytest.mark.parametrize(
    ("emergency", "crisis", "urgent", "level"),
    [
        (0.9, 0.0, 0.05, "emergency"),
        (0.3, 0.6, 0.1, "crisis"),
        (0.35, 0.3, 0.1, "emergency"),  # surely one of the two: the likelier
        (0.3, 0.0, 0.3, "urgent"),  # too much of a hunch for an ambulance: a nurse decides
        (0.1, 0.05, 0.05, "none"),
        (0.0, 0.0, 0.0, "none"),
    ],
)
def test_level(emergency: float, crisis: float, urgent: float, level: str) -> None:
    assert judged(emergency=emergency, crisis=crisis, urgent=urgent).level == level


def test_of_ordinary_talk_more_is_asked() -> None:
    assert judged(emergency=0.9, ordinary=0.09).level == "emergency"
    assert judged(emergency=0.85, ordinary=0.5).level == "urgent"
    assert judged(emergency=0.96, ordinary=0.5).level == "emergency"
    assert judged(crisis=0.99, ordinary=0.99).level == "urgent"


def test_numbers_alone_are_for_the_rules() -> None:
    """ "38" is what was asked; "182/112" is a pressure that a rule knows."""
    likely = {"emergency": 0.9, "crisis": 0.0, "urgent": 0.0, "none": 0.1}
    opinion = Opinion(
        level=likely,
        category={"fever": 1.0},
        intent={"other": 1.0},
        language={"en": 1.0},
        ordinary=0.0,
        seen=SEEN,
    )
    assert weigh(NOTHING, NO_WISH, opinion, only_numbers=True).level == Level.NONE
    urgent = Verdict(Level.URGENT, "blood_pressure", 0.95, (), excused=False)
    assert weigh(urgent, NO_WISH, opinion, only_numbers=True).level == Level.URGENT


def test_where_the_rules_found_an_emergency_less_is_enough() -> None:
    assert judged(emergency=0.45, urgent=0.1).level == "urgent"
    assert judged(FOUND, emergency=0.45, urgent=0.1).level == "emergency"


def test_a_cry_of_a_few_words_is_what_it_says() -> None:
    harmless = {"emergency": 0.05, "crisis": 0.0, "urgent": 0.0, "none": 0.95}
    opinion = Opinion(
        level=harmless,
        category={"cardiac": 1.0},
        intent={"other": 1.0},
        language={"en": 1.0},
        ordinary=0.1,
        seen=SEEN,
    )
    assert weigh(FOUND, NO_WISH, opinion, short=True).level == Level.EMERGENCY
    assert weigh(FOUND, NO_WISH, opinion).level == Level.NONE
    assert weigh(FOUND, NO_WISH, replace(opinion, ordinary=0.9), short=True).level == Level.NONE
    certain = {"emergency": 0.02, "crisis": 0.0, "urgent": 0.0, "none": 0.98}
    assert weigh(FOUND, NO_WISH, replace(opinion, level=certain), short=True).level == Level.NONE


def test_urgent_is_as_sure_as_that_somebody_must_look() -> None:
    assert judged(emergency=0.3, urgent=0.4).sure_of_level == pytest.approx(0.7)
    assert judged(emergency=0.9).sure_of_level == pytest.approx(0.9)


def test_the_category_is_that_of_the_rules_where_they_found_the_level() -> None:
    assert judged(FOUND, emergency=0.9).category == "cardiac"
    assert judged(emergency=0.9).category == "stroke"
    assert judged(FOUND).category is None


def test_what_no_rule_says_was_learned() -> None:
    assert judged(emergency=0.9).learned
    assert not judged(FOUND, emergency=0.9).learned
    assert not judged().learned


def test_an_emergency_is_no_wish_but_to_get_no_more_texts() -> None:
    wish = Wish(Intent.CONFIRM, (), 0.95, None)
    grave = judged(wish=wish, emergency=0.9, intents={"confirm": 0.9, "other": 0.1})
    assert (grave.intent, grave.also) == (Intent.OTHER, (Intent.CONFIRM,))
    assert judged(emergency=0.9, intents={"stop": 0.9, "other": 0.1}).intent == Intent.STOP
    assert judged(wish=wish, urgent=0.9, intents={"confirm": 0.9, "other": 0.1}).intent == Intent.CONFIRM


def test_words_that_mean_something_else_are_no_wish() -> None:
    """ "Take me off the lisinopril" has the words of a stop."""
    wish = Wish(Intent.OTHER, (), 0.2, None, frozenset({Intent.STOP}))
    excepted = judged(wish=wish, intents={"stop": 0.8, "refill": 0.15, "other": 0.05})
    assert (excepted.intent, excepted.also, excepted.sure_of_intent) == (Intent.REFILL, (), 0.15)


def test_other_wishes_stand_beside_the_first() -> None:
    both = judged(
        wish=Wish(Intent.CONFIRM, (Intent.THANKS,), 0.7, None), intents={"reschedule": 0.8, "other": 0.2}
    )
    assert (both.intent, both.also) == (Intent.RESCHEDULE, (Intent.CONFIRM, Intent.THANKS))
    torn = judged(intents={"confirm": 0.5, "cancel": 0.45, "other": 0.05})
    assert (torn.intent, torn.also) == (Intent.CONFIRM, (Intent.CANCEL,))
