"""``POST /documents`` and ``DELETE /documents/…``: into the inbox, from which the builder takes them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as PathPart

from kg.days import find_days
from kg.errors import QueryError, UnknownEntity
from kg.graph.folder import discard
from kg.inbox import Job, Kind
from kg.query.documents import get_document
from kg.server.bodies import MULTIPART, read_body, read_media_type, read_parts, save_body
from kg.server.jobs import JobView, answer_job
from kg.server.leases import NewestReader
from kg.server.problems import Refused
from kg.server.writes import Allowed, MayPost, now

router = APIRouter(tags=["Documents"])

#: Media type → ending of the file that the builder reads.
ENDINGS = {
    "text/plain": "txt",
    "text/markdown": "md",
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/pdf": "pdf",
    "application/jsonl": "jsonl",
    "application/x-ndjson": "jsonl",
    "application/x-jsonlines": "jsonl",
}
_LONGEST = 500

_BODIES = {
    "requestBody": {
        "required": True,
        "content": {m: {"schema": {"type": "string"}} for m in ENDINGS}
        | {
            MULTIPART: {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "identifier": {"type": "string"},
                        "date": {"type": "string"},
                        "source": {"type": "string"},
                    },
                }
            }
        },
    }
}


@router.post(
    "/documents",
    status_code=202,
    response_model=JobView,
    openapi_extra=_BODIES,
    summary="Post a document",
)
async def post_document(
    request: Request,
    allowed: MayPost,
    identifier: Annotated[
        str | None,
        Query(
            description="What it is called; else its file's name, or one made of its content.",
            max_length=_LONGEST,
        ),
    ] = None,
    date: Annotated[
        str | None,
        Query(description="When it was published (EDTF).", examples=["2025-03-30"], max_length=100),
    ] = None,
    source: Annotated[
        str | None, Query(description="Where it is from: a URL, or words.", max_length=4000)
    ] = None,
) -> Response:
    """Text, Markdown, HTML, PDF, or JSON Lines of {id, text, date, source}; as the body, or as a file of a form.

    Answered with the address of a job as soon as it is kept durably. A text that was posted under an identifier takes
    the place of the one that had it.
    """
    writes, _ = allowed
    media_type, parameters = read_media_type(request.headers.get("content-type"))
    fields = {"identifier": identifier, "date": date, "source": source}
    path = await anyio.to_thread.run_sync(writes.inbox.new_body)
    try:
        file = None
        if media_type == MULTIPART:
            media_type, file = await _save_part(request, allowed, parameters.get("boundary"), path, fields)
        else:
            _ending(media_type)
            with path.open("wb") as out:
                if not await save_body(request, writes.settings.max_file_bytes, out):
                    raise QueryError("the body is empty; want a document")
        job = await anyio.to_thread.run_sync(
            _keep, allowed, path, media_type, parameters.get("charset"), file, fields
        )
    finally:
        discard(path)
    writes.builder.wake()
    return answer_job(request, job)


def _keep(
    allowed: Allowed,
    path: Path,
    media_type: str,
    charset: str | None,
    file: str | None,
    fields: dict[str, str | None],
) -> Job:
    writes, token = allowed
    ending = _ending(media_type, file)
    name = fields["identifier"] or file
    if ending == "jsonl":
        if fields["identifier"]:
            raise QueryError("identifier: JSON Lines have an id in each record; want none beside them")
        name = ""
    elif not name:
        with path.open("rb") as data:
            name = f"{hashlib.file_digest(data, 'sha256').hexdigest()[:16]}.{ending}"
    if not all(c.isprintable() for c in name):
        raise QueryError(f"identifier: {name!r}: want printable characters")
    date = fields["date"] or None
    if date is not None and find_days(date) is None:
        raise QueryError(f"date: {date!r} is not a date in EDTF, such as 2025-03-30, 2025-03 or 2025")
    if charset is not None and (charset.lower() in ("utf-8", "utf8") or ending in ("pdf", "html")):
        charset = None
    job = Job(
        *(0, Kind.ADD, now(), token.name, name.strip(), date, fields["source"] or None, charset),
        body=f"document.{ending}",
    )
    return writes.inbox.add(job, path)


async def _save_part(
    request: Request, allowed: Allowed, boundary: str | None, path: Path, fields: dict[str, str | None]
) -> tuple[str, str]:
    """Write the one file of a form to `path`, its fields to `fields`; (media type, name) of the file."""
    data = await read_body(request, allowed[0].settings.max_update_bytes)
    files = []
    for part in read_parts(data, boundary):
        if part.file is not None:
            files.append(part)
        elif part.name in fields:
            fields[part.name] = part.text
        else:
            raise QueryError(f"field {part.name!r}: want a file, and {', '.join(fields)}")
    if len(files) != 1 or not files[0].data:
        raise QueryError(f"found {len(files)} files; want one that is not empty")
    file = files[0]
    path.write_bytes(file.data)
    return file.media_type, file.file or ""


def _ending(media_type: str, file: str | None = None) -> str:
    """The ending that says how a document is read, by its media type, or by the name of its file."""
    if media_type in ("", "application/octet-stream", "text/plain") and file is not None and "." in file:
        ending = file.rpartition(".")[2].lower()
        if ending in ENDINGS.values():
            return ending
    if media_type not in ENDINGS:
        wanted = ", ".join((*ENDINGS, MULTIPART))
        message = f"Content-Type: want one of {wanted}, found {media_type or 'none'}"
        raise Refused(415, "media-type", message, {"Accept-Post": wanted})
    return ENDINGS[media_type]


@router.delete(
    "/documents/{document:path}", status_code=202, response_model=JobView, summary="Take a document out"
)
def delete_document(
    request: Request,
    allowed: MayPost,
    reader: NewestReader,
    document: Annotated[
        str,
        PathPart(description="Its key, IRI, CURIE or identifier.", examples=["note.txt"], max_length=2000),
    ],
) -> Response:
    """Have a document, and exactly its claims, taken out. Answered with the address of a job."""
    writes, token = allowed
    try:
        name = get_document(reader, document).iri
    except UnknownEntity:
        if not any(job.identifier == document for job in writes.inbox.waiting()):
            raise
        name = document  # posted, and not built yet
    job = writes.inbox.add(Job(0, Kind.REMOVE, now(), token.name, name))
    writes.builder.wake()
    return answer_job(request, job)
