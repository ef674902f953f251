from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.documents import check_edtf, find_date, read_dates_csv
from kg.errors import KgError


@pytest.mark.parametrize(
    "text",
    ["2025-03-30", "2025-03", "1996", "2025-03~", "2025?", "199X", "2004-XX", "2025-21",
     "2025-03-21/2025-03-31",     "2025-03/..", "../2004", "2024-02-29", "-0044-03-15", "Y170000002",
     "2025-03/2025-03-30"],
)  # fmt: skip
def test_levels_0_and_1_are_taken(text: str) -> None:
    assert check_edtf(text) == text


@pytest.mark.parametrize(
    "text",
    ["", " 2025", "2025-3-1", "2025-13", "2025-02-30", "2023-02-29", "2025-03-30/2025-03-21",
     "20250330", "30/03/2025",     "XXXX-03-03", "[2024,2025]", "2025-33", "Y17E8", "2025 -03", "２０２５",
     "today",
     "2025-02-28/2025-02-30", "2" * 500],
)  # fmt: skip
def test_others_are_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match="is not an EDTF date of level 0 or 1"):
        check_edtf(text)


@given(st.dates(), st.dates())
def test_days_and_intervals(one: date, other: date) -> None:
    first, last = sorted((one, other))
    assert check_edtf(first.isoformat()) == first.isoformat()
    assert check_edtf(f"{first}/{last}") == f"{first}/{last}"
    if first != last:
        with pytest.raises(ValueError):
            check_edtf(f"{last}/{first}")


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_a_value_error(text: str) -> None:
    try:
        found = check_edtf(text)
    except ValueError:
        return
    assert check_edtf(found) == found


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2025-03-30T23:59:00-10:00", "2025-03-30"),
        ("2025-03-30 17:24", "2025-03-30"),
        ("20250330172400+09'00'", "2025-03-30"),
        ("Sun, 30 Mar 2025 17:24:00 +0900", "2025-03-30"),
        ("Sept. 3, 2024", "2024-09-03"),
        ("3rd of June 2024", "2024-06-03"),
        ("30.03.2025", "2025-03-30"),
        ("13/06/2024", "2024-06-13"),
        ("06/13/2024", "2024-06-13"),
        ("2025-03", "2025-03"),
        ("03/04/2025", None),
        ("1970-01-01T00:00:00Z", None),
        ("31 June 2024", None),
        ("2 May 2024 to 3 May 2024", None),
        ("soon", None),
        ("", None),
    ],
)
def test_fields_of_metadata(value: str, day: str | None) -> None:
    assert find_date(value) == day


def table(folder: Path, content: str | bytes) -> Path:
    path = folder / "dates.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_table(tmp_path: Path) -> None:
    path = table(
        tmp_path, '\ufefffile,date\r\na.txt,2025-02-11\r\n"b, c.txt", 2025-03~\r\n\r\na.txt,2025-02-11\r\n'
    )
    assert read_dates_csv(path) == {"a.txt": "2025-02-11", "b, c.txt": "2025-03~"}


def test_table_in_another_encoding(tmp_path: Path) -> None:
    path = table(tmp_path, "file,date\nde la Peña.txt,2025\n".encode("cp1252"))
    assert read_dates_csv(path) == {"de la Peña.txt": "2025"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("name,date\na,2025\n", "row 1: header 'name,date'; want 'file,date'"),
        ("", "row 1: header ''"),
        ("file,date\na.txt,30/03/2025\n", "row 2: date of 'a.txt': '30/03/2025' is not an EDTF date"),
        ("file,date\na.txt,\n", "row 2: date of 'a.txt'"),
        ("file,date\na.txt,2025,x\n", "row 2: 'a.txt,2025,x'; want a file name and a date"),
        ("file,date\n,2025\n", "row 2"),
        ("file,date\na.txt,2025\na.txt,2024\n", "row 3: 'a.txt' has the date 2024 here and 2025 above"),
        ('file,date\n"a.txt,2025\n', "row 2: not CSV"),
        (b"file,date\na\0.txt,2025\n", "binary data"),
    ],
)
def test_faults_of_tables(tmp_path: Path, content: str | bytes, message: str) -> None:
    path = table(tmp_path, content)
    with pytest.raises(KgError) as caught:
        read_dates_csv(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_missing_table(tmp_path: Path) -> None:
    with pytest.raises(KgError, match=r"none\.csv: cannot be read"):
        read_dates_csv(tmp_path / "none.csv")
