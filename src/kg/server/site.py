"""``/``, ``/docs``, ``/healthz``, ``/readyz`` and the style sheet."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from kg.graph.store import StoreReader
from kg.query.contradictions import contradictions
from kg.query.documents import summarize
from kg.query.entities import count_kinds, list_entities
from kg.query.events import timeline
from kg.query.plans import plans
from kg.server.addresses import Address, address_of
from kg.server.conditional import NO_GENERATION, depends_on
from kg.server.description import describe
from kg.server.leases import NewestReader
from kg.server.pages.api import api_page
from kg.server.pages.landing import Inside, landing_page
from kg.server.pages.markup import ICON, read_style
from kg.server.problems import OTHER_PROBLEMS, PROBLEMS

router = APIRouter(tags=["Service"])

_KNOWN = 12
#: Things of each list of the first page.
_NEW = 5
#: Entities up to which the first page looks through all events and plans.
_SMALL = 100_000


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the service runs, and what it serves.

    `behind` counts patches that the graph has, and search, neighbourhoods and dumps have not yet.
    """

    status: str
    generation: str | None = None
    documents: int | None = None
    behind: int | None = None


@router.get("/", response_class=HTMLResponse, include_in_schema=False)
def get_start(request: Request, reader: NewestReader) -> Response:
    """What is inside, and what to try."""
    known: dict[str, str] = request.app.state.landing
    page = known.get(reader.generation)
    if page is None:
        page = landing_page(look_inside(reader), reader.base)
        known.clear()  # only the newest generation is asked for
        known[reader.generation] = page
    return HTMLResponse(page)


@router.get("/docs", response_class=HTMLResponse, include_in_schema=False)
def get_docs(request: Request) -> Response:
    """The API as a page."""
    seen: dict[str, tuple[str, int | None, str]] = {}
    for _, status, slug, title in PROBLEMS:
        seen.setdefault(slug, (slug, status, title))
    for slug, title in OTHER_PROBLEMS.items():
        seen.setdefault(slug, (slug, None, title))
    depends_on(request, NO_GENERATION)
    description = describe(
        request.app, request.app.openapi(), Address()
    )  # pages get their prefix with their links
    return HTMLResponse(api_page(description, sorted(seen.values())))


@router.get("/openapi.json", include_in_schema=False)
def get_description(request: Request) -> Response:
    """The API as OpenAPI."""
    depends_on(request, NO_GENERATION)
    return JSONResponse(describe(request.app, request.app.openapi(), address_of(request.scope)))


@router.get("/healthz", summary="Whether the process runs")
async def get_health() -> Health:
    """Always ok while the process answers; says nothing of the store."""
    return Health("ok")


@router.get("/readyz", summary="Whether the store can be read")
def get_readiness(reader: NewestReader) -> Health:
    """Ok and the generation that is served, or 503."""
    return Health("ok", reader.generation, len(reader.documents()), getattr(reader, "behind", 0))


@router.get("/style.css", include_in_schema=False)
async def get_style() -> Response:
    """The style of the pages."""
    return Response(read_style(), media_type="text/css", headers={"Cache-Control": "max-age=300"})


@router.get("/icon.svg", include_in_schema=False)
async def get_icon() -> Response:
    """The mark of the pages."""
    return Response(ICON, media_type="image/svg+xml", headers={"Cache-Control": "max-age=86400"})


def look_inside(reader: StoreReader) -> Inside:
    """What the generation of `reader` holds."""
    people = list_entities(reader, types=["Person"], limit=_KNOWN // 2).items
    others = [h for h in list_entities(reader, limit=_KNOWN).items if h not in people]
    known = (*people, *others)[:_KNOWN]
    documents, kinds = reader.documents(), count_kinds(reader)
    small = sum(kinds.values()) <= _SMALL
    quarrels = contradictions(reader, limit=_NEW)
    slipped = [p for p in plans(reader, limit=_NEW).items if p.came != "kept"] if small else []
    latest = sorted(documents, key=lambda d: d.as_of or "", reverse=True)[:_NEW]
    return Inside(
        generation=reader.generation,
        documents=len(documents),
        kinds=kinds,
        known=known,
        events=timeline(reader, limit=_NEW).items if small else (),
        slipped=tuple(slipped),
        contradictions=quarrels.items,
        contradictions_total=quarrels.total,
        latest=tuple(summarize(d, reader.base) for d in latest),
    )
