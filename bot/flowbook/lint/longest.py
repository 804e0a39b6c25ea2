"""What the values of sentences are at their longest, so that no text is longer than it was counted."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from babel import UnknownLocaleError

from bot.core.wording import choices, day_text, numbered, time_text

_CLINIC = "Riverside Clinic"
_NAME = "Maximilianne"
_PHONE = "555-201-4400"
_LOCATION = "Riverside North Campus"
_LINK = "https://m.riverside.example/s#" + "x" * 40
VARIABLE = "x" * 20
"""For each variable of a flow's own."""

_PAGE = {"code": "4821", "urgency": "EMERGENCY", "minutes": "120"}
TO_STAFF: Mapping[str, str] = {
    "digits": "4 8 2 1",
    "codes": "4821, 4822, 4823",
    "who": "the on-call phone",
    "link": f"https://{'x' * 40}/oncall#{'x' * 40}",
}
"""What only the people on call are told: a token of 40 characters, on a host with as long a name."""


def values(language: str, *, offered: int, options: Mapping[str, tuple[str, ...]] | None) -> dict[str, str]:
    """The longest values: a name of twelve letters, the longest day, `offered` times, the choices as they are shown."""
    day, clock = _longest_moment(language)
    joined = {"es": "a las"}.get(language.split("-")[0], "at")
    moment = f"{day} {joined} {clock}"
    return {
        "clinic": _CLINIC,
        "clinic_phone": _PHONE,
        "first_name": _NAME,
        "location": _LOCATION,
        "link": _LINK,
        "day": day,
        "time": clock,
        "offered": moment,
        "times": numbered((moment,) * offered),
        "visits": numbered((f"{_NAME}, {moment}",) * 2),
        "people": numbered((_NAME,) * 3),
        "choices": choices(dict(options)) if options else "",
        "words": "x"
        * 280,  # of staff's own: two segments with the clinic's name; how many it may be, the console says
        **_PAGE,
    }


@lru_cache
def _longest_moment(language: str) -> tuple[str, str]:
    noon = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)
    try:
        days = [day_text(noon + timedelta(days=number), "UTC", language) for number in range(366)]
        return max(days, key=len), time_text(noon, "UTC", language)
    except (ValueError, UnknownLocaleError):  # a fault of `words`
        return _longest_moment("en")
