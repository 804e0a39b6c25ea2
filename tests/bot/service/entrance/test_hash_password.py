"""Passwords: which are taken, and that all of each counts."""

import pytest
from argon2 import PasswordHasher, extract_parameters
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import BadPassword
from bot.service.entrance import hash_password

FITS = "correct horse"


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("", "short"),
        ("seven77", "short"),
        ("x" * 129, "long"),
        ("password", "common"),
        ("Password1", "common"),
        ("QWERTYUIOP", "common"),
        ("maria@clinic.example", "common"),
        ("Riverside2026!", "common"),
        ("careline1234", "common"),
    ],
)
def test_what_others_would_guess_is_refused(password: str, fault: str) -> None:
    with pytest.raises(BadPassword) as refused:
        hash_password.hashed(password, ("maria@clinic.example", "Maria", "Riverside", "careline"))
    assert refused.value.fault == fault


@pytest.mark.parametrize(
    "password", ["eightchr", "x7" * 64, "ñandú y sílaba", "        ", "密码密码密码密码", "riverside lamps"]
)
def test_eight_to_128_characters_of_any_kind_are_taken(password: str) -> None:
    assert hash_password.fits(hash_password.hashed(password, ("Riverside",)), password)


def test_none_is_cut_off_and_its_case_and_ends_count() -> None:
    long = "a" * 72 + "b" * 56
    kept = hash_password.hashed(long)
    assert hash_password.fits(kept, long)
    for other in (long[:-1], long[:72], long + "b", long.upper(), long + " ", " " + long):
        assert not hash_password.fits(kept, other), other


def test_what_looks_the_same_is_the_same() -> None:
    assert hash_password.fits(hash_password.hashed("cafe\u0301 au lait"), "caf\u00e9 au lait")


def test_it_is_argon2id_with_owasps_least_and_older_ones_are_known() -> None:
    kept = hash_password.hashed(FITS)
    used = extract_parameters(kept)
    assert (used.type.name, used.memory_cost, used.time_cost, used.parallelism) == ("ID", 19456, 2, 1)
    assert not hash_password.is_old(kept)
    assert hash_password.is_old(PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(FITS))


def test_nothing_fits_where_there_is_none() -> None:
    for given_one in ("", "nobody’s", FITS, "x" * 10_000):
        assert not hash_password.fits(None, given_one)
    assert not hash_password.fits("no hash at all", FITS)


@settings(max_examples=10)
@given(st.text(min_size=8, max_size=128))
def test_whatever_is_taken_fits(password: str) -> None:
    try:
        kept = hash_password.hashed(password)
    except BadPassword:
        return
    assert hash_password.fits(kept, password)
