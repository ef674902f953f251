"""``/entities`` and ``/search``."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi import Path as PathPart

from kg.query.entities import EntityCard, EntityList, entity_card, list_entities
from kg.query.names import resolve_entity
from kg.query.search import SearchAnswer, search
from kg.server.answers import page_response, wants_page
from kg.server.forms import csv_response, ending, write_table
from kg.server.leases import Reader
from kg.server.pages.lists import entities_page, search_page
from kg.server.pages.markup import local_path
from kg.server.requests import MAX_PAGE, Page, page

router = APIRouter(tags=["Entities"])


@router.get("/entities", response_model=EntityList, summary="Find and list entities")
@router.get("/entities.json", response_model=EntityList, include_in_schema=False)
@router.get("/entities.csv", response_model=EntityList, include_in_schema=False)
def get_entities(
    request: Request,
    reader: Reader,
    paging: Annotated[Page, Depends(page)],
    q: Annotated[
        str | None,
        Query(
            description="Beginnings of words of a name; case and accents do not matter.",
            examples=["naka"],
            max_length=500,
        ),
    ] = None,
    type: Annotated[list[str], Query(description="Only these classes. Repeatable.")] = [],  # noqa: B006
) -> EntityList | Response:
    """Entities by name, or the most mentioned ones first."""
    form = ending(request)
    types = [t for t in type if t]  # a form sends what was not chosen, too
    found = list_entities(reader, q, types, limit=paging.limit, offset=paging.offset)
    if form == "csv":
        rows = ((h.label, h.subkind or h.kind, h.matched, h.mentions, h.iri) for h in found.items)
        return csv_response(write_table(("name", "class", "found_as", "mentions", "iri"), rows))
    if not form and wants_page(request):
        return page_response(entities_page(found, reader.base, q, types), reader=reader, request=request)
    return found


@router.get("/entities/{entity:path}", response_model=EntityCard, summary="What is known of one entity")
def get_entity(
    request: Request,
    reader: Reader,
    entity: Annotated[
        str,
        PathPart(
            description="An IRI, a CURIE, a name or an alias.", examples=["Gen Nakatani"], max_length=2000
        ),
    ],
) -> EntityCard | Response:
    """Names, classes, facts in both directions with how many claims support each, documents."""
    if wants_page(request):
        iri = resolve_entity(reader, entity)
        path = local_path(iri, reader.base)
        if path is not None:
            asked = f"?{request.url.query}" if request.url.query else ""
            return Response(status_code=303, headers={"Location": path + asked, "Vary": "Accept"})
    return entity_card(reader, entity)


@router.get("/search", response_model=SearchAnswer, summary="Search names and sentences")
@router.get("/search.json", response_model=SearchAnswer, include_in_schema=False)
def get_search(
    request: Request,
    reader: Reader,
    q: Annotated[str, Query(description="Words to look for.", examples=["Futenma"], max_length=500)],
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE, description="Hits of each kind.")] = 20,
    type: Annotated[
        str | None,
        Query(description="Only entities of this class, and sentences that speak of one.", max_length=200),
    ] = None,
    document: Annotated[
        str | None,
        Query(
            description="Only this document's sentences, and entities that it mentions: key, IRI, CURIE or "
            "identifier.",
            max_length=2000,
        ),
    ] = None,
    since: Annotated[
        str | None, Query(description="Only sentences of documents from this day on.", max_length=40)
    ] = None,
    until: Annotated[
        str | None, Query(description="Only sentences of documents up to this day.", max_length=40)
    ] = None,
    modality: Annotated[
        str | None,
        Query(
            description="Only sentences that bear out a claim put so: Asserted, Planned, Denied, Former.",
            max_length=40,
        ),
    ] = None,
) -> SearchAnswer | Response:
    """Entities with names that begin with the words, and sentences that hold all of them.

    `highlights` are the words in `matched` and `text`, in code points; `suggestion` is another spelling where no
    name fits.
    """
    # A form sends what was not filled in, too.
    given = {"type": type, "document": document, "since": since, "until": until, "modality": modality}
    narrowed = {name: value for name, value in given.items() if value}
    found = search(reader, q, limit=limit, **narrowed)
    if not ending(request) and wants_page(request):
        return page_response(
            search_page(found, reader.base, [*narrowed.items()]), reader=reader, request=request
        )
    return found


def entity_path(iri: str) -> str:
    """The path of the card of the entity `iri`."""
    return "/entities/" + quote(iri, safe="")
