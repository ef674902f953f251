"""``/id/…``, ``/doc/…``, ``/claim/…``, ``/match/…``, ``/def``: IRIs that open, as a page, JSON or RDF by content
negotiation.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode

import pyoxigraph as ox
from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as PathPart
from fastapi.responses import RedirectResponse
from pydantic import TypeAdapter

from kg.catalog.ontology import Ontology
from kg.errors import QueryError, UnknownEntity
from kg.graph.network import NOT_FACTS
from kg.graph.store import StoreReader
from kg.model import Span
from kg.query.documents import DocumentPage, get_document, read_document_page
from kg.query.entities import EntityCard, entity_card
from kg.query.events import timeline
from kg.query.evidence import Claims, ClaimView, claims_about, get_claim
from kg.query.names import exists, find_earlier, unknown_iri
from kg.query.nodes import check_iri, follow_canonical
from kg.query.offices import OfficeHistory, offices
from kg.query.sameness import decisions_about
from kg.query.sparql import GRAPH_FORMATS, Format
from kg.query.vocabulary import Vocabulary, read_vocabulary
from kg.server.answers import HTML, Wanted, graph_response, link_forms, page_response
from kg.server.conditional import NO_GENERATION, depends_on
from kg.server.explorer import document_days
from kg.server.leases import NewestReader, Reader
from kg.server.pages.claims import claim_page
from kg.server.pages.entity import CLAIMS_SHOWN, Surroundings, entity_page
from kg.server.pages.history import offices_section
from kg.server.pages.markup import local_path
from kg.server.pages.reader import document_page
from kg.server.pages.vocabulary import vocabulary_page
from kg.terms import KG

router = APIRouter(tags=["Linked data"])

#: Events on an entity's page; claims on a document's.
EVENTS_SHOWN = 30
CLAIMS_LISTED = 1000

_CARD = TypeAdapter(EntityCard)
_DOCUMENT = TypeAdapter(DocumentPage)
_CLAIM = TypeAdapter(ClaimView)
_VOCABULARY = TypeAdapter(Vocabulary)
_MEDIA: dict[int | str, dict[str, object]] = {
    200: {
        "content": {"text/html": {}, "application/json": {}, **{f.media_types[0]: {} for f in GRAPH_FORMATS}}
    }
}


@router.get(
    "/id/{kind}/{slug:path}", response_class=Response, responses=_MEDIA, summary="An entity by its IRI"
)
def get_thing(
    request: Request,
    reader: Reader,
    newest: NewestReader,
    kind: Annotated[
        str, PathPart(description="person, office, org, facility, agreement, place, equipment, event.")
    ],
    slug: Annotated[str, PathPart(description="The rest of the IRI.")],
    wanted: Wanted,
) -> Response:
    """A page, JSON or RDF; a provisional IRI leads to the canonical one."""
    iri = f"{reader.base}id/{kind}/{slug}"
    canonical = follow_canonical(reader, _known(reader, iri))
    if canonical != iri:
        path = local_path(canonical, reader.base)
        asked = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(path + asked if path else canonical, 307, {"Vary": "Accept"})
    if isinstance(wanted, Format):
        return link_forms(request, graph_response(_about(reader, iri), wanted, reader.base))
    card = entity_card(reader, iri)
    if wanted == HTML:
        days = document_days(request, newest)
        page = page_response(
            entity_page(card, _around(reader, card, days), reader.base), reader=reader, request=request
        )
        return link_forms(request, page)
    return link_forms(request, _json(_CARD.dump_json(card)))


@router.get("/doc/{key}", response_class=Response, responses=_MEDIA, summary="A document by its IRI")
def get_source(
    request: Request,
    reader: Reader,
    key: Annotated[str, PathPart(description="The document's key.")],
    wanted: Wanted,
    highlight: Annotated[
        str | None,
        Query(
            description="Code points of the text that its page marks: begin,end.",
            pattern=r"^\d{1,9},\d{1,9}$",
        ),
    ] = None,
) -> Response:
    """A page with the text, JSON, or RDF."""
    iri = f"{reader.base}doc/{key}"
    document = get_document(reader, check_iri(iri))
    if isinstance(wanted, Format):
        found = [q.triple for q in reader.quads(document.iri)]
        return link_forms(request, graph_response(found, wanted, reader.base))
    shown = read_document_page(reader, document.iri)
    if wanted == HTML:
        page = document_page(shown, reader.base, _claims_of(reader, shown), _marked(highlight, shown.text))
        return link_forms(request, page_response(page, reader=reader, request=request))
    return link_forms(request, _json(_DOCUMENT.dump_json(shown)))


@router.get("/claim/{name}", response_class=Response, responses=_MEDIA, summary="A claim by its IRI")
def get_claim_by_name(
    request: Request,
    reader: Reader,
    name: Annotated[str, PathPart(description="The last step of the claim's IRI.")],
    wanted: Wanted,
) -> Response:
    """A page with the sentence, JSON, or RDF."""
    view = get_claim(reader, f"{reader.base}claim/{name}")
    if isinstance(wanted, Format):
        triples = [q.triple for q in reader.quads(view.iri)]
        triples += [q.triple for p in view.passages for q in reader.quads(p.iri)]
        return link_forms(request, graph_response(triples, wanted, reader.base))
    if wanted == HTML:
        return link_forms(
            request, page_response(claim_page(view, reader.base), reader=reader, request=request)
        )
    return link_forms(request, _json(_CLAIM.dump_json(view)))


@router.get("/def", response_class=Response, responses=_MEDIA, summary="The vocabulary")
def get_vocabulary(request: Request, wanted: Wanted) -> Response:
    """Classes and relations, as a page or as RDF."""
    depends_on(request, NO_GENERATION)
    ontology: Ontology = request.app.state.catalog.ontology
    if isinstance(wanted, Format):
        triples = [q.triple for q in ox.parse(ontology.turtle, format=ox.RdfFormat.TURTLE)]
        base: str = request.app.state.settings.base_iri
        return link_forms(request, graph_response(triples, wanted, base))
    if wanted == HTML:
        return link_forms(request, page_response(vocabulary_page(read_vocabulary(ontology.turtle))))
    return link_forms(request, _json(_VOCABULARY.dump_json(read_vocabulary(ontology.turtle))))


@router.get(
    "/match/{name}", response_class=Response, responses=_MEDIA, summary="A decision on identity by its IRI"
)
def get_match(
    request: Request,
    reader: Reader,
    name: Annotated[str, PathPart(description="The last step of its IRI.")],
    wanted: Wanted,
) -> Response:
    """RDF; who wants a page or JSON is led to `/why-same` of the two things that it compares."""
    iri = check_iri(f"{reader.base}match/{name}")
    triples = [q.triple for q in reader.quads(iri)]
    if not triples:
        raise unknown_iri(reader, iri, iri)
    if isinstance(wanted, Format):
        return link_forms(request, graph_response(triples, wanted, reader.base))
    compared = sorted(str(t.object)[1:-1] for t in triples if t.predicate.value == KG + "compares")
    words = [("one", compared[0]), ("other", compared[-1])] if compared else []
    words += [(k, v) for k, v in request.query_params.multi_items() if k == "as_of"]
    return RedirectResponse(f"/why-same?{urlencode(words)}", 303, {"Vary": "Accept"})


def _around(reader: StoreReader, card: EntityCard, days: tuple[str, ...]) -> Surroundings:
    """What the page of an entity shows beside its card."""
    claims, _ = claims_about(reader, card.iri, limit=CLAIMS_SHOWN)
    happened = timeline(reader, card.iri, limit=EVENTS_SHOWN)
    return Surroundings(
        claims=claims,
        events=happened.items,
        events_total=happened.total,
        decisions=decisions_about(reader, card.iri),
        days=days,
        offices=offices_section(_offices(reader, card), reader.base, of_office=card.kind == "Office"),
    )


def _claims_of(reader: StoreReader, found: DocumentPage) -> dict[str, ClaimView]:
    """The claims that a document's page lists, by IRI; of a long document the first ones."""
    listed = dict.fromkeys(c for at in found.claims.values() for c in at)
    claims = Claims(reader)
    return {iri: claims.view(iri) for iri in list(listed)[:CLAIMS_LISTED]}


def _marked(highlight: str | None, text: str) -> Span | None:
    """The span that a request asks to mark; None if it is empty or not within the text."""
    start, _, end = (highlight or "").partition(",")
    if not start or not int(start) < int(end) <= len(text):
        return None
    return Span(int(start), int(end))


def _offices(reader: StoreReader, card: EntityCard) -> tuple[OfficeHistory, ...]:
    """The holders of an office, the offices of a person; nothing of other things."""
    if card.kind == "Office":
        return offices(reader, card.iri).items
    held = offices(reader, person=card.iri).items if card.kind == "Person" else ()
    return tuple(replace(h, tenures=tuple(t for t in h.tenures if t.person.iri == card.iri)) for h in held)


def _known(reader: StoreReader, iri: str) -> str:
    try:
        check_iri(iri)
    except QueryError as error:
        raise UnknownEntity(str(error)) from None
    if not exists(reader, iri):
        earlier = find_earlier(reader, iri)
        if len(earlier) != 1:
            raise unknown_iri(reader, iri, iri)
        return earlier[0]
    return iri


def _about(reader: StoreReader, iri: str) -> list[ox.Triple]:
    """What the graph says of `iri`, and the facts that have it as object."""
    into = (q.triple for q in reader.quads(None, None, iri))
    return [q.triple for q in reader.quads(iri)] + [t for t in into if t.predicate.value not in NOT_FACTS]


def _json(body: bytes) -> Response:
    return Response(body, 200, {"Vary": "Accept"}, media_type="application/json")
