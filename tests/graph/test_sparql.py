from __future__ import annotations

import pyoxigraph as ox
import pytest

from kg.errors import QueryError, QuerySyntaxError
from kg.graph.sparql import calls_service, run

# Each of these makes Oxigraph call the endpoint if it is let through.
CALLS = [
    "SELECT * { SERVICE <http://localhost:1/> { ?s ?p ?o } }",
    "SELECT * { service silent <http://localhost:1/>{ ?s ?p ?o } }",
    "SELECT * { ?x ?y ?z . SeRvIcE ?x { ?s ?p ?o } }",
    "SELECT * { ?s ?p 1SERVICE <http://localhost:1/> { ?s ?p ?o } }",
    "SELECT * { ?s ?p trueSERVICE <http://localhost:1/> { ?s ?p ?o } }",
    "SELECT * { ?s <x:p> 'a'SERVICESILENT<http://localhost:1/> { ?s ?p ?o } }",
    "SELECT * { SERVICE#a {\n<http://localhost:1/>#b { \n{ ?s ?p ?o } }",
    "PREFIX k: <http://localhost:1/> SELECT * { SERVICE k:{ ?s ?p ?o } }",
    "PREFIX k: <http://localhost:1/> SELECT * { SERVICEk:a.b{ ?s ?p ?o } }",
    "PREFIX k: <http://localhost:1/> SELECT * { SERVICE k:\\#{ ?s ?p ?o } }",
    "PREFIX k: <x:> SELECT * { ?s ?p k:.SERVICE <http://localhost:1/> { ?s ?p ?o } }",
    "SELECT * { FILTER(1 <1#c>'''\n) SERVICE <http://localhost:1/> { ?s ?p ?o } } #'''\n",
    "SELECT * { SERVICE <http://local\\u0068ost:1/> { ?s ?p ?o } }",
    "SELECT * { OPTIONAL { { SELECT * { SERVICE ?a { ?s ?p ?o } } } } }",
]
HARMLESS = [
    "SELECT ?service { ?service a kg:Service }",
    "SELECT * { GRAPH ?services { ?s ?p ?o } }",
    "SELECT * { GRAPH kg:service { ?s ?p ?o } }",
    "SELECT * { ?s kg:serviceOf ?o { ?o ?p ?s } }",
    "SELECT * { ?s ?p 'the Secret Service: a history' }",
    "# which service runs it?\nSELECT * { ?s kg:operatedBy ?service FILTER(?service != <x:service>) }",
    'SELECT * { ?s skos:prefLabel ?l FILTER(CONTAINS(?l, "Service")) }',
]


def ask(sparql: str) -> ox.QuerySolutions:
    answer = run(ox.Store(), sparql, {"kg": "https://kg.example/def#", "skos": "http://x/"}, {}, (), ())
    assert isinstance(answer, ox.QuerySolutions)
    return answer


@pytest.mark.parametrize("sparql", CALLS)
def test_service_is_refused(sparql: str) -> None:
    with pytest.raises(QueryError, match="SERVICE is refused"):
        ask(sparql)


@pytest.mark.parametrize("sparql", HARMLESS)
def test_the_word_alone_is_not_refused(sparql: str) -> None:
    assert not calls_service(sparql)
    assert list(ask(sparql)) == []


def test_a_long_hostile_query_is_read_in_time() -> None:
    assert not calls_service("service" + " #x\n" * 50_000 + "silent" + "#" * 50_000)


@pytest.mark.parametrize(
    ("sparql", "line", "column"),
    [("SELECT * { ?s ?p }", 1, 19), ("", 1, 1), ("SELECT * {\n  ?s ?p ?o ;;; ?x\n", 3, 1)],
)
def test_syntax_errors_have_a_place(sparql: str, line: int, column: int) -> None:
    with pytest.raises(QuerySyntaxError, match="line") as caught:
        ask(sparql)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "update", ["INSERT DATA { <x:a> <x:b> <x:c> }", "LOAD <file:///etc/hostname>", "CLEAR ALL"]
)
def test_updates_are_no_queries(update: str) -> None:
    with pytest.raises(QuerySyntaxError):
        ask(update)


@pytest.mark.parametrize("clause", ["FROM <file:///etc/hostname>", "FROM NAMED <file:///etc/hostname>"])
def test_from_reads_no_files(clause: str) -> None:
    assert list(ask(f"SELECT * {clause} {{ {{ ?s ?p ?o }} UNION {{ GRAPH ?g {{ ?s ?p ?o }} }} }}")) == []


def test_substitutions_and_graph_names() -> None:
    store = ox.Store()
    node = ox.NamedNode("x:a")
    store.add(ox.Quad(node, node, ox.Literal("1")))
    store.add(ox.Quad(node, node, ox.Literal("2"), ox.NamedNode("x:g")))
    bound = run(store, "SELECT ?s ?o { ?s ?p ?o }", {}, {"s": node}, (), ())
    assert isinstance(bound, ox.QuerySolutions)
    assert [row["o"].value for row in bound] == ["1"]
    other = run(store, "SELECT ?o { ?s ?p ?o }", {}, {}, ("x:g",), ())
    assert isinstance(other, ox.QuerySolutions)
    assert [row["o"].value for row in other] == ["2"]
    with pytest.raises(QueryError, match="cannot be run"):
        run(store, "SELECT ?o { ?s ?p ?o }", {}, {}, ("not an iri",), ())
    with pytest.raises(QueryError, match=r"variable \?s"):
        run(store, "SELECT ?o { ?s ?p ?o }", {}, {"s": node}, (), ())
