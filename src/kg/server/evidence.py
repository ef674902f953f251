"""``/evidence``, ``/why-same`` and ``/contradictions``: who said so, where, in which words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from kg.errors import QueryError
from kg.query.contradictions import Contradictions, contradictions, to_csv
from kg.query.evidence import ClaimView, claims_about, find_claims, get_claim, read_object, relation_iri
from kg.query.names import resolve_entity
from kg.query.nodes import Value
from kg.query.sameness import Sameness, why_same
from kg.server.answers import page_response, wants_page
from kg.server.forms import csv_response, ending, turtle_response, write_table
from kg.server.leases import LeaseOf, Reader
from kg.server.pages.claims import evidence_page
from kg.server.pages.lists import turn_pages
from kg.server.pages.quarrels import contradictions_page
from kg.server.requests import Page, page, run_bounded

router = APIRouter(tags=["Evidence"])

Text = Query(max_length=2000)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A page of claims, best confidence first; `total` counts all."""

    items: list[ClaimView]
    total: int
    limit: int
    offset: int


@router.get(
    "/evidence", response_model=Evidence, summary="The sentences behind an entity, a statement or a claim"
)
@router.get("/evidence.json", response_model=Evidence, include_in_schema=False)
@router.get("/evidence.csv", response_model=Evidence, include_in_schema=False)
def get_evidence(
    request: Request,
    reader: Reader,
    paging: Annotated[Page, Depends(page)],
    entity: Annotated[
        str | None,
        Query(
            description="All claims about it: IRI, CURIE, name or alias.",
            examples=["Gen Nakatani"],
            max_length=2000,
        ),
    ] = None,
    s: Annotated[str | None, Query(description="Subject of the statement.", max_length=2000)] = None,
    p: Annotated[str | None, Query(description="Its relation, e.g. holdsOffice.", max_length=2000)] = None,
    o: Annotated[
        str | None, Query(description="Its object: an entity or a literal.", max_length=2000)
    ] = None,
    claim: Annotated[str | None, Query(description="One claim: IRI or CURIE.", max_length=2000)] = None,
) -> Evidence | Response:
    """Claims with their quotes, positions, documents, attribution and modality.

    Give `entity`, or `claim`, or any of `s`, `p`, `o`. Positions count Unicode code points of the stored
    text.
    """
    statement = [x for x in (s, p, o) if x is not None]
    if sum((entity is not None, claim is not None, bool(statement))) != 1:
        raise QueryError("want one of: entity; claim; any of s, p, o")
    if claim is not None:
        found, total = [get_claim(reader, claim)], 1
    elif entity is not None:
        found, total = claims_about(
            reader, resolve_entity(reader, entity), limit=paging.limit, offset=paging.offset
        )
    else:
        found, total = find_claims(
            reader,
            resolve_entity(reader, s) if s is not None else None,
            relation_iri(reader, p) if p is not None else None,
            read_object(reader, o) if o is not None else None,
            limit=paging.limit,
            offset=paging.offset,
        )
    form = ending(request)
    if form == "csv":
        return csv_response(write_table(COLUMNS, map(_row, found)))
    if not form and wants_page(request):
        given = (("entity", entity), ("s", s), ("p", p), ("o", o), ("claim", claim))
        words = [(k, v) for k, v in given if v is not None]
        turn = turn_pages("/evidence", words, paging.offset, paging.limit, total)
        return page_response(
            evidence_page(found, total, words, turn, reader.base), reader=reader, request=request
        )
    return Evidence(found, total, paging.limit, paging.offset)


COLUMNS = (
    *("subject", "relation", "object", "modality", "confidence", "attribution", "valid_time"),
    *("document", "as_of", "quote", "passage", "claim"),
)


def _row(claim: ClaimView) -> tuple[object, ...]:
    value = claim.object.value if isinstance(claim.object, Value) else claim.object.label
    return (
        *(claim.subject.label, claim.predicate.label, value, claim.modality, claim.confidence),
        *(claim.attribution, claim.valid_time, "; ".join(claim.document.identifiers), claim.document.as_of),
        *(" … ".join(p.quote for p in claim.passages), " ".join(p.iri for p in claim.passages), claim.iri),
    )


@router.get("/why-same", summary="Whether two names stand for one thing, and why")
def get_sameness(
    reader: Reader,
    one: Annotated[
        str, Query(description="IRI, CURIE, name or alias.", examples=["Gen Nakatani"], max_length=2000)
    ],
    other: Annotated[
        str, Query(description="IRI, CURIE, name or alias.", examples=["Nakatani"], max_length=2000)
    ],
) -> Sameness:
    """The decisions on identity between two names, with their scores and reasons."""
    return why_same(reader, one, other)


Kind = Annotated[
    str | None,
    Query(description="Only those of a kind: denied, holders, status or values.", max_length=20),
]
About = Annotated[
    str | None, Query(description="Only those about it: IRI, CURIE, name or alias.", max_length=2000)
]


@router.get("/contradictions", response_model=Contradictions, summary="Claims that cannot both be right")
@router.get("/contradictions.json", response_model=Contradictions, include_in_schema=False)
def get_contradictions(
    request: Request,
    reader: Reader,
    paging: Annotated[Page, Depends(page)],
    entity: About = None,
    kind: Kind = None,
) -> Contradictions | Response:
    """Pairs of claims that exclude each other, with the sentences of both, and what a later document says.

    `/contradictions.csv` gives them all as a table.
    """
    found = contradictions(reader, entity, kind=kind, limit=paging.limit, offset=paging.offset)
    if wants_page(request) and not request.url.path.endswith(".json"):
        return page_response(
            contradictions_page(found, reader.base, entity, kind), reader=reader, request=request
        )
    return found


@router.get(
    "/contradictions.csv", response_class=Response, summary="Claims that cannot both be right, as a table"
)
async def get_contradictions_table(
    request: Request, lease: LeaseOf, entity: About = None, kind: Kind = None
) -> Response:
    """One line for each pair, with both sentences and both documents."""

    def work() -> bytes:
        return to_csv(contradictions(lease.reader, entity, kind=kind, limit=None))

    return Response(await run_bounded(request, lease, work), media_type="text/csv; charset=utf-8")


@router.get("/contradictions.ttl", response_class=Response, include_in_schema=False)
def get_contradicting_claims(reader: Reader, entity: About = None, kind: Kind = None) -> Response:
    """What the graph says of the claims of both sides."""
    pairs = contradictions(reader, entity, kind=kind, limit=None).items
    iris = sorted({c.iri for pair in pairs for c in (pair.one, pair.other)})
    return turtle_response([q.triple for iri in iris for q in reader.quads(iri)], reader)
