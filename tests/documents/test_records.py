from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from kg.documents.records import BadRecord, Record, read_records
from kg.errors import DocumentError, DocumentTooLarge

GOOD = {
    "id": "r1",
    "text": "The ministers met.",
    "date": "2025-03-30",
    "source": "https://a.example/1",
    "title": " A  b ",
}


def write(folder: Path, *lines: object, name: str = "n.jsonl") -> Path:
    path = folder / name
    data = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def read(path: Path, max_chars: int = 1000) -> list[Record | BadRecord]:
    return list(read_records(path, path.name, max_chars))


@pytest.mark.parametrize("name", ["n.jsonl", "n.jsonl.gz"])
def test_records(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, GOOD, b"", {"id": 7, "text": "x", "date": None, "views": [1]}, name=name)
    assert read(path) == [
        Record(1, "r1", "The ministers met.", "2025-03-30", "https://a.example/1", "A b"),
        Record(3, "7", "x", None, None, None),
    ]


def test_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "n.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(GOOD).encode() + b"\r\n")
    assert len(read(path)) == 1
    assert isinstance(read(path)[0], Record)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", "n.jsonl, line 2: not JSON"),
        (b"[1]", "line 2: want an object with id and text, found an array"),
        (b"9" * 5000, "line 2: not JSON"),
        (b"[" * 10_000, "line 2: not JSON"),
        (b'{"id": "a", "text": "\xff"}', "line 2: not UTF-8 at byte 21"),
        ({"text": "x"}, "line 2: id: want text of 1 to 500 code points or an integer, found 'None'"),
        ({"id": " ", "text": "x"}, "line 2: id"),
        ({"id": True, "text": "x"}, "line 2: id"),
        ({"id": "a" * 501, "text": "x"}, "line 2: id"),
        ({"id": "a"}, "line 2: text: want a text, found nothing"),
        ({"id": "a", "text": "x", "date": "30/04/25"}, "line 2: date: '30/04/25' is not an EDTF date"),
        ({"id": "a", "text": "x", "date": 2025}, "line 2: date: '2025' is not"),
        ({"id": "a", "text": "x", "source": 5}, "line 2: source: want a text or null, found a number"),
        (b'{"id": "\\ud800", "text": "x"}', "line 2: id: lone surrogate"),
    ],
)
def test_a_bad_line_is_said_and_the_others_are_read(tmp_path: Path, line: object, message: str) -> None:
    found = read(write(tmp_path, GOOD, line, {"id": "r3", "text": "y"}))
    assert [row.line for row in found] == [1, 2, 3]
    assert isinstance(found[0], Record)
    assert isinstance(found[2], Record)
    assert isinstance(found[1], BadRecord)
    assert message in str(found[1].error)


def test_a_line_beyond_the_limit_is_skipped_in_pieces(tmp_path: Path) -> None:
    found = read(write(tmp_path, GOOD, {"id": "r2", "text": "x" * 500_000}, GOOD), max_chars=100)
    assert [row.line for row in found] == [1, 2, 3]
    assert isinstance(found[1], BadRecord)
    assert isinstance(found[1].error, DocumentTooLarge)
    assert "KG_MAX_DOCUMENT_CHARS" in str(found[1].error)


def test_damaged_gzip_file(tmp_path: Path) -> None:
    path = write(tmp_path, *[GOOD | {"id": i, "text": str(i) * 50} for i in range(900)], name="n.jsonl.gz")
    path.write_bytes(path.read_bytes()[:-20])
    records = read_records(path, path.name, 1000)
    first = next(records)
    assert isinstance(first, Record)
    with pytest.raises(DocumentError, match=r"n\.jsonl\.gz: damaged gzip file after line \d+"):
        list(records)
    path.write_bytes(b"not gzip")
    with pytest.raises(DocumentError, match="damaged gzip file after line 0"):
        read(path)
