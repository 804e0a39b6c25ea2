"""Signatures: Twilio's published vectors, raw URLs, duplicates, blanks, and whatever a stranger may send."""

import pytest
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from bot.gateways.twilio import valid_signature

# twilio/twilio-python, tests/unit/test_request_validator.py
PUBLISHED_TOKEN = "12345"
PUBLISHED_URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
PUBLISHED = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}
BODY = '{"property": "value", "boolean": true}'
BODY_SHA = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"


@pytest.mark.parametrize(
    ("url", "signature"),
    [
        (PUBLISHED_URL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (PUBLISHED_URL.replace(".com", ".com:443"), "kvajT1Ptam85bY51eRf/AJRuM3w="),
        (PUBLISHED_URL.replace(".com", ".com:443"), "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (PUBLISHED_URL, "kvajT1Ptam85bY51eRf/AJRuM3w="),
        (
            PUBLISHED_URL.replace("https://mycompany.com", "http://mycompany.com:80"),
            "0ZXoZLH/DfblKGATFgpif+LLRf4=",
        ),
        (
            PUBLISHED_URL.replace("https://mycompany.com", "http://mycompany.com:1234"),
            "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=",
        ),
    ],
)
def test_published_vectors_verify(url: str, signature: str) -> None:
    assert valid_signature([PUBLISHED_TOKEN], url, PUBLISHED, signature)
    assert valid_signature([PUBLISHED_TOKEN], url, MultiDict(PUBLISHED), signature)
    assert not valid_signature(["another"], url, PUBLISHED, signature)
    assert not valid_signature([PUBLISHED_TOKEN], url, {**PUBLISHED, "Digits": "1235"}, signature)
    assert not valid_signature([PUBLISHED_TOKEN], url + "3", PUBLISHED, signature)


@pytest.mark.parametrize("as_multidict", [True, False])
def test_duplicates_are_signed_sorted_and_once(as_multidict: bool) -> None:
    signature = "IK+Dwps556ElfBT0I3Rgjkr1wJU="
    form = {"Sid": ["CA123"], "SidAccount": ["AC123"], "Digits": ["5678", "1234", "1234"]}
    params = MultiDict(form) if as_multidict else form
    assert valid_signature([PUBLISHED_TOKEN], PUBLISHED_URL, params, signature)


def test_json_body_needs_its_hash_and_its_text() -> None:
    url, signature = f"{PUBLISHED_URL}&bodySHA256={BODY_SHA}", "a9nBmqA0ju/hNViExpshrM61xv4="
    assert valid_signature([PUBLISHED_TOKEN], url, BODY, signature)
    assert not valid_signature([PUBLISHED_TOKEN], url, BODY + " ", signature)
    assert not valid_signature([PUBLISHED_TOKEN], url, {}, signature), "the library would accept any body"
    assert not valid_signature([PUBLISHED_TOKEN], PUBLISHED_URL, BODY, signature)


def test_blank_values_and_unicode_are_signed_as_they_are() -> None:
    blank = {**PUBLISHED, "Body": ""}
    assert valid_signature([PUBLISHED_TOKEN], PUBLISHED_URL, blank, "6oT2GOm5KeUqfXDwvhq5UcH5LF0=")
    form = {"Body": "héllo 😀 ", "From": "+15005550006"}
    signature = "JwLq3syKhrd5uQEG8Vi+kGf9VH8="
    assert valid_signature([PUBLISHED_TOKEN], "https://example.org/sms", form, signature)
    stripped = {**form, "Body": form["Body"].strip()}
    assert not valid_signature([PUBLISHED_TOKEN], "https://example.org/sms", stripped, signature)


@pytest.mark.parametrize(
    "tail",
    ["?a=%7Eb", "?a=%2F", "?a=%C3%A9", "?a=%5B1%5D", "?a=%21", "?a=%e9", "/s%6Ds", "?", "?a=", "?a=b+c", ""],
)
def test_urls_are_compared_as_they_were_called(tail: str) -> None:
    url = f"https://clinic.example/twilio/sms{tail}"
    signature = RequestValidator("t").compute_signature(url, {"A": "1"})
    assert valid_signature(["t"], url, {"A": "1"}, signature)


def test_any_of_the_tokens_verifies_while_they_rotate() -> None:
    signature = RequestValidator("old").compute_signature(PUBLISHED_URL, PUBLISHED)
    assert valid_signature(["new", "old"], PUBLISHED_URL, PUBLISHED, signature)
    assert not valid_signature(["new"], PUBLISHED_URL, PUBLISHED, signature)
    assert not valid_signature([], PUBLISHED_URL, PUBLISHED, signature)
    empty = RequestValidator("").compute_signature(PUBLISHED_URL, PUBLISHED)
    assert not valid_signature([""], PUBLISHED_URL, PUBLISHED, empty)


@pytest.mark.parametrize("signature", [None, "", "é", "\ud800", "x" * 10_000])
@pytest.mark.parametrize(
    ("url", "params"),
    [
        (PUBLISHED_URL, PUBLISHED),
        ("https://[::1", PUBLISHED),
        ("https://mycompany.com:99999/", PUBLISHED),
        (PUBLISHED_URL, {"Body": "\ud800"}),
        (PUBLISHED_URL, {"Body": None}),
        (PUBLISHED_URL, "{}"),
        (f"{PUBLISHED_URL}&bodySHA256=", "{}"),
        ("", MultiDict()),
    ],
)
def test_nothing_that_arrives_makes_it_raise(url: str, params: object, signature: str | None) -> None:
    assert valid_signature(["12345", "\ud800"], url, params, signature) is False  # type: ignore[arg-type]
