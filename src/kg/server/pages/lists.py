"""Pages that list things, and the form for SPARQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol
from urllib.parse import urlencode

from kg.query.documents import DocumentList
from kg.query.entities import EntityList
from kg.query.search import EntityHit, SearchAnswer
from kg.server.pages.markup import Html, html, join, link, page


class Listed(Protocol):
    """A saved question as a page shows it."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def summary(self) -> str:
        """What it asks."""

    @property
    def returns(self) -> str:
        """What it answers."""

    @property
    def example(self) -> str:
        """A path that asks it."""

    @property
    def sparql(self) -> str:
        """Its text."""


def entities_page(found: EntityList, base: str, text: str | None, types: Sequence[str]) -> str:
    """The page of a list of entities."""
    words: list[tuple[str, str]] = [("q", text)] if text else []
    words += [("type", t) for t in types]
    return page(
        "Entities",
        html(
            "<h1>Entities</h1>\n<p>{total} in all{shown}</p>\n{table}\n{turn}",
            total=found.total,
            shown=f" for “{text}”" if text else "",
            table=hits_table(found.items, base),
            turn=turn_pages("/entities", words, found.offset, found.limit, found.total),
        ),
    )


def search_page(found: SearchAnswer, base: str) -> str:
    """The page of what a search found."""
    sentences = join(
        html(
            "<li><blockquote><span class=context>{before}</span><strong>{text}</strong><span "
            "class=context>{after}</span>"
            "</blockquote><p class=muted>{source} {as_of}</p></li>",
            before=s.before,
            text=s.text,
            after=s.after,
            source=link(s.iri, ", ".join(s.document.identifiers) or s.iri, base),
            as_of=s.document.as_of,
        )
        for s in found.sentences
    )
    return page(
        f"Search: {found.query}",
        html(
            "<h1>“{query}”</h1>\n<h2>Entities</h2>\n{hits}\n<h2>Sentences</h2>\n<ol>{sentences}</ol>",
            query=found.query,
            hits=hits_table(found.entities, base),
            sentences=sentences or html("<li>none</li>"),
        ),
    )


def documents_page(found: DocumentList, base: str) -> str:
    """The page of the list of documents."""
    rows = join(
        html(
            "<tr><td>{name}</td><td>{title}</td><td>{as_of}</td><td>{basis}</td></tr>\n",
            name=link(d.iri, ", ".join(d.identifiers) or d.iri, base),
            title=d.title,
            as_of=d.as_of or "unknown",
            basis=d.as_of_basis,
        )
        for d in found.items
    )
    return page(
        "Documents",
        html(
            "<h1>Documents</h1>\n<p>{total} in all</p>\n<table><tr><th>Document<th>Title<th>As "
            "of<th>How known</tr>\n"
            "{rows}</table>\n{turn}",
            total=found.total,
            rows=rows,
            turn=turn_pages("/documents", [], found.offset, found.limit, found.total),
        ),
    )


def questions_page(found: Iterable[Listed]) -> str:
    """The page of the saved questions."""
    items = join(
        html(
            "<section><h2>{name}</h2><p>{summary}</p><p class=muted>{returns}</p><p><a "
            'href="{example}">{example}</a></p>'
            "<details><summary>SPARQL</summary><pre>{sparql}</pre></details></section>\n",
            name=q.name,
            summary=q.summary,
            returns=q.returns,
            example=q.example,
            sparql=q.sparql,
        )
        for q in found
    )
    return page("Questions", html("<h1>Saved questions</h1>\n{items}", items=items))


def sparql_page(example: str) -> str:
    """The page with a form that sends a query."""
    return page(
        "SPARQL",
        html(
            '<h1>SPARQL</h1>\n<form action="/sparql" method="get"><p><textarea name="query" '
            'rows="12" aria-label="query">'
            "{example}</textarea></p>\n<p><label>Format <select "
            'name="format"><option>csv<option>json<option>xml'
            "<option>tsv<option>ttl<option>nt<option>jsonld<option>rdf</select></label> "
            "<button>Ask</button></p></form>\n"
            "<p class=muted>The prefixes of this graph (kg, person, office, org, fac, place, agr, "
            "ev, doc, claim, rdf, skos, "
            "xsd, dct) need no declaration. CSV fits SELECT and ASK, Turtle fits CONSTRUCT and DESCRIBE.</p>",
            example=example,
        ),
    )


def hits_table(hits: Sequence[EntityHit], base: str) -> Html:
    """A table of entities."""
    rows = join(
        html(
            "<tr><td>{label}</td><td>{kind}</td><td>{matched}</td><td>{mentions}</td></tr>\n",
            label=link(h.iri, h.label, base),
            kind=h.subkind or h.kind,
            matched=h.matched if h.matched != h.label else "",
            mentions=h.mentions,
        )
        for h in hits
    )
    if not rows:
        return html("<p>none</p>")
    return html("<table><tr><th>Name<th>Class<th>Found as<th>Mentions</tr>\n{rows}</table>", rows=rows)


def turn_pages(path: str, words: list[tuple[str, str]], offset: int, limit: int, total: int) -> Html:
    """Links to the page before and the page after."""
    links: list[Html] = []
    for label, start, there in (
        ("Previous", max(0, offset - limit), offset > 0),
        ("Next", offset + limit, offset + limit < total),
    ):
        if there:
            target = f"{path}?{urlencode([*words, ('limit', str(limit)), ('offset', str(start))])}"
            links.append(html('<a href="{target}">{label}</a>', target=target, label=label))
    return html("<nav>{links}</nav>", links=join(links, " ")) if links else Html("")
