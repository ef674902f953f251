"""Documents as they are stored: their text, and where it speaks of what."""

from __future__ import annotations

from dataclasses import dataclass

from kg.errors import QueryError, UnknownEntity
from kg.graph.store import StoredDocument, StoreReader
from kg.query.nodes import Nodes, check_iri, follow_canonical, term_text
from kg.terms import KG, as_iri, compact, document_iri, parse_passage


@dataclass(frozen=True, slots=True)
class MentionView:
    """Where a document speaks of an entity; `start` and `end` count code points of its stored text."""

    start: int
    end: int
    text: str
    entity: str
    curie: str
    label: str
    kind: str | None


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A document without its text; `as_of` is a day, `as_of_basis` stated, inferred or unknown."""

    iri: str
    curie: str
    identifiers: tuple[str, ...]
    title: str | None
    issued: str | None
    as_of: str | None
    as_of_basis: str
    source: str | None
    media_type: str
    sha256: str


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """A document with its text, its mentions, and the passages that claims rest on: passage IRI → claim IRIs.

    `boilerplate` are ``(start, end)`` pairs of what is not part of the article.
    """

    summary: DocumentSummary
    text: str
    boilerplate: tuple[tuple[int, int], ...]
    mentions: tuple[MentionView, ...]
    claims: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class DocumentList:
    """A page of documents, by identifier; `total` counts all."""

    items: tuple[DocumentSummary, ...]
    total: int
    limit: int
    offset: int


def find_document(reader: StoreReader, text: str) -> StoredDocument | None:
    """The document with the key, IRI, CURIE or identifier `text`, or None."""
    wanted = text.strip()
    try:
        iri: str | None = check_iri(as_iri(wanted, reader.base) or document_iri(wanted, reader.base))
    except QueryError:  # an identifier may hold any character
        iri = None
    found = reader.document(iri) if iri is not None else None
    if found is not None:
        return found
    for listed in reader.documents():
        if wanted in listed.identifiers:
            return reader.document(listed.iri)
    return None


def get_document(reader: StoreReader, text: str) -> StoredDocument:
    """As `find_document`; raises `UnknownEntity` if there is none."""
    found = find_document(reader, text)
    if found is None:
        raise UnknownEntity(
            f"no document {text!r}: want its key (16 hexadecimal digits), IRI, CURIE or identifier"
        )
    return found


def list_documents(reader: StoreReader, *, limit: int = 50, offset: int = 0) -> DocumentList:
    """A page of the documents of the store, sorted by identifier."""
    everything = reader.documents()
    items = tuple(summarize(d, reader.base) for d in everything[offset : offset + limit])
    return DocumentList(items, len(everything), limit, offset)


def read_document_page(reader: StoreReader, text: str) -> DocumentPage:
    """The document with the key, IRI, CURIE or identifier `text`, with its mentions and claims.

    Raises `UnknownEntity` if there is none.
    """
    document = get_document(reader, text)
    nodes = Nodes(reader)
    mentions = []
    for mention in document.mentions:
        node = nodes.describe(follow_canonical(reader, mention.entity_iri))
        span = mention.span
        mentions.append(
            MentionView(span.start, span.end, mention.text, node.iri, node.curie, node.label, node.kind)
        )
    passages: dict[str, set[str]] = {}
    for quad in reader.quads(None, KG + "document", document.iri):
        claim = term_text(quad.subject)
        for evidence in reader.quads(claim, KG + "evidence"):
            passages.setdefault(term_text(evidence.object), set()).add(claim)
    return DocumentPage(
        summary=summarize(document, reader.base),
        text=document.text,
        boilerplate=tuple((s.start, s.end) for s in document.boilerplate),
        mentions=tuple(mentions),
        claims={iri: tuple(sorted(passages[iri])) for iri in sorted(passages, key=_place)},
    )


def summarize(document: StoredDocument, base: str) -> DocumentSummary:
    """`document` without its text."""
    return DocumentSummary(
        iri=document.iri,
        curie=compact(document.iri, base),
        identifiers=document.identifiers,
        title=document.title,
        issued=document.issued,
        as_of=document.as_of,
        as_of_basis=document.as_of_basis,
        source=document.source,
        media_type=document.media_type,
        sha256=document.sha256,
    )


def _place(iri: str) -> tuple[int, int, str]:
    parsed = parse_passage(iri)
    return (parsed[1].start, parsed[1].end, iri) if parsed else (0, 0, iri)
