"""Tests of bot/cli/flow.py, through the command itself."""

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.flow import flow
from bot.settings import HOME
from tests.conftest import EDITION


@pytest.fixture
def flows() -> Path:
    return EDITION


def run(*words: str | Path, typed: str | None = None) -> Result:
    return CliRunner().invoke(flow, [str(word) for word in words], input=typed)


@pytest.fixture
def home(tmp_path: Path, flows: Path) -> Path:
    return Path(shutil.copytree(flows, tmp_path / "flows"))


def bend(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_lint_of_good_files_says_so(flows: Path) -> None:
    result = run("lint", flows)
    assert (result.exit_code, result.output) == (0, "0 errors, 0 warnings in 5 files.\n")


def test_lint_names_file_line_rule_and_how_to_mend(home: Path) -> None:
    file = home / "dialogs/appointment.yaml"
    bend(file, "then: end", "then: edn")
    result = run("lint", file)
    assert result.exit_code == 1
    assert f"{file}:46:11: error ways/no-such-step\n    46 |     then: edn\n" in result.output
    assert "Did you mean 'end'?" in result.output
    assert result.output.endswith("1 error, 0 warnings in 1 file.\n")
    (fault,) = json.loads(run("lint", file, "--format", "json").stdout)
    assert fault["line"] == 46
    assert set(fault) >= {"file", "line", "column", "rule", "message", "mend", "severity"}


def test_lint_hands_out_sarif(home: Path) -> None:
    file = home / "dialogs/appointment.yaml"
    bend(file, "then: end", "then: edn")
    result = run("lint", file, "--format", "sarif")
    assert result.exit_code == 1
    (found,) = json.loads(result.stdout)["runs"][0]["results"]
    assert found["ruleId"] == "ways/no-such-step"


def test_lint_of_a_file_that_is_no_text_is_a_fault(home: Path) -> None:
    file = home / "wording/es.yaml"
    file.write_bytes(file.read_text(encoding="utf-8").replace("Gracias", "Graciás").encode("latin-1"))
    result = run("lint", home)
    assert result.exit_code == 1
    assert "error shape/encoding" in result.output


def test_rules_are_the_page_of_the_docs() -> None:
    assert run("rules").stdout == (HOME / "docs/rules.md").read_text(encoding="utf-8")


def test_a_warning_is_no_failure(home: Path) -> None:
    bend(home / "wording/en.yaml", "sentences:\n", "sentences:\n  spare: Hello\n")
    result = run("lint", home)
    assert result.exit_code == 0
    assert "warning words/unused" in result.output


def test_lint_of_nothing_is_refused(tmp_path: Path) -> None:
    assert run("lint", tmp_path / "none.yaml").exit_code == 2
    assert run("lint").exit_code == 2


def test_transcripts_pass(flows: Path) -> None:
    result = run("test", "appointment", "--flows-dir", flows)
    assert result.exit_code == 0
    assert result.output.startswith("appointment .\n")
    assert "1 passed in " in result.output


def test_a_failure_is_shown_and_can_be_written_down(home: Path) -> None:
    file = home / "transcripts/appointment/confirm.yaml"
    whole = file.read_text(encoding="utf-8")
    bend(file, "status: confirmed", "status: cancelled")
    result = run("test", "--flows-dir", home)
    assert result.exit_code == 1
    assert "confirm.yaml:19: She confirms in her own words" in result.output
    assert "1 failed" in result.output
    updated = run("test", "appointment", "--update", "--flows-dir", home)
    assert (updated.exit_code, file.read_text(encoding="utf-8")) == (0, whole)


def test_a_file_that_is_no_transcript_is_told(home: Path) -> None:
    file = home / "transcripts/consent/stop.yaml"
    bend(file, "clock:", "klock:")
    result = run("test", "consent", "--flows-dir", home)
    assert result.exit_code == 2
    assert "There is no key 'klock' here. Did you mean 'clock'?" in result.output
    assert "1 not readable" in result.output


def test_an_unknown_flow_is_told(flows: Path) -> None:
    result = run("test", "surgery", "--flows-dir", flows)
    assert result.exit_code == 2
    assert "There are: appointment, consent, everyone." in result.output


def test_what_no_transcript_walks_is_shown(flows: Path) -> None:
    result = run("test", "appointment", "--cover", "--flows-dir", flows)
    assert result.exit_code == 0
    lines = result.output.splitlines()
    (head,) = (line for line in lines if line.startswith("appointment  "))
    percent, places = re.fullmatch(r"appointment +(\d+)%  of (\d+) places", head).groups()  # type: ignore[union-attr]
    missing = [line.removeprefix("    not walked: ") for line in lines if line.startswith("    not walked: ")]
    assert int(percent) == round(100 * (1 - len(missing) / int(places)))
    assert "cancel" in missing  # the only transcript of it confirms
    assert "confirm" not in missing
    assert "appointment<1 day before the visit" in missing


@pytest.mark.parametrize(("least", "code"), [("1", 0), ("100", 1)])
def test_too_little_walked_is_a_failure_if_that_is_asked(flows: Path, least: str, code: int) -> None:
    result = run("test", "appointment", "--cover", "--at-least", least, "--flows-dir", flows)
    assert result.exit_code == code
    assert "1 passed" in result.output


def test_what_is_walked_is_not_shown_unless_asked(flows: Path) -> None:
    assert "not walked" not in run("test", "appointment", "--flows-dir", flows).output


def test_a_chat_can_be_saved_and_tested(flows: Path, tmp_path: Path) -> None:
    saved = tmp_path / "chat.yaml"
    file = flows / "dialogs/appointment.yaml"
    typed = "/wait\nC\n/state\n/help\n/nonsense\n[bold]hi[/bold]\n/quit\nnever read\n"
    result = run("chat", file, "--save", saved, "--explain", "--clock", "2026-11-30 09:00", typed=typed)
    assert result.exit_code == 0, result.output
    assert "2026-12-01 10:30 Riverside Clinic: Hi Ana, you have a visit on Fri, Dec 4" in result.output
    assert "SetVisitStatus: {visit: 1, status: confirmed}" in result.output
    assert "understood: intent confirm, language en; sure to " in result.output
    assert "because of 'C' (" in result.output
    assert "went: appointment:remind>answer: confirm, appointment:confirm" in result.output
    assert "There is no command /nonsense" in result.output
    assert "[bold]hi[/bold]" in result.output
    assert "never read" not in result.output
    assert run("test", saved, "--flows-dir", flows).exit_code == 0


def test_a_chat_in_spanish_now(flows: Path) -> None:
    result = run("chat", flows, "--language", "es", typed="cancelar mi cita por favor\n")
    assert result.exit_code == 0
    assert "queda cancelada" in result.output


def test_a_broken_flow_is_not_talked_to(home: Path) -> None:
    file = home / "dialogs/appointment.yaml"
    bend(file, "then: end", "then: edn")
    result = run("chat", file)
    assert result.exit_code == 1
    assert "Did you mean 'end'?" in result.output


def test_coverage_is_shown_of_the_flows_that_are_named(home: Path) -> None:
    other = (home / "dialogs/appointment.yaml").read_text().replace("flow: appointment", "flow: second")
    (home / "dialogs/second.yaml").write_text(other)
    shown = run("test", "appointment", "--cover", "--flows-dir", home).stdout
    assert "appointment  " in shown
    assert "second  " not in shown
    assert "second  " in run("test", "consent", "--cover", "--flows-dir", home).stdout
