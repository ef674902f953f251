"""Whatever is asked, the answer is not a 500."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

GIVEN = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
WORDS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "Norland",
            "Brandt",
            "person:lindqvist-marta",
            "https://kg.example/id/place/nd",
            "kg:held",
            "_:b",
            "claim:x",
        ]
    ),
    st.sampled_from(
        [
            "<",
            ">",
            "\x00",
            "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
            "http://",
            "urn:",
            ":",
        ]
    ),
    st.integers().map(str),
)
ROUTES = {
    "/neighbourhood": (
        "entity",
        "depth",
        "limit",
        "predicate",
        "type",
        "modality",
        "format",
        "evidence",
        "measures",
    ),
    "/paths": ("source", "target", "max_hops", "k", "predicate", "type", "modality", "min_confidence"),
    "/entities": ("q", "type", "limit", "offset"),
    "/reconcile": ("queries", "extend", "as_of"),
    "/reconcile/suggest/entity": ("prefix", "cursor"),
    "/reconcile/preview": ("id",),
    "/search": ("q", "limit", "type", "document", "since", "until", "modality"),
    "/evidence": ("entity", "s", "p", "o", "claim", "limit", "offset"),
    "/contradictions": ("entity", "limit", "offset"),
    "/documents": ("limit", "offset"),
    "/sparql": ("query", "default-graph-uri", "named-graph-uri", "format"),
    "/queries/office-holders": ("place", "format"),
}
HEADERS = {"Accept": "application/json"}


def sane(response: httpx.Response) -> None:
    assert response.status_code < 500 or response.status_code == 503, response.text
    if response.status_code >= 400:
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["status"] == response.status_code


@pytest.mark.parametrize("path", ROUTES)
@GIVEN
@given(data=st.data())
def test_any_values_of_parameters(client: httpx.Client, path: str, data: st.DataObject) -> None:
    names = st.sampled_from([*ROUTES[path], "other"])
    pairs = data.draw(st.lists(st.tuples(names, WORDS), max_size=5))
    if data.draw(st.booleans()):
        pairs = [*pairs, (ROUTES[path][0], data.draw(WORDS))]
    query = "&".join(f"{quote(k, errors='replace')}={quote(v, safe='', errors='replace')}" for k, v in pairs)
    sane(client.get(f"{path}?{query}", headers=HEADERS))


@GIVEN
@given(
    start=st.sampled_from(
        ["/entities/", "/documents/", "/id/person/", "/id/", "/doc/", "/claim/", "/dump/", "/queries/"]
    ),
    rest=WORDS,
)
@example(start="/id/person/", rest="<x>")
@example(start="/doc/", rest="%")
@example(start="/entities/", rest="http://e/\x00")
def test_any_path(client: httpx.Client, start: str, rest: str) -> None:
    sane(client.get(start + quote(rest, safe="", errors="replace"), headers=HEADERS))


@GIVEN
@given(accept=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60).map(str.strip))
def test_any_accept_header(client: httpx.Client, accept: str) -> None:
    for path in ("/sparql?query=ASK{}", "/id/place/nd", "/entities"):
        response = client.get(path, headers={"Accept": accept})
        assert response.status_code in (200, 406), response.text


@GIVEN
@given(body=st.one_of(st.binary(max_size=100), st.text(max_size=100).map(lambda t: t.encode())))
@pytest.mark.parametrize("media_type", ["application/sparql-query", "application/x-www-form-urlencoded"])
def test_any_body(client: httpx.Client, body: bytes, media_type: str) -> None:
    sane(client.post("/sparql", content=body, headers={"Content-Type": media_type}))


@pytest.mark.parametrize(
    "raw",
    ["/%", "/entities/%ff", "/entities?q=%ff%fe", "/entities?%00=1", "/id/person/%2e%2e/x", "/dump/..%2f"],
)
def test_bytes_that_are_no_text(client: httpx.Client, raw: str) -> None:
    sane(client.get(raw, headers=HEADERS))
