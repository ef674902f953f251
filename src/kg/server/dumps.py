"""``/dump``: the graph, or a part of it, as one file, streamed while it is written."""

from __future__ import annotations

import contextlib
import gzip
import io
import queue
import re
import threading
from collections.abc import Iterator
from typing import IO, Annotated, cast

import pyoxigraph as ox
from fastapi import APIRouter, Request, Response
from fastapi import Path as PathPart
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from kg.graph.store import What
from kg.query.sparql import GRAPH_FORMATS, find_format
from kg.server.leases import LeaseOf
from kg.server.problems import Refused, problem
from kg.server.readers import Lease

router = APIRouter(tags=["Dumps"])

#: Dumps under way at once; each has a thread that writes.
MOST_DUMPS = 4
_RETRY = 10  # seconds
_CHUNK = 1 << 16
_WAITING = 8
_NAME = re.compile(r"(\w+)\.([\w-]+)(\.gz)?\Z")


class _Gone(OSError):
    """Nobody reads the dump any more."""


class _Pipe(io.RawIOBase):
    """A file whose writer waits for its reader."""

    def __init__(self) -> None:
        self._chunks: queue.Queue[bytes | BaseException | None] = queue.Queue(_WAITING)
        self._gone = threading.Event()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        chunk = bytes(cast(bytes, data))
        self.put(chunk)
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


@router.get("/dump/{name}", response_class=Response, summary="Download the graph")
def get_dump(
    lease: LeaseOf,
    name: Annotated[
        str,
        PathPart(
            description="all, facts, claims or mentions; a dot; ttl, nt, jsonld or rdf; .gz if compressed.",
            examples=["facts.ttl"],
            max_length=100,
        ),
    ],
) -> Response:
    """A sorted, deterministic serialisation of the graph; `all` is facts, claims, mentions and documents."""
    found = _NAME.match(name)
    form = find_format(found[2], GRAPH_FORMATS) if found else None
    if found is None or form is None or found[1] not in {w.value for w in What}:
        endings = ", ".join(f.key for f in GRAPH_FORMATS)
        raise Refused(
            404,
            "not-found",
            f"no dump {name!r}; want one of {', '.join(What)}, with one of {endings}, and .gz if you like",
        )
    packed = found[3] is not None
    encoder = form.encoder
    assert isinstance(encoder, ox.RdfFormat)
    return _Dump(
        _stream(lease, What(found[1]), encoder, packed),
        media_type="application/gzip" if packed else form.content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _stream(lease: Lease, what: What, encoder: ox.RdfFormat, packed: bool) -> Iterator[bytes]:
    """The chunks of the dump; the thread that writes it starts with the first one, so none waits in vain."""
    pipe = _Pipe()
    arguments = (lease.hold(), what, encoder, packed, pipe)
    threading.Thread(target=_write, args=arguments, name="kg-dump", daemon=True).start()
    yield from pipe.chunks()


def _write(lease: Lease, what: What, encoder: ox.RdfFormat, packed: bool, pipe: _Pipe) -> None:
    try:
        out = cast(IO[bytes], io.BufferedWriter(pipe, _CHUNK))
        if packed:
            # No name and no time in the header: the same graph gives the same bytes.
            with gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0) as file:
                lease.reader.dump(what, encoder, cast(IO[bytes], file))
        else:
            lease.reader.dump(what, encoder, out)
        out.flush()
        pipe.put(None)
    except _Gone:
        pass
    except Exception as error:
        with contextlib.suppress(_Gone):
            pipe.put(error)
    finally:
        lease.release()
