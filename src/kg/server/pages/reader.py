"""The page of a document: its text, with the mentions in it linked and a passage marked."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from kg.model import Span
from kg.query.documents import DocumentPage
from kg.query.evidence import ClaimView
from kg.server.pages.claims import statement
from kg.server.pages.markup import (
    Html,
    bdi,
    beside,
    html,
    in_words,
    join,
    link,
    local_path,
    page,
    passage_link,
    verbatim,
)
from kg.terms import parse_passage


def document_page(
    found: DocumentPage, base: str, claims: dict[str, ClaimView] | None = None, highlight: Span | None = None
) -> str:
    """The page of a document; `claims` are what its passages support, by IRI, and `highlight` is marked in it."""
    summary = found.summary
    title = summary.title or ", ".join(summary.identifiers) or summary.curie
    known = claims or {}
    path = local_path(summary.iri, base) or ""
    facts = (
        ("Identifiers", "; ".join(summary.identifiers)),
        ("Issued", summary.issued),
        ("As of", f"{summary.as_of or 'unknown'} ({summary.as_of_basis})"),
        ("SHA-256 of the text", summary.sha256),
    )
    passages = join(
        html(
            '<li data-span="{start},{end}"{here}>{quote}{claims}</li>\n',
            start=span.start,
            end=span.end,
            here=Html(' aria-current="true"') if span == highlight else "",
            quote=passage_link(iri, " ".join(found.text[span.start : span.end].split()), base),
            claims=_said(at, known, base),
        )
        for iri, span, at in _passages(found)
    )
    return page(
        title,
        html(
            '<header class="thing"><div><p class="kicker">Document{day}</p><h1>{title}</h1>'
            '<ul class="meta"><li>{names}</li><li>{basis}</li>{source}</ul></div>{forms}</header>\n'
            '<div class="reader"><div class="text" data-document="{iri}">{text}</div>\n'
            '<aside class="claims-of"><h2>Read from it</h2>\n<ol>{passages}</ol>\n'
            "<details><summary>About this document</summary><table>{rows}</table></details></aside></div>",
            title=title,
            day=f" · {summary.as_of}" if summary.as_of else "",
            names=bdi("; ".join(summary.identifiers)),
            basis=f"its day is {summary.as_of_basis}" if summary.as_of else "its day is unknown",
            source=html("<li>{s}</li>", s=link(summary.source, summary.source, base))
            if summary.source
            else "",
            forms=beside([("JSON", f"{path}?format=json"), ("Turtle", f"{path}?format=ttl")]) if path else "",
            iri=summary.iri,
            text=marked_text(found, base, highlight),
            passages=passages or html("<li>nothing</li>"),
            rows=join(html("<tr><th>{k}</th><td>{v}</td></tr>\n", k=k, v=v) for k, v in facts if v),
        ),
        here="/documents",
    )


def _said(claims: tuple[str, ...], known: dict[str, ClaimView], base: str) -> Html:
    """What is read from one passage, folded."""
    items = join(
        html("<li>{c}</li>", c=statement(known[c], base) if c in known else link(c, "claim", base))
        for c in claims
    )
    n = len(claims)
    return html(
        '<details class="small"><summary>{n} claim{s}</summary><ul class="plain">{items}</ul></details>',
        n=n,
        s="" if n == 1 else "s",
        items=items,
    )


def marked_text(found: DocumentPage, base: str, highlight: Span | None = None) -> Html:
    """The text with a link over every mention (of overlapping ones the longest), an anchor at every passage, and
    `highlight` marked.
    """
    text = found.text
    opens: dict[int, list[Html]] = {}
    anchors = {iri.partition("#")[2]: span.start for iri, span, _ in _passages(found)}
    if highlight is not None:
        anchors.setdefault(f"char={highlight.start},{highlight.end}", highlight.start)
    for name, start in anchors.items():
        opens.setdefault(start, []).append(html('<a id="{id}"></a>', id=name))
    links: dict[int, tuple[int, str, str, str]] = {}
    reached = 0
    for mention in sorted(found.mentions, key=lambda m: (m.start, -m.end, m.entity)):
        if mention.start >= reached and mention.start < mention.end <= len(text):
            links[mention.start] = (mention.end, mention.entity, mention.label, mention.kind or "")
            reached = mention.end
    marked = (highlight.start, highlight.end) if highlight is not None else (0, 0)
    ends = {end for end, *_ in links.values()}
    edges = sorted({0, len(text), *opens, *links, *ends, *_ends(found.boilerplate), *marked})
    out: list[Html] = []
    until = 0
    for here, there in pairwise(e for e in edges if e <= len(text)):
        out.extend(opens.get(here, []))
        if here < until:
            continue
        if here in links:
            until, entity, label, kind = links[here]
            out.append(_mention(text, (here, until), marked, local_path(entity, base), label, kind))
        elif any(start <= here < end for start, end in found.boilerplate):
            out.append(html('<span class="boilerplate">{t}</span>', t=_marked(text, here, there, marked)))
        else:
            out.append(_marked(text, here, there, marked))
    return join(out)


def _mention(
    text: str, span: tuple[int, int], marked: tuple[int, int], path: str | None, label: str, kind: str
) -> Html:
    shown = _marked(text, *span, marked)
    if path is None:
        return shown
    named = f"{label[:200]} ({in_words(kind).lower()})" if kind else label[:200]
    inside = html('<a class="{kind}" href="{path}" title="{named}">', kind=kind, path=path, named=named)
    return html("{a}{shown}</a>", a=inside, shown=shown)


def _marked(text: str, start: int, end: int, marked: tuple[int, int]) -> Html:
    """``text[start:end]``, with what of it is `marked` in a mark."""
    first, last = max(start, marked[0]), min(end, marked[1])
    if first >= last:
        return verbatim(text[start:end])
    parts = (text[start:first], text[first:last], text[last:end])
    before, inside, after = map(verbatim, parts)
    return html("{a}<mark>{b}</mark>{c}", a=before, b=inside, c=after)


def _ends(spans: Iterable[tuple[int, int]]) -> list[int]:
    return [end for span in spans for end in span]


def _passages(found: DocumentPage) -> list[tuple[str, Span, tuple[str, ...]]]:
    listed = []
    for iri, claims in found.claims.items():
        parsed = parse_passage(iri)
        if parsed is not None and parsed[1].end <= len(found.text):
            listed.append((iri, parsed[1], claims))
    return listed
