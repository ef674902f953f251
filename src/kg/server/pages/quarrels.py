"""The page of contradictions."""

from __future__ import annotations

from kg.query.contradictions import Contradiction, Contradictions, Quarrel
from kg.server.pages.lists import turn_pages
from kg.server.pages.markup import Html, html, join, link, page
from kg.server.pages.things import claim_block

_HEADINGS = {
    Quarrel.DENIED: "Said and denied",
    Quarrel.HOLDERS: "Two holders of one office",
    Quarrel.STATUS: "Begun, and still to come",
    Quarrel.VALUES: "Two values where there is one",
}


def contradictions_page(found: Contradictions, base: str, entity: str | None, kind: str | None) -> str:
    """The page of a list of contradictions."""
    words = [(name, value) for name, value in (("entity", entity), ("kind", kind)) if value]
    kinds = join(
        (
            html('<a href="/contradictions?kind={kind}">{label}</a>', kind=q.value, label=label)
            for q, label in _HEADINGS.items()
        ),
        " · ",
    )
    return page(
        "Contradictions",
        html(
            "<h1>Contradictions</h1>\n<p>{total} in all{about}. {kinds} · "
            '<a href="/contradictions.csv">CSV</a></p>\n{items}\n{turn}',
            total=found.total,
            about=f" about {entity}" if entity else "",
            kinds=kinds,
            items=join(pair_block(pair, base) for pair in found.items),
            turn=turn_pages("/contradictions", words, found.offset, found.limit, found.total),
        ),
    )


def pair_block(pair: Contradiction, base: str) -> Html:
    """Both claims with their sentences, and whether a later document settled the matter."""
    return html(
        "<article><h2>{heading}</h2>\n{one}{other}<p>{settled}</p></article>\n",
        heading=_HEADINGS[Quarrel(pair.kind)],
        one=claim_block(pair.one, base),
        other=claim_block(pair.other, base),
        settled=_verdict(pair, base),
    )


def _verdict(pair: Contradiction, base: str) -> Html:
    settled = pair.settled
    if settled is None:
        return html("Open: no later document takes a side.")
    sides = {"one": "for the first", "other": "for the second", "neither": "for neither"}
    return html(
        "Settled {side} on {day}: {claim}",
        side=sides[settled.in_favour],
        day=settled.on,
        claim=link(
            settled.claim.iri, settled.claim.passages[0].quote if settled.claim.passages else "claim", base
        ),
    )
