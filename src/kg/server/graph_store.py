"""``/rdf-graph-store``: the SPARQL 1.1 Graph Store HTTP Protocol, with both ways to say which graph is meant.

https://www.w3.org/TR/sparql11-http-rdf-update/
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import Annotated

import pyoxigraph as ox
from fastapi import APIRouter, Query, Request, Response
from starlette.types import Receive, Scope, Send

from kg.engine.pool import Answer
from kg.engine.question import Question
from kg.errors import NoSuchGraph, QueryError
from kg.graph.local import LocalReader
from kg.graph.store import StoreReader
from kg.query.sparql import GRAPH_FORMATS, Format, find_format, run_query, serialize
from kg.server.addresses import address_of
from kg.server.bodies import MULTIPART, decode, read_body, read_media_type, read_parts
from kg.server.leases import NewestLease
from kg.server.problems import Refused
from kg.server.requests import choose_format, run_bounded
from kg.server.streams import ClientGone, ask, send_answer
from kg.server.updates import BARE
from kg.server.writes import Allowed, MayWriteGraphs, now
from kg.updates.requests import Action, Body, WriteRequest, Written

router = APIRouter(tags=["Graph store"])

PATH = "/rdf-graph-store"
_RDF_TYPES = ("text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml")
_CONTENT: dict[int | str, dict[str, object]] = {200: {"content": {m: {} for m in _RDF_TYPES}}}
_BODY = {
    "requestBody": {
        "content": {m: {"schema": {"type": "string"}} for m in _RDF_TYPES}
        | {MULTIPART: {"schema": {"type": "object", "additionalProperties": {"type": "string"}}}}
    }
}
_WRITTEN: dict[int | str, dict[str, object]] = {201: {"description": "The graph was made"}, 204: {}}
_EVERYTHING = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
_DIRECT = "/{graph_path:path}"

Default = Annotated[
    str | None, Query(description="Present, with or without a value: the default graph.", examples=[""])
]
Named = Annotated[str | None, Query(alias="graph", description="IRI of a named graph.", max_length=4000)]


def _name(request: Request, default: str | None, graph: str | None, path: str = "") -> str:
    """The IRI of the graph that a request is about, empty for the default graph (sections 4.1 and 4.2)."""
    if path:
        if default is not None or graph is not None:
            raise Refused(400, "parameters", "the path names the graph: want neither default nor graph")
        # as it was sent: escapes are part of an IRI
        raw = request.scope.get("raw_path") or request.url.path.encode()
        return _absolute(request, address_of(request.scope).url(raw.decode("ascii", "replace")))
    if (default is None) == (graph is None):
        raise Refused(400, "parameters", "want either 'default' or 'graph' with the IRI of a graph")
    if default is not None:
        return ""
    assert graph is not None
    return _absolute(request, graph)


def _absolute(request: Request, iri: str) -> str:
    try:
        return ox.NamedNode(iri).value
    except ValueError as error:
        raise QueryError(f"graph: not an absolute IRI: {iri!r} ({error})") from None


def _check_is_there(reader: StoreReader, graph: str) -> None:
    """Raise `NoSuchGraph` if there is no such named graph."""
    if not graph:
        return
    if isinstance(reader, LocalReader):
        found = reader.oxigraph.contains_named_graph(ox.NamedNode(graph))
    else:
        found = bool(reader.query("ASK { ?s ?p ?o }", default_graph=[graph]))
    if not found:
        raise NoSuchGraph(f"there is no graph <{graph}>")


async def _get(request: Request, lease: NewestLease, graph: str) -> Response:
    form = choose_format(request, None, GRAPH_FORMATS)
    if lease.snapshot is None:
        most: int = request.app.state.settings.max_answer_bytes

        def work() -> bytes:
            _check_is_there(lease.reader, graph)
            named = [graph] if graph else []
            answer = run_query(lease.reader, _EVERYTHING, default_graph=named)
            return serialize(answer, form, lease.reader.base, most)

        body = await run_bounded(request, lease, work)
        return Response(body, headers={"Vary": "Accept"}, media_type=form.content_type)
    _check_is_there(lease.reader, graph)
    question = Question(_EVERYTHING, "", form.key, "", (graph,) if graph else (), ())
    try:
        answer = await ask(request.app.state.pool, lease.snapshot, question, request.receive)
    except ClientGone:
        return Response(status_code=499)  # nobody sees it
    return _Streamed(answer, form)


class _Streamed(Response):
    """An answer of a worker process as it comes."""

    def __init__(self, answer: Answer, form: Format) -> None:
        super().__init__(media_type=form.content_type, headers={"Vary": "Accept"})
        self._answer = answer
        self._raw = [(k, v) for k, v in self.raw_headers if k != b"content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        with suppress(ClientGone):
            await send_answer(self._answer, self._raw, scope, receive, send)


async def _bodies(request: Request, allowed: Allowed, graph: str) -> tuple[Body, ...]:
    """The RDF that was sent: the body, or each file of a multipart form."""
    writes, _ = allowed
    media_type, parameters = read_media_type(request.headers.get("content-type"))
    data = await read_body(request, writes.settings.max_update_bytes)
    base = graph or address_of(request.scope).url(PATH)
    if media_type == MULTIPART:
        parts = read_parts(data, parameters.get("boundary"))
        return tuple(Body(p.data, _rdf_type(p.media_type, p.file or ""), base) for p in parts)
    if not media_type and data:
        raise _unsupported("none")
    charset = parameters.get("charset", "utf-8")
    if charset.lower() not in ("utf-8", "utf8"):
        data = decode(data, charset, "the body").encode()
    return (Body(data, _rdf_type(media_type or "text/turtle", ""), base),)


def _rdf_type(media_type: str, file: str) -> str:
    """The media type of RDF that a body has, told by its own or by the name of its file."""
    found: Format | None = None
    if media_type in ("", "application/octet-stream", "text/plain") and "." in file:
        found = find_format(file.rpartition(".")[2], GRAPH_FORMATS)
    found = found or find_format(media_type, GRAPH_FORMATS)
    if found is not None:
        return found.media_types[0]
    if ox.RdfFormat.from_media_type(media_type) is not None:
        return media_type
    raise _unsupported(media_type)


def _unsupported(found: str) -> Refused:
    wanted = ", ".join((*_RDF_TYPES, MULTIPART))
    return Refused(
        415, "media-type", f"Content-Type: want one of {wanted}, found {found}", {"Accept-Post": wanted}
    )


async def _write(
    request: Request,
    allowed: Allowed,
    action: Action,
    graph: str,
    bodies: tuple[Body, ...] = (),
    text: str = "",
) -> Written:
    writes, token = allowed
    base = graph or address_of(request.scope).url(PATH) or None
    made = WriteRequest(uuid.uuid4().hex, action, now(), token.name, text, base, graph=graph, bodies=bodies)
    written = await writes.writer.write(made)
    writes.builder.wake()
    return written


async def _put(request: Request, allowed: Allowed, graph: str) -> Response:
    written = await _write(request, allowed, Action.PUT, graph, await _bodies(request, allowed, graph))
    return _told(written)


async def _post(request: Request, allowed: Allowed, graph: str) -> Response:
    written = await _write(request, allowed, Action.POST, graph, await _bodies(request, allowed, graph))
    return _told(written)


async def _delete(request: Request, allowed: Allowed, graph: str) -> Response:
    return _told(await _write(request, allowed, Action.DELETE, graph))


async def _patch(request: Request, allowed: Allowed, graph: str) -> Response:
    media_type, _ = read_media_type(request.headers.get("content-type"))
    if media_type != BARE:
        message = f"Content-Type: want {BARE}, found {media_type or 'none'}"
        raise Refused(415, "media-type", message, {"Accept-Patch": BARE})
    data = await read_body(request, allowed[0].settings.max_update_bytes)
    return _told(await _write(request, allowed, Action.PATCH, graph, text=decode(data, "utf-8", "the body")))


def _told(written: Written, location: str | None = None) -> Response:
    headers = {"Location": location} if location is not None else {}
    return Response(status_code=201 if written.is_new else 204, headers=headers)


@router.get(PATH, response_class=Response, responses=_CONTENT, summary="Read a graph")
async def get_graph(
    request: Request, lease: NewestLease, default: Default = None, graph: Named = None
) -> Response:
    """The triples of the default graph or of a named one."""
    return await _get(request, lease, _name(request, default, graph))


@router.put(PATH, status_code=204, responses=_WRITTEN, openapi_extra=_BODY, summary="Replace a graph")
async def put_graph(
    request: Request, allowed: MayWriteGraphs, default: Default = None, graph: Named = None
) -> Response:
    """The body takes the place of what the graph held; 201 if there was no such graph."""
    return await _put(request, allowed, _name(request, default, graph))


@router.post(PATH, status_code=204, responses=_WRITTEN, openapi_extra=_BODY, summary="Add to a graph")
async def post_graph(
    request: Request, allowed: MayWriteGraphs, default: Default = None, graph: Named = None
) -> Response:
    """The body is added to the graph; without one, to a new graph, whose address is told in Location."""
    if default is None and graph is None:
        name = f"{PATH}/{uuid.uuid4().hex}"
        iri = _absolute(request, address_of(request.scope).url(name))
        written = await _write(request, allowed, Action.POST, iri, await _bodies(request, allowed, iri))
        return _told(written, name)
    return await _post(request, allowed, _name(request, default, graph))


@router.delete(PATH, status_code=204, summary="Remove a graph")
async def delete_graph(
    request: Request, allowed: MayWriteGraphs, default: Default = None, graph: Named = None
) -> Response:
    """Removes a named graph, or all triples of the default graph."""
    return await _delete(request, allowed, _name(request, default, graph))


@router.patch(PATH, status_code=204, summary="Update one graph")
async def patch_graph(
    request: Request, allowed: MayWriteGraphs, default: Default = None, graph: Named = None
) -> Response:
    """A SPARQL update (`application/sparql-update`) of this graph alone."""
    return await _patch(request, allowed, _name(request, default, graph))


@router.get(PATH + _DIRECT, response_class=Response, include_in_schema=False)
async def get_direct(request: Request, lease: NewestLease, graph_path: str) -> Response:
    """The graph whose IRI is the URL of the request."""
    return await _get(request, lease, _name(request, None, None, graph_path))


@router.put(PATH + _DIRECT, status_code=204, include_in_schema=False)
async def put_direct(request: Request, allowed: MayWriteGraphs, graph_path: str) -> Response:
    """Replace the graph whose IRI is the URL of the request."""
    return await _put(request, allowed, _name(request, None, None, graph_path))


@router.post(PATH + _DIRECT, status_code=204, include_in_schema=False)
async def post_direct(request: Request, allowed: MayWriteGraphs, graph_path: str) -> Response:
    """Add to the graph whose IRI is the URL of the request."""
    return await _post(request, allowed, _name(request, None, None, graph_path))


@router.delete(PATH + _DIRECT, status_code=204, include_in_schema=False)
async def delete_direct(request: Request, allowed: MayWriteGraphs, graph_path: str) -> Response:
    """Remove the graph whose IRI is the URL of the request."""
    return await _delete(request, allowed, _name(request, None, None, graph_path))


@router.patch(PATH + _DIRECT, status_code=204, include_in_schema=False)
async def patch_direct(request: Request, allowed: MayWriteGraphs, graph_path: str) -> Response:
    """Update the graph whose IRI is the URL of the request."""
    return await _patch(request, allowed, _name(request, None, None, graph_path))
