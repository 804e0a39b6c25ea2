"""No other site sends a form of ours: every POST wants the proof of its own page, and the browser's word for it."""

from uuid import uuid4

import pytest

from bot.signing import form_token
from tests.webhooks.pages.conftest import Pages
from tests.webhooks.pages.practice import Seat, crowd, link, raw, rows, visitor
from webhooks.app import create

OWN = {"Sec-Fetch-Site": "same-origin"}
FIELDS = {"day": "2", "month": "1", "year": "1970", "body": "hello", "pin": "483920", "again": "483920"}


def forms(pages: Pages) -> list[str]:
    """What can be posted to an opening: the ends of the addresses, and whether it is sent as JSON."""
    rules = create(pages.rt).url_map.iter_rules()
    found = [
        rule.rule for rule in rules if rule.rule.startswith("/s/<uuid") and "POST" in (rule.methods or ())
    ]
    return sorted(rule.removeprefix("/s/<uuid:opening>") for rule in found)


def refused(seat: Seat, end: str, proof: str | None, headers: dict[str, str]) -> bool:
    """Whether a form with this proof is refused; what comes by script is JSON, and refused for being none too."""
    fields = FIELDS if proof is None else FIELDS | {"csrf": proof}
    as_form = raw(seat, seat.here + end, fields, headers=headers).status_code
    as_json = seat.client.post(
        seat.here + end, json=fields, headers=headers, base_url=seat.origin
    ).status_code
    by_script = end.startswith("/passkey")
    return (as_form, as_json) == ((400, 403) if by_script and headers == OWN else (403, 403))


def test_there_are_forms_to_look_at(pages: Pages) -> None:
    assert {"", "/unlock", "/pin", "/done", "/wrong-person", "/stay"} <= set(forms(pages))


def test_a_form_without_the_proof_of_its_own_page_is_refused(pages: Pages) -> None:
    made = link(pages)
    seat, other = crowd(pages, made, 2, inside=True)
    keys, cookie = pages.rt.settings.secrets, "x" * 43
    opening = seat.here.removeprefix("/s/")
    proofs = {
        "none": None,
        "empty": "",
        "of another opening": other.proof,
        "of the link": made.token,
        "cut": seat.proof[:-1],
        "longer": seat.proof + "A",
        "padded": seat.proof + "==",
        "bent": ("B" if seat.proof[0] == "A" else "A") + seat.proof[1:],
        "of another key": form_token(("z" * 32,), uuid4(), cookie),
        "of no cookie": form_token(keys, uuid4(), ""),
        "the opening": opening,
        "foreign": "é" * 22,
        "nothing but a zero": "\x00",
    }
    before = rows(pages.rt)
    for end in forms(pages):
        for what, proof in proofs.items():
            assert refused(seat, end, proof, OWN), (end, what)
    assert rows(pages.rt) == before


def test_the_proof_of_another_browser_is_refused(pages: Pages) -> None:
    """Whoever has a page of their own and the address of this one."""
    seat, other = crowd(pages, link(pages), 2, inside=True)
    stranger = visitor(pages)
    before = rows(pages.rt)
    for end in forms(pages):
        if end.startswith("/passkey"):
            continue
        for proof in (seat.proof, other.proof):
            assert raw(other, seat.here + end, FIELDS | {"csrf": proof}, headers=OWN).status_code == 403
            assert raw(stranger, seat.here + end, FIELDS | {"csrf": proof}, headers=OWN).status_code == 403
    assert rows(pages.rt) == before


def test_a_proof_in_the_address_or_in_a_header_is_none(pages: Pages) -> None:
    (seat,) = crowd(pages, link(pages), inside=True)
    before = rows(pages.rt)
    target = f"{seat.here}?csrf={seat.proof}"
    assert raw(seat, target, {"body": "x"}, headers=OWN | {"X-CSRF-Token": seat.proof}).status_code == 403
    assert rows(pages.rt) == before


FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": ""},
    {"Sec-Fetch-Site": "Same-Origin"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "https://evil.example"},
    {"Origin": "SELF.evil.example"},
    {"Origin": "SELF/"},
    {"Origin": "OTHER_SCHEME"},
    {"Origin": "OTHER_PORT"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Origin": "SELF", "Sec-Fetch-Site": "cross-site"},
]


def meant(headers: dict[str, str], own: str) -> dict[str, str]:
    """The headers with our own origin put in."""
    scheme, rest = own.split("://")
    swapped = f"{'https' if scheme == 'http' else 'http'}://{rest}"
    words = {"OTHER_SCHEME": swapped, "OTHER_PORT": f"{scheme}://{rest.split(':')[0]}:1", "SELF": own}
    return {
        name: next((value.replace(word, put) for word, put in words.items() if word in value), value)
        for name, value in headers.items()
    }


def test_what_another_site_sends_is_refused_though_the_proof_be_right(pages: Pages) -> None:
    made = link(pages)
    (seat,) = crowd(pages, made, inside=True)
    before = rows(pages.rt)
    for foreign in FOREIGN:
        headers = meant(foreign, seat.origin)
        for end in forms(pages):
            assert refused(seat, end, seat.proof, headers), (end, foreign)
        for path in ("/s", "/s/again"):
            assert raw(seat, path, {"token": made.token}, headers=headers).status_code == 403, foreign
    assert rows(pages.rt) == before


@pytest.mark.parametrize("headers", [{}, OWN, {"Origin": "SELF"}, OWN | {"Origin": "SELF"}], ids=str)
def test_our_own_page_gets_through(pages: Pages, headers: dict[str, str]) -> None:
    (seat,) = crowd(pages, link(pages))
    mine = meant(headers, seat.origin)
    data = FIELDS | {"csrf": seat.proof}
    assert raw(seat, f"{seat.here}/unlock", data, headers=mine).status_code == 303
    assert raw(seat, seat.here, data, headers=mine).status_code == 303


def test_a_host_header_does_not_make_another_origin_ours(pages: Pages) -> None:
    (seat,) = crowd(pages, link(pages), inside=True)
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Origin": "https://evil.example"}
    assert raw(seat, seat.here, {"csrf": seat.proof, "body": "x"}, headers=headers).status_code == 403
