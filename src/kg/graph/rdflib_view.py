"""The store as an rdflib graph."""

from __future__ import annotations

import pyoxigraph as ox
import rdflib
from oxrdflib.store import OxigraphStore
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID

from kg.errors import StoreError
from kg.graph.local import LocalReader
from kg.graph.store import StoreReader
from kg.terms import prefixes


def as_rdflib(reader: StoreReader) -> rdflib.Graph:
    """An rdflib graph over the generation of `reader`, by way of oxrdflib; it lives as long as the reader.

    It is read-only: adding or removing a triple fails. Pass queries as strings, not prepared: rdflib's own
    engine runs prepared ones, many times slower. Raises `StoreError` for a store that is not a local folder.
    """
    if not isinstance(reader, LocalReader):
        raise StoreError(f"an rdflib graph needs a store in a local folder, not {type(reader).__name__}")
    return wrap(reader.oxigraph, reader.base)


def wrap(store: ox.Store, base: str) -> rdflib.Graph:
    """An rdflib graph over `store`, with the prefixes of instances below `base`."""
    graph = rdflib.Graph(store=OxigraphStore(store=store), identifier=DATASET_DEFAULT_GRAPH_ID)
    for prefix, namespace in prefixes(base).items():
        graph.bind(prefix, namespace, override=True, replace=True)
    return graph
