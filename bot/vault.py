"""The vault: encryption of columns, look-up by keyed hash, and nothing else that knows a key.

A master key (MASTER_KEYS) wraps each clinic's data keys; a data key seals values with AES-256-GCM. Associated
data is clinic, table, column and row, length-prefixed, so a sealed value opens only where it was written.
Nonces are 96 random bits: a data key is good for 2**32 values (NIST SP 800-38D); rotate long before.

    wrapped key   01 | first 4 bytes of SHA-256(master) | nonce 12 | ciphertext and tag
    sealed value  01 | number of the data key, 2 bytes  | nonce 12 | ciphertext and tag
"""

import hashlib
import hmac
import os
import struct
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.errors import VaultError

_VERSION = b"\x01"
_NONCE = 12
_KEY = 32
_WRAP_HEAD = 1 + 4 + _NONCE
_SEAL_HEAD = 1 + 2 + _NONCE


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value stands."""

    table: str
    column: str
    row: UUID


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key as it is stored. `purpose` is 'data' or 'index'."""

    clinic: UUID
    purpose: str
    number: int
    wrapped: bytes


class ClinicKeys:
    """One clinic's keys, unwrapped: seals, opens, and hashes for look-up."""

    def __init__(self, clinic: UUID, data: dict[int, bytes], index: bytes) -> None:
        self.clinic = clinic
        self._ciphers = {number: AESGCM(key) for number, key in data.items()}
        self._current = max(data)
        self._index = index

    def seal(self, place: Place, value: bytes) -> bytes:
        """Encrypt `value` for this place."""
        nonce = os.urandom(_NONCE)
        sealed = self._ciphers[self._current].encrypt(nonce, value, self._bound(place))
        return _VERSION + struct.pack(">H", self._current) + nonce + sealed

    def open(self, place: Place, sealed: bytes) -> bytes:
        """Decrypt what was sealed for this very place; raises VaultError otherwise."""
        if len(sealed) < _SEAL_HEAD or sealed[:1] != _VERSION:
            raise VaultError
        cipher = self._ciphers.get(struct.unpack(">H", sealed[1:3])[0])
        if cipher is None:
            raise VaultError
        try:
            return cipher.decrypt(sealed[3:_SEAL_HEAD], sealed[_SEAL_HEAD:], self._bound(place))
        except InvalidTag:
            raise VaultError from None

    def blind(self, field: str, value: str) -> bytes:
        """32 bytes that are equal exactly where field and value are: HMAC-SHA-256 under the index key.

        It tells who holds the table which rows share a value, and no more without the key.
        """
        return hmac.digest(self._index, _prefixed(field.encode(), value.encode()), "sha256")

    def _bound(self, place: Place) -> bytes:
        return _prefixed(self.clinic.bytes, place.table.encode(), place.column.encode(), place.row.bytes)


class Vault:
    """Holds the master keys and the clinics' keys that were unwrapped with them."""

    def __init__(self, masters: tuple[bytes, ...]) -> None:
        self._masters = {_master_id(master): AESGCM(master) for master in masters}
        self._newest = _master_id(masters[0])
        self._clinics: dict[UUID, ClinicKeys] = {}

    @property
    def newest(self) -> str:
        """The id of the master key that wraps from now on."""
        return self._newest.hex()

    def new_keys(self, clinic: UUID) -> tuple[WrappedKey, ...]:
        """Fresh data and index keys of a new clinic, wrapped."""
        return tuple(self.wrap(clinic, purpose, 1, os.urandom(_KEY)) for purpose in ("data", "index"))

    def wrap(self, clinic: UUID, purpose: str, number: int, key: bytes) -> WrappedKey:
        """Wrap a key under the newest master key."""
        nonce = os.urandom(_NONCE)
        wrapped = self._masters[self._newest].encrypt(nonce, key, _key_bound(clinic, purpose, number))
        return WrappedKey(clinic, purpose, number, _VERSION + self._newest + nonce + wrapped)

    def unwrap(self, key: WrappedKey) -> bytes:
        """The key itself; raises VaultError when no master key fits."""
        master = self._masters.get(key.wrapped[1:5])
        if master is None or key.wrapped[:1] != _VERSION or len(key.wrapped) < _WRAP_HEAD:
            raise VaultError("No key of MASTER_KEYS fits the stored data key.")
        bound = _key_bound(key.clinic, key.purpose, key.number)
        try:
            return master.decrypt(key.wrapped[5:_WRAP_HEAD], key.wrapped[_WRAP_HEAD:], bound)
        except InvalidTag:
            raise VaultError from None

    def rewrapped(self, key: WrappedKey) -> WrappedKey | None:
        """The key under the newest master key; None where it is already."""
        if key.wrapped[1:5] == self._newest:
            return None
        return self.wrap(key.clinic, key.purpose, key.number, self.unwrap(key))

    def known(self, clinic: UUID) -> ClinicKeys | None:
        """The clinic's keys if they have been learnt already."""
        return self._clinics.get(clinic)

    def learn(self, clinic: UUID, keys: tuple[WrappedKey, ...]) -> ClinicKeys:
        """Unwrap and keep a clinic's keys for the life of this process."""
        if not keys:
            raise VaultError("The clinic has no data key.")
        data = {key.number: self.unwrap(key) for key in keys if key.purpose == "data"}
        index = next(self.unwrap(key) for key in keys if key.purpose == "index")
        self._clinics[clinic] = ClinicKeys(clinic, data, index)
        return self._clinics[clinic]


def _master_id(master: bytes) -> bytes:
    return hashlib.sha256(master).digest()[:4]


def _key_bound(clinic: UUID, purpose: str, number: int) -> bytes:
    return _prefixed(clinic.bytes, purpose.encode(), str(number).encode())


def _prefixed(*fields: bytes) -> bytes:
    return b"".join(struct.pack(">I", len(field)) + field for field in fields)
