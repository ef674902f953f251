"""PDF files: the text layer page by page, with running heads and page numbers found, and stated dates."""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from pypdf import PdfReader
from pypdf.errors import DependencyError, PyPdfError

from kg.documents.dates import find_date
from kg.errors import DocumentError, DocumentTooLarge
from kg.model import Span

PAGE_BREAK = "\n\n"
# Running heads stand in the outermost lines of a page.
_MARGIN_LINES = 3
_UNUSABLE = re.compile("[\0\ud800-\udfff]")
_PAGE_NUMBER = re.compile(
    r"(?:page\s+)?[-–—(\[]*\s*(?:\d{1,4}|[ivxl]{1,7})\s*[-–—)\]]*(?:\s*(?:/|of)\s*\d{1,4})?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class PdfText:
    """A PDF's text and what the file says of itself.

    `issued` is a stated publication date, `created` the day on which the file was made (a weaker sign: a
    text can be older). `margins` are the spans of running heads and page numbers.
    """

    text: str
    margins: tuple[Span, ...]
    issued: str | None
    created: str | None
    title: str | None


def read_pdf(data: bytes, where: str, max_chars: int) -> PdfText:
    """The text layer of a PDF, pages joined by an empty line; a hyphen at a line's end stays as it is.

    Raises `DocumentError` with `where` for a broken or locked file and one without text, `DocumentTooLarge`
    for more than `max_chars` code points.
    """
    # Its warnings about odd files go to a logger; what matters of them is raised.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    if b"%PDF-" not in data[:1024]:
        raise DocumentError(f"{where}: not a PDF file (no %PDF- at its beginning)")
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise DocumentError(f"{where}: the PDF is locked with a password; save it without one")
        pages: list[str] = []
        length = 0
        for page in reader.pages:
            pages.append(_UNUSABLE.sub("\ufffd", page.extract_text()).strip("\n"))
            length += len(pages[-1]) + len(PAGE_BREAK)
            if length > max_chars + len(PAGE_BREAK):
                raise DocumentTooLarge(
                    f"{where}: more than {max_chars:,} code points by page {len(pages)}; the limit is "
                    f"max_document_chars = {max_chars:,} (KG_MAX_DOCUMENT_CHARS)"
                )
        issued, created, title = _read_metadata(reader)
    except DependencyError:
        raise DocumentError(
            f"{where}: the PDF is encrypted in a way that needs the package 'cryptography'"
        ) from None
    except DocumentError:
        raise
    except (PyPdfError, RecursionError, MemoryError) as error:
        raise DocumentError(f"{where}: broken PDF: {error or type(error).__name__}") from None
    except Exception as error:
        # A damaged file makes the reader stumble in many ways that its own errors do not cover.
        raise DocumentError(f"{where}: broken PDF: {type(error).__name__}: {error}") from None
    text = PAGE_BREAK.join(pages)
    margins = _find_margins(pages)
    if not "".join(
        text[a.end : b.start] for a, b in pairwise([Span(0, 0), *margins, Span(len(text), len(text))])
    ).strip():
        noun = "page" if len(pages) == 1 else "pages"
        raise DocumentError(
            f"{where}: no text layer in the PDF's {len(pages)} {noun} (scanned?); run OCR on it first"
        )
    return PdfText(text, margins, issued, created, title)


def _read_metadata(reader: PdfReader) -> tuple[str | None, str | None, str | None]:
    """(issued, created, title). A broken field counts as none: the text is what matters."""
    issued = created = title = None
    try:
        info = reader.metadata
        if info is not None:
            raw = info.get("/CreationDate")
            created = find_date(str(raw).removeprefix("D:")) if raw else None
            title = " ".join(_UNUSABLE.sub(" ", info.title or "").split()) or None
        xmp = reader.xmp_metadata
        if xmp is not None:
            stated = next(iter(xmp.dc_date or []), None)
            issued = stated.date().isoformat() if stated else None
    except Exception:
        pass
    return issued, created, title


def _find_margins(pages: Sequence[str]) -> tuple[Span, ...]:
    """The spans of running heads and page numbers: outer lines that recur on at least half of the pages.

    They recur word for word, or with a number that counts along with the pages ("Article 3" and "Article 8"
    at the top of two pages do not).
    """
    starts = list(accumulate((len(page) + len(PAGE_BREAK) for page in pages), initial=0))
    outer = [_outer_lines(page) for page in pages]
    keys = [
        [(offset, line, _keys(line, number)) for offset, line in rows] for number, rows in enumerate(outer)
    ]
    seen = Counter(key for rows in keys for key in {key for *_, both in rows for key in both})
    enough = max(2, (len(pages) + 1) // 2)
    return tuple(
        Span(start + offset, start + offset + len(line))
        for start, rows in zip(starts, keys, strict=False)
        for offset, line, both in rows
        if len(pages) > 1 and (_PAGE_NUMBER.fullmatch(line) or any(seen[key] >= enough for key in both))
    )


def _keys(line: str, page: int) -> tuple[tuple[str, int], ...]:
    """What a line shares with its like on other pages: its words, how far its numbers are ahead."""
    plain = " ".join(line.casefold().split())
    numbers = re.findall(r"\d{1,4}", plain)
    exact = (plain, 0)
    return (exact, *((re.sub(r"\d+", "0", plain), int(number) - page) for number in numbers[:3]))


def _outer_lines(page: str) -> list[tuple[int, str]]:
    """(offset, line) of a page's first and last lines that hold anything."""
    found = [
        (match.start() + len(match[0]) - len(match[0].lstrip()), match[0].strip())
        for match in re.finditer(r"[^\n]*\S[^\n]*", page)
    ]
    # Of a short page less is margin, so that its text is not compared with that of other pages.
    count = min(_MARGIN_LINES, max(1, len(found) // 3))
    return found if len(found) <= 2 * count else found[:count] + found[-count:]
