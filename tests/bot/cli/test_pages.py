"""`bot pages`: PINs that the clinic hands out, messages both ways, links that end."""

import io
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select

from bot.cli import main
from bot.core.events import WHAT, Triggered
from bot.core.triggers import Happens
from bot.runtime import Runtime
from bot.service import hash_pin
from bot.store import audit, inbox, people
from tests.conftest import ANA_PHONE, House

Bot = Callable[..., tuple[int, str, str]]


@pytest.fixture
def bot(house: House, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Bot:
    """Runs `bot` on the test's servers, with standard input; its exit code and what it printed."""
    for name in ("database_url", "redis_url", "master_keys", "secret_keys", "data_dir"):
        monkeypatch.setenv(name.upper(), str(getattr(house.rt.settings, name)))

    def run(*arguments: str, given: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["bot", *arguments])
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        with pytest.raises(SystemExit) as end:
            main()
        printed = capfd.readouterr()
        return int(end.value.code or 0), printed.out, printed.err

    return run


@pytest.fixture
def ana(house: House) -> tuple[UUID, str]:
    """Ana, and the clinic's own id of hers."""
    patient = house.patient()
    with house.rt.begin() as db:
        return patient, people.card(db, house.clinic, patient).external_id


def actions(rt: Runtime) -> list[str]:
    """What stands in the audit trail."""
    with rt.begin() as db:
        return list(db.conn.execute(select(audit.audit.c.action).order_by(audit.audit.c.at)).scalars())


def test_a_pin_is_printed_once_and_kept_as_its_hash(bot: Bot, house: House, ana: tuple[UUID, str]) -> None:
    patient, number = ana
    code, out, _ = bot("pages", "pin", number)
    pin = out.strip()
    assert (code, len(pin), pin.isdigit()) == (0, 6, True)
    with house.rt.begin() as db:
        kept = people.card(db, house.clinic, patient).pin
    assert kept is not None
    assert pin not in kept
    assert hash_pin.fits(kept, pin)
    assert "pin.issued" in actions(house.rt)


def test_a_message_goes_out_and_is_read_again(bot: Bot, house: House, ana: tuple[UUID, str]) -> None:
    _, number = ana
    written = bot("pages", "write", number, "--author", "Nurse Kim", given="How is the knee?\n")
    assert written == (0, "Sent.\n", "")
    _, out, _ = bot("pages", "messages", number)
    assert "Nurse Kim:\nHow is the knee?" in out
    with house.rt.begin() as db:
        row = db.conn.execute(select(inbox.inbox)).one()
        what = WHAT.validate_json(
            db.open_bytes(inbox.inbox, "what", row.what, clinic=house.clinic, row=row.id)
        )
    assert isinstance(what, Triggered)
    assert what.trigger == Happens.MESSAGE
    assert house.got(ANA_PHONE) == []  # the text is the flow's


def test_an_empty_message_is_none(bot: Bot, ana: tuple[UUID, str]) -> None:
    code, _, err = bot("pages", "write", ana[1], "--author", "Nurse Kim", given="  \n")
    assert code == 2
    assert "no message" in err


def test_what_is_withdrawn_is_counted_and_audited(bot: Bot, house: House, ana: tuple[UUID, str]) -> None:
    assert bot("pages", "withdraw", ana[1]) == (0, "0 links ended.\n", "")
    assert "pages.withdrawn" in actions(house.rt)


@pytest.mark.parametrize("command", ["pin", "withdraw", "messages"])
def test_somebody_unknown_is_said_to_be(bot: Bot, house: House, command: str) -> None:
    code, _, err = bot("pages", command, "nobody")
    assert (code, err) == (2, "bot: No patient of this clinic's has this id.\n")
