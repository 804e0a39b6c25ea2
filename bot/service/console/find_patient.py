"""Find a patient: by whole words of their name, by phone, by the clinic's own number; a birth date narrows it down.

All of it goes by keyed hashes: nobody reads through names to find one, and part of a word finds nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from bot.core.roles import May, Sees
from bot.runtime import Runtime
from bot.service.cells import BadCell, e164
from bot.service.console import mask
from bot.service.desk import Desk
from bot.store import audit, names, people, trail
from bot.store.base import Db
from bot.store.people import Card
from bot.store.trail import Wanted

MOST = 25
"""Hits that are shown; of more, a birth date or another word tells which."""
_LOOKED_AT = 200
LONGEST = 200

_US = re.compile(r"\b(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})\b")
_ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A patient as the list shows them: what tells people apart, as far as the role sees it."""

    id: UUID
    name: str
    born: str
    phone: str
    external_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """What was found; `more`: there are others beside these. `narrowed`: a birth date was understood."""

    found: tuple[Hit, ...]
    more: bool = False
    narrowed: bool = False


def find(rt: Runtime, desk: Desk, wanted: str) -> Hits:
    """Who fits all that was typed. The search is written down, without what was searched for. Raises NotAllowed."""
    desk.require(May.PATIENTS)
    typed = " ".join(wanted.replace("\x00", "").split())[:LONGEST]
    rest, born = _birth_date(typed, rt.now().date())
    with rt.begin() as db:
        cards = _cards(db, desk.clinic, rest)
        if born:
            cards = [card for card in cards if card.birth_date == born]
        shown = sorted(cards, key=lambda card: (card.last_name, card.first_name, card.birth_date))[:MOST]
        if typed:
            entry = desk.entry(
                "patient.searched",
                f"clinic:{desk.clinic}",
                patients=tuple(card.id for card in shown),
                detail=f"{len(shown)} found",
            )
            audit.write(db, [entry], rt.now())
    hits = tuple(_hit(desk, card) for card in shown)
    return Hits(found=hits, more=len(cards) > MOST, narrowed=born is not None)


def _cards(db: Db, clinic: UUID, rest: str) -> list[Card]:
    """By the clinic's own number, by phone, or by name: whatever the words are."""
    found: dict[UUID, Card] = {}
    number = people.with_external_id(db, clinic, rest) if rest else None
    ids: list[UUID] = [number] if number else []
    ids += names.found(db, clinic, names.words(rest), _LOOKED_AT)
    for card in people.of_ids(db, clinic, list(dict.fromkeys(ids))) if ids else ():
        found[card.id] = card
    phone = _phone(rest)
    if phone:
        for card in people.on_phone(db, clinic, db.keys(clinic).blind("phone", phone)):
            found[card.id] = card
    return list(found.values())


def _phone(text: str) -> str | None:
    try:
        return e164(text)
    except BadCell:
        return None


def _birth_date(text: str, today: date) -> tuple[str, date | None]:
    """'Morales 4/12/1958' → 'Morales', 12 April 1958. Month first, as it is written here; two digits of a year are of
    the last hundred years. What is no date stays where it was."""
    for pattern, order in ((_ISO, (1, 2, 3)), (_US, (3, 1, 2))):
        if match := pattern.search(text):
            year, month, day = (int(match[number]) for number in order)
            if year < 100:
                year += 2000 if year <= today.year % 100 else 1900
            try:
                born = date(year, month, day)
            except ValueError:
                continue
            return " ".join((text[: match.start()] + text[match.end() :]).split()), born
    return text, None


def _hit(desk: Desk, card: Card) -> Hit:
    return Hit(
        id=card.id,
        name=f"{card.first_name} {card.last_name}",
        born=mask.shown(desk, Sees.CONTACT, born_text(card.birth_date)),
        phone=mask.shown(desk, Sees.CONTACT, f"•••• {card.phone[-4:]}"),
        external_id=card.external_id,
    )


def born_text(born: date) -> str:
    """'Apr 12, 1958'."""
    return f"{born:%b} {born.day}, {born.year}"


def lately(rt: Runtime, desk: Desk, at_most: int = 8) -> Sequence[Hit]:
    """The patients that this member opened last, by the audit trail."""
    with rt.begin() as db:
        looked = Wanted(actor=str(desk.member), action="patient.viewed")
        lines = trail.lines(db, desk.clinic, looked, None, 10 * at_most)
        ids = list(dict.fromkeys(patient for line in lines for patient in line.patients))[:at_most]
        cards = {card.id: card for card in people.of_ids(db, desk.clinic, ids)} if ids else {}
    return [_hit(desk, cards[patient]) for patient in ids if patient in cards]


def name_more(rt: Runtime) -> None:
    """The clock's part: patients of before can be found by name, some at a time, until all can."""
    with rt.begin() as db:
        people.name_more(db, 500)
