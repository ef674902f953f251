"""What one extraction says, as RDF: claims with their passages, mentions, the document.

All functions are pure. Claims keep the IRI they have by what their document says, whatever is later decided
about who is who; their subjects and objects are written as canonical entities.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import pyoxigraph as ox

from kg.days import find_days
from kg.errors import StoreError
from kg.graph import rdf
from kg.model import (
    EDTF_DATATYPE,
    Claim,
    Document,
    Extraction,
    Identities,
    Literal,
    Match,
    Modality,
    Span,
)
from kg.terms import claim_iri, document_iri, match_iri, passage_iri

#: From an IRI that a document uses to the one that stands for the thing.
Canonical = Callable[[str], str]


class Part(StrEnum):
    """The kinds of triples a graph is made of.

    A passage that is both evidence and mention has its text in both parts; apart from that they are disjoint.
    """

    FACTS = "facts"
    CLAIMS = "claims"
    MENTIONS = "mentions"
    DOCUMENTS = "documents"
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True)
class StatedClaim:
    """A claim by its canonical ends, with what facts are derived from.

    `document` is an IRI, `as_of` its as-of day (empty if unknown: sorts first), `valid_time` EDTF.
    """

    iri: str
    subject: str
    predicate: str
    object: str | Literal
    modality: Modality
    document: str
    as_of: str
    confidence: int
    valid_time: str | None

    @property
    def when(self) -> tuple[str, str]:
        """Order of documents in time; documents of one day are in the order of their IRIs."""
        return (self.as_of, self.document)


def follow(identity: Mapping[str, str]) -> Canonical:
    """The function that follows `identity` to its end. Raises `StoreError` if it runs in a circle."""
    resolved: dict[str, str] = {}
    for start in identity:
        seen = [start]
        while (following := identity.get(seen[-1], seen[-1])) != seen[-1]:
            if following in seen:
                raise StoreError(f"identity runs in a circle: {' → '.join([*seen, following])}")
            seen.append(following)
        resolved[start] = seen[-1]
    return lambda iri: resolved.get(iri, iri)


def verify(extraction: Extraction) -> None:
    """Raise `StoreError` unless every claim has evidence, and every passage lies inside the text."""
    document = extraction.document
    name = ", ".join(document.identifiers)
    if not document.identifiers:
        raise StoreError(f"document {document.key}: no identifier; want at least one")
    length = len(document.text)
    for claim in extraction.claims:
        what = f"{name}: claim {claim.subject} {claim.predicate} {claim.object} ({claim.rule or 'no rule'})"
        if not claim.evidence:
            raise StoreError(f"{what}: no evidence; want at least one passage")
        if not 0 <= claim.confidence <= 100:
            raise StoreError(f"{what}: confidence {claim.confidence}; want hundredths from 0 to 100")
        for span in claim.evidence:
            _verify_span(span, length, what)
    for mention in extraction.mentions:
        _verify_span(mention.span, length, f"{name}: mention {mention.text!r}")


def _verify_span(span: Span, length: int, what: str) -> None:
    if not 0 <= span.start < span.end <= length:
        raise StoreError(
            f"{what}: passage {span.start},{span.end} is not inside the text of {length} code points"
        )


def state_claims(
    extraction: Extraction, canonical: Canonical, base: str
) -> dict[str, tuple[StatedClaim, Claim]]:
    """Claim IRI → the claim by canonical ends, and as it was read; of equal claims the most confident."""
    document = extraction.document
    document_is = document_iri(document.key, base)
    as_of = last_day(extraction.as_of) or ""
    stated: dict[str, tuple[StatedClaim, Claim]] = {}
    for claim in extraction.claims:
        identified = claim_iri(_parts(document, claim), base)
        known = stated.get(identified)
        if known is not None and (known[1].confidence, known[1].rule) >= (claim.confidence, claim.rule):
            continue
        target = claim.object if isinstance(claim.object, Literal) else canonical(claim.object)
        made = StatedClaim(
            identified,
            canonical(claim.subject),
            claim.predicate,
            target,
            claim.modality,
            document_is,
            as_of,
            claim.confidence,
            claim.valid_time,
        )
        stated[identified] = (made, claim)
    return stated


def _parts(document: Document, claim: Claim) -> Iterator[str]:
    """All that tells a claim from others; not what was decided elsewhere, how sure it is or who read it."""
    yield document.key
    yield claim.subject
    yield claim.predicate
    yield str(rdf.term(claim.object))
    yield claim.modality.value
    yield " ".join(f"{s.start},{s.end}" for s in sorted(set(claim.evidence)))
    yield claim.attribution or ""
    yield claim.said_by or ""
    yield claim.valid_time or ""
    if claim.acting:
        yield "acting"


def claim_quads(stated: StatedClaim, claim: Claim, text: str, canonical: Canonical) -> Iterator[ox.Quad]:
    """The triples of one claim and of the passages of `text` that are its evidence."""
    me = rdf.iri(stated.iri)
    document = rdf.iri(stated.document)
    yield ox.Quad(me, rdf.TYPE, rdf.vocabulary(stated.modality.value))
    yield ox.Quad(me, rdf.SUBJECT, rdf.iri(stated.subject))
    yield ox.Quad(me, rdf.PREDICATE, rdf.vocabulary(stated.predicate))
    yield ox.Quad(me, rdf.OBJECT, rdf.term(stated.object))
    yield ox.Quad(me, rdf.vocabulary("document"), document)
    yield ox.Quad(me, rdf.vocabulary("confidence"), rdf.probability(stated.confidence))
    if claim.attribution is not None:
        yield ox.Quad(me, rdf.vocabulary("attribution"), ox.Literal(claim.attribution))
    if claim.said_by is not None:
        yield ox.Quad(me, rdf.vocabulary("saidBy"), rdf.iri(canonical(claim.said_by)))
    if claim.valid_time is not None:
        yield ox.Quad(me, rdf.vocabulary("validTime"), rdf.term(Literal(claim.valid_time, EDTF_DATATYPE)))
    if claim.acting:
        yield ox.Quad(me, rdf.vocabulary("acting"), ox.Literal(True))
    for span in claim.evidence:
        passage = rdf.iri(passage_iri(stated.document, span))
        yield ox.Quad(me, rdf.vocabulary("evidence"), passage)
        yield from passage_quads(passage, document, text[span.start : span.end])


def passage_quads(passage: ox.NamedNode, document: ox.NamedNode, text: str) -> Iterator[ox.Quad]:
    """The triples of a passage: its document and its words."""
    yield ox.Quad(passage, rdf.vocabulary("document"), document)
    yield ox.Quad(passage, rdf.vocabulary("text"), ox.Literal(text))


def mention_quads(extraction: Extraction, canonical: Canonical, base: str) -> Iterator[ox.Quad]:
    """The triples of a document's mentions."""
    document = document_iri(extraction.document.key, base)
    text = extraction.document.text
    for mention in extraction.mentions:
        passage = rdf.iri(passage_iri(document, mention.span))
        yield ox.Quad(passage, rdf.vocabulary("refersTo"), rdf.iri(canonical(mention.entity_iri)))
        yield from passage_quads(passage, rdf.iri(document), text[mention.span.start : mention.span.end])


def document_quads(extraction: Extraction, identifiers: Iterable[str], base: str) -> Iterator[ox.Quad]:
    """The triples of a document that goes by `identifiers`."""
    document = extraction.document
    me = rdf.iri(document_iri(document.key, base))
    yield ox.Quad(me, rdf.TYPE, rdf.vocabulary("Document"))
    for identifier in identifiers:
        yield ox.Quad(me, rdf.IDENTIFIER, ox.Literal(identifier))
    if document.issued is not None:
        yield ox.Quad(me, rdf.vocabulary("issued"), rdf.term(Literal(document.issued, EDTF_DATATYPE)))
    as_of = last_day(extraction.as_of)
    if as_of is not None:
        yield ox.Quad(me, rdf.vocabulary("asOf"), rdf.day_literal(as_of))
    yield ox.Quad(me, rdf.vocabulary("asOfBasis"), ox.Literal(extraction.as_of_basis.value))
    yield ox.Quad(me, rdf.vocabulary("sha256"), ox.Literal(document.sha256))
    if document.title is not None:
        yield ox.Quad(me, rdf.TITLE, ox.Literal(document.title))
    if document.source is not None:
        yield ox.Quad(me, rdf.SOURCE, _source(document.source))


def _source(source: str) -> ox.NamedNode | ox.Literal:
    """Where a document is from: an IRI if it is one that can be opened, else the words."""
    if source.startswith(("http://", "https://")):
        try:
            return ox.NamedNode(source)
        except ValueError:
            pass
    return ox.Literal(source)


def last_day(as_of: str | None) -> str | None:
    """The last day that the EDTF date `as_of` covers, as xsd:date; None if unknown or open.

    >>> last_day("2025-02")
    '2025-02-28'
    """
    days = find_days(as_of) if as_of else None
    return days.last.isoformat() if days is not None and days.last is not None else None


def follow_in(document: Document, identity: Identities, canonical: Canonical) -> Canonical:
    """`canonical` for what `document` says: first what it alone means by an IRI, then what that stands for."""
    own = identity.apart.get(document.key)
    return (lambda iri: canonical(own.get(iri, iri))) if own else canonical


def match_quads(matches: Iterable[Match], base: str) -> Iterator[ox.Quad]:
    """The triples of what was decided on pairs of IRIs, and why."""
    for match in matches:
        me = rdf.iri(match_iri(match.one, match.other, base))
        yield ox.Quad(me, rdf.TYPE, rdf.vocabulary("Match"))
        yield ox.Quad(me, rdf.vocabulary("compares"), rdf.iri(match.one))
        yield ox.Quad(me, rdf.vocabulary("compares"), rdf.iri(match.other))
        yield ox.Quad(me, rdf.vocabulary("verdict"), rdf.vocabulary(match.verdict.value))
        yield ox.Quad(me, rdf.vocabulary("score"), rdf.probability(match.score))
        for reason in match.because:
            yield ox.Quad(me, rdf.vocabulary("because"), ox.Literal(reason))


def identity_quads(identity: Mapping[str, str]) -> Iterator[ox.Quad]:
    """The links from provisional to canonical IRIs."""
    canonical = follow(identity)
    for provisional in sorted(identity):
        target = canonical(provisional)
        if target != provisional:
            yield ox.Quad(rdf.iri(provisional), rdf.vocabulary("canonical"), rdf.iri(target))
