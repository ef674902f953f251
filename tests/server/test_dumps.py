from __future__ import annotations

import base64
import gzip
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest
from fastapi import FastAPI

from kg.graph import open_reader
from kg.graph.dumps import PUBLISHED, every_dump, find_kept, list_kept
from kg.server.app import create_app

Serve = Callable[[FastAPI], httpx.Client]
PATH = "/dump/all.nt.gz"


@pytest.fixture(scope="module")
def store(small_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(small_store, tmp_path_factory.mktemp("dumps") / "store"))


@pytest.fixture(scope="module")
def dumped(store: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the command line writes, by name."""
    folder = tmp_path_factory.mktemp("files")
    code = (
        "import sys\nfrom kg.cli import main\n"
        "for line in sys.stdin.read().splitlines():\n"
        " try: main(line.split('\\t'))\n"
        " except SystemExit as ended: assert not ended.code\n"
    )
    lines = [
        "\t".join(("dump", "--store", str(store), "--what", d.what, "-o", str(folder / d.name)))
        for d in every_dump()
    ]
    done = subprocess.run(
        [sys.executable, "-c", code],
        input="\n".join(lines),
        text=True,
        capture_output=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def opened(store: Path, serve_long: Serve) -> httpx.Client:
    return serve_long(create_app(store))


def test_the_command_line_and_http_give_the_same_bytes(
    opened: httpx.Client, dumped: dict[str, bytes]
) -> None:
    assert set(dumped) == {dump.name for dump in every_dump()}
    for dump in every_dump():
        answer = opened.get(f"/dump/{dump.name}", headers={"Accept-Encoding": "gzip, zstd"})
        assert answer.status_code == 200
        assert answer.content == dumped[dump.name], dump.name
        assert "content-encoding" not in answer.headers
        assert answer.headers["content-type"] == dump.media_type


def test_a_large_dump_is_sent_while_it_is_written_and_kept_for_the_next(
    serve: Serve, small_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dumped: dict[str, bytes]
) -> None:
    monkeypatch.setattr("kg.server.dumps._SMALL", -1)
    copy = Path(shutil.copytree(small_store, tmp_path / "store"))
    for kept in copy.glob("generations/*/dumps"):
        shutil.rmtree(kept)
    client = serve(create_app(copy))
    names = ("facts.ttl", "claims.rdf.gz", "rdf12.ttl.zst", "prov.jsonld")
    for name in names:
        first = client.get(f"/dump/{name}")
        assert "accept-ranges" not in first.headers
        assert first.content == dumped[name]
    for name in names:
        for _ in range(100):
            again = client.get(f"/dump/{name}")
            if "accept-ranges" in again.headers:
                break
        assert again.headers["accept-ranges"] == "bytes"
        assert again.content == dumped[name]


def test_a_part_of_a_file(opened: httpx.Client, dumped: dict[str, bytes]) -> None:
    whole = opened.get(PATH)
    data, tag, size = whole.content, whole.headers["etag"], len(whole.content)
    assert whole.headers["accept-ranges"] == "bytes"
    assert not tag.startswith("W/")
    for asked, start, end in (
        ("bytes=0-9", 0, 10),
        (f"bytes={size - 5}-", size - 5, size),
        ("bytes=-7", size - 7, size),
        (f"bytes=10-{size * 2}", 10, size),
        (f"bytes=-{size * 2}", 0, size),
    ):
        part = opened.get(PATH, headers={"Range": asked})
        assert (part.status_code, part.content) == (206, data[start:end]), asked
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
        assert part.headers["content-length"] == str(end - start)
        assert part.headers["etag"] == tag
    for asked in ("bytes=5-2", "bytes=-", "bytes=a-b", "pages=1-2", "bytes=0-1,5-6", "bytes"):
        assert opened.get(PATH, headers={"Range": asked}).content == data, asked
    beyond = opened.get(PATH, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["content-range"], beyond.content) == (
        416,
        f"bytes */{size}",
        b"",
    )
    head = opened.head(PATH, headers={"Range": "bytes=0-9"})
    assert (head.status_code, head.headers["content-length"], head.content) == (206, "10", b"")


def test_a_download_goes_on_only_if_the_file_is_the_same(opened: httpx.Client) -> None:
    tag = opened.head(PATH).headers["etag"]
    assert opened.get(PATH, headers={"Range": "bytes=5-", "If-Range": tag}).status_code == 206
    for other in ('"other"', f"W/{tag}", "Sat, 01 Jan 2000 00:00:00 GMT"):
        assert opened.get(PATH, headers={"Range": "bytes=5-", "If-Range": other}).status_code == 200
    assert opened.get(PATH, headers={"If-None-Match": tag}).status_code == 304
    assert (
        opened.get(PATH, headers={"If-None-Match": f'"x", W/{tag}', "Range": "bytes=0-1"}).status_code == 304
    )


def test_checksums_are_those_of_the_bytes(opened: httpx.Client) -> None:
    answer = opened.get(PATH)
    digest = hashlib.sha256(answer.content)
    stated = answer.headers["repr-digest"]
    assert stated == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert opened.get(PATH, headers={"Range": "bytes=0-9"}).headers["repr-digest"] == stated
    line = f"{digest.hexdigest()}  all.nt.gz\n"
    assert opened.get(f"{PATH}.sha256").text == line
    assert line in opened.get("/dump/SHA256SUMS").text
    assert opened.get("/dump/some.nt.sha256").status_code == 404


def test_the_manifest_lists_every_file(opened: httpx.Client, store: Path) -> None:
    data = opened.get(PATH).content
    found = opened.get("/dump/").json()
    assert [d["name"] for d in found["dumps"]] == [dump.name for dump in every_dump()]
    listed = {d["name"]: d for d in found["dumps"]}
    assert listed["all.nt.gz"]["sha256"] == hashlib.sha256(data).hexdigest()
    assert listed["all.nt.gz"]["bytes"] == len(data)
    assert listed["all.nt.gz"]["triples"] == len(gzip.decompress(data).splitlines())
    assert found["generation"] == opened.get("/readyz").json()["generation"]
    assert sum(found["triples"].values()) >= listed["all.nt.gz"]["triples"]
    page = opened.get("/dump/", headers={"Accept": "text/html"}).text
    assert listed["all.nt.gz"]["sha256"] in page
    assert 'href="/dump/rdf12.ttl.zst"' in page
    with open_reader(store) as reader:
        kept = [dump for dump in every_dump() if find_kept(reader, dump) is not None]
    assert {d["name"] for d in found["dumps"] if d["sha256"]} == {dump.name for dump in kept}


def test_what_one_document_says(opened: httpx.Client) -> None:
    document = opened.get("/documents").json()["items"][0]
    key = document["iri"].rpartition("/")[2]
    turtle = opened.get(f"/dump/documents/{key}.ttl")
    lines = opened.get(f"/dump/documents/{key}.nt")
    assert turtle.headers["content-type"].startswith("text/turtle")
    parsed = [
        set(ox.parse(turtle.content, ox.RdfFormat.TURTLE)),
        set(ox.parse(lines.content, ox.RdfFormat.N_TRIPLES)),
    ]
    assert parsed[0] == parsed[1]
    assert any(document["iri"] in str(quad.subject) for quad in parsed[0])
    for name in (f"{key}.csv", "0000000000000000.ttl", "x.ttl", key):
        assert opened.get(f"/dump/documents/{name}").status_code == 404


def test_a_build_leaves_the_dumps_of_a_small_graph(seed_store: Path) -> None:
    with open_reader(seed_store) as reader:
        assert {dump.name for dump in PUBLISHED} <= set(list_kept(reader))


def test_a_generation_that_was_swept_meanwhile_is_still_sent(
    serve: Serve, small_store: Path, tmp_path: Path, dumped: dict[str, bytes]
) -> None:
    copy = Path(shutil.copytree(small_store, tmp_path / "store"))
    client = serve(create_app(copy))
    assert client.get("/readyz").status_code == 200
    for generation in (copy / "generations").iterdir():
        shutil.rmtree(generation)
    for name in ("all.nt.gz", "claims.ttl"):
        assert client.get(f"/dump/{name}").content == dumped[name]
    assert client.get("/dump/").json()["triples"] == {}
