"""Rows of a CSV file, one at a time, each with the line in which it starts. Memory stays bounded, whatever comes.

A file that can't be read as a whole raises BadImport before its first row; a row that can't be read is a Fault,
and reading goes on with the next line. Messages name places, never values: a value may be PHI.
"""

import codecs
import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from bot.errors import BadImport

LONGEST_LINE = 1 << 16  # characters
MOST_LINES = 50
"""A row may go over so many lines, for notes in columns that are ignored; more is a quotation mark gone astray."""
ROW = "row"
"""What a fault has for its column where the whole row is at fault."""

_CHUNK = 1 << 20
_NOT_CSV = {
    codecs.BOM_UTF16_LE: "is UTF-16. Save it as UTF-8.",
    codecs.BOM_UTF16_BE: "is UTF-16. Save it as UTF-8.",
    b"PK\x03\x04": "is a spreadsheet or an archive. Save it as CSV (UTF-8).",
}
_GUARDED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
_TO_GUARD = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row did not go in: the line in which the row starts, the column, the reason."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row's cells by column, without surrounding blanks."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that was looked through: UTF-8 to the end, with all columns that must be there."""

    path: Path
    lines: int
    width: int
    places: Mapping[str, int]
    ignored: tuple[str, ...]

    def rows(self) -> Iterator[Row | Fault]:
        """The rows below the header; rows without any content are left out."""
        with _open(self.path) as file:
            records = _records(file)
            next(records)
            for line, cells in records:
                if isinstance(cells, str):
                    yield Fault(line, ROW, cells)
                elif len(cells) == self.width:
                    yield Row(line, {name: _unguarded(cells[at].strip()) for name, at in self.places.items()})
                else:
                    yield Fault(line, ROW, f"has {len(cells)} fields, the header has {self.width}")


def look_through(path: Path, *, required: Sequence[str], optional: Sequence[str] = ()) -> Sheet:
    """Read the whole file once for its encoding, and its header. Raises BadImport, naming what is wrong."""
    try:
        lines = _lines_of_utf8(path)
        with _open(path) as file:
            _, header = next(_records(file), (0, "is empty"))
    except OSError as error:
        raise BadImport(f"{path.name}: {error.strerror or 'can not be read'}.") from None
    if isinstance(header, str):
        raise BadImport(f"{path.name}: the first row {header}.")
    names = [name.strip().lower() for name in header]
    _check_header(path, names, required, optional)
    wanted = (*required, *optional)
    return Sheet(
        path=path,
        lines=lines,
        width=len(names),
        places={name: names.index(name) for name in wanted if name in names},
        ignored=tuple(name or f"column {at}" for at, name in enumerate(names, 1) if name not in wanted),
    )


def line_of(cells: Iterable[str]) -> str:
    """Cells as a line of CSV. One that a spreadsheet would take for a formula gets an apostrophe in front."""
    line: str = _writer.writerow(f"'{cell}" if _TO_GUARD.match(cell) else cell for cell in cells)
    return line


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _GUARDED.match(cell) else cell


def _open(path: Path) -> TextIO:
    return path.open(encoding="utf-8-sig", newline="")


def _lines_of_utf8(path: Path) -> int:
    """How many lines the file has; raises BadImport where it is not UTF-8."""
    if not path.is_file():
        raise BadImport(f"{path.name}: is no plain file.")
    lines, decoder = 0, codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        head = file.read(4)
        for magic, meaning in _NOT_CSV.items():
            if head.startswith(magic):
                raise BadImport(f"{path.name}: {meaning}")
        file.seek(0)
        try:
            while chunk := file.read(_CHUNK):
                lines += decoder.decode(chunk).count("\n")
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            line = lines + error.object.count(b"\n", 0, error.start) + 1
            raise BadImport(
                f"{path.name}: line {line} is not UTF-8; it may be Latin-1 or Windows-1252. Save the file as UTF-8."
            ) from None
    return lines


def _check_header(path: Path, names: list[str], required: Sequence[str], optional: Sequence[str]) -> None:
    """Names missing and doubled columns; not the others: without a header, the first row is a patient's."""
    if any("\0" in name for name in names):
        raise BadImport(f"{path.name}: holds NUL bytes; it may be UTF-16. Save it as UTF-8.")
    missing = [name for name in required if name not in names]
    if missing and len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
        raise BadImport(f"{path.name}: columns must be separated by commas.")
    if missing:
        raise BadImport(
            f"{path.name}: columns are missing: {', '.join(missing)}. The first row must name the columns."
        )
    doubled = [name for name in (*required, *optional) if names.count(name) > 1]
    if doubled:
        raise BadImport(f"{path.name}: columns are there twice: {', '.join(doubled)}.")


def _records(file: TextIO) -> Iterator[tuple[int, list[str] | str]]:
    """Each row's first line with its cells, or with the reason why it can't be read."""
    lines = _Lines(file)
    reader = csv.reader(lines, strict=True)
    while True:
        start = lines.begin_row()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            lines.go_back()
            yield start, str(error) if isinstance(error, _TooLong) else "has a quotation mark out of place"
            continue
        if any(cells):
            yield start, cells


class _TooLong(csv.Error):
    """The row is too long."""


class _Lines:
    """Lines for csv.reader: counted, none endless, and handed out again where a row turned out unreadable."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._number = 0
        self._row: list[str] = []
        self._again: deque[str] = deque()

    def begin_row(self) -> int:
        """A new row begins with the next line; its number."""
        self._row.clear()
        return self._number + 1

    def go_back(self) -> None:
        """Only the row's first line was bad, for all we know: those after it may be rows of their own."""
        rest = self._row[1:]
        self._again.extendleft(reversed(rest))
        self._number -= len(rest)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self._row) == MOST_LINES:
            raise _TooLong(f"goes over more than {MOST_LINES} lines; a quotation mark may be missing")
        line = self._again.popleft() if self._again else self._read()
        if not line:
            raise StopIteration
        self._number += 1
        self._row.append(line)
        if len(line) > LONGEST_LINE:
            raise _TooLong(f"is longer than {LONGEST_LINE} characters")
        return line

    def _read(self) -> str:
        line = self._file.readline(LONGEST_LINE + 1)
        if len(line) > LONGEST_LINE:
            part = line
            while part and not part.endswith(("\n", "\r")):
                part = self._file.readline(LONGEST_LINE)
        return line


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


_writer = csv.writer(_Echo(), lineterminator="\n")
