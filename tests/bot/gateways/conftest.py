"""A webhook receiver over real HTTP, a twin that posts to it, and a carrier that sends through the twin."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from queue import Empty, Queue

import pytest
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request, Response

from bot.gateways.twilio import Carrier
from bot.gateways.twilio_twin.client import TwinClient
from bot.gateways.twilio_twin.server import RunningTwin, serve_app, serve_in_thread

ACCOUNT = "AC" + "0123456789abcdef" * 2
TOKEN = "the-twins-token"
CLINIC = "+15005550006"
PATIENT = "+15551230001"
SOON = 10.0  # seconds after which a test gives up


@dataclass
class Hook:
    """One webhook that arrived."""

    url: str
    form: MultiDict[str, str]
    signature: str | None
    headers: dict[str, str]


@dataclass
class Receiver:
    """What a clinic's server would be: keeps webhooks in the order of arrival, answers what it is told to."""

    base_url: str = ""
    hooks: "Queue[Hook]" = field(default_factory=Queue)
    answers: "Queue[int]" = field(default_factory=Queue)  # statuses of the next answers; then 200

    def __call__(self, environ: dict, start_response: object) -> object:
        request = Request(environ)
        query = request.query_string.decode()
        url = self.base_url + request.path + (f"?{query}" if query else "")
        hook = Hook(url, request.form, request.headers.get("X-Twilio-Signature"), dict(request.headers))
        self.hooks.put(hook)
        try:
            status = self.answers.get_nowait()
        except Empty:
            status = 200
        return Response("<Response/>", status, mimetype="text/xml")(environ, start_response)

    def next(self) -> Hook:
        """The next webhook; waits for it."""
        return self.hooks.get(timeout=SOON)

    def statuses(self, count: int) -> list[str]:
        """MessageStatus of the next `count` callbacks."""
        return [self.next().form["MessageStatus"] for _ in range(count)]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    app = Receiver()
    serving = serve_app(app)
    app.base_url = serving.base_url
    yield app
    serving.stop()


@pytest.fixture
def twin(receiver: Receiver) -> Iterator[RunningTwin]:
    running = serve_in_thread(account=ACCOUNT, token=TOKEN, sms_url=f"{receiver.base_url}/twilio/sms")
    yield running
    running.stop()


@pytest.fixture
def control(twin: RunningTwin) -> Iterator[TwinClient]:
    client = TwinClient(twin.base_url)
    yield client
    client.close()


@pytest.fixture
def carrier(twin: RunningTwin) -> Carrier:
    return Carrier(account_sid=ACCOUNT, auth_token=TOKEN, api_base=twin.base_url)


@pytest.fixture
def letter(receiver: Receiver) -> dict[str, str]:
    """Arguments of a plain `send`."""
    return {
        "to": PATIENT,
        "sender": CLINIC,
        "body": "Your visit is on Monday.",
        "status_callback": f"{receiver.base_url}/twilio/status?outbox=7",
    }
