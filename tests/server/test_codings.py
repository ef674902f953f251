from __future__ import annotations

import gzip

import httpx
import pytest
import zstandard

from kg.server.codings import choose_coding, is_packable


@pytest.mark.parametrize(
    ("accepted", "wanted"),
    [
        ("", ""),
        ("gzip", "gzip"),
        ("zstd", "zstd"),
        ("gzip, zstd", "zstd"),
        ("gzip;q=1, zstd;q=0.5", "gzip"),
        ("gzip;q=0, zstd;q=0", ""),
        ("br, deflate", ""),
        ("*", "zstd"),
        ("*;q=0", ""),
        ("*;q=0.5, zstd;q=0", "gzip"),
        ("identity, gzip;q=0.5", ""),
        ("identity;q=0.5, gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZIP;Q=0.3", "gzip"),
        ("gzip;q=abc", "gzip"),
        (";;,,;q", ""),
    ],
)
def test_the_coding_liked_best(accepted: str, wanted: str) -> None:
    assert choose_coding(accepted) == wanted


def test_what_is_worth_it() -> None:
    assert is_packable("text/html; charset=utf-8")
    assert is_packable("application/ld+json")
    assert is_packable("application/n-triples")
    assert not is_packable("image/png")
    assert not is_packable("application/gzip")


def read(response: httpx.Response) -> bytes:
    data = b"".join(response.iter_raw())
    coding = response.headers.get("content-encoding")
    if coding == "gzip":
        return gzip.decompress(data)
    return zstandard.ZstdDecompressor().decompressobj().decompress(data) if coding == "zstd" else data


@pytest.mark.parametrize(
    "path",
    [
        "/neighbourhood?entity=Wide Union&limit=50",
        "/entities",
        "/openapi.json",
        "/sparql?query=SELECT * { ?s ?p ?o } LIMIT 100",
        "/sparql?query=SELECT * { ?a ?b ?c . ?s ?p ?o } LIMIT 9000",
    ],
)
@pytest.mark.parametrize("coding", ["zstd", "gzip"])
def test_answers_are_the_same_in_every_coding(client: httpx.Client, path: str, coding: str) -> None:
    with client.stream("GET", path, headers={"Accept-Encoding": "identity"}) as plain:
        wanted = read(plain)
        assert "content-encoding" not in plain.headers
    with client.stream("GET", path, headers={"Accept-Encoding": coding}) as packed:
        assert read(packed) == wanted
        assert packed.headers["content-encoding"] == coding
        assert "accept-encoding" in packed.headers["vary"].lower()
        assert packed.headers.get("etag", "W/").startswith("W/")


def test_short_answers_stay_as_they_are(client: httpx.Client) -> None:
    response = client.get("/healthz", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in response.headers
    assert response.headers["content-length"] == str(len(response.content))
