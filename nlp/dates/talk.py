"""What is said about the days and times of a text: that they are put right, refused, or told of the past."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nlp.dates.line import any_of

_NO_INSTEAD = r"(?:(?<= [.,!?] )no(?= ,)|(?<= \? )no(?= ))"
"""A "no" that takes back what was said: "the 12th at 3… no, the 13th"; not that of "no mornings"."""


@dataclass(frozen=True, slots=True)
class Talk:
    """Expressions. `refused_before` is searched in what stands before a mention, `refused_after` matched behind."""

    corrections: str
    refused_before: re.Pattern[str]
    refused_after: re.Pattern[str]
    told: re.Pattern[str]


def talk(table: Mapping[str, Any]) -> Talk:
    """The expressions of `data/dates.yaml`."""
    refused = any_of((*table["refused"], *table["all_but"], *table["away_until"]))
    return Talk(
        corrections=rf"(?:{any_of(table['corrections'])}|{_NO_INSTEAD})",
        refused_before=re.compile(
            rf"(?<!\S){refused} (?:on |for |the |el |la |los |a |this |next |at |in the |in |las )?$"
        ),
        refused_after=re.compile(
            rf"(?: (?:week|weekend|mornings?|afternoons?))? {any_of(table['doesnt_work'])}(?!\S)"
            r"(?! (?:earlier|later|sooner|before|antes|mas|despues|matter)(?!\S))"
        ),
        told=re.compile(rf"(?<!\S){any_of(table['told'])}(?!\S)"),
    )
