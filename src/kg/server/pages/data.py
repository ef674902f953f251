"""The page of dumps, and of examples to copy."""

from __future__ import annotations

import json

from kg.server.pages.markup import Html, html, join, page

_DUMPS = (
    ("all", "Everything: facts, claims, mentions, documents, identity"),
    ("facts", "Flat facts: what everyday queries need"),
    ("claims", "What each document says, with its passage"),
    ("mentions", "Where documents speak of what"),
)
_FORMS = (("ttl", "Turtle"), ("nt", "N-Triples"), ("jsonld", "JSON-LD"), ("rdf", "RDF/XML"))


def data_page(url: str, entity: str | None, documents: int) -> str:
    """The page for those who want the graph elsewhere; `url` is the server's, `entity` one of its things."""
    name = entity or "Japan"
    return page(
        "Data",
        html(
            '<header class="thing"><div><h1>Data</h1><p class="lead">The graph of {n}, to take along or to ask '
            'from a program. <a href="/docs">Every path with its parameters</a>, <a href="/openapi.json">OpenAPI</a>, '
            '<a href="/def">vocabulary</a>.</p></div></header>\n'
            '<h2>Dumps</h2>\n<table class="stack"><thead><tr><th>Part<th>Plain<th>Compressed</thead><tbody>{dumps}'
            "</tbody></table>\n<p><a href='/dump/'>All files, with their lengths and hashes</a></p>"
            "<h2>Over HTTP</h2>\n{http}<h2>In Python</h2>\n{python}<h2>Elsewhere</h2>\n"
            "{other}",
            n=f"{documents} document{'' if documents == 1 else 's'}",
            dumps=join(_dump(part, what) for part, what in _DUMPS),
            http=join(example(text) for text in _http(url, name)),
            python=join(example(text) for text in _python(url, name)),
            other=join(example(text) for text in _other(url)),
        ),
        here="/data",
    )


def _dump(part: str, what: str) -> Html:
    def links(ending: str) -> Html:
        return join(
            (
                html('<a href="/dump/{p}.{f}{e}">{n}</a>', p=part, f=form, e=ending, n=name)
                for form, name in _FORMS
            ),
            " · ",
        )

    return html(
        "<tr><td><strong>{part}</strong><br><span class='muted'>{what}</span></td><td>{plain}</td><td>{packed}</td>"
        "</tr>\n",
        part=part,
        what=what,
        plain=links(""),
        packed=links(".gz"),
    )


def example(text: str) -> Html:
    """A text to copy; the scripts give it a button."""
    return html('<div class="copy"><pre tabindex="0">{t}</pre></div>\n', t=text)


def _http(url: str, name: str) -> tuple[str, ...]:
    return (
        f"# who holds which office\ncurl -s {url}/sparql -H 'Accept: text/csv' --data-urlencode \\\n"
        "  'query=SELECT ?person ?office { ?person kg:holdsOffice ?office } ORDER BY ?person'",
        f"# the sentences about it\ncurl -sG {url}/evidence --data-urlencode 'entity={name}'",
        f"# everything around it, as of a day, for Gephi\ncurl -sG {url}/neighbourhood --data-urlencode "
        f"'entity={name}' \\\n  -d depth=2 -d as_of=2025-03-15 -d format=gexf",
        f"# plans beside what came of them, as a table\ncurl -s {url}/plans.csv",
    )


def _python(url: str, name: str) -> tuple[str, ...]:
    return (
        f'import kg\n\ngraph = kg.connect("{url}")\nprint(graph[{json.dumps(name)}].evidence())',
        "import httpx\n\n"
        f'answer = httpx.get("{url}/neighbourhood", params={{"entity": {json.dumps(name)}, "format": "node-link"}})\n\n'
        "import networkx\n\n"
        'graph = networkx.node_link_graph(answer.json(), edges="edges")\n'
        "print(networkx.degree_centrality(graph))",
        "import pandas\n\n"
        f'plans = pandas.read_csv("{url}/plans.csv")\n'
        f'events = pandas.read_csv("{url}/timeline.csv", parse_dates=["start", "end"])',
    )


def _other(url: str) -> tuple[str, ...]:
    return (
        f'import rdflib\n\ngraph = rdflib.Graph().parse("{url}/dump/facts.ttl")\nprint(len(graph))',
        f"# OpenRefine: Reconcile, Start reconciling, Add standard service\n{url}/reconcile",
        f'# R\nevents <- read.csv("{url}/timeline.csv")\ntable(events$status)',
    )
