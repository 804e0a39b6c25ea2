"""The twin in fine weather: Twilio's wire, its rules for opt-outs, its webhooks, its lists."""

from datetime import UTC, datetime

import pytest
import requests

from bot.gateways.twilio import valid_signature
from bot.gateways.twilio_twin.client import TwinClient
from bot.gateways.twilio_twin.hooks import signature
from bot.gateways.twilio_twin.server import serve_in_thread
from bot.gateways.twilio_twin.wire import segments

ACCOUNT = "AC" + "0123456789abcdef" * 2
TOKEN = "the-twins-token"
CLINIC = "+15005550006"
PATIENT = "+15551230001"
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


def ask(twin, method: str = "POST", path: str = MESSAGES, *, auth=(ACCOUNT, TOKEN), **form: str):
    body = {"params": form} if method == "GET" else {"data": form}
    return requests.request(method, twin.base_url + path, auth=auth, timeout=10, **body)


def test_a_created_message_looks_like_twilios(twin) -> None:
    answer = ask(twin, To=PATIENT, From=CLINIC, Body="Hi")
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Content-Type"] == "application/json"
    assert made["sid"].startswith("SM")
    assert made["status"] == "queued"
    assert made["direction"] == "outbound-api"
    assert (made["num_segments"], made["num_media"]) == ("1", "0")
    assert (made["date_sent"], made["price"], made["error_code"]) == (None, None, None)
    assert made["date_created"].endswith(" +0000")
    datetime.strptime(made["date_created"], "%a, %d %b %Y %H:%M:%S %z")
    assert made["uri"] == f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{made['sid']}.json"
    fetched = ask(twin, "GET", made["uri"]).json()
    assert fetched["body"] == "Hi"


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"To": ""}, 400, 21604),
        ({"From": ""}, 400, 21603),
        ({"To": "+1555"}, 400, 21211),
        ({"To": "5551230001"}, 400, 21211),
        ({"From": "clinic"}, 400, 21212),
        ({"Body": ""}, 400, 21602),
        ({"Body": "x" * 1601}, 400, 21617),
        ({"To": CLINIC}, 400, 21266),
        ({"StatusCallback": "no-url"}, 400, 21609),
        ({"ValidityPeriod": "36001"}, 400, 90007),
        ({"From": "", "MessagingServiceSid": "MG1"}, 400, 21703),
        ({"From": "+15005550008"}, 429, 21611),
    ],
)
def test_a_refused_message_looks_like_twilios(twin, form: dict[str, str], status: int, code: int) -> None:
    answer = ask(twin, **{"To": PATIENT, "From": CLINIC, "Body": "Hi", **form})
    error = answer.json()
    assert (answer.status_code, error["code"], error["status"]) == (status, code, status)
    assert error["more_info"] == f"https://www.twilio.com/docs/errors/{code}"
    assert error["message"]


def test_credentials_and_account_are_checked(twin) -> None:
    answer = ask(twin, auth=(ACCOUNT, "wrong"), To=PATIENT, From=CLINIC, Body="Hi")
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Twilio API"'
    other = MESSAGES.replace(ACCOUNT, "AC" + "f" * 32)
    assert ask(twin, path=other, To=PATIENT, From=CLINIC, Body="Hi").json()["code"] == 20404
    assert ask(twin, "GET", f"/2010-04-01/Accounts/{ACCOUNT}.json").json()["status"] == "active"
    assert ask(twin, "GET", MESSAGES.replace(".json", "/SM0.json")).status_code == 404


def test_a_service_answers_from_the_number_that_the_phone_knows(twin, control) -> None:
    control.text(sender=PATIENT, to=CLINIC, body="hello")
    made = ask(twin, To=PATIENT, MessagingServiceSid="MG1", Body="Hi").json()
    assert (made["status"], made["from"], made["num_segments"]) == ("accepted", CLINIC, "0")


def test_status_callbacks_are_signed_and_in_order(carrier, receiver, letter) -> None:
    receipt = carrier.send(**letter)
    for status in ("sent", "delivered"):
        hook = receiver.next()
        assert hook.url == letter["status_callback"]
        assert hook.form["MessageStatus"] == hook.form["SmsStatus"] == status
        assert hook.form["MessageSid"] == hook.form["SmsSid"] == receipt.sid
        assert (hook.form["To"], hook.form["From"]) == (PATIENT, CLINIC)
        assert hook.form["AccountSid"] == ACCOUNT
        assert "ErrorCode" not in hook.form
        assert valid_signature([TOKEN], hook.url, hook.form, hook.signature)


def test_an_inbound_text_is_posted_as_twilio_does(control, receiver) -> None:
    picture = {"url": "https://media.example/1", "content_type": "image/png"}
    sid = control.text(sender=PATIENT, to=CLINIC, body="¡Sí! 😀 ", media=[picture], opt_out_type="HELP")
    hook = receiver.next()
    assert hook.url.endswith("/twilio/sms")
    assert valid_signature([TOKEN], hook.url, hook.form, hook.signature)
    assert hook.form["MessageSid"] == hook.form["SmsSid"] == hook.form["SmsMessageSid"] == sid
    assert sid.startswith("MM")
    assert hook.form["Body"] == "¡Sí! 😀 "
    assert (hook.form["From"], hook.form["To"], hook.form["NumMedia"]) == (PATIENT, CLINIC, "1")
    assert (hook.form["MediaUrl0"], hook.form["MediaContentType0"]) == tuple(picture.values())
    assert hook.form["OptOutType"] == "HELP"
    assert hook.form["SmsStatus"] == "received"
    assert hook.headers["User-Agent"] == "TwilioProxy/1.1"
    control.again(sid)
    assert receiver.next().form == hook.form


def test_a_phones_texts_arrive_in_its_order(control, receiver) -> None:
    for n in range(30):
        control.text(sender=PATIENT, to=CLINIC, body=str(n))
    assert [receiver.next().form["Body"] for _ in range(30)] == [str(n) for n in range(30)]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"from": "x", "to": CLINIC}, "from"),
        ({"from": PATIENT}, "to"),
        ({"from": PATIENT, "to": CLINIC, "media": ["x"]}, "media"),
        ({"from": PATIENT, "to": CLINIC, "opt_out_type": "MAYBE"}, "opt_out_type"),
        ([], "object"),
    ],
)
def test_unfit_texts_are_refused(twin, form: object, error: str) -> None:
    answer = requests.post(f"{twin.base_url}/twin/texts", json=form, timeout=10)
    assert answer.status_code == 400
    assert error in answer.json()["error"]


@pytest.mark.parametrize("word", ["STOP", " stop ", "Unsubscribe", "END", "QUIT", "CANCEL", "REVOKE"])
def test_stop_and_start_are_kept_per_pair(twin, control, receiver, word: str) -> None:
    control.text(sender=PATIENT, to=CLINIC, body=word)
    assert receiver.next().form["Body"] == word, "the webhook gets the keyword all the same"
    refused = ask(twin, To=PATIENT, From=CLINIC, Body="Hi")
    assert (refused.status_code, refused.json()["code"]) == (400, 21610)
    assert ask(twin, To=PATIENT, From="+15005550100", Body="Hi").status_code == 201
    assert ask(twin, To="+15551230002", From=CLINIC, Body="Hi").status_code == 201
    control.text(sender=PATIENT, to=CLINIC, body="START")
    assert ask(twin, To=PATIENT, From=CLINIC, Body="Hi").status_code == 201


def test_the_network_answers_a_keyword_once_and_outside_of_the_list(twin, control) -> None:
    phone = control.phone(PATIENT)
    for body in ("STOP", "stop", "please stop", "YES", "yes"):
        phone.text(CLINIC, body)
    answers = [one.body for one in phone.messages() if one.direction == "network"]
    assert [answer.split()[3] for answer in answers] == ["been", "been"]
    assert "unsubscribed" in answers[0]
    assert "re-subscribed" in answers[1]
    listed = ask(twin, "GET", PageSize="100").json()["messages"]
    assert {one["direction"] for one in listed} == {"inbound"}


def test_listing_pages_newest_first_and_a_token_holds_its_place(twin, control) -> None:
    sids = [ask(twin, To=PATIENT, From=CLINIC, Body=str(n)).json()["sid"] for n in range(5)]
    control.pending(10)
    page = ask(twin, "GET", PageSize="2", To=PATIENT).json()
    assert [one["sid"] for one in page["messages"]] == sids[:2:-1]
    assert (page["page"], page["page_size"], page["previous_page_uri"]) == (0, 2, None)
    ask(twin, To=PATIENT, From=CLINIC, Body="one more")
    seen = []
    while page["next_page_uri"]:
        page = ask(twin, "GET", page["next_page_uri"]).json()
        seen += [one["sid"] for one in page["messages"]]
    assert seen == sids[2::-1]
    assert "Page=1" in page["previous_page_uri"]
    second = ask(twin, "GET", PageSize="2", Page="1").json()
    assert len(second["messages"]) == 2


def test_filters_by_number_and_date(receiver) -> None:
    moment = [datetime(2026, 11, 2, 12, 0, 5, tzinfo=UTC)]
    twin = serve_in_thread(account=ACCOUNT, token=TOKEN, sms_url=receiver.base_url, now=lambda: moment[0])
    try:
        client = TwinClient(twin.base_url)
        for day in (2, 3, 4):
            moment[0] = moment[0].replace(day=day)
            client.text(sender=PATIENT, to=CLINIC, body=str(day))
            client.text(sender="+15551230002", to=CLINIC, body="other")

        def bodies(**filters: str) -> list[str]:
            return [one["body"] for one in ask(twin, "GET", From=PATIENT, **filters).json()["messages"]]

        assert bodies() == ["4", "3", "2"]
        assert bodies(DateSent="2026-11-03") == ["3"]
        assert bodies(**{"DateSent>": "2026-11-03"}) == ["4", "3"]
        assert bodies(**{"DateSent<": "2026-11-03"}) == ["3", "2"]
        assert bodies(**{"DateSent>": "2026-11-03T12:00:05Z"}) == ["4", "3"]
        assert bodies(**{"DateSent>": "2026-11-03T12:00:06Z"}) == ["4"]
        assert bodies(To="+15005550100") == []
        assert ask(twin, "GET", **{"DateSent>": "soon"}).status_code == 400
        client.close()
    finally:
        twin.stop()


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("", 1), ("x" * 160, 1), ("x" * 161, 2), ("x" * 306, 2), ("x" * 307, 3),
        ("{" + "x" * 158, 1), ("{" + "x" * 159, 2), ("x" * 152 + "{" + "x" * 10, 2),
        ("x" * 152 + "{" + "x" * 151, 2), ("x" * 152 + "{" + "x" * 152, 3), ("😀" + "x" * 68, 1),
        ("😀" + "x" * 69, 2), ("ñ" * 160, 1), ("í" * 71, 2),
    ],
)  # fmt: skip
def test_segments(body: str, count: int) -> None:
    assert segments(body) == count


def test_signature_agrees_with_the_published_vector() -> None:
    form = {
        "CallSid": "CA1234567890ABCDE", "Digits": "1234", "From": "+14158675309", "To": "+18005551212",
        "Caller": "+14158675309",
    }  # fmt: skip
    made = signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", form)
    assert made == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
