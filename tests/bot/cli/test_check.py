"""`bot check`: one line for each thing that was looked at, a hint for what is wrong, exit code 1 if anything is."""

import base64
import re
from collections.abc import Callable

import pytest

from bot.cli import check as module
from bot.cli import main
from bot.core.oncall import Channel
from bot.gateways.push import new_key
from bot.runtime import Runtime
from bot.service import clinic as clinics
from tests.conftest import CLINIC_PHONE, House

Check = Callable[..., tuple[int, list[str]]]
SETTINGS = (
    *("database_url", "redis_url", "master_keys", "secret_keys", "data_dir"),
    *("twilio_account_sid", "twilio_auth_token", "twilio_api_base"),
)
SMTP, MAIL_FROM = "smtp://mail.example:587", "careline@clinic.example"
WRONG_KEY = base64.b64encode(b"x" * 32).decode()


@pytest.fixture
def check(house: House, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Check:
    """Runs `bot check` with these settings changed; its exit code and lines."""
    monkeypatch.chdir(house.rt.settings.data_dir)
    monkeypatch.setattr("sys.argv", ["bot", "check"])

    def run(**changed: str) -> tuple[int, list[str]]:
        values = {name: str(getattr(house.rt.settings, name)) for name in SETTINGS}
        for name, value in (values | {"public_url": "https://clinic.example"} | changed).items():
            monkeypatch.setenv(name.upper(), value)
        with pytest.raises(SystemExit) as end:
            main()
        return int(end.value.code or 0), capfd.readouterr().out.splitlines()

    return run


def wrong(lines: list[str]) -> dict[str, str]:
    """What failed, and what was said of it."""
    return dict(line.removeprefix("✗ ").split(": ", 1) for line in lines if line.startswith("✗"))


def test_where_all_is_well_every_line_says_so(house: House, check: Check) -> None:
    code, lines = check(public_url=house.url.replace("http://", "http://"), demo="true")
    assert (code, [line[0] for line in lines]) == (0, ["✓"] * 7 + ["!"] * 5)
    assert [line[2:] for line in lines[:7]] == [
        "settings",
        "public address",
        "database, Redis, flows",
        "keys",
        "somebody on call",
        "Twilio credentials",
        f"Twilio webhook of {CLINIC_PHONE}",
    ]


@pytest.mark.parametrize(
    ("changed", "line", "hint"),
    [
        ({"secret_keys": ""}, "settings", "SECRET_KEYS: not set. `bot settings` explains each"),
        ({"secret_keys": "short"}, "settings", "SECRET_KEYS: each key must have at least 32 characters"),
        ({"master_keys": "nonsense"}, "settings", "MASTER_KEYS: each key must be"),
        ({"database_url": "mysql://x/y"}, "settings", "DATABASE_URL: must start with postgresql://"),
        ({"port": "99999"}, "settings", "PORT: "),
        ({"public_url": "http://localhost:8000"}, "public address", "need https://"),
        ({"redis_url": "redis://127.0.0.1:1/0"}, "database, Redis, flows", "Redis does not answer"),
        (
            {"database_url": "postgresql://nobody@127.0.0.1:1/nothing"},
            "database, Redis, flows",
            "The database does not answer",
        ),
        ({"master_keys": WRONG_KEY}, "keys", "Put the key that was in use back into MASTER_KEYS."),
        ({"twilio_auth_token": "x" * 32}, "Twilio credentials", "Look at TWILIO_ACCOUNT_SID"),
        ({"twilio_api_base": "http://127.0.0.1:1"}, "Twilio credentials", "could not be reached"),
        ({}, f"Twilio webhook of {CLINIC_PHONE}", "set it to https://clinic.example/twilio/sms."),
        ({"smtp_url": SMTP}, "e-mail", "MAIL_FROM is not set: e-mail needs both."),
        ({"mail_from": MAIL_FROM}, "e-mail", "SMTP_URL is not set: e-mail needs both."),
        ({"smtp_url": SMTP, "mail_from": "Us <us@x>"}, "e-mail", "MAIL_FROM: must be one address"),
        ({"vapid_key": "nonsense"}, "web push", "VAPID_KEY: must be"),
        (
            {"operator_email": MAIL_FROM},
            "word to the operator",
            "OPERATOR_EMAIL is set, SMTP_URL is not",
        ),
    ],
)
def test_what_is_wrong_is_named_with_how_to_mend_it(
    house: House, check: Check, changed: dict[str, str], line: str, hint: str
) -> None:
    code, lines = check(**changed)
    assert code == 1
    assert hint in wrong(lines)[line]


UNSET = {
    "e-mail": "SMTP_URL and MAIL_FROM are not set: no e-mail is sent.",
    "web push": "VAPID_KEY is not set: no web push is sent.",
    "word to the operator": "OPERATOR_EMAIL and OPERATOR_WEBHOOK are not set: nobody is told when clock, workers or "
    "carrier stop.",
    "dead-man's switch": "HEARTBEAT_URL is not set: nobody hears of it when this whole machine stops.",
    "somebody can sign in": "nobody has a log-in for the console yet: `bot user invite`.",
}


def hints(lines: list[str]) -> dict[str, str]:
    """What is not set, and what that means."""
    return dict(line.removeprefix("! ").split(": ", 1) for line in lines if line.startswith("!"))


def test_what_is_not_set_is_a_hint_and_no_failure(house: House, check: Check) -> None:
    code, lines = check(public_url=house.url, demo="true")
    assert (code, hints(lines)) == (0, UNSET)


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"smtp_url": SMTP, "mail_from": MAIL_FROM}, "e-mail"),
        ({"vapid_key": new_key()}, "web push"),
        ({"operator_webhook": "https://pager.example/x"}, "word to the operator"),
        (
            {"smtp_url": SMTP, "mail_from": MAIL_FROM, "operator_email": MAIL_FROM},
            "word to the operator",
        ),
        ({"heartbeat_url": "https://switch.example/x"}, "dead-man's switch"),
    ],
)
def test_what_is_set_needs_no_hint(house: House, check: Check, changed: dict[str, str], line: str) -> None:
    code, lines = check(public_url=house.url, demo="true", **changed)
    assert code == 0
    assert f"✓ {line}" in lines
    assert line not in hints(lines)


@pytest.mark.parametrize(
    ("channel", "line", "given"),
    [
        (Channel.EMAIL, "e-mail", {"smtp_url": SMTP, "mail_from": MAIL_FROM}),
        (Channel.PUSH, "web push", {"vapid_key": new_key()}),
    ],
)
def test_a_channel_of_a_ladder_that_can_not_work_is_a_failure(
    rt: Runtime, channel: Channel, line: str, given: dict[str, str]
) -> None:
    fault = dict(module._ways(rt, frozenset({channel})))[line]
    assert isinstance(fault, str)
    assert fault.endswith(f"Ladders of oncall.yaml tell people by {line.removeprefix('web ')}.")
    able = Runtime(rt.settings.model_copy(update=given))
    assert dict(module._ways(able, frozenset({channel})))[line] is None


def test_a_clinic_without_anybody_on_call_is_named(house: House, check: Check) -> None:
    clinics.add(house.rt, name="Hill Clinic", phone="+12025550300", zone="America/Chicago")
    _, lines = check()
    assert "nobody is on call at Hill Clinic" in wrong(lines)["somebody on call"]


def test_no_line_shows_a_secret(house: House, check: Check) -> None:
    for changed in (
        {"secret_keys": "hunter2"},
        {"master_keys": "hunter2"},
        {"database_url": "mysql://a:hunter2@b/c"},
    ):
        assert "hunter2" not in "\n".join(check(**changed)[1])


def test_every_line_is_one_line(house: House, check: Check) -> None:
    _, lines = check(master_keys=WRONG_KEY)
    assert all(re.match(r"[✓✗!] \w", line) for line in lines)
