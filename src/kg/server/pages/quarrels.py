"""The pages of conflicts: claims that cannot both be right, and plans beside what came of them."""

from __future__ import annotations

from urllib.parse import urlencode

from kg.query.contradictions import Contradiction, Contradictions, Quarrel
from kg.query.evidence import ClaimView
from kg.query.nodes import Value
from kg.query.plans import Outcome, Plan, Plans
from kg.server.pages.claims import day_mark, modality_mark, quote_block, source_of, term
from kg.server.pages.days import in_days
from kg.server.pages.lists import turn_pages
from kg.server.pages.markup import Html, bdi, beside, html, in_words, join, link, page, passage_link

_HEADINGS = {
    Quarrel.DENIED: "Said and denied",
    Quarrel.HOLDERS: "Two holders of one office",
    Quarrel.STATUS: "Begun, and still to come",
    Quarrel.VALUES: "Two values where there is one",
}
_CAME = {
    Outcome.MOVED: "Moved to another day",
    Outcome.CANCELLED: "Called off",
    Outcome.OVERDUE: "Overdue",
    Outcome.KEPT: "As planned",
}


def contradictions_page(found: Contradictions, base: str, entity: str | None, kind: str | None) -> str:
    """The page of a list of contradictions."""
    words = [(name, value) for name, value in (("entity", entity), ("kind", kind)) if value]
    tabs = [("All", None), *((label, q.value) for q, label in _HEADINGS.items())]
    return page(
        "Conflicts",
        html(
            '<header class="thing"><div><h1>Contradictions</h1><p class="lead">{total} of claims that cannot '
            "both be right{about}, with the sentence behind each.</p></div>{forms}</header>\n{sections}{tabs}\n"
            "{items}\n{turn}",
            total="1 pair" if found.total == 1 else f"{found.total} pairs",
            about=f", about {entity}" if entity else "",
            forms=_forms("/contradictions", words),
            sections=_sections("/contradictions", entity),
            tabs=_tabs("/contradictions", tabs, entity, kind),
            items=join(pair_block(pair, base) for pair in found.items)
            or html('<p class="muted">No two claims exclude each other here.</p>'),
            turn=turn_pages("/contradictions", words, found.offset, found.limit, found.total),
        ),
        here="/contradictions",
    )


def plans_page(found: Plans, base: str, entity: str | None, kind: str | None) -> str:
    """The page of plans and outcomes."""
    words = [(name, value) for name, value in (("entity", entity), ("kind", kind)) if value]
    counted = [(f"{label} ({found.totals.get(o.value, 0)})", o.value) for o, label in _CAME.items()]
    return page(
        "Slipped plans",
        html(
            '<header class="thing"><div><h1>Slipped plans</h1><p class="lead">What was announced{about}, beside what '
            "came of it.</p></div>{forms}</header>\n{sections}{tabs}\n{items}\n{turn}",
            about=f" about {entity}" if entity else "",
            forms=_forms("/plans", words),
            sections=_sections("/plans", entity),
            tabs=_tabs("/plans", [("All", None), *counted], entity, kind),
            items=join(plan_block(plan, base) for plan in found.items)
            or html('<p class="muted">No plan of this kind is known.</p>'),
            turn=turn_pages("/plans", words, found.offset, found.limit, found.total),
        ),
        here="/contradictions",
    )


def _forms(path: str, words: list[tuple[str, str]]) -> Html:
    asked = f"?{urlencode(words)}" if words else ""
    return beside(
        [
            (name, f"{path}.{ending}{asked}")
            for name, ending in (("JSON", "json"), ("CSV", "csv"), ("Turtle", "ttl"))
        ]
    )


def _sections(here: str, entity: str | None) -> Html:
    about = f"?{urlencode({'entity': entity})}" if entity else ""
    return _row(
        [
            (label, path + about, path == here)
            for label, path in (("Contradictions", "/contradictions"), ("Slipped plans", "/plans"))
        ]
    )


def _tabs(path: str, tabs: list[tuple[str, str | None]], entity: str | None, kind: str | None) -> Html:
    rows = []
    for label, value in tabs:
        words = [(n, v) for n, v in (("entity", entity), ("kind", value)) if v]
        rows.append((label, path + (f"?{urlencode(words)}" if words else ""), value == kind))
    return _row(rows)


def _row(items: list[tuple[str, str, bool]]) -> Html:
    return html(
        '<ul class="tabs">{items}</ul>',
        items=join(
            html(
                '<li><a href="{path}"{here}>{label}</a></li>',
                path=path,
                here=Html(' aria-current="true"') if here else "",
                label=label,
            )
            for label, path, here in items
        ),
    )


def pair_block(pair: Contradiction, base: str) -> Html:
    """Both claims with their sentences, and whether a later document settled the matter."""
    one, other = pair.one, pair.other
    if (other.document.as_of or "") < (one.document.as_of or ""):
        one, other = other, one
    same = one.subject.iri == other.subject.iri
    return html(
        '<article class="pair"><header><h2>{subject} <em class="muted">{relation}</em></h2>'
        '<span class="tag">{kind}</span></header>\n<div class="sides">{sides}</div>'
        '<p class="verdict">{settled}</p></article>\n',
        subject=term(one.subject if same else one.object, base),
        relation=in_words(one.predicate.label),
        kind=_HEADINGS[Quarrel(pair.kind)],
        sides=join(_side(c, base, shows_object=same) for c in (one, other)),
        settled=_verdict(pair, base),
    )


def plan_block(plan: Plan, base: str) -> Html:
    """A plan and what came of it."""
    came = Outcome(plan.came)
    outcome = (
        _side(plan.outcome, base, shows_object=True, heading="Then")
        if plan.outcome is not None
        else html(
            "<section><h3>Then</h3><p class='value'>Nothing known</p><p class='muted'>Its day was over when the latest "
            "document was published, and none says what came of it.</p></section>"
        )
    )
    return html(
        '<article class="pair"><header><h2>{event}</h2><span class="tag {kind}">{came}{days}</span></header>\n'
        '<div class="sides">{one}{other}</div></article>\n',
        event=term(plan.event, base),
        kind={"moved": "planned", "cancelled": "cancelled", "kept": "held"}.get(plan.came, ""),
        came=_CAME[came],
        days=_days(plan.days),
        one=_side(plan.plan, base, shows_object=True, heading="Announced"),
        other=outcome,
    )


def _days(days: int | None) -> str:
    if not days:
        return ""
    return f": {abs(days)} day{'' if abs(days) == 1 else 's'} {'later' if days > 0 else 'earlier'}"


def _side(claim: ClaimView, base: str, *, shows_object: bool, heading: str = "") -> Html:
    value = claim.object if shows_object else claim.subject
    shown = (
        bdi(in_days(value.value))
        if isinstance(value, Value)
        else link(value.iri, in_words(value.label), base)
    )
    return html(
        "<section><h3>{heading}{day}{modality}</h3><p class='value'>{value}</p>{quotes}{said}</section>\n",
        heading=html("{h} ", h=heading) if heading else "",
        day=day_mark(claim.document.as_of),
        modality=modality_mark(claim.modality),
        value=shown,
        quotes=join(quote_block(p, claim.document, base) for p in claim.passages),
        said=html("<p class='muted small'>According to {who}.</p>", who=claim.attribution)
        if claim.attribution
        else "",
    )


def _verdict(pair: Contradiction, base: str) -> Html:
    settled = pair.settled
    if settled is None:
        return html("Open: no later document takes a side.")
    chosen = {"one": pair.one, "other": pair.other}.get(settled.in_favour)
    words = (
        f"for what was said on {in_days(chosen.document.as_of)}"
        if chosen is not None and chosen.document.as_of
        else "for neither"
    )
    claim = settled.claim
    return html(
        "<strong>Settled</strong> on {day}, {side}: {quote} {source}",
        side=words,
        day=in_days(settled.on),
        quote=html("<q>{q}</q>", q=claim.passages[0].quote) if claim.passages else "",
        source=passage_link(claim.passages[0].iri, source_of(claim.document), base)
        if claim.passages
        else link(claim.iri, "claim", base),
    )
