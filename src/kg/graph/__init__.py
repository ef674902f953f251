"""Extractions become RDF here, and are kept: assembly, derived facts, dumps, the store, its checks."""

from kg.graph.checking import Problem, check_store
from kg.graph.loading import load_rdf
from kg.graph.local import LocalStore, open_reader, open_writer
from kg.graph.store import StoreReader, StoreWriter, What

__all__ = [
    "LocalStore",
    "Problem",
    "StoreReader",
    "StoreWriter",
    "What",
    "check_store",
    "load_rdf",
    "open_reader",
    "open_writer",
]
