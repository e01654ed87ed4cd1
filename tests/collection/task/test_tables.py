"""Files as Excel, LibreOffice and editors save them, and cells that no spreadsheet runs."""

from __future__ import annotations

import csv
import io

import pytest

from ansible_collection.plugins.plugin_utils._tables import cell, lines, rows

PEOPLE = [
    {"number": "210", "first_name": "Nora", "last_name": "Weiß, née Müller", "mobile": "+4915112345670"},
    {"number": "0211", "first_name": 'Piet "P"', "last_name": "de\nVries; Jr.", "mobile": ""},
]


def saved(delimiter: str = ",", ending: str = "\r\n", before: str = "") -> str:
    """The people as a spreadsheet writes them: quotes where they are needed."""
    out = io.StringIO(newline="")
    table = csv.writer(out, delimiter=delimiter, lineterminator=ending)
    table.writerow(PEOPLE[0])
    table.writerows(person.values() for person in PEOPLE)
    return before + out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        saved().encode(),
        saved().encode("utf-8-sig"),  # Excel: CSV UTF-8
        saved(";").encode("cp1252"),  # Excel in German: CSV
        saved(";").encode("utf-8-sig"),
        saved("\t").encode("utf-16"),  # Excel: Unicode text
        b"\xfe\xff" + saved("\t").encode("utf-16-be"),
        saved(";", before="sep=;\r\n").encode(),
        saved("|", before='"sep=|"\r\n').encode("utf-8-sig"),
        saved("\t", before="SEP=\t\n").encode("utf-16"),
        saved(ending="\n").encode(),
        saved(";", before="\r\n").encode(),
        saved().encode() + b",,,\r\n\r\n,,,,,\r\n",  # empty rows behind the table
        saved(";").replace("mobile", "mobile;;").encode(),  # columns without a name
        saved().replace(",first", " , first").encode(),
    ],
)
def test_a_table_as_it_was_saved(content: bytes) -> None:
    assert rows(content) == PEOPLE


def test_one_column_and_short_rows() -> None:
    assert rows(b"number\n210\n\n211\n") == [{"number": "210"}, {"number": "211"}]
    assert rows(b"number;name\n210\n") == [{"number": "210", "name": ""}]
    assert rows(b'"a;b",c\n1,2\n') == [{"a;b": "1", "c": "2"}], "what is in quotes separates nothing"
    assert rows(b"") == rows(b"number,name\r\n") == []
    assert rows(b'number\n="0123"\n') == [{"number": "0123"}], "as spreadsheets keep zeros"
    assert rows(b"number\n\x81\n") == [{"number": "\x81"}], "no byte is refused"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"a,b\n1,2,3\n", "line 2 has 3 cells"),
        (b'a,b\n1,"2\n3,4\n', "cannot be read"),
        (b"a,b,a\n", "names the column a twice"),
        ("a;b\n1;2\n".encode("utf-16-le"), "no text that can be read"),
        (b"sep=;\nnumber;mobile\n210;4,91512E+12\n", "line 3 has 4,91512E+12 as mobile: a spreadsheet has rounded it"),
    ],
)
def test_a_table_that_cannot_be_meant(content: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why.replace("+", r"\+")):
        rows(content)


def test_lines_of_a_list() -> None:
    for encoding, ending in (("utf-8-sig", "\r\n"), ("utf-16", "\r\n"), ("cp1252", "\n"), ("utf-8", "\r")):
        text = ending.join(["203.0.113.9  # Müller", "", "  198.51.100.0/24", ""])
        assert lines(text.encode(encoding)) == ["203.0.113.9  # Müller", "198.51.100.0/24"], encoding


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("Nora", '"Nora"'),
        ('a "b", c; d', '"a ""b"", c; d"'),
        (None, '""'),
        (210, '"210"'),
        ("=1+1", '"\'=1+1"'),
        ("@SUM(A1)", '"\'@SUM(A1)"'),
        ("-1+cmd|' /C calc'!A0", "\"'-1+cmd|' /C calc'!A0\""),
        ("+1+cmd|x", '"\'+1+cmd|x"'),
        ("\t=1", '"\'=1"'),
        ("\r\n=1", '"\'=1"'),
        (" =1", '"\'=1"'),
        ("\uff1d1", '"\'\uff1d1"'),
        ("two\nlines\r\n=1", '"two lines =1"'),
        ("+4930123456", '"+4930123456"'),
        ("+49 (30) 123-456/7", '"+49 (30) 123-456/7"'),
    ],
)
def test_a_cell_is_no_formula(value: object, written: str) -> None:
    assert cell(value) == written
    [[read]] = csv.reader(io.StringIO(written))
    assert not read.startswith(("=", "@", "-", "\t", "\n", "\r"))
