"""Headers on every answer; a webhook's signature is checked over the address as it was called, byte by byte."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from tests.conftest import ANA_PHONE, CLINIC_PHONE, TOKEN, House
from tests.webhooks.conftest import PUBLIC, Twilio
from webhooks.app import LARGEST_REQUEST
from webhooks.security import HEADERS

SMS = {"MessageSid": "SM1", "From": ANA_PHONE, "To": CLINIC_PHONE, "Body": "hi"}
Make = Callable[..., Twilio]


# -- headers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("GET", "/metrics", 200),
        ("GET", "/static/careline.css", 200),
        ("GET", "/phone", 200),
        ("GET", "/", 302),
        ("OPTIONS", "/twilio/sms", None),
        ("HEAD", "/healthz", 200),
        ("GET", "/nothing/here", 404),
        ("GET", "/static/../app.py", 404),
        ("GET", "/twilio/nothing", 404),
        ("DELETE", "/healthz", 405),
        ("GET", "/twilio/sms", 405),
        ("POST", "/twilio/sms", 403),
        ("POST", "/phone/text", 403),
        ("GET", "/phone/state?patient=x", 400),
    ],
)
def test_every_answer_has_the_headers(twilio: Twilio, method: str, path: str, status: int | None) -> None:
    answer = twilio.client.open(path, method=method, buffered=True)
    assert status is None or answer.status_code == status
    for name, value in HEADERS.items():
        assert answer.headers.getlist(name) == [value]
    assert answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers


def test_an_answer_to_a_request_that_is_too_large_has_them_too(twilio: Twilio) -> None:
    answer = twilio.text("x" * (LARGEST_REQUEST + 1))
    assert answer.status_code in (403, 413)
    assert all(answer.headers[name] == value for name, value in HEADERS.items())


@pytest.mark.parametrize(("path", "status"), [("/phone/state", 500), ("/metrics", 503), ("/readyz", 503)])
def test_an_answer_to_a_failure_has_them_and_tells_nothing(
    with_settings: Make, path: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    caller = with_settings()
    caller.rt.__dict__["engine"] = create_engine("postgresql+psycopg://x:hunter2@127.0.0.1:1/gone")
    answer = caller.client.get(path)
    assert answer.status_code in (status, 503)
    assert all(answer.headers[name] == value for name, value in HEADERS.items())
    for telling in ("hunter2", "Traceback", "psycopg", "127.0.0.1", "File "):
        assert telling not in answer.text


def test_what_breaks_unforeseen_is_a_plain_500_and_no_row(with_settings: Make) -> None:
    caller = with_settings()
    caller.rt.__dict__["vault"] = None
    before = caller.rows()
    answer = caller.text("secret words")
    assert answer.status_code == 500
    assert answer.text == "500\n"
    assert all(answer.headers[name] == value for name, value in HEADERS.items())
    assert caller.rows() == before


def test_the_policy_allows_nothing_from_elsewhere() -> None:
    policy = dict(part.strip().split(" ", 1) for part in HEADERS["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("object-src", "base-uri", "frame-ancestors")} == {"'none'"}
    assert not any(word in value for value in policy.values() for word in ("unsafe", "*", "http", "blob:"))


@pytest.mark.parametrize("path", ["/twilio/sms", "/healthz/x", "/phone/x", "/%00", "/twilio/sms/../../x"])
def test_an_error_page_never_repeats_what_was_asked(twilio: Twilio, path: str) -> None:
    answer = twilio.client.get(f"{path}?q=<script>zebra</script>")
    assert answer.status_code >= 400
    assert "zebra" not in answer.text


# -- signatures that are refused ---------------------------------------------------------------------


def test_a_request_without_a_signature_is_refused_and_leaves_no_row(twilio: Twilio) -> None:
    before = twilio.rows()
    answer = twilio.client.post("/twilio/sms", data=SMS)
    assert (answer.status_code, answer.text) == (403, "403\n")
    assert twilio.rows() == before


@pytest.mark.parametrize(
    "signature", ["", " ", "x", "A" * 28, "é" * 5, "=" * 28, "\x7f", "a" * 10_000], ids=lambda s: repr(s)[:12]
)
def test_a_wrong_signature_is_refused(twilio: Twilio, signature: str) -> None:
    answer = twilio.client.post("/twilio/sms", data=SMS, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "form",
    [
        SMS | {"Body": "ho"},
        SMS | {"Extra": "1"},
        {name: value for name, value in SMS.items() if name != "Body"},
        [*SMS.items(), ("Body", "ho")],
    ],
    ids=["changed", "added", "left out", "doubled"],
)
def test_a_signature_covers_every_parameter(twilio: Twilio, form: object) -> None:
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/twilio/sms", SMS)
    before = twilio.rows()
    assert twilio.post("/twilio/sms", form, signature=signature).status_code == 403  # type: ignore[arg-type]
    assert twilio.rows() == before


@pytest.mark.parametrize(
    "signed",
    [
        "/twilio/status",
        "/twilio/sms?",
        "/twilio/sms?a=1",
        "/twilio/sms/",
        "/Twilio/sms",
    ],
)
def test_a_signature_of_another_address_is_refused(twilio: Twilio, signed: str) -> None:
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}{signed}", SMS)
    assert twilio.post("/twilio/sms", SMS, signature=signature).status_code == 403


@pytest.mark.parametrize(
    "base", ["https://evil.example", "https://bot.example.evil", "https://bot.example/x"]
)
def test_a_signature_for_another_host_is_refused(twilio: Twilio, base: str) -> None:
    headers = {"Host": base.split("/")[2], "X-Forwarded-Host": base.split("/")[2]}
    assert twilio.post("/twilio/sms", SMS, base=base, headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("tokens", "signed_with", "status"),
    [
        ("new", "new", 200),
        ("new,old", "new", 200),
        ("new,old", "old", 200),
        ("new", "old", 403),
        ("new,old", "older", 403),
        ("", "", 403),
    ],
)
def test_tokens_rotate_and_one_that_is_out_no_longer_signs(
    with_settings: Make, tokens: str, signed_with: str, status: int
) -> None:
    caller = with_settings(twilio_auth_token=tokens)
    assert caller.post("/twilio/sms", SMS, token=signed_with).status_code == status


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "text/plain", "multipart/form-data; boundary=x", "", "application/xml"],
)
def test_only_forms_are_taken(twilio: Twilio, content_type: str) -> None:
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/twilio/sms", {})
    answer = twilio.client.post(
        "/twilio/sms",
        data=b'{"MessageSid": "SM1", "From": "+1", "To": "+2", "Body": "hi"}',
        content_type=content_type,
        headers={"X-Twilio-Signature": signature},
    )
    assert answer.status_code == 403


def test_a_json_body_under_a_hash_in_the_address_is_refused_too(twilio: Twilio) -> None:
    target = f"/twilio/sms?bodySHA256={'0' * 64}"
    assert twilio.post(target, SMS).status_code == 403


# -- signatures that hold ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?",
        "?a=%7Eb",
        "?a=%2F",
        "?a=%C3%A9",
        "?a=%5B1%5D",
        "?a=%21",
        "?a=%e9",
        "?a=b+c",
        "?a=",
        "?a=1&a=2&b=%20",
        "?o=00000000-0000-0000-0000-000000000001",
    ],
)
def test_an_address_is_compared_as_it_was_called_still_encoded(twilio: Twilio, query: str) -> None:
    assert twilio.post(f"/twilio/sms{query}", SMS).status_code == 200


@pytest.mark.parametrize("path", ["/twilio/s%6Ds", "/%74wilio/sms", "/twilio/sms/"])
def test_a_path_is_compared_as_it_was_called_too(twilio: Twilio, path: str) -> None:
    made = RequestValidator(TOKEN).compute_signature(PUBLIC + path, SMS)
    answer = twilio.client.post(
        "/twilio/sms",
        data=SMS,
        headers={"X-Twilio-Signature": made},
        environ_overrides={"RAW_URI": path, "REQUEST_URI": path},
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "more",
    [
        {"Body": ""},
        {"Body": " héllo 😀 "},
        {"Body": "line\r\nline\ttab"},
        {"Body": "a&b=c;d+e%20f"},
        {"Body": "{{7*7}} <script>"},
        {"FromCity": "", "FromZip": ""},
        {"Something": "new of Twilio's"},
    ],
)
def test_values_are_signed_as_they_are_blank_spaced_or_emoji(twilio: Twilio, more: dict[str, str]) -> None:
    assert twilio.post("/twilio/sms", SMS | more).status_code == 200


@pytest.mark.parametrize("values", [("a", "b"), ("b", "a"), ("a", "a", "b")])
def test_doubled_parameters_are_signed_sorted_and_once(twilio: Twilio, values: tuple[str, ...]) -> None:
    form = [*SMS.items(), *(("Tag", value) for value in values)]
    assert twilio.post("/twilio/sms", form).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "10.0.0.5:8000"},
        {"Host": "evil.example", "X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Proto": "http", "X-Forwarded-Port": "80"},
        {"X-Forwarded-Prefix": "/elsewhere"},
        {"X-Original-URL": "/twilio/status", "X-Rewrite-URL": "/twilio/status"},
        {"Forwarded": "host=evil.example;proto=http"},
    ],
)
def test_behind_a_proxy_only_the_public_address_counts(twilio: Twilio, headers: dict[str, str]) -> None:
    assert twilio.post("/twilio/sms", SMS, headers=headers).status_code == 200


@pytest.mark.parametrize("public", ["https://bot.example:8443", "http://bot.example", "https://bot.example/"])
def test_the_public_address_is_the_configured_one(with_settings: Make, public: str) -> None:
    caller = with_settings(public_url=public.rstrip("/"))
    assert caller.post("/twilio/sms", SMS, base=public.rstrip("/")).status_code == 200


@pytest.mark.parametrize(
    ("url", "form", "signature"),
    [
        (
            "https://mycompany.com/myapp.php?foo=1&bar=2",
            {
                "CallSid": "CA1234567890ABCDE",
                "Digits": "1234",
                "From": "+14158675309",
                "To": "+18005551212",
                "Caller": "+14158675309",
            },
            "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
        ),
        (
            "https://mycompany.com/myapp.php?foo=1&bar=2",
            [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234")],
            "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
        ),
    ],
)
def test_twilios_published_vectors_hold(with_settings: Make, url: str, form: object, signature: str) -> None:
    """twilio/twilio-python, tests/unit/test_request_validator.py: signed, though no text is in them."""
    caller = with_settings(twilio_auth_token="12345", public_url="https://mycompany.com")
    answer = caller.client.post(
        "/twilio/sms",
        data=MultiDict(form),  # type: ignore[arg-type]
        headers={"X-Twilio-Signature": signature},
        environ_overrides={"RAW_URI": url.removeprefix("https://mycompany.com")},
    )
    assert answer.status_code == 400, "signed, so it is looked into"
    assert caller.rows()["inbox"] == 0


def test_over_a_real_connection_a_signed_text_comes_in(house: House) -> None:
    house.text("héllo 😀 & more")
    assert [seen.webhook for seen in house.thread()] == ["done"]


def test_the_templates_send_nothing_to_third_parties() -> None:
    folder = Path(__file__).parents[2] / "webhooks"
    for path in [*folder.rglob("*.html"), *folder.rglob("*.css"), *folder.rglob("*.js")]:
        content = path.read_text()
        for away in ("//cdn", "https://fonts", 'src="http', 'href="http', "url(http", "@import"):
            assert away not in content, path.name
