"""Calls of the carrier: what is on the wire, every way that a request can end, and the list."""

from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request, Response

from bot.errors import CarrierBusy, CarrierRefused, CarrierSilent, CarrierUnreachable
from bot.gateways.twilio import Call, Carrier
from bot.gateways.twilio_twin.server import serve_app

CLINIC = "+15005550006"
STAFF = "+15551230077"
OTHER = "+15551230078"


@pytest.fixture
def ring(receiver) -> dict[str, str]:
    """Arguments of a plain `call`."""
    return {
        "to": STAFF,
        "sender": CLINIC,
        "url": f"{receiver.base_url}/twilio/voice/alert?a=1",
        "status_callback": f"{receiver.base_url}/twilio/voice/alert/status?a=1",
    }


def silent(answer: Response) -> tuple[Carrier, object, list[MultiDict]]:
    """A carrier whose Twilio gives this answer to everything; what serves it; the forms that it got."""
    forms: list[MultiDict] = []

    def app(environ, start_response):
        request = Request(environ)
        forms.append(MultiDict([("path", request.path), *request.form.items(multi=True)]))
        return answer(environ, start_response)

    serving = serve_app(app)
    return Carrier(account_sid="AC1", auth_token="t", api_base=serving.base_url), serving, forms


def test_a_call_is_taken_and_rings(carrier, control, ring) -> None:
    receipt = carrier.call(**ring)
    assert (receipt.sid[:2], len(receipt.sid), receipt.status) == ("CA", 34, "queued")
    assert [(one.sid, one.status) for one in control.calls(STAFF)] == [(receipt.sid, "ringing")]


@pytest.mark.parametrize(("given", "timeout"), [({}, "30"), ({"ring_s": 25}, "25")])
def test_the_official_clients_request_is_on_the_wire(ring, given: dict[str, int], timeout: str) -> None:
    carrier, serving, forms = silent(Response('{"sid": "CA1", "status": "queued"}', 201))
    receipt = carrier.call(**ring, **given)
    serving.stop()
    assert (receipt.sid, receipt.status) == ("CA1", "queued")
    assert [form.to_dict(flat=False) for form in forms] == [
        {
            "path": ["/2010-04-01/Accounts/AC1/Calls.json"],
            "To": [ring["to"]],
            "From": [ring["sender"]],
            "Url": [ring["url"]],
            "Method": ["POST"],
            "StatusCallback": [ring["status_callback"]],
            "StatusCallbackEvent": ["completed"],
            "Timeout": [timeout],
        }
    ]


@pytest.mark.parametrize("code", [21214, 21215, 21216])
def test_a_refusal_carries_its_code(carrier, control, ring, code: int) -> None:
    control.weather(refuse={"code": code, "times": 1})
    with pytest.raises(CarrierRefused) as refused:
        carrier.call(**ring)
    assert refused.value.code == code
    assert STAFF not in str(refused.value)
    assert control.calls() == []
    assert carrier.call(**ring).status == "queued"


def test_busy_means_that_nobody_was_called(carrier, control, ring) -> None:
    control.weather(busy=1)
    with pytest.raises(CarrierBusy):
        carrier.call(**ring)
    assert control.calls() == []


def test_no_connection_means_that_nobody_was_called(ring) -> None:
    gone = Carrier(account_sid="AC1", auth_token="t", api_base="http://twilio.invalid")
    with pytest.raises(CarrierUnreachable):
        gone.call(**ring)
    with pytest.raises(CarrierUnreachable):
        gone.calls(to=STAFF, sender=CLINIC, since=datetime.now(UTC))


@pytest.mark.parametrize("answer", [("<html>", 201), ('{"status": "queued"}', 201), ("", 500), ("", 302)])
def test_what_can_not_be_read_leaves_the_outcome_open(ring, answer: tuple[str, int]) -> None:
    carrier, serving, _ = silent(Response(*answer))
    try:
        with pytest.raises(CarrierSilent):
            carrier.call(**ring)
    finally:
        serving.stop()


def test_a_hang_up_leaves_the_outcome_open_and_the_list_tells(carrier, control, ring) -> None:
    start = datetime.now(UTC)
    control.weather(accept_then_hang_up=1)
    with pytest.raises(CarrierSilent):
        carrier.call(**ring)
    (found,) = carrier.calls(to=STAFF, sender=CLINIC, since=start)
    (seen,) = control.calls(STAFF)
    assert (found.sid, found.status) == (seen.sid, "ringing")


def test_a_slow_answer_leaves_the_outcome_open(twin, control, ring) -> None:
    control.weather(slow_ms=1000)
    hasty = Carrier(
        account_sid=twin.exchange.account,
        auth_token=twin.exchange.token,
        api_base=twin.base_url,
        timeouts=(3, 0.1),
    )
    with pytest.raises(CarrierSilent):
        hasty.call(**ring)


def test_the_list_is_of_one_pair_since_a_moment_oldest_first(carrier, control, ring) -> None:
    start = datetime.now(UTC)
    first, second = (carrier.call(**ring).sid for _ in range(2))
    carrier.call(**{**ring, "to": OTHER})
    carrier.call(**{**ring, "sender": "+15005550100"})
    control.miss(first, "busy")
    found = carrier.calls(to=STAFF, sender=CLINIC, since=start)
    assert [(one.sid, one.status) for one in found] == [(first, "busy"), (second, "ringing")]
    assert all(start.replace(microsecond=0) <= one.at <= datetime.now(UTC) for one in found)
    assert carrier.calls(to=STAFF, sender=CLINIC, since=start + timedelta(hours=1)) == []


def test_a_queued_call_has_no_date_and_is_found(twin, carrier, ring) -> None:
    form = {"To": STAFF, "From": CLINIC, "Url": ring["url"]}
    queued = twin.exchange.voice.create(form)  # it was taken, and nobody has let it ring
    since = datetime(2026, 11, 2, 12, tzinfo=UTC)
    assert carrier.calls(to=STAFF, sender=CLINIC, since=since) == [Call(queued.sid, "queued", since)]


def test_calls_to_us_are_not_ours() -> None:
    listed = (
        '{"calls": [{"sid": "CA2", "status": "completed", "direction": "inbound"}], "next_page_uri": null,'
        ' "page": 0, "page_size": 50}'
    )
    carrier, serving, _ = silent(Response(listed, 200))
    found = carrier.calls(to=STAFF, sender=CLINIC, since=datetime.now(UTC))
    serving.stop()
    assert found == []
