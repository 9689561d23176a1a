"""Tables as text: encodings, and rows that cannot be read without taking others with them."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.open_referral import text_files
from directory.open_referral.tabular_writing import csv_text
from directory.open_referral.text_files import BadRow, Row, read_table


def _read(content: bytes) -> tuple[tuple[str, ...], list[Row | BadRow], list[str]]:
    notices: list[str] = []
    with read_table(lambda: io.BytesIO(content), "t.csv", notices.append) as table:
        return table.header, list(table.rows), notices


def _rows(content: bytes) -> list[tuple[int, str]]:
    """The rows as (line, cells joined by a bar), bad ones as (line, "!reason")."""
    return [
        (row.line, f"!{row.reason}" if isinstance(row, BadRow) else "|".join(row.cells))
        for row in _read(content)[1]
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_files_are_read_with_or_without_their_mark(encoding: str) -> None:
    header, rows, notices = _read("id,name\n1,Café\n".encode(encoding))
    assert (header, rows, notices) == (("id", "name"), [Row(2, ["1", "Café"])], [])


@pytest.mark.parametrize(
    ("content", "name", "encoding"),
    [
        (b"id,name\n1,a\n2,Caf\xe9 \x96 bar\n", "Café – bar", "windows-1252"),
        (b"id,name\n1,a\n2,Caf\xe9\x81\n", "Café\x81", "iso-8859-1"),
    ],
)
def test_older_encodings_are_recognised_and_told(content: bytes, name: str, encoding: str) -> None:
    _, rows, notices = _read(content)
    assert rows[-1] == Row(3, ["2", name])
    assert notices == [f"t.csv: line 3 is not UTF-8; the file is read as {encoding}"]


def test_rows_of_the_wrong_width_are_told_with_their_line() -> None:
    content = b'id,name,note\n1,a\n2,"b\nb",\n\n3,c,d,e\n4,d,,,\n5,e,f\n'
    assert _rows(content) == [
        (2, "!2 cells, the header has 3"),
        (3, "2|b\nb|"),
        (6, "!4 cells, the header has 3"),
        (7, "4|d|"),
        (8, "5|e|f"),
    ]


def test_a_quote_never_closed_costs_one_row() -> None:
    content = b'id,name\n1,"a\n2,b\n3,"c\n4,d\n5,"e ""e"""\n6,"f'
    assert _rows(content) == [
        (2, "!a quote is opened and never closed"),
        (3, "2|b"),
        (4, "!a quote is opened and never closed"),
        (5, "4|d"),
        (6, '5|e "e"'),
        (7, "!a quote is opened and never closed"),
    ]


def test_bytes_no_table_has_cost_one_row() -> None:
    assert _rows(b'id,name\n1,a\0\n2,"b"c\n3,d\n') == [
        (2, "!a NUL byte"),
        (3, "!a quote in the middle of a cell"),
        (4, "3|d"),
    ]


def test_a_line_without_end_costs_one_row_and_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_files, "LONGEST", 100)
    content = b"id,name\n1," + b"a" * 1_000 + b"\n2,b\n" + b'3,"' + b"c,\n" * 60 + b"4,d\n"
    rows = _rows(content)
    assert rows[:3] == [
        (2, "!a line longer than 100 characters"),
        (3, "2|b"),
        (4, "!a quote is opened and never closed"),
    ]
    assert rows[-1] == (64, "4|d")


def test_long_cells_are_read() -> None:
    assert _rows(b"id,name\n1," + b"a" * 1_000_000 + b"\n") == [(2, "1|" + "a" * 1_000_000)]


def test_columns_without_a_name_or_with_that_of_another_are_kept_and_told() -> None:
    header, _, notices = _read(b"id,name,,name , name (4)\n")
    assert header == ("id", "name", "column 3", "name (4) (4)", "name (4)")
    assert len(set(header)) == 5
    assert notices == ["t.csv: two columns are named 'name'; column 4 is kept as 'name (4) (4)'"]


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_other_separators_are_recognised(mark: str) -> None:
    assert _read(f"id{mark}name\n1{mark}a, b\n".encode())[1] == [Row(2, ["1", "a, b"])]


def test_a_wide_table_is_read() -> None:
    header, rows, _ = _read(csv_text([[f"c{n}" for n in range(166)], [str(n) for n in range(166)]]))
    assert (len(header), rows) == (166, [Row(2, [str(n) for n in range(166)])])


def test_an_empty_file_has_no_columns_and_says_so() -> None:
    header, rows, _ = _read(b"\n\n")
    assert (header, rows) == ((), [BadRow(1, "no header: the file is empty")])


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS).filter(lambda it: "".join(it).strip()), max_size=6))
def test_every_table_written_is_read(rows: list[tuple[str, str, str]]) -> None:
    read = _read(csv_text([("a", "b", "c"), *rows]))[1]
    assert [tuple(row.cells) for row in read if isinstance(row, Row)] == rows


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reading(content: bytes) -> None:
    for row in _read(b"id,name\n" + content)[1]:
        assert row.line >= 2
