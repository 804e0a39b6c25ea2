"""What holds for Twilio and for the twin alike: the same cases against both.

Twilio itself is asked when TWILIO_CONTRACT_ACCOUNT_SID and TWILIO_CONTRACT_AUTH_TOKEN hold its *test*
credentials (they send nothing and cost nothing). These answer creates only, and no callbacks:
https://www.twilio.com/docs/iam/test-credentials. What goes beyond runs against the twin alone, or against
Twilio with TWILIO_CONTRACT_LIVE=1 and live credentials, a sender in TWILIO_CONTRACT_FROM and a phone in
TWILIO_CONTRACT_TO: then texts are sent and a phone rings, and both are billed.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import CarrierRefused
from bot.gateways.twilio import API, Carrier
from bot.gateways.twilio_twin.server import serve_in_thread

MAGIC_SENDER = "+15005550006"
ORDINARY = "+14155550132"
CALLBACK = "https://example.com/twilio/status?outbox=1"
TWIML = "https://example.com/twilio/voice/alert?a=1"


@dataclass(frozen=True)
class Side:
    """Twilio, or the twin."""

    carrier: Carrier
    account: str
    token: str
    base: str
    sender: str
    phone: str
    lists: bool  # whether it answers more than creates


@pytest.fixture(params=["twin", "twilio"])
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    if request.param == "twin":
        account, token = "AC" + "c" * 32, "contract"
        twin = serve_in_thread(account=account, token=token, sms_url="http://127.0.0.1:9/")
        twin.exchange.weather.set({"callbacks": "none"})
        yield _side(account, token, twin.base_url, MAGIC_SENDER, ORDINARY, lists=True)
        twin.stop()
        return
    account = os.environ.get("TWILIO_CONTRACT_ACCOUNT_SID")
    token = os.environ.get("TWILIO_CONTRACT_AUTH_TOKEN")
    if not account or not token:
        pytest.skip(
            "TWILIO_CONTRACT_ACCOUNT_SID and TWILIO_CONTRACT_AUTH_TOKEN are not set: Twilio is not asked"
        )
    live = os.environ.get("TWILIO_CONTRACT_LIVE") == "1"
    sender = os.environ["TWILIO_CONTRACT_FROM"] if live else MAGIC_SENDER
    phone = os.environ["TWILIO_CONTRACT_TO"] if live else os.environ.get("TWILIO_CONTRACT_TO", ORDINARY)
    yield _side(account, token, API, sender, phone, lists=live)


def _side(account: str, token: str, base: str, sender: str, phone: str, *, lists: bool) -> Side:
    carrier = Carrier(account_sid=account, auth_token=token, api_base=base)
    return Side(carrier, account, token, base, sender, phone, lists)


@pytest.fixture
def full(side: Side) -> Side:
    if not side.lists:
        pytest.skip("Twilio's test credentials answer creates only; TWILIO_CONTRACT_LIVE=1 asks for the rest")
    return side


def test_an_ordinary_text_is_queued(side: Side) -> None:
    receipt = side.carrier.send(
        to=side.phone,
        sender=side.sender,
        body="Contract test: á 😀",
        status_callback=CALLBACK,
        validity_s=600,
    )
    assert receipt.sid[:2] == "SM"
    assert len(receipt.sid) == 34
    assert receipt.status in ("queued", "accepted")


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("+15005550001", 21211),
        ("+15005550002", 21612),
        ("+15005550003", 21408),
        ("+15005550004", 21610),
        ("+15005550009", 21614),
    ],
)
def test_magic_phones_are_refused_with_their_codes(side: Side, to: str, code: int) -> None:
    with pytest.raises(CarrierRefused) as refused:
        side.carrier.send(to=to, sender=side.sender, body="Hi", status_callback=CALLBACK)
    assert refused.value.code == code


@pytest.mark.parametrize(("sender", "code"), [("+15005550001", 21212), ("+15005550007", 21606)])
def test_magic_senders_are_refused_with_their_codes(side: Side, sender: str, code: int) -> None:
    with pytest.raises(CarrierRefused) as refused:
        side.carrier.send(to=side.phone, sender=sender, body="Hi", status_callback=CALLBACK)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("change", "code"), [({"body": ""}, 21602), ({"body": "x" * 1601}, 21617), ({"to": ""}, 21604)]
)
def test_unfit_texts_are_refused_with_their_codes(side: Side, change: dict[str, str], code: int) -> None:
    letter = {"to": side.phone, "sender": side.sender, "body": "Hi", "status_callback": CALLBACK, **change}
    with pytest.raises(CarrierRefused) as refused:
        side.carrier.send(**letter)
    assert refused.value.code == code


def test_an_ordinary_call_is_queued(side: Side) -> None:
    receipt = side.carrier.call(to=side.phone, sender=side.sender, url=TWIML, status_callback=CALLBACK)
    assert receipt.sid[:2] == "CA"
    assert len(receipt.sid) == 34
    assert receipt.status == "queued"


@pytest.mark.parametrize(
    ("to", "code"),
    [("+15005550001", 21217), ("+15005550002", 21214), ("+15005550003", 21215), ("+15005550004", 21216)],
)
def test_magic_phones_can_not_be_called(side: Side, to: str, code: int) -> None:
    with pytest.raises(CarrierRefused) as refused:
        side.carrier.call(to=to, sender=side.sender, url=TWIML, status_callback=CALLBACK)
    assert refused.value.code == code


@pytest.mark.parametrize(("sender", "code"), [("+15005550001", 21212), ("+15005550007", 21210)])
def test_magic_callers_are_refused_with_their_codes(side: Side, sender: str, code: int) -> None:
    with pytest.raises(CarrierRefused) as refused:
        side.carrier.call(to=side.phone, sender=sender, url=TWIML, status_callback=CALLBACK)
    assert refused.value.code == code


@pytest.mark.parametrize(("change", "code"), [({"url": "no-url"}, 21205), ({"to": ""}, 21201)])
def test_unfit_calls_are_refused_with_their_codes(side: Side, change: dict[str, str], code: int) -> None:
    ring = {"to": side.phone, "sender": side.sender, "url": TWIML, "status_callback": CALLBACK, **change}
    with pytest.raises(CarrierRefused) as refused:
        side.carrier.call(**ring)
    assert refused.value.code == code


def test_a_wrong_token_is_refused(side: Side) -> None:
    wrong = Carrier(account_sid=side.account, auth_token="0" * 32, api_base=side.base)
    with pytest.raises(CarrierRefused) as refused:
        wrong.send(to=side.phone, sender=side.sender, body="Hi", status_callback=CALLBACK)
    assert refused.value.code == 20003
    with pytest.raises(CarrierRefused) as refused:
        wrong.call(to=side.phone, sender=side.sender, url=TWIML, status_callback=CALLBACK)
    assert refused.value.code == 20003


def test_the_account_is_active(full: Side) -> None:
    assert full.carrier.check() == "active"


def test_a_sent_text_is_found_by_its_pair(full: Side) -> None:
    start = datetime.now(UTC)
    sids = [
        full.carrier.send(to=full.phone, sender=full.sender, body=f"No. {n}", status_callback=CALLBACK).sid
        for n in range(3)
    ]
    found = full.carrier.outbound(to=full.phone, sender=full.sender, since=start - timedelta(seconds=2))
    assert sorted(one.sid for one in found if one.sid in sids) == sorted(sids)
    assert {one.body for one in found if one.sid in sids} == {"No. 0", "No. 1", "No. 2"}
    assert all(one.at.tzinfo is not None for one in found)
    later = start + timedelta(hours=1)
    assert full.carrier.outbound(to=full.phone, sender=full.sender, since=later) == []
    assert list(full.carrier.inbound(number=full.sender, since=later)) == []


def test_a_call_is_found_by_its_pair(full: Side) -> None:
    start = datetime.now(UTC)
    ring = {"to": full.phone, "sender": full.sender, "url": TWIML, "status_callback": CALLBACK}
    sid = full.carrier.call(**ring).sid
    found = full.carrier.calls(to=full.phone, sender=full.sender, since=start - timedelta(seconds=2))
    (one,) = [one for one in found if one.sid == sid]
    assert one.status in ("queued", "initiated", "ringing", "in-progress")
    assert one.at.tzinfo is not None
    later = start + timedelta(hours=1)
    assert full.carrier.calls(to=full.phone, sender=full.sender, since=later) == []
