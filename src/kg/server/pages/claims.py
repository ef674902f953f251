"""Claims with the sentences they were read from: pieces of many pages, and pages of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from kg.query.evidence import ClaimView, DocumentRef, PassageView
from kg.query.nodes import Node, Value
from kg.server.pages.markup import Html, bdi, beside, html, in_words, join, link, page, passage_link


def term(value: Node | Value, base: str) -> Html:
    """A node as a link, a literal as text."""
    if isinstance(value, Value):
        return bdi(value.value)
    return link(value.iri, value.label, base)


def kind_mark(node: Node) -> Html:
    """The class of a thing, in its colour; nothing for what has none."""
    if not node.kind:
        return Html("")
    return html(
        '<span class="kind {kind}">{name}</span>', kind=node.kind, name=in_words(node.subkind or node.kind)
    )


def modality_mark(modality: str) -> Html:
    """How a claim is put, where it does not just say so."""
    if modality == "Asserted":
        return Html("")
    return html(' <span class="tag {m}">{m}</span>', m=modality)


def status_mark(status: str | None) -> Html:
    """How far an event is."""
    return html('<span class="tag {s}">{s}</span>', s=status) if status else Html("")


def source_of(document: DocumentRef) -> str:
    """What a document is called where it is cited."""
    return document.title or ", ".join(document.identifiers) or document.curie


def day_mark(day: str | None) -> Html:
    """A day."""
    return html('<time class="day" datetime="{d}">{d}</time>', d=day) if day else Html("")


def quote_block(passage: PassageView, document: DocumentRef, base: str) -> Html:
    """A sentence as it stands in its document, with a link to it there."""
    return html(
        '<blockquote><span class="context">{before}</span><mark>{quote}</mark>'
        '<span class="context">{after}</span><cite>{source} {day}</cite></blockquote>\n',
        before=passage.before,
        quote=passage.quote,
        after=passage.after,
        source=passage_link(passage.iri, source_of(document), base),
        day=day_mark(document.as_of),
    )


def said_how(claim: ClaimView) -> str:
    """Who says it, for when, how sure it is."""
    details = [f"as of {claim.document.as_of or 'an unknown day'}"]
    if claim.attribution:
        details.append(f"according to {claim.attribution}")
    if claim.valid_time:
        details.append(f"holding {claim.valid_time}")
    if claim.acting:
        details.append("acting")
    if claim.confidence is not None:
        details.append(f"confidence {claim.confidence:.2f}")
    return "; ".join(details)


def statement(claim: ClaimView, base: str) -> Html:
    """What a claim says, in one line."""
    return html(
        "{s} <em>{p}</em> {o}{modality}",
        s=term(claim.subject, base),
        p=in_words(claim.predicate.label),
        o=term(claim.object, base),
        modality=modality_mark(claim.modality),
    )


def claim_block(claim: ClaimView, base: str) -> Html:
    """A claim with its sentences."""
    return html(
        '<section class="claim"><h3>{statement}</h3>\n{quotes}<p class="said">{details} · {self}</p></section>\n',
        statement=statement(claim, base),
        quotes=join(quote_block(p, claim.document, base) for p in claim.passages),
        details=said_how(claim),
        self=link(claim.iri, "claim", base),
    )


def sentence_blocks(claims: Iterable[ClaimView], base: str) -> list[Html]:
    """Each sentence once, with all that was read from it."""
    read: dict[str, tuple[PassageView, DocumentRef, list[ClaimView]]] = {}
    for claim in claims:
        for passage in claim.passages:
            read.setdefault(passage.iri, (passage, claim.document, []))[2].append(claim)
    return [
        html(
            '<section class="claim">{quote}<ul class="plain said">{claims}</ul></section>\n',
            quote=quote_block(passage, document, base),
            claims=join(
                html(
                    "<li>{statement} <small>{self}</small></li>",
                    statement=statement(c, base),
                    self=link(c.iri, "claim", base),
                )
                for c in from_it
            ),
        )
        for passage, document, from_it in read.values()
    ]


def claim_page(claim: ClaimView, base: str) -> str:
    """The page of one claim, with what contradicts it and what it overtakes."""
    others = join(
        html("<p>{label} {other}</p>\n", label=label, other=link(iri, iri, base))
        for label, iris in (("Contradicts", claim.contradicts), ("Supersedes", claim.supersedes))
        for iri in iris
    )
    return page(
        f"Claim {claim.curie}",
        html(
            '<p class="kicker">Claim</p><h1>{s} {p} {o}</h1>\n{block}{others}<p>{curie}</p>',
            s=claim.subject.label,
            p=in_words(claim.predicate.label),
            o=claim.object.value if isinstance(claim.object, Value) else claim.object.label,
            block=claim_block(claim, base),
            others=others,
            curie=html("<code>{c}</code>", c=claim.curie),
        ),
    )


def evidence_path(subject: str, predicate: str, object_: str) -> str:
    """The path of the sentences behind a statement, its terms as IRIs or a literal's text."""
    return "/evidence?" + urlencode({"s": subject, "p": predicate, "o": object_})


def evidence_page(
    claims: Sequence[ClaimView], total: int, asked: list[tuple[str, str]], turn: Html, base: str
) -> str:
    """The page of the sentences behind something."""
    words = urlencode(asked)
    named = {(t.iri, t.label) for c in claims[:1] for t in (c.subject, c.object) if isinstance(t, Node)}
    about = " and ".join(label for iri, label in sorted(named) if (iri in dict(asked).values()))
    return page(
        "Evidence",
        html(
            '<p class="kicker">Evidence</p><h1>{heading}</h1>\n<p class="muted">{n}</p>\n{items}\n{turn}\n{forms}',
            heading=about or "What it was read from",
            n=f"{total} claim{'' if total == 1 else 's'}, the surest first",
            items=join(claim_block(c, base) for c in claims),
            turn=turn,
            forms=beside([("JSON", f"/evidence.json?{words}"), ("CSV", f"/evidence.csv?{words}")]),
        ),
    )
