from __future__ import annotations

import json

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import QueryError, QuerySyntaxError
from kg.graph.store import StoreReader
from kg.query.sparql import (
    GRAPH_FORMATS,
    RESULT_FORMATS,
    columns,
    formats_for,
    get_format,
    is_update,
    negotiate,
    negotiate_format,
    parse_accept,
    rows,
    run_query,
    serialize,
)

HOLDERS = "SELECT ?p ?o { ?p kg:holdsOffice ?o } ORDER BY ?p"
CONSTRUCT = "CONSTRUCT { ?s a ?t } WHERE { ?s a ?t }"


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (None, "json"),
        ("", "json"),
        ("*/*", "json"),
        ("text/csv", "csv"),
        ("text/*", "xml"),
        ("text/csv;q=0.2, text/tab-separated-values;q=0.8", "tsv"),
        ("text/csv;q=0, */*;q=0.1", "json"),
        ("application/sparql-results+json;q=0, */*", "json"),  # application/json is still there
        ("*/*;q=0.5, application/xml;q=0.9", "xml"),
        ("TEXT/CSV ; Q=1", "csv"),
        ("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", "xml"),
        ("image/png", None),
        ("*/*;q=0", None),
        ("text/csv;q=banana", "csv"),
        (",,,", None),
    ],
)
def test_negotiation_follows_the_accept_header(accept: str | None, wanted: str | None) -> None:
    found = negotiate_format(accept, RESULT_FORMATS)
    assert (found.key if found else None) == wanted


@given(st.text(max_size=80), st.lists(st.sampled_from(["text/csv", "text/html", "a/b"]), unique=True))
def test_negotiation_takes_any_header(accept: str, offered: list[str]) -> None:
    assert negotiate(accept, offered) in [*offered, None]
    assert all(0 <= quality <= 1 for _, quality in parse_accept(accept))


@given(st.sampled_from(["a/b", "c/d"]), st.floats(0.001, 1).map(lambda q: f"{q:.3f}"))
def test_the_only_range_wins(media_type: str, quality: str) -> None:
    assert negotiate(f"{media_type};q={quality}", ["a/b", "c/d"]) == (media_type if float(quality) else None)


@pytest.mark.parametrize("form", RESULT_FORMATS, ids=lambda f: f.key)
def test_rows_survive_every_format_for_tables(reader: StoreReader, form: object) -> None:
    answer = run_query(reader, HOLDERS)
    written = serialize(answer, form)  # type: ignore[arg-type]
    encoder = form.encoder  # type: ignore[attr-defined]
    if encoder in (ox.QueryResultsFormat.CSV,):
        assert b"lindqvist-marta" in written
        return
    again = ox.parse_query_results(written, format=encoder)
    assert isinstance(again, ox.QuerySolutions)
    assert [s["p"].value for s in again] == [r["p"] for r in rows(run_query(reader, HOLDERS))]


@pytest.mark.parametrize("form", GRAPH_FORMATS, ids=lambda f: f.key)
def test_triples_survive_every_format_for_graphs(reader: StoreReader, form: object) -> None:
    answer = run_query(reader, CONSTRUCT)
    assert isinstance(answer, ox.QueryTriples)
    written = serialize(answer, form, reader.base)  # type: ignore[arg-type]
    again = {q.triple for q in ox.parse(written, format=form.encoder)}  # type: ignore[attr-defined]
    assert again == set(run_query(reader, CONSTRUCT))
    assert written == serialize(run_query(reader, CONSTRUCT), form, reader.base)  # type: ignore[arg-type]


def test_ask_and_construct_as_rows(reader: StoreReader) -> None:
    assert rows(run_query(reader, "ASK { ?s a kg:Person }")) == [{"boolean": "true"}]
    assert columns(run_query(reader, "ASK { ?s a kg:Person }")) == ["boolean"]
    graph = rows(run_query(reader, "CONSTRUCT { ?s a kg:X } WHERE { ?s a kg:Office }"))
    assert [list(r) for r in graph] == [["subject", "predicate", "object"]]
    assert columns(run_query(reader, "CONSTRUCT WHERE { ?s a ?t }")) == ["subject", "predicate", "object"]


def test_an_unbound_variable_is_none(reader: StoreReader) -> None:
    assert rows(run_query(reader, "SELECT ?a ?b { BIND(1 AS ?a) }")) == [{"a": "1", "b": None}]


def test_a_syntax_error_knows_its_place(reader: StoreReader) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        run_query(reader, "SELECT ?s\nWHERE { ?s ?p }")
    assert caught.value.line == 2
    assert caught.value.column is not None


@pytest.mark.parametrize(
    "sparql",
    [
        "INSERT DATA { <a:b> <a:b> <a:b> }",
        "# a comment\nPREFIX x: <http://x/>\nBASE <http://y/>\n delete where { ?s ?p ?o }",
        "CLEAR ALL",
        "LOAD <file:///etc/passwd>",
    ],
)
def test_updates_are_refused_in_words(reader: StoreReader, sparql: str) -> None:
    assert is_update(sparql)
    with pytest.raises(QueryError, match="update"):
        run_query(reader, sparql)


@pytest.mark.parametrize(
    "sparql", ["SELECT ?insert { ?insert ?p ?o }", "ASK {}", "PREFIX load: <http://x/> ASK {}", ""]
)
def test_queries_are_not_updates(sparql: str) -> None:
    assert not is_update(sparql)


def test_service_is_refused(reader: StoreReader) -> None:
    with pytest.raises(QueryError, match="SERVICE"):
        run_query(reader, "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }")


def test_formats_by_name(reader: StoreReader) -> None:
    assert get_format("Turtle", GRAPH_FORMATS).key == "ttl"
    assert get_format("application/ld+json", GRAPH_FORMATS).key == "jsonld"
    with pytest.raises(QueryError, match="want one of json, xml, csv, tsv"):
        get_format("ttl", formats_for(run_query(reader, HOLDERS)))
    with pytest.raises(QueryError, match="cannot be written"):
        serialize(run_query(reader, HOLDERS), GRAPH_FORMATS[0])
    with pytest.raises(QueryError, match="cannot be written"):
        serialize(run_query(reader, CONSTRUCT), RESULT_FORMATS[0])


def test_json_is_what_the_standard_says(reader: StoreReader) -> None:
    found = json.loads(serialize(run_query(reader, HOLDERS), RESULT_FORMATS[0]))
    assert found["head"]["vars"] == ["p", "o"]
    assert found["results"]["bindings"][0]["p"]["type"] == "uri"


def test_a_named_graph_that_is_not_an_iri_is_refused(reader: StoreReader) -> None:
    with pytest.raises(QueryError, match="not an absolute IRI"):
        run_query(reader, "ASK {}", default_graph=["no iri"])
    assert rows(run_query(reader, "SELECT * { ?s ?p ?o }", default_graph=["http://e/none"])) == []
