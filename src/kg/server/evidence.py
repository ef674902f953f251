"""``/evidence`` and ``/contradictions``: who said so, where, in which words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from kg.errors import QueryError
from kg.query.contradictions import Contradictions, contradictions
from kg.query.evidence import ClaimView, claims_about, find_claims, get_claim, read_object, relation_iri
from kg.query.names import resolve_entity
from kg.server.leases import Reader
from kg.server.requests import Page, page

router = APIRouter(tags=["Evidence"])

Text = Query(max_length=2000)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A page of claims, best confidence first; `total` counts all."""

    items: list[ClaimView]
    total: int
    limit: int
    offset: int


@router.get("/evidence", summary="The sentences behind an entity, a statement or a claim")
def get_evidence(
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
) -> Evidence:
    """Claims with their quotes, positions, documents, attribution and modality.

    Give `entity`, or `claim`, or any of `s`, `p`, `o`. Positions count Unicode code points of the stored
    text.
    """
    statement = [x for x in (s, p, o) if x is not None]
    if sum((entity is not None, claim is not None, bool(statement))) != 1:
        raise QueryError("want one of: entity; claim; any of s, p, o")
    if claim is not None:
        return Evidence([get_claim(reader, claim)], 1, paging.limit, paging.offset)
    if entity is not None:
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
    return Evidence(found, total, paging.limit, paging.offset)


@router.get("/contradictions", summary="Claims that cannot both be right")
def get_contradictions(
    reader: Reader,
    paging: Annotated[Page, Depends(page)],
    entity: Annotated[
        str | None, Query(description="Only those about it: IRI, CURIE, name or alias.", max_length=2000)
    ] = None,
) -> Contradictions:
    """Pairs of claims that exclude each other, with the sentences of both."""
    return contradictions(reader, entity, limit=paging.limit, offset=paging.offset)
