"""SPARQL 1.1 Protocol, query operation."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest
from fastapi import FastAPI

from kg.graph import open_reader
from kg.query.sparql import formats_for, get_format, run_query, serialize
from kg.server.app import create_app
from kg.settings import load_settings

Serve = Callable[[FastAPI], httpx.Client]
ASK = "ASK { ?s a kg:Person }"
SELECT = "SELECT ?p { ?p a kg:Person } ORDER BY ?p"
CONSTRUCT = "CONSTRUCT WHERE { ?s a kg:Person }"
BARE = {"Content-Type": "application/sparql-query"}


def people(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [row["p"]["value"] for row in response.json()["results"]["bindings"]]


def test_get_form_and_body_give_one_answer(client: httpx.Client) -> None:
    wanted = people(client.get("/sparql", params={"query": SELECT}))
    assert len(wanted) == 3
    assert people(client.post("/sparql", data={"query": SELECT})) == wanted
    assert people(client.post("/sparql", content=SELECT.encode(), headers=BARE)) == wanted
    with_charset = {"Content-Type": "Application/SPARQL-query; charset=utf-8"}
    assert people(client.post("/sparql", content=SELECT.encode(), headers=with_charset)) == wanted
    assert client.head("/sparql", params={"query": SELECT}).status_code == 200


@pytest.mark.parametrize(
    ("query", "accept", "wanted"),
    [
        (SELECT, "*/*", "application/sparql-results+json"),
        (SELECT, "application/sparql-results+xml", "application/sparql-results+xml"),
        (SELECT, "text/csv", "text/csv; charset=utf-8"),
        (SELECT, "text/tab-separated-values, text/csv;q=0.1", "text/tab-separated-values; charset=utf-8"),
        (SELECT, "application/json", "application/sparql-results+json"),
        (ASK, "text/csv", "text/csv; charset=utf-8"),
        (CONSTRUCT, "*/*", "text/turtle; charset=utf-8"),
        (CONSTRUCT, "application/n-triples", "application/n-triples"),
        (CONSTRUCT, "application/ld+json", "application/ld+json"),
        (CONSTRUCT, "application/rdf+xml", "application/rdf+xml"),
    ],
)
def test_answers_come_as_they_are_asked_for(
    client: httpx.Client, query: str, accept: str, wanted: str
) -> None:
    response = client.get("/sparql", params={"query": query}, headers={"Accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"] == wanted
    assert response.headers["vary"].lower().count("accept") >= 1
    if query == CONSTRUCT:
        form = ox.RdfFormat.from_media_type(wanted.partition(";")[0])
        assert form is not None
        assert len(list(ox.parse(response.content, format=form))) == 3


@pytest.mark.parametrize(
    ("query", "accept"), [(SELECT, "text/turtle"), (CONSTRUCT, "text/csv"), (ASK, "image/png")]
)
def test_what_cannot_be_written_is_406(client: httpx.Client, query: str, accept: str) -> None:
    response = client.get("/sparql", params={"query": query}, headers={"Accept": accept})
    assert response.status_code == 406
    assert response.json()["type"] == "/docs#not-acceptable"


def test_format_goes_before_accept(client: httpx.Client) -> None:
    response = client.get(
        "/sparql", params={"query": SELECT, "format": "csv"}, headers={"Accept": "image/png"}
    )
    assert response.text.splitlines()[0] == "p"
    assert client.get("/sparql", params={"query": SELECT, "format": "ttl"}).status_code == 400


def test_a_syntax_error_has_line_and_column(client: httpx.Client) -> None:
    response = client.post("/sparql", content=b"SELECT ?s\nWHERE { ?s ?p }", headers=BARE)
    assert response.status_code == 400
    body = response.json()
    assert body["type"] == "/docs#syntax"
    assert body["line"] == 2
    assert isinstance(body["column"], int)


@pytest.mark.parametrize(
    ("kwargs", "status"),
    [
        ({"content": b"<a/>", "headers": {"Content-Type": "text/xml"}}, 415),
        ({"content": b"ASK {}"}, 415),
        ({"content": b"CLEAR ALL", "headers": {"Content-Type": "application/sparql-update"}}, 415),
        ({"data": {"update": "CLEAR ALL"}}, 400),
        ({"data": {"nothing": "x"}}, 400),
        ({"data": {}, "headers": {"Content-Type": "application/x-www-form-urlencoded"}}, 400),
        (
            {
                "content": b"query=ASK{}&query=ASK{}",
                "headers": {"Content-Type": "application/x-www-form-urlencoded"},
            },
            400,
        ),
        ({"data": {"query": ASK}, "params": {"query": ASK}}, 400),
        ({"content": b"\xff\xfe", "headers": BARE}, 400),
        ({"content": b"INSERT DATA { <a:a> <a:a> <a:a> }", "headers": BARE}, 400),
        ({"content": b"ASK {}", "headers": BARE, "params": {"query": "ASK {}"}}, 400),
        ({"content": b"ASK {}", "headers": BARE, "params": {"timeout": "1"}}, 400),
        ({"content": b"ASK { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "headers": BARE}, 403),
        ({"content": b"ASK { ?s ?p ?o FILTER <http://e/f>(?s) }", "headers": BARE}, 501),
        ({"content": b"#" * 1_000_001, "headers": BARE}, 413),
    ],
)
def test_requests_that_are_refused(client: httpx.Client, kwargs: dict[str, object], status: int) -> None:
    response = client.post("/sparql", **kwargs)  # type: ignore[arg-type]
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"


def test_get_without_a_query(client: httpx.Client) -> None:
    assert client.get("/sparql?format=json").status_code == 400
    assert "<textarea" in client.get("/sparql", headers={"Accept": "text/html"}).text


def test_datasets_are_those_of_the_protocol(client: httpx.Client) -> None:
    count = "SELECT (COUNT(*) AS ?p) { ?s ?q ?o }"
    assert people(client.get("/sparql", params={"query": count, "default-graph-uri": "http://e/none"})) == [
        "0"
    ]
    named = "SELECT (COUNT(*) AS ?p) { GRAPH ?g { ?s ?q ?o } }"
    assert people(client.post("/sparql", data={"query": named, "named-graph-uri": "http://e/none"})) == ["0"]
    assert client.get("/sparql", params={"query": ASK, "default-graph-uri": "no iri"}).status_code == 400


def test_a_query_that_takes_too_long_is_503_and_others_are_answered(serve: Serve, small_store: Path) -> None:
    app = create_app(small_store, replace(load_settings({}), query_timeout=0.2))
    client = serve(app)
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g a kg:Country FILTER(?c != ?f && ?f != ?g) }"
    began = time.monotonic()
    response = client.get("/sparql", params={"query": slow})
    assert response.status_code == 503, response.text
    assert response.json()["type"] == "/docs#timeout"
    assert time.monotonic() - began < 5
    assert client.get("/entities").status_code == 200


CROSS = "SELECT * { ?a ?b ?c . ?d ?e ?f }"


def test_an_answer_beyond_the_limit_is_a_problem_not_all_of_the_memory(
    serve: Serve, small_store: Path
) -> None:
    client = serve(create_app(small_store, replace(load_settings({}), max_answer_bytes=20_000)))
    graph = "CONSTRUCT { ?a ?b ?c } { ?a ?b ?c }"
    for query, accept in ((CROSS, "*/*"), (CROSS, "text/csv"), (graph, "text/turtle")):
        response = client.get("/sparql", params={"query": query}, headers={"Accept": accept})
        assert response.status_code == 422, response.text
        assert response.json()["type"] == "/docs#answer-too-large"
        assert "KG_MAX_ANSWER_BYTES" in response.json()["detail"]
    assert people(client.get("/sparql", params={"query": SELECT}))
    small = client.get("/sparql", params={"query": f"{CROSS} LIMIT 3", "format": "csv"})
    assert small.text.count("\n") == 4


def test_an_answer_within_the_limit_is_the_same_with_it(serve: Serve, small_store: Path) -> None:
    client = serve(create_app(small_store, replace(load_settings({}), max_answer_bytes=100_000_000)))
    with open_reader(small_store) as reader:
        for query, key in ((SELECT, "json"), (SELECT, "xml"), (ASK, "csv"), (CONSTRUCT, "ttl")):
            answer = run_query(reader, query)
            whole = serialize(answer, get_format(key, formats_for(answer)), reader.base)
            assert client.get("/sparql", params={"query": query, "format": key}).content == whole
