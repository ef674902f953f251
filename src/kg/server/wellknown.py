"""``/.well-known/void`` and ``/robots.txt``: what machines that come along look for first."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from kg.query.dataset import PREFIXES, Served, describe_dataset
from kg.query.sparql import GRAPH_FORMATS, Format
from kg.server.addresses import Address, address_of
from kg.server.answers import HTML, JSON, Wanted, graph_response, link_forms, wants_page
from kg.server.conditional import NO_GENERATION, depends_on
from kg.server.leases import NewestReader
from kg.settings import Settings

router = APIRouter(tags=["Linked data"])

_MEDIA: dict[int | str, dict[str, object]] = {
    200: {"content": {f.media_types[0]: {} for f in GRAPH_FORMATS}},
    303: {"description": "For a browser: the page of the data."},
}


def served_as(request: Request, base: str) -> Served:
    """Where and as what the graph is served; where the request names no host, the base of its IRIs stands in."""
    settings: Settings = request.app.state.settings
    address = address_of(request.scope)
    url = address.url("") if address.origin else base.rstrip("/")
    return Served(url, settings.dataset_title, settings.licence or None)


@router.get(
    "/.well-known/void",
    response_class=Response,
    responses=_MEDIA,
    summary="The graph as a dataset (VoID, DCAT)",
)
def get_dataset(request: Request, reader: NewestReader, wanted: Wanted) -> Response:
    """Title, licence, counts, vocabularies, examples, the SPARQL endpoint, and every dump as a distribution."""
    if wanted == HTML and (wants_page(request) or "format" in request.query_params):
        return Response(status_code=303, headers={"Location": "/data", "Vary": "Accept"})
    plain = next(f for f in GRAPH_FORMATS if wanted != JSON or JSON in f.media_types)
    form = wanted if isinstance(wanted, Format) else plain
    depends_on(request, None)  # and on which dumps are kept by now
    found = describe_dataset(reader, served_as(request, reader.base))
    return link_forms(request, graph_response(found, form, reader.base, PREFIXES))


@router.get("/robots.txt", include_in_schema=False)
async def get_robots(request: Request) -> Response:
    """Robots may read what has an IRI; what is computed for each question is not for them."""
    depends_on(request, NO_GENERATION)
    address: Address = address_of(request.scope)
    computed = (
        "sparql",
        "neighbourhood",
        "paths",
        "search",
        "evidence",
        "why-same",
        "explore",
        "queries/",
        "diff",
    )
    lines = [
        "User-agent: *",
        *(f"Disallow: {address.path('/' + path)}" for path in computed),
        "Crawl-delay: 1",
    ]
    return Response("\n".join(lines) + "\n", media_type="text/plain; charset=utf-8")
