"""What routes depend on: a reader of the newest generation, as it stood on the day that the request names."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from functools import partial
from typing import Annotated

import anyio.to_thread
from fastapi import Depends, Query, Request

from kg.graph.store import StoreReader
from kg.query.as_of import read_day
from kg.server.conditional import depends_on
from kg.server.readers import DayLease, Lease, Readers
from kg.server.requests import run_bounded
from kg.server.surface import tell_behind


async def lease_newest(request: Request) -> AsyncIterator[Lease]:
    """A lease for the time of one request, its answer's stream included."""
    readers: Readers = request.app.state.readers
    lease = readers.find_current()
    if lease is None:
        lease = await anyio.to_thread.run_sync(readers.lease)
    depends_on(request, lease.reader.generation)
    tell_behind(request, lease.reader)
    try:
        yield lease
    finally:
        lease.release()


NewestLease = Annotated[Lease, Depends(lease_newest)]


async def read_as_of(
    as_of: Annotated[
        str | None,
        Query(
            description="Answer from what was published by this day (YYYY-MM-DD); documents without a day are "
            "left out.",
            examples=["2025-03-15"],
            max_length=40,
        ),
    ] = None,
) -> date | None:
    """The day that a request asks for, or None for all that is known."""
    return read_day(as_of) if as_of is not None and as_of.strip() else None


async def lease_day(request: Request, newest: Lease, day: date) -> DayLease:
    """A lease on the store of `newest` as it stood on `day`, to be released; a day asked for first is made first."""
    while (found := newest.days.find(day)) is None:
        await run_bounded(request, newest, partial(newest.days.prepare, day))
    newest.hold()
    return DayLease(newest, found)


async def lease_reader(
    request: Request, newest: NewestLease, day: Annotated[date | None, Depends(read_as_of)]
) -> AsyncIterator[Lease]:
    """A lease on the store, as it stood on the day that the request asks for if it asks for one."""
    if day is None:
        yield newest
        return
    lease = await lease_day(request, newest, day)
    try:
        yield lease
    finally:
        lease.release()


async def request_reader(lease: Annotated[Lease, Depends(lease_reader)]) -> StoreReader:
    """The reader of this request."""
    return lease.reader


LeaseOf = Annotated[Lease, Depends(lease_reader)]
Reader = Annotated[StoreReader, Depends(request_reader)]


async def newest_reader(lease: NewestLease) -> StoreReader:
    """The reader of all that is known."""
    return lease.reader


NewestReader = Annotated[StoreReader, Depends(newest_reader)]
