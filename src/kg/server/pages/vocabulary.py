"""The vocabulary as a page."""

from __future__ import annotations

from kg.catalog.ontology import Ontology
from kg.server.pages.markup import html, join, page


def vocabulary_page(ontology: Ontology) -> str:
    """Classes and relations with their meaning; each has the anchor that its IRI names."""
    classes = join(
        html(
            '<tr id="{name}"><th>{name}</th><td>{label}</td><td>{parents}</td><td>{help}</td></tr>\n',
            name=c.name,
            label=c.label,
            parents=", ".join(c.parents),
            help=c.help,
        )
        for _, c in sorted(ontology.classes.items())
    )
    relations = join(
        html(
            '<tr id="{name}"><th>{name}</th><td>{label}</td><td>{domain} → '
            "{range}</td><td>{help}</td></tr>\n",
            name=r.name,
            label=r.label,
            domain=", ".join(sorted(r.domain)) or "anything",
            range=", ".join(sorted(r.range)) or "anything",
            help=r.help,
        )
        for _, r in sorted(ontology.relations.items())
    )
    return page(
        "Vocabulary",
        html(
            "<h1>Vocabulary</h1>\n<p>As RDF: <code>curl -H 'Accept: text/turtle' …/def</code></p>\n"
            "<h2>Classes</h2>\n<table><tr><th>Name<th>Label<th>Under<th>Meaning</tr>\n{classes}</table>\n"
            "<h2>Relations</h2>\n<table><tr><th>Name<th>Label<th>From → "
            "to<th>Meaning</tr>\n{relations}</table>",
            classes=classes,
            relations=relations,
        ),
    )
