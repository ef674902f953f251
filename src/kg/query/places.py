"""Places that have a point, and what is or happens there."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

import pyoxigraph as ox

from kg.errors import QueryError
from kg.graph.store import StoreReader
from kg.query.events import as_cell
from kg.query.nodes import Node, Nodes, check_iri, term_text, values_block
from kg.terms import KG, prefixes

_POINT = re.compile(
    r"POINT\s*\(\s*(-?\d+(?:\.\d+)?)\s+(-?\d+(?:\.\d+)?)\s*\)\Z", re.IGNORECASE
)  # OGC 06-103r4, 7.2
#: Things that are listed with a place; `count` says how many there are.
_SHOWN = 12
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Spot:
    """A place or facility at `longitude` and `latitude` (degrees, WGS 84).

    `here` are things and events that the graph has there, at most 12; `count` is how many there are, `mentions` how
    often documents speak of the place itself.
    """

    place: Node
    longitude: float
    latitude: float
    mentions: int
    count: int
    here: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Atlas:
    """The places with a point, most spoken of first, at most `limit`; `total` counts all."""

    items: tuple[Spot, ...]
    total: int
    limit: int


def read_point(text: str) -> tuple[float, float] | None:
    """(longitude, latitude) of a WKT point, or None if it is none on this Earth."""
    found = _POINT.match(text.strip())
    if found is None:
        return None
    longitude, latitude = float(found[1]), float(found[2])
    return (longitude, latitude) if abs(longitude) <= 180 and abs(latitude) <= 90 else None


def atlas(reader: StoreReader, *, limit: int = 500) -> Atlas:
    """The places of the store that have a point. Raises `QueryError` for a limit below 1."""
    if limit < 1:
        raise QueryError(f"limit={limit}: want 1 or more")
    points: dict[str, tuple[float, float]] = {}
    for quad in sorted(reader.quads(None, KG + "point"), key=str):
        point = read_point(term_text(quad.object))
        if point is not None:
            points.setdefault(term_text(quad.subject), point)
    mentions = {iri: sum(1 for _ in reader.quads(None, KG + "refersTo", iri)) for iri in points}
    chosen = sorted(points, key=lambda iri: (-mentions[iri], iri))[:limit]
    there = _there(reader, chosen)
    nodes = Nodes(reader)
    spots = []
    for iri in chosen:
        at = sorted(there.get(iri, ()))
        shown = tuple(nodes.describe(x) for x in at[:_SHOWN])
        spots.append(Spot(nodes.describe(iri), *points[iri], mentions[iri], len(at), shown))
    return Atlas(tuple(spots), len(points), limit)


def _there(reader: StoreReader, places: list[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for start in range(0, len(places), _BATCH):
        block = values_block("p", [check_iri(p) for p in places[start : start + _BATCH]])
        answer = reader.query(
            f"SELECT ?p ?x {{ {block} ?x kg:location|kg:locatedIn|kg:headquarteredAt ?p }}",
            prefixes=prefixes(reader.base),
        )
        assert isinstance(answer, ox.QuerySolutions)
        for row in answer:
            found.setdefault(term_text(row["p"]), set()).add(term_text(row["x"]))
    return found


def to_geojson(found: Atlas) -> dict[str, object]:
    """A FeatureCollection (RFC 7946)."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": s.place.iri,
                "geometry": {"type": "Point", "coordinates": [s.longitude, s.latitude]},
                "properties": {
                    "curie": s.place.curie,
                    "label": s.place.label,
                    "kind": s.place.kind,
                    "subkind": s.place.subkind,
                    "mentions": s.mentions,
                    "count": s.count,
                    "here": [{"iri": n.iri, "label": n.label, "kind": n.kind} for n in s.here],
                },
            }
            for s in found.items
        ],
    }


def to_csv(found: Atlas) -> bytes:
    """One line for each place (RFC 4180)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("place", "class", "longitude", "latitude", "mentions", "here", "iri"))
    for s in found.items:
        kind = s.place.subkind or s.place.kind or ""
        writer.writerow(
            [as_cell(s.place.label), kind, s.longitude, s.latitude, s.mentions, s.count, as_cell(s.place.iri)]
        )
    return out.getvalue().encode("utf-8")


def to_triples(reader: StoreReader, found: Atlas) -> list[ox.Triple]:
    """What the graph says of each place."""
    return [q.triple for s in found.items for q in reader.quads(s.place.iri)]
