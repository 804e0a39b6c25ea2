"""The house is tidy: every file says what it is for and stays small, and tests stand where one looks for them."""

import ast
from pathlib import Path

import pytest

from bot.settings import HOME
from tests.house.source import ROOMS, files, tree

LONGEST = 400  # lines
FILES = files(*ROOMS)
MODULES = [path for path in FILES if path.name != "__init__.py" and "versions" not in path.parts]
TESTS = [
    path.relative_to(HOME) for room in ROOMS for path in sorted((HOME / "tests" / room).rglob("test_*.py"))
]
ABOUT_SEVERAL = {
    "spine",
    "transcripts",
    "dump",
    "properties",
    "plans",
    "queries",
    "migrations",
    "carrier_contract",
    "matrix",
    "security",
}
"""Tests that are about a whole room: they are named for what they show."""


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    docstring = ast.get_docstring(tree(path))
    assert docstring
    assert len(docstring.split("\n", 1)[0]) <= 120


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_file_is_short_enough_to_be_read(path: Path) -> None:
    assert len((HOME / path).read_text().splitlines()) <= LONGEST


def test_the_vocabulary_of_nlp_can_be_imported_without_the_rest() -> None:
    assert (HOME / "nlp" / "__init__.py").read_text() == ""


@pytest.mark.parametrize("path", TESTS, ids=str)
def test_a_test_mirrors_a_module(path: Path) -> None:
    about = path.name.removeprefix("test_").removesuffix(".py")
    folder = HOME / path.relative_to("tests").parent
    there = [module.stem for module in folder.glob("*.py")] + [
        room.name for room in folder.iterdir() if room.is_dir()
    ]
    mirrored = [name for name in there if about == name or about.startswith(f"{name}_")]
    assert mirrored or about in ABOUT_SEVERAL, f"{folder.relative_to(HOME)} has no {about}"


def test_no_two_modules_of_one_room_differ_in_case_only() -> None:
    names = [str(path).lower() for path in FILES]
    assert len(set(names)) == len(names)
