"""What agents get: short answers, each fact with the sentence that says so and the address of its document.

No protocol here: functions from a reader to what is then written as JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TypeAlias

from kg.errors import QueryError
from kg.graph.past import PastReader
from kg.graph.store import StoredDocument, StoreReader
from kg.query.contradictions import contradictions as find_contradictions
from kg.query.documents import get_document, list_documents
from kg.query.entities import entity_card
from kg.query.evidence import ClaimView, DocumentRef, claims_about, find_claims, read_object, relation_iri
from kg.query.names import resolve_entity
from kg.query.neighbourhood import GraphEdge, neighbourhood
from kg.query.nodes import Node, Value
from kg.query.offices import offices as find_offices
from kg.query.paths import Path, Route, find_path
from kg.query.search import search

Json: TypeAlias = dict[str, object]

#: Characters of a document's text in one answer.
MOST_TEXT = 20_000
_NAMES_SHOWN = 12


class Addresses:
    """Where people read a document: at the server `public_url` if there is one, else by its IRI."""

    def __init__(self, reader: StoreReader, public_url: str) -> None:
        self._base = reader.base
        self._public = public_url.rstrip("/")
        self.as_of = reader.day.isoformat() if isinstance(reader, PastReader) else None

    def of(self, iri: str) -> str:
        """The address of what has the IRI `iri`."""
        if self._public and iri.startswith(self._base):
            return f"{self._public}/{iri[len(self._base) :]}"
        return iri


def find(
    reader: StoreReader,
    at: Addresses,
    words: str,
    type: str | None,
    document: str | None,
    since: str | None,
    until: str | None,
    limit: int,
) -> Json:
    """Entities by name and sentences by words."""
    found = search(reader, words, limit=limit, type=type, document=document, since=since, until=until)
    answer: Json = {
        "entities": [
            {"id": e.curie, "label": e.label, "class": e.subkind or e.kind, "mentions": e.mentions}
            for e in found.entities
        ],
        "sentences": [
            {
                "sentence": s.text,
                "speaks_of": [{"id": e.curie, "label": e.label} for e in s.entities],
                **_source(at, s.document, s.iri),
            }
            for s in found.sentences
        ],
    }
    if found.suggestion is not None:
        answer["did_you_mean"] = found.suggestion
    return answer


def entity(reader: StoreReader, at: Addresses, name: str, limit: int) -> Json:
    """What is known of one entity, with the sentences."""
    card = entity_card(reader, name)
    claims, total = claims_about(reader, card.iri, limit=limit)
    return {
        "id": card.curie,
        "iri": card.iri,
        "label": card.label,
        "classes": list(card.classes),
        "also_called": list(card.names[:_NAMES_SHOWN]),
        "same_as": list(card.exact_matches),
        "claims": [claim_of(at, claim) for claim in claims],
        "claims_in_all": total,
        "documents": [
            {"document": ", ".join(d.identifiers) or d.iri, "address": at.of(d.iri), "date": d.as_of}
            for d in card.documents
        ],
    }


def around(
    reader: StoreReader,
    at: Addresses,
    name: str,
    depth: int,
    limit: int,
    relations: Sequence[str],
    types: Sequence[str],
    modalities: Sequence[str],
    min_confidence: float,
) -> Json:
    """A neighbourhood; each edge with the best sentence behind it."""
    found = neighbourhood(
        reader, name, depth, limit, relations, types, modalities, min_confidence=min_confidence
    )
    labels = {n.iri: n.label for n in found.nodes}
    return {
        "centre": labels[found.centre],
        "entities": [
            {"id": n.curie, "label": n.label, "class": n.subkind or n.kind, "hops": n.hops}
            for n in found.nodes
        ],
        "edges": [_edge(at, edge, labels) for edge in found.edges],
        "left_out": [{"at": labels[c.iri], "neighbours": c.left_out} for c in found.cut],
    }


def chains(reader: StoreReader, at: Addresses, source: str, target: str, max_hops: int, k: int) -> Json:
    """How two entities are joined, with the sentence behind every step."""
    found = find_path(reader, source, target, max_hops=max_hops, k=k)
    routes: list[Path | Route] = [found, *found.others] if found.hops is not None else []
    return {
        "source": found.source.label,
        "target": found.target.label,
        "paths": [
            {
                "hops": route.hops,
                "chain": [n.label for n in route.nodes],
                "edges": [_edge(at, e, {n.iri: n.label for n in route.nodes}) for e in route.edges],
            }
            for route in routes
        ],
        "search_given_up": found.gave_up,
    }


def evidence(
    reader: StoreReader,
    at: Addresses,
    about: str | None,
    subject: str | None,
    relation: str | None,
    object: str | None,
    limit: int,
) -> Json:
    """The claims on an entity, or on a statement."""
    if (about is None) == (subject is None and relation is None and object is None):
        raise QueryError("want either entity, or any of subject, relation and object")
    if about is not None:
        claims, total = claims_about(reader, resolve_entity(reader, about), limit=limit)
    else:
        claims, total = find_claims(
            reader,
            resolve_entity(reader, subject) if subject is not None else None,
            relation_iri(reader, relation) if relation is not None else None,
            read_object(reader, object) if object is not None else None,
            limit=limit,
        )
    return {"claims": [claim_of(at, claim) for claim in claims], "claims_in_all": total}


def quarrels(reader: StoreReader, at: Addresses, about: str | None, limit: int) -> Json:
    """Claims that cannot both be right, with both sentences, and what a later document says."""
    found = find_contradictions(reader, about, limit=limit)
    return {
        "contradictions": [
            {
                "kind": pair.kind,
                "one": claim_of(at, pair.one),
                "other": claim_of(at, pair.other),
                "settled": None
                if pair.settled is None
                else {
                    "in_favour_of": pair.settled.in_favour,
                    "on": pair.settled.on,
                    "by": claim_of(at, pair.settled.claim),
                },
            }
            for pair in found.items
        ],
        "contradictions_in_all": found.total,
    }


def posts(
    reader: StoreReader,
    at: Addresses,
    office: str | None,
    body: str | None,
    person: str | None,
    on: date | None,
    limit: int,
) -> Json:
    """Who held which office when, with the first and last sentence that says so."""
    found = find_offices(reader, office, body=body, person=person, on=on, limit=limit)
    return {
        "on": found.on,
        "offices": [
            {
                "office": history.office.label,
                "of": history.body.label if history.body is not None else None,
                "holders_on_that_day": [
                    {
                        "person": h.person.label,
                        "known": h.basis,
                        "acting": h.acting,
                        "claim": claim_of(at, h.claim),
                    }
                    for h in history.holders
                ],
                "tenures": [
                    {
                        "person": t.person.label,
                        "first": t.first,
                        "last": t.last,
                        "ended_by": t.ended_by,
                        "acting": t.acting,
                        "planned": t.planned,
                        "claims": [claim_of(at, claim) for claim in t.shown],
                    }
                    for t in history.tenures
                ],
            }
            for history in found.items
        ],
        "offices_in_all": found.total,
    }


def documents(reader: StoreReader, at: Addresses, limit: int, offset: int) -> Json:
    """The documents, without their texts."""
    found = list_documents(reader, limit=limit, offset=offset)
    return {
        "documents": [
            {
                "document": ", ".join(d.identifiers),
                "title": d.title,
                "date": d.as_of,
                "date_is": d.as_of_basis,
                "source": d.source,
                "address": at.of(d.iri),
            }
            for d in found.items
        ],
        "documents_in_all": found.total,
    }


def document(reader: StoreReader, at: Addresses, name: str, start: int) -> Json:
    """A document's text from the code point `start` on."""
    found = get_document(reader, name)
    text = found.text[start : start + MOST_TEXT]
    end = start + len(text)
    answer: Json = {**head_of(at, found), "start": start, "text": text}
    if end < len(found.text):
        answer["next_start"] = end
    return answer


def head_of(at: Addresses, found: StoredDocument) -> Json:
    """What tells a document from others."""
    return {
        "document": ", ".join(found.identifiers),
        "title": found.title,
        "date": found.as_of,
        "date_is": found.as_of_basis,
        "source": found.source,
        "address": at.of(found.iri),
    }


def claim_of(at: Addresses, claim: ClaimView) -> Json:
    """A claim: what it says, how it is put, by whom, in which sentence of which document."""
    shown: Json = {
        "says": f"{claim.subject.label} — {claim.predicate.label} — {_text(claim.object)}",
        "modality": claim.modality,
        "confidence": claim.confidence,
        "sentence": " … ".join(p.quote for p in claim.passages),
        **_source(at, claim.document, claim.passages[0].iri if claim.passages else claim.document.iri),
    }
    if claim.attribution or claim.said_by is not None:
        shown["said_by"] = claim.attribution or (claim.said_by.label if claim.said_by else None)
    if claim.valid_time:
        shown["valid"] = claim.valid_time
    return shown


def _edge(at: Addresses, edge: GraphEdge, labels: dict[str, str]) -> Json:
    shown: Json = {
        "says": f"{labels.get(edge.source, edge.source)} — {edge.predicate.removeprefix('kg:')} — "
        f"{labels.get(edge.target, edge.target)}",
        "modality": edge.modality,
        "claims": edge.claim_count,
        "confidence": edge.confidence,
        "since": edge.since,
    }
    if edge.claims:
        best = edge.claims[0]
        iri = f"{best.document}#char={best.start},{best.end}"
        shown |= {"sentence": best.quote, "address": at.of(iri), "date": best.as_of}
    return shown


def _source(at: Addresses, document: DocumentRef, passage: str) -> Json:
    return {
        "document": ", ".join(document.identifiers) or document.iri,
        "address": at.of(passage),
        "date": document.as_of,
    }


def _text(term: Node | Value) -> str:
    return term.value if isinstance(term, Value) else term.label
