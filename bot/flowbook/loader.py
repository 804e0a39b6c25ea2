"""An edition's files → a `Book`.

`read` asks only that the files have the right shape: an edition that was published under older rules of
`lint` must still be readable, for the conversations that go on with it. Publishing asks `lint` as well.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from bot.core.book import Book
from bot.errors import BadFlow
from bot.flowbook.draft import MODELS, draft
from bot.flowbook.faults import Fault, errors, in_order
from bot.flowbook.lint import shape
from bot.flowbook.source import read_text


def load(directory: Path) -> Book:
    """The book of a flows directory; raises BadFlow."""
    return read(collect(directory))


def collect(directory: Path) -> dict[str, str]:
    """The files of an edition, relative path to text: what `MODELS` names, so no transcripts."""
    files: dict[str, str] = {}
    for start in MODELS:
        found = sorted((directory / start).glob("*.y*ml")) if start.endswith("/") else [directory / start]
        for path in found:
            if path.is_file():
                files[path.relative_to(directory).as_posix()] = read_text(path)
    return files


def edition(files: Mapping[str, str]) -> str:
    """The name of this set of files: the same files, the same name."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path}\0{files[path]}\0".encode())
    return digest.hexdigest()[:12]


def read(files: Mapping[str, str]) -> Book:
    """The book that these files make; raises BadFlow, which lists every fault of their shape."""
    made = draft(files)
    faults = errors(list(shape.check(made)))
    if faults:
        raise BadFlow(listed(faults))
    book = made.book(edition(files))
    assert book is not None  # shape has looked
    return book


def listed(faults: list[Fault]) -> str:
    """Faults as a message, a line each."""
    return "\n".join(str(fault) for fault in in_order(faults))
