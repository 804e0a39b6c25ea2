"""The last look at a text before it leaves: does it hold something that a text must not say?

The linter proves that no flow can put PHI into a text. This guard doesn't trust it: it compares the finished body
with what is known of the patient, and looks for numbers of the kinds that identify people.
"""

import re
import unicodedata
from collections.abc import Iterable

SHORTEST = 4
"""Characters of a secret that is looked for; shorter ones stand in every second text by chance."""

_SSN = re.compile(r"(?<![\d-])\d{3}[- ]\d{2}[- ]\d{4}(?![\d-])")
_MRN = re.compile(
    r"\b(?:mrn|med(?:ical)? rec(?:ord)?|chart|expediente)\b\W{0,3}(?:no\.?|number|#)?\W{0,3}\w*\d{4}", re.I
)
_CARD = re.compile(r"(?<!\d)(?:\d[ -]?){13,19}(?!\d)")
_WORD = re.compile(r"[^\W_]+")
_DATE = re.compile(r"\b(?:dob|born|birth ?date|date of birth|nacid[oa]|fecha de nacimiento)\b", re.I)


def finding(body: str, secrets: Iterable[str]) -> str | None:
    """What kind of thing the body holds, by a name without PHI; None if nothing was found.

    `secrets` are values of the patients on the phone: last names, birth dates as people write them, record numbers,
    providers, answers. Whole words are compared, without case.
    """
    if _SSN.search(body):
        return "social_security_number"
    if _MRN.search(body):
        return "record_number"
    if any(_is_card(found[0]) for found in _CARD.finditer(body)):
        return "card_number"
    if _DATE.search(body):
        return "birth_date"
    said = _words(body)
    found = (secret for secret in map(_words, secrets) if len(secret.strip()) >= SHORTEST)
    return "patient_data" if any(secret in said for secret in found) else None


def _words(text: str) -> str:
    """The words of a text in one spelling, without accents, with a blank on either side of each."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return f" {' '.join(_WORD.findall(plain.casefold()))} "


def _is_card(text: str) -> bool:
    """Whether the digits pass the Luhn check that all payment cards do (ISO/IEC 7812-1)."""
    digits = [int(char) for char in text if char.isdigit()]
    doubled = [
        digit * 2 - 9 * (digit > 4) if place % 2 else digit for place, digit in enumerate(digits[::-1])
    ]
    return len(set(digits)) > 1 and sum(doubled) % 10 == 0
