"""``/dump``: the graph, or a part of it, as files.

A dump that the generation keeps is sent as the file it is. A small one that it does not keep is written first; a large
one is sent while it is written, and kept for the next who asks.
"""

from __future__ import annotations

import contextlib
import io
import queue
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import IO, Annotated, cast

import anyio.to_thread
from fastapi import APIRouter, Request, Response
from fastapi import Path as PathPart
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from kg.graph.document_dump import document_lines
from kg.graph.dumps import (
    FORMS,
    Dump,
    Keeping,
    Record,
    content_type,
    count_lines,
    count_parts,
    count_triples,
    every_dump,
    find_dump,
    find_form,
    find_kept,
    forms_of,
    keep,
    list_kept,
    write,
)
from kg.graph.serialization import write_lines
from kg.graph.store import What
from kg.query.documents import get_document
from kg.server.addresses import Address, address_of
from kg.server.answers import page_response, wants_page
from kg.server.conditional import depends_on
from kg.server.files import FileAnswer
from kg.server.leases import LeaseOf, Reader
from kg.server.pages.dumps import dumps_page
from kg.server.problems import Refused, problem
from kg.server.readers import Lease
from kg.server.requests import run_bounded
from kg.settings import Settings

router = APIRouter(tags=["Dumps"])

#: Dumps under way at once; each has a thread that writes.
MOST_DUMPS = 4
_RETRY = 10  # seconds
_CHUNK = 1 << 16
_WAITING = 8
#: Triples up to which a dump is written before it is sent: about a second's work.
_SMALL = 200_000
_DOCUMENT = re.compile(r"([0-9a-f]{16})\.([a-z]+)\Z")


class _Gone(OSError):
    """Nobody reads the dump any more."""


class _Pipe(io.RawIOBase):
    """A file whose writer waits for its reader."""

    def __init__(self) -> None:
        self._chunks: queue.Queue[bytes | BaseException | None] = queue.Queue(_WAITING)
        self._gone = threading.Event()
        self.also: Callable[[bytes], None] = lambda chunk: None

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        chunk = bytes(cast(bytes, data))
        self.put(chunk)
        self.also(chunk)
        return len(chunk)

    def put(self, item: bytes | BaseException | None) -> None:
        while not self._gone.is_set():
            try:
                self._chunks.put(item, timeout=0.5)
                return
            except queue.Full:
                continue
        raise _Gone("the reader has gone")

    def chunks(self) -> Iterator[bytes]:
        try:
            while (item := self._chunks.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            self._gone.set()


class _Dump(StreamingResponse):
    """A stream that is refused while `MOST_DUMPS` others are under way."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state, request = scope["app"].state, Request(scope)
        under_way: int = getattr(state, "dumps_under_way", 0)
        if under_way >= MOST_DUMPS:
            detail = f"{under_way} dumps are being downloaded, which is the most at once; try again later."
            refusal = problem(request, 503, "busy", detail, headers={"Retry-After": str(_RETRY)})
            await refusal(scope, receive, send)
            return
        state.dumps_under_way = under_way + 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            state.dumps_under_way -= 1


class ListedDump(BaseModel):
    """A dump that can be had; length, hash and number of triples are known of those that are kept already."""

    name: str
    url: str
    part: str
    media_type: str
    bytes: int | None = None
    sha256: str | None = None
    triples: int | None = None


class DumpList(BaseModel):
    """All dumps of a generation; `triples` counts those of each part of the graph, of which some are in two."""

    generation: str
    title: str
    licence: str | None
    base: str
    triples: dict[str, int]
    dumps: list[ListedDump]
    checksums: str
    document_dumps: str


@router.get("/dump/", response_model=DumpList, summary="List the dumps")
@router.get("/dump", response_model=DumpList, include_in_schema=False)
def get_dumps(request: Request, reader: Reader) -> DumpList | Response:
    """Every file there is, with length, SHA-256 and number of triples of those that are kept already."""
    depends_on(request, None)  # and on which files are kept by now
    page = wants_page(request)
    address = Address() if page else address_of(request.scope)
    settings: Settings = request.app.state.settings
    kept = list_kept(reader)
    found = DumpList(
        generation=reader.generation,
        title=settings.dataset_title,
        licence=settings.licence or None,
        base=reader.base,
        triples=count_parts(reader),
        dumps=[_listed(dump, kept, address) for dump in every_dump()],
        checksums=address.path("/dump/SHA256SUMS"),
        document_dumps=address.path("/dump/documents/{key}.{ending}"),
    )
    return page_response(dumps_page(found), reader=reader, request=request) if page else found


def _listed(dump: Dump, kept: Mapping[str, Record], address: Address) -> ListedDump:
    record = kept.get(dump.name)
    return ListedDump(
        name=dump.name,
        url=address.path(f"/dump/{dump.name}"),
        part=dump.what.value,
        media_type=dump.media_type,
        bytes=record.bytes if record else None,
        sha256=record.sha256 if record else None,
        triples=record.triples if record else None,
    )


@router.get("/dump/SHA256SUMS", response_class=Response, summary="Checksums of the dumps that are kept")
def get_checksums(request: Request, reader: Reader) -> Response:
    """Lines for `sha256sum --check`."""
    depends_on(request, None)
    lines = [f"{record.sha256}  {name}\n" for name, record in list_kept(reader).items()]
    return Response("".join(lines), media_type="text/plain; charset=utf-8")


@router.get("/dump/documents/{name}", response_class=Response, summary="Download what one document says")
def get_document_dump(
    reader: Reader,
    name: Annotated[
        str,
        PathPart(
            description="The document's key, a dot, and ttl, nt, jsonld, rdf, nq or trig.",
            examples=["9e9e44c9fe1211d7.ttl"],
            max_length=100,
        ),
    ],
) -> Response:
    """The document, its mentions, its claims and their passages, sorted."""
    found = _DOCUMENT.match(name)
    form = find_form(found[2]) if found is not None else None
    if found is None or form is None:
        endings = ", ".join(f.ending for f in FORMS)
        raise Refused(404, "not-found", f"no dump {name!r}; want a document's key and one of {endings}")
    out = io.BytesIO()
    lines = document_lines(reader, get_document(reader, found[1]).iri)
    write_lines(lines, form.encoder, out, reader.base)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(out.getvalue(), 200, headers, content_type(What.ALL, form))


@router.get("/dump/{name}", response_class=Response, summary="Download the graph")
async def get_dump(
    request: Request,
    lease: LeaseOf,
    name: Annotated[
        str,
        PathPart(
            description="all, facts, claims, mentions, rdf12 or prov; a dot; ttl, nt, jsonld, rdf, nq or trig; "
            ".gz or .zst if compressed.",
            examples=["facts.ttl"],
            max_length=100,
        ),
    ],
) -> Response:
    """A sorted, deterministic serialisation of the graph, or of a part of it.

    `all` is facts, claims, mentions and documents; `rdf12` the same with triple terms; `prov` claims and mentions in
    PROV-O and Web Annotation.
    """
    plain = name.removesuffix(".sha256")
    dump = find_dump(plain)
    if dump is None:
        raise Refused(404, "not-found", _unknown(plain))
    if plain != name:
        return await _checksum(request, lease, dump)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    kept = await anyio.to_thread.run_sync(find_kept, lease.reader, dump)
    if kept is None and _is_small(lease, dump):
        kept = await run_bounded(request, lease, partial(keep, lease.reader, dump))
    if kept is not None:
        record, path = kept
        try:
            return FileAnswer(path, record.bytes, record.sha256, dump.media_type, headers)
        except OSError:  # the generation was replaced in the meantime
            pass
    return _Dump(_stream(lease, dump), media_type=dump.media_type, headers=headers)


async def _checksum(request: Request, lease: Lease, dump: Dump) -> Response:
    depends_on(request, None)
    kept = await anyio.to_thread.run_sync(find_kept, lease.reader, dump)
    if kept is None and _is_small(lease, dump):
        kept = await run_bounded(request, lease, partial(keep, lease.reader, dump))
    if kept is None:
        raise Refused(
            404, "not-found", f"{dump.name} is not kept yet: its checksum is known once it was downloaded"
        )
    return Response(f"{kept[0].sha256}  {dump.name}\n", media_type="text/plain; charset=utf-8")


def _is_small(lease: Lease, dump: Dump) -> bool:
    size = count_lines(lease.reader, dump.what)
    return size is not None and size <= _SMALL


def _unknown(name: str) -> str:
    part = name.partition(".")[0]
    what = What(part) if part in {w.value for w in What} else What.ALL
    endings = ", ".join(f.ending for f in forms_of(what))
    parts = ", ".join(What)
    return f"no dump {name!r}; want one of {parts}, with one of {endings}, and .gz or .zst if you like"


def _stream(lease: Lease, dump: Dump) -> Iterator[bytes]:
    """The chunks of the dump; the thread that writes it starts with the first one, so none waits in vain."""
    pipe = _Pipe()
    arguments = (lease.hold(), dump, pipe)
    threading.Thread(target=_write, args=arguments, name="kg-dump", daemon=True).start()
    yield from pipe.chunks()


def _write(lease: Lease, dump: Dump, pipe: _Pipe) -> None:
    keeping = Keeping(lease.reader, dump)
    pipe.also = keeping.write
    try:
        out = cast(IO[bytes], io.BufferedWriter(pipe, _CHUNK))
        write(lease.reader, dump, out)
        out.flush()
        pipe.put(None)
        keeping.finish(count_triples(lease.reader, dump.what))
    except _Gone:
        pass
    except Exception as error:
        with contextlib.suppress(_Gone):
            pipe.put(error)
    finally:
        keeping.drop()
        lease.release()
