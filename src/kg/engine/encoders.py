"""Key of a format → the encoder of pyoxigraph: all that a worker process needs to know of formats."""

from __future__ import annotations

import pyoxigraph as ox

#: SPARQL 1.1 Query Results: for SELECT and ASK.
RESULTS: dict[str, ox.QueryResultsFormat] = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
#: RDF: for CONSTRUCT and DESCRIBE.
GRAPHS: dict[str, ox.RdfFormat] = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
    "trig": ox.RdfFormat.TRIG,
    "nq": ox.RdfFormat.N_QUADS,
}
#: Those whose files begin with the prefixes that they use.
PREFIXED = frozenset({"ttl", "trig"})
