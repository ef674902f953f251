"""The views that people explore with: ``/explore``, ``/timeline``, ``/map``, ``/plans``, ``/data``."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import TypeAdapter

from kg.graph.store import StoreReader
from kg.query import events, places
from kg.query import plans as planning
from kg.query.as_of import read_day
from kg.query.entities import list_entities
from kg.query.events import STATUSES, Timeline, timeline
from kg.query.neighbourhood import MAX_DEPTH, neighbourhood
from kg.query.places import Atlas, atlas
from kg.query.plans import Plans, plans
from kg.server.addresses import address_of
from kg.server.answers import page_response, wants_page
from kg.server.forms import csv_response, ending, json_response, turtle_response
from kg.server.leases import LeaseOf, NewestLease, NewestReader
from kg.server.pages.data import data_page
from kg.server.pages.explore import explore_page
from kg.server.pages.map import map_page
from kg.server.pages.quarrels import plans_page
from kg.server.pages.timeline import timeline_page
from kg.server.requests import MAX_PAGE, Page, page, run_bounded

router = APIRouter(tags=["Views"])

_TIMELINE = TypeAdapter(Timeline)
_ATLAS = TypeAdapter(Atlas)
_PLANS = TypeAdapter(Plans)
#: Nodes of the list that stands below a picture.
_NODES = 150

Entity = Annotated[
    str | None, Query(description="Only what is around it: IRI, CURIE, name or alias.", max_length=2000)
]


@router.get("/explore", response_class=HTMLResponse, summary="A neighbourhood as a page")
async def get_explorer(
    request: Request,
    lease: LeaseOf,
    newest: NewestLease,
    entity: Annotated[
        str, Query(description="IRI, CURIE, name or alias.", examples=["Gen Nakatani"], max_length=2000)
    ],
    depth: Annotated[int, Query(ge=1, le=MAX_DEPTH, description="Hops from the entity.")] = 1,
    predicate: Annotated[list[str], Query(description="Only these relations. Repeatable.")] = [],  # noqa: B006
    type: Annotated[list[str], Query(description="Only neighbours of these classes. Repeatable.")] = [],  # noqa: B006
    modality: Annotated[list[str], Query(description="Only claims put so. Repeatable.")] = [],  # noqa: B006
    open: Annotated[
        list[str], Query(description="Things whose neighbours the picture shows, too. Repeatable.")
    ] = [],  # noqa: B006
    edge: Annotated[
        str | None, Query(description="The edge that is chosen in the picture.", max_length=6000)
    ] = None,
    node: Annotated[str | None, Query(description="The thing that is chosen in it.", max_length=2000)] = None,
    hide: Annotated[
        list[str],
        Query(description="Classes, relations or modalities that the picture leaves out. Repeatable."),
    ] = [],  # noqa: B006
) -> Response:
    """The picture of a neighbourhood and the list of its edges; `/neighbourhood` has the same as data."""

    def work() -> str:
        found = neighbourhood(lease.reader, entity, depth, _NODES, predicate, type, modality)
        label = next(n.label for n in found.nodes if n.iri == found.centre)
        asked = [("entity", entity), ("depth", str(depth))]
        asked += [
            (k, v) for k, vs in (("predicate", predicate), ("type", type), ("modality", modality)) for v in vs
        ]
        day = request.query_params.get("as_of")
        return explore_page(
            found, label, asked, document_days(request, newest.reader), lease.reader.base, day
        )

    return page_response(await run_bounded(request, lease, work), reader=lease.reader, request=request)


@router.get("/timeline", response_model=Timeline, summary="Events in the order of their days")
@router.get("/timeline.json", response_model=Timeline, include_in_schema=False)
@router.get("/timeline.csv", response_model=Timeline, include_in_schema=False)
@router.get("/timeline.ttl", response_model=Timeline, include_in_schema=False)
async def get_timeline(
    request: Request,
    lease: LeaseOf,
    paging: Annotated[Page, Depends(page)],
    entity: Entity = None,
    type: Annotated[list[str], Query(description="Only events of these classes. Repeatable.")] = [],  # noqa: B006
    status: Annotated[list[str], Query(description=f"Only these: {', '.join(STATUSES)}. Repeatable.")] = [],  # noqa: B006
    since: Annotated[
        str | None, Query(alias="from", description="The first day (YYYY-MM-DD).", max_length=40)
    ] = None,
    until: Annotated[
        str | None, Query(alias="to", description="The last day (YYYY-MM-DD).", max_length=40)
    ] = None,
) -> Response:
    """Events, the latest first, with who takes part, where, and how far they are; those without a date at the end.

    `/timeline.json`, `.csv` and `.ttl` have them all, whatever is accepted.
    """
    form = ending(request)
    first = read_day(since, "from") if since and since.strip() else None
    last = read_day(until, "to") if until and until.strip() else None
    about = entity if entity and entity.strip() else None
    statuses = [s for s in status if s]

    def work() -> Timeline:
        return timeline(
            lease.reader,
            about,
            types=type,
            statuses=statuses,
            since=first,
            until=last,
            limit=None if form else paging.limit,
            offset=0 if form else paging.offset,
        )

    found = await run_bounded(request, lease, work)
    if not form and wants_page(request):
        asked = [("entity", about), *(("type", t) for t in type), *(("status", s) for s in statuses)]
        asked += [("from", since), ("to", until)]
        words = [(k, v) for k, v in asked if v]
        return page_response(
            timeline_page(found, lease.reader.base, words), reader=lease.reader, request=request
        )
    if form == "csv":
        return csv_response(events.to_csv(found))
    if form == "ttl":
        return turtle_response(events.to_triples(lease.reader, found), lease.reader)
    return json_response(_TIMELINE.dump_json(found), form)


@router.get("/map", response_model=Atlas, summary="Places that have a position, and what is there")
@router.get("/map.json", response_model=Atlas, include_in_schema=False)
@router.get("/map.geojson", response_model=Atlas, include_in_schema=False)
@router.get("/map.csv", response_model=Atlas, include_in_schema=False)
@router.get("/map.ttl", response_model=Atlas, include_in_schema=False)
async def get_map(
    request: Request,
    lease: LeaseOf,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE, description="Places at most.")] = 300,
    whole: Annotated[bool, Query(description="The page shows the whole world.")] = False,
) -> Response:
    """Places with their points (WGS 84), the most mentioned first, and what the graph has there.

    `/map.json`, `.geojson`, `.csv` and `.ttl` whatever is accepted.
    """
    form = ending(request)
    found = await run_bounded(request, lease, lambda: atlas(lease.reader, limit=limit))
    if not form and wants_page(request):
        return page_response(
            map_page(found, lease.reader.base, whole=whole), reader=lease.reader, request=request
        )
    if form == "geojson":
        return JSONResponse(places.to_geojson(found), media_type="application/geo+json")
    if form == "csv":
        return csv_response(places.to_csv(found))
    if form == "ttl":
        return turtle_response(places.to_triples(lease.reader, found), lease.reader)
    return json_response(_ATLAS.dump_json(found), form)


@router.get("/plans", response_model=Plans, summary="Plans beside what came of them")
@router.get("/plans.json", response_model=Plans, include_in_schema=False)
@router.get("/plans.csv", response_model=Plans, include_in_schema=False)
@router.get("/plans.ttl", response_model=Plans, include_in_schema=False)
async def get_plans(
    request: Request,
    lease: LeaseOf,
    paging: Annotated[Page, Depends(page)],
    entity: Entity = None,
    kind: Annotated[
        str | None, Query(description="Only those: moved, cancelled, overdue or kept.", max_length=20)
    ] = None,
) -> Response:
    """Planned days of events with the sentence that announced them, and the latest that is said of them.

    `/plans.json`, `.csv` and `.ttl` have them all, whatever is accepted.
    """

    form = ending(request)

    def work() -> Plans:
        limit = None if form else paging.limit
        return plans(lease.reader, entity, kind=kind, limit=limit, offset=0 if form else paging.offset)

    found = await run_bounded(request, lease, work)
    if not form and wants_page(request):
        return page_response(
            plans_page(found, lease.reader.base, entity, kind), reader=lease.reader, request=request
        )
    if form == "csv":
        return csv_response(planning.to_csv(found))
    if form == "ttl":
        return turtle_response(planning.to_triples(lease.reader, found), lease.reader)
    return json_response(_PLANS.dump_json(found), form)


@router.get("/data", response_class=HTMLResponse, include_in_schema=False)
def get_data(request: Request, reader: NewestReader) -> Response:
    """Dumps, and examples to copy."""
    people = list_entities(reader, types=["Person"], limit=1).items or list_entities(reader, limit=1).items
    url = address_of(request.scope).url("").rstrip("/")
    return page_response(data_page(url, people[0].label if people else None, len(reader.documents())))


def document_days(request: Request, reader: StoreReader) -> tuple[str, ...]:
    """The as-of days of all documents, sorted, each once; read once for each generation."""
    known = cast(dict[str, tuple[str, ...]], request.app.state.days)
    found = known.get(reader.generation)
    if found is None:
        found = tuple(sorted({d.as_of for d in reader.documents() if d.as_of}))
        known.clear()
        known[reader.generation] = found
    return found
