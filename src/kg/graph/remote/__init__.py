"""Any SPARQL 1.1 endpoint as a store: built into and read by protocol.

What kg builds lies in one named graph of the endpoint, ``<base>graph``; beside it ``<base>graph/store`` keeps what a
store's folder keeps (extractions, manifest), so that any machine can go on with nothing but the address. A mirror of
that in the user's cache answers what a graph cannot answer fast: texts, names, sentences, days.
"""

from kg.graph.remote.endpoint import Endpoint
from kg.graph.remote.foreign import ForeignReader, open_foreign_reader
from kg.graph.remote.store import (
    RemoteReader,
    RemoteWriter,
    open_remote_reader,
    open_remote_writer,
    read_generation,
)

__all__ = [
    "Endpoint",
    "ForeignReader",
    "RemoteReader",
    "RemoteWriter",
    "open_foreign_reader",
    "open_remote_reader",
    "open_remote_writer",
    "read_generation",
]
