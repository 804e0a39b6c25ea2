"""Passkeys of staff. One is enough by itself to sign in: it can't be phished, and its user is verified on the device.

WebAuthn (W3C, Level 3) by `webauthn`. The relying party is the host of PUBLIC_URL, and only its own origin counts.
They are resident, so that nobody types an address first; the handle on the device is the member's id.
"""

import ipaddress
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

import webauthn
from webauthn.helpers import (
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from bot.runtime import Runtime
from bot.store import staff_passkeys
from bot.store.base import Db
from bot.store.staff import Member
from bot.store.staff_passkeys import StaffPasskey

Credential = Mapping[str, object]

_BYTES = 32  # of a challenge
_LONGEST_ID = 1023  # bytes of a credential's id, as WebAuthn has it
_PATIENCE = 240_000  # ms that the device asks for; the challenge lives a minute longer
_ALGORITHMS = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
_VERIFIED = UserVerificationRequirement.REQUIRED


def can_be(rt: Runtime) -> bool:
    """Whether the console has a name that passkeys can belong to; browsers make none for bare addresses."""
    return _host(rt) is not None


def to_use(rt: Runtime, db: Db, owner: UUID, mine: Sequence[StaffPasskey] = ()) -> str:
    """What the browser is to ask, as JSON: any passkey of this console, or one of these. `owner` is whose challenge it
    is: a doorstep or a session."""
    wanted = webauthn.generate_authentication_options(
        rp_id=_host(rt) or "",
        challenge=_ask(db, owner, rt.now()),
        timeout=_PATIENCE,
        allow_credentials=_listed(mine),
        user_verification=_VERIFIED,
    )
    return webauthn.options_to_json(wanted)


def to_make(rt: Runtime, db: Db, owner: UUID, member: Member) -> str:
    """What the browser is to ask for a new one."""
    wanted = webauthn.generate_registration_options(
        rp_id=_host(rt) or "",
        rp_name="careline",
        user_id=member.id.bytes,
        user_name=member.email,
        user_display_name=member.name,
        challenge=_ask(db, owner, rt.now()),
        timeout=_PATIENCE,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
        ),
        exclude_credentials=_listed(staff_passkeys.of(db, member.id)),
        supported_pub_key_algs=_ALGORITHMS,
    )
    return webauthn.options_to_json(wanted)


def make(
    rt: Runtime, db: Db, owner: UUID, member: Member, given: Credential, browser: str
) -> StaffPasskey | None:
    """Keep the passkey that was made; None for what is none, or was not asked for, or too long ago."""
    asked = staff_passkeys.take(db, owner, rt.now())
    made = _made(rt, asked, member, given, browser) if asked else None
    return made if made and staff_passkeys.add(db, made) else None


def whose(rt: Runtime, db: Db, owner: UUID, given: Credential) -> tuple[StaffPasskey, bool] | None:
    """Whose passkey has answered what this owner was asked, and whether it is right.

    False, and the passkey is gone, where its counter goes back: there are two of it, and neither signs anybody in.
    """
    asked, credential = staff_passkeys.take(db, owner, rt.now()), _id_of(given)
    found = staff_passkeys.find(db, credential) if asked and credential else None
    if asked is None or found is None:
        return None
    counter = _signed(rt, asked, found, given)
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


def _made(rt: Runtime, asked: bytes, member: Member, given: Credential, browser: str) -> StaffPasskey | None:
    try:
        attestation = parse_registration_credential_json(dict(given))
        about = parse_client_data_json(attestation.response.client_data_json)
        found = webauthn.verify_registration_response(
            credential=attestation,
            expected_challenge=asked,
            expected_rp_id=_host(rt) or "",
            expected_origin=_origin(rt),
            require_user_verification=True,
            supported_pub_key_algs=_ALGORITHMS,
        )
    except Exception:  # whatever its parts are stumbled over: nobody's passkey is kept
        return None
    if about.cross_origin or len(found.credential_id) > _LONGEST_ID:
        return None
    return StaffPasskey(
        clinic=member.clinic,
        member=member.id,
        credential=found.credential_id,
        public_key=found.credential_public_key,
        counter=found.sign_count,
        browser=browser,
        created=rt.now(),
    )


def _signed(rt: Runtime, asked: bytes, found: StaffPasskey, given: Credential) -> int | None:
    """The counter of a right assertion; None for a wrong one. Whether the counter may stand there is not asked."""
    try:
        assertion = parse_authentication_credential_json(dict(given))
        about = parse_client_data_json(assertion.response.client_data_json)
        right = webauthn.verify_authentication_response(
            credential=assertion,
            expected_challenge=asked,
            expected_rp_id=_host(rt) or "",
            expected_origin=_origin(rt),
            credential_public_key=found.public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception:  # whatever its parts are stumbled over: it proves nothing
        return None
    handle = assertion.response.user_handle
    if about.cross_origin or handle not in (None, b"", found.member.bytes):
        return None
    return right.new_sign_count


def _listed(mine: Sequence[StaffPasskey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=each.credential) for each in mine]


def _id_of(given: Credential) -> bytes | None:
    try:
        return webauthn.base64url_to_bytes(str(given.get("rawId")))
    except ValueError:
        return None


def _origin(rt: Runtime) -> str:
    """What a browser says of the console: no path, no port that is the usual one."""
    parts = urlsplit(rt.settings.public_url)
    usual = {"https": 443, "http": 80}[parts.scheme]
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}"


def _host(rt: Runtime) -> str | None:
    host = urlsplit(rt.settings.public_url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host
    return None
