"""Pages that list things."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from kg.model import Modality, Span
from kg.query.documents import DocumentList
from kg.query.entities import EntityList
from kg.query.search import EntityHit, SearchAnswer
from kg.server.pages.claims import day_mark
from kg.server.pages.markup import Html, bdi, beside, html, in_words, join, link, page, passage_link
from kg.terms import KIND_SEGMENTS

_ENTITIES_IN_LINE = 5


def entities_page(found: EntityList, base: str, text: str | None, types: Sequence[str]) -> str:
    """The page of a list of entities."""
    words: list[tuple[str, str]] = [("q", text)] if text else []
    words += [("type", t) for t in types]
    options = join(
        html(
            '<option value="{kind}"{on}>{name}',
            kind=k,
            name=in_words(k),
            on=Html(" selected") if k in types else "",
        )
        for k in KIND_SEGMENTS
    )
    return page(
        "Entities",
        html(
            '<header class="thing"><div><h1>Entities</h1><p class="lead">{total} in all{shown}</p></div>{forms}'
            '</header><form class="fields" action="/entities" method="get"><label>Name begins with <input name="q" '
            'value="{text}"></label><label>Class <select name="type"><option value="">any{options}</select></label>'
            "<button>Show</button></form>\n{table}\n{turn}",
            total=found.total,
            shown=f" for “{text}”" if text else "",
            forms=beside(
                [("JSON", f"/entities.json?{urlencode(words)}"), ("CSV", f"/entities.csv?{urlencode(words)}")]
            ),
            text=text,
            options=options,
            table=hits_table(found.items, base),
            turn=turn_pages("/entities", words, found.offset, found.limit, found.total),
        ),
        here="/entities",
    )


def search_page(found: SearchAnswer, base: str, asked: Sequence[tuple[str, str]] = ()) -> str:
    """The page of what a search found; `asked` are the filters that it was narrowed by."""
    sentences = join(
        html(
            '<li class="claim"><blockquote><span class="context">{before}</span>{text}'
            '<span class="context">{after}</span><cite>{source} {as_of}</cite></blockquote>{named}</li>\n',
            before=s.before,
            text=marked_words(s.text, s.highlights),
            after=s.after,
            source=passage_link(s.iri, s.document.title or ", ".join(s.document.identifiers) or s.iri, base),
            as_of=day_mark(s.document.as_of),
            named=html(
                '<p class="said">{links}</p>',
                links=join((link(n.iri, n.label, base) for n in s.entities[:_ENTITIES_IN_LINE]), " · "),
            )
            if s.entities
            else "",
        )
        for s in found.sentences
    )
    return page(
        f"Search: {found.query}",
        html(
            '<header class="thing"><div><p class="kicker">Search</p><h1>“{query}”</h1></div>{forms}</header>\n'
            '{form}{other}<h2>Entities</h2>\n{hits}\n<h2>Sentences</h2>\n<ol class="plain">{sentences}</ol>',
            query=found.query,
            forms=beside([("JSON", f"/search.json?{urlencode([('q', found.query), *asked])}")]),
            form=_filters(found.query, dict(asked)),
            other=_other_spelling(found.suggestion),
            hits=hits_table(found.entities, base),
            sentences=sentences or html('<li class="muted">No sentence has all of these words.</li>'),
        ),
    )


def _filters(query: str, asked: dict[str, str]) -> Html:
    def options(names: Iterable[str], chosen: str | None) -> Html:
        return join(
            html(
                '<option value="{n}"{on}>{w}', n=n, w=in_words(n), on=Html(" selected") if n == chosen else ""
            )
            for n in names
        )

    return html(
        '<form class="fields" action="/search" method="get"><label>Words <input name="q" value="{q}" required></label>'
        '<label>Class <select name="type"><option value="">any{kinds}</select></label>'
        '<label>Put as <select name="modality"><option value="">any{modalities}</select></label>'
        '<label>From <input name="since" value="{since}" placeholder="YYYY-MM-DD" size="11"></label>'
        '<label>To <input name="until" value="{until}" placeholder="YYYY-MM-DD" size="11"></label>'
        "<button>Search</button></form>\n",
        q=query,
        kinds=options(KIND_SEGMENTS, asked.get("type")),
        modalities=options((m.value for m in Modality), asked.get("modality")),
        since=asked.get("since"),
        until=asked.get("until"),
    )


def _other_spelling(suggestion: str | None) -> Html:
    if suggestion is None:
        return Html("")
    path = f"/search?{urlencode({'q': suggestion})}"
    return html('<p>Did you mean <a href="{path}">{words}</a>?</p>\n', path=path, words=suggestion)


def marked_words(text: str, spans: Iterable[Span]) -> Html:
    """`text` with the words at `spans` (code points, in order) marked."""
    parts: list[Html] = []
    at = 0
    for span in spans:
        if span.start >= at:
            parts += [
                html("{t}", t=text[at : span.start]),
                html("<mark>{t}</mark>", t=text[span.start : span.end]),
            ]
            at = span.end
    return join((*parts, text[at:]))


def documents_page(found: DocumentList, base: str) -> str:
    """The page of the list of documents."""
    rows = join(
        html(
            "<tr><td>{name}</td><td>{identifiers}</td><td>{as_of}</td><td>{basis}</td></tr>\n",
            name=link(d.iri, d.title or ", ".join(d.identifiers) or d.iri, base),
            identifiers=bdi(", ".join(d.identifiers)) if d.title else "",
            as_of=day_mark(d.as_of) or "unknown",
            basis=d.as_of_basis,
        )
        for d in found.items
    )
    return page(
        "Documents",
        html(
            '<header class="thing"><div><h1>Documents</h1><p class="lead">{total} in all</p></div>{forms}</header>\n'
            '<table class="stack"><thead><tr><th>Document<th>Read as<th>As of<th>How known</thead>'
            "<tbody>{rows}</tbody></table>\n{turn}",
            total=found.total,
            forms=beside([("JSON", "/documents.json"), ("CSV", "/documents.csv")]),
            rows=rows,
            turn=turn_pages("/documents", [], found.offset, found.limit, found.total),
        ),
        here="/documents",
    )


def hits_table(hits: Sequence[EntityHit], base: str) -> Html:
    """A table of entities."""
    rows = join(
        html(
            '<tr><td>{label}</td><td><span class="kind {top}">{kind}</span></td><td>{matched}</td>'
            '<td class="n">{mentions}</td></tr>\n',
            label=link(h.iri, h.label, base),
            top=h.kind or "",
            kind=in_words(h.subkind or h.kind or ""),
            matched=bdi(h.matched) if h.matched != h.label else "",
            mentions=h.mentions,
        )
        for h in hits
    )
    if not rows:
        return html('<p class="muted">No name begins with these words.</p>')
    return html(
        '<table class="stack"><thead><tr><th>Name<th>Class<th>Found as<th class="n">Mentions</thead>'
        "<tbody>{rows}</tbody></table>",
        rows=rows,
    )


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
    return (
        html('<nav class="turn" aria-label="Pages">{links}</nav>', links=join(links, " "))
        if links
        else Html("")
    )
