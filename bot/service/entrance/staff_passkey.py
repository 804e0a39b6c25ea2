"""Passkeys of staff. One is enough by itself to sign in: it can't be phished, and its user is verified on the device.

WebAuthn (W3C, Level 3) by `webauthn`. The relying party is the host of PUBLIC_URL, and only its own origin counts.
They are resident, so that nobody types an address first; the handle on the device is the member's id.
"""

import os
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import webauthn
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from bot.runtime import Runtime
from bot.service import passkey_answers
from bot.service.passkey_answers import ALGORITHMS, PATIENCE, Given, Party
from bot.store import staff_passkeys
from bot.store.base import Db
from bot.store.staff import Member
from bot.store.staff_passkeys import StaffPasskey

_BYTES = 32  # of a challenge
_VERIFIED = UserVerificationRequirement.REQUIRED


def can_be(rt: Runtime) -> bool:
    """Whether the console has a name that passkeys can belong to; browsers make none for bare addresses."""
    return passkey_answers.host(rt.settings.public_url) is not None


def to_use(rt: Runtime, db: Db, owner: UUID, mine: Sequence[StaffPasskey] = ()) -> str:
    """What the browser is to ask, as JSON: any passkey of this console, or one of these. `owner` is whose challenge it
    is: a doorstep or a session."""
    wanted = webauthn.generate_authentication_options(
        rp_id=_party(rt).host,
        challenge=_ask(db, owner, rt.now()),
        timeout=PATIENCE,
        allow_credentials=_listed(mine),
        user_verification=_VERIFIED,
    )
    return webauthn.options_to_json(wanted)


def to_make(rt: Runtime, db: Db, owner: UUID, member: Member) -> str:
    """What the browser is to ask for a new one."""
    wanted = webauthn.generate_registration_options(
        rp_id=_party(rt).host,
        rp_name="careline",
        user_id=member.id.bytes,
        user_name=member.email,
        user_display_name=member.name,
        challenge=_ask(db, owner, rt.now()),
        timeout=PATIENCE,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
        ),
        exclude_credentials=_listed(staff_passkeys.of(db, member.id)),
        supported_pub_key_algs=ALGORITHMS,
    )
    return webauthn.options_to_json(wanted)


def make(rt: Runtime, db: Db, owner: UUID, member: Member, given: Given, browser: str) -> StaffPasskey | None:
    """Keep the passkey that was made; None for what is none, or was not asked for, or too long ago."""
    asked = staff_passkeys.take(db, owner, rt.now())
    made = _made(rt, asked, member, given, browser) if asked else None
    return made if made and staff_passkeys.add(db, made) else None


def whose(rt: Runtime, db: Db, owner: UUID, given: Given) -> tuple[StaffPasskey, bool] | None:
    """Whose passkey has answered what this owner was asked, and whether it is right.

    False, and the passkey is gone, where its counter goes back: there are two of it, and neither signs anybody in.
    """
    asked, credential = staff_passkeys.take(db, owner, rt.now()), passkey_answers.id_of(given)
    found = staff_passkeys.find(db, credential) if asked and credential else None
    if asked is None or found is None:
        return None
    counter = passkey_answers.signed(
        _party(rt), asked, given, public_key=found.public_key, handle=found.member.bytes
    )
    if counter is None:
        return None
    if (counter or found.counter) and counter <= found.counter:
        staff_passkeys.drop(db, found.member, found.id)
        return found, False
    staff_passkeys.used(db, found.id, counter, rt.now())
    return found, True


def _ask(db: Db, owner: UUID, now: datetime) -> bytes:
    challenge = os.urandom(_BYTES)
    staff_passkeys.ask(db, owner, challenge, now)
    return challenge


def _made(rt: Runtime, asked: bytes, member: Member, given: Given, browser: str) -> StaffPasskey | None:
    found = passkey_answers.made(_party(rt), asked, given)
    if found is None:
        return None
    return StaffPasskey(
        clinic=member.clinic,
        member=member.id,
        credential=found.credential,
        public_key=found.public_key,
        counter=found.counter,
        browser=browser,
        created=rt.now(),
    )


def _listed(mine: Sequence[StaffPasskey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=each.credential) for each in mine]


def _party(rt: Runtime) -> Party:
    """The console, as passkeys know it."""
    host = passkey_answers.host(rt.settings.public_url)
    return Party(host=host or "", origin=rt.settings.console_origin)
