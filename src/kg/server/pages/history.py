"""The pages of offices and of what changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from kg.query.changes import Diff
from kg.query.evidence import ClaimView
from kg.query.nodes import Node, Value
from kg.query.offices import OfficeHistory, Offices
from kg.server.pages.claims import day_mark, term
from kg.server.pages.lists import turn_pages
from kg.server.pages.markup import Html, beside, html, join, link, page, passage_link
from kg.server.pages.quarrels import pair_block


def offices_page(found: Offices, base: str, words: list[tuple[str, str]]) -> str:
    """The page of offices and their holders."""
    return page(
        "Offices",
        html(
            '<header class="thing"><div><h1>Offices{on}</h1><p class="lead">{total} in all</p></div>{forms}</header>\n'
            "{form}{blocks}\n{turn}",
            forms=beside([("JSON", f"/offices.json?{urlencode(words)}")]),
            on=f" on {found.on}" if found.on else "",
            total=found.total,
            form=_FORM,
            blocks=join(
                html(
                    "<h2>{office}</h2>\n{holders}", office=term(h.office, base), holders=office_block(h, base)
                )
                for h in found.items
            ),
            turn=turn_pages("/offices", words, found.offset, found.limit, found.total),
        ),
        here="/offices",
    )


_FORM = Html(
    '<form class="fields" action="/offices" method="get"><label>Country or body <input name="body"></label> '
    '<label>On <input name="on" placeholder="YYYY-MM-DD"></label> <button>Show</button></form>\n'
)


def office_block(history: OfficeHistory, base: str) -> Html:
    """Who held one office: on the day asked for, and one after the other."""
    return html(
        "{now}{table}",
        now=join(
            html(
                "<p><strong>{who}</strong> <span class=tag>{basis}{acting}{contested}</span> {quote}</p>\n",
                who=term(h.person, base),
                basis=h.basis,
                acting=", acting" if h.acting else "",
                contested=", contested" if history.contested else "",
                quote=_quoted(h.claim, base),
            )
            for h in history.holders
        ),
        table=tenures_table([history], base, of_office=True),
    )


def offices_section(histories: Sequence[OfficeHistory], base: str, *, of_office: bool) -> Html:
    """What an entity's page says of an office's holders, or of a person's offices; nothing where there are none."""
    table = tenures_table(histories, base, of_office=of_office)
    heading = "Holders" if of_office else "Offices"
    return html("<h2>{heading}</h2>\n{table}\n", heading=heading, table=table) if table else table


def tenures_table(histories: Iterable[OfficeHistory], base: str, *, of_office: bool) -> Html:
    """Holders of offices with the days they are attested; the first column is the office unless `of_office`."""
    rows = [
        html(
            "<tr><td>{who}{marks}</td><td>{first}</td><td>{last}</td><td>{over}</td><td>{n}</td><td>{quote}</td></tr>\n",
            who=term(t.person if of_office else history.office, base),
            marks=_marks(acting=t.acting, planned=t.planned),
            first=day_mark(t.first),
            last=day_mark(t.last),
            over=day_mark(t.ended_by),
            n=t.documents,
            quote=_quoted(t.shown[-1], base) if t.shown else "",
        )
        for history in histories
        for t in history.tenures
    ]
    if not rows:
        return Html("")
    head = "Holder" if of_office else "Office"
    return html(
        '<table class="stack"><thead><tr><th>{head}<th>First attested<th>Last attested<th>Over by<th>Documents'
        "<th>Sentence</thead>\n<tbody>{rows}</tbody></table>",
        head=head,
        rows=join(rows),
    )


def _marks(*, acting: bool, planned: bool) -> str:
    return (" (acting)" if acting else "") + (" (to come)" if planned else "")


def diff_page(found: Diff, base: str) -> str:
    """The page of what changed between two days."""
    parts = [
        _listed("Documents", (link(d.iri, ", ".join(d.identifiers), base) for d in found.documents)),
        _listed(
            "Changed",
            (
                html(
                    "{s} <em>{p}</em>: {was} → {now} {quote}",
                    s=term(c.subject, base),
                    p=c.predicate.label,
                    was=_terms(c.before, base),
                    now=_terms(c.after, base),
                    quote=_quoted(c.claim, base),
                )
                for c in found.changed
            ),
        ),
        _listed(
            "Overtaken",
            (
                html(
                    "{s} <em>{p}</em>: {was} → {now} {quote}",
                    s=term(o.plan.subject, base),
                    p=o.plan.predicate.label,
                    was=term(o.plan.object, base),
                    now=term(o.outcome.object, base),
                    quote=_quoted(o.outcome, base),
                )
                for o in found.overtaken
            ),
        ),
        _listed(
            "Learned",
            (
                html(
                    "{s} <em>{p}</em> {o} {quote}",
                    s=term(new.subject, base),
                    p=new.predicate.label,
                    o=term(new.object, base),
                    quote=_quoted(new.claim, base),
                )
                for new in found.learned
            ),
        ),
        _listed(
            "Withdrawn",
            (
                html(
                    "{s} <em>{p}</em> {o}",
                    s=term(w.subject, base),
                    p=w.predicate.label,
                    o=term(w.object, base),
                )
                for w in found.withdrawn
            ),
        ),
        _listed(
            "Found to be one",
            (html("{now}: {was}", now=term(j.now, base), was=_terms(j.before, base)) for j in found.joined),
        ),
        _listed("New things", (term(e, base) for e in found.entities)),
        join(pair_block(pair, base) for pair in (*found.contradictions, *found.settled)),
    ]
    counts = ", ".join(f"{n} {name}" for name, n in found.totals.items() if n)
    return page(
        "What changed",
        html(
            "<h1>From {since} to {until}</h1>\n<p>{counts}</p>\n{parts}",
            since=found.since,
            until=found.until or "all that is known",
            counts=counts or "nothing changed",
            parts=join(parts),
        ),
    )


def _listed(heading: str, items: Iterable[Html]) -> Html:
    lines = join(html("<li>{item}</li>\n", item=item) for item in items)
    return html("<h2>{heading}</h2>\n<ul>{lines}</ul>\n", heading=heading, lines=lines) if lines else Html("")


def _terms(terms: Sequence[Node | Value], base: str) -> Html:
    return join((term(t, base) for t in terms), "; ")


def _quoted(claim: ClaimView | None, base: str) -> Html:
    if claim is None or not claim.passages:
        return Html("")
    source = ", ".join(claim.document.identifiers) or claim.document.curie
    return html(
        "<q>{quote}</q> <small>{source}</small>",
        quote=claim.passages[0].quote,
        source=passage_link(claim.passages[0].iri, source, base),
    )
