"""``/offices`` and ``/diff``: who held what when, and what changed from one day to another."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter

from kg.query.as_of import read_day
from kg.query.changes import Diff, diff
from kg.query.offices import Offices, offices
from kg.server.answers import JSON, page_response, wants_page
from kg.server.forms import ending
from kg.server.leases import LeaseOf, NewestLease
from kg.server.pages.history import diff_page, offices_page
from kg.server.requests import MAX_PAGE, Page, page, run_bounded

router = APIRouter(tags=["History"])

_OFFICES = TypeAdapter(Offices)
_DIFF = TypeAdapter(Diff)
_VARY = {"Vary": "Accept"}


@router.get("/offices", response_model=Offices, summary="Who held which office when")
@router.get("/offices.json", response_model=Offices, include_in_schema=False)
async def get_offices(
    request: Request,
    lease: LeaseOf,
    paging: Annotated[Page, Depends(page)],
    office: Annotated[
        str | None, Query(description="One office: IRI, CURIE, name or alias.", max_length=2000)
    ] = None,
    body: Annotated[
        str | None, Query(description="Only those of a country or body.", examples=["Japan"], max_length=2000)
    ] = None,
    person: Annotated[
        str | None, Query(description="Only those that a person held.", max_length=2000)
    ] = None,
    on: Annotated[
        str | None,
        Query(
            description="The day of which `holders` are (YYYY-MM-DD).", examples=["2025-03-30"], max_length=40
        ),
    ] = None,
) -> Response:
    """Offices with their holders one after the other, gaps between them, and who held them on a day.

    A holder is `stated` for the day by a claim, `between` two claims, or the `last known` one before it.
    """
    day = read_day(on, "on") if on is not None and on.strip() else None

    def work() -> Offices:
        return offices(
            lease.reader, office, body=body, person=person, on=day, limit=paging.limit, offset=paging.offset
        )

    found = await run_bounded(request, lease, work)
    if not ending(request) and wants_page(request):
        words = [(k, v) for k, v in (("office", office), ("body", body), ("person", person), ("on", on)) if v]
        return page_response(
            offices_page(found, lease.reader.base, words), reader=lease.reader, request=request
        )
    return Response(_OFFICES.dump_json(found), headers=_VARY, media_type=JSON)


@router.get("/diff", response_model=Diff, summary="What changed from one day to another")
async def get_diff(
    request: Request,
    lease: NewestLease,
    since: Annotated[
        str,
        Query(
            alias="from", description="The earlier day (YYYY-MM-DD).", examples=["2025-03-01"], max_length=40
        ),
    ],
    until: Annotated[
        str | None,
        Query(alias="to", description="The later day; without it, all that is known.", max_length=40),
    ] = None,
    entity: Annotated[
        str | None, Query(description="Only what is about it: IRI, CURIE, name or alias.", max_length=2000)
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE, description="Items in each list.")] = 200,
) -> Response:
    """What documents published after `from` and by `to` changed.

    Learned, changed and withdrawn facts, things found to be one, plans overtaken, contradictions new and settled, each
    with its claim.
    """
    first = read_day(since, "from")
    last = read_day(until, "to") if until is not None and until.strip() else None

    def work() -> Diff:
        return diff(lease.reader, lease.days, first, last, entity=entity, limit=limit)

    found = await run_bounded(request, lease, work)
    if wants_page(request):
        return page_response(diff_page(found, lease.reader.base))
    return Response(_DIFF.dump_json(found), headers=_VARY, media_type=JSON)
