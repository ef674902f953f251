"""Sources to documents: bytes, text, date, title and boilerplate of each, and what could not be read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from kg.documents.boilerplate import find_boilerplate
from kg.documents.datelines import find_dateline, find_title
from kg.documents.encoding import decode_text
from kg.documents.html import read_page
from kg.documents.identifiers import Origin, assign_identifiers, join_spans, merge_documents
from kg.documents.markdown import read_front_matter
from kg.documents.pdf import read_pdf
from kg.documents.records import BadRecord, read_records
from kg.documents.sources import Format, Source, find_sources, printable, sniff_format
from kg.errors import DocumentError, DocumentTooLarge
from kg.model import Document, Span
from kg.settings import Settings

# No encoding takes more bytes for a code point; a file beyond that need not be read to be refused.
_BYTES_PER_CHAR = 4
# Markup, scripts and inlined pictures come on top of a page's text.
_MARKUP_BYTES_PER_CHAR = 16


@dataclass(frozen=True, slots=True)
class Read:
    """A document and its origin; its identifier is the origin's name until `assign_identifiers` knows all."""

    origin: Origin
    document: Document


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What could not be read: its name as given (with a record's line) and the error, which names it, too."""

    name: str
    error: DocumentError

    @property
    def message(self) -> str:
        """The error in words."""
        return str(self.error)


@dataclass(frozen=True, slots=True)
class _Found:
    """A text with what its file says of it; `issued` is stated, `created` a weaker sign of the date."""

    text: str
    media_type: Format
    issued: str | None = None
    created: str | None = None
    title: str | None = None
    source: str | None = None
    spans: tuple[Span, ...] = ()


def read_source(
    source: Source, *, settings: Settings, dates: Mapping[str, str] | None = None, date: str | None = None
) -> Iterator[Read | Unreadable]:
    """What `source` holds, in order: one document, or one for each record of JSON Lines.

    `dates` gives EDTF dates by base name or record id, with folders before it or not (`read_dates_csv`);
    `date` is the EDTF date of all that `dates` does not name. A document's date is the first there is of:
    these, what its metadata state, what its text says of itself (`find_dateline`), the day a PDF file was
    made. What cannot be read is an `Unreadable`; nothing is raised for it, and the other records of a file
    are still read.
    """
    try:
        for origin, found in _open(source, settings):
            if isinstance(found, DocumentError):
                yield Unreadable(origin.where, found)
                continue
            try:
                yield Read(
                    origin, _document(found, origin, settings, _find_stated(origin, dates or {}) or date)
                )
            except DocumentError as error:
                yield Unreadable(origin.where, error)
    except DocumentError as error:
        yield Unreadable(source.shown, error)
    except OSError as error:
        reason = (
            "vanished before it was read" if isinstance(error, FileNotFoundError) else error.strerror or error
        )
        yield Unreadable(source.shown, DocumentError(f"{source.shown}: cannot be read: {reason}"))


def read_document(
    path: Path, *, settings: Settings, dates: Mapping[str, str] | None = None, date: str | None = None
) -> Document:
    """The one document of the file `path`, as `read_source` reads it.

    Raises `DocumentError` if it cannot be read or holds several documents.
    """
    sources = find_sources([path])
    if path.is_dir() or len(sources) != 1:
        raise DocumentError(f"{printable(str(path))}: want one file, found a folder")
    read = read_source(sources[0], settings=settings, dates=dates, date=date)
    first = next(read, None)
    if isinstance(first, Unreadable):
        raise first.error
    if first is None or next(read, None) is not None:
        raise DocumentError(
            f"{printable(str(path))}: want one document, found {'several' if first else 'none'}"
        )
    return first.document


def read_bytes(data: bytes, name: str, *, settings: Settings, date: str | None = None) -> Document:
    """The document in `data` (standard input, an upload) under the identifier `name`.

    Its beginning tells whether it is text, HTML or PDF. Raises `DocumentError`.
    """
    if len(data) > settings.max_file_bytes:
        raise _too_large(name, len(data), settings)
    sniffed = sniff_format(data[:4096])
    if sniffed is None:
        raise DocumentError(f"{name}: binary data, neither text, HTML nor PDF")
    return _document(_parse(data, sniffed, name, settings), Origin((), name, name), settings, date)


def collect_documents(read: Iterable[Read]) -> list[Document]:
    """The documents of all that was read, one for each text, with identifiers, sorted by hash of the text.

    Raises `IdentifierClash`. For what fits in memory; a build keeps origins and hashes only, see
    `assign_identifiers`.
    """
    documents: dict[str, Document] = {}
    origins: list[tuple[Origin, str]] = []
    for one in read:
        key = one.document.sha256
        origins.append((one.origin, key))
        known = documents.get(key)
        documents[key] = merge_documents(known, one.document) if known else one.document
    assigned = assign_identifiers(origins)
    return [replace(documents[key], identifiers=identifiers) for key, identifiers in assigned.items()]


def _find_stated(origin: Origin, dates: Mapping[str, str]) -> str | None:
    """The date that `dates` has for the longest ending of the origin's place that is named there."""
    if not dates:
        return None
    steps = origin.steps
    return next((dates[key] for i in range(len(steps)) if (key := "/".join(steps[i:])) in dates), None)


def _open(source: Source, settings: Settings) -> Iterator[tuple[Origin, _Found | DocumentError]]:
    """(origin, text or what is wrong with it). Raises `DocumentError` and `OSError` for the whole file."""
    folder = tuple(printable(step).rstrip("/") for step in source.place[:-1])
    if source.format is Format.UNREADABLE:
        raise DocumentError(f"{source.shown}: the folder cannot be listed: {source.reason}")
    if source.format is not Format.JSONL:
        yield Origin(folder, printable(source.place[-1]), source.shown), _read_file(source, settings)
        return
    is_empty = True
    for record in read_records(source.path, source.shown, settings.max_document_chars):
        is_empty = False
        where = f"{source.shown}, line {record.line}"
        if isinstance(record, BadRecord):
            yield Origin(folder, "", where), record.error
            continue
        origin = Origin(folder, record.identifier, where)
        yield origin, _Found(record.text, Format.TEXT, record.issued, None, record.title, record.source)
    if is_empty:
        raise DocumentError(f"{source.shown}: no records in the file")


def _read_file(source: Source, settings: Settings) -> _Found:
    size = source.path.stat().st_size
    limit = _most_bytes(source.format, settings)
    if size > limit:
        raise _too_large(source.shown, size, settings)
    with source.path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise _too_large(source.shown, os.stat(source.path).st_size, settings)
    return _parse(data, source.format, source.shown, settings)


def _most_bytes(kind: Format, settings: Settings) -> int:
    """The largest file of a format that can hold a text within the limits."""
    if kind is Format.PDF:
        return settings.max_file_bytes
    per_char = _MARKUP_BYTES_PER_CHAR if kind is Format.HTML else _BYTES_PER_CHAR
    return min(settings.max_file_bytes, per_char * (settings.max_document_chars + 1))


def _too_large(where: str, size: int, settings: Settings) -> DocumentTooLarge:
    return DocumentTooLarge(
        f"{where}: {size:,} bytes; the limits are max_document_chars = {settings.max_document_chars:,} "
        f"(KG_MAX_DOCUMENT_CHARS) and max_file_bytes = {settings.max_file_bytes:,} (KG_MAX_FILE_BYTES)"
    )


def _parse(data: bytes, kind: Format, where: str, settings: Settings) -> _Found:
    if not data.strip():
        raise DocumentError(f"{where}: empty file")
    if kind is Format.PDF:
        pdf = read_pdf(data, where, settings.max_document_chars)
        return _Found(pdf.text, kind, pdf.issued, pdf.created, pdf.title, None, pdf.margins)
    if kind is Format.HTML:
        page = read_page(data, where)
        return _Found(page.text, kind, page.issued, None, page.title, page.source)
    text = decode_text(data, where)
    matter = read_front_matter(text) if kind is Format.MARKDOWN else None
    if matter is None:
        return _Found(text, kind)
    return _Found(text, kind, matter.issued, None, matter.title, None, (matter.span,))


def _document(found: _Found, origin: Origin, settings: Settings, stated: str | None) -> Document:
    text = found.text
    if len(text) > settings.max_document_chars:
        raise DocumentTooLarge(
            f"{origin.where}: {len(text):,} code points; the limit is max_document_chars = "
            f"{settings.max_document_chars:,} (KG_MAX_DOCUMENT_CHARS)"
        )
    if not text.strip():
        raise DocumentError(f"{origin.where}: empty text")
    boilerplate = join_spans([*find_boilerplate(text), *found.spans])
    if found.media_type is Format.HTML and not _is_article_left(text, boilerplate):
        raise DocumentError(f"{origin.where}: no main text found in the page, only links and menus")
    issued = stated or found.issued
    if issued is None:
        dateline = find_dateline(text, boilerplate)
        issued = dateline.issued if dateline else found.created
    return Document(
        identifiers=(origin.name,),
        text=text,
        issued=issued,
        title=found.title or find_title(text, boilerplate),
        source=found.source,
        media_type=str(found.media_type),
        boilerplate=boilerplate,
    )


def _is_article_left(text: str, boilerplate: tuple[Span, ...]) -> bool:
    position = 0
    for span in boilerplate:
        if text[position : span.start].strip():
            return True
        position = span.end
    return bool(text[position:].strip())
