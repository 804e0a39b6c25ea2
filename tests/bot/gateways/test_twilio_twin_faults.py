"""The twin in bad weather and over restarts: faults, lost webhooks, the journal, the clock, the command."""

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from bot.gateways.twilio import Carrier
from bot.gateways.twilio_twin.client import TwinClient
from bot.gateways.twilio_twin.clock import clock_of
from bot.gateways.twilio_twin.server import serve_in_thread

ACCOUNT = "AC" + "0123456789abcdef" * 2
TOKEN = "the-twins-token"
CLINIC = "+15005550006"
PATIENT = "+15551230001"
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


def ask(twin, method: str = "POST", path: str = MESSAGES, *, auth=(ACCOUNT, TOKEN), **form: str):
    body = {"params": form} if method == "GET" else {"data": form}
    return requests.request(method, twin.base_url + path, auth=auth, timeout=10, **body)


def test_a_failed_webhook_is_tried_twice_then_only_listed(control, receiver, carrier) -> None:
    start = datetime.now(UTC)
    receiver.answers.put(500)
    receiver.answers.put(500)
    sid = control.text(sender=PATIENT, to=CLINIC, body="hello")
    assert control.pending(10) == 0
    assert receiver.hooks.qsize() == 2
    assert control.messages(PATIENT)[0].webhook == "lost"
    assert [one.sid for one in carrier.inbound(number=CLINIC, since=start)] == [sid]


def test_a_webhook_that_works_at_the_second_try_is_done(control, receiver) -> None:
    receiver.answers.put(503)
    control.text(sender=PATIENT, to=CLINIC, body="hello")
    assert control.pending(10) == 0
    assert control.messages(PATIENT)[0].webhook == "done"


def test_webhook_down_reaches_nobody(control, receiver, carrier, letter) -> None:
    control.weather(webhook_down=True)
    control.text(sender=PATIENT, to=CLINIC, body="hello")
    carrier.send(**letter)
    assert control.pending(10) == 0
    assert receiver.hooks.empty()
    assert {one.webhook for one in control.messages(PATIENT)} == {"lost"}


def test_faults_strike_whom_and_as_often_as_was_said(twin, control) -> None:
    control.weather(
        refuse=[{"code": 21614, "to": PATIENT, "times": 1}, {"code": 21408, "to": "+15551230002"}]
    )
    codes = [ask(twin, To=to, From=CLINIC, Body="Hi").json().get("code") for to in (PATIENT, PATIENT)]
    assert codes == [21614, None]
    codes = [ask(twin, To="+15551230002", From=CLINIC, Body="Hi").json().get("code") for _ in range(2)]
    assert codes == [21408, 21408]
    control.weather()
    assert ask(twin, To="+15551230002", From=CLINIC, Body="Hi").status_code == 201


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [
        ({"code": 30003}, ["sent", "undelivered"]),
        ({"code": 30005, "to": PATIENT, "times": 1}, ["sent", "undelivered"]),
        ({"code": 30007, "status": "failed"}, ["failed"]),
        ({"code": 30003, "to": "+15551239999"}, ["sent", "delivered"]),
    ],
)
def test_undelivered_ends_with_its_code(control, carrier, receiver, letter, fault, statuses) -> None:
    control.weather(undelivered=fault)
    start = datetime.now(UTC)
    carrier.send(**letter)
    hooks = [receiver.next() for _ in statuses]
    assert [hook.form["MessageStatus"] for hook in hooks] == statuses
    ends_well = statuses[-1] == "delivered"
    code = None if ends_well else fault["code"]
    assert hooks[-1].form.get("ErrorCode") == (str(code) if code else None)
    (sent,) = carrier.outbound(to=PATIENT, sender=CLINIC, since=start)
    assert (sent.status, sent.error_code) == (statuses[-1], code)


@pytest.mark.parametrize(
    ("mood", "statuses"),
    [
        ("normal", ["sent", "delivered"]),
        ("reversed", ["delivered", "sent"]),
        ("double", ["sent", "sent", "delivered", "delivered"]),
        ("none", []),
    ],
)
def test_moods_of_the_callbacks(control, carrier, receiver, letter, mood: str, statuses: list[str]) -> None:
    control.weather(callbacks=mood)
    carrier.send(**letter)
    assert control.pending(10) == 0
    assert receiver.statuses(len(statuses)) == statuses
    assert receiver.hooks.empty()
    assert control.messages(PATIENT)[0].status == "delivered"


def test_late_callbacks_wait_for_their_release(control, carrier, receiver, letter) -> None:
    control.weather(callbacks="late")
    carrier.send(**letter)
    assert control.pending(10) == 0
    assert receiver.hooks.empty()
    assert control.release() == 1
    assert receiver.statuses(2) == ["sent", "delivered"]
    assert control.release() == 0


def test_counted_faults_run_out(twin, control) -> None:
    control.weather(busy=1, server_error=1)
    answers = [ask(twin, To=PATIENT, From=CLINIC, Body="Hi").status_code for _ in range(3)]
    assert answers == [429, 500, 201]


def test_the_weather_is_told_and_nonsense_is_refused(twin, control) -> None:
    url = f"{twin.base_url}/twin/weather"
    control.weather(busy=3, slow_ms=1)
    told = requests.get(url, timeout=10).json()
    assert (told["busy"], told["slow_ms"], told["callbacks"]) == (3, 1, "normal")
    for nonsense in (
        {"rain": 1}, {"callbacks": "odd"}, {"busy": -1}, {"busy": "x"}, {"refuse": {"to": "x"}},
        {"undelivered": {"code": 1, "status": "sent"}}, {"refuse": {"code": "x"}},
    ):  # fmt: skip
        assert requests.put(url, json=nonsense, timeout=10).status_code == 400
    assert requests.get(url, timeout=10).json() == told


def test_the_journal_carries_everything_over_a_restart(receiver, tmp_path: Path) -> None:
    journal = tmp_path / "twin.jsonl"
    options = {"account": ACCOUNT, "token": TOKEN, "sms_url": f"{receiver.base_url}/in", "journal": journal}
    twin = serve_in_thread(**options)
    client = TwinClient(twin.base_url)
    client.text(sender=PATIENT, to=CLINIC, body="STOP")
    receiver.next()
    client.weather(callbacks="late")
    carrier = Carrier(account_sid=ACCOUNT, auth_token=TOKEN, api_base=twin.base_url)
    carrier.send(to="+15551230002", sender=CLINIC, body="späť", status_callback=f"{receiver.base_url}/status")
    assert client.pending(10) == 0
    before = client.messages()
    client.close()
    twin.stop()
    assert journal.stat().st_mode & 0o077 == 0
    with journal.open("ab") as file:
        file.write(b'{"op": "mess')  # a crash in the middle of a line

    twin = serve_in_thread(**options)
    client = TwinClient(twin.base_url)
    assert receiver.statuses(2) == ["sent", "delivered"], "what was held back goes out"
    assert client.pending(10) == 0
    after = client.messages()
    assert [(one.sid, one.body, one.at, one.status) for one in after] == [
        (one.sid, one.body, one.at, one.status) for one in before
    ]
    assert ask(twin, To=PATIENT, From=CLINIC, Body="Hi").json()["code"] == 21610
    client.close()
    twin.stop()
    twin = serve_in_thread(**options)
    assert twin.exchange.postman.idle(10)
    twin.stop()
    assert receiver.hooks.empty(), "what was posted is not posted again"


def test_the_clock_file_moves_the_clock(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    now = clock_of(file)

    def ahead() -> timedelta:
        return now() - datetime.now(UTC)

    assert abs(ahead()) < timedelta(seconds=5)
    file.write_text("86400\n")
    assert abs(ahead() - timedelta(days=1)) < timedelta(seconds=5)
    file.write_text("")
    assert abs(ahead()) < timedelta(seconds=5)


def test_kept_connections_that_the_other_side_closed_are_no_failure(
    control, carrier, receiver, letter
) -> None:
    for _ in range(3):  # the receiver closes after each answer
        carrier.send(**letter)
    assert receiver.statuses(6).count("delivered") == 3
    assert control.pending(10) == 0
    assert {one.webhook for one in control.messages(PATIENT)} == {"done"}


def test_the_command_serves_under_gunicorn_and_hangs_up_for_real(receiver, tmp_path: Path) -> None:
    command = [
        sys.executable, "-m", "bot.gateways.twilio_twin", "--port", "0", "--account", ACCOUNT,
        "--token", TOKEN, "--sms-url", f"{receiver.base_url}/in", "--journal", str(tmp_path / "j"),
        "--clock-file", str(tmp_path / "clock"),
    ]  # fmt: skip
    (tmp_path / "clock").write_text("86400")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            base_url = process.stdout.readline().decode().strip()
            client = TwinClient(base_url)
            client.weather(accept_then_hang_up=1)
            with pytest.raises(requests.ConnectionError):
                requests.post(
                    f"{base_url}{MESSAGES}",
                    data={"To": PATIENT, "From": CLINIC, "Body": "Hi"},
                    auth=(ACCOUNT, TOKEN),
                    timeout=10,
                )
            (seen,) = client.messages(PATIENT)
            assert timedelta(hours=23) < seen.at - datetime.now(UTC) < timedelta(hours=25)
            client.text(sender=PATIENT, to=CLINIC, body="hello")
            assert receiver.next().form["Body"] == "hello"
            receiver.answers.put(500)
            receiver.answers.put(500)
            lost = client.text(sender=PATIENT, to=CLINIC, body="unheard")
            assert client.pending(10) == 0
            client.close()
        finally:
            process.send_signal(signal.SIGTERM)
        (line,) = process.stderr.read().decode().splitlines()  # no traceback, nothing else
    assert process.returncode == 0
    failure = json.loads(line)
    assert (failure["event"], failure["code"], failure["sid"]) == ("webhook_failed", 11200, lost)
    for private in (PATIENT, CLINIC, "unheard", TOKEN):
        assert private not in line
