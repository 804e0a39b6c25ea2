"""`bot oncall`: what it prints of rosters, swaps and escalations, and a drill from its beginning to its end."""

import io
import os
import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli import main
from bot.cli.oncall_open import span
from bot.service import advance, call_out, deliver, standing, sweep
from tests.bot.service.oncall_edition import SAM_PHONE, edition, staff
from tests.conftest import ANA_PHONE, House, Servers

Bot = Callable[..., tuple[int, str, str]]
SETTINGS = (
    *("database_url", "redis_url", "master_keys", "secret_keys", "data_dir", "public_url"),
    *("twilio_account_sid", "twilio_auth_token", "twilio_api_base"),
)


@pytest.fixture
def flows_dir(servers: Servers) -> Path:
    """Flows with rosters and a ladder."""
    return edition(servers.directory)


@pytest.fixture
def bot(house: House, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Bot:
    """Runs `bot oncall` on the test's servers and clock; its exit code and what it printed."""
    staff(house.rt, house.clinic)
    monkeypatch.setenv("DEMO", "true")  # so that it goes by the clock of the test
    for name in SETTINGS:
        monkeypatch.setenv(name.upper(), str(getattr(house.rt.settings, name)))

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["bot", "oncall", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        printed = capfd.readouterr()
        return int(end.value.code or 0), printed.out, printed.err

    return run


def work(house: House) -> None:
    """What clock and workers do, once each."""
    sweep.ring_timers(house.rt)
    advance.drain(house.rt, 10)
    deliver.drain(house.rt, 10)
    call_out.drain(house.rt, 10)
    house.twin.pending(10)


# -- rosters ----------------------------------------------------------------------------------------------


def test_who_is_on_call_is_a_line_a_roster(bot: Bot) -> None:
    code, out, _ = bot("who", "--at", "2026-11-30T09:00")
    assert code == 0
    assert out == (
        "Riverside Clinic, Mon 2026-11-30 09:00 (America/New_York)\n"
        "front_desk  desk: not known here, `bot user add`; the on-call phone stands in until Mon 2026-11-30 17:00,"
        " then sam\n"
        "nurse       Sam (sam, …0142) until Mon 2026-12-07 08:00, then maria\n"
        "provider    dr_lee: not known here, `bot user add`; the on-call phone stands in until Sat 2026-12-05 00:00,"
        " then nobody\n"
        "night       Maria (maria, …0141) until Tue 2026-12-01 02:30, then joe\n"
        "The on-call phone: …0199\n"
    )
    assert "nurse       Sam (sam, …0142) until Mon 2026-12-07 08:00, then maria\n" in bot("who")[1]
    _, later, _ = bot("who", "--at", "2026-12-19")  # a Saturday in a week of joe's
    assert "nurse       Joe (joe, no phone: `bot user add … --phone`) until Mon 2026-12-21 08:00" in later
    assert "provider    nobody (the on-call phone stands in) until Mon 2026-12-21 00:00, then dr_lee" in later


def test_the_plan_is_plain_where_it_is_no_terminal(bot: Bot) -> None:
    code, out, _ = bot("schedule", "--from", "2026-11-26", "--days", "3")
    assert code == 0
    assert out.splitlines() == [
        "day\tfront_desk\tnurse\tprovider\tnight\tclosed",
        "Thu 2026-11-26\tmaria\tmaria\tdr_lee?\tjoe → 02:30 maria\toffice",
        "Fri 2026-11-27\tjoe → 08:00 desk? → 17:00 joe\tjoe\tdr_lee?\tmaria → 02:30 joe\t",
        "Sat 2026-11-28\tjoe\tjoe\tnobody\tjoe → 02:30 maria\t",
    ]
    assert len(bot("schedule")[1].splitlines()) == 15


def test_the_plan_is_a_table_on_a_terminal(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "160")
    code, out, _ = bot("schedule", "--from", "2026-11-26", "--days", "3")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", out)
    assert code == 0
    assert "┃ night" in plain
    assert "office closed" in plain
    assert "?: not known here, the on-call phone stands in: desk, dr_lee. `bot user add`" in plain
    assert "nobody: the on-call phone stands in." in plain


def test_a_swap_is_made_listed_and_undone(bot: Bot) -> None:
    _, out, _ = bot("swap", "nurse", "joe", "--from", "2026-12-01T18:00", "--until", "2026-12-02T06:00")
    said, command = out.splitlines()
    assert said == "joe has nurse from Tue 2026-12-01 18:00 until Wed 2026-12-02 06:00 (America/New_York)."
    assert command in bot("swaps")[1]
    assert "(joe, " in bot("who", "--at", "2026-12-01T20:00")[1]
    assert bot(*command.split()[2:]) == (0, "Undone.\n", "")
    assert bot("swaps")[1] == "There are no swaps.\n"
    code, _, err = bot("swap", "nurse", "joe", "--from", "2026-12-02", "--until", "2026-12-01")
    assert (code, err) == (2, "bot: until: must be later than from.\n")


def test_a_member_is_greeted_and_gets_the_address_of_their_calendar(bot: Bot, house: House) -> None:
    assert bot("hello", "sam")[0] == 0
    work(house)
    assert len(house.got(SAM_PHONE)) == 1
    code, out, _ = bot("feed", "sam")
    assert code == 0
    assert re.fullmatch(rf"{house.url}/oncall/feed/[0-9a-f-]{{36}}/[\w-]{{22}}\.ics\n", out)


# -- escalations ------------------------------------------------------------------------------------------


@pytest.fixture
def code(bot: Bot, house: House) -> str:
    """An alarm of Ana's that climbs."""
    house.patient()
    house.text("I have chest pain", ANA_PHONE)
    work(house)
    (found,) = standing.open_ones(house.rt, house.clinic)
    return found.code


def test_an_escalation_is_taken_handed_over_and_closed(bot: Bot, house: House, code: str) -> None:
    shown = bot("open")[1]
    assert shown.startswith(
        f"{code}  emergency  words  0 min old\n    nobody has it; next: everyone of nurse by text, call"
    )
    assert re.search(r" at Mon 09:0\d\n$", shown)
    assert bot("ack", code, "--by", "maria") == (0, f"{code}: maria has it.\n", "")
    work(house)
    assert "maria has it; stays so" in bot("open")[1]
    assert bot("ack", code, "--by", "sam") == (1, f"{code}: maria has it already.\n", "")
    assert bot("snooze", code, "--by", "maria", "--for", "30 minutes")[0] == 0
    work(house)
    assert "maria has it; sleeps, then asks maria how it stands at Mon 09:" in bot("open")[1]
    assert (
        bot("hand-over", code, "--by", "maria", "--to", "nurse on call")[1]
        == f"{code}: nurse on call is paged.\n"
    )
    work(house)
    assert "nobody has it; next: nurse on call by text, console at Mon 09:0" in bot("open")[1]
    assert (
        bot("resolve", code, "--by", "sam", "--outcome", "false alarm")[1]
        == f"{code}: closed, false alarm.\n"
    )
    work(house)
    assert bot("open")[1] == "Nothing is open.\n"
    assert bot("ack", code, "--by", "sam") == (1, f"{code}: It is closed.\n", "")
    assert bot("snooze", code, "--by", "sam", "--for", "1 hour")[2].startswith(
        f"bot: {code} is closed already"
    )
    assert bot("reopen", code, "--by", "the on-call phone")[0] == 0
    work(house)
    assert bot("open")[1].startswith(f"{code}  emergency")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ack", "CODE", "--by", "nobody"), "Nobody here is called nobody"),
        (("ack", "9", "--by", "sam"), "There is no escalation 9."),
        (("ack", "CODE"), "--by"),
        (("resolve", "CODE", "--by", "sam", "--outcome", "she is well"), "reached the patient"),
        (("hand-over", "CODE", "--by", "sam", "--to", "surgeon on call"), "There is no roster surgeon"),
        (("snooze", "CODE", "--by", "sam", "--for", "a bit"), "30 minutes"),
        (("snooze", "CODE", "--by", "sam", "--for", "0 minutes"), "30 minutes"),
        (("snooze", "CODE", "--by", "sam", "--for", "2 days"), "a day at most"),
    ],
)
def test_what_can_not_be_done_changes_nothing(
    bot: Bot, house: House, code: str, arguments: tuple[str, ...], message: str
) -> None:
    before = standing.open_ones(house.rt, house.clinic)
    ended, out, err = bot(*(code if word == "CODE" else word for word in arguments))
    assert (ended, out) == (2, "")
    assert message in err
    work(house)
    assert standing.open_ones(house.rt, house.clinic) == before


def test_ages_are_short() -> None:
    ages = (
        timedelta(seconds=59),
        timedelta(minutes=59),
        timedelta(minutes=61),
        timedelta(hours=27),
        timedelta(-1),
    )
    assert [span(age) for age in ages] == ["0 min", "59 min", "1 h 1 min", "1 d 3 h", "0 min"]


# -- drills -----------------------------------------------------------------------------------------------


@contextmanager
def at_work(house: House, then: Callable[[], None]) -> Iterator[None]:
    """Clock and workers beside the command; once the first page has come, `then` happens."""
    over, troubles = threading.Event(), []

    def run() -> None:
        came = False
        try:
            while not over.is_set():
                work(house)
                if not came and house.got(SAM_PHONE):
                    came = True
                    then()
        except Exception as error:
            troubles.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        work(house)
    assert not troubles


def test_a_drill_that_somebody_answers(bot: Bot, house: House) -> None:
    with at_work(house, lambda: house.text("ack", SAM_PHONE) and None):
        code, out, err = bot("drill", "--yes")
    assert (code, err) == (0, "")
    assert re.search(r"^ +\d+\.\d s  text to sam \(2\): made$", out, re.M)
    assert re.search(r"^ +\d+\.\d s  text to sam \(2\): accepted by the carrier$", out, re.M)
    assert re.search(r"^ +\d+\.\d s  taken by sam by text$", out, re.M)
    *_, console, text, taken = out.splitlines()
    assert re.fullmatch(r"console to sam: shown after \d+\.\d s", console)
    assert re.fullmatch(
        r"text to sam: made after \d+\.\d s, accepted by the carrier after .*, delivered after .* s", text
    )
    assert re.fullmatch(r"taken by sam by text after \d+\.\d s", taken)
    assert standing.open_ones(house.rt, house.clinic) == ()


def test_a_drill_that_nobody_answers(bot: Bot, house: House) -> None:
    with at_work(house, lambda: house.rt.move_clock(timedelta(minutes=1))):
        code, out, _ = bot("drill", "--yes", "--for", "1 minute")
    assert code == 1
    assert out.endswith("Nobody took it within 1 minute.\n")
    assert standing.open_ones(house.rt, house.clinic) == ()


def test_a_drill_that_is_stopped_does_not_climb_on(bot: Bot, house: House) -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with at_work(house, lambda: os.kill(os.getpid(), signal.SIGTERM)):
            code, out, _ = bot("drill", "--yes", "--for", "1 minute")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert code == 1
    assert "Stopped." in out
    assert standing.open_ones(house.rt, house.clinic) == ()


def test_a_drill_asks_first(bot: Bot, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    code, _, _ = bot("drill")
    work(house)
    assert code == 1
    assert house.twin.messages() == []
    assert bot("drill", "--yes", "--for", "soon")[0] == 2
