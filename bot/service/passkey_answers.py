"""Passkey answers: what an authenticator sends back, verified (WebAuthn, Level 3). For patients' pages and the console.

The user must have been verified on the device, and only the page's own origin counts, never one within another. What
can't be taken apart proves nothing: whatever its parts are stumbled over, the answer is None.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import (
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier

Given = Mapping[str, object]
"""What the browser sent, as JSON has it."""

ALGORITHMS = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
PATIENCE = 240_000
"""Milliseconds that the device asks for; a challenge lives a minute longer."""
_LONGEST_ID = 1023  # bytes of a credential's id, as WebAuthn has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """The relying party: the host that passkeys belong to, and the origin of its pages."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A new passkey. `public_key` is COSE."""

    credential: bytes
    public_key: bytes
    counter: int


def host(url: str) -> str | None:
    """The host of this address; None where it has no name, for browsers make no passkeys for bare addresses."""
    name = urlsplit(url).hostname or ""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name
    return None


def made(party: Party, challenge: bytes, given: Given) -> Made | None:
    """The passkey that the answer brings; None where it is not as asked."""
    try:
        attestation = parse_registration_credential_json(dict(given))
        about = parse_client_data_json(attestation.response.client_data_json)
        found = webauthn.verify_registration_response(
            credential=attestation,
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
    except Exception:
        return None
    if about.cross_origin or len(found.credential_id) > _LONGEST_ID:
        return None
    return Made(
        credential=found.credential_id, public_key=found.credential_public_key, counter=found.sign_count
    )


def signed(party: Party, challenge: bytes, given: Given, *, public_key: bytes, handle: bytes) -> int | None:
    """The counter of a right assertion; None for a wrong one. Whether the counter may stand there is not asked."""
    try:
        assertion = parse_authentication_credential_json(dict(given))
        about = parse_client_data_json(assertion.response.client_data_json)
        right = webauthn.verify_authentication_response(
            credential=assertion,
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception:
        return None
    if about.cross_origin or assertion.response.user_handle not in (None, b"", handle):
        return None
    return right.new_sign_count


def id_of(given: Given) -> bytes | None:
    """The id of the passkey that has answered."""
    try:
        return webauthn.base64url_to_bytes(str(given.get("rawId")))
    except ValueError:
        return None
