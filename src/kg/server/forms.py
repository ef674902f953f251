"""The same view as data: a path's ending says in which form, whatever is accepted."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import pyoxigraph as ox
from fastapi import Request, Response

from kg.graph.store import StoreReader
from kg.query.events import as_cell
from kg.query.sparql import GRAPH_FORMATS, find_format, write_triples

CSV = "text/csv; charset=utf-8"


def ending(request: Request) -> str:
    """What stands after the last dot of the path's last step: ``csv`` of ``/timeline.csv``; empty if there is none."""
    return request.url.path.rpartition("/")[2].partition(".")[2]


def json_response(body: bytes, form: str = "") -> Response:
    """`body` as JSON; a path without an ending may be answered in other forms, too."""
    return Response(body, headers={} if form else {"Vary": "Accept"}, media_type="application/json")


def csv_response(body: bytes) -> Response:
    """`body` as CSV."""
    return Response(body, media_type=CSV)


def write_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """CSV (RFC 4180) in which no text cell is a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([as_cell(c) if isinstance(c, str) else "" if c is None else str(c) for c in row])
    return out.getvalue().encode("utf-8")


def turtle_response(triples: Sequence[ox.Triple], reader: StoreReader) -> Response:
    """`triples` as Turtle."""
    form = find_format("ttl", GRAPH_FORMATS)
    assert form is not None
    return Response(write_triples(triples, form, reader.base), media_type=form.content_type)
