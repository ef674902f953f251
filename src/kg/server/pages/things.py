"""Pages of one entity, one document, one claim."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from kg.model import Span
from kg.query.documents import DocumentPage
from kg.query.entities import EntityCard, Fact
from kg.query.evidence import ClaimView
from kg.query.nodes import Node, Value
from kg.server.pages.markup import Html, html, join, link, page
from kg.terms import parse_passage

NOTHING = Html("")
_DAY = Html(
    '<form method="get"><label>As published by <input name="as_of" placeholder="YYYY-MM-DD" required></label> '
    "<button>Show</button></form>\n"
)
#: Claims whose sentences are shown on an entity's page.
CLAIMS_SHOWN = 100


def entity_page(card: EntityCard, claims: Sequence[ClaimView], base: str, section: Html = NOTHING) -> str:
    """The page of an entity: names, facts, a `section` of its kind, the sentences about it."""
    return page(
        card.label,
        html(
            "<h1>{label}</h1>\n<p><span class=tag>{kind}</span> <code>{curie}</code></p>\n{names}{links}"
            "<h2>Facts</h2>\n{out}\n{into}\n{section}{day}<h2>Sentences</h2>\n<p class=muted>{count} claims, "
            "{mentions} mentions "
            'in {documents} documents. <a href="/neighbourhood?entity={curie}">Neighbourhood</a> '
            '<a href="/evidence?entity={curie}">Evidence</a></p>\n{claims}',
            label=card.label,
            kind=" · ".join(card.classes),
            curie=card.curie,
            names=html("<p>Also: {names}</p>\n", names="; ".join(card.names)) if card.names else "",
            links=html(
                "<p>Same as: {links}</p>\n", links=join((link(i, i, base) for i in card.exact_matches), ", ")
            )
            if card.exact_matches
            else "",
            out=facts_table(card.facts_out, card.facts_out_total, base),
            section=section,
            day=_DAY,
            into=facts_table(card.facts_in, card.facts_in_total, base),
            count=card.claim_count,
            mentions=card.mention_count,
            documents=len(card.documents),
            claims=join(claim_block(c, base) for c in claims),
        ),
    )


def facts_table(facts: Sequence[Fact], total: int, base: str) -> Html:
    """A table of flat facts."""
    rows = join(
        html(
            "<tr><td>{s}</td><td>{p}</td><td>{o}</td><td>{status}</td><td>{n}</td></tr>\n",
            s=term(f.subject, base),
            p=f.predicate.label,
            o=term(f.object, base),
            status=html("<span class=tag>{status}</span>", status=f.status) if f.status else "",
            n=f.claim_count,
        )
        for f in facts
    )
    more = html("<p class=muted>{n} more</p>", n=total - len(facts)) if total > len(facts) else ""
    table = html(
        "<table><tr><th>Subject<th>Relation<th>Object<th>Status<th>Claims</tr>\n{rows}</table>{more}",
        rows=rows,
        more=more,
    )
    return table if facts else Html("")


def term(value: Node | Value, base: str) -> Html:
    """A node as a link, a literal as text."""
    if isinstance(value, Value):
        return html("{value}", value=value.value)
    return link(value.iri, value.label, base)


def claim_block(claim: ClaimView, base: str) -> Html:
    """A claim with its sentences."""
    quotes = join(
        html(
            "<blockquote><span class=context>{before}</span><strong>{quote}</strong><span "
            "class=context>{after}</span>"
            "<br>{source}</blockquote>",
            before=p.before,
            quote=p.quote,
            after=p.after,
            source=link(p.iri, ", ".join(claim.document.identifiers) or p.iri, base),
        )
        for p in claim.passages
    )
    details = [f"as of {claim.document.as_of or 'an unknown day'}"]
    if claim.attribution:
        details.append(f"according to {claim.attribution}")
    if claim.valid_time:
        details.append(f"holding {claim.valid_time}")
    if claim.acting:
        details.append("acting")
    if claim.confidence is not None:
        details.append(f"confidence {claim.confidence:.2f}")
    return html(
        "<section><h3>{s} <em>{p}</em> {o} <span class=tag>{modality}</span></h3>\n{quotes}"
        "<p class=muted>{details} {self}</p></section>\n",
        s=term(claim.subject, base),
        p=claim.predicate.label,
        o=term(claim.object, base),
        modality=claim.modality,
        quotes=quotes,
        details="; ".join(details),
        self=link(claim.iri, claim.curie, base),
    )


def claim_page(claim: ClaimView, base: str) -> str:
    """The page of one claim, with what contradicts it and what it overtakes."""
    others = join(
        html("<p>{label} {other}</p>\n", label=label, other=link(iri, iri, base))
        for label, iris in (("Contradicts", claim.contradicts), ("Supersedes", claim.supersedes))
        for iri in iris
    )
    return page(
        f"Claim {claim.curie}",
        html("<h1>Claim</h1>\n{block}{others}", block=claim_block(claim, base), others=others),
    )


def document_page(found: DocumentPage, base: str) -> str:
    """The page of a document: its text, with mentions linked and passages that claims rest on as anchors."""
    summary = found.summary
    facts = (
        ("Identifiers", "; ".join(summary.identifiers)),
        ("Issued", summary.issued),
        ("As of", f"{summary.as_of or 'unknown'} ({summary.as_of_basis})"),
        ("Source", summary.source),
        ("SHA-256 of the text", summary.sha256),
    )
    rows = join(html("<tr><th>{k}</th><td>{v}</td></tr>\n", k=k, v=v) for k, v in facts if v)
    title = summary.title or ", ".join(summary.identifiers) or summary.curie
    passages = join(
        html(
            '<li><a href="#{anchor}">{quote}</a> {claims}</li>\n',
            anchor=iri.partition("#")[2],
            quote=found.text[span.start : span.end],
            claims=join((link(c, "claim", base) for c in claims), " "),
        )
        for iri, span, claims in _passages(found)
    )
    return page(
        title,
        html(
            "<h1>{title}</h1>\n<table>{rows}</table>\n<h2>Text</h2>\n<div class=text>{text}</div>\n"
            "<h2>What claims rest on</h2>\n<ol>{passages}</ol>",
            title=title,
            rows=rows,
            text=marked_text(found, base),
            passages=passages or html("<li>nothing</li>"),
        ),
    )


def marked_text(found: DocumentPage, base: str) -> Html:
    """The text with a link over every mention (of overlapping ones the longest) and an anchor at every
    passage.
    """
    text = found.text
    opens: dict[int, list[Html]] = {}
    for iri, span, _ in _passages(found):
        opens.setdefault(span.start, []).append(html('<a id="{id}"></a>', id=iri.partition("#")[2]))
    links: dict[int, tuple[int, str, str]] = {}
    reached = 0
    for mention in sorted(found.mentions, key=lambda m: (m.start, -m.end, m.entity)):
        if mention.start >= reached and mention.start < mention.end <= len(text):
            links[mention.start] = (mention.end, mention.entity, mention.label)
            reached = mention.end
    edges = sorted(
        {0, len(text), *opens, *links, *(end for end, _, _ in links.values()), *_ends(found.boilerplate)}
    )
    out: list[Html] = []
    until = 0
    for here, there in pairwise(edges):
        out.extend(opens.get(here, []))
        if here < until:
            continue
        if here in links:
            until, entity, _ = links[here]
            out.append(link(entity, text[here:until], base))
        elif any(start <= here < end for start, end in found.boilerplate):
            out.append(html("<span class=boilerplate>{t}</span>", t=text[here:there]))
        else:
            out.append(html("{t}", t=text[here:there]))
    return join(out)


def _ends(spans: Iterable[tuple[int, int]]) -> list[int]:
    return [end for span in spans for end in span]


def _passages(found: DocumentPage) -> list[tuple[str, Span, tuple[str, ...]]]:
    listed = []
    for iri, claims in found.claims.items():
        parsed = parse_passage(iri)
        if parsed is not None and parsed[1].end <= len(found.text):
            listed.append((iri, parsed[1], claims))
    return listed
