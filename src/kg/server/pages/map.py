"""The page of places on a map, drawn here: no tiles, no other server."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from math import radians, sqrt

from kg.query.places import Atlas, Spot
from kg.server.pages.build import find_build
from kg.server.pages.claims import kind_mark
from kg.server.pages.markup import Html, beside, contain, html, join, link, local_path, page, shorten

Box = tuple[float, float, float, float]
Outlines = list[tuple[Box, str]]

#: The map's whole width; longitudes of 180 degrees are at its sides.
WIDE = 1000.0
_SCALE = WIDE / 5.4538  # twice the projection's x of 180 degrees
_MARGIN = 0.18
_LEAST = 90.0
#: Narrower parts of the world than this are drawn from the finer outlines.
_FINE = 420.0
_NAMED = 24
_NO_OUTLINES = (
    "Outlines of countries have not been built here (that needs Node 20.19 or newer); the points are right."
)


def project(longitude: float, latitude: float) -> tuple[float, float]:
    """(x, y) of a point on the map, y downward: the Natural Earth projection (Šavrič et al. 2011, polynomials).

    `web/scripts/outline.mjs` has the same formula.
    """
    lam, phi = radians(longitude), radians(latitude)
    p2 = phi * phi
    p4 = p2 * p2
    x = lam * (0.8707 - 0.131979 * p2 + p4 * (-0.013791 + p4 * (0.003971 * p2 - 0.001529 * p4)))
    y = phi * (1.007226 + p2 * (0.015085 + p4 * (-0.044475 + 0.028874 * p2 - 0.005916 * p4)))
    return (x * _SCALE, -y * _SCALE)


def map_page(found: Atlas, base: str, *, whole: bool) -> str:
    """The page of an atlas; a `whole` map shows all the world, else the part with places."""
    built = outlines()
    return page(
        "Map",
        html(
            '<header class="thing"><div><h1>Map</h1><p class="lead">{n} places with a known position. Larger circles '
            "are spoken of more often.</p></div>{forms}</header>\n"
            '{word}<figure class="map">{svg}</figure>\n<p class="small muted">{other} Outlines: Natural Earth. They '
            "take no side on borders.</p>\n"
            '<table class="stack"><thead><tr><th>Place<th>Class<th class="n">Mentions<th>There</thead>'
            "<tbody>{rows}</tbody></table>{more}",
            n=found.total,
            forms=beside(
                [
                    ("GeoJSON", "/map.geojson"),
                    ("JSON", "/map.json"),
                    ("CSV", "/map.csv"),
                    ("Turtle", "/map.ttl"),
                ]
            ),
            word="" if built else html('<p class="notice">{w}</p>', w=_NO_OUTLINES),
            svg=draw(found.items, base, whole=whole),
            other=Html('<a href="/map">Only the part with places</a>.')
            if whole
            else Html('<a href="/map?whole=true">The whole world</a>.'),
            rows=join(_row(s, base) for s in found.items),
            more=html('<p class="muted">{n} more</p>', n=found.total - len(found.items))
            if found.total > len(found.items)
            else "",
        ),
        here="/map",
    )


def _row(spot: Spot, base: str) -> Html:
    left = spot.count - len(spot.here)
    return html(
        '<tr><td>{place}</td><td>{kind}</td><td class="n">{n}</td><td>{here}{more}</td></tr>\n',
        place=link(spot.place.iri, spot.place.label, base),
        kind=kind_mark(spot.place),
        n=spot.mentions,
        here=join((link(n.iri, n.label, base) for n in spot.here), " · "),
        more=f" and {left} more" if left > 0 else "",
    )


def draw(spots: Sequence[Spot], base: str, *, whole: bool = False) -> Html:
    """The map as SVG."""
    places = [project(s.longitude, s.latitude) for s in spots]
    box = _frame(places, whole=whole)
    x, y, wide, high = box
    unit = wide / WIDE  # sizes are those on the page, whatever part of the world it shows
    land = join(
        html('<path class="land" d="{d}"/>', d=d) for b, d in outlines(fine=wide < _FINE) if _meet(b, box)
    )
    most = max((s.mentions for s in spots), default=1) or 1
    marks = [_spot(s, at, _radius(s, most) * unit, base) for s, at in zip(spots, places, strict=True)]
    names = _names(spots, places, unit, most)
    return html(
        '<svg viewBox="{x} {y} {w} {h}" role="group" aria-label="Places on a map"><g aria-hidden="true">'
        '<path class="grid" d="{grid}"/>{land}</g><g>{marks}</g><g aria-hidden="true">{names}</g></svg>',
        x=f"{x:.1f}",
        y=f"{y:.1f}",
        w=f"{wide:.1f}",
        h=f"{high:.1f}",
        grid=_grid(),
        land=land,
        marks=join(marks[::-1]),  # those most spoken of on top
        names=join(names),
    )


def _spot(spot: Spot, at: tuple[float, float], radius: float, base: str) -> Html:
    mentions = f"{spot.mentions} mention{'' if spot.mentions == 1 else 's'}"
    circle = html(
        '<circle cx="{x}" cy="{y}" r="{r}"><title>{label}, {mentions}</title></circle>',
        x=f"{at[0]:.2f}",
        y=f"{at[1]:.2f}",
        r=f"{radius:.2f}",
        label=shorten(spot.place.label),
        mentions=mentions,
    )
    path = local_path(spot.place.iri, base)
    if path is None:
        return html('<g class="spot {kind}">{circle}</g>', kind=spot.place.kind or "", circle=circle)
    return html(
        '<a class="spot {kind}" href="{path}" aria-label="{label}, {mentions}">{circle}</a>',
        kind=spot.place.kind or "",
        path=path,
        label=shorten(spot.place.label),
        mentions=mentions,
        circle=circle,
    )


def _radius(spot: Spot, most: int) -> float:
    return 5 + 15 * sqrt(spot.mentions / most)


def _names(
    spots: Sequence[Spot], places: Sequence[tuple[float, float]], unit: float, most: int
) -> list[Html]:
    """Names beside their circles, those most spoken of first; what has no room has none."""
    taken: list[Box] = []
    names: list[Html] = []
    for spot, (x, y) in list(zip(spots, places, strict=True))[:_NAMED]:
        r, text = (_radius(spot, most) + 4) * unit, bdi_text(spot.place.label)
        wide, high = 7.4 * len(text) * unit, 15 * unit
        sides = (
            ("start", x + r, y + high * 0.3, x + r),
            ("end", x - r, y + high * 0.3, x - r - wide),
            ("middle", x, y + r + high * 0.8, x - wide / 2),
            ("middle", x, y - r, x - wide / 2),
        )
        for anchor, at, line, left in sides:
            box = (left, line - high * 0.8, left + wide, line + high * 0.2)
            if not any(_overlap(box, other) for other in taken):
                taken.append(box)
                names.append(
                    html(
                        '<g class="spot"><text x="{x}" y="{y}" font-size="{size}" stroke-width="{edge}" '
                        'text-anchor="{anchor}">{t}</text></g>',
                        x=f"{at:.2f}",
                        y=f"{line:.2f}",
                        size=f"{13 * unit:.2f}",
                        edge=f"{3 * unit:.2f}",
                        anchor=anchor,
                        t=text,
                    )
                )
                break
    return names


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def bdi_text(label: str) -> str:
    """A label for SVG, which knows no `bdi`: between marks that keep its direction to itself."""
    return f"\u2068{contain(shorten(label, 40))}\u2069"


def _frame(places: Sequence[tuple[float, float]], *, whole: bool) -> Box:
    """The part of the map that is shown: x, y, width, height."""
    if whole or not places:
        top = project(0, 84)[1]
        bottom = project(0, -58)[1]
        return (-WIDE / 2, top, WIDE, bottom - top)
    xs, ys = [p[0] for p in places], [p[1] for p in places]
    wide = max(_LEAST, (max(xs) - min(xs)) * (1 + 2 * _MARGIN))
    high = max(wide * 0.42, (max(ys) - min(ys)) * (1 + 2 * _MARGIN))
    wide = max(wide, high * 1.6)
    if wide >= WIDE:
        return _frame([], whole=True)
    x = min(max((max(xs) + min(xs) - wide) / 2, -WIDE / 2), WIDE / 2 - wide)
    return (x, (max(ys) + min(ys) - high) / 2, wide, high)


def _meet(one: Box, frame: Box) -> bool:
    x, y, wide, high = frame
    return one[0] <= x + wide and one[2] >= x and one[1] <= y + high and one[3] >= y


@lru_cache(maxsize=1)
def _grid() -> str:
    """Meridians and parallels, every 30 degrees."""
    lines = []
    for lon in range(-180, 181, 30):
        lines.append([project(lon, lat) for lat in range(-90, 91, 5)])
    for lat in range(-60, 61, 30):
        lines.append([project(lon, lat) for lon in range(-180, 181, 10)])
    return "".join("M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in line) for line in lines)


@lru_cache(maxsize=2)
def outlines(*, fine: bool = False) -> Outlines:
    """Each country's (box, path) on the map; empty if nothing was built."""
    build = find_build()
    content = build.files.get("world.json") if build is not None else None
    if content is None:
        return []
    found = json.loads(content)["fine" if fine else "coarse"]
    return [((b[0], b[1], b[2], b[3]), str(d)) for b, d in found]
