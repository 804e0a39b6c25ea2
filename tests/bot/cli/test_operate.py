"""`bot migrate`, `bot settings`, `bot audit`, `bot keys`: what they print and with which code they end."""

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from bot.cli import main
from bot.runtime import Runtime
from bot.service import clinic as clinics
from bot.settings import Settings

Bot = Callable[..., tuple[int, str, str]]
NEW = base64.b64encode(b"n" * 32).decode()


@pytest.fixture
def bot(
    rt: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Bot:
    """Runs `bot` on the test's servers; its exit code and what it printed."""
    monkeypatch.chdir(tmp_path)
    for name in ("database_url", "redis_url", "master_keys", "secret_keys", "data_dir"):
        monkeypatch.setenv(name.upper(), str(getattr(rt.settings, name)))

    def run(*arguments: str, **changed: str) -> tuple[int, str, str]:
        for name, value in changed.items():
            monkeypatch.setenv(name.upper(), value)
        monkeypatch.setattr("sys.argv", ["bot", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        printed = capfd.readouterr()
        return int(end.value.code or 0), printed.out, printed.err

    return run


def tamper(rt: Runtime, sql: str) -> None:
    """As somebody with all rights in the database could."""
    with rt.begin() as db:
        db.conn.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER USER")
        assert db.conn.exec_driver_sql(sql).rowcount == 1


LAST = "(lane, seq) = (SELECT lane, max(seq) FROM audit GROUP BY lane ORDER BY max(seq) DESC, lane LIMIT 1)"


def test_migrate_says_that_the_schema_is_the_newest(bot: Bot) -> None:
    assert bot("migrate") == (0, "The database has the newest schema.\n", "")


def test_settings_prints_every_setting_with_its_meaning(bot: Bot) -> None:
    code, out, _ = bot("settings")
    names = re.findall(r"^([A-Z_]+)(?: \[.*\])?$", out, re.MULTILINE)
    assert (code, names) == (0, [name.upper() for name in Settings.model_fields])
    assert all(field.description and field.description in out for field in Settings.model_fields.values())
    assert "PORT [8000]\n    Port of `bot web`.\n" in out


def test_settings_never_prints_a_value_that_is_set(bot: Bot) -> None:
    _, out, _ = bot("settings", secret_keys="x" * 40)
    assert "x" * 40 not in out


def test_settings_are_printed_even_while_one_is_bad(bot: Bot) -> None:
    assert bot("settings", port="nonsense")[0] == 0


def test_a_trail_that_holds_is_counted(bot: Bot, clinic: UUID) -> None:
    code, out, _ = bot("audit", "verify")
    assert (code, out) == (0, "2 rows, none altered.\n")


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        (f"UPDATE audit SET actor = 'nobody' WHERE {LAST}", r"Row \d/\d+ was altered\.\n"),
        (f"UPDATE audit SET at = at + interval '1 second' WHERE {LAST}", r"Row \d/\d+ was altered\.\n"),
    ],
)
def test_an_altered_trail_ends_with_code_1_and_its_first_bad_row(
    bot: Bot, rt: Runtime, clinic: UUID, sql: str, fault: str
) -> None:
    tamper(rt, sql)
    code, out, err = bot("audit", "verify")
    assert (code, out) == (1, "")
    assert re.fullmatch(fault, err)


def test_a_cut_tail_is_found_with_the_lines_that_were_kept_elsewhere(
    bot: Bot, rt: Runtime, clinic: UUID, tmp_path: Path
) -> None:
    _, lines, _ = bot("audit", "anchor")
    assert all({"lane", "seq", "hash"} == set(json.loads(line)) for line in lines.splitlines())
    kept = tmp_path / "kept"
    kept.write_text(lines)
    assert bot("audit", "verify", "--anchor", str(kept))[0] == 0

    tamper(rt, f"DELETE FROM audit WHERE {LAST}")
    assert bot("audit", "verify")[0] == 0
    code, _, err = bot("audit", "verify", "--anchor", str(kept))
    assert (code, "is missing: the anchor saw it" in err) == (1, True)


def test_an_anchor_file_that_is_not_there_is_a_usage_error(bot: Bot) -> None:
    assert bot("audit", "verify", "--anchor", "nowhere")[0] == 2


def test_keys_are_wrapped_anew_once(bot: Bot, rt: Runtime, clinic: UUID) -> None:
    both = f"{NEW},{rt.settings.master_keys}"
    code, out, _ = bot("keys", "rotate", master_keys=both)
    assert (code, out.split(".")[0]) == (0, "2 data keys wrapped anew")
    assert bot("keys", "rotate", master_keys=both)[1].startswith("0 data keys")
    assert bot("audit", "verify", master_keys=NEW)[0] == 0


def test_without_the_key_that_was_in_use_nothing_is_rotated(bot: Bot, rt: Runtime, clinic: UUID) -> None:
    code, out, err = bot("keys", "rotate", master_keys=NEW)
    assert (code, out, err) == (2, "", "bot: No key of MASTER_KEYS fits the stored data key.\n")
    assert clinics.exists(rt)


@pytest.mark.parametrize("arguments", [("migrate",), ("audit", "verify"), ("keys", "rotate")])
def test_a_bad_setting_is_one_clear_line_and_code_2(bot: Bot, arguments: tuple[str, ...]) -> None:
    code, out, err = bot(*arguments, master_keys="nonsense")
    assert (code, out) == (2, "")
    assert re.fullmatch(r"bot: MASTER_KEYS: each key must be .*\n", err)


def test_a_database_that_is_away_is_one_clear_line(bot: Bot) -> None:
    code, _, err = bot("audit", "verify", database_url="postgresql://nobody:hunter2@127.0.0.1:1/nothing")
    assert (code, err) == (2, "bot: The database does not answer; nothing was kept.\n")
