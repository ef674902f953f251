"""JSON Lines: one document in each line, ``{"id": …, "text": …, "date": …, "source": …, "title": …}``.

Read line by line, so that a file may be larger than memory. https://jsonlines.org
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from kg.documents.dates import ALLOWED, find_date
from kg.documents.encoding import check_text
from kg.errors import DocumentError, DocumentTooLarge

# A code point beyond the first plane is twelve bytes if escaped; the other fields come on top.
_BYTES_PER_CHAR = 12
_OTHER_FIELDS = 65_536
_LONGEST_ID = 500


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a JSON Lines file; `line` is 1-based."""

    line: int
    identifier: str
    text: str
    issued: str | None
    source: str | None
    title: str | None


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A line that is no record, and why; `line` is 1-based."""

    line: int
    error: DocumentError


def read_records(path: Path, where: str, max_chars: int) -> Iterator[Record | BadRecord]:
    """The records of a file in order; a bad line does not end the others. ``.gz`` is decompressed.

    Raises `OSError` if the file cannot be read, `DocumentError` if it is not a gzip file to its end.
    """
    longest = max_chars * _BYTES_PER_CHAR + _OTHER_FIELDS
    with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as file:
        lines = _lines(file, longest)  # type: ignore[arg-type]
        number = 0
        while True:
            try:
                number, data = next(lines)
            except StopIteration:
                return
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise DocumentError(f"{where}: damaged gzip file after line {number}: {error}") from None
            at = f"{where}, line {number}"
            try:
                if data is None:
                    raise DocumentTooLarge(
                        f"{at}: more than {longest:,} bytes; the limit is max_document_chars = {max_chars:,} "
                        "(KG_MAX_DOCUMENT_CHARS)"
                    )
                if data.strip():
                    yield _record(data, number, at)
            except DocumentError as error:
                yield BadRecord(number, error)


def _lines(file: BinaryIO, longest: int) -> Iterator[tuple[int, bytes | None]]:
    """(number, line) of a file; None for a line longer than `longest` bytes, which is skipped in pieces."""
    number = 0
    while line := file.readline(longest + 1):
        number += 1
        if len(line) <= longest or line.endswith(b"\n"):
            yield number, line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(longest + 1)
        yield number, None


def _record(data: bytes, number: int, where: str) -> Record:
    try:
        content = json.loads(data.decode("utf-8-sig" if number == 1 else "utf-8"))
    except UnicodeDecodeError as error:
        raise DocumentError(f"{where}: not UTF-8 at byte {error.start}") from None
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"{where}: not JSON: {error}") from None
    if not isinstance(content, dict):
        raise DocumentError(f"{where}: want an object with id and text, found {_kind(content)}")
    identifier = content.get("id")
    if isinstance(identifier, int) and not isinstance(identifier, bool):
        identifier = str(identifier)
    if not isinstance(identifier, str) or not identifier.strip() or len(identifier) > _LONGEST_ID:
        raise DocumentError(
            f"{where}: id: want text of 1 to {_LONGEST_ID} code points or an integer, "
            f"found {str(identifier)[:40]!r}"
        )
    text = content.get("text")
    if not isinstance(text, str):
        raise DocumentError(f"{where}: text: want a text, found {_kind(text)}")
    return Record(
        number,
        check_text(identifier.strip(), f"{where}: id"),
        check_text(text, f"{where}: text"),
        _date(content.get("date"), where),
        _optional(content, "source", where),
        _optional(content, "title", where),
    )


def _optional(content: dict[str, object], key: str, where: str) -> str | None:
    value = content.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise DocumentError(f"{where}: {key}: want a text or null, found {_kind(value)}")
    return " ".join(check_text(value, f"{where}: {key}").split()) or None


def _kind(value: object) -> str:
    """What JSON calls a value; a missing field is null."""
    kinds = {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "an array"}
    return "nothing" if value is None else kinds.get(type(value), "an object")


def _date(value: object, where: str) -> str | None:
    if value is None or value == "":
        return None
    issued = find_date(value) if isinstance(value, str) else None
    if issued is None:
        raise DocumentError(f"{where}: date: {str(value)[:60]!r} is not {ALLOWED}")
    return issued
