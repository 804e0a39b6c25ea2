"""Tokens: only what we signed for this purpose, with a key that is still there, in the one spelling that it has."""

import base64
import hashlib
import os
import struct
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import itsdangerous
import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous.signer import HMACAlgorithm

from bot.signing import (
    HANDLE,
    LENGTH,
    Claim,
    alert_token,
    feed_key,
    form_token,
    is_feed_key,
    is_form_token,
    link_token,
    read_alert,
    read_link,
)

KEYS = ("k" * 32,)
OTHER = ("o" * 32,)
LINK, FORM = b"careline.page-link.v1", b"careline.page-form.v1"
HANDLE_BYTES = bytes(range(HANDLE))
EXPIRES = datetime(2026, 12, 1, 14, 0, tzinfo=UTC)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
TOKEN = link_token(KEYS, HANDLE_BYTES, EXPIRES)
OPENING = UUID("00000000-0000-4000-8000-000000000001")


def forged(
    salt: bytes = LINK, *, digest: object = hashlib.sha256, way: str = "hmac", key: str = KEYS[0]
) -> str:
    """A link token as somebody would make it who has read the code and gets one thing wrong."""

    class Short(HMACAlgorithm):
        def get_signature(self, key: bytes, value: bytes) -> bytes:
            return super().get_signature(key, value)[:16]

    signer = itsdangerous.Signer(
        key, salt=salt, key_derivation=way, digest_method=digest, algorithm=Short(digest)
    )
    head = HANDLE_BYTES + struct.pack(">I", int(EXPIRES.timestamp()))
    mac = itsdangerous.base64_decode(signer.get_signature(head))
    return base64.urlsafe_b64encode(head + mac).decode()


def test_a_token_says_which_row_and_until_when() -> None:
    assert read_link(KEYS, TOKEN) == Claim(HANDLE_BYTES, EXPIRES)
    assert forged() == TOKEN  # the forger of the tests below differs in what they say, and in nothing else


def test_a_token_is_forty_characters_that_need_no_escape() -> None:
    assert len(TOKEN) == LENGTH == 40
    assert set(TOKEN) <= set(ALPHABET)


@pytest.mark.parametrize(
    "made",
    [
        forged(FORM),
        forged(b"itsdangerous.Signer"),
        forged(b""),
        forged(digest=hashlib.sha1),
        forged(digest=hashlib.sha512),
        forged(way="django-concat"),
        forged(way="concat"),
        forged(way="none"),
        forged(key=OTHER[0]),
        forged(key=KEYS[0][:-1]),
        "A" * LENGTH,
        "",
    ],
    ids=lambda made: made[-6:] or "nothing",
)
def test_what_was_made_another_way_is_none_of_ours(made: str) -> None:
    assert read_link(KEYS, made) is None


def test_a_token_of_one_purpose_is_none_of_the_other() -> None:
    assert not is_form_token(KEYS, OPENING, "b", TOKEN)
    form = form_token(KEYS, OPENING, "b")
    assert read_link(KEYS, form) is None
    signed = HANDLE_BYTES + struct.pack(">I", int(EXPIRES.timestamp()))
    opening, browser = UUID(bytes=signed + b"xx"), "browser"  # even where the signed bytes begin alike
    mac = itsdangerous.base64_decode(form_token(KEYS, opening, browser))
    assert read_link(KEYS, base64.urlsafe_b64encode(signed + mac).decode()) is None


def test_every_other_character_at_every_place_spoils_it() -> None:
    for place, there in enumerate(TOKEN):
        for other in set(ALPHABET) - {there}:
            assert read_link(KEYS, TOKEN[:place] + other + TOKEN[place + 1 :]) is None


def test_every_bit_of_the_bytes_counts() -> None:
    whole = base64.urlsafe_b64decode(TOKEN)
    for bit in range(len(whole) * 8):
        bent = bytearray(whole)
        bent[bit // 8] ^= 1 << bit % 8
        assert read_link(KEYS, base64.urlsafe_b64encode(bent).decode()) is None


@pytest.mark.parametrize("length", range(LENGTH))
def test_a_part_of_it_is_none(length: int) -> None:
    assert read_link(KEYS, TOKEN[:length]) is None
    assert read_link(KEYS, TOKEN[LENGTH - length :]) is None


PADDED = ["=", "==", "A", "AAAA", ".", "!", "\n", "\r\n", " ", "\t", "\x00", "%0A", "\u200b", "?x", "#x", "é"]


@pytest.mark.parametrize("more", PADDED, ids=repr)
def test_one_token_has_one_spelling(more: str) -> None:
    assert read_link(KEYS, TOKEN + more) is None
    assert read_link(KEYS, more + TOKEN) is None
    assert read_link(KEYS, TOKEN[: -len(more)] + more) is None
    assert read_link(KEYS, TOKEN[:20] + more + TOKEN[20:]) is None


def test_the_other_alphabet_of_base64_and_foreign_letters_are_refused() -> None:
    token = next(made for made in many(200) if "-" in made and "_" in made)
    assert read_link(KEYS, token)
    assert read_link(KEYS, token.replace("-", "+").replace("_", "/")) is None
    assert read_link(KEYS, token.replace("-", "+")) is None
    assert (
        read_link(KEYS, "".join(chr(ord(c) + 0xFEE0) for c in TOKEN)) is None
    )  # the same letters, full width
    assert read_link(KEYS, TOKEN.swapcase()) is None
    assert read_link(KEYS, base64.b16encode(base64.urlsafe_b64decode(TOKEN)).decode()) is None


def test_an_older_key_opens_its_links_until_it_is_taken_out() -> None:
    old, new = "a" * 32, "b" * 32
    before = link_token((old,), HANDLE_BYTES, EXPIRES)
    after = link_token((old, new), HANDLE_BYTES, EXPIRES)
    assert after == link_token((new,), HANDLE_BYTES, EXPIRES)  # the last one signs
    assert read_link((old, new), before) == read_link((old, new), after) == Claim(HANDLE_BYTES, EXPIRES)
    assert read_link((new,), before) is None
    assert read_link((new,), after)


def test_the_same_holds_for_forms() -> None:
    old, new = "a" * 32, "b" * 32
    before = form_token((old,), OPENING, "b")
    assert is_form_token((old, new), OPENING, "b", before)
    assert not is_form_token((new,), OPENING, "b", before)


def many(number: int) -> list[str]:
    """Tokens of fresh handles."""
    return [link_token(KEYS, os.urandom(HANDLE), EXPIRES + timedelta(seconds=n)) for n in range(number)]


def test_ten_thousand_tokens_are_as_many_and_evenly_spread() -> None:
    made = many(10_000)
    assert len(set(made)) == len(made)
    macs = b"".join(base64.urlsafe_b64decode(token)[-16:] for token in made)
    counts = [macs.count(bytes([value])) for value in range(256)]
    expected = len(macs) / 256
    chi_square = sum((count - expected) ** 2 / expected for count in counts)
    assert chi_square < 400  # 255 degrees of freedom: chance comes so high once in ten million runs


def test_the_mac_does_not_show_the_handle() -> None:
    near = [link_token(KEYS, bytes([*range(9), last]), EXPIRES)[-20:] for last in range(256)]
    assert len(set(near)) == 256


@given(
    st.one_of(st.text(), st.text(alphabet=ALPHABET + "=+/ ", min_size=38, max_size=42), st.binary().map(repr))
)
def test_whatever_comes_raises_nothing_and_is_none_of_ours(token: str) -> None:
    assert read_link(KEYS, token) is None


@given(st.characters(), st.integers(0, LENGTH - 1))
def test_any_character_anywhere_raises_nothing(character: str, place: int) -> None:
    bent = TOKEN[:place] + character + TOKEN[place + 1 :]
    assert (read_link(KEYS, bent) is None) == (bent != TOKEN)


@given(st.binary(min_size=HANDLE, max_size=HANDLE), st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)))  # noqa: DTZ001
def test_whatever_was_signed_is_read_back(handle: bytes, naive: datetime) -> None:
    expires = naive.replace(tzinfo=UTC, microsecond=0)
    token = link_token(KEYS, handle, expires)
    assert len(token) == LENGTH
    assert read_link(KEYS, token) == Claim(handle, expires)


# -- forms -------------------------------------------------------------------------------------------


def test_a_forms_token_fits_one_opening_in_one_browser() -> None:
    token = form_token(KEYS, OPENING, "browser")
    assert is_form_token(KEYS, OPENING, "browser", token)
    assert not is_form_token(KEYS, uuid4(), "browser", token)
    assert not is_form_token(KEYS, OPENING, "Browser", token)
    assert not is_form_token(KEYS, OPENING, "", token)
    assert not is_form_token(OTHER, OPENING, "browser", token)


@given(st.text(), st.text())
def test_any_token_and_any_cookie_raise_nothing(token: str, browser: str) -> None:
    assert not is_form_token(KEYS, OPENING, browser, token)
    assert not is_form_token(KEYS, OPENING, "", token)


@pytest.mark.parametrize("surrogate", ["\ud800", "x\udfff", "\udc80" * 22])
def test_half_a_character_raises_nothing_either(surrogate: str) -> None:
    assert read_link(KEYS, surrogate) is None
    assert not is_form_token(KEYS, OPENING, "b", surrogate)
    assert not is_form_token(KEYS, OPENING, surrogate, "x")


# -- links of pages to staff, addresses of their calendars ----------------------------------------------

ALERT, FEED = b"careline.alert-link.v1", b"careline.oncall-feed.v1"
PAGE = alert_token(KEYS, HANDLE_BYTES, EXPIRES)
MEMBER = UUID("00000000-0000-4000-8000-000000000002")


def test_a_page_to_staff_says_which_alert_and_until_when() -> None:
    assert read_alert(KEYS, PAGE) == Claim(HANDLE_BYTES, EXPIRES)
    assert forged(ALERT) == PAGE
    assert len(PAGE) == LENGTH


@pytest.mark.parametrize(
    "made",
    [
        TOKEN,
        forged(FORM),
        forged(FEED),
        forged(b""),
        forged(ALERT, digest=hashlib.sha1),
        forged(ALERT, way="concat"),
        forged(ALERT, way="none"),
        forged(ALERT, key=OTHER[0]),
        feed_key(KEYS, MEMBER),
        PAGE[:-1],
        PAGE + "A",
        PAGE + "=",
        "A" * LENGTH,
        "",
    ],
    ids=lambda made: made[-6:] or "nothing",
)
def test_no_other_token_opens_the_on_call_page(made: str) -> None:
    assert read_alert(KEYS, made) is None


def test_a_page_to_staff_opens_nothing_of_a_patients() -> None:
    assert read_link(KEYS, PAGE) is None
    assert not is_form_token(KEYS, OPENING, "b", PAGE)
    assert not is_feed_key(KEYS, MEMBER, PAGE)
    assert not is_feed_key(KEYS, UUID(bytes=HANDLE_BYTES + b"x" * 6), PAGE[-22:])


def test_every_other_character_spoils_a_page_to_staff() -> None:
    for place, there in enumerate(PAGE):
        for other in set(ALPHABET) - {there}:
            assert read_alert(KEYS, PAGE[:place] + other + PAGE[place + 1 :]) is None


def test_an_older_key_opens_pages_and_calendars_until_it_is_taken_out() -> None:
    old, new = "a" * 32, "b" * 32
    page, feed = alert_token((old,), HANDLE_BYTES, EXPIRES), feed_key((old,), MEMBER)
    assert read_alert((old, new), page)
    assert is_feed_key((old, new), MEMBER, feed)
    assert feed_key((old, new), MEMBER) == feed_key((new,), MEMBER)
    assert read_alert((new,), page) is None
    assert not is_feed_key((new,), MEMBER, feed)


def test_a_calendars_key_fits_one_member_and_has_one_spelling() -> None:
    key = feed_key(KEYS, MEMBER)
    assert len(key) == 22
    assert set(key) <= set(ALPHABET)
    assert is_feed_key(KEYS, MEMBER, key)
    assert not is_feed_key(KEYS, uuid4(), key)
    assert not is_feed_key(OTHER, MEMBER, key)
    for more in PADDED:
        assert not is_feed_key(KEYS, MEMBER, key + more)
        assert not is_feed_key(KEYS, MEMBER, more + key)
    for place, there in enumerate(key[:-1]):
        for other in set(ALPHABET) - {there}:
            assert not is_feed_key(KEYS, MEMBER, key[:place] + other + key[place + 1 :])
    assert not is_feed_key(KEYS, MEMBER, form_token(KEYS, MEMBER, ""))


@given(st.one_of(st.text(), st.text(alphabet=ALPHABET + "=+/ ", min_size=20, max_size=42)))
def test_whatever_comes_is_no_page_to_staff_and_no_calendars_key(token: str) -> None:
    assert read_alert(KEYS, token) is None
    assert not is_feed_key(KEYS, MEMBER, token)
