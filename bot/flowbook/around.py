"""The edition around a path: a flow is judged by the wording and the policy of the flows directory it stands in.

A file that stands in none is looked at as if it stood in the shipped one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bot.errors import BadFlow
from bot.flowbook import loader
from bot.flowbook.draft import HOUSE, ONCALL, ROLES
from bot.flowbook.faults import Fault, errors, in_order
from bot.flowbook.lint import lint
from bot.flowbook.own_words import FILE as WORDS
from bot.flowbook.source import parse, read_text

_NAMED_BY = {
    "flow": "dialogs/",
    "questionnaire": "questionnaires/",
    "form": "forms/",
    "language": "wording/",
    "policy": "policies/",
    "add": WORDS,
    "lower": WORDS,
    "rosters": ONCALL,
    "ladders": ONCALL,
    "roles": ROLES,
}
"""The folder of a file, or its whole name, by a key that it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """`files` are all of it; `asked` has those that were asked about, and how to show their path."""

    files: Mapping[str, str]
    asked: Mapping[str, str]

    def faults(self) -> list[Fault]:
        """The faults of the files that were asked about, by the paths that were given."""
        found = [fault for fault in lint(self.files) if fault.file in self.asked]
        return in_order([replace(fault, file=self.asked[fault.file]) for fault in found])


def editions(paths: Iterable[Path], home: Path) -> Iterator[Edition]:
    """The editions around these paths, each once; `home` is the flows directory for files outside of any."""
    by_root: dict[Path, list[Path]] = {}
    loose: list[Path] = []
    for path in paths:
        root = root_of(path)
        if root:
            by_root.setdefault(root, []).append(path)
        else:
            loose += sorted(path.rglob("*.y*ml")) if path.is_dir() else [path]
    for root, inside in by_root.items():
        yield _inside(root, inside)
    for path in loose:
        yield _as_if_in(home, path)


def root_of(path: Path) -> Path | None:
    """The flows directory that holds this path: the nearest one with a clinic.yaml."""
    above = (path.absolute(), *path.absolute().parents)
    return next((folder for folder in above if (folder / HOUSE).is_file()), None)


def faults_of(paths: Iterable[Path], home: Path) -> tuple[list[Fault], int]:
    """Every fault of these files, and how many files they are."""
    around = list(editions(paths, home))
    return [fault for each in around for fault in each.faults()], sum(len(each.asked) for each in around)


def flow_of(path: Path, home: Path) -> tuple[Edition, str | None]:
    """The edition around a flow's file and the flow's name; None for a whole directory.

    Raises BadFlow where the edition has an error.
    """
    edition = next(editions([path], home), None)
    if edition is None:
        raise BadFlow(f"There is no flow in {path}.")
    wrong = errors(edition.faults()) or errors(lint(edition.files))
    if wrong:
        raise BadFlow(loader.listed(wrong))
    book = loader.read(edition.files)
    said = {_name(edition.files[file], key) for file in edition.asked for key in ("flow", "questionnaire")}
    names = [name for name in book.flows if name in said]
    return edition, names[0] if len(names) == 1 else None


def _inside(root: Path, paths: list[Path]) -> Edition:
    files = loader.collect(root)
    asked: dict[str, str] = {}
    for path in paths:
        relative = path.absolute().relative_to(root).as_posix()
        if path.is_file():
            files.setdefault(relative, read_text(path))
            asked[relative] = str(path)
            continue
        start = "" if relative == "." else f"{relative}/"
        asked |= {
            file: str(path / file.removeprefix(start)) for file in [*files, HOUSE] if file.startswith(start)
        }
    return Edition(files=files, asked=asked)


def _as_if_in(home: Path, path: Path) -> Edition:
    text = read_text(path)
    value = parse(str(path), text).value
    keys = value if isinstance(value, dict) else {}
    key = next((key for key in _NAMED_BY if key in keys), "flow")
    folder = _NAMED_BY[key]
    files = loader.collect(home)
    here = f"{folder}{path.stem}.yaml" if folder.endswith("/") else folder
    for file, other in list(files.items()):
        same = keys.get(key) and _name(other, key) == keys.get(key)
        if same and key != "language":  # a language has several files
            del files[file]
    return Edition(files={**files, here: text}, asked={here: str(path)})


def _name(text: str, key: str = "flow") -> object:
    value = parse("", text).value
    return value.get(key) if isinstance(value, dict) else None
