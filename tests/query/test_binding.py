from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import QueryError
from kg.query.binding import bind, variables

X = ox.NamedNode("http://e/x")


@pytest.mark.parametrize(
    ("sparql", "wanted"),
    [
        ("SELECT ?p { ?x ?p ?o }", "SELECT ?p { <http://e/x> ?p ?o }"),
        ("SELECT ?x ?p { ?x ?p ?o }", "SELECT (<http://e/x> AS ?x) ?p { <http://e/x> ?p ?o }"),
        (
            "SELECT (COUNT(?x) AS ?n) { ?x ?p ?o }",
            "SELECT (COUNT(<http://e/x>) AS ?n) { <http://e/x> ?p ?o }",
        ),
        ("SELECT * { $x ?p ?xy }", "SELECT * { <http://e/x> ?p ?xy }"),
        ('ASK { ?s ?p "?x" # ?x\n }', 'ASK { ?s ?p "?x" # ?x\n }'),
        ("ASK { ?s <http://e/?x> '''it's ?x''' }", "ASK { ?s <http://e/?x> '''it's ?x''' }"),
        ("ASK { ?s ?p ?o FILTER(!BOUND( ?x ) || ?o = ?x) }", None),
        ("DESCRIBE ?x", "DESCRIBE <http://e/x>"),
        ("SELECT ?p { ?x ?p ?o } GROUP BY ?x ?p ORDER BY DESC(?x) ?x", None),
        ("SELECT ?n { { SELECT ?x (1 AS ?n) { ?x ?p ?o } } }", None),
        ("ASK { ?s ex:a\\#b ?x }", "ASK { ?s ex:a\\#b <http://e/x> }"),
    ],
)
def test_a_variable_becomes_its_term(sparql: str, wanted: str | None) -> None:
    bound = bind(sparql, {"x": X})
    if wanted is not None:
        assert bound == wanted
    store = ox.Store()
    store.add(ox.Quad(X, ox.NamedNode("http://e/p"), X))
    store.query(bound, prefixes={"ex": "http://e/"})  # it still parses


def test_binding_filters_what_a_free_variable_lets_through() -> None:
    store = ox.Store()
    for n in range(3):
        store.add(ox.Quad(X, ox.NamedNode("http://e/p"), ox.Literal(n)))
    sparql = "SELECT ?o { ?s ?p ?o FILTER(!BOUND(?least) || ?o >= ?least) }"
    answers = [store.query(bind(sparql, terms)) for terms in ({}, {"least": ox.Literal(1)})]
    assert [len(list(a)) for a in answers if isinstance(a, ox.QuerySolutions)] == [3, 2]


def test_a_literal_cannot_break_out() -> None:
    evil = ox.Literal('" } ; DROP ALL # \\ \n')
    bound = bind("SELECT ?s { ?s ?p ?x }", {"x": evil})
    store = ox.Store()
    store.add(ox.Quad(X, X, evil))
    answer = store.query(bound)
    assert isinstance(answer, ox.QuerySolutions)
    assert len(list(answer)) == 1


def test_a_parameter_that_is_assigned_is_refused() -> None:
    with pytest.raises(QueryError, match=r"\?x is a parameter"):
        bind("SELECT ?x { BIND(1 AS ?x) }", {"x": X})


def test_variables_are_listed_once_in_order() -> None:
    assert variables("SELECT ?b $a { ?a ex:p ?b . FILTER(?c != '?d') } # ?e") == ["b", "a", "c"]


@given(st.text(max_size=200))
def test_text_without_bound_variables_stays_as_it_is(text: str) -> None:
    assert bind(text, {}) == text
