"""Rows of CSV files: what is refused as a whole, what becomes a fault, and what is read all the same."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadImport
from bot.service.csv_rows import LONGEST_LINE, MOST_LINES, ROW, Fault, Row, Sheet, line_of, look_through

HEADER = b"a,b\r\n"


def sheet(tmp_path: Path, content: bytes) -> Sheet:
    file = tmp_path / "file.csv"
    file.write_bytes(content)
    return look_through(file, required=("a", "b"), optional=("c",))


def rows(tmp_path: Path, content: bytes) -> list[Row | Fault]:
    return list(sheet(tmp_path, content).rows())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "file.csv: the first row is empty."),
        (b"\r\n\r\n", "file.csv: the first row is empty."),
        (b"\xef\xbb\xbf", "file.csv: the first row is empty."),
        ("a,b\n1,2\n".encode("utf-16"), "file.csv: is UTF-16. Save it as UTF-8."),
        ("\ufeffa,b\n".encode("utf-16-be"), "file.csv: is UTF-16. Save it as UTF-8."),
        ("a,b\n".encode("utf-16-le"), "file.csv: holds NUL bytes; it may be UTF-16. Save it as UTF-8."),
        (b"PK\x03\x04rest", "file.csv: is a spreadsheet or an archive. Save it as CSV (UTF-8)."),
        (
            b"a,b\nJose,1\nJos\xe9,2\n",
            "file.csv: line 3 is not UTF-8; it may be Latin-1 or Windows-1252. Save the file as UTF-8.",
        ),
        (
            b"a,b\n1,2\n3,\xc3",
            "file.csv: line 3 is not UTF-8; it may be Latin-1 or Windows-1252. Save the file as UTF-8.",
        ),
        (b"a;b\n1;2\n", "file.csv: columns must be separated by commas."),
        (b"a\tb\n1\t2\n", "file.csv: columns must be separated by commas."),
        (b"a,x\n1,2\n", "file.csv: columns are missing: b. The first row must name the columns."),
        (b"Ana,Morales\n", "file.csv: columns are missing: a, b. The first row must name the columns."),
        (b"a,b,A\n", "file.csv: columns are there twice: a."),
        (b'"a,b\n1,2\n', "file.csv: the first row has a quotation mark out of place."),
    ],
)
def test_a_file_that_can_not_be_used_is_refused_with_a_reason(
    tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(BadImport) as refusal:
        sheet(tmp_path, content)
    assert str(refusal.value) == message


def test_what_is_no_plain_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere.csv"):
        with pytest.raises(BadImport, match="is no plain file"):
            look_through(path, required=("a",))


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1,2\n",
        b"a,b\n1,2",
        b"a,b\r\n1,2\r\n",
        b"a,b\r1,2\r",
        b"\xef\xbb\xbfa,b\n1,2\n",
        b'\xef\xbb\xbf"a","b"\n"1","2"\n',
        b" A , B \n 1 , 2 \n",
        b"b,a\n2,1\n",
        b"b,more,a\n2,3,1\n",
    ],
)
def test_marks_line_ends_and_order_make_no_difference(tmp_path: Path, content: bytes) -> None:
    assert rows(tmp_path, content) == [Row(2, {"a": "1", "b": "2"})]


def test_columns_that_are_not_known_are_named_and_ignored(tmp_path: Path) -> None:
    found = sheet(tmp_path, b"notes,a,b,\n1,2,3,4\n")
    assert found.ignored == ("notes", "column 4")
    assert list(found.rows()) == [Row(2, {"a": "2", "b": "3"})]


def test_a_row_is_named_by_the_line_in_which_it_starts(tmp_path: Path) -> None:
    content = b'a,notes,b\r\n1,"two\r\nlines",2\r\n\r\n,,\r\n3,,4\r\n5,6\r\n7,8,9,10\r\n'
    assert rows(tmp_path, content) == [
        Row(2, {"a": "1", "b": "2"}),
        Row(6, {"a": "3", "b": "4"}),
        Fault(7, ROW, "has 2 fields, the header has 3"),
        Fault(8, ROW, "has 4 fields, the header has 3"),
    ]


OUT_OF_PLACE = "has a quotation mark out of place"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'"1,2\n3,4\n', [Fault(2, ROW, OUT_OF_PLACE), Row(3, {"a": "3", "b": "4"})]),
        (b'"1"x,2\n3,4\n', [Fault(2, ROW, OUT_OF_PLACE), Row(3, {"a": "3", "b": "4"})]),
        (
            b'1,"2\n3,"4"\n5,6\n',
            [Fault(2, ROW, OUT_OF_PLACE), *[Row(3, {"a": "3", "b": "4"})], Row(4, {"a": "5", "b": "6"})],
        ),
        (
            b"1," + b"2" * LONGEST_LINE + b"\n3,4\n",
            [Fault(2, ROW, f"is longer than {LONGEST_LINE} characters"), Row(3, {"a": "3", "b": "4"})],
        ),
        (b"1," + b"2" * 10 * LONGEST_LINE, [Fault(2, ROW, f"is longer than {LONGEST_LINE} characters")]),
    ],
)
def test_after_a_row_that_can_not_be_read_the_next_line_is(
    tmp_path: Path, content: bytes, expected: list[Row | Fault]
) -> None:
    assert rows(tmp_path, HEADER + content) == expected


def test_a_lost_quotation_mark_costs_one_row(tmp_path: Path) -> None:
    found = rows(tmp_path, HEADER + b'1,"2\n' + b"3,4\n" * 200)
    assert found[0] == Fault(
        2, ROW, f"goes over more than {MOST_LINES} lines; a quotation mark may be missing"
    )
    assert [row.line for row in found[1:] if isinstance(row, Row)] == list(range(3, 203))


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+15555550111", "'+15555550111"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("'Aisha", "'Aisha"),
        ("O'Brien", "O'Brien"),
        ("1-2", "1-2"),
        ('a "b", c', '"a ""b"", c"'),
    ],
)
def test_no_cell_is_a_formula(cell: str, written: str) -> None:
    assert line_of([cell, "x"]) == f"{written},x\n"


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), max_size=5))
def test_what_is_written_reads_back(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]]
) -> None:
    usable = [
        (a.strip(), b.strip())
        for a, b in pairs
        if a.strip() and not {"\0", "\r", "\n"} & set(a + b) and (a + b).isprintable()
    ]
    content = line_of(["a", "b"]) + "".join(line_of(pair) for pair in usable)
    found = rows(tmp_path_factory.mktemp("csv"), content.encode())
    assert [tuple(row.cells.values()) for row in found if isinstance(row, Row)] == usable


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_or_read(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    with suppress(BadImport):
        assert all(row.line >= 2 for row in rows(tmp_path_factory.mktemp("csv"), HEADER + content))
