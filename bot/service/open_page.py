"""Open a secure page: from the token of a link to an unlocked page, and all the ways in which it doesn't open.

Whoever comes learns as little as can be: a link that is made up, revoked, expired or used up looks the same, and so do
a wrong answer and a right one on a locked link.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum, auto
from uuid import UUID

from bot.core import pages
from bot.core.book import Book
from bot.core.pages import Factor
from bot.gateways.doorbell import INBOUND
from bot.runtime import Runtime
from bot.service import drop_passkeys, hash_pin
from bot.service.tell import tell
from bot.signing import read_link
from bot.store import audit, guards, links, openings, people
from bot.store.audit import Entry
from bot.store.base import Db
from bot.store.clinics import Clinic
from bot.store.links import Link
from bot.store.openings import Opening
from bot.store.people import Card

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_LONGEST = timedelta(hours=12)
"""How long an unlocked page stays open, however often somebody says that they are still there."""
_PATIENT, _NETWORK = "patient", "network"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A browser's way into one page at this moment: the link, whose it is, and by what they come in."""

    opening: UUID
    link: Link
    clinic: Clinic
    book: Book
    card: Card
    factor: Factor
    with_name: bool
    unlocked: bool
    wants_pin: bool
    at: datetime

    @property
    def language(self) -> str:
        """The language of the page."""
        return self.book.language(self.card.language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What somebody typed to prove who they are; what can't be read is None."""

    born: date | None = None
    first_name: str = ""
    pin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether what was given proves who they are, and what the audit trail should know of it beside."""

    right: bool
    entries: Sequence[Entry] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a browser sent: fields, and files by the name of their field."""

    fields: Mapping[str, str]
    photos: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)


class Closed(Enum):
    """Why an opening shows nothing."""

    UNKNOWN = auto()
    DEAD = auto()
    TIMED_OUT = auto()
    DONE = auto()


def look(rt: Runtime, token: str, browser: str) -> UUID | None:
    """The browser has the token of a link: its opening, or None for a link that is none (any more)."""
    claim = read_link(rt.settings.secrets, token)
    if claim is None:
        return None
    now = rt.now()
    with rt.begin() as db:
        link = links.with_handle(db, claim.handle)
        if link is None or not _may_open(link, now):
            return None
        opening = openings.begin(db, clinic=link.clinic, link=link.id, browser=browser, now=now)
        begun = Opening(id=opening, link=link.id, last=now, unlocked=None, ended=None)
        opened = _opened(rt, db, link, begun)
        if opened.factor is Factor.NONE:
            if links.take(db, link.id, now, right=True) is None:  # somebody else was quicker
                return None
            _unlock(db, opened, now)
        audit.write(db, [_entry(opened, "page.looked_at")], now)
    if opened.factor is Factor.NONE:
        rt.doorbell.ring(INBOUND)
    return opening


def resume(rt: Runtime, opening: UUID, browser: str) -> Opened | Closed:
    """The page that this browser has open; the time until it closes itself begins anew."""
    with rt.begin() as db:
        return within(rt, db, opening, browser)


def knows(rt: Runtime, opening: UUID, browser: str) -> bool:
    """Whether this browser has this page open, as far as its cookie goes; nothing is written."""
    with rt.begin() as db:
        found = openings.of_browser(db, opening, browser)
    return found is not None and found.ended is None


def within(rt: Runtime, db: Db, opening: UUID, browser: str) -> Opened | Closed:
    """The same, in the transaction of whoever goes on with it."""
    now = rt.now()
    found = openings.of_browser(db, opening, browser)
    if found is None:
        return Closed.UNKNOWN
    link = links.get(db, found.link)
    if found.ended or link is None:
        return Closed.DONE
    if link.revoked or (found.unlocked is None and not _may_open(link, now)):
        return Closed.DEAD
    if found.unlocked and found.unlocked + _LONGEST <= now:
        return Closed.TIMED_OUT
    opened = _opened(rt, db, link, found)
    if not openings.touch(db, opening, now, opened.book.policy.page_idle):
        return Closed.TIMED_OUT
    return opened


def unlock(rt: Runtime, opening: UUID, browser: str, given: Given, network: str | None) -> bool | Closed:
    """Whether what was typed opens the page. `network` is where it comes from; None where that says nothing."""
    return prove(rt, opening, browser, lambda _db, opened: Verdict(right=_is_right(opened, given)), network)


def prove(
    rt: Runtime,
    opening: UUID,
    browser: str,
    proof: Callable[[Db, Opened], Verdict],
    network: str | None,
) -> bool | Closed:
    """Whether the proof, looked at in the transaction of this try, opens the page.

    Wrong answers are counted for the link, the patient and the network before the next one is looked at. The audit
    trail is written last, so a proof hands over its entries.
    """
    now = rt.now()
    with rt.begin() as db:
        opened = within(rt, db, opening, browser)
        if isinstance(opened, Closed):
            return opened
        if opened.unlocked:
            return True
        policy, card = opened.book.policy, opened.card
        of_patient = card.id.bytes
        of_network = network and db.keys(opened.clinic.id).blind("network", network)
        so_far = guards.lock(db, _PATIENT, of_patient, now, _DAY)
        too_many = so_far >= policy.patient_tries_per_day
        if of_network:
            wrong = guards.lock(db, _NETWORK, of_network, now, _HOUR)
            too_many = too_many or wrong >= policy.network_tries_per_hour
        verdict = proof(db, opened)
        right = verdict.right and not too_many
        taken = None if too_many else links.take(db, opened.link.id, now, right=right)
        if right and taken:
            _unlock(db, opened, now, verdict.entries)
        else:
            guards.count(db, _PATIENT, of_patient)
            if of_network:
                guards.count(db, _NETWORK, of_network)
            audit.write(db, [*verdict.entries, _entry(opened, "page.refused")], now)
            if taken is not None and taken.tries == 0:
                _lock(db, opened, str(opened.link.id), now)
            if so_far + 1 == policy.patient_tries_per_day:
                _lock(db, opened, f"patient:{card.id}:{now:%Y%m%d%H}", now)
    rt.doorbell.ring(INBOUND)
    return right and taken is not None


def choose_pin(rt: Runtime, opening: UUID, browser: str, chosen: str) -> bool | Closed:
    """Keep the PIN that the patient chose, where one is wanted; raises BadPin."""
    with rt.begin() as db:
        opened = within(rt, db, opening, browser)
        if isinstance(opened, Closed):
            return opened
        if not (opened.unlocked and opened.wants_pin):
            return False
        born = opened.card.birth_date
        people.set_pin(db, opened.clinic.id, opened.card.id, hash_pin.hashed(chosen, born), rt.now())
        audit.write(db, [_entry(opened, "pin.chosen")], rt.now())
    return True


def done(rt: Runtime, browser: str) -> None:
    """'I'm done': nothing that this browser has open stays so."""
    with rt.begin() as db:
        openings.end(db, browser, rt.now())


def wrong_person(rt: Runtime, opening: UUID, browser: str) -> None:
    """Whoever sees this says that it is not for them: no link to this phone works any more, and a person looks."""
    now = rt.now()
    with rt.begin() as db:
        opened = within(rt, db, opening, browser)
        if isinstance(opened, Closed):
            return
        links.revoke(db, now, "wrong_person", conversation=opened.link.conversation)
        on_phone = [opened.card, *people.on_phone_of(db, opened.clinic.id, opened.card.id)]
        drop_passkeys.drop(db, opened.clinic.id, [each.id for each in on_phone], "wrong_person", now)
        audit.write(db, [_entry(opened, "page.wrong_person")], now)
        tell(db, opened.link, "wrong_person", key=f"wrong_person:{opened.link.id}", now=now)
    rt.doorbell.ring(INBOUND)


def ask_again(rt: Runtime, token: str) -> None:
    """A link is over, and somebody wants a new one: it goes to the phone on record, and nothing is said here."""
    claim = read_link(rt.settings.secrets, token)
    now = rt.now()
    with rt.begin() as db:
        link = links.with_handle(db, claim.handle) if claim else None
        if link is None or link.reason not in (None, links.REISSUED):
            return  # it was ended on purpose: on this phone nobody gets a new one
        tell(db, link, "asked_again", key=f"again:{link.id}:{now:%Y%m%d%H%M}", now=now)
    rt.doorbell.ring(INBOUND)


def token_number(rt: Runtime, token: str) -> str | None:
    """The number of the clinic that sent this link; None for one that we have not sent."""
    claim = read_link(rt.settings.secrets, token)
    with rt.begin() as db:
        link = links.with_handle(db, claim.handle) if claim else None
        return rt.clinic(db, link.clinic).phone if link else None


def _may_open(link: Link, now: datetime) -> bool:
    return link.alive(now) and link.views_left > 0


def _opened(rt: Runtime, db: Db, link: Link, opening: Opening) -> Opened:
    clinic, book = rt.clinic(db, link.clinic), rt.book(db, rt.current_edition(db))
    card = people.card(db, link.clinic, link.patient)
    has_pin = card.pin is not None
    factor = pages.factor(book.house, link.page, has_pin=has_pin)
    asks_birth_date = factor is Factor.BIRTH_DATE and opening.unlocked is None
    twins = asks_birth_date and any(
        other.birth_date == card.birth_date for other in people.on_phone_of(db, link.clinic, card.id)
    )
    return Opened(
        opening=opening.id,
        link=link,
        clinic=clinic,
        book=book,
        card=card,
        factor=factor,
        with_name=twins,
        unlocked=opening.unlocked is not None,
        wants_pin=pages.wants_pin(book.house, link.page, has_pin=has_pin),
        at=rt.now(),
    )


def _is_right(opened: Opened, given: Given) -> bool:
    card = opened.card
    if opened.factor is Factor.PIN:
        return hash_pin.fits(card.pin or "", given.pin)
    if opened.with_name and _bare(given.first_name) != _bare(card.first_name):
        return False
    return given.born == card.birth_date


def _bare(name: str) -> str:
    return "".join(name.casefold().split())


def _unlock(db: Db, opened: Opened, now: datetime, beside: Sequence[Entry] = ()) -> None:
    openings.unlock(db, opened.opening, now)
    audit.write(db, [*beside, _entry(opened, "page.opened")], now)
    tell(db, opened.link, "opened", key=f"opened:{opened.link.id}", now=now)


def _lock(db: Db, opened: Opened, key: str, now: datetime) -> None:
    audit.write(db, [_entry(opened, "page.locked")], now)
    tell(db, opened.link, "locked", key=f"locked:{key}", now=now)


def _entry(opened: Opened, action: str) -> Entry:
    return Entry(
        clinic=opened.clinic.id,
        actor="patient",
        action=action,
        subject=f"link:{opened.link.id}",
        patients=(opened.card.id,),
        detail=str(opened.link.page),
    )
