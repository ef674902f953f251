"""Pictures by matplotlib: a graph, a timeline. The same data give the same picture."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, cast

import networkx

from kg.errors import MissingExtra
from kg.notebook.layout import lay_out
from kg.query.neighbourhood import Neighbourhood

try:
    from matplotlib import dates as mdates
    from matplotlib import pyplot
    from matplotlib.axes import Axes
except ImportError:
    raise MissingExtra("a picture needs matplotlib: pip install 'statecraft-kg[notebook]'") from None

if TYPE_CHECKING:
    from kg.notebook.timeline import Moment, Timeline

#: By top class; told apart also by those who do not tell red from green (Okabe and Ito, darkened for text on white).
COLOURS: Mapping[str, str] = {
    "Person": "#b8500a",
    "Office": "#c98a00",
    "Organization": "#1f6aa5",
    "Facility": "#7b4fa3",
    "Agreement": "#7a7a7a",
    "Place": "#1a8a5f",
    "Equipment": "#5b5b2f",
    "Event": "#b5476c",
}
_NO_KIND = "#555555"
_GREY = "#888888"
_AHEAD = frozenset({"planned", "proposed"})
#: Things that a timeline shows.
_MOST_LINES = 40


def plot_graph(found: Neighbourhood) -> Axes:
    """A neighbourhood: nodes by class, facts as lines, what is planned, denied or past dashed."""
    network: networkx.Graph[str] = networkx.Graph()
    network.add_nodes_from(n.iri for n in found.nodes)
    network.add_edges_from((e.source, e.target) for e in found.edges)
    joined = networkx.node_connected_component(network, found.centre)
    network.remove_nodes_from([n for n in network if n not in joined])
    places = lay_out(network)
    _, axes = pyplot.subplots(figsize=(10, 6.5), layout="constrained")
    facts = {(e.source, e.target) for e in found.edges if e.modality == "Asserted"}
    for edge in found.edges:
        if edge.modality != "Asserted" and (edge.source, edge.target) in facts:
            continue  # the plan of what has come about
        if edge.source not in places or edge.target not in places:
            continue
        (x1, y1), (x2, y2) = places[edge.source], places[edge.target]
        style = "-" if edge.modality == "Asserted" else "--"
        colour = {"Asserted": _GREY, "Denied": "#a02020"}.get(edge.modality, "#c1440e")
        axes.plot([x1, x2], [y1, y2], style, color=colour, linewidth=0.9, zorder=1)
    shown: set[str] = set()
    for node in found.nodes:
        if node.iri not in places:
            continue
        x, y = places[node.iri]
        kind = node.kind or "other"
        colour = COLOURS.get(kind, _NO_KIND)
        hollow = bool(_AHEAD & set(node.attributes.get("status", ())))
        axes.scatter(
            [x],
            [y],
            s=150 if node.iri == found.centre else 60,
            color="none" if hollow else colour,
            edgecolors=colour,
            zorder=2,
            label=None if kind in shown else kind,
        )
        shown.add(kind)
        axes.annotate(
            textwrap.shorten(node.label, 40, placeholder="…"),
            (x, y),
            xytext=(0, 6),
            textcoords="offset points",
            ha="center",
            fontsize=8 if node.iri == found.centre else 7,
            color=_text(),
            weight="bold" if node.iri == found.centre else "normal",
            path_effects=halo(axes),
        )
    axes.set_axis_off()
    axes.margins(0.12)
    if shown:
        axes.legend(loc="lower left", frameon=False, fontsize=8)
    centre = next((n.label for n in found.nodes if n.iri == found.centre), found.centre)
    axes.set_title(f"Around {centre}", loc="center")
    return axes


def plot_timeline(timeline: Timeline) -> Axes:
    """A timeline: one line for each thing, a bar as long as what its date covers, hollow where it is only planned."""
    dated = [m for m in timeline if m.start is not None or m.end is not None]
    lines: dict[str, list[Moment]] = {}
    for moment in dated:
        name = (
            f"{moment.what.label} {moment.relation} {moment.object.label}"
            if moment.object
            else moment.what.label
        )
        lines.setdefault(name, []).append(moment)
    names = list(lines)[-_MOST_LINES:]
    _, axes = pyplot.subplots(figsize=(10, 1.2 + 0.34 * max(1, len(names))), layout="constrained")
    for place, name in enumerate(reversed(names)):
        for moment in lines[name]:
            first, last = moment.start or moment.end, moment.end or moment.start
            assert first is not None
            assert last is not None
            begin = _number(first)
            width = max(1.0, _number(last + timedelta(days=1)) - begin) if last < date.max else 1.0
            ahead = moment.modality == "Planned" or moment.status in _AHEAD
            colour = "#a02020" if moment.modality == "Denied" or moment.status == "cancelled" else "#1f6aa5"
            axes.barh(
                place,
                width,
                left=begin,
                height=0.55,
                facecolor="none" if ahead else colour,
                edgecolor=colour,
                linestyle="--" if ahead else "-",
                alpha=0.9,
            )
    axes.set_yticks(range(len(names)), [textwrap.shorten(n, 60, placeholder="…") for n in reversed(names)])
    axes.tick_params(axis="y", labelsize=8)
    make_locator: Any = mdates.AutoDateLocator
    locator = make_locator(minticks=3, maxticks=9)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(cast(Any, mdates.ConciseDateFormatter)(locator))
    axes.grid(axis="x", color="#88888844")
    axes.set_title(timeline.label, loc="center")
    if not names:
        axes.text(0.5, 0.5, timeline.empty, transform=axes.transAxes, ha="center", color=_text())
    return axes


def halo(axes: Axes) -> list[Any]:
    """What keeps text readable over lines: an outline in the colour of the ground."""
    from matplotlib import patheffects

    return [cast(Any, patheffects.withStroke)(linewidth=2.5, foreground=axes.figure.get_facecolor())]


def _number(day: date) -> float:
    return float(cast(Any, mdates.date2num)(day))


def _text() -> str:
    """The colour of text of the style that is in use, so that a dark one is served too."""
    return str(pyplot.rcParams["text.color"])
