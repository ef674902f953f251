from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from kg.documents import Format, find_sources
from kg.documents.sources import sniff_format
from kg.errors import DocumentError

NAMES = ("b.txt", "a.md", "sub/c.HTML", "sub/deep/d.pdf", "e.jsonl", "f.jsonl.gz", "g.text", "h.htm")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (*NAMES, ".hidden.txt", ".git/x.txt", "sub/picture.png", "NOTICE"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"The ministers met.")
    return tmp_path


def names(folder: Path, *paths: Path) -> list[str]:
    return [source.path.relative_to(folder).as_posix() for source in find_sources(paths)]


def test_folder(folder: Path) -> None:
    assert names(folder, folder) == sorted(NAMES)
    formats = {source.path.name: source.format for source in find_sources([folder])}
    assert formats["c.HTML"] is Format.HTML
    assert formats["f.jsonl.gz"] is Format.JSONL
    assert formats["a.md"] is Format.MARKDOWN


def test_order_and_repetition_of_paths_do_not_matter(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    paths = [folder / "sub", folder / "b.txt", Path("b.txt"), Path("sub/../a.md"), folder]
    expected = find_sources(paths)
    for seed in range(5):
        random.Random(seed).shuffle(paths)
        assert find_sources(paths) == expected
    assert [source.place[-1] for source in expected].count("b.txt") == 1


def test_missing_path_is_named(folder: Path) -> None:
    with pytest.raises(DocumentError, match=r"none\.txt: no such file or folder"):
        find_sources([folder, folder / "none.txt"])


@pytest.mark.parametrize(
    ("content", "format_"),
    [
        (b"The ministers met.", Format.TEXT),
        (b"\xff\xfeT\0h\0e\0", Format.TEXT),
        (b"\n<!DOCTYPE html><html>", Format.HTML),
        (b"\xef\xbb\xbf<?xml version='1.0'?><html xmlns='x'>", Format.HTML),
        (b"%PDF-1.7\n", Format.PDF),
        (b"\x89PNG\r\n\0\0", None),
    ],
)
def test_named_file_of_unknown_suffix(tmp_path: Path, content: bytes, format_: Format | None) -> None:
    path = tmp_path / "report.dat"
    path.write_bytes(content)
    assert sniff_format(content) is format_
    if format_ is None:
        with pytest.raises(DocumentError, match=r"report\.dat: neither text, HTML nor PDF; .*\.txt"):
            find_sources([path])
    else:
        assert [source.format for source in find_sources([path])] == [format_]


def test_hidden_file_is_read_if_named(folder: Path) -> None:
    assert names(folder, folder / ".hidden.txt") == [".hidden.txt"]


def test_pipes_are_left_out_and_refused_by_name(folder: Path) -> None:
    os.mkfifo(folder / "pipe.txt")
    assert "pipe.txt" not in names(folder, folder)
    with pytest.raises(DocumentError, match=r"pipe\.txt: neither a file nor a folder"):
        find_sources([folder / "pipe.txt"])


def test_names_that_are_not_utf_8_can_be_shown(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    try:
        path.write_bytes(b"The ministers met.")
    except OSError as error:
        pytest.skip(f"the file system refuses such names: {error}")
    [source] = find_sources([tmp_path])
    assert source.shown.endswith(r"caf\xe9.txt")
    source.shown.encode("utf-8")
