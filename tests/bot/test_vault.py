"""Encryption: a sealed value opens only where it was written, only unaltered, only with its clinic's key.

Format and primitives: AES-256-GCM with a 96-bit random nonce (NIST SP 800-38D), HMAC-SHA-256 for look-up.
"""

import hashlib
import hmac
import struct
from dataclasses import replace
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import VaultError
from bot.vault import ClinicKeys, Place, Vault, WrappedKey

OLD, NEW = b"o" * 32, b"n" * 32
CLINIC, OTHER_CLINIC = UUID(int=1), UUID(int=2)
DATA, INDEX = b"d" * 32, b"i" * 32
HERE = Place("patients", "first_name", UUID(int=10))


def keys(clinic: UUID = CLINIC, *, data: dict[int, bytes] | None = None, index: bytes = INDEX) -> ClinicKeys:
    """A clinic's keys, the same in every test."""
    return ClinicKeys(clinic, data or {1: DATA}, index)


def prefixed(*fields: bytes) -> bytes:
    """Each field after its length in four bytes."""
    return b"".join(struct.pack(">I", len(field)) + field for field in fields)


# -- sealing -----------------------------------------------------------------------------------------


@given(st.binary(max_size=5000))
def test_what_was_sealed_opens_again(value: bytes) -> None:
    assert keys().open(HERE, keys().seal(HERE, value)) == value


@pytest.mark.parametrize(
    "place",
    [
        replace(HERE, row=UUID(int=11)),
        replace(HERE, column="last_name"),
        replace(HERE, table="conversations"),
        Place("patientsf", "irst_name", HERE.row),
        Place("", "patientsfirst_name", HERE.row),
    ],
    ids=["row", "column", "table", "shifted boundary", "joined names"],
)
def test_a_value_that_was_moved_to_another_place_does_not_open(place: Place) -> None:
    sealed = keys().seal(HERE, b"Ana")
    with pytest.raises(VaultError):
        keys().open(place, sealed)


def test_a_value_that_was_moved_to_another_clinic_does_not_open_even_under_the_same_key() -> None:
    sealed = keys().seal(HERE, b"Ana")
    with pytest.raises(VaultError):
        keys(OTHER_CLINIC).open(HERE, sealed)


@pytest.mark.parametrize("bit", range(8))
def test_a_flipped_bit_in_any_byte_is_found(bit: int) -> None:
    sealed = keys().seal(HERE, b"Ana Morales")
    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1 << bit
        with pytest.raises(VaultError):
            keys().open(HERE, bytes(altered))


@pytest.mark.parametrize("length", [0, 1, 3, 14, 15, 30, 31])
def test_a_cut_value_does_not_open(length: int) -> None:
    sealed = keys().seal(HERE, b"A")
    assert len(sealed) == 32
    with pytest.raises(VaultError):
        keys().open(HERE, sealed[:length])


@given(st.binary(max_size=200))
def test_no_bytes_make_opening_raise_anything_else(junk: bytes) -> None:
    with pytest.raises(VaultError):
        keys().open(HERE, junk)
    with pytest.raises(VaultError):
        keys().open(HERE, b"\x01\x00\x01" + junk)


def test_a_wrong_data_key_does_not_open() -> None:
    sealed = keys().seal(HERE, b"Ana")
    with pytest.raises(VaultError):
        keys(data={1: b"x" * 32}).open(HERE, sealed)
    with pytest.raises(VaultError):
        keys(data={2: DATA}).open(HERE, sealed)


def test_the_error_names_neither_place_nor_value() -> None:
    sealed = keys().seal(HERE, b"Ana")
    with pytest.raises(VaultError) as caught:
        keys(OTHER_CLINIC).open(HERE, sealed)
    assert str(caught.value) == VaultError.__doc__
    assert caught.value.__cause__ is None


def test_no_nonce_comes_twice_in_ten_thousand_seals_of_one_value() -> None:
    one = keys()
    sealed = [one.seal(HERE, b"Ana") for _ in range(10_000)]
    assert len({value[3:15] for value in sealed}) == 10_000
    assert len({value[15:] for value in sealed}) == 10_000


def test_a_sealed_value_is_version_key_number_nonce_and_ciphertext_with_tag() -> None:
    sealed = keys(data={1: b"x" * 32, 258: DATA}).seal(HERE, b"Ana")
    assert sealed[:3] == b"\x01\x01\x02"  # version 1, data key 258: the newest one seals
    assert len(sealed) == 3 + 12 + len(b"Ana") + 16
    bound = prefixed(CLINIC.bytes, b"patients", b"first_name", HERE.row.bytes)
    assert AESGCM(DATA).decrypt(sealed[3:15], sealed[15:], bound) == b"Ana"


def test_what_an_older_data_key_sealed_still_opens() -> None:
    sealed = keys(data={1: DATA}).seal(HERE, b"Ana")
    assert keys(data={1: DATA, 2: b"x" * 32}).open(HERE, sealed) == b"Ana"


# -- look-up -----------------------------------------------------------------------------------------


def test_a_blind_index_is_a_keyed_hash_of_field_and_value() -> None:
    expected = hmac.digest(INDEX, prefixed(b"phone", b"+12025550111"), hashlib.sha256)
    assert keys().blind("phone", "+12025550111") == expected
    assert len(expected) == 32


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_blind_indexes_are_equal_exactly_where_field_and_value_are(
    field: str, value: str, other_field: str, other_value: str
) -> None:
    same = keys().blind(field, value) == keys().blind(other_field, other_value)
    assert same is ((field, value) == (other_field, other_value))


@pytest.mark.parametrize(
    ("field", "value"), [("phon", "e+1202"), ("phone+", "1202"), ("", "phone+1202"), ("external_id", "+1202")]
)
def test_the_same_letters_in_another_field_have_another_index(field: str, value: str) -> None:
    assert keys().blind("phone", "+1202") != keys().blind(field, value)


def test_another_clinics_index_is_another() -> None:
    vault = Vault((OLD,))
    one, other = (vault.learn(clinic, vault.new_keys(clinic)) for clinic in (CLINIC, OTHER_CLINIC))
    assert one.blind("phone", "+1202") != other.blind("phone", "+1202")


# -- wrapping ----------------------------------------------------------------------------------------


def test_a_new_clinic_has_a_data_key_and_an_index_key_of_its_own() -> None:
    vault = Vault((OLD,))
    first, second = vault.new_keys(CLINIC), vault.new_keys(CLINIC)
    assert [(key.purpose, key.number) for key in first] == [("data", 1), ("index", 1)]
    unwrapped = {vault.unwrap(key) for key in (*first, *second)}
    assert len(unwrapped) == 4
    assert {len(key) for key in unwrapped} == {32}


def test_a_wrapped_key_is_version_masters_mark_nonce_and_ciphertext_with_tag() -> None:
    key = Vault((OLD,)).wrap(CLINIC, "data", 3, DATA)
    assert key.wrapped[:1] == b"\x01"
    assert key.wrapped[1:5] == hashlib.sha256(OLD).digest()[:4]
    assert len(key.wrapped) == 1 + 4 + 12 + 32 + 16
    bound = prefixed(CLINIC.bytes, b"data", b"3")
    assert AESGCM(OLD).decrypt(key.wrapped[5:17], key.wrapped[17:], bound) == DATA


def test_a_wrong_master_key_unwraps_nothing() -> None:
    key = Vault((OLD,)).wrap(CLINIC, "data", 1, DATA)
    with pytest.raises(VaultError):
        Vault((NEW,)).unwrap(key)


@pytest.mark.parametrize(
    "change",
    [{"clinic": OTHER_CLINIC}, {"purpose": "index"}, {"number": 2}],
    ids=["clinic", "purpose", "number"],
)
def test_a_wrapped_key_that_was_moved_does_not_unwrap(change: dict[str, object]) -> None:
    vault = Vault((OLD,))
    key = vault.wrap(CLINIC, "data", 1, DATA)
    with pytest.raises(VaultError):
        vault.unwrap(replace(key, **change))  # type: ignore[arg-type]


def test_a_flipped_byte_of_a_wrapped_key_is_found() -> None:
    vault = Vault((OLD,))
    key = vault.wrap(CLINIC, "data", 1, DATA)
    for place in range(len(key.wrapped)):
        altered = bytearray(key.wrapped)
        altered[place] ^= 0xFF
        with pytest.raises(VaultError):
            vault.unwrap(replace(key, wrapped=bytes(altered)))


@pytest.mark.parametrize("wrapped", [b"", b"\x01", b"\x01" + hashlib.sha256(OLD).digest()[:4]])
def test_a_cut_wrapped_key_does_not_unwrap(wrapped: bytes) -> None:
    with pytest.raises(VaultError):
        Vault((OLD,)).unwrap(WrappedKey(CLINIC, "data", 1, wrapped))


def test_keys_are_wrapped_anew_and_the_old_master_key_can_go() -> None:
    before = Vault((OLD,))
    stored = before.new_keys(CLINIC)
    sealed = before.learn(CLINIC, stored).seal(HERE, b"Ana")
    phone = before.learn(CLINIC, stored).blind("phone", "+1202")

    both = Vault((NEW, OLD))
    assert both.learn(CLINIC, stored).open(HERE, sealed) == b"Ana"
    rewrapped = [both.rewrapped(key) for key in stored]
    assert all(rewrapped)
    assert [both.rewrapped(key) for key in rewrapped if key] == [None, None]

    after = Vault((NEW,))
    learnt = after.learn(CLINIC, tuple(key for key in rewrapped if key))
    assert learnt.open(HERE, sealed) == b"Ana"
    assert learnt.blind("phone", "+1202") == phone
    with pytest.raises(VaultError):
        Vault((OLD,)).learn(CLINIC, tuple(key for key in rewrapped if key))


def test_a_clinic_without_keys_opens_nothing() -> None:
    with pytest.raises(VaultError):
        Vault((OLD,)).learn(CLINIC, ())


def test_keys_are_known_once_they_are_learnt() -> None:
    vault = Vault((OLD,))
    assert vault.known(CLINIC) is None
    learnt = vault.learn(CLINIC, vault.new_keys(CLINIC))
    assert vault.known(CLINIC) is learnt
    assert vault.known(OTHER_CLINIC) is None
