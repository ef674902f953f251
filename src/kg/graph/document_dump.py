"""What the graph has from one document: the document, its mentions, its claims and their passages."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from kg.graph import rdf
from kg.graph.store import StoreReader
from kg.terms import KG, passage_iri


def document_lines(reader: StoreReader, iri: str) -> list[bytes]:
    """Sorted N-Triples lines of all that the document `iri` says, each once; empty if there is no such document."""
    subjects = {iri}
    document = reader.document(iri)
    if document is not None:
        subjects.update(passage_iri(iri, mention.span) for mention in document.mentions)
    for claim in _subjects(reader.quads(None, KG + "document", iri)):
        subjects.add(claim)
        passages = (quad.object for quad in reader.quads(claim, KG + "evidence"))
        subjects.update(p.value for p in passages if isinstance(p, ox.NamedNode))
    return sorted({rdf.line(quad) for subject in subjects for quad in reader.quads(subject)})


def _subjects(quads: Iterator[ox.Quad]) -> Iterator[str]:
    return (quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode))
