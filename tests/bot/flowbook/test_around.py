"""Tests of bot/flowbook/around.py."""

import shutil
from pathlib import Path

import pytest

from bot.errors import BadFlow
from bot.flowbook import around


@pytest.fixture
def home(tmp_path: Path, flows: Path) -> Path:
    return Path(shutil.copytree(flows, tmp_path / "flows"))


def bend(file: Path, old: str, new: str) -> Path:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file


def told(paths: list[Path], home: Path) -> list[tuple[str, str]]:
    return [(fault.file, fault.rule) for fault in around.faults_of(paths, home)[0]]


def test_a_whole_directory(home: Path) -> None:
    assert around.faults_of([home], home) == ([], 5)
    file = bend(home / "dialogs/appointment.yaml", "tries: 1", "tries: 2\n    tires: 1")
    assert told([home], home) == [(str(file), "shape/unknown-key")]


def test_a_file_is_judged_by_what_stands_around_it(home: Path, tmp_path: Path) -> None:
    file = home / "dialogs/appointment.yaml"
    elsewhere = tmp_path / "nowhere"
    assert around.faults_of([file], elsewhere) == ([], 1)
    bend(home / "wording/en.yaml", "  offer_lapsed:", "  offer_lopsed:")
    assert told([file], elsewhere) == [(str(file), "words/missing")]
    assert told([home / "wording/es.yaml"], elsewhere) == []


def test_a_folder_of_the_directory(home: Path) -> None:
    bend(home / "wording/en.yaml", "reviewed_by", "reviewd_by")
    assert told([home / "wording"], home) == [(str(home / "wording/en.yaml"), "shape/unknown-key")]
    assert told([home / "dialogs"], home) == []


def test_a_loose_file_stands_in_for_the_shipped_one(home: Path, tmp_path: Path) -> None:
    loose = Path(shutil.copy(home / "dialogs/appointment.yaml", tmp_path / "draft.yaml"))
    assert told([loose], home) == []
    bend(loose, "then: end", "then: edn")
    assert told([loose], home) == [(str(loose), "ways/no-such-step")]
    wording = Path(shutil.copy(home / "wording/es.yaml", tmp_path / "es-new.yaml"))
    bend(wording, "  reminder:", "  remainder:")
    assert (str(wording), "words/unused") in told([wording], home)


def test_a_loose_folder(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "loose"
    folder.mkdir()
    shutil.copy(home / "dialogs/appointment.yaml", folder / "a.yaml")
    (folder / "b.yaml").write_text("flow: other\n", encoding="utf-8")
    faults, files = around.faults_of([folder], home)
    assert files == 2
    assert {fault.file for fault in faults} == {str(folder / "b.yaml")}


def test_the_flow_of_a_file(home: Path) -> None:
    edition, name = around.flow_of(home / "dialogs/appointment.yaml", home)
    assert name == "appointment"
    assert "wording/en.yaml" in edition.files


def test_a_flow_with_an_error_is_not_talked_to(home: Path) -> None:
    file = bend(home / "dialogs/appointment.yaml", "then: end", "then: edn")
    with pytest.raises(BadFlow, match="Did you mean 'end'"):
        around.flow_of(file, home)


def test_own_words_that_lie_elsewhere_are_looked_at_in_their_place(tmp_path: Path, flows: Path) -> None:
    file = tmp_path / "ours.yaml"
    file.write_text("add:\n  - {concept: low sugar, level: urgent, category: glucose, en: sensor says low}\n")
    (fault,) = around.faults_of([file], flows)[0]
    assert (fault.file, fault.line, fault.rule) == (str(file), 2, "own/name")


def test_a_loose_form_is_judged_as_if_it_stood_with_the_forms(home: Path, tmp_path: Path) -> None:
    loose = tmp_path / "intake_form.yaml"
    loose.write_text(
        "form: intake\ntitle: t\nitems:\n  - {item: a, ask: q, expect: text}\n", encoding="utf-8"
    )
    rules = [rule for _, rule in told([loose], home)]
    assert rules == ["ways/never-sent", "words/missing", "words/missing"]
