"""Finds entities by name and sentences by their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.days import find_days
from kg.errors import QueryError
from kg.graph.store import SearchHit, SentenceFilter, SentenceHit, StoreReader
from kg.graph.words import marked, words
from kg.model import Span
from kg.query.documents import get_document
from kg.query.evidence import Claims, DocumentRef, surroundings
from kg.query.neighbourhood import class_name, modality_name
from kg.query.nodes import Node, follow_canonical
from kg.terms import compact, passage_iri

#: Letters that a word has to have to be looked for without the others.
_LEAST_LETTERS = 3


@dataclass(frozen=True, slots=True)
class EntityHit:
    """An entity found by name; `matched` is the name that fitted, `score` grows with the fit (no unit).

    `highlights` are the words of `matched` that were looked for, in code points; `about` describes the entity, if
    something does.
    """

    iri: str
    curie: str
    label: str
    kind: str | None
    subkind: str | None
    matched: str
    score: float
    mentions: int
    highlights: tuple[Span, ...] = ()
    about: str | None = None


@dataclass(frozen=True, slots=True)
class SentenceView:
    """A sentence found by its words, with the text around it; positions in code points of the stored text.

    `entities` are those that it speaks of, in the order in which it does, each once; `highlights` are the words
    that were looked for, counted from the sentence's own beginning.
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
    highlights: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """What was found, best first in each list.

    `suggestion` is how names of the store spell the words, if no name has words that begin so.
    """

    query: str
    entities: tuple[EntityHit, ...]
    sentences: tuple[SentenceView, ...]
    suggestion: str | None = None


def search(
    reader: StoreReader,
    text: str,
    *,
    limit: int = 20,
    type: str | None = None,
    document: str | None = None,
    since: str | None = None,
    until: str | None = None,
    modality: str | None = None,
) -> SearchAnswer:
    """Entities with names that begin with the words of `text`, and sentences that hold them, `limit` of each.

    `type` is a class: of the entities, and of something that a sentence speaks of. `document` (key, IRI, CURIE or
    identifier) has to mention the entities and hold the sentences. `since` and `until` are the days of the sentences'
    documents, `modality` is how a claim is put that a sentence bears out; given one of these, entities are not looked
    for by them. Raises `QueryError` if `text` is empty or another value is not one of those allowed, `UnknownEntity`
    for a document that there is not.
    """
    if not text.strip():
        raise QueryError("nothing to search for: want one word or more")
    kind = class_name(reader, type) if type is not None else None
    iri = get_document(reader, document).iri if document is not None else None
    only = SentenceFilter(
        kind,
        iri,
        _day(since, "since", first=True),
        _day(until, "until", first=False),
        None if modality is None else modality_name(modality),
    )
    wanted = words(text)
    claims = Claims(reader)
    entities = tuple(
        entity_hit(reader, hit, wanted) for hit in reader.search(text, kind=kind, limit=limit, document=iri)
    )
    sentences = tuple(
        _sentence(claims, hit, wanted) for hit in reader.search_sentences(text, limit=limit, only=only)
    )
    return SearchAnswer(text, entities, sentences, None if entities else reader.suggest(text))


def _sentence(claims: Claims, hit: SentenceHit, wanted: Sequence[str]) -> SentenceView:
    document = claims.find_document(hit.document_iri)
    before, after = surroundings(document.text, hit.span) if document else ("", "")
    mentions = document.mentions if document is not None else ()
    named = dict.fromkeys(
        follow_canonical(claims.reader, m.entity_iri) for m in mentions if hit.span.covers(m.span)
    )
    return SentenceView(
        passage_iri(hit.document_iri, hit.span),
        hit.span.start,
        hit.span.end,
        hit.text,
        before,
        after,
        claims.cite(hit.document_iri),
        hit.score,
        tuple(claims.nodes.describe(entity) for entity in named),
        marked(hit.text, wanted, beginnings=False),
    )


def _day(text: str | None, name: str, *, first: bool) -> str | None:
    """The first or last day of an EDTF date."""
    if text is None or not text.strip():
        return None
    days = find_days(text.strip())
    day = None if days is None else days.first if first else days.last
    if day is None:
        raise QueryError(f"{name}={text!r}: want a day as YYYY-MM-DD, or a month or year")
    return day.isoformat()


def entity_hit(reader: StoreReader, hit: SearchHit, wanted: Sequence[str] = ()) -> EntityHit:
    """`hit` as it is shown: with its canonical IRI and CURIE."""
    iri = follow_canonical(reader, hit.iri)
    curie = compact(iri, reader.base)
    return EntityHit(
        iri,
        curie,
        hit.label,
        hit.kind or None,
        hit.subkind,
        hit.matched,
        hit.score,
        hit.mentions,
        marked(hit.matched, wanted, beginnings=True),
        hit.about,
    )


def search_near(reader: StoreReader, text: str, kind: str | None, limit: int) -> list[SearchHit]:
    """Entities whose names hold the words of `text`; where none does, words spelt like them, or some of them."""
    wanted = words(text)
    found = reader.search(text, kind=kind, limit=limit)
    if found or not wanted:
        return found
    other = reader.suggest(text)
    if other is not None:
        found = reader.search(other, kind=kind, limit=limit)
    rest = sorted(set(wanted), key=lambda word: (-len(word), word)) if len(wanted) > 1 else []
    for word in rest:
        if len(found) >= limit or len(word) < _LEAST_LETTERS:
            break
        found = [*found, *reader.search(word, kind=kind, limit=limit - len(found))]
    return found
