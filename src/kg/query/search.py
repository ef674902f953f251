"""Finds entities by name and sentences by their words."""

from __future__ import annotations

from dataclasses import dataclass

from kg.errors import QueryError
from kg.graph.store import SearchHit, StoreReader
from kg.query.evidence import Claims, DocumentRef, surroundings
from kg.query.nodes import Node, follow_canonical
from kg.terms import compact, passage_iri


@dataclass(frozen=True, slots=True)
class EntityHit:
    """An entity found by name; `matched` is the name that fitted, `score` grows with the fit (no unit)."""

    iri: str
    curie: str
    label: str
    kind: str | None
    subkind: str | None
    matched: str
    score: float
    mentions: int


@dataclass(frozen=True, slots=True)
class SentenceView:
    """A sentence found by its words, with the text around it; positions in code points of the stored text.

    `entities` are those that it speaks of, in the order in which it does, each once.
    """

    iri: str
    start: int
    end: int
    text: str
    before: str
    after: str
    document: DocumentRef
    score: float
    entities: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """What was found, best first in each list."""

    query: str
    entities: tuple[EntityHit, ...]
    sentences: tuple[SentenceView, ...]


def search(reader: StoreReader, text: str, *, limit: int = 20) -> SearchAnswer:
    """Entities with names that begin with the words of `text`, and sentences that hold them, `limit` of each.

    Raises `QueryError` if `text` is empty.
    """
    if not text.strip():
        raise QueryError("nothing to search for: want one word or more")
    claims = Claims(reader)
    sentences = []
    for hit in reader.search_sentences(text, limit=limit):
        document = claims.find_document(hit.document_iri)
        before, after = surroundings(document.text, hit.span) if document else ("", "")
        iri = passage_iri(hit.document_iri, hit.span)
        cited = claims.cite(hit.document_iri)
        mentions = document.mentions if document is not None else ()
        named = dict.fromkeys(
            follow_canonical(reader, m.entity_iri) for m in mentions if hit.span.covers(m.span)
        )
        sentences.append(
            SentenceView(
                iri,
                hit.span.start,
                hit.span.end,
                hit.text,
                before,
                after,
                cited,
                hit.score,
                tuple(claims.nodes.describe(entity) for entity in named),
            )
        )
    entities = tuple(entity_hit(reader, hit) for hit in reader.search(text, limit=limit))
    return SearchAnswer(text, entities, tuple(sentences))


def entity_hit(reader: StoreReader, hit: SearchHit) -> EntityHit:
    """`hit` as it is shown: with its canonical IRI and CURIE."""
    iri = follow_canonical(reader, hit.iri)
    curie = compact(iri, reader.base)
    return EntityHit(
        iri, curie, hit.label, hit.kind or None, hit.subkind, hit.matched, hit.score, hit.mentions
    )
