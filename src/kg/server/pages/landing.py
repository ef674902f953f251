"""The first page: what is inside, what is new, and what to try."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.query.contradictions import Contradiction
from kg.query.documents import DocumentSummary
from kg.query.events import Happening
from kg.query.nodes import Node, Value
from kg.query.plans import Plan
from kg.query.search import EntityHit
from kg.server.pages.claims import day_mark, term
from kg.server.pages.days import in_days
from kg.server.pages.markup import Html, bdi, html, in_words, join, link, page
from kg.server.pages.timeline import happening_row

_CAME = {"moved": "moved", "cancelled": "called off", "overdue": "overdue", "kept": "as planned"}


@dataclass(frozen=True, slots=True)
class Inside:
    """What a generation holds: entities by class, documents, the most mentioned entities, what is new."""

    generation: str
    documents: int
    kinds: dict[str, int]
    known: tuple[EntityHit, ...]
    events: tuple[Happening, ...] = ()
    slipped: tuple[Plan, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    contradictions_total: int = 0
    latest: tuple[DocumentSummary, ...] = ()


def ideas(known: Sequence[EntityHit]) -> list[tuple[str, str]]:
    """(path, what it shows) of things to try, made of entities that are there."""
    found = [("/contradictions", "claims that cannot both be right"), ("/queries", "saved questions")]
    if known:
        name = known[0].curie
        found = [
            (
                f"/neighbourhood?entity={name}&depth=2",
                f"everything around {known[0].label}, with its sentences",
            ),
            (f"/evidence?entity={name}", f"who said what about {known[0].label}"),
            *found,
        ]
    if len(known) > 1:
        found.append(
            (
                f"/paths?source={known[0].curie}&target={known[1].curie}",
                f"how {known[0].label} and {known[1].label} are joined",
            )
        )
    found.append(("/dump/facts.ttl", "all facts as Turtle"))
    return found


def landing_page(inside: Inside, base: str) -> str:
    """The page at ``/``."""
    tries = join(
        html('<li><a href="{path}"><code>{path}</code></a><br>{what}</li>\n', path=path, what=what)
        for path, what in ideas(inside.known)
    )
    return page(
        "",
        html(
            '<section class="hero"><h1>Every fact opens the sentence it was read from</h1>\n'
            '<p class="lead">People, offices, bodies, places, agreements and events in '
            '<a href="/documents">{documents} documents</a>: what is, what was planned, who said so, and what was '
            "known when.</p>\n"
            '<form class="find" action="/search" method="get" role="search"><input name="q" type="search" required '
            'maxlength="500" aria-label="Search" placeholder="A person, a base, a ministry, a phrase"><button '
            'class="main">Search</button></form>{known}</section>\n<div class="cards">{cards}</div>\n'
            "<details><summary>For programs</summary><ul>{tries}</ul><p class=muted>Generation {generation}</p>"
            "</details>",
            documents=inside.documents,
            known=html(
                '<ul class="tabs">{known}</ul>',
                known=join(_chip(h, base) for h in inside.known if h.kind != "Event"),
            )
            if inside.known
            else "",
            cards=join(
                (_events(inside, base), _conflicts(inside, base), _documents(inside, base), _kinds(inside))
            ),
            tries=tries,
            generation=inside.generation,
        ),
    )


def _chip(hit: EntityHit, base: str) -> Html:
    return html('<li class="{kind}">{link}</li>', kind=hit.kind or "", link=link(hit.iri, hit.label, base))


def _card(heading: str, path: str, more: str, items: Sequence[Html]) -> Html:
    if not items:
        return Html("")
    return html(
        '<section class="card"><h2>{heading}</h2><ul class="plain rows">{items}</ul>'
        '<p class="small"><a href="{path}">{more}</a></p></section>\n',
        heading=heading,
        items=join(items),
        path=path,
        more=more,
    )


def _events(inside: Inside, base: str) -> Html:
    if not inside.events:
        return Html("")
    return html(
        '<section class="card"><h2>Latest events</h2><ul class="happenings">{items}</ul>'
        '<p class="small"><a href="/timeline">The whole timeline</a></p></section>\n',
        items=join(happening_row(h, base, dated=True) for h in inside.events),
    )


def _conflicts(inside: Inside, base: str) -> Html:
    slipped = [
        html(
            '<li>{event}<br><span class="muted small">announced for {was}{then}</span></li>',
            event=term(p.event, base),
            was=_shown(p.plan.object),
            then=_then(p),
        )
        for p in inside.slipped
    ]
    pairs = [
        html(
            '<li>{s} <em class="muted">{p}</em><br><span class="muted small">{one} or {other}</span></li>',
            s=term(c.one.subject, base),
            p=in_words(c.one.predicate.label),
            one=bdi(_shown(c.one.object)),
            other=bdi(_shown(c.other.object)),
        )
        for c in inside.contradictions
    ]
    return join(
        (
            _card("Slipped plans", "/plans", "All plans and outcomes", slipped),
            _card("Contradictions", "/contradictions", f"All {inside.contradictions_total}", pairs),
        )
    )


def _then(plan: Plan) -> str:
    if plan.outcome is not None and plan.came == "moved":
        return f", then {_shown(plan.outcome.object)}"
    return f", {_CAME[plan.came]}"


def _shown(value: Node | Value) -> str:
    return in_days(value.value) if isinstance(value, Value) else value.label


def _documents(inside: Inside, base: str) -> Html:
    items = [
        html(
            "<li>{title} {day}</li>",
            title=link(d.iri, d.title or ", ".join(d.identifiers) or d.curie, base),
            day=day_mark(d.as_of),
        )
        for d in inside.latest
    ]
    return _card("Latest documents", "/documents", f"All {inside.documents}", items)


def _kinds(inside: Inside) -> Html:
    items = [
        html(
            '<li><a class="kind {kind}" href="/entities?type={kind}">{kind}</a> <span class="muted small">{n}</span>'
            "</li>",
            kind=kind,
            n=n,
        )
        for kind, n in inside.kinds.items()
    ]
    return html(
        '<section class="card"><h2>Inside</h2><ul class="plain columns">{items}</ul>'
        '<p class="small"><a href="/entities">All entities</a></p></section>\n',
        items=join(items),
    )
