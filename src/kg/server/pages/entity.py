"""The page of an entity: what it is called, what is known of it, and the sentences that say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from kg.query.entities import EntityCard, Fact
from kg.query.events import Happening
from kg.query.evidence import ClaimView
from kg.query.nodes import Node, Value
from kg.query.sameness import Decision
from kg.server.pages.claims import day_mark, evidence_path, sentence_blocks, source_of, status_mark, term
from kg.server.pages.explore import workspace
from kg.server.pages.markup import MOST_SHOWN, Html, bdi, beside, html, in_words, join, link, local_path, page
from kg.server.pages.timeline import happening_row

NOTHING = Html("")
#: Claims whose sentences are shown on an entity's page.
CLAIMS_SHOWN = 40
_NAMES_SHOWN = 30
_SENTENCES_OPEN = 6


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the page of an entity shows beside its card."""

    claims: Sequence[ClaimView]
    events: Sequence[Happening] = ()
    events_total: int = 0
    decisions: Sequence[Decision] = ()
    days: Sequence[str] = ()
    offices: Html = NOTHING


def entity_page(card: EntityCard, around: Surroundings, base: str) -> str:
    """The page of an entity."""
    path = local_path(card.iri, base) or ""
    return page(
        card.label,
        html(
            "{head}\n{workspace}\n"
            '<div class="split"><div>{facts}{offices}{events}{sentences}</div><aside>{side}</aside></div>',
            head=_head(card, path),
            workspace=workspace(card.iri, card.label, around.days),
            facts=_facts(card, base),
            offices=around.offices,
            events=_events(card, around, base),
            sentences=_sentences(card, around, base),
            side=_side(card, around, base),
        ),
        here="/entities",
    )


def _head(card: EntityCard, path: str) -> Html:
    kind = card.subkind or card.kind or "Thing"
    names = card.names[:_NAMES_SHOWN]
    more = f" and {len(card.names) - len(names)} more" if len(card.names) > len(names) else ""
    forms = [("CSV", f"/neighbourhood?{urlencode({'entity': card.iri, 'format': 'csv'})}")]
    if path:
        forms = [("JSON", f"{path}?format=json"), *forms, ("Turtle", f"{path}?format=ttl")]
    return html(
        '<header class="thing"><div><p class="kicker"><span class="kind {top}">{kind}</span></p>'
        "<h1{long}>{label}</h1>{also}"
        '<ul class="meta"><li>{claims}</li><li>{mentions}</li><li>{documents}</li><li><code>{curie}</code></li></ul>'
        "</div>{forms}</header>",
        top=card.kind or "",
        kind=in_words(kind),
        long=Html(' class="long"') if len(card.label) > MOST_SHOWN else "",
        label=card.label,
        also=html(
            '<p class="also">Also: {names}{more}</p>', names=join((bdi(n) for n in names), "; "), more=more
        )
        if names
        else "",
        claims=count(card.claim_count, "claim"),
        mentions=count(card.mention_count, "mention"),
        documents=count(len(card.documents), "document"),
        curie=bdi(card.curie),
        forms=beside(forms),
    )


def count(number: int, noun: str) -> str:
    """``3 claims``, ``1 claim``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _facts(card: EntityCard, base: str) -> Html:
    events = {"Event"} if card.kind != "Event" else set()
    into = [f for f in card.facts_in if f.subject.kind not in events]
    rows = [*_grouped(card.facts_out, base, outward=True), *_grouped(into, base, outward=False)]
    if not rows:
        return NOTHING
    left = card.facts_out_total - len(card.facts_out) + card.facts_in_total - len(card.facts_in)
    more = html(
        '<p class="muted">{n} more in <a href="/neighbourhood?entity={curie}&amp;format=csv">CSV</a></p>',
        n=left,
        curie=card.curie,
    )
    return html(
        '<h2 id="facts">Facts</h2>\n<dl class="facts">{rows}</dl>{more}\n',
        rows=join(rows),
        more=more if left > 0 else "",
    )


def _grouped(facts: Sequence[Fact], base: str, *, outward: bool) -> list[Html]:
    """A list of descriptions: each relation once, with what it leads to or comes from."""
    groups: dict[str, list[Fact]] = {}
    for fact in facts:
        groups.setdefault(fact.predicate.label, []).append(fact)
    return [
        html(
            "<dt>{arrow}{relation}</dt>{items}\n",
            arrow="" if outward else Html('<span aria-label="of it:">← </span>'),
            relation=in_words(name),
            items=join(
                html(
                    "<dd>{what} {status}{why}</dd>",
                    what=_value(f.object if outward else f.subject, base),
                    status=status_mark(f.status),
                    why=_why(f),
                )
                for f in group
            ),
        )
        for name, group in groups.items()
    ]


def _value(value: Node | Value, base: str) -> Html:
    if isinstance(value, Node) and value.kind is None and value.curie.startswith("kg:"):
        return html('<span class="tag {name}">{name}</span>', name=value.label)
    return term(value, base)


def _why(fact: Fact) -> Html:
    if not fact.claim_count:
        return NOTHING
    object_ = fact.object.value if isinstance(fact.object, Value) else fact.object.iri
    return html(
        ' <a class="why" href="{path}">{n}</a>',
        path=evidence_path(fact.subject.iri, fact.predicate.iri, object_),
        n=count(fact.claim_count, "source"),
    )


def _events(card: EntityCard, around: Surroundings, base: str) -> Html:
    events = [h for h in around.events if h.event.iri != card.iri]
    if not events:
        return NOTHING
    left = around.events_total - len(around.events)
    more = html(
        '<p><a href="/timeline?entity={curie}">All {n} events</a></p>',
        curie=card.curie,
        n=around.events_total,
    )
    return html(
        '<h2 id="events">Events</h2>\n<ul class="happenings">{items}</ul>{more}\n',
        items=join(happening_row(h, base, dated=True) for h in events),
        more=more if left > 0 else "",
    )


def _sentences(card: EntityCard, around: Surroundings, base: str) -> Html:
    left = card.claim_count - len(around.claims)
    blocks = sentence_blocks(around.claims, base)
    rest = blocks[_SENTENCES_OPEN:]
    return html(
        '<h2 id="sentences">Sentences</h2>\n{blocks}{rest}<p><a href="/evidence?entity={curie}">{all}</a></p>\n',
        blocks=join(blocks[:_SENTENCES_OPEN]) or html('<p class="muted">No claim is about it.</p>'),
        rest=html("<details><summary>{n} more sentences</summary>{b}</details>", n=len(rest), b=join(rest))
        if rest
        else "",
        curie=card.curie,
        all=f"All {card.claim_count} claims" if left > 0 else "The same, claim by claim",
    )


def _side(card: EntityCard, around: Surroundings, base: str) -> Html:
    documents = join(
        html("<li>{source} {day}</li>", source=link(d.iri, source_of(d), base), day=day_mark(d.as_of))
        for d in card.documents
    )
    return html(
        "{day}<h2>Documents</h2>\n<ul class='plain rows'>{documents}</ul>\n{elsewhere}{identity}",
        day=day_form(),
        documents=documents,
        elsewhere=html(
            "<h2>Elsewhere</h2><ul class='plain rows'>{links}</ul>\n",
            links=join(html("<li>{a}</li>", a=link(i, i, base)) for i in card.exact_matches),
        )
        if card.exact_matches
        else "",
        identity=_identity(card, around.decisions),
    )


def _identity(card: EntityCard, decisions: Sequence[Decision]) -> Html:
    if not card.other_iris and not decisions:
        return NOTHING
    items = join(
        html(
            "<li><span class='tag'>{verdict}</span> <span class='small'>{one} and {other}<br>"
            "<span class='muted'>{because}</span></span></li>",
            verdict=d.verdict,
            one=bdi(d.one.rpartition("/")[2]),
            other=bdi(d.other.rpartition("/")[2]),
            because="; ".join(d.because),
        )
        for d in decisions
    )
    return html(
        "<h2>Why it is one thing</h2>\n<p class='small muted'>{n} under other names in documents.</p>"
        "<details{open}><summary>{k}</summary><ul class='plain rows'>{items}</ul></details>",
        n=count(len(card.other_iris), "more") if card.other_iris else "Nothing",
        open=Html(" open") if len(decisions) < 4 else "",
        k=count(len(decisions), "decision"),
        items=items,
    )


def day_form() -> Html:
    """A form for the page as it stood on a day."""
    return Html(
        '<form method="get" class="fields"><label>As published by <input name="as_of" size="12" '
        'placeholder="YYYY-MM-DD" required></label> <button>Show</button></form>\n'
    )
