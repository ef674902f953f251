"""What routes share: which parameters there are, pages of lists, formats, and time limits."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar, get_origin

from fastapi import Query, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from kg.errors import QueryTimeout
from kg.query.sparql import Format, get_format, negotiate_format
from kg.server.problems import Refused
from kg.server.readers import Lease
from kg.settings import Settings

T = TypeVar("T")

#: Marks a route that reads parameters of its own from the query string.
FREE_PARAMETERS = {"x-free-parameters": True}
MAX_PAGE = 1000

#: Ad-hoc and saved queries run here, so that slow ones do not take the threads of everything else.
QUERY_THREADS = 8


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is wanted."""

    limit: int
    offset: int


async def page(
    request: Request,
    limit: Annotated[int | None, Query(ge=1, le=MAX_PAGE, description="Rows in the answer.")] = None,
    offset: Annotated[int, Query(ge=0, le=10_000_000, description="Rows passed over before the first.")] = 0,
) -> Page:
    """The page that the request asks for; `page_size` of the settings if it does not say."""
    settings: Settings = request.app.state.settings
    return Page(settings.page_size if limit is None else limit, offset)


async def refuse_unknown(request: Request) -> None:
    """Refuse parameters that the route does not have, and single ones that are given twice."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or (route.openapi_extra or {}).get("x-free-parameters"):
        return
    declared = _declared(route)
    for name in request.query_params:
        if name not in declared:
            allowed = ", ".join(sorted(declared)) or "none"
            raise Refused(400, "parameters", f"unknown parameter {name!r}; there are: {allowed}")
        if not declared[name] and len(request.query_params.getlist(name)) > 1:
            raise Refused(400, "parameters", f"parameter {name!r} is given more than once; want it once")


def _declared(route: APIRoute) -> dict[str, bool]:
    """Name of each query parameter of `route` → whether it may be repeated."""
    found: dict[str, bool] = {}

    def collect(dependant: Dependant) -> None:
        for field in dependant.query_params:
            found[field.alias] = get_origin(field.field_info.annotation) is list
        for inner in dependant.dependencies:
            collect(inner)

    collect(route.dependant)
    return found


def choose_format(request: Request, asked: str | None, offered: Sequence[Format]) -> Format:
    """The format that `asked` (the ``format`` parameter) or else the Accept header names, of those `offered`.

    Raises `QueryError` for an unknown name, a 406 for an Accept header that takes none of them.
    """
    if asked is not None:
        return get_format(asked, offered)
    accept = request.headers.get("accept")
    found = negotiate_format(accept, offered)
    if found is None:
        types = ", ".join(m for f in offered for m in f.media_types)
        raise Refused(406, "not-acceptable", f"Accept: {accept}; this answer can be had as {types}")
    return found


async def run_bounded(request: Request, lease: Lease, work: Callable[[], T]) -> T:
    """The result of `work`, done in a thread of its own within the time that a query may take.

    A query cannot be stopped yet: one that takes too long is answered with 503 while its thread runs on, and
    keeps its lease and its place among the threads until then. The threads are daemons: none of them keeps
    the process alive. Raises `QueryTimeout`.
    """
    state = request.app.state
    seconds: float = state.settings.query_timeout
    places: asyncio.Semaphore | None = getattr(state, "query_places", None)
    if places is None:
        places = state.query_places = asyncio.Semaphore(QUERY_THREADS)
    try:
        async with asyncio.timeout(seconds):
            await places.acquire()
            return await _in_thread(work, lease.hold(), places)
    except TimeoutError:
        raise QueryTimeout(f"no answer within {seconds:g} seconds; ask for less, or add a LIMIT") from None


def _in_thread(work: Callable[[], T], held: Lease, places: asyncio.Semaphore) -> asyncio.Future[T]:
    """The future result of `work`; when it has ended, and not before, lease and place are given back."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: list[T], error: BaseException | None) -> None:
        places.release()
        if future.done():
            return  # nobody waits any more
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result[0])

    def run() -> None:
        result: list[T] = []
        failure: BaseException | None = None
        try:
            result.append(work())
        except BaseException as error:
            _forget_frames(error)
            failure = error
        held.release()
        with contextlib.suppress(RuntimeError):  # the loop has ended, and with it all who wait
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=run, name="kg-query", daemon=True).start()
    return future


def _forget_frames(error: BaseException) -> None:
    """Clear what the frames of `error` hold: an Oxigraph answer must be let go in the thread that made it."""
    seen: BaseException | None = error
    while seen is not None:
        traceback.clear_frames(seen.__traceback__)
        seen = seen.__context__
