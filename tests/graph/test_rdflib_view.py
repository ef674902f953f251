from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import graph_world as w
import pytest
import rdflib
from rdflib.namespace import SKOS, XSD

from kg.errors import StoreError
from kg.graph.local import open_reader
from kg.graph.rdflib_view import as_rdflib
from kg.terms import KG


def plain(triple: tuple[rdflib.term.Node, ...]) -> tuple[rdflib.term.Node, ...]:
    """A triple in which ``"x"`` and ``"x"^^xsd:string`` are one literal, as in RDF 1.1, not in rdflib."""
    return tuple(
        rdflib.Literal(str(t)) if isinstance(t, rdflib.Literal) and t.datatype == XSD.string else t
        for t in triple
    )


def test_the_same_triples(world_store: Path, dumped: Callable[..., bytes]) -> None:
    with open_reader(world_store) as reader:
        graph = as_rdflib(reader)
        exact = rdflib.Graph().parse(data=dumped(world_store), format="nt")
        assert len(graph) == len(exact)
        assert {plain(t) for t in graph} == {plain(t) for t in exact}
        assert str(graph.value(rdflib.URIRef(w.MARTA), SKOS.prefLabel)) == "Marta Lindqvist"


def test_queries_and_prefixes(world_store: Path) -> None:
    with open_reader(world_store) as reader:
        graph = as_rdflib(reader)
        found = graph.query("SELECT ?o { person:lindqvist-marta kg:holdsOffice ?o }")
        assert [str(row[0]) for row in found] == [w.MINISTER]
        assert dict(graph.namespaces())["kg"] == rdflib.URIRef(KG)


def test_it_is_read_only(world_store: Path) -> None:
    with open_reader(world_store) as reader:
        graph = as_rdflib(reader)
        node = rdflib.URIRef("x:a")
        with pytest.raises(Exception, match="read-write"):
            graph.add((node, node, node))
        assert (node, node, node) not in graph


def test_other_stores_are_refused() -> None:
    with pytest.raises(StoreError, match="local folder, not object"):
        as_rdflib(object())  # type: ignore[arg-type]
