"""``/sparql``: the SPARQL 1.1 Protocol, query operation; answered before any routing.

Queries run in worker processes (`kg.engine`). Where the store is not in files, they run in threads.
"""

from __future__ import annotations

import asyncio
import hashlib

import anyio.to_thread
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.engine.formats import GRAPH_FORMATS, RESULT_FORMATS, Format, negotiate_format
from kg.engine.pool import Pool
from kg.engine.question import Question
from kg.engine.text import is_volatile
from kg.errors import KgError, QueryError, UnfitFormat
from kg.query.sparql import formats_for, run_query, serialize, write_triples
from kg.server.addresses import Prefixed, address_of
from kg.server.codings import choose_coding
from kg.server.editor import show_editor
from kg.server.leases import lease_day
from kg.server.operations import (
    ALL_GRAPH_FORMATS,
    BARE,
    FORM,
    MAX_BODY,
    Operation,
    choose_formats,
    not_acceptable,
    prefers_page,
    read_body,
    read_get,
    read_media_type,
    read_post,
)
from kg.server.origins import RawHeaders, find_header, origins_of
from kg.server.problems import Refused, answer_error, unexpected
from kg.server.readers import Lease, Readers
from kg.server.requests import run_bounded
from kg.server.service import describe_service
from kg.server.streams import MOST_HELD, ClientGone, Watch, ask, send_answer
from kg.server.surface import secure
from kg.server.transports import break_off
from kg.settings import Settings

PATH = "/sparql"
ALLOWED = "GET, HEAD, OPTIONS, POST"
_FIXED: RawHeaders = [
    (b"cache-control", b"no-cache"),
    (b"vary", b"Accept, Accept-Encoding"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]


class SparqlEndpoint:
    """Answers ``/sparql``, and hands everything else on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"] != PATH:
            await self.app(scope, receive, send)
            return
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await _answer(scope, receive, noted)
        except (ClientGone, ConnectionError):
            return
        except KgError as error:
            response = answer_error(Request(scope), error)
        except Exception as error:
            if begun:  # the headers are out: only a broken connection can tell that the body is not whole
                break_off(scope)
                raise
            response = unexpected(Request(scope), error)
        else:
            return
        await _send_response(response, scope, receive, send)


async def _answer(scope: Scope, receive: Receive, send: Send) -> None:
    method: str = scope["method"]
    if method == "POST":
        media_type = read_media_type(find_header(scope, b"content-type").decode("latin-1"))
        length = find_header(scope, b"content-length")
        if length.isdigit() and int(length) > MAX_BODY:
            raise Refused(413, "too-large", f"the body is longer than {MAX_BODY} bytes")
        seconds: float = scope["app"].state.settings.query_timeout
        try:
            async with asyncio.timeout(seconds):
                body = await read_body(scope, receive)
        except TimeoutError:
            raise Refused(408, "slow-body", f"the body did not come within {seconds:g} seconds") from None
        operation: Operation | None = read_post(media_type, body, scope["query_string"])
    elif method in ("GET", "HEAD"):
        operation = read_get(scope["query_string"])
    elif method == "OPTIONS":
        await _send_response(_options(scope), scope, receive, send)
        return
    else:
        raise Refused(405, "method", f"{method} is not possible here.", {"Allow": ALLOWED})
    page = method != "POST" and prefers_page(find_header(scope, b"accept").decode("latin-1"))
    if operation is None and not page:
        await _send_response(_describe(scope), scope, receive, send)
        return
    state = scope["app"].state
    readers: Readers = state.readers
    lease = readers.find_current()
    if lease is None:
        lease = await anyio.to_thread.run_sync(readers.lease)
    try:
        if operation is None or (page and operation.format is None):
            response = await show_editor(operation, lease, Request(scope), receive)
            await _send_response(response, scope, receive, send)
        elif operation.as_of is not None:
            past = await lease_day(Request(scope), lease, operation.as_of)
            try:
                await _query(operation, past, scope, receive, send)
            finally:
                past.release()
        else:
            await _query(operation, lease, scope, receive, send)
    finally:
        lease.release()


async def _query(operation: Operation, lease: Lease, scope: Scope, receive: Receive, send: Send) -> None:
    accept: str | None = None
    encodings, known, origin = b"", b"", b""
    for name, value in scope["headers"]:
        if name == b"accept":
            accept = value.decode("latin-1") if accept is None else f"{accept},{value.decode('latin-1')}"
        elif name == b"accept-encoding":
            encodings = value
        elif name == b"if-none-match":
            known = value
        elif name == b"origin":
            origin = value
    table, graph = choose_formats(accept, operation.format)
    settings: Settings = scope["app"].state.settings
    headers = list(_FIXED)
    if origin:
        headers += origins_of(settings).headers(origin)
    address = address_of(scope)
    base = address.url(PATH) if address.origin else None
    if not is_volatile(operation.query):
        tag = _tag(operation, lease, base, table, graph)
        headers.append((b"etag", tag))
        if known and tag in known and scope["method"] in ("GET", "HEAD"):
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
    if lease.snapshot is None:
        await _query_in_thread(operation, lease, table, graph, headers, scope, receive, send)
        return
    question = Question(
        operation.query,
        table.key if table is not None else "",
        graph.key if graph is not None else "",
        choose_coding(encodings.decode("latin-1")),
        operation.default_graphs,
        operation.named_graphs,
        base=base,
    )
    pool: Pool = scope["app"].state.pool
    try:
        answer = await ask(pool, lease.snapshot, question, receive)
    except UnfitFormat as error:
        raise _unfit(error, operation, accept) from None
    form = graph if answer.graph else table
    assert form is not None  # else the worker would have said that it is unfit
    headers.append((b"content-type", form.content_type.encode("ascii")))
    await send_answer(answer, headers, scope, receive, send)


async def _query_in_thread(
    operation: Operation,
    lease: Lease,
    table: Format | None,
    graph: Format | None,
    headers: RawHeaders,
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    """As `_query`, for a store that worker processes cannot open."""
    most = min(scope["app"].state.settings.max_answer_bytes, MOST_HELD)

    def work() -> tuple[Format, bytes]:
        answer = run_query(
            lease.reader,
            operation.query,
            default_graph=operation.default_graphs,
            named_graphs=operation.named_graphs,
        )
        is_graph = formats_for(answer) is GRAPH_FORMATS
        form = graph if is_graph else table
        if form is None:
            raise UnfitFormat(is_graph)
        return form, serialize(answer, form, lease.reader.base, most)

    try:
        async with Watch(receive):
            form, body = await run_bounded(Request(scope), lease, work)
    except UnfitFormat as error:
        raise _unfit(error, operation, find_header(scope, b"accept").decode("latin-1")) from None
    headers.append((b"content-type", form.content_type.encode("ascii")))
    headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _unfit(error: UnfitFormat, operation: Operation, accept: str | None) -> KgError:
    offered = ALL_GRAPH_FORMATS if error.graph else RESULT_FORMATS
    if operation.format is None:
        return not_acceptable(accept, offered)
    keys = ", ".join(f.key for f in offered)
    return QueryError(f"format {operation.format!r} does not fit this answer; want one of {keys}")


def _tag(
    operation: Operation, lease: Lease, base: str | None, table: Format | None, graph: Format | None
) -> bytes:
    """A weak validator: the bytes may be compressed on their way."""
    parts = (
        lease.reader.generation,
        str(operation.as_of or ""),
        base or "",
        operation.query,
        "\x1e".join(operation.default_graphs),
        "\x1e".join(operation.named_graphs),
        table.key if table is not None else "",
        graph.key if graph is not None else "",
    )
    digest = hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=12)
    return b'W/"%b"' % digest.hexdigest().encode("ascii")


def _options(scope: Scope) -> Response:
    response = Response(status_code=204, headers={"Allow": ALLOWED, "Accept-Post": f"{BARE}, {FORM}"})
    origin = find_header(scope, b"origin")
    if origin and find_header(scope, b"access-control-request-method"):
        asked = find_header(scope, b"access-control-request-headers")
        response.raw_headers += origins_of(scope["app"].state.settings).preflight(origin, asked)
    return response


def _describe(scope: Scope) -> Response:
    """The description of the service."""
    accept = find_header(scope, b"accept").decode("latin-1")
    form = negotiate_format(accept, ALL_GRAPH_FORMATS)
    if form is None:
        raise not_acceptable(accept, ALL_GRAPH_FORMATS)
    triples = describe_service(address_of(scope).url(PATH))
    return Response(write_triples(triples, form), headers={"Vary": "Accept"}, media_type=form.content_type)


async def _send_response(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Send a page, a problem or a description; no body to a HEAD request."""
    origin = find_header(scope, b"origin")
    headers: RawHeaders = response.raw_headers
    names = {name for name, _ in headers}
    secure(MutableHeaders(raw=headers))
    if origin and b"access-control-allow-origin" not in names:
        headers += origins_of(scope["app"].state.settings).headers(origin)
    await Prefixed(response)(scope, receive, send)
