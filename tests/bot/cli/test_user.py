"""`bot user`: what it prints, and that it says what is wrong."""

from collections.abc import Callable
from uuid import UUID

import pytest

from bot.cli import main
from bot.runtime import Runtime
from bot.service import clinic as clinics

Bot = Callable[..., tuple[int, str, str]]


@pytest.fixture
def bot(rt: Runtime, clinic: UUID, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Bot:
    """Runs `bot user` on the test's servers; its exit code and what it printed."""
    for name in ("database_url", "redis_url", "master_keys", "secret_keys", "data_dir"):
        monkeypatch.setenv(name.upper(), str(getattr(rt.settings, name)))

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["bot", "user", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        printed = capfd.readouterr()
        return int(end.value.code or 0), printed.out, printed.err

    return run


def test_somebody_comes_changes_and_goes(bot: Bot) -> None:
    assert bot("list") == (0, "Nobody yet: `bot user add`.\n", "")
    address = "maria.diaz@riverside.example"
    added = bot("add", address, "--role", "nurse", "--phone", "202-555-0141")
    hint = f"So that they can sign in at the console: bot user invite {address}\n"
    assert added == (0, f"maria_diaz (Maria Diaz), nurse, …0141\n{hint}", "")
    changed = bot("add", address, "--role", "provider", "--handle", "maria", "--name", "Dr. Diaz")
    assert changed == (0, f"maria (Dr. Diaz), provider, …0141\n{hint}", "")
    assert bot("list") == (0, f"maria\tprovider\tDr. Diaz\t…0141\t{address}\n", "")
    assert bot("add", address, "--role", "provider", "--phone", "")[1].endswith(f", no phone\n{hint}")
    code, out, _ = bot("invite", address.upper())
    link, life = out.splitlines()
    assert (code, link.split("#")[0]) == (0, "http://localhost:8000/console/sign-in/link")
    assert life == "It works once, for three days. No e-mail is sent: pass it on."
    assert bot("reset", address)[2] == "bot: They have not set up a log-in yet: invite them.\n"
    code, out, _ = bot("leave", "maria")
    assert code == 0
    assert out.startswith("maria is gone.")
    assert bot("list")[1] == "Nobody yet: `bot user add`.\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("add", "maria", "--role", "nurse"), "bot: e-mail: is not an address"),
        (
            ("add", "maria@x.example", "--role", "boss"),
            "bot: role: must be one of admin, front_desk, ma, nurse,",
        ),
        (("invite", "x@y.example"), "bot: Nobody here has this address: `bot user list`, `bot user add`.\n"),
        (("leave", "maria"), "bot: Nobody here is called maria (there are: nobody yet): `bot user add`.\n"),
    ],
)
def test_what_is_wrong_is_said(bot: Bot, arguments: tuple[str, ...], message: str) -> None:
    code, out, err = bot(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(message)


def test_a_role_is_needed(bot: Bot) -> None:
    code, _, err = bot("add", "maria@x.example")
    assert code == 2
    assert "--role" in err


def test_with_several_clinics_one_is_named(bot: Bot, rt: Runtime) -> None:
    second = clinics.add(rt, name="Hillside Clinic", phone="202-555-0101", zone="America/New_York")
    assert bot("list")[0] == 2
    assert bot("add", "joe@x.example", "--role", "nurse", "--clinic", str(second))[0] == 0
    assert bot("list", "--clinic", str(second))[1].startswith("joe\t")
