"""``/neighbourhood`` and ``/paths``: what is joined to what, and the sentences behind every edge."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from kg.query.exports import EXPORTS, get_export, write
from kg.query.neighbourhood import MAX_DEPTH, MAX_LIMIT, Neighbourhood, neighbourhood
from kg.query.paths import MAX_HOPS, Path, find_path
from kg.server.leases import LeaseOf, Reader
from kg.server.requests import run_bounded

router = APIRouter(tags=["Graph"])

Entity = Annotated[
    str, Query(description="An IRI, a CURIE, a name or an alias.", examples=["Gen Nakatani"], max_length=2000)
]
Predicates = Annotated[
    list[str], Query(description="Only these relations: local name, CURIE or IRI. Repeatable.")
]
Types = Annotated[list[str], Query(description="Only neighbours of these classes. Repeatable.")]
Modalities = Annotated[
    list[str], Query(description="Only claims put so: Asserted, Planned, Denied, Former. Repeatable.")
]


@router.get(
    "/neighbourhood",
    response_model=Neighbourhood,
    responses={200: {"content": {e.media_type: {} for e in EXPORTS}}},
    summary="Everything around an entity",
)
async def get_neighbourhood(
    request: Request,
    lease: LeaseOf,
    entity: Entity,
    depth: Annotated[int, Query(ge=1, le=MAX_DEPTH, description="Hops from the entity.")] = 1,
    limit: Annotated[int | None, Query(ge=1, le=MAX_LIMIT, description="Nodes at most.")] = None,
    predicate: Predicates = [],  # noqa: B006 - FastAPI copies defaults
    type: Types = [],  # noqa: B006
    modality: Modalities = [],  # noqa: B006
    format: Annotated[
        str, Query(description="One of " + "; ".join(f"{e.key} ({e.help})" for e in EXPORTS) + ".")
    ] = "json",
) -> Response:
    """Nodes within some hops, the edges among them, and each edge's claims with the sentences that say so.

    Edges carry a modality: what is only planned, denied or past is not mixed up with what is. If the limit
    cuts something off, `cut` says at which nodes and how much.
    """
    export = get_export(format)
    nodes = request.app.state.settings.neighbourhood_limit if limit is None else limit

    def work() -> bytes:
        found = neighbourhood(lease.reader, entity, depth, nodes, predicate, type, modality)
        return write(found, export.key, lease.reader)

    return Response(await run_bounded(request, lease, work), media_type=export.media_type)


@router.get("/paths", response_model=Path, summary="How two entities are joined")
def get_path(
    reader: Reader,
    source: Annotated[str, Query(description="Where to start.", examples=["Gen Nakatani"], max_length=2000)],
    target: Annotated[str, Query(description="Where to arrive.", examples=["Pete Hegseth"], max_length=2000)],
    max_hops: Annotated[int, Query(ge=1, le=MAX_HOPS, description="Edges at most.")] = 6,
    predicate: Predicates = [],  # noqa: B006
    type: Types = [],  # noqa: B006
    modality: Modalities = [],  # noqa: B006
) -> Path:
    """A shortest chain of edges between two entities, with the claims of every edge."""
    return find_path(
        reader, source, target, max_hops=max_hops, predicates=predicate, types=type, modalities=modality
    )
