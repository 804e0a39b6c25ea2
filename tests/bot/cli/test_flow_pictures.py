"""Tests of bot/cli/flow_pictures.py, through the commands themselves."""

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.flow import flow
from bot.errors import BadFlow
from bot.settings import HOME

FLOWS = HOME / "flows"


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(flow, [str(word) for word in words])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return Path(shutil.copytree(HOME / "tests/edition", tmp_path / "flows"))


@pytest.fixture
def refill() -> Path:
    return FLOWS / "dialogs/refill.yaml"


# -- graph ---------------------------------------------------------------------------------------------


def test_a_flow_is_drawn_into_a_file(tmp_path: Path, refill: Path) -> None:
    out = tmp_path / "refill.svg"
    result = run("graph", refill, "--out", out)
    assert (result.exit_code, result.output) == (0, f"refill: {out}\n")
    assert '<title id="picture-title">Ask for a refill</title>' in out.read_text(encoding="utf-8")


def test_its_texts_are_in_the_language_that_was_asked_for(tmp_path: Path, refill: Path) -> None:
    for language in ("en", "es"):
        run("graph", refill, "--out", tmp_path / f"{language}.svg", "--lang", language)
    assert "‹link›" in (tmp_path / "es.svg").read_text(encoding="utf-8")
    assert (tmp_path / "en.svg").read_bytes() != (tmp_path / "es.svg").read_bytes()


def test_a_directory_is_drawn_into_a_directory_with_a_page(tmp_path: Path) -> None:
    result = run("graph", FLOWS / "questionnaires", "--out", tmp_path / "a/b", "--index", tmp_path / "all.md")
    assert result.exit_code == 0
    names = {path.stem for path in (FLOWS / "questionnaires").glob("*.yaml")}
    assert {path.name for path in (tmp_path / "a/b").iterdir()} == {f"{name}.svg" for name in names}
    page = (tmp_path / "all.md").read_text(encoding="utf-8")
    assert "(a/b/phq9.svg)" in page
    assert "## Questionnaires" in page


def test_what_cannot_be_drawn_is_refused_and_nothing_is_written(tmp_path: Path, refill: Path) -> None:
    for path, out, more, told in (
        (FLOWS, tmp_path / "x.svg", (), "--out must be one"),
        (refill, tmp_path, (), "--out must be a file, like refill.svg"),
        (refill, tmp_path / "none/x.svg", (), "in a directory that exists"),
        (tmp_path / "nothing", tmp_path / "x.svg", (), "does not exist"),
        (refill, tmp_path / "x.svg", ("--lang", "fr"), "There is no wording in 'fr'"),
        (FLOWS / "policies", tmp_path / "x", (), "There is no flow in"),
    ):
        result = run("graph", path, "--out", out, *more)
        assert result.exit_code != 0
        assert told in f"{result.output} {result.exception}"
    assert not [*tmp_path.iterdir()]


def test_a_file_that_is_no_flow_says_what_is_wrong(home: Path, tmp_path: Path) -> None:
    file = home / "dialogs/appointment.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("purpose:", "porpoise:"), encoding="utf-8")
    result = run("graph", file, "--out", tmp_path / "x.svg")
    assert isinstance(result.exception, BadFlow)
    assert "porpoise" in str(result.exception)


def test_the_documents_have_the_pictures_of_the_shipped_flows(tmp_path: Path) -> None:
    run("graph", FLOWS, "--out", tmp_path / "flows", "--index", tmp_path / "flows.md")
    ours = {path.name: path.read_text(encoding="utf-8") for path in (HOME / "docs/flows").glob("*.svg")}
    theirs = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "flows").glob("*.svg")}
    mend = "run: bot flow graph flows --out docs/flows --index docs/flows.md"
    assert ours.keys() == theirs.keys(), mend
    assert [name for name, text in theirs.items() if ours[name] != text] == [], mend
    page = (tmp_path / "flows.md").read_text(encoding="utf-8")
    assert (HOME / "docs/flows.md").read_text(encoding="utf-8") == page, mend


# -- explore -------------------------------------------------------------------------------------------


def test_the_shipped_flows_are_walked(refill: Path) -> None:
    result = run("explore")
    assert result.exit_code == 0
    heading, *rows = result.output.splitlines()
    assert heading.split() == ["flow", "states", "most", "texts", "unasked", "a", "day", "answers"]
    assert re.search(r"^gad7 +32 +26 +1 +1 to 24$", "\n".join(rows), re.MULTILINE)
    assert "waitlist: after a STOP at 'offer'" in result.output
    assert re.search(r"\d+ flows, \d+ states, no problems in \d", rows[-1])


def test_one_flow_is_walked_by_its_name_or_file(refill: Path) -> None:
    by_name, by_file = run("explore", "refill"), run("explore", refill)
    assert by_name.exit_code == by_file.exit_code == 0
    assert by_name.output.splitlines()[:2] == by_file.output.splitlines()[:2]
    assert "1 flow, 7 states, no problems" in by_name.output


def test_a_problem_is_named_and_the_exit_says_so(home: Path) -> None:
    file = home / "dialogs/appointment.yaml"
    text = file.read_text(encoding="utf-8")
    assert "then: end" in text
    file.write_text(text.replace("then: end", "then: nowhere", 1), encoding="utf-8")
    result = run("explore", file)
    assert result.exit_code == 1
    assert "dead-end: appointment, step 'confirm': it leads to 'nowhere'" in result.output


def test_a_flow_that_nobody_knows_is_refused() -> None:
    result = run("explore", "appointmint")
    assert result.exit_code == 2
    assert "There is no flow and no file 'appointmint'" in result.output
