"""``/update``: the SPARQL 1.1 Protocol, update operation (section 2.2); ``/patches``: what updates wrote."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as PathPart
from fastapi.responses import JSONResponse

from kg.errors import QueryError
from kg.inbox import Job, Kind
from kg.server.addresses import address_of
from kg.server.bodies import FORM, decode, read_body, read_form, read_media_type
from kg.server.jobs import answer_job
from kg.server.problems import Refused
from kg.server.requests import FREE_PARAMETERS
from kg.server.writes import MayUpdate, now
from kg.updates.requests import Action, WriteRequest, Written

router = APIRouter(tags=["Updates"])

BARE = "application/sparql-update"
EXAMPLE = 'INSERT DATA { <https://kg.example/id/place/jp> rdfs:comment "An island country"@en }'
_FIELDS = ("update", "using-graph-uri", "using-named-graph-uri")


@dataclass(frozen=True, slots=True)
class PatchView:
    """A patch: its number, time (UTC), the name of the token, the request, how many quads it added and removed."""

    number: int
    at: str
    author: str
    what: str
    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class WrittenView:
    """What an update did; `patch` is null if nothing changed."""

    patch: int | None
    added: int
    removed: int
    generation: str


@router.post(
    "/update",
    response_model=WrittenView,
    summary="SPARQL update",
    openapi_extra={
        **FREE_PARAMETERS,
        "requestBody": {
            "content": {
                BARE: {"schema": {"type": "string"}, "example": EXAMPLE},
                FORM: {"schema": {"type": "object", "properties": {f: {"type": "string"} for f in _FIELDS}}},
            }
        },
    },
)
async def post_update(request: Request, allowed: MayUpdate) -> Response:
    """SPARQL 1.1 Update: a form, or the update itself as the body. LOAD and SERVICE are refused.

    When this answers, what the update changed is durable, and the next query sees it.
    """
    writes, token = allowed
    media_type, parameters = read_media_type(request.headers.get("content-type"))
    if media_type not in (FORM, BARE):
        found = f"found {media_type!r}" if media_type else "found none"
        message = f"Content-Type: want {BARE} or {FORM}, {found}"
        raise Refused(415, "media-type", message, {"Accept-Post": f"{BARE}, {FORM}"})
    charset = parameters.get("charset", "utf-8")
    if charset.lower() not in ("utf-8", "utf8", "us-ascii"):
        raise QueryError(
            f"Content-Type: charset {charset!r}; an update is UTF-8 (SPARQL 1.1 Protocol, 2.2.2)"
        )
    text = decode(await read_body(request, writes.settings.max_update_bytes), "utf-8", "the body")
    pairs = read_form(text) if media_type == FORM else [("update", text)]
    if media_type == FORM and request.query_params:
        raise Refused(400, "parameters", "a form was posted: want all parameters in it, none in the URL")
    fields: dict[str, list[str]] = {}
    for name, value in [*pairs, *request.query_params.multi_items()]:
        if name not in _FIELDS:
            raise Refused(400, "parameters", f"unknown parameter {name!r}; there are: {', '.join(_FIELDS)}")
        fields.setdefault(name, []).append(value)
    updates = fields.get("update", [])
    if len(updates) != 1:
        raise QueryError(f"found {len(updates)} updates; want exactly one")
    written = await writes.writer.write(
        WriteRequest(
            uuid.uuid4().hex,
            Action.UPDATE,
            now(),
            token.name,
            updates[0],
            address_of(request.scope).url("/update") or None,
            tuple(fields.get("using-graph-uri", [])),
            tuple(fields.get("using-named-graph-uri", [])),
        )
    )
    writes.builder.wake()
    return JSONResponse(asdict(view_written(written)))


def view_written(written: Written) -> WrittenView:
    """`written` as it is told."""
    return WrittenView(written.patch, written.added, written.removed, written.generation)


@router.get("/patches", response_model=list[PatchView], summary="List what updates wrote")
def get_patches(
    allowed: MayUpdate,
    after: Annotated[int, Query(ge=0, description="Only patches with numbers above this one.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="Patches in the answer.")] = 100,
) -> list[PatchView]:
    """The patches in the order in which they were made. They are put on top of every build."""
    writes, _ = allowed
    return [
        PatchView(p.number, p.at, p.author, p.what, p.added, p.removed)
        for p in writes.patches.patches(after=after, limit=limit)
    ]


@router.get("/patches/{number}", response_class=Response, summary="The quads of one patch")
def get_patch(
    allowed: MayUpdate,
    number: Annotated[int, PathPart(description="Its number, from /patches.", ge=1, examples=[1])],
) -> Response:
    """Lines of N-Quads with ``+`` or ``-`` before them; a line of one term is a graph made or dropped."""
    writes, _ = allowed
    if writes.patches.find(number) is None:
        raise Refused(404, "not-found", f"there is no patch {number}")
    return Response(b"".join(writes.patches.lines(number)), media_type="text/plain; charset=utf-8")


@router.delete("/patches/{number}", status_code=202, response_class=Response, summary="Take a patch out")
def delete_patch(
    request: Request,
    allowed: MayUpdate,
    number: Annotated[int, PathPart(description="Its number, from /patches.", ge=1, examples=[1])],
) -> Response:
    """Have the store made anew without one patch; those after it stay. Answered with the address of a job."""
    writes, token = allowed
    if writes.patches.find(number) is None:
        raise Refused(404, "not-found", f"there is no patch {number}")
    job = writes.inbox.add(Job(0, Kind.DROP_PATCH, now(), token.name, patch=number))
    writes.builder.wake()
    return answer_job(request, job)
