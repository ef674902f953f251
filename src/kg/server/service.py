"""The description of the SPARQL service (SPARQL 1.1 Service Description), answered by ``/sparql`` without a query."""

from __future__ import annotations

import pyoxigraph as ox

from kg.engine.formats import GRAPH_FORMATS, QUAD_FORMATS, RESULT_FORMATS
from kg.terms import RDF

SD = "http://www.w3.org/ns/sparql-service-description#"
#: Key of a format → its name in https://www.w3.org/ns/formats/.
_NAMES = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "ttl": "Turtle",
    "nt": "N-Triples",
    "jsonld": "JSON-LD",
    "rdf": "RDF_XML",
    "trig": "TriG",
    "nq": "N-Quads",
}


def describe_service(endpoint: str) -> list[ox.Triple]:
    """What the service at the URL `endpoint` speaks."""
    service = ox.NamedNode(endpoint)
    dataset, default = ox.BlankNode("dataset"), ox.BlankNode("default")
    found = [
        _triple(service, RDF + "type", ox.NamedNode(SD + "Service")),
        _triple(service, SD + "endpoint", service),
        _triple(service, SD + "supportedLanguage", ox.NamedNode(SD + "SPARQL11Query")),
        _triple(service, SD + "defaultDataset", dataset),
        _triple(dataset, RDF + "type", ox.NamedNode(SD + "Dataset")),
        _triple(dataset, SD + "defaultGraph", default),
        _triple(default, RDF + "type", ox.NamedNode(SD + "Graph")),
    ]
    for form in (*RESULT_FORMATS, *GRAPH_FORMATS, *QUAD_FORMATS):
        name = ox.NamedNode("http://www.w3.org/ns/formats/" + _NAMES[form.key])
        found.append(_triple(service, SD + "resultFormat", name))
    return found


def _triple(
    subject: ox.NamedNode | ox.BlankNode, predicate: str, value: ox.NamedNode | ox.BlankNode
) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), value)
