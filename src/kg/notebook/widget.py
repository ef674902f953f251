"""The interactive graph of notebooks: the explorer's component, for Jupyter, VS Code and marimo by anywidget."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.catalog.catalog import find_root
from kg.errors import KgError, MissingExtra
from kg.notebook.values import Named, name_of
from kg.query.neighbourhood import Neighbourhood

try:
    import anywidget
    import traitlets
except ImportError:
    raise MissingExtra("the graph widget needs anywidget: pip install 'statecraft-kg[notebook]'") from None

if TYPE_CHECKING:
    from kg.notebook.claims import Claims
    from kg.notebook.client import Graph
    from kg.notebook.entities import Entity

_NAME = "widget.js"


def find_script() -> Path:
    """The widget's script: built into ``web/dist`` of a checkout, packed into a wheel. Raises `MissingExtra`."""
    root = find_root()
    for folder in (root / "web" / "dist", root / "web", root / "static"):
        if (folder / _NAME).is_file():
            return folder / _NAME
    raise MissingExtra(
        f"{root / 'web' / 'dist' / _NAME}: the widget's script is not built; run `npm ci && npm run build` in web/, "
        "or use .plot() for a picture"
    )


class GraphWidget(anywidget.AnyWidget):
    """A graph to be moved about: a click on an edge shows its sentences, a double click on a node brings more.

    `selected` is what was clicked (None, or a dict); `entity` and `claims` are the same as objects. `expand` does from
    Python what the double click does.

    >>> widget = g.widget("Marta Lindqvist")
    >>> before = len(widget.data["nodes"])
    >>> widget.expand("Minister of Defense, Norland")
    >>> len(widget.data["nodes"]) > before
    True
    """

    data = traitlets.Dict().tag(sync=True)
    selected = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    height = traitlets.Int(420).tag(sync=True)
    theme = traitlets.Unicode("auto").tag(sync=True)
    label = traitlets.Unicode("Graph").tag(sync=True)

    def __init__(self, found: Neighbourhood, graph: Graph, **traits: Any) -> None:
        centre = next((n.label for n in found.nodes if n.iri == found.centre), found.centre)
        traits.setdefault("label", f"Graph around {centre}")
        self._esm = find_script().read_text(encoding="utf-8")
        super().__init__(data=asdict(found), **traits)
        self._graph = graph
        self._limit = found.limit
        self.on_msg(self._answer)

    @property
    def entity(self) -> Entity | None:
        """The entity that was clicked, or None.

        >>> widget = g.widget("Marta Lindqvist")
        >>> widget.selected = {"type": "node", "iri": "https://kg.example/id/place/nd"}
        >>> widget.entity.label
        'Norland'
        """
        chosen = self.selected
        return self._graph[chosen["iri"]] if chosen and chosen.get("type") == "node" else None

    @property
    def claims(self) -> Claims | None:
        """The claims behind the edge that was clicked, with their sentences, or None.

        >>> widget = g.neighbourhood("Marta Lindqvist", relations=["holdsOffice"]).widget()
        >>> edge = widget.data["edges"][0]
        >>> widget.selected = {"type": "edge", **{k: edge[k] for k in ("source", "predicate", "target", "modality")}}
        >>> widget.claims[0].predicate
        'holdsOffice'
        """
        chosen = self.selected
        if not chosen or chosen.get("type") != "edge":
            return None
        return self._graph.why(chosen["source"], chosen["predicate"], chosen["target"])

    def expand(self, entity: Named) -> None:
        """Add what surrounds an entity to the picture.

        >>> g.widget("Marta Lindqvist").expand("Norland")
        """
        more = self._graph.neighbourhood(name_of(entity), 1, self._limit).value
        self.data = merge(self.data, asdict(more))

    def __repr__(self) -> str:
        return f"{self.label}: {len(self.data['nodes'])} nodes, {len(self.data['edges'])} edges"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, and for those who cannot show it what it is."""
        bundle = super()._repr_mimebundle_(**kwargs)
        made = bundle[0] if isinstance(bundle, tuple) else bundle
        if made is not None:
            made["text/plain"] = repr(self)
        return bundle

    def _answer(self, _: object, content: Any, __: object) -> None:
        if not isinstance(content, dict) or content.get("kind") != "expand":
            return
        try:
            self.expand(str(content.get("iri")))
        except KgError as error:
            self.send({"kind": "error", "text": str(error)})


def merge(first: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Both neighbourhoods (as dicts) as one around the centre of the first; what `more` left out stays told."""
    nodes = {n["iri"]: n for n in first["nodes"]}
    for node in more["nodes"]:
        known = nodes.get(node["iri"])
        nodes[node["iri"]] = node if known is None else {**node, "hops": known["hops"]}

    def key(edge: dict[str, Any]) -> tuple[str, str, str, str]:
        return edge["source"], edge["predicate"], edge["target"], edge["modality"]

    edges = {key(e): e for e in (*first["edges"], *more["edges"])}
    cut = {c["iri"]: c for c in first["cut"] if c["iri"] != more["centre"]}
    for one in more["cut"]:
        if one["iri"] == more["centre"] or one["iri"] not in {n["iri"] for n in first["nodes"]}:
            cut[one["iri"]] = one
    return {
        **first,
        "nodes": list(nodes.values()),
        "edges": [edges[k] for k in sorted(edges)],
        "cut": [cut[k] for k in sorted(cut)],
    }
