"""Open a page by fingerprint or face: make a passkey on an opened page, prove by it on the next one.

WebAuthn (W3C, Level 3) by `webauthn`. The relying party is the host of the pages, and only its own origin counts.
The authenticator must have verified its user; one key pair stays on the phone, and its public half comes here.

* Resident keys are discouraged. A link says whose page it is, so a passkey need not be found without one; where the
  phone lets it, no entry with the clinic's name stands in a list of accounts that others may scroll through.
* Attestation is none: which make of phone it is, is nobody's business and would let nobody else in.
* A page that anybody with the link may open makes no passkey: the maker must have proved more than the link.
* What is no assertion, and one that is wrong in any way, is a wrong answer like a wrong date of birth.
"""

import os
from collections.abc import Mapping, Sequence
from uuid import UUID

import webauthn
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorAttachment,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialHint,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from bot.core.pages import Factor
from bot.runtime import Runtime
from bot.service import open_page, passkey_answers
from bot.service.open_page import Closed, Opened, Verdict
from bot.service.passkey_answers import ALGORITHMS, PATIENCE, Party
from bot.store import audit, passkeys
from bot.store.audit import Entry
from bot.store.base import Db
from bot.store.passkeys import Challenge, Passkey, Purpose

_BYTES = 32  # of a challenge, and of a user handle
_VERIFIED = UserVerificationRequirement.REQUIRED


def opens(rt: Runtime, opened: Opened) -> bool:
    """Whether the question for the second factor offers it: only where the patient has a passkey."""
    if _host(rt) is None or opened.unlocked:
        return False
    with rt.begin() as db:
        return passkeys.has_any(db, opened.clinic.id, opened.card.id)


def can_make(rt: Runtime, opened: Opened) -> bool:
    """Whether the opened page offers to make one; not once it was made or used in this very opening."""
    with rt.begin() as db:
        return may_make(rt, db, opened)


def may_make(rt: Runtime, db: Db, opened: Opened) -> bool:
    """The same, in the transaction of whoever shows the page."""
    if _host(rt) is None or not _proved(opened):
        return False
    mine = passkeys.of(db, opened.clinic.id, opened.card.id)
    return _has_room(mine) and all(each.opening != opened.opening for each in mine)


def options(rt: Runtime, opening: UUID, browser: str) -> str | Closed | None:
    """What the browser is to hand its authenticator, as JSON: to prove by a passkey, or to make one.

    None where there is none to prove by, or none may be made.
    """
    host = _host(rt)
    with rt.begin() as db:
        opened = open_page.within(rt, db, opening, browser)
        if isinstance(opened, Closed) or host is None:
            return opened if isinstance(opened, Closed) else None
        mine = passkeys.of(db, opened.clinic.id, opened.card.id)
        if not opened.unlocked:
            return _to_use(db, opened, host, mine) if mine else None
        return _to_make(db, opened, host, mine) if _proved(opened) and _has_room(mine) else None


def register(rt: Runtime, opening: UUID, browser: str, credential: Mapping[str, object]) -> bool | Closed:
    """Keep the passkey that was made; False for what is none, or was asked for elsewhere or too long ago."""
    now = rt.now()
    with rt.begin() as db:
        opened = open_page.within(rt, db, opening, browser)
        if isinstance(opened, Closed):
            return opened
        asked = passkeys.take(db, opening, Purpose.MAKE, now)
        made = _made(rt, asked, credential, opening) if asked and _proved(opened) else None
        if made is None:
            return False
        clinic, patient = opened.clinic.id, opened.card.id
        kept = _has_room(passkeys.of(db, clinic, patient)) and passkeys.add(
            db, clinic=clinic, patient=patient, link=opened.link.id, made=made, now=now
        )
        if kept:
            audit.write(db, [_entry(opened, made, "passkey.made")], now)
        return kept


def authenticate(
    rt: Runtime, opening: UUID, browser: str, credential: Mapping[str, object], network: str | None
) -> bool | Closed:
    """Whether the assertion opens the page, as a right date of birth would; counted and locked like one."""
    return open_page.prove(
        rt, opening, browser, lambda db, opened: _verdict(rt, db, opened, credential), network
    )


# -- what the authenticator is asked -------------------------------------------------------------------


def _to_use(db: Db, opened: Opened, host: str, mine: Sequence[Passkey]) -> str:
    asked = Challenge(os.urandom(_BYTES))
    passkeys.ask(db, opened.opening, Purpose.USE, asked, opened.at)
    wanted = webauthn.generate_authentication_options(
        rp_id=host,
        challenge=asked.challenge,
        timeout=PATIENCE,
        allow_credentials=_listed(mine),
        user_verification=_VERIFIED,
    )
    return webauthn.options_to_json(wanted)


def _to_make(db: Db, opened: Opened, host: str, mine: Sequence[Passkey]) -> str:
    handle = mine[0].user_handle if mine else os.urandom(_BYTES)
    asked = Challenge(os.urandom(_BYTES), handle)
    passkeys.ask(db, opened.opening, Purpose.MAKE, asked, opened.at)
    wanted = webauthn.generate_registration_options(
        rp_id=host,
        rp_name=opened.clinic.name,
        user_id=handle,
        user_name=opened.card.first_name,  # what the phone shows; texts to it say as much
        challenge=asked.challenge,
        timeout=PATIENCE,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            authenticator_attachment=AuthenticatorAttachment.PLATFORM,
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=_VERIFIED,
        ),
        exclude_credentials=_listed(mine),
        supported_pub_key_algs=ALGORITHMS,
        hints=[PublicKeyCredentialHint.CLIENT_DEVICE],
    )
    return webauthn.options_to_json(wanted)


def _listed(mine: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    """On this phone, and not over a code that another one reads."""
    here = [AuthenticatorTransport.INTERNAL]
    return [PublicKeyCredentialDescriptor(id=each.credential, transports=here) for each in mine]


# -- what it answered ----------------------------------------------------------------------------------


def _made(rt: Runtime, asked: Challenge, given: Mapping[str, object], opening: UUID) -> Passkey | None:
    """The passkey that the answer brings, or None where it is not as asked."""
    assert asked.user_handle is not None
    found = passkey_answers.made(_party(rt), asked.challenge, given)
    if found is None:
        return None
    return Passkey(
        user_handle=asked.user_handle,
        credential=found.credential,
        public_key=found.public_key,
        counter=found.counter,
        opening=opening,
    )


def _verdict(rt: Runtime, db: Db, opened: Opened, given: Mapping[str, object]) -> Verdict:
    """Whether the assertion proves that the patient's own passkey was used for this opening, now."""
    asked = passkeys.take(db, opened.opening, Purpose.USE, rt.now())
    credential = passkey_answers.id_of(given)
    if asked is None or credential is None:
        return Verdict(right=False)
    clinic = opened.clinic.id
    found = passkeys.find(db, clinic, opened.card.id, credential, link=opened.link.id)
    counter = _signed(rt, asked, found, given) if found else None
    if found is None or counter is None:
        return Verdict(right=False)
    if (counter or found.counter) and counter <= found.counter:  # there are two of it: neither opens any more
        passkeys.drop(db, clinic, passkey=found.id)
        return Verdict(right=False, entries=(_entry(opened, found, "passkey.copied"),))
    passkeys.used(db, found.id, counter, opened.opening)
    return Verdict(right=True, entries=(_entry(opened, found, "passkey.used"),))


def _signed(rt: Runtime, asked: Challenge, found: Passkey, given: Mapping[str, object]) -> int | None:
    return passkey_answers.signed(
        _party(rt), asked.challenge, given, public_key=found.public_key, handle=found.user_handle
    )


# -- around --------------------------------------------------------------------------------------------


def _proved(opened: Opened) -> bool:
    """Whether more than the link was needed to come here."""
    return opened.unlocked and opened.factor is not Factor.NONE and not opened.wants_pin


def _has_room(mine: Sequence[Passkey]) -> bool:
    return len(mine) < passkeys.MOST


def _host(rt: Runtime) -> str | None:
    """The host that passkeys belong to, if it has a name."""
    return passkey_answers.host(rt.settings.pages_url)


def _party(rt: Runtime) -> Party:
    """The pages, as passkeys know them."""
    return Party(host=_host(rt) or "", origin=rt.settings.pages_origin)


def _entry(opened: Opened, passkey: Passkey, action: str) -> Entry:
    return Entry(
        clinic=opened.clinic.id,
        actor="patient",
        action=action,
        subject=f"passkey:{passkey.id}",
        patients=(opened.card.id,),
        detail=str(opened.link.page),
    )
