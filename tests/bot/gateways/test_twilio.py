"""The carrier against the twin over real HTTP, every way an exchange can end, and the tables."""

import os
import socket
from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.wrappers import Request, Response

from bot.errors import CarrierBusy, CarrierRefused, CarrierSilent, CarrierUnreachable
from bot.gateways.twilio import CODES, RANK, Carrier, Remedy, remedy
from bot.gateways.twilio_twin.server import serve_app


def free_port() -> int:
    """A port of 127.0.0.1 that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def test_a_text_is_taken(carrier, control, letter) -> None:
    receipt = carrier.send(**letter, validity_s=600)
    assert receipt.sid.startswith("SM")
    assert len(receipt.sid) == 34
    assert receipt.status == "queued"
    seen = control.phone(letter["to"]).messages()
    assert [(one.sid, one.body, one.sender) for one in seen] == [
        (receipt.sid, letter["body"], letter["sender"])
    ]


def test_the_official_clients_request_is_on_the_wire(letter) -> None:
    heard: list[Request] = []

    def app(environ, start_response):
        heard.append(Request(environ))
        heard[0].get_data(cache=True)
        return Response('{"sid": "SM1", "status": "accepted"}', 201)(environ, start_response)

    serving = serve_app(app)
    base = f"{serving.base_url}/"
    carrier = Carrier(account_sid="AC1", auth_token="t", api_base=base, messaging_service_sid="MG1")
    receipt = carrier.send(**letter)
    serving.stop()
    (request,) = heard
    assert (receipt.sid, receipt.status) == ("SM1", "accepted")
    assert (request.method, request.path) == ("POST", "/2010-04-01/Accounts/AC1/Messages.json")
    assert request.headers["Authorization"] == "Basic QUMxOnQ="
    assert request.headers["User-Agent"].startswith("twilio-python/")
    assert request.content_type == "application/x-www-form-urlencoded"
    assert request.form.to_dict() == {
        "To": letter["to"],
        "From": letter["sender"],
        "Body": letter["body"],
        "StatusCallback": letter["status_callback"],
        "MessagingServiceSid": "MG1",
    }


@pytest.mark.parametrize("code", [21211, 21408, 21610, 21614, 30003, 30007])
def test_a_refusal_carries_its_code(carrier, control, letter, code: int) -> None:
    control.weather(refuse={"code": code, "times": 1})
    with pytest.raises(CarrierRefused) as refused:
        carrier.send(**letter)
    assert refused.value.code == code
    assert letter["to"] not in str(refused.value)
    assert carrier.send(**letter).status == "queued"


def test_wrong_credentials_are_refused(twin, letter) -> None:
    stranger = Carrier(account_sid="AC" + "0" * 32, auth_token="wrong", api_base=twin.base_url)
    for ask in (stranger.check, lambda: stranger.send(**letter)):
        with pytest.raises(CarrierRefused) as refused:
            ask()
        assert refused.value.code == 20003
    assert remedy(20003).remedy is Remedy.TELL_OPERATOR


def test_busy_is_told_apart_and_nothing_was_sent(carrier, control, letter) -> None:
    control.weather(busy=1)
    with pytest.raises(CarrierBusy):
        carrier.send(**letter)
    assert control.messages() == []


def test_a_server_error_leaves_the_outcome_open(carrier, control, letter) -> None:
    control.weather(server_error=1)
    with pytest.raises(CarrierSilent):
        carrier.send(**letter)


def test_no_connection_means_nothing_was_sent(letter) -> None:
    base = f"http://127.0.0.1:{free_port()}"
    carrier = Carrier(account_sid="AC1", auth_token="t", api_base=base)
    with pytest.raises(CarrierUnreachable):
        carrier.send(**letter)
    with pytest.raises(CarrierUnreachable):
        carrier.check()


def test_an_unknown_host_means_nothing_was_sent(letter) -> None:
    carrier = Carrier(account_sid="AC1", auth_token="t", api_base="http://twilio.invalid")
    with pytest.raises(CarrierUnreachable):
        carrier.send(**letter)


def test_a_hang_up_leaves_the_outcome_open_and_the_list_tells(carrier, control, letter) -> None:
    start = datetime.now(UTC)
    control.weather(accept_then_hang_up=1)
    with pytest.raises(CarrierSilent):
        carrier.send(**letter)
    (sent,) = carrier.outbound(to=letter["to"], sender=letter["sender"], since=start)
    assert sent.body == letter["body"]


def test_a_slow_answer_leaves_the_outcome_open(twin, control, letter) -> None:
    control.weather(slow_ms=1000)
    hasty = Carrier(
        account_sid=twin.exchange.account,
        auth_token=twin.exchange.token,
        api_base=twin.base_url,
        timeouts=(3, 0.1),
    )
    with pytest.raises(CarrierSilent):
        hasty.send(**letter)
    with pytest.raises(CarrierUnreachable):
        hasty.check()


@pytest.mark.parametrize("page", [b"<html>", b"[]", b"", b'{"code": null}'])
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (201, CarrierSilent), (302, CarrierSilent), (400, CarrierRefused), (403, CarrierRefused),
        (408, CarrierSilent), (429, CarrierBusy), (500, CarrierSilent), (503, CarrierSilent),
    ],
)  # fmt: skip
def test_answers_that_are_not_twilios(letter, status: int, error: type[Exception], page: bytes) -> None:
    def app(environ, start_response):
        environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        start_response(f"{status} x", [("Content-Length", str(len(page))), ("Location", "/elsewhere")])
        return [page]

    serving = serve_app(app)
    try:
        with pytest.raises(error) as raised:
            Carrier(account_sid="AC1", auth_token="t", api_base=serving.base_url).send(**letter)
    finally:
        serving.stop()
    if isinstance(raised.value, CarrierRefused):
        assert raised.value.code == status


def test_a_listing_that_fails_can_be_repeated(carrier, twin, letter) -> None:
    gone = Carrier(account_sid="AC1", auth_token="t", api_base=f"http://127.0.0.1:{free_port()}")
    start = datetime.now(UTC)
    with pytest.raises(CarrierUnreachable):
        gone.outbound(to=letter["to"], sender=letter["sender"], since=start)
    with pytest.raises(CarrierUnreachable):
        list(gone.inbound(number=letter["sender"], since=start))


def test_the_environment_does_not_move_the_api(monkeypatch, twin) -> None:
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    moved = Carrier(account_sid=twin.exchange.account, auth_token=twin.exchange.token, api_base=twin.base_url)
    assert moved.check() == "active"


def test_a_fork_opens_its_own_connections(carrier) -> None:
    carrier.check()
    wire = carrier._messages._version.domain.twilio.http_client
    pool = wire._pool
    wire._pid = os.getpid() + 1  # what a forked worker finds
    carrier.check()
    assert wire._pool is not pool


def test_ranks_only_rise_along_a_messages_way() -> None:
    for way in (("accepted", "queued", "sending", "sent", "delivered", "read"), ("scheduled", "queued")):
        ranks = [RANK[status] for status in way]
        assert ranks == sorted(set(ranks))
    assert {RANK[end] for end in ("delivered", "undelivered", "failed", "canceled")} == {4}


@pytest.mark.parametrize(
    ("code", "what"),
    [
        (30003, Remedy.RETRY), (30005, Remedy.BAD_NUMBER), (30006, Remedy.BAD_NUMBER),
        (21614, Remedy.BAD_NUMBER), (21211, Remedy.BAD_NUMBER), (30007, Remedy.TELL_OPERATOR),
        (30008, Remedy.RETRY_ONCE), (21610, Remedy.OPTED_OUT), (30004, Remedy.GIVE_UP),
        (99999, Remedy.TELL_OPERATOR),
    ],
)  # fmt: skip
def test_remedies(code: int, what: Remedy) -> None:
    assert remedy(code).remedy is what


def test_delays() -> None:
    three = [remedy(30003).delay(tries) for tries in (1, 2, 3)]
    assert sum(three, timedelta()) == timedelta(hours=24)
    assert remedy(30003).delay(4) is None
    assert remedy(30008).delays == (timedelta(minutes=15),)
    assert remedy(21610).delay(1) is None
    for code, treatment in CODES.items():
        retries = treatment.remedy in (Remedy.RETRY, Remedy.RETRY_ONCE)
        assert bool(treatment.delays) == retries, code
