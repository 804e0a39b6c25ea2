"""An authenticator of software: makes and uses passkeys as a phone would, or in every way in which one must not.

Its parts are public: a test changes one and leaves the rest as it was.
"""

import hashlib
import json
import os
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn import base64url_to_bytes
from webauthn.helpers import bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
"""Flags of authenticator data: somebody touched it, it knows who, it holds a new key."""

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


@dataclass
class Authenticator:
    """A phone at this origin, with one key; `host` is what it takes for the relying party."""

    origin: str
    host: str
    key: Key = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: bytes = field(default_factory=lambda: os.urandom(32))
    counter: int = 1
    flags: int = PRESENT | VERIFIED
    kind: str | None = None
    user_handle: bytes | None = None
    more: dict[str, object] = field(default_factory=dict)

    def make(self, options: dict[str, Any]) -> dict[str, object]:
        """The answer to options for a new passkey."""
        attested = (
            bytes(15) + b"\x01" + struct.pack(">H", len(self.credential)) + self.credential + self.cose()
        )
        content = cbor2.dumps(
            {"fmt": "none", "attStmt": {}, "authData": self.data(self.flags | ATTESTED) + attested}
        )
        asked = self.client_data("webauthn.create", options["challenge"])
        return self.sent({"clientDataJSON": asked, "attestationObject": content})

    def use(self, options: dict[str, Any]) -> dict[str, object]:
        """The answer to options for proving by it; it counts on."""
        self.counter += 1
        asked, data = self.client_data("webauthn.get", options["challenge"]), self.data(self.flags)
        signature = self.sign(data + hashlib.sha256(asked).digest())
        answer = {"clientDataJSON": asked, "authenticatorData": data, "signature": signature}
        return self.sent(answer | ({"userHandle": self.user_handle} if self.user_handle else {}))

    def client_data(self, kind: str, challenge: str) -> bytes:
        """What the browser says of the page that asked."""
        said = {
            "type": self.kind or kind,
            "challenge": challenge,
            "origin": self.origin,
            "crossOrigin": False,
        }
        return json.dumps(said | self.more).encode()

    def data(self, flags: int) -> bytes:
        """Authenticator data without a credential."""
        return hashlib.sha256(self.host.encode()).digest() + struct.pack(">BI", flags, self.counter)

    def sign(self, message: bytes) -> bytes:
        """Its signature."""
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return self.key.sign(message, ec.ECDSA(SHA256()))
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(message, padding.PKCS1v15(), SHA256())
        return self.key.sign(message)

    def cose(self) -> bytes:
        """Its public key as COSE: ES256, RS256 or EdDSA; ES384 for a key on another curve."""
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            point, size = self.key.public_key().public_numbers(), self.key.key_size // 8
            x, y = (number.to_bytes(size, "big") for number in (point.x, point.y))
            alg, curve = (-7, 1) if size == 32 else (-35, 2)
            return cbor2.dumps({1: 2, 3: alg, -1: curve, -2: x, -3: y})
        if isinstance(self.key, rsa.RSAPrivateKey):
            numbers = self.key.public_key().public_numbers()
            return cbor2.dumps({1: 3, 3: -257, -1: numbers.n.to_bytes(256, "big"), -2: b"\x01\x00\x01"})
        return cbor2.dumps({1: 1, 3: -8, -1: 6, -2: self.key.public_key().public_bytes_raw()})

    def sent(self, response: dict[str, bytes]) -> dict[str, object]:
        """As the page sends it."""
        name = bytes_to_base64url(self.credential)
        coded = {key: bytes_to_base64url(value) for key, value in response.items()}
        return {"id": name, "rawId": name, "type": "public-key", "response": coded}


def challenge(options: dict[str, Any]) -> bytes:
    """What is to be signed."""
    return base64url_to_bytes(options["challenge"])
