"""Whole calls of the twin's, against a small application that speaks TwiML: answered, missed, broken off."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Queue

import pytest
import requests
from flask import Flask, request
from werkzeug.datastructures import MultiDict

from bot.gateways.twilio import Carrier, valid_signature
from bot.gateways.twilio_twin.client import TwinClient, TwinPhone
from bot.gateways.twilio_twin.server import RunningTwin, serve_app, serve_in_thread
from bot.gateways.twilio_voice import ask, say

ACCOUNT = "AC" + "0123456789abcdef" * 2
TOKEN = "the-twins-token"
CLINIC = "+15005550006"
STAFF = "+15551230077"
OTHER = "+15551230078"
CALLS = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
QUESTION, CLOSING = "Press 1 to take it.", "No key was pressed. Goodbye."
SORRY = "We are sorry. An application error has occurred. Goodbye."
SOON = 10.0  # seconds after which a test gives up


@dataclass
class Practice:
    """A clinic that asks, and takes 1 for yes."""

    base_url: str = ""
    hooks: "Queue[tuple[str, MultiDict[str, str], bool]]" = field(default_factory=Queue)
    question: str = field(default_factory=lambda: ask(words=QUESTION, action="press?a=1"))
    broken: int = 0  # answers 500 to as many

    def hear(self) -> None:
        signed = valid_signature([TOKEN], request.url, request.form, request.headers["X-Twilio-Signature"])
        self.hooks.put((request.path, request.form, signed))

    def asks(self) -> tuple[str, int]:
        self.hear()
        if self.broken:
            self.broken -= 1
            return "", 500
        return self.question, 200

    def pressed(self) -> str:
        self.hear()
        return say("It is yours.") if request.form["Digits"] == "1" else self.question

    def ended(self) -> tuple[str, int]:
        self.hear()
        return "", 204

    def next(self) -> tuple[str, MultiDict[str, str]]:
        """The next webhook that arrived, which was signed."""
        path, form, signed = self.hooks.get(timeout=SOON)
        assert signed, path
        return path, form


@pytest.fixture
def practice() -> Iterator[Practice]:
    made = Practice()
    app = Flask(__name__)
    for path, view in (("alert", made.asks), ("press", made.pressed), ("status", made.ended)):
        app.add_url_rule(f"/voice/{path}", path, view, methods=["POST"])
    serving = serve_app(app)
    made.base_url = serving.base_url
    yield made
    serving.stop()


@pytest.fixture
def ring(practice: Practice) -> dict[str, str]:
    """Arguments of a plain `call`."""
    voice = f"{practice.base_url}/voice"
    return {
        "to": STAFF, "sender": CLINIC, "url": f"{voice}/alert?a=1", "status_callback": f"{voice}/status?a=1",
    }  # fmt: skip


@pytest.fixture
def phone(control: TwinClient) -> TwinPhone:
    return control.phone(STAFF)


def fetch(twin, sid: str) -> dict:
    path = CALLS.replace(".json", f"/{sid}.json")
    return requests.get(twin.base_url + path, auth=(ACCOUNT, TOKEN), timeout=10).json()


def create(twin, **form: str) -> requests.Response:
    wanted = {"To": STAFF, "From": CLINIC, "Url": "https://example.com/", **form}
    return requests.post(twin.base_url + CALLS, data=wanted, auth=(ACCOUNT, TOKEN), timeout=10)


def test_a_call_that_is_answered_and_taken(twin, carrier, control, phone, practice, ring) -> None:
    sid = carrier.call(**ring).sid
    (before,) = phone.calls(CLINIC)
    assert (before.status, before.said, before.waits, before.webhook) == ("ringing", (), False, "pending")

    assert phone.answer() == (QUESTION, QUESTION)
    path, form = practice.next()
    assert (path, form["CallSid"], form["CallStatus"]) == ("/voice/alert", sid, "in-progress")
    assert (form["To"], form["From"], form["AccountSid"]) == (STAFF, CLINIC, ACCOUNT)
    assert (form["Direction"], form["ApiVersion"]) == ("outbound-api", "2010-04-01")
    assert "Digits" not in form
    (during,) = phone.calls()
    assert (during.status, during.waits) == ("in-progress", True)

    assert phone.press("1") == ("It is yours.",)
    path, form = practice.next()
    assert (path, form["Digits"], form["CallStatus"]) == ("/voice/press", "1", "in-progress")
    path, form = practice.next()
    assert (path, form["CallSid"], form["CallStatus"]) == ("/voice/status", sid, "completed")
    assert form["CallDuration"].isdecimal()
    assert control.pending(SOON) == 0
    (after,) = phone.calls()
    assert (after.said, after.waits) == ((QUESTION, QUESTION, "It is yours."), False)
    assert (after.status, after.webhook) == ("completed", "done")
    assert practice.hooks.empty(), "the end is told once"


def test_another_digit_is_asked_again(carrier, phone, practice, ring) -> None:
    carrier.call(**ring)
    phone.answer()
    assert phone.press("9") == (QUESTION, QUESTION)
    assert phone.press("12") == ("It is yours.",)
    assert [practice.next()[1].get("Digits") for _ in range(3)] == [None, "9", "1"]


def test_who_presses_nothing_hears_the_rest(carrier, phone, practice, ring) -> None:
    carrier.call(**ring)
    phone.answer()
    assert phone.press("") == (CLOSING,)
    assert [practice.next()[1]["CallStatus"] for _ in range(2)] == ["in-progress", "completed"]


def test_who_hangs_up_had_an_answered_call(carrier, phone, practice, ring) -> None:
    carrier.call(**ring)
    phone.answer()
    phone.hang_up()
    assert [practice.next()[1]["CallStatus"] for _ in range(2)] == ["in-progress", "completed"]


@pytest.mark.parametrize("status", ["no-answer", "busy", "failed", "canceled"])
def test_a_call_that_nobody_answers(twin, carrier, phone, practice, ring, status: str) -> None:
    sid = carrier.call(**ring).sid
    phone.miss(status)
    path, form = practice.next()
    assert (path, form["CallStatus"]) == ("/voice/status", status)
    assert "CallDuration" not in form
    made = fetch(twin, sid)
    assert (made["status"], made["duration"], made["end_time"]) == (status, None, None)


@pytest.mark.parametrize("status", ["no-answer", "busy", "failed"])
def test_weather_ends_calls_by_itself(carrier, control, practice, ring, status: str) -> None:
    control.weather(voice={"answers": status, "to": STAFF, "times": 1})
    for to in (OTHER, STAFF, STAFF):
        carrier.call(**{**ring, "to": to})
    assert practice.next()[1]["CallStatus"] == status
    assert [one.status for one in control.calls()] == ["ringing", status, "ringing"]


def test_the_call_resource_looks_like_twilios(twin, control, phone, ring) -> None:
    answer = create(twin, Url=ring["url"])
    made = answer.json()
    assert answer.status_code == 201
    assert (made["sid"][:2], made["status"], made["direction"]) == ("CA", "queued", "outbound-api")
    assert (made["date_created"], made["start_time"], made["duration"]) == (None, None, None)
    assert (made["to_formatted"], made["price_unit"]) == ("(555) 123-0077", "USD")
    assert made["uri"] == CALLS.replace(".json", f"/{made['sid']}.json")
    phone.answer()
    phone.hang_up()
    ended = fetch(twin, made["sid"])
    assert (ended["status"], ended["duration"]) == ("completed", "0")
    for moment in ("date_created", "date_updated", "start_time", "end_time"):
        datetime.strptime(ended[moment], "%a, %d %b %Y %H:%M:%S %z")
    assert set(ended) == set(made)
    assert fetch(twin, "CA0")["code"] == 20404


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"To": ""}, 400, 21201), ({"From": ""}, 400, 21213), ({"To": "+1555"}, 400, 21211),
        ({"To": "whatsapp:+15551230077"}, 400, 21211), ({"From": "clinic"}, 400, 21212),
        ({"Url": ""}, 400, 21205), ({"Url": "no-url"}, 400, 21205), ({"Method": "GET"}, 400, 21209),
        ({"StatusCallback": "no-url"}, 400, 21609), ({"Timeout": "601"}, 400, 21208),
        ({"To": "+15005550002"}, 400, 21214),
    ],
)  # fmt: skip
def test_a_refused_call_looks_like_twilios(twin, form: dict[str, str], status: int, code: int) -> None:
    answer = create(twin, **form)
    error = answer.json()
    assert (answer.status_code, error["code"], error["status"]) == (status, code, status)
    assert error["message"] != "Message cannot be sent"


def test_the_list_pages_and_filters(twin, control) -> None:
    sids = [create(twin).json()["sid"] for _ in range(3)]
    other = create(twin, To=OTHER).json()["sid"]
    control.miss(sids[1])

    def listed(**filters: str) -> list[str]:
        answer = requests.get(twin.base_url + CALLS, params=filters, auth=(ACCOUNT, TOKEN), timeout=10)
        return [one["sid"] for one in answer.json()["calls"]]

    assert listed() == [other, *sids[::-1]]
    assert listed(PageSize="2", Page="1", To=STAFF) == sids[:1]
    first = twin.base_url + CALLS + "?PageSize=2&To=%2B15551230077"
    following = requests.get(first, auth=(ACCOUNT, TOKEN), timeout=10).json()["next_page_uri"]
    last = requests.get(twin.base_url + following, auth=(ACCOUNT, TOKEN), timeout=10).json()
    assert ([one["sid"] for one in last["calls"]], last["next_page_uri"]) == (sids[:1], None)
    assert "To=%2B15551230077" in following
    assert listed(Status="no-answer") == [sids[1]]
    assert listed(From=OTHER) == []
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    assert listed(**{"StartTime<": tomorrow}) == [other, *sids[::-1]]
    assert listed(**{"StartTime>": tomorrow}) == []


def test_a_fault_may_be_of_calls_alone(twin, control) -> None:
    control.weather(refuse=[{"code": 21614, "of": "text"}, {"code": 21216, "of": "call", "times": 1}])
    assert create(twin).json()["code"] == 21216
    assert create(twin).status_code == 201
    for nonsense in ({"refuse": {"code": 1, "of": "fax"}}, {"voice": {"answers": "late"}}, {"voice": [1]}):
        assert requests.put(f"{twin.base_url}/twin/weather", json=nonsense, timeout=10).status_code == 400


@pytest.mark.parametrize(
    ("mood", "statuses"), [("double", ["busy", "busy"]), ("none", []), ("reversed", ["busy"])]
)
def test_moods_of_the_callback(carrier, control, phone, practice, ring, mood, statuses) -> None:
    control.weather(callbacks=mood)
    carrier.call(**ring)
    phone.miss("busy")
    assert control.pending(SOON) == 0
    assert [practice.next()[1]["CallStatus"] for _ in statuses] == statuses
    assert practice.hooks.empty()


def test_a_late_callback_waits_for_its_release(carrier, control, phone, practice, ring) -> None:
    control.weather(callbacks="late")
    carrier.call(**ring)
    phone.miss()
    assert control.pending(SOON) == 0
    assert practice.hooks.empty()
    assert control.release() == 1
    assert practice.next()[1]["CallStatus"] == "no-answer"


def test_an_application_that_fails_is_heard_as_an_apology(carrier, control, phone, practice, ring) -> None:
    practice.broken = 2  # a try and its repetition
    carrier.call(**ring)
    assert phone.answer() == (SORRY,)
    practice.question = "<Response><Dial/></Response>"
    carrier.call(**ring)
    assert phone.answer() == (SORRY,)
    assert control.pending(SOON) == 0
    assert {one.status for one in phone.calls()} == {"completed"}


def test_an_application_that_can_not_be_reached_learns_nothing(
    carrier, control, phone, practice, ring
) -> None:
    control.weather(webhook_down=True)
    carrier.call(**ring)
    assert phone.answer() == (SORRY,)
    assert control.pending(SOON) == 0
    assert practice.hooks.empty()
    assert [(one.status, one.webhook) for one in phone.calls()] == [("completed", "lost")]


def test_acts_that_do_not_fit_are_refused(twin, carrier, control, phone, ring) -> None:
    sid = carrier.call(**ring).sid

    def answers(act: str, body: object = None) -> int:
        return requests.post(f"{twin.base_url}/twin/calls/{act}", json=body, timeout=10).status_code

    assert answers(f"{sid}/press", {"digits": "1"}) == 409
    assert answers(f"{sid}/hang-up") == 409
    assert answers("CA0/answer") == 404
    for unfit in ({"digits": "one"}, {"digits": 1}, {}, []):
        assert answers(f"{sid}/press", unfit) == 400
    assert answers(f"{sid}/miss", {"status": "completed"}) == 400
    phone.answer()
    assert answers(f"{sid}/answer") == 409
    assert answers(f"{sid}/miss", {"status": "busy"}) == 409
    phone.hang_up()
    assert answers(f"{sid}/hang-up") == 409
    with pytest.raises(LookupError):
        phone.answer()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], tuple[RunningTwin, TwinClient]]]:
    """Starts a twin on the one journal; what a test leaves running is stopped."""
    running: list[tuple[RunningTwin, TwinClient]] = []

    def start() -> tuple[RunningTwin, TwinClient]:
        twin = serve_in_thread(
            account=ACCOUNT, token=TOKEN, sms_url="http://127.0.0.1:9/", journal=tmp_path / "twin.jsonl"
        )
        running.append((twin, TwinClient(twin.base_url)))
        return running[-1]

    yield start
    for twin, client in running:
        client.close()
        twin.stop()


def test_the_journal_carries_calls_over_a_restart(practice, ring, start) -> None:
    twin, client = start()
    client.weather(callbacks="late")
    carrier = Carrier(account_sid=ACCOUNT, auth_token=TOKEN, api_base=twin.base_url)
    rings, waits, over = (carrier.call(**ring).sid for _ in range(3))
    queued = twin.exchange.voice.create({"To": OTHER, "From": CLINIC, "Url": ring["url"]}).sid
    client.answer(waits)
    assert practice.next()[0] == "/voice/alert"
    client.miss(over, "busy")
    assert client.pending(SOON) == 0
    before = client.calls(STAFF)
    twin.stop()
    assert practice.hooks.empty()

    _, client = start()
    path, form = practice.next()
    assert (path, form["CallSid"], form["CallStatus"]) == ("/voice/status", over, "busy"), "it was held back"
    assert client.pending(SOON) == 0
    after = client.calls(STAFF)
    assert [(one.sid, one.at, one.status, one.said, one.waits) for one in after] == [
        (one.sid, one.at, one.status, one.said, one.waits) for one in before
    ]
    assert [one.sid for one in client.calls(OTHER) if one.status == "ringing"] == [queued]
    assert client.press(waits, "1") == ("It is yours.",)
    assert client.answer(rings) == (QUESTION, QUESTION)
