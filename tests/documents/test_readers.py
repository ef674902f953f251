from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kg.documents import (
    Read,
    Unreadable,
    collect_documents,
    find_sources,
    read_bytes,
    read_document,
    read_source,
)
from kg.errors import DocumentError, DocumentTooLarge, IdentifierClash
from kg.model import Document, Span
from kg.settings import Settings

TEXT = "The ministers met in Oslo on Monday, the ministry said.\n"
SEEDS = Path(__file__).parents[2] / "seeds"


def read(settings: Settings, *paths: Path, **given: object) -> list[Read | Unreadable]:
    return [
        row
        for source in find_sources(paths)
        for row in read_source(source, settings=settings, **given)  # type: ignore[arg-type]
    ]


def put(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def faults(rows: list[Read | Unreadable]) -> list[str]:
    return [row.message for row in rows if isinstance(row, Unreadable)]


def test_seeds(settings: Settings) -> None:
    documents = [row.document for row in read(settings, SEEDS) if isinstance(row, Read)]
    assert [document.issued for document in documents] == ["2025-02-11", None, "2025-03-30", None, None]
    for path, document in zip(sorted(SEEDS.glob("*.txt")), documents, strict=True):
        assert document.identifiers == (path.name,)
        assert document.text.encode() == path.read_bytes()


def test_text_is_stored_as_it_is(tmp_path: Path, settings: Settings) -> None:
    path = put(tmp_path / "a.txt", "\ufeffHeadline of it\r\n\r\n" + TEXT)
    found = read_document(path, settings=settings)
    assert found == Document(("a.txt",), "Headline of it\r\n\r\n" + TEXT, title="Headline of it")


def test_markdown(tmp_path: Path, settings: Settings) -> None:
    front = "---\ntitle: Berlin sends frigate\ndate: 2024-05-02 10:00:00 +0200\ntags: [navy]\n---"
    path = put(tmp_path / "a.md", f"{front}\n\n# Other\n\n{TEXT}")
    found = read_document(path, settings=settings)
    assert (found.issued, found.title) == ("2024-05-02", "Berlin sends frigate")
    assert found.media_type == "text/markdown"
    assert found.boilerplate == (Span(0, len(front)),)


@pytest.mark.parametrize(
    "front", ["---\n- a\n- b\n---", "---\n: : :\n  x\n---", "---\n" + "[" * 3000 + "\n---", "---\nTEXT"]
)
def test_markdown_without_front_matter(tmp_path: Path, settings: Settings, front: str) -> None:
    found = read_document(put(tmp_path / "a.md", f"{front}\n\n{TEXT}"), settings=settings)
    assert found.boilerplate == ()


def record_file(folder: Path, *rows: dict[str, object], name: str = "n.jsonl") -> Path:
    return put(folder / name, "".join(json.dumps(row) + "\n" for row in rows))


def test_records_and_their_faults(tmp_path: Path, settings: Settings) -> None:
    path = record_file(
        tmp_path,
        {"id": "r1", "text": TEXT, "date": "2025-03", "source": "https://a.example", "title": "T"},
        {"id": "r2"},
        {"id": "r3", "text": " \n"},
        {"id": "r4", "text": "\ud800"},
        {"id": "r5", "text": TEXT + "2"},
    )
    rows = read(settings, path)
    assert [row.document.identifiers for row in rows if isinstance(row, Read)] == [("r1",), ("r5",)]
    first = rows[0]
    assert isinstance(first, Read)
    assert first.document == Document(("r1",), TEXT, "2025-03", "T", "https://a.example")
    shown = str(path)
    assert faults(rows) == [
        f"{shown}, line 2: text: want a text, found nothing",
        f"{shown}, line 3: empty text",
        f"{shown}, line 4: text: lone surrogate U+D800 at offset 0: not Unicode text",
    ]
    with pytest.raises(DocumentError, match="want one document, found several"):
        read_document(path, settings=settings)


PUBLISHED = f"Ministers meet\nPublished: 3 June 2024\n{TEXT}"


def test_dates_in_order(tmp_path: Path, settings: Settings) -> None:
    path = record_file(
        tmp_path, {"id": "r1", "text": PUBLISHED, "date": "2024-06-02"}, {"id": "r2", "text": PUBLISHED}
    )

    def issued(**given: object) -> list[str | None]:
        return [row.document.issued for row in read(settings, path, **given) if isinstance(row, Read)]

    assert issued() == ["2024-06-02", "2024-06-03"]
    assert issued(date="2024") == ["2024", "2024"]
    assert issued(dates={"r2": "2024-05"}) == ["2024-06-02", "2024-05"]
    assert issued(dates={"r2": "2024-05"}, date="2024") == ["2024", "2024-05"]
    folder = tmp_path.name
    assert issued(dates={"r2": "2024-05", f"{folder}/r2": "2024-04"}) == ["2024-06-02", "2024-04"]


def test_days_of_html_and_pdf_files(
    tmp_path: Path, settings: Settings, make_pdf: Callable[..., bytes]
) -> None:
    stated = "<meta name='date' content='2024-06-02'>"
    story = "".join(f"<p>{line}</p>" for line in PUBLISHED.splitlines())
    created = "/CreationDate (D:20240701000000Z)"
    put(tmp_path / "1.html", f"<html><head>{stated}</head><body><article>{story}</article></body></html>")
    put(tmp_path / "2.html", f"<html><body><article>{story}</article></body></html>")
    put(tmp_path / "3.pdf", make_pdf([PUBLISHED.splitlines()], created))
    put(tmp_path / "4.pdf", make_pdf([TEXT.splitlines()], created))
    rows = read(settings, tmp_path)
    assert faults(rows) == []
    # The day a PDF file was made counts only where its text says nothing.
    issued = [row.document.issued for row in rows if isinstance(row, Read)]
    assert issued == ["2024-06-02", "2024-06-03", "2024-06-03", "2024-07-01"]
    media = [row.document.media_type for row in rows if isinstance(row, Read)]
    assert media == ["text/html", "text/html", "application/pdf", "application/pdf"]


def test_file_times_do_not_count(tmp_path: Path, settings: Settings) -> None:
    path = put(tmp_path / "a.txt", TEXT)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    assert read_document(path, settings=settings).issued is None


def test_margins_of_pdf_pages_are_boilerplate(
    tmp_path: Path, settings: Settings, make_pdf: Callable[..., bytes]
) -> None:
    pages = [["Gazette of the Navy", f"{TEXT.strip()} {i}", f"- {i} -"] for i in (1, 2)]
    found = read_document(put(tmp_path / "a.pdf", make_pdf(pages)), settings=settings)
    assert [found.text[span.start : span.end] for span in found.boilerplate] == [
        "Gazette of the Navy", "- 1 -", "Gazette of the Navy", "- 2 -",
    ]  # fmt: skip


def test_one_fault_does_not_hide_the_others(
    tmp_path: Path, settings: Settings, make_pdf: Callable[..., bytes]
) -> None:
    put(tmp_path / "a-good.txt", TEXT)
    put(tmp_path / "binary.txt", b"ab\0cd")
    put(tmp_path / "empty.txt", b"")
    put(
        tmp_path / "menu.html",
        "<html><body>" + "".join(f"<a href='/{i}'>Part {i}</a> " for i in range(50)) + "</body>",
    )
    put(tmp_path / "no.jsonl", b"\n")
    put(tmp_path / "scan.pdf", make_pdf([[]]))
    put(tmp_path / "spaces.md", b" \r\n")
    (tmp_path / "vanished.txt").symlink_to(tmp_path / "nowhere.txt")
    put(tmp_path / "z-good.txt", TEXT + "2")
    rows = read(settings, tmp_path)
    assert [row.document.identifiers for row in rows if isinstance(row, Read)] == [
        ("a-good.txt",),
        ("z-good.txt",),
    ]
    said = [message.removeprefix(f"{tmp_path}/") for message in faults(rows)]
    assert said == [
        "binary.txt: binary data, not text (or UTF-16 without a byte order mark)",
        "empty.txt: empty file",
        "menu.html: no main text found in the page, only links and menus",
        "no.jsonl: no records in the file",
        "scan.pdf: no text layer in the PDF's 1 page (scanned?); run OCR on it first",
        "spaces.md: empty file",
        "vanished.txt: cannot be read: vanished before it was read",
    ]


def test_a_file_that_vanishes_after_listing(tmp_path: Path, settings: Settings) -> None:
    path = put(tmp_path / "a.txt", TEXT)
    [source] = find_sources([tmp_path])
    path.unlink()
    [row] = read_source(source, settings=settings)
    assert isinstance(row, Unreadable)
    assert "a.txt: cannot be read: vanished" in row.message


def test_what_may_not_be_read(tmp_path: Path, settings: Settings) -> None:
    if os.geteuid() == 0:
        pytest.skip("permissions do not bind this user; tests/test_faults.py drops them")
    put(tmp_path / "shut/a.txt", TEXT)
    put(tmp_path / "b.txt", TEXT).chmod(0)
    (tmp_path / "shut").chmod(0)
    said = faults(read(settings, tmp_path))
    (tmp_path / "shut").chmod(0o755)
    assert len(said) == 2
    assert "b.txt: cannot be read: Permission denied" in said[0]
    assert "shut: the folder cannot be listed: Permission denied" in said[1]


def test_a_folder_that_cannot_be_listed_is_said(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "shut/a.txt", TEXT)
    put(tmp_path / "b.txt", TEXT)
    scan = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    rows = read(settings, tmp_path)
    assert len(rows) == 2
    assert faults(rows) == [f"{tmp_path}/shut: the folder cannot be listed: Permission denied"]


def test_limits(tmp_path: Path, settings: Settings) -> None:
    small = replace(settings, max_document_chars=100)
    for name, size in (("a.txt", 101), ("b.txt", 1000), ("c.html", 5000)):
        put(tmp_path / name, "The ministers met. " * (size // 19) + "x" * (size % 19))
    record_file(tmp_path, {"id": "r", "text": "x" * 101})
    rows = read(small, tmp_path)
    assert all(isinstance(row, Unreadable) and isinstance(row.error, DocumentTooLarge) for row in rows)
    said = faults(rows)
    assert len(said) == 4
    assert "a.txt: 101 code points; the limit is max_document_chars = 100 (KG_MAX_DOCUMENT_CHARS)" in said[0]
    assert "b.txt: 1,000 bytes; the limits are max_document_chars = 100 (KG_MAX_DOCUMENT_CHARS)" in said[1]
    assert read(replace(settings, max_document_chars=101), tmp_path / "a.txt")[0] != rows[0]
    few = replace(settings, max_file_bytes=50)
    assert "KG_MAX_FILE_BYTES" in faults(read(few, tmp_path / "a.txt"))[0]


def test_input_of_unknown_kind(settings: Settings, make_pdf: Callable[..., bytes]) -> None:
    assert read_bytes(TEXT.encode(), "-", settings=settings) == Document(("-",), TEXT)
    assert read_bytes(TEXT.encode(), "-", settings=settings, date="2025").issued == "2025"
    assert read_bytes(make_pdf([[TEXT.strip()]]), "-", settings=settings).media_type == "application/pdf"
    page = f"<html><body><p>{TEXT}</p></body></html>".encode()
    assert read_bytes(page, "-", settings=settings).text == TEXT.strip()
    with pytest.raises(DocumentError, match="-: binary data"):
        read_bytes(b"\x89PNG\0", "-", settings=settings)


def test_collecting(tmp_path: Path, settings: Settings) -> None:
    put(tmp_path / "a/x.txt", TEXT)
    put(tmp_path / "b/x.txt", TEXT + "2")
    put(tmp_path / "b/copy.txt", TEXT)
    rows = [row for row in read(settings, tmp_path) if isinstance(row, Read)]
    documents = collect_documents(rows)
    assert collect_documents(rows[::-1]) == documents
    assert {document.text: document.identifiers for document in documents} == {
        TEXT: ("a/x.txt", "copy.txt"),
        TEXT + "2": ("b/x.txt",),
    }
    assert [document.sha256 for document in documents] == sorted(document.sha256 for document in documents)


def test_clash_of_records_names_both_lines(tmp_path: Path, settings: Settings) -> None:
    path = record_file(
        tmp_path, {"id": "r1", "text": "One."}, {"id": "r2", "text": "Two."}, {"id": "r1", "text": "Three."}
    )
    rows = [row for row in read(settings, path) if isinstance(row, Read)]
    with pytest.raises(IdentifierClash, match=r"n\.jsonl, line 1 and .*n\.jsonl, line 3"):
        collect_documents(rows)
