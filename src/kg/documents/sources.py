"""What there is to read: files given by name, and the readable files of folders."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from kg.errors import DocumentError


class Format(StrEnum):
    """How a file is read; the value is its media type."""

    TEXT = "text/plain"
    MARKDOWN = "text/markdown"
    HTML = "text/html"
    PDF = "application/pdf"
    JSONL = "application/jsonl"
    UNREADABLE = "inode/directory"


SUFFIXES = {
    ".txt": Format.TEXT,
    ".text": Format.TEXT,
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".xhtml": Format.HTML,
    ".pdf": Format.PDF,
    ".jsonl": Format.JSONL,
    ".jsonl.gz": Format.JSONL,
}
_SNIFFED = 4096


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """One file to read: its absolute place (which orders sources), the path as it was given, its format.

    A folder that cannot be listed is a source as well, so that reading it says so and the others are still
    read.
    """

    place: tuple[str, ...]
    path: Path
    format: Format
    reason: str = ""

    @property
    def shown(self) -> str:
        """The path for messages, without code points that cannot be printed."""
        return printable(str(self.path))


def printable(name: str) -> str:
    """`name` with bytes that are not UTF-8 (as file names may have) written as ``\\xNN``."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def find_sources(paths: Sequence[Path]) -> list[Source]:
    """The files to read at `paths`, sorted by place, each once however often it is given.

    Folders are searched with all below them for files of known suffix; hidden files and folders are left
    out there, and links to folders are not followed. A file that is given by name may have another suffix
    if its beginning tells that it is text, HTML or PDF. Raises `DocumentError` for a path that does not
    exist and for a file of an unknown kind.
    """
    found: dict[tuple[str, ...], Source] = {}
    for path in paths:
        for source in _walk(path) if path.is_dir() else [_source(path, _format_of(path))]:
            known = found.setdefault(source.place, source)
            found[source.place] = min(known, source)
    return sorted(found.values())


def _walk(folder: Path) -> Iterator[Source]:
    refused: list[OSError] = []
    for here, folders, names in os.walk(folder, onerror=refused.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(here, name)
            known = _known_format(name)
            if known and not name.startswith(".") and not _is_special(path):
                yield _source(path, known)
    for error in refused:
        path = Path(os.fsdecode(error.filename))
        yield _source(path, Format.UNREADABLE, error.strerror or type(error).__name__)


def _source(path: Path, known: Format, reason: str = "") -> Source:
    return Source(Path(os.path.abspath(path)).parts, path, known, reason)


def _known_format(name: str) -> Format | None:
    lower = name.lower()
    return next((kind for suffix, kind in SUFFIXES.items() if lower.endswith(suffix)), None)


def _is_special(path: Path) -> bool:
    """Whether it is a pipe, socket or device, which could keep a reader waiting; a broken link is not."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def _format_of(path: Path) -> Format:
    shown = printable(str(path))
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise DocumentError(f"{shown}: neither a file nor a folder")
    except FileNotFoundError:
        raise DocumentError(f"{shown}: no such file or folder") from None
    except OSError as error:
        raise DocumentError(f"{shown}: cannot be read: {error.strerror}") from None
    known = _known_format(path.name)
    if known:
        return known
    try:
        with path.open("rb") as file:
            start = file.read(_SNIFFED)
    except OSError as error:
        raise DocumentError(f"{shown}: cannot be read: {error.strerror}") from None
    sniffed = sniff_format(start)
    if sniffed is None:
        allowed = " ".join(SUFFIXES)
        raise DocumentError(f"{shown}: neither text, HTML nor PDF; files that are read: {allowed}")
    return sniffed


def sniff_format(start: bytes) -> Format | None:
    """The format that the beginning of a file tells, or None for binary data of an unknown kind."""
    if b"%PDF-" in start[:1024]:
        return Format.PDF
    has_mark = start.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in start and not has_mark:
        return None
    lower = start.decode("utf-16" if has_mark else "latin-1", "replace").lstrip("\ufeffï»¿ \t\r\n").lower()
    is_html = lower.startswith(("<!doctype html", "<html", "<head", "<body", "<!--")) or (
        lower.startswith("<?xml") and "<html" in lower
    )
    return Format.HTML if is_html else Format.TEXT
