"""Errors as RFC 9457 problem documents, from one place; people with a browser get them as a page."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Mapping

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from kg.errors import (
    AmbiguousName,
    AnswerTooLarge,
    KgError,
    MemoryExceeded,
    MissingExtra,
    NoSuchGraph,
    Overloaded,
    QueryError,
    QuerySyntaxError,
    QueryTimeout,
    Refusal,
    StoreError,
    UnknownEntity,
    UnknownQuery,
    Unsupported,
    WorkerLost,
)
from kg.query.sparql import negotiate
from kg.server.addresses import address_of
from kg.server.pages.problem import problem_page

log = logging.getLogger("kg.server")

MEDIA_TYPE = "application/problem+json"


class Refused(KgError):
    """A request that is refused with a status of its own."""

    def __init__(
        self, status: int, slug: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.slug = slug
        self.headers = dict(headers or {})


#: Error class → (status, slug, title); the first that fits counts. The slugs are anchors of ``/docs``.
PROBLEMS: tuple[tuple[type[KgError], int, str, str], ...] = (
    (QuerySyntaxError, 400, "syntax", "The SPARQL text does not parse"),
    (AmbiguousName, 409, "ambiguous-name", "The name fits several entities"),
    (UnknownEntity, 404, "not-found", "Nothing here has that name or IRI"),
    (UnknownQuery, 404, "unknown-query", "No saved query has that name"),
    (QueryTimeout, 503, "timeout", "The query took too long"),
    (AnswerTooLarge, 422, "answer-too-large", "The answer is too large"),
    (MemoryExceeded, 422, "memory", "The query needs too much memory"),
    (Unsupported, 501, "unsupported", "The query asks for what is not carried out here"),
    (Overloaded, 503, "overloaded", "Too many queries wait"),
    (WorkerLost, 503, "worker-lost", "The process that ran the query has ended"),
    (NoSuchGraph, 404, "no-graph", "There is no such graph"),
    (Refusal, 403, "refused", "What the request asks for is switched off"),
    (QueryError, 400, "bad-request", "The request cannot be answered as it is"),
    (StoreError, 503, "store", "The store cannot be read just now"),
    (MissingExtra, 501, "missing-extra", "An optional package is not installed"),
    (KgError, 400, "bad-request", "The request cannot be answered as it is"),
)
#: Slugs of problems that have no error class, with their titles.
OTHER_PROBLEMS: Mapping[str, str] = {
    "parameters": "A parameter is unknown, missing or has a value that it cannot have",
    "not-acceptable": "The answer cannot be written in any format that was asked for",
    "service": "A query may not call other endpoints",
    "media-type": "The body's media type is not one that is read here",
    "too-large": "The body is too large",
    "slow-body": "The body took too long to come",
    "read-only": "This server takes no writes",
    "token": "A token is wanted, and one that is known",
    "scope": "The token does not allow this",
    "busy": "As many of these as may be under way at once already are",
    "method": "The method is not one that this path has",
    "internal": "Something went wrong here",
    "http": "The request failed",
}


def problem(
    request: Request,
    status: int,
    slug: str,
    detail: str,
    *,
    title: str | None = None,
    extra: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem document (RFC 9457, section 3), or the same as a page where HTML is preferred by name."""
    titles = {**OTHER_PROBLEMS, **{s: t for _, _, s, t in PROBLEMS}}
    address = address_of(request.scope)
    body: dict[str, object] = {
        "type": address.path(f"/docs#{slug}"),
        "title": title or titles.get(slug, OTHER_PROBLEMS["http"]),
        "status": status,
        "detail": detail,
        "instance": address.path(request.url.path),
        **(extra or {}),
    }
    accept = request.headers.get("accept")
    if accept and negotiate(accept, [MEDIA_TYPE, "application/json", "text/html"]) == "text/html":
        return Response(problem_page(body), status, headers, media_type="text/html")
    text = json.dumps(
        body, ensure_ascii=True
    )  # ASCII: a lone surrogate of a request must not break the answer
    return Response(text, status, headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Make `app` answer every error with a problem document."""
    app.add_exception_handler(KgError, _declared)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)


def unexpected(request: Request, error: Exception) -> Response:
    """A plain 500 that names a log entry, where the stack trace is."""
    log_id = secrets.token_hex(8)
    log.error("%s %s failed, log id %s", request.method, request.url.path, log_id, exc_info=error)
    return problem(
        request, 500, "internal", f"An unexpected error; log id {log_id}.", extra={"log_id": log_id}
    )


async def _declared(request: Request, error: Exception) -> Response:
    assert isinstance(error, KgError)
    return answer_error(request, error)


def answer_error(request: Request, error: KgError) -> Response:
    """The problem document of an error that this package raises."""
    if isinstance(error, Refused):
        return problem(request, error.status, error.slug, str(error), headers=error.headers)
    status, slug, title = find_problem(error)
    if isinstance(error, StoreError):
        log.error("the store cannot be read: %s", error)
        return problem(
            request, status, slug, "The store cannot be read just now; try again later.", title=title
        )
    extra: dict[str, object] = {}
    if isinstance(error, QuerySyntaxError):
        extra = {"line": error.line, "column": error.column}
    elif isinstance(error, AmbiguousName):
        extra = {"candidates": [{"iri": iri, "label": label} for iri, label in error.candidates]}
    elif isinstance(error, UnknownEntity) and error.near:
        extra = {"near": [{"iri": iri, "label": label} for iri, label in error.near]}
    headers = {"Retry-After": str(_retry_after(error))} if status == 503 else None
    return problem(request, status, slug, str(error), title=title, extra=extra, headers=headers)


def find_problem(error: KgError) -> tuple[int, str, str]:
    """Status, slug and title of an error that this package raises."""
    if isinstance(error, Refused):
        return error.status, error.slug, str(error)
    return next((s, g, t) for kind, s, g, t in PROBLEMS if isinstance(error, kind))


def _retry_after(error: KgError) -> int:
    """Seconds worth waiting before the same request is tried again."""
    return error.seconds if isinstance(error, Overloaded) else 1 if isinstance(error, WorkerLost) else 30


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        allow = sorted(
            {m.strip() for m in headers.get("Allow", headers.get("allow", "")).split(",") if m.strip()}
        )
        headers.pop("allow", None)
        headers["Allow"] = ", ".join([*allow, "HEAD"] if "GET" in allow and "HEAD" not in allow else allow)
        return problem(request, 405, "method", f"{request.method} is not possible here.", headers=headers)
    if error.status_code == 404:
        return problem(request, 404, "not-found", f"There is nothing at {request.url.path}.", headers=headers)
    return problem(request, error.status_code, "http", str(error.detail), headers=headers)


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = [
        {
            "parameter": str(e["loc"][-1]) if e["loc"] else "",
            "message": str(e["msg"]),
            "value": repr(e.get("input")),
        }
        for e in error.errors()
    ]
    detail = "; ".join(f"{e['parameter']}={e['value']}: {e['message']}" for e in found)
    return problem(request, 400, "parameters", detail, extra={"errors": found})
