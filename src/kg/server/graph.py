"""``/neighbourhood`` and ``/paths``: what is joined to what, and the sentences behind every edge."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from kg.query.exports import EXPORTS, get_export, write, write_json
from kg.query.measures import MEASURES, measure
from kg.query.neighbourhood import MAX_DEPTH, MAX_LIMIT, Neighbourhood, neighbourhood
from kg.query.paths import MAX_HOPS, MAX_PATHS, Path, find_path
from kg.server.leases import LeaseOf
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
MinConfidence = Annotated[
    float, Query(ge=0, le=1, description="Only edges whose best claim has this confidence at least.")
]
Evidence = Annotated[
    Literal["count", "full"] | None,
    Query(
        description="`count`: edges say how many claims they have; `full`: they carry the sentences. Without it, "
        "JSON counts and all other formats carry them."
    ),
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
    min_confidence: MinConfidence = 0.0,
    evidence: Evidence = None,
    measures: Annotated[
        list[str],
        Query(
            description="Measures of the nodes in what is shown: " + ", ".join(MEASURES) + ". Repeatable, or "
            "with commas."
        ),
    ] = [],  # noqa: B006
    format: Annotated[
        str, Query(description="One of " + "; ".join(f"{e.key} ({e.help})" for e in EXPORTS) + ".")
    ] = "json",
) -> Response:
    """Nodes within some hops, the edges among them, and how many claims say so; `evidence=full` adds the sentences.

    Edges carry a modality: what is only planned, denied or past is not mixed up with what is. If the limit
    cuts something off, `cut` says at which nodes and how much.
    """
    export = get_export(format)
    nodes = request.app.state.settings.neighbourhood_limit if limit is None else limit
    quoted = export.key != "json" if evidence is None else evidence == "full"
    asked = [name.strip() for words in measures for name in words.split(",") if name.strip()]

    def work() -> bytes:
        found = neighbourhood(
            lease.reader,
            entity,
            depth,
            nodes,
            predicate,
            type,
            modality,
            min_confidence=min_confidence,
            evidence=quoted,
        )
        return write(measure(found, asked), export.key, lease.reader)

    return Response(await run_bounded(request, lease, work), media_type=export.media_type)


@router.get("/paths", response_model=Path, summary="How two entities are joined")
async def get_path(
    request: Request,
    lease: LeaseOf,
    source: Annotated[str, Query(description="Where to start.", examples=["Gen Nakatani"], max_length=2000)],
    target: Annotated[str, Query(description="Where to arrive.", examples=["Pete Hegseth"], max_length=2000)],
    max_hops: Annotated[int, Query(ge=1, le=MAX_HOPS, description="Edges at most.")] = 6,
    predicate: Predicates = [],  # noqa: B006
    k: Annotated[int, Query(ge=1, le=MAX_PATHS, description="Paths at most, the shortest first.")] = 1,
    type: Types = [],  # noqa: B006
    modality: Modalities = [],  # noqa: B006
    min_confidence: MinConfidence = 0.0,
    evidence: Evidence = None,
) -> Response:
    """The shortest chain of edges between two entities, and others after it, with the claims of every edge.

    `nodes` and `edges` are those of the first; the next ones are in `others`. No chain passes a node twice.
    """

    def work() -> Path:
        return find_path(
            lease.reader,
            source,
            target,
            max_hops=max_hops,
            k=k,
            predicates=predicate,
            types=type,
            modalities=modality,
            min_confidence=min_confidence,
            evidence=evidence != "count",
        )

    found = await run_bounded(request, lease, work)
    return Response(write_json(found), media_type="application/json")
