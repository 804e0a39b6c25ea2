"""`bot flow publish`, `editions`, `start`, `broadcast`, `list`, `release`: what they print and how they end."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli import flow_live
from bot.runtime import Runtime
from bot.store import conversations, editions
from tests.bot.service.book import make_current
from tests.bot.service.test_begin import CHECKUP, SENTENCES, external
from tests.conftest import EDITION, START, House

Bot = Callable[..., tuple[int, str, str]]


@pytest.fixture
def bot(
    house: House, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Bot:
    """Runs `bot flow` on the test's servers; its exit code and what it printed."""
    from bot.cli import main

    monkeypatch.chdir(tmp_path)
    for name in ("database_url", "redis_url", "master_keys", "secret_keys", "data_dir"):
        monkeypatch.setenv(name.upper(), str(getattr(house.rt.settings, name)))

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["bot", "flow", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        printed = capfd.readouterr()
        return int(end.value.code or 0), printed.out, printed.err

    return run


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    """A clinic's own flows."""
    shutil.copytree(EDITION, tmp_path / "flows")
    return tmp_path / "flows"


def edit(flows: Path, file: str, old: str, new: str) -> None:
    path = flows / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def current(rt: Runtime) -> str:
    with rt.begin() as db:
        return editions.current(db) or ""


def test_publishing_says_what_it_meets_and_who_did_it(house: House, bot: Bot, flows: Path) -> None:
    old = current(house.rt)
    house.visit(house.patient(), START + timedelta(days=3))
    house.work()
    with house.rt.begin() as db:
        db.conn.execute(conversations.conversations.update().values(open_talks=1, edition=old))
    edit(flows, "wording/en.yaml", "is confirmed.", "is set.")
    code, out, _ = bot("publish", str(flows), "--by", "kim", "--move")
    assert code == 0
    new = current(house.rt)
    assert out == (
        f"1 conversation is open on edition {old} (current).\n{flows}: edition {new} is current.\n"
    )
    code, out, _ = bot("editions")
    assert code == 0
    assert out.splitlines()[0].split("  ")[::2] == [new, "kim"]
    assert out.splitlines()[0].endswith("(0 open, current, moved open ones)")
    assert "(1 open)" in out.splitlines()[1]


def test_an_older_edition_is_published_again(house: House, bot: Bot, flows: Path) -> None:
    old = current(house.rt)
    edit(flows, "wording/en.yaml", "is confirmed.", "is set.")
    bot("publish", str(flows))
    assert bot("publish", "--edition", old)[0] == 0
    assert current(house.rt) == old
    assert bot("publish", "--edition", "nonsense") == (2, "", "bot: There is no edition nonsense.\n")


@pytest.mark.parametrize("arguments", [[], ["--edition", "x", "."]])
def test_either_paths_or_an_edition(bot: Bot, arguments: list[str]) -> None:
    code, _, err = bot("publish", *arguments)
    assert code == 2
    assert "Name flows by their path, or an edition" in err


def test_what_fails_lint_is_not_published(house: House, bot: Bot, flows: Path) -> None:
    old = current(house.rt)
    edit(flows, "dialogs/appointment.yaml", "then: end", "then: nowhere")
    code, _, err = bot("publish", str(flows))
    assert code == 2
    assert "nowhere" in err
    assert current(house.rt) == old


@pytest.mark.parametrize(("typed", "goes_on"), [("y\n", True), ("n\n", False)])
def test_at_a_terminal_it_asks(
    house: House, bot: Bot, flows: Path, monkeypatch: pytest.MonkeyPatch, typed: str, goes_on: bool
) -> None:
    old = current(house.rt)
    edit(flows, "wording/en.yaml", "is confirmed.", "is set.")
    monkeypatch.setattr(flow_live, "_at_terminal", lambda: True)
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: typed.strip())
    code, _, _ = bot("publish", str(flows))
    assert (code == 0, current(house.rt) != old) == (goes_on, goes_on)


# -- beginning flows ---------------------------------------------------------------------------------


@pytest.fixture
def ana(house: House) -> str:
    """Ana's own id at the clinic, which has a flow for her."""
    make_current(house.rt, {"checkup": CHECKUP}, SENTENCES)
    return external(house, house.patient())


def test_a_flow_is_started_for_a_patient(house: House, bot: Bot, ana: str) -> None:
    assert bot("start", "checkup", "--patient", ana, "--value", "shot=flu shot")[:2] == (
        0,
        "1 told, 0 told before, 0 not known\n",
    )
    code, out, _ = bot("start", "checkup", "--patient", "nobody")
    assert (code, out.splitlines()[0]) == (1, "external_id is no patient of this clinic's")
    assert bot("start", "chekup", "--patient", ana)[0] == 2


def test_lists_and_results(bot: Bot, ana: str, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(f"external_id\n{ana}\nnobody\n")
    for arguments in (["broadcast", "checkup", "--list", str(file)], ["list", "recall", str(file)]):
        code, out, _ = bot(*arguments)
        assert code == 1
        assert (
            out == "line 3: external_id is no patient of this clinic's\n1 told, 0 told before, 1 not known\n"
        )
    assert bot("release", ana, "--value", "shot=1")[:2] == (0, "1 told, 0 told before, 0 not known\n")


@pytest.mark.parametrize(
    ("text", "value"),
    [("a=1", 1), ("a=1.5", 1.5), ("a=yes", True), ("a=no", False), ("a=b=c", "b=c"), ("a=", "")],
)
def test_values_are_numbers_yes_no_or_text(text: str, value: object) -> None:
    assert flow_live._value(None, None, (text,)) == {"a": value}  # type: ignore[arg-type]


def test_a_value_without_a_name_is_refused(bot: Bot, ana: str) -> None:
    code, _, err = bot("start", "checkup", "--patient", ana, "--value", "shot")
    assert code == 2
    assert "name=value" in err
