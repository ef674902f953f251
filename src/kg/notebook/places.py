"""Places on a map: outlines of countries from the package `countryinfo`, nothing from the network."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from kg.errors import MissingExtra
from kg.notebook.plots import COLOURS, halo
from kg.notebook.terms import read_cells
from kg.notebook.values import Iri

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kg.notebook.client import Graph
    from kg.notebook.entities import Entity

try:
    from matplotlib import pyplot
    from matplotlib.collections import LineCollection
except ImportError:
    raise MissingExtra("a map needs matplotlib: pip install 'statecraft-kg[notebook]'") from None

Ring = tuple[tuple[float, float], ...]

_WKT = re.compile(r"POINT\s*\(\s*(-?[\d.]+)\s+(-?[\d.]+)\s*\)", re.IGNORECASE)
_MOST = 500
#: A place itself, or the place that something lies in; how often it is spoken of tells which get a name.
_QUERY = """SELECT ?thing ?point ?kind ?where (COUNT(DISTINCT ?mention) AS ?n) {
  #THINGS
  { ?thing kg:point ?point BIND(?thing AS ?where) }
  UNION { ?thing kg:locatedIn|kg:location ?where . ?where kg:point ?point FILTER NOT EXISTS { ?thing kg:point ?own } }
  ?thing a ?kind VALUES ?kind { kg:Place kg:Facility kg:Event kg:Organization }
  OPTIONAL { ?mention kg:refersTo ?thing }
} GROUP BY ?thing ?point ?kind ?where ORDER BY DESC(?n) ?thing LIMIT #MOST"""
_NAMED = 18


def plot_places(graph: Graph, entity: Entity | None, depth: int) -> Axes:
    """The places of the graph, or of what is within `depth` of an entity, on the outlines of countries."""
    things = ""
    if entity is not None:
        iris = [n.iri for n in graph.neighbourhood(entity, depth, 400).nodes]
        things = f"VALUES ?thing {{ {' '.join(f'<{iri}>' for iri in iris)} }}"
    query = _QUERY.replace("#THINGS", things).replace("#MOST", str(_MOST))
    found: dict[tuple[float, float], list[tuple[Iri, str, int]]] = {}
    for thing, point, kind, where, count in read_cells(graph.backend, graph.backend.solve(query)):
        place = _WKT.search(str(point))
        if place is None or not isinstance(thing, Iri) or not isinstance(kind, Iri):
            continue
        name = thing if thing == where or not isinstance(where, Iri) else Iri(thing, f"{thing.label}")
        number = count if isinstance(count, int) else 0
        found.setdefault((float(place[1]), float(place[2])), []).append((name, kind.label, number))
    _, axes = pyplot.subplots(figsize=(10, 5.4), layout="constrained")
    axes.add_collection(LineCollection(list(outlines()), colors="#9a9a9a", linewidths=0.4, zorder=0))
    ranked = sorted(found.items(), key=lambda item: (-sum(n for _, _, n in item[1]), item[0]))
    near = max((x for x, _ in found), default=0.0) - min((x for x, _ in found), default=0.0)
    near = max(near, 24.0) / 14  # places whose names would lie on one another
    named: list[tuple[float, float]] = []
    for rank, ((x, y), there) in enumerate(ranked):
        kinds = {kind for _, kind, _ in there}
        kind = next((k for k in ("Facility", "Event", "Organization", "Place") if k in kinds), "Place")
        size = 14 + 6 * min(20, sum(n for _, _, n in there)) ** 0.5
        axes.scatter([x], [y], s=size, color=COLOURS.get(kind), alpha=0.85, zorder=2)
        if rank < _NAMED and all(abs(x - a) > near or abs(y - b) > near / 3 for a, b in named):
            named.append((x, y))
            first = next((t for t in there if t[1] == "Place"), there[0])
            label = first[0].label + (f" (+{len(there) - 1})" if len(there) > 1 else "")
            axes.annotate(
                label, (x, y), xytext=(4, 3), textcoords="offset points", fontsize=7, path_effects=halo(axes)
            )
    axes.set_aspect(1.15)
    _frame(axes, list(found))
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_title(f"Around {entity.label}" if entity is not None else "Places", loc="center")
    if not found:
        axes.text(0.5, 0.5, "no places with a point", transform=axes.transAxes, ha="center")
    return axes


def _frame(axes: Axes, points: list[tuple[float, float]]) -> None:
    """Show the points with room around them, the whole world if they are far apart."""
    if not points:
        axes.set_xlim(-180, 180)
        axes.set_ylim(-60, 85)
        return
    xs, ys = [x for x, _ in points], [y for _, y in points]
    wide, high = max(24.0, 0.15 * (max(xs) - min(xs))), max(14.0, 0.15 * (max(ys) - min(ys)))
    axes.set_xlim(max(-180, min(xs) - wide), min(180, max(xs) + wide))
    axes.set_ylim(max(-90, min(ys) - high), min(90, max(ys) + high))


@lru_cache(maxsize=1)
def outlines() -> tuple[Ring, ...]:
    """The rings of all countries' outlines, longitude before latitude, in degrees."""
    rings: list[Ring] = []
    for entry in sorted(files("countryinfo").joinpath("data").iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".json"):
            data: Any = json.loads(entry.read_text(encoding="utf-8"))
            rings += _rings(data.get("geoJSON"))
    return tuple(rings)


def _rings(found: Any) -> Iterator[Ring]:
    if not isinstance(found, dict):
        return
    for feature in found.get("features", [found]):
        shape = feature.get("geometry") or {}
        parts = shape.get("coordinates", [])
        for polygon in [parts] if shape.get("type") == "Polygon" else parts:
            for ring in polygon:
                yield tuple((float(x), float(y)) for x, y, *_ in ring)
