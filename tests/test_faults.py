"""What goes wrong with files and disks is said with the name; the others are built, the store stays sound."""

from __future__ import annotations

import ctypes
import io
import json
import os
import random
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import IdentifierClash, KgError
from kg.graph import open_reader
from kg.graph.store import What
from kg.model import Document, Extraction
from kg.pipeline import Extractor, build

ARTICLE = (
    "date 2025-03-30 Defense Minister Gen Nakatani met U.S. Defense Secretary Pete Hegseth in Tokyo on "
    "Sunday. "
    "Nakatani said the two countries would work together.\n"
)
MENU = (
    "<!doctype html><html><head><title>Home</title></head><body><nav><ul>"
    + "".join(f'<li><a href="/{n}">Section {n}</a></li>' for n in range(40))
    + "</ul></nav><footer><a href='/about'>About us</a> <a href='/terms'>Terms</a></footer></body></html>"
)
# prctl(2) and capabilities(7): without these two, permissions bind root as well
_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 24, 1, 2


def drop_privileges() -> None:
    """In the child: let file permissions count, also for root."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
            if libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
                os._exit(99)


def small_files() -> None:
    """In the child: no file may grow beyond 16 KiB, as on a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, 16_384))


def kg(
    *arguments: str | Path, before: Callable[[], None] | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kg", *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, preexec_fn=before, env=os.environ | environment, timeout=250
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def identifiers(store: Path) -> list[str]:
    reader = open_reader(store)
    try:
        return sorted(name for document in reader.documents() for name in document.identifiers)
    finally:
        reader.close()


def dump(store: Path) -> bytes:
    out, reader = io.BytesIO(), open_reader(store)
    try:
        reader.dump(What.ALL, ox.RdfFormat.TURTLE, out)
    finally:
        reader.close()
    return out.getvalue()


def assert_sound(store: Path) -> None:
    done = kg("check", "--store", store)
    assert done.returncode == 0, done.stdout + done.stderr


def blank_pdf() -> bytes:
    from pypdf import PdfWriter

    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.write(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of files that cannot be read as documents, each in its own way, and two good ones."""
    folder = tmp_path_factory.mktemp("faults") / "documents"
    folder.mkdir()
    (folder / "a-good.txt").write_text(ARTICLE, encoding="utf-8")
    (folder / "z-good.txt").write_bytes(ARTICLE.replace("said the", "said “the").encode("cp1252"))
    (folder / "empty.txt").write_bytes(b"")
    (folder / "spaces.txt").write_bytes(b" \n\t\n")
    (folder / "binary.txt").write_bytes(random.Random(1).randbytes(4096))
    (folder / "utf16.txt").write_bytes(ARTICLE.encode("utf-16-le"))
    (folder / "scan.pdf").write_bytes(blank_pdf())
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\n" + random.Random(2).randbytes(2048))
    (folder / "menu.html").write_text(MENU, encoding="utf-8")
    (folder / "large.txt").write_text(ARTICLE * (20_000_000 // len(ARTICLE)), encoding="utf-8")
    (folder / "torn.jsonl").write_text(
        '{"id": "one", "text": "Japan."}\n{"id": "two", "te\n', encoding="utf-8"
    )
    return folder


FAULTS = (
    "empty.txt",
    "spaces.txt",
    "binary.txt",
    "utf16.txt",
    "scan.pdf",
    "broken.pdf",
    "menu.html",
    "large.txt",
)


@pytest.fixture(scope="module")
def built(faulty: Path) -> tuple[subprocess.CompletedProcess[str], Path]:
    store = faulty.parent / "store"
    return kg("build", faulty, "--store", store), store


@pytest.mark.parametrize("name", [*FAULTS, "torn.jsonl"])
def test_a_file_that_cannot_be_read_is_named(
    built: tuple[subprocess.CompletedProcess[str], Path], name: str
) -> None:
    done, _ = built
    lines = [line for line in done.stderr.splitlines() if name in line]
    assert lines, done.stderr


def test_the_other_documents_are_built_and_the_store_is_sound(
    built: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    done, store = built
    assert done.returncode == 3, done.stderr  # built, but not all
    found = identifiers(store)
    assert {"a-good.txt", "z-good.txt"} <= set(found)
    assert not set(FAULTS) & set(found)
    assert_sound(store)


def test_the_size_limit_is_documented_and_can_be_set(faulty: Path, tmp_path: Path, root: Path) -> None:
    done = kg("build", faulty / "a-good.txt", "--store", tmp_path / "s", KG_MAX_DOCUMENT_CHARS="100")
    assert done.returncode != 0
    assert "a-good.txt" in done.stderr
    assert "KG_MAX_DOCUMENT_CHARS" in (root / "docs" / "settings.md").read_text(encoding="utf-8")


def test_nothing_to_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    with pytest.raises(KgError, match="documents: no documents there"):
        build([tmp_path / "documents"], tmp_path / "store")
    with pytest.raises(KgError, match=r"missing\.txt"):
        build([tmp_path / "missing.txt"], tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_two_texts_under_one_name_are_an_error_naming_both(tmp_path: Path) -> None:
    for number in (1, 2):
        path = tmp_path / str(number) / "note.txt"
        path.parent.mkdir()
        path.write_text(ARTICLE + "x" * number, encoding="utf-8")
    records = tmp_path / "notes.jsonl"
    rows = [{"id": "note-1", "text": ARTICLE + "x" * n} for n in (1, 2)]
    records.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with pytest.raises(IdentifierClash, match="note-1"):
        build([records], tmp_path / "store")
    # the same base name in two folders is told apart by as much of the folder as is needed
    build([tmp_path / "1", tmp_path / "2"], tmp_path / "store2")
    assert identifiers(tmp_path / "store2") == ["1/note.txt", "2/note.txt"]


def test_a_file_that_vanishes_mid_build_is_named_and_the_others_are_built(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    for name in ("a.txt", "b.txt", "c.txt"):
        (folder / name).write_text(ARTICLE + name, encoding="utf-8")
    store = tmp_path / "store"

    def remove_last(step: str, done: int, total: int) -> None:
        (folder / "c.txt").unlink(missing_ok=True)

    report = build([folder], store, progress=remove_last)
    assert "c.txt" in str(report)
    assert identifiers(store) == ["a.txt", "b.txt"]
    assert_sound(store)


def test_a_file_without_permission_is_named_and_the_others_are_built(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text(ARTICLE + name, encoding="utf-8")
    (folder / "b.txt").chmod(0)
    done = kg("build", folder, "--store", tmp_path / "store", before=drop_privileges)
    assert "b.txt" in done.stderr
    assert identifiers(tmp_path / "store") == ["a.txt"]


def test_a_store_in_a_folder_that_cannot_be_written_is_a_clear_error(seeds: Path, tmp_path: Path) -> None:
    folder = tmp_path / "read-only"
    folder.mkdir(mode=0o555)
    done = kg("build", seeds, "--store", folder / "store", before=drop_privileges)
    assert done.returncode != 0
    assert "read-only" in done.stderr
    assert list(folder.iterdir()) == []


def test_a_full_disk_leaves_the_old_generation_serving(seeds: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    build([sorted(seeds.glob("*.txt"))[0]], store)
    before = dump(store)
    done = kg("build", seeds, "--store", store, before=small_files)
    assert done.returncode not in (0, 3)
    assert "store" in done.stderr
    assert dump(store) == before
    assert_sound(store)
    build([seeds], store)
    assert len(identifiers(store)) == 5
    assert_sound(store)


def article(number: int) -> str:
    return ARTICLE.replace("Tokyo", "Tokyo, Japan" if number % 2 else "Tokyo") + f"Note {number}.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "documents"
    made.mkdir()
    for number in range(12):
        (made / f"{number:02}.txt").write_text(article(number), encoding="utf-8")
    return made


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_bug_in_one_document_fails_that_document(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    extract = Extractor.extract

    def stumble(self: Extractor, document: Document) -> Extraction:
        if "Note 3." in document.text:
            raise IndexError("list index out of range")
        return extract(self, document)

    build([folder / f"{n:02}.txt" for n in range(12) if n != 3], tmp_path / "without")
    monkeypatch.setattr(Extractor, "extract", stumble)
    report = build([folder], tmp_path / "store", jobs=jobs)
    ((name, message),) = report.failed
    assert name == "03.txt"
    assert message.startswith("03.txt: internal error, please report: IndexError at test_faults.py:")
    assert (report.documents, report.added) == (11, 11)
    assert dump(tmp_path / "store") == dump(tmp_path / "without")


def test_a_bug_in_reading_one_file_fails_that_file(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(text: str) -> tuple[()]:
        if "Note 3." in text:
            raise ZeroDivisionError
        return ()

    monkeypatch.setattr("kg.documents.readers.find_boilerplate", stumble)
    report = build([folder], tmp_path / "store")
    ((name, message),) = report.failed
    assert name.endswith("03.txt")
    assert "internal error, please report: ZeroDivisionError" in message
    assert report.documents == 11


def test_a_worker_that_dies_fails_the_document_it_had(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extract = Extractor.extract

    def die(self: Extractor, document: Document) -> Extraction:
        if "Note 3." in document.text or "Note 9." in document.text:
            os.kill(os.getpid(), signal.SIGKILL)
        return extract(self, document)

    build([folder / f"{n:02}.txt" for n in range(12) if n not in (3, 9)], tmp_path / "without")
    monkeypatch.setattr(Extractor, "extract", die)
    report = build([folder], tmp_path / "store", jobs=2)
    assert [name for name, _ in report.failed] == ["03.txt", "09.txt"]
    assert all("the process that read it ended" in message for _, message in report.failed)
    assert report.documents == 10
    assert dump(tmp_path / "store") == dump(tmp_path / "without")


def test_another_text_of_the_same_name_from_another_folder_replaces_nothing(tmp_path: Path) -> None:
    store = tmp_path / "store"
    for number, name in enumerate(("a", "b")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.txt").write_text(article(number), encoding="utf-8")
    (tmp_path / "b" / "y.txt").write_text(article(2), encoding="utf-8")
    build([tmp_path / "a"], store)
    before = dump(store)
    report = build([tmp_path / "b" / "x.txt"], store)
    assert dump(store) == before
    ((_, message),) = report.failed
    for place in (tmp_path / "a" / "x.txt", tmp_path / "b" / "x.txt"):
        assert str(place) in message
    assert (report.documents, report.replaced) == (0, 0)
    report = build([tmp_path / "b"], store)
    assert identifiers(store) == ["x.txt", "y.txt"]  # the other documents are built
    # a new version from the same folder replaces, whatever was refused before
    (tmp_path / "a" / "x.txt").write_text(article(4), encoding="utf-8")
    report = build([tmp_path / "a"], store)
    assert (report.replaced, report.failed) == (1, ())
    # so does one of a file that was moved
    (tmp_path / "c").mkdir()
    (tmp_path / "a" / "x.txt").rename(tmp_path / "c" / "x.txt")
    (tmp_path / "c" / "x.txt").write_text(article(6), encoding="utf-8")
    report = build([tmp_path / "c"], store)
    assert (report.replaced, report.failed) == (1, ())
    # the same text from anywhere is the same document
    (tmp_path / "b" / "x.txt").write_text(article(6), encoding="utf-8")
    assert build([tmp_path / "b"], store).failed == ()
