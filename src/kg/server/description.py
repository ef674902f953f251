"""The OpenAPI description: one operation for each saved question, problems as what errors are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from kg.server.addresses import Address
from kg.server.operations import describe_sparql
from kg.server.problems import MEDIA_TYPE
from kg.server.questions import describe_question
from kg.server.sparql import PATH

_PROBLEM: Mapping[str, object] = {
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "description": "An anchor of /docs."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What was found, and what is wanted."},
        "instance": {"type": "string"},
    },
}
#: Answers that every operation may have, by status.
_PROBLEMS: Mapping[str, str] = {
    "400": "A parameter is unknown, missing or has a value that it cannot have.",
    "404": "There is no such thing.",
    "406": "No format that was asked for is offered.",
    "409": "A name fits several entities; `candidates` lists them.",
    "422": "The answer would be too large.",
    "503": "It took too long, too many ask at once, or the store cannot be read just now.",
}

#: Answers that operations for those with a token may have, and those that take a body.
_GUARDED: Mapping[str, str] = {
    "401": "No token, or one that is not known.",
    "403": "The token does not allow this, or the server is read-only.",
}
_BODIED: Mapping[str, str] = {
    "413": "The body is too large.",
    "415": "The body's media type is not one that is read here.",
}


def describe(app: FastAPI, base: Mapping[str, Any], address: Address) -> dict[str, Any]:
    """The description `base` that FastAPI makes of `app`, completed, for a server at `address`."""
    paths: dict[str, Any] = {}
    for path, operations in base["paths"].items():
        paths[path] = {
            method: _with_problems(one, bodied=method in ("post", "put", "patch"))
            for method, one in operations.items()
        }
    paths[PATH] = {method: _with_problems(one) for method, one in describe_sparql().items()}
    for name, query in app.state.catalog.queries.items():
        paths[f"/queries/{name}"] = {"get": _with_problems(describe_question(query))}
    schemas = {
        name: schema
        for name, schema in base.get("components", {}).get("schemas", {}).items()
        if name not in ("HTTPValidationError", "ValidationError")
    }
    components = {**base.get("components", {}), "schemas": {**schemas, "Problem": dict(_PROBLEM)}}
    servers = [{"url": address.url("") or "/"}]
    return {**base, "servers": servers, "paths": paths, "components": components}


def _with_problems(operation: Mapping[str, Any], *, bodied: bool = False) -> dict[str, Any]:
    responses = {status: one for status, one in operation.get("responses", {}).items() if status != "422"}
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    possible = dict(_PROBLEMS)
    if operation.get("security"):
        possible |= _GUARDED
    if bodied:
        possible |= _BODIED
    for status, text in sorted(possible.items()):
        responses.setdefault(status, {"description": text, "content": content})
    return {**operation, "responses": responses}
