"""``/reconcile``: the Reconciliation Service API 0.2, by which OpenRefine and others match tables with the graph.

https://reconciliation-api.github.io/specs/0.2/
"""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response

from kg.errors import QueryError
from kg.graph.past import PastReader
from kg.graph.store import StoreReader
from kg.query.entities import entity_card
from kg.query.nodes import Value
from kg.query.reconciliation import (
    Json,
    extend,
    propose,
    read_queries,
    reconcile,
    suggest_entities,
    suggest_properties,
    suggest_types,
)
from kg.server.addresses import address_of
from kg.server.bodies import FORM, decode, read_body, read_form, read_media_type
from kg.server.leases import LeaseOf, Reader
from kg.server.problems import Refused
from kg.server.release import release
from kg.server.requests import run_bounded
from kg.terms import KG

router = APIRouter(tags=["Reconciliation"])

#: Bytes of a batch; what is looked for comes in some hundred queries at most.
_MOST_BYTES = 4_000_000
#: A preview is shown in a frame of others' pages; it has words alone.
_PREVIEW = {"Content-Security-Policy": "default-src 'none'; frame-ancestors *"}
_WIDTH, _HEIGHT = 430, 300
_FACTS = 8

Sort = Annotated[Literal["entity", "property", "type"], Path(description="What is looked for.")]
Prefix = Annotated[str, Query(description="What was typed.", max_length=500)]
Cursor = Annotated[int, Query(ge=0, le=10_000, description="Suggestions to pass over.")]
Id = Annotated[str, Query(description="An entity: IRI, CURIE or name.", max_length=2000)]


def _json(value: object) -> Response:
    return Response(json.dumps(value, ensure_ascii=False), media_type="application/json")


@router.get("/reconcile", summary="The reconciliation service: its manifest, or answers to queries")
async def get_reconcile(
    request: Request,
    lease: LeaseOf,
    queries: Annotated[str | None, Query(description="A batch of queries as JSON.")] = None,
    extend: Annotated[str | None, Query(description="A data extension as JSON: ids and properties.")] = None,
) -> Response:
    """Without parameters the manifest, which tells where everything else is.

    `queries` is a batch of reconciliation queries, `extend` asks for values of properties. POST takes the same in a
    form.
    """
    return _json(await run_bounded(request, lease, _answer(request, lease.reader, queries, extend)))


@router.post("/reconcile", summary="Reconciliation queries, or data extension, in a form")
async def post_reconcile(request: Request, lease: LeaseOf) -> Response:
    """As GET, with `queries` or `extend` in a form (application/x-www-form-urlencoded)."""
    kind, parameters = read_media_type(request.headers.get("content-type"))
    if kind != FORM:
        raise Refused(415, "media-type", f"Content-Type: {kind or 'none'}; want {FORM}")
    body = await read_body(request, _MOST_BYTES)
    form = dict(read_form(decode(body, parameters.get("charset", "utf-8"), "form")))
    work = _answer(request, lease.reader, form.get("queries"), form.get("extend"))
    return _json(await run_bounded(request, lease, work))


def _answer(
    request: Request, reader: StoreReader, queries: str | None, extension: str | None
) -> Callable[[], object]:
    if queries is not None:
        batch = _read(queries, "queries")

        def work() -> object:
            asked = read_queries(reader, batch)
            return {key: {"result": reconcile(reader, query)} for key, query in asked.items()}

        return work
    if extension is not None:
        asked = _read(extension, "extend")
        return lambda: extend(reader, asked)
    return lambda: manifest(request, reader)


def _read(text: str, name: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise QueryError(f"{name}: not JSON ({error})") from None


def manifest(request: Request, reader: StoreReader) -> Json:
    """What the service offers, and where."""
    address = address_of(request.scope)
    root = address.url("") if address.origin else str(request.base_url).rstrip("/")
    of_day = f"as_of={reader.day}" if isinstance(reader, PastReader) else ""
    asked, more = (f"?{of_day}", f"&{of_day}") if of_day else ("", "")

    def service(name: str) -> Json:
        return {
            "service_url": root,
            "service_path": f"/reconcile/suggest/{name}{asked}",
            "flyout_service_url": root,
            "flyout_service_path": f"/reconcile/flyout/{name}?id=${{id}}{more}",
        }

    return {
        "versions": ["0.2"],
        "name": "kg" + (f", as of {reader.day}" if isinstance(reader, PastReader) else ""),
        "identifierSpace": reader.base + "id/",
        "schemaSpace": KG,
        "serviceVersion": release(),
        "documentation": f"{root}/docs",
        "view": {"url": f"{root}/entities/{{{{id}}}}{asked}"},
        "defaultTypes": [{"id": one["id"], "name": one["name"]} for one in _top_types()],
        "suggest": {name: service(name) for name in ("entity", "property", "type")},
        "preview": {
            "url": f"{root}/reconcile/preview?id={{{{id}}}}{more}",
            "width": _WIDTH,
            "height": _HEIGHT,
        },
        "extend": {
            "propose_properties": {
                "service_url": root,
                "service_path": f"/reconcile/properties{asked}",
            },
            "property_settings": [],
        },
    }


def _top_types() -> list[Json]:
    names = ("Person", "Organization", "Office", "Place", "Facility", "Agreement", "Event", "Equipment")
    every = {one["id"]: one for one in suggest_types("", 0) + suggest_types("", 20) + suggest_types("", 40)}
    return [every[KG + name] for name in names if KG + name in every]


@router.get("/reconcile/suggest/{sort}", summary="Entities, properties or types by what was typed")
def get_suggestions(reader: Reader, sort: Sort, prefix: Prefix, cursor: Cursor = 0) -> Response:
    """The first twenty from `cursor` on."""
    if sort == "entity":
        found = suggest_entities(reader, prefix, cursor)
    else:
        found = suggest_properties(prefix, cursor) if sort == "property" else suggest_types(prefix, cursor)
    return _json({"result": found})


@router.get("/reconcile/properties", summary="The properties that entities of a type may have")
def get_properties(
    reader: Reader,
    type: Annotated[str | None, Query(description="A class: IRI or name.", max_length=2000)] = None,
    limit: Annotated[int | None, Query(ge=1, le=1000, description="Properties at most.")] = None,
) -> Response:
    """Property proposals for data extension."""
    return _json(propose(reader, type, limit))


@router.get("/reconcile/flyout/{sort}", summary="A few words on an entity, property or type")
def get_flyout(reader: Reader, sort: Sort, id: Id) -> Response:
    """HTML in JSON; everything in it is escaped."""
    if sort == "entity":
        return _json({"id": id, "html": _summary(reader, id)})
    terms = suggest_properties(id, 0) if sort == "property" else suggest_types(id, 0)
    found = next((term for term in terms if id in (term["id"], str(term["id"]).removeprefix(KG))), None)
    if found is None:
        raise Refused(404, "not-found", f"no {sort} {id!r}")
    name, about = escape(str(found["name"])), escape(str(found["description"]))
    return _json({"id": id, "html": f"<p><strong>{name}</strong></p><p>{about}</p>"})


@router.get("/reconcile/preview", response_class=Response, summary="A page on an entity for a small frame")
def get_preview(reader: Reader, id: Id) -> Response:
    """Names, classes and some facts, for a frame in another page."""
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Preview</title>'
        f"<body>{_summary(reader, id)}</body></html>"
    )
    return Response(page, headers=_PREVIEW, media_type="text/html; charset=utf-8")


def _summary(reader: StoreReader, entity: str) -> str:
    card = entity_card(reader, entity)
    facts = [
        (fact.predicate.label, fact.object.value if isinstance(fact.object, Value) else fact.object.label)
        for fact in card.facts_out[:_FACTS]
    ]
    rows = "".join(f"<li>{escape(name)}: {escape(value[:200])}</li>" for name, value in facts)
    also = f"<p>also: {escape('; '.join(card.names)[:300])}</p>" if card.names else ""
    sources = ", ".join(", ".join(d.identifiers) for d in card.documents)[:300]
    path = quote(card.iri, safe="")
    return (
        f'<p><strong><a href="/entities/{path}" target="_blank" rel="noopener">{escape(card.label[:300])}</a>'
        f"</strong> {escape(card.subkind or card.kind or '')}</p>{also}<ul>{rows}</ul>"
        f"<p>{escape(f'{card.claim_count} claims')}{': ' + escape(sources) if sources else ''}</p>"
    )
