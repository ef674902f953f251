from __future__ import annotations

import csv
import io
import json
from types import ModuleType

import networkx
import pyoxigraph as ox
import pytest
import rdflib

from kg.errors import QueryError
from kg.graph.store import StoreReader
from kg.query.exports import CSV_COLUMNS, EXPORTS, edge_key, get_export, to_networkx, write
from kg.query.neighbourhood import Neighbourhood, neighbourhood


@pytest.fixture(scope="module")
def found(reader: StoreReader, asked_world: ModuleType) -> Neighbourhood:
    return neighbourhood(reader, asked_world.EVIL.iri, depth=2, limit=20)


def shape(graph: networkx.MultiDiGraph) -> set[tuple[str, str, str]]:
    return {(u, v, d["modality"]) for u, v, d in graph.edges(data=True)}


def test_networkx_has_the_same_nodes_and_edges(found: Neighbourhood) -> None:
    graph = to_networkx(found)
    assert set(graph.nodes) == {n.iri for n in found.nodes}
    assert graph.number_of_edges() == len(found.edges) > 0
    assert all(d["claims"] and d["claims"][0]["quote"] for _, _, d in graph.edges(data=True))


def test_every_format_gives_the_same_graph_back(found: Neighbourhood, reader: StoreReader) -> None:
    wanted = shape(to_networkx(found))
    again = networkx.node_link_graph(json.loads(write(found, "node-link", reader)), edges="edges")
    assert shape(again) == wanted
    assert shape(networkx.read_graphml(io.BytesIO(write(found, "graphml", reader)))) == wanted
    gexf = networkx.read_gexf(io.BytesIO(write(found, "gexf", reader)), version="1.2draft")
    assert shape(gexf) == wanted
    elements = json.loads(write(found, "cytoscape", reader))["elements"]
    assert {
        (e["data"]["source"], e["data"]["target"], e["data"]["modality"]) for e in elements["edges"]
    } == wanted
    assert len({e["data"]["id"] for e in elements["edges"]}) == len(found.edges)
    rows = list(csv.DictReader(io.StringIO(write(found, "csv", reader).decode("utf-8"), newline="")))
    assert {(r["source"], r["target"], r["modality"]) for r in rows} == wanted


def test_turtle_holds_labels_facts_and_claims(found: Neighbourhood, reader: StoreReader) -> None:
    data = write(found, "turtle", reader)
    triples = {q.triple for q in ox.parse(data, format=ox.RdfFormat.TURTLE)}
    assert len(rdflib.Graph().parse(data=data, format="turtle")) == len(triples)
    every = {q.triple for q in reader.quads()}
    assert triples <= every
    subjects = {str(t.subject) for t in triples}
    assert {f"<{c.claim}>" for e in found.edges for c in e.claims} <= subjects


@pytest.mark.parametrize("key", [e.key for e in EXPORTS])
def test_the_same_neighbourhood_gives_the_same_bytes(
    found: Neighbourhood, reader: StoreReader, key: str
) -> None:
    assert write(found, key, reader) == write(found, key, reader)


def test_gexf_carries_no_day(found: Neighbourhood, reader: StoreReader) -> None:
    assert b"lastmodifieddate" not in write(found, "gexf", reader)


def test_a_spreadsheet_runs_no_formula(
    found: Neighbourhood, reader: StoreReader, asked_world: ModuleType
) -> None:
    text = write(found, "csv", reader).decode("utf-8")
    assert asked_world.EVIL_TEXT in text.replace('""', '"')
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0] == list(CSV_COLUMNS)
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_edge_keys_do_not_depend_on_the_rest(
    found: Neighbourhood, reader: StoreReader, asked_world: ModuleType
) -> None:
    near = neighbourhood(reader, asked_world.UNION.iri, limit=100)
    shared = {edge_key(e) for e in near.edges} & {edge_key(e) for e in found.edges}
    assert edge_key(next(e for e in found.edges if e.source == asked_world.EVIL.iri)) in shared


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(QueryError, match="want one of json, cytoscape"):
        get_export("png")
    assert get_export("ttl").key == "turtle"
