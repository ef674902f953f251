"""The vocabulary as a page."""

from __future__ import annotations

from collections.abc import Iterable

from kg.query.vocabulary import Term, Vocabulary
from kg.server.pages.markup import Html, html, join, page

_KINDS = (
    ("class", "Classes", "What things are."),
    ("relation", "Relations", "What claims may state."),
    ("property", "Properties", "What else the graph says of entities, claims, passages and documents."),
    ("value", "Values", "What some of them may be."),
)


def vocabulary_page(found: Vocabulary) -> str:
    """Every term with its meaning; each has the anchor that its IRI names."""
    sections = join(
        html(
            '<h2>{title}</h2>\n<p class="muted">{about}</p>\n<table class="stack"><thead><tr><th>Name<th>Label'
            "<th>Meaning<th>Above, from → to</thead><tbody>\n{rows}</tbody></table>\n",
            title=title,
            about=about,
            rows=join(_row(term) for term in found.terms if term.kind == kind),
        )
        for kind, title, about in _KINDS
    )
    return page(
        "Vocabulary",
        html(
            "<h1>Vocabulary</h1>\n<p>{title}, version {version}, written from its Turtle file. As RDF: "
            '<a href="/def?format=ttl">Turtle</a>, <a href="/def?format=jsonld">JSON-LD</a>, '
            '<a href="/def?format=rdf">RDF/XML</a>.</p>\n{sections}',
            title=found.title,
            version=found.version,
            sections=sections,
        ),
    )


def _row(term: Term) -> Html:
    notes = [_named("", term.types), _named("", term.above), _named("like ", term.same)]
    if term.domain or term.range:
        ends = [_named("", names) or Html("anything") for names in (term.domain, term.range)]
        notes.append(html("{one} → {other}", one=ends[0], other=ends[1]))
    if term.single:
        notes.append(Html("one at a time"))
    return html(
        '<tr id="{name}"><th><a href="#{name}">{name}</a></th><td>{label}</td><td>{comment}</td>'
        "<td>{notes}</td></tr>\n",
        name=term.name,
        label=term.label,
        comment=term.comment,
        notes=join((note for note in notes if note), "; "),
    )


def _named(before: str, names: Iterable[str]) -> Html:
    """CURIEs, ours as links to their rows."""
    parts = [
        html('<a href="#{n}">{n}</a>', n=name.removeprefix("kg:")) if name.startswith("kg:") else name
        for name in names
    ]
    return html("{before}{names}", before=before, names=join(parts, ", ")) if parts else Html("")
