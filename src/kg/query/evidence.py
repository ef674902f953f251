"""What was said, where: claims with the sentences they were read from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite

import pyoxigraph as ox

from kg.errors import QueryError, UnknownEntity
from kg.graph.store import StoredDocument, StoreReader
from kg.model import EDTF_DATATYPE, Modality, Span
from kg.query.declared import shipped_ontology
from kg.query.names import resolve_entity
from kg.query.nodes import (
    OBJECT,
    PREDICATE,
    RDF_TYPE,
    SUBJECT,
    Node,
    Nodes,
    Value,
    check_iri,
    follow_canonical,
    local_name,
    named_objects,
    term_text,
)
from kg.terms import DCT, KG, XSD, as_iri, compact, parse_passage

#: Code points of context on either side of a quote.
CONTEXT = 200

_MODALITIES = frozenset(m.value for m in Modality)


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A document as it is cited; `as_of` is a day (xsd:date), `as_of_basis` stated, inferred or unknown."""

    iri: str
    curie: str
    identifiers: tuple[str, ...]
    title: str | None
    as_of: str | None
    as_of_basis: str


@dataclass(frozen=True, slots=True)
class PassageView:
    """A passage: `start` and `end` count code points of the document's stored text; `before` and `after` are
    context.
    """

    iri: str
    start: int
    end: int
    quote: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ClaimView:
    """What one document says: the statement, how it is put (`modality`), by whom, and the passages that say
    it.
    """

    iri: str
    curie: str
    subject: Node
    predicate: Node
    object: Node | Value
    modality: str
    confidence: float | None
    attribution: str | None
    said_by: Node | None
    valid_time: str | None
    acting: bool
    document: DocumentRef
    passages: tuple[PassageView, ...]
    contradicts: tuple[str, ...]
    supersedes: tuple[str, ...]


class Claims:
    """Reads claims of one generation; keeps the documents and labels it has read."""

    def __init__(self, reader: StoreReader) -> None:
        self.reader = reader
        self.nodes = Nodes(reader)
        self._documents: dict[str, StoredDocument | None] = {}

    def view(self, iri: str) -> ClaimView:
        """The claim with the given IRI. Raises `UnknownEntity` if `iri` is not a claim."""
        outgoing: dict[str, list[object]] = {}
        for quad in self.reader.quads(iri):
            outgoing.setdefault(quad.predicate.value, []).append(quad.object)
        triple = [outgoing.get(p) for p in (SUBJECT, PREDICATE, OBJECT)]
        if not all(triple):
            raise UnknownEntity(f"not a claim: {iri!r}")
        subject, predicate, object_ = (min(terms, key=str) for terms in triple if terms)

        def first(name: str) -> str | None:
            return min((term_text(t) for t in outgoing.get(KG + name, [])), default=None)

        said_by = first("saidBy")
        confidence = first("confidence")
        document = first("document")
        contradicts = {term_text(t) for t in outgoing.get(KG + "contradicts", [])}
        contradicts |= {term_text(q.subject) for q in self.reader.quads(None, KG + "contradicts", iri)}
        return ClaimView(
            iri=iri,
            curie=compact(iri, self.reader.base),
            subject=self.nodes.describe(term_text(subject)),
            predicate=self.nodes.describe(term_text(predicate)),
            object=self.nodes.term(object_),
            modality=modality_of(term_text(t) for t in outgoing.get(RDF_TYPE, [])),
            confidence=number_of(confidence),
            attribution=first("attribution"),
            said_by=self.nodes.describe(said_by) if said_by else None,
            valid_time=first("validTime"),
            acting=first("acting") in ("true", "1"),
            document=self.cite(document),
            passages=self.passages(term_text(t) for t in outgoing.get(KG + "evidence", [])),
            contradicts=tuple(sorted(contradicts)),
            supersedes=tuple(sorted(term_text(t) for t in outgoing.get(KG + "supersedes", []))),
        )

    def cite(self, iri: str | None) -> DocumentRef:
        """How the document `iri` is cited; of a document that is not stored only what the graph says."""
        if iri is None:
            return DocumentRef("", "", (), None, None, "unknown")
        document = self.find_document(iri)
        curie = compact(iri, self.reader.base)
        if document is not None:
            return cite_document(document, self.reader.base)
        identifiers = tuple(sorted(term_text(q.object) for q in self.reader.quads(iri, DCT + "identifier")))
        as_of = min((term_text(q.object) for q in self.reader.quads(iri, KG + "asOf")), default=None)
        basis = min(
            (term_text(q.object) for q in self.reader.quads(iri, KG + "asOfBasis")), default="unknown"
        )
        return DocumentRef(iri, curie, identifiers, None, as_of, basis)

    def passages(self, iris: Iterable[str]) -> tuple[PassageView, ...]:
        """The passages with the given IRIs, by position, quoted from the stored text or ``kg:text``."""
        found: list[PassageView] = []
        for iri in sorted(set(iris)):
            parsed = parse_passage(iri)
            document = self.find_document(parsed[0]) if parsed else None
            span = parsed[1] if parsed else Span(0, 0)
            if document is not None and document.text:
                quote = document.text[span.start : span.end]
                before, after = surroundings(document.text, span)
            else:
                quote = min((term_text(q.object) for q in self.reader.quads(iri, KG + "text")), default="")
                before = after = ""
            found.append(PassageView(iri, span.start, span.end, quote, before, after))
        return tuple(sorted(found, key=lambda p: (p.start, p.end, p.iri)))

    def find_document(self, iri: str) -> StoredDocument | None:
        """The stored document with the given IRI, or None; read once."""
        if iri not in self._documents:
            self._documents[iri] = self.reader.document(iri)
        return self._documents[iri]


def cite_document(document: StoredDocument, base: str) -> DocumentRef:
    """How `document` is cited."""
    return DocumentRef(
        document.iri,
        compact(document.iri, base),
        document.identifiers,
        document.title,
        document.as_of,
        document.as_of_basis,
    )


def modality_of(types: Iterable[str]) -> str:
    """The modality among a claim's classes (IRIs); ``Asserted`` if there is none."""
    return min(
        (local_name(t) for t in types if local_name(t) in _MODALITIES), default=Modality.ASSERTED.value
    )


def surroundings(text: str, span: Span, width: int = CONTEXT) -> tuple[str, str]:
    """The text before and after `span`, at most `width` code points each, within the paragraph, cut between
    words.
    """
    before = text[max(0, span.start - width) : span.start].rpartition("\n\n")[2]
    if len(before) == width:
        before = before.partition(" ")[2] or before
    after = text[span.end : span.end + width].partition("\n\n")[0]
    if len(after) == width:
        after = after.rpartition(" ")[0] or after
    return before, after


def get_claim(reader: StoreReader, claim: str) -> ClaimView:
    """The claim with the given IRI or CURIE. Raises `UnknownEntity` if there is none."""
    iri = as_iri(claim.strip(), reader.base)
    if iri is None:
        raise UnknownEntity(f"not a claim: {claim!r} (want its IRI or CURIE, such as claim:abcdefghijklmnop)")
    return Claims(reader).view(check_iri(iri))


def find_claims(
    reader: StoreReader,
    subject: str | None = None,
    predicate: str | None = None,
    object: str | ox.Literal | None = None,
    *,
    modalities: Iterable[str] = (),
    limit: int | None = None,
    offset: int = 0,
) -> tuple[list[ClaimView], int]:
    """(claims, how many there are in all) with the given terms; None matches any, a string is an IRI.

    Best confidence first. A literal is compared by its lexical form. Raises `QueryError` if no term is given.
    """
    iris = claim_iris(reader, subject, predicate, object)
    reads = Claims(reader)
    wanted = frozenset(modalities)
    if wanted:
        iris = [
            i for i in iris if modality_of(term_text(q.object) for q in reader.quads(i, RDF_TYPE)) in wanted
        ]
    ranked = sorted((-confidence_of(reader, iri), iri) for iri in iris)
    chosen = ranked[offset : None if limit is None else offset + limit]
    return [reads.view(iri) for _, iri in chosen], len(ranked)


def claim_iris(
    reader: StoreReader, subject: str | None, predicate: str | None, object: str | ox.Literal | None
) -> list[str]:
    """The IRIs of the claims with the given terms, sorted. Raises `QueryError` if no term is given."""
    sets: list[set[str]] = []
    if subject is not None:
        sets.append(_subjects(reader, SUBJECT, check_iri(subject)))
    if isinstance(object, ox.Literal):
        found = sets[0] if sets else _claims_of_literal(reader, object.value)
        sets.append(
            {c for c in found if object.value in {term_text(q.object) for q in reader.quads(c, OBJECT)}}
        )
    elif object is not None:
        sets.append(_subjects(reader, OBJECT, check_iri(object)))
    if predicate is not None:
        check_iri(predicate)
        if sets:
            smallest = min(sets, key=len)
            sets.append({c for c in smallest if any(True for _ in reader.quads(c, PREDICATE, predicate))})
        else:
            sets.append(_subjects(reader, PREDICATE, predicate))
    if not sets:
        raise QueryError("no subject, predicate or object given: want at least one")
    return sorted(set.intersection(*sets))


def claims_about(
    reader: StoreReader, entity_iri: str, *, limit: int | None = None, offset: int = 0
) -> tuple[list[ClaimView], int]:
    """(claims, how many in all) whose subject or object is the entity; best confidence first."""
    iri = follow_canonical(reader, entity_iri)
    iris = _subjects(reader, SUBJECT, iri) | _subjects(reader, OBJECT, iri)
    ranked = sorted((-confidence_of(reader, c), c) for c in iris)
    reads = Claims(reader)
    chosen = ranked[offset : None if limit is None else offset + limit]
    return [reads.view(c) for _, c in chosen], len(ranked)


def why(reader: StoreReader, subject: str, predicate: str, object: str | ox.Literal) -> list[ClaimView]:
    """All claims for the statement (IRIs; a literal object by its lexical form), best confidence first."""
    return find_claims(reader, subject, predicate, object)[0]


def relation_iri(reader: StoreReader, text: str) -> str:
    """The IRI of a relation written as an IRI, a CURIE or the local name of one of ours (``holdsOffice``).

    Raises `QueryError` that lists our relations if it is none of these.
    """
    written = text.strip()
    iri = as_iri(written, reader.base) or KG + written
    if not iri.startswith(KG):
        return check_iri(iri)
    known = shipped_ontology().relations
    found = {name.lower(): name for name in known}.get(iri[len(KG) :].lower())
    if found is not None:
        return KG + found
    if written.isidentifier() and any(True for _ in reader.quads(None, iri)):
        return iri
    raise QueryError(f"relation {text!r}: want one of {', '.join(sorted(known))}, or another one's IRI")


def read_object(reader: StoreReader, text: str) -> str | ox.Literal:
    """What a person means by the object `text`: an entity's IRI, a concept of ours (``held``), else a
    literal.

    Raises `AmbiguousName`, and `UnknownEntity` if it is none of these, going by what claims there are.
    """
    bare = text.strip()
    try:
        return resolve_entity(reader, bare)
    except UnknownEntity:
        if bare.isidentifier() and any(True for _ in reader.quads(None, OBJECT, KG + bare)):
            return KG + bare
        if _claims_of_literal(reader, bare):
            return ox.Literal(bare)
        raise


def _subjects(reader: StoreReader, predicate: str, object: str | ox.Literal) -> set[str]:
    return {
        q.subject.value for q in reader.quads(None, predicate, object) if isinstance(q.subject, ox.NamedNode)
    }


def _claims_of_literal(reader: StoreReader, text: str) -> set[str]:
    kinds = (EDTF_DATATYPE, XSD + "string", XSD + "date", XSD + "integer", XSD + "decimal")
    return {
        c for kind in kinds for c in _subjects(reader, OBJECT, ox.Literal(text, datatype=ox.NamedNode(kind)))
    }


def confidence_of(reader: StoreReader, claim: str) -> float:
    """The confidence (0 to 1) of the claim with the given IRI; 0 if it has none."""
    numbers = (number_of(term_text(q.object)) for q in reader.quads(claim, KG + "confidence"))
    return max((n for n in numbers if n is not None), default=0.0)


def number_of(text: str | None) -> float | None:
    """The number that `text` writes, or None."""
    try:
        number = float(text) if text is not None else None
    except ValueError:  # data from elsewhere need not be ours
        return None
    return number if number is not None and isfinite(number) else None


def documents_of(reader: StoreReader, claims: Iterable[str]) -> list[str]:
    """The IRIs of the documents of the given claims, sorted, each once."""
    return sorted({iri for claim in claims for iri in named_objects(reader, claim, KG + "document")})
