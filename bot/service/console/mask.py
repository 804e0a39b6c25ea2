"""Mask: what a role does not see is replaced before it leaves the service, so that no template can show it."""

import phonenumbers

from bot.core.roles import Sees
from bot.service.desk import Desk

MASK = "•••"


def shown(desk: Desk, what: Sees, value: str) -> str:
    """The value, or the mask where the role doesn't see this."""
    return value if desk.sees(what) or not value else MASK


def phone(desk: Desk, number: str) -> str:
    """A phone as people read it, '(202) 555-0111'; masked where the role sees no contact data."""
    if not desk.sees(Sees.CONTACT):
        return MASK
    return readable(number)


def readable(number: str) -> str:
    """'+12025550111' → '(202) 555-0111'; what is no phone stays as it is."""
    try:
        parsed = phonenumbers.parse(number, "US")
    except phonenumbers.NumberParseException:
        return number
    style = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(
        parsed, style.NATIONAL if parsed.country_code == 1 else style.INTERNATIONAL
    )
