"""``/jobs``: what became of documents that were posted or taken out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as PathPart
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter

from kg.inbox import Job, Kind, listed
from kg.server.addresses import address_of
from kg.server.problems import Refused
from kg.server.tokens import Scope
from kg.server.writes import Bearer, MayPost, allow, find_writes

router = APIRouter(tags=["Documents"])


@dataclass(frozen=True, slots=True)
class JobView:
    """A job: its address, what it does and for whom, its state (queued, running, done, failed) and what came of it."""

    number: int
    address: str
    kind: str
    state: str
    at: str
    author: str
    identifier: str
    result: dict[str, object]
    error: str


_VIEW = TypeAdapter(JobView)


def view_job(request: Request, job: Job) -> JobView:
    """`job` as it is shown."""
    address = address_of(request.scope).path(f"/jobs/{job.number}")
    identifier = job.identifier or (f"patch {job.patch}" if job.patch else "")
    kind, state = job.kind.value, job.state.value
    return JobView(job.number, address, kind, state, job.at, job.author, identifier, job.result, job.error)


def answer_job(request: Request, job: Job) -> Response:
    """A 202 with the address of a job."""
    view = view_job(request, job)
    headers = {"Location": f"/jobs/{job.number}", "Retry-After": "1"}
    return JSONResponse(_VIEW.dump_python(view, mode="json"), 202, headers)


@router.get("/jobs", response_model=list[JobView], summary="List the jobs")
def get_jobs(
    request: Request,
    allowed: MayPost,
    limit: Annotated[int, Query(ge=1, le=1000, description="Jobs in the answer.")] = 100,
) -> list[JobView]:
    """The jobs, the newest first."""
    writes, _ = allowed
    return [view_job(request, job) for job in listed(writes.inbox.jobs(), limit)]


@router.get("/jobs/{number}", response_model=JobView, summary="One job")
def get_job(
    request: Request,
    _: Bearer,
    number: Annotated[int, PathPart(description="Its number.", ge=1, examples=[1])],
) -> JobView:
    """How far a job is, and what came of it. A token that may update sees the jobs that take patches out."""
    writes = find_writes(request)
    job = writes.inbox.find(number) if writes is not None else None
    allow(request, Scope.UPDATE if job is not None and job.kind is Kind.DROP_PATCH else Scope.DOCUMENTS)
    if job is None:
        raise Refused(404, "not-found", f"there is no job {number}")
    return view_job(request, job)
