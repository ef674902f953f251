"""The explorer: the picture of a neighbourhood, and the same as a list for those who run no scripts."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from kg.query.neighbourhood import GraphEdge, Neighbourhood
from kg.server.pages.build import find_asset
from kg.server.pages.claims import evidence_path, modality_mark
from kg.server.pages.markup import Html, beside, html, in_words, join, link, page, shorten

#: Days that a page carries for its slider; of more, it has the first and the last.
MOST_DAYS = 1500
#: Edges that the list shows.
_LISTED = 400
_NOT_BUILT = (
    "The picture of the graph has not been built here: that needs Node 20.19 or newer when kg is installed (make "
    "install). Everything in it is below."
)
_NO_SCRIPT = "The picture of the graph needs JavaScript. Everything in it is below."


def workspace(entity: str, label: str, days: Sequence[str], *, whole: bool = False) -> Html:
    """Where the scripts draw the neighbourhood of `entity`; until they do, a word on what is missing.

    A `whole` one has the page for itself, and its state in the page's query; others keep it in the fragment.
    """
    if find_asset("explorer.js") is None:
        return html('<p class="notice" id="no-graph">{word}</p>', word=_NOT_BUILT)
    known = [days[0], days[-1]] if len(days) > MOST_DAYS else list(days)
    return html(
        '<noscript><p class="notice" id="no-graph">{word}</p></noscript>\n'
        '<section class="workspace" id="graph" aria-label="Graph" hidden data-entity="{entity}" data-label="{label}" '
        'data-days="{days}" data-complete="{complete}" data-state="{state}"></section>',
        word=_NO_SCRIPT,
        entity=entity,
        label=shorten(label),
        days=" ".join(known),
        complete="no" if len(days) > MOST_DAYS else "yes",
        state="query" if whole else "fragment",
    )


def explore_page(
    found: Neighbourhood,
    label: str,
    asked: list[tuple[str, str]],
    days: Sequence[str],
    base: str,
    day: str | None,
) -> str:
    """The page of a neighbourhood: the picture, and its edges as a list."""
    words = urlencode(asked)
    nodes = {n.iri: n for n in found.nodes}
    edges = sorted(found.edges, key=lambda e: (min(nodes[e.source].hops, nodes[e.target].hops), e.predicate))
    cut = sum(c.left_out for c in found.cut)
    return page(
        f"Around {shorten(label)}",
        html(
            '<header class="thing"><div><p class="kicker">Explore</p><h1>{label}</h1></div>{forms}</header>\n'
            '{workspace}\n<details{open} id="list"><summary>{count}</summary>\n{form}'
            '<table class="stack"><thead><tr><th>From<th>Relation<th>To<th class="n">Claims</thead>'
            "<tbody>{rows}</tbody></table>{more}</details>",
            label=link(found.centre, label, base),
            forms=beside(
                [
                    (name, f"/neighbourhood?{words}&format={key}")
                    for name, key in (
                        ("JSON", "json"),
                        ("CSV", "csv"),
                        ("Turtle", "turtle"),
                        ("GraphML", "graphml"),
                        ("Gephi", "gexf"),
                    )
                ]
            ),
            workspace=workspace(found.centre, label, days, whole=True),
            open=Html(" open"),
            count=f"The same as a list: {len(found.nodes)} things, {len(found.edges)} edges"
            + (f", {cut} more neighbours left out" if cut else ""),
            form=_form(asked, day),
            rows=join(_row(e, nodes[e.source].label, nodes[e.target].label, base) for e in edges[:_LISTED]),
            more=html('<p class="muted">{n} more</p>', n=len(edges) - _LISTED)
            if len(edges) > _LISTED
            else "",
        ),
        wide=True,
    )


def _row(edge: GraphEdge, source: str, target: str, base: str) -> Html:
    return html(
        '<tr><td>{s}</td><td>{p}{m}</td><td>{o}</td><td class="n"><a href="{path}">{n}</a></td></tr>\n',
        s=link(edge.source, source, base),
        p=in_words(edge.predicate.rpartition(":")[2]),
        m=modality_mark(edge.modality),
        o=link(edge.target, target, base),
        path=evidence_path(edge.source, edge.predicate_iri, edge.target),
        n=f"{edge.claim_count} sentence{'' if edge.claim_count == 1 else 's'}"
        if edge.claim_count
        else "evidence",
    )


def _form(asked: list[tuple[str, str]], day: str | None) -> Html:
    values = dict(asked)
    options = join(
        html("<option{chosen}>{n}", n=n, chosen=Html(" selected") if values.get("depth") == str(n) else "")
        for n in (1, 2, 3)
    )
    return html(
        '<form class="fields" action="/explore" method="get"><input type="hidden" name="entity" value="{entity}">'
        '<label>Steps <select name="depth">{options}</select></label>'
        '<label>As published by <input name="as_of" value="{day}" placeholder="YYYY-MM-DD" size="12"></label>'
        "<button>Show</button></form>\n",
        entity=values["entity"],
        options=options,
        day=day,
    )
