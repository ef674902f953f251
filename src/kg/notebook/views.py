"""What the client answers with: the values of `kg.query`, shown as text and as escaped HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

from kg.query.documents import DocumentPage
from kg.query.entities import EntityCard, Fact
from kg.query.evidence import ClaimView
from kg.query.neighbourhood import Neighbourhood
from kg.query.nodes import Node, Value
from kg.query.offices import Offices
from kg.query.search import SearchAnswer
from kg.server.pages.markup import Html, html, join

T = TypeVar("T")

#: Rows that a view shows; the value holds all.
_SHOWN = 20


class View(Generic[T]):
    """A value of `kg.query` (`value`; its fields are also those of the view) with a text and an HTML form."""

    def __init__(self, value: T) -> None:
        self.value = value

    def __getattr__(self, name: str) -> object:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.value, name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, View) and self.value == other.value

    def __hash__(self) -> int:
        return id(self)


class EntityView(View[EntityCard]):
    """An entity's card."""

    def __repr__(self) -> str:
        card = self.value
        lines = [f"{card.label} ({' · '.join(card.classes)}) <{card.iri}>"]
        if card.names:
            lines.append(f"  also: {'; '.join(card.names)}")
        lines += [f"  {_term(f.subject)} {f.predicate.label} {_term(f.object)}" for f in _facts(card)]
        lines.append(
            f"  {card.claim_count} claims, {card.mention_count} mentions, {len(card.documents)} documents"
        )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        card = self.value
        rows = [
            (_term(f.subject), f.predicate.label, _term(f.object), str(f.claim_count)) for f in _facts(card)
        ]
        return html(
            "<h4>{label} <small>{kind}</small></h4><p><code>{iri}</code><br>{names}</p>{facts}"
            "<p>{claims} claims, {mentions} mentions, {documents} documents</p>",
            label=card.label,
            kind=" · ".join(card.classes),
            iri=card.iri,
            names="; ".join(card.names),
            facts=_table(("subject", "relation", "object", "claims"), rows),
            claims=card.claim_count,
            mentions=card.mention_count,
            documents=len(card.documents),
        )


class ClaimsView(View[Sequence[ClaimView]]):
    """Claims with their sentences; a sequence of `ClaimView`."""

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[ClaimView]:
        return iter(self.value)

    def __getitem__(self, index: int) -> ClaimView:
        return self.value[index]

    def __repr__(self) -> str:
        if not self.value:
            return "no claims"
        lines = []
        for claim in self.value[:_SHOWN]:
            source = ", ".join(claim.document.identifiers)
            said = f", according to {claim.attribution}" if claim.attribution else ""
            lines.append(
                f"{_term(claim.subject)} {claim.predicate.label} {_term(claim.object)} "
                f"[{claim.modality}{said}]"
            )
            lines += [f"  “{_line(p.quote)}” ({source} {p.start}–{p.end})" for p in claim.passages]
        return "\n".join([*lines, *_more(len(self.value))])

    def _repr_html_(self) -> str:
        blocks = join(
            html(
                "<p><b>{s} <i>{p}</i> {o}</b> [{modality}] {said}</p>{quotes}",
                s=_term(c.subject),
                p=c.predicate.label,
                o=_term(c.object),
                modality=c.modality,
                said=f"according to {c.attribution}" if c.attribution else "",
                quotes=join(
                    html(
                        "<blockquote>{before}<b>{quote}</b>{after}<br><small>{source}</small></blockquote>",
                        before=p.before,
                        quote=p.quote,
                        after=p.after,
                        source=f"{', '.join(c.document.identifiers)} {p.start}–{p.end}",
                    )
                    for p in c.passages
                ),
            )
            for c in self.value[:_SHOWN]
        )
        return html("{blocks}<p>{more}</p>", blocks=blocks, more="".join(_more(len(self.value))))


class NeighbourhoodView(View[Neighbourhood]):
    """A neighbourhood; `Graph.to_networkx` makes a networkx graph of one."""

    def _rows(self) -> list[tuple[str, ...]]:
        labels = {n.iri: n.label for n in self.value.nodes}
        return [
            (
                labels[e.source],
                e.predicate,
                labels[e.target],
                e.modality,
                _line(e.claims[0].quote) if e.claims else "",
            )
            for e in self.value.edges[:_SHOWN]
        ]

    def __repr__(self) -> str:
        found = self.value
        head = f"{len(found.nodes)} nodes, {len(found.edges)} edges within {found.depth} of <{found.centre}>"
        if found.cut:
            head += f", {sum(c.left_out for c in found.cut)} neighbours left out"
        lines = [f"  {s} {p} {o} [{m}]" for s, p, o, m, _ in self._rows()]
        return "\n".join([head, *lines, *_more(len(found.edges))])

    def _repr_html_(self) -> str:
        found = self.value
        return html(
            "<p>{nodes} nodes, {edges} edges</p>{table}<p>{more}</p>",
            nodes=len(found.nodes),
            edges=len(found.edges),
            table=_table(("source", "relation", "target", "modality", "sentence"), self._rows()),
            more="".join(_more(len(found.edges))),
        )


class OfficesView(View[Offices]):
    """Offices with their holders."""

    def _rows(self) -> list[tuple[str, ...]]:
        found = self.value
        if found.on is not None:
            return [
                (o.office.label, h.person.label, h.basis, h.first or "", h.last or "")
                for o in found.items
                for h in o.holders
            ]
        return [
            (o.office.label, t.person.label, "acting" if t.acting else "", t.first or "", t.last or "")
            for o in found.items
            for t in o.tenures
        ]

    def __repr__(self) -> str:
        rows = self._rows()
        lines = [
            f"  {office}: {who} {how} {first} – {last}" for office, who, how, first, last in rows[:_SHOWN]
        ]
        return "\n".join([f"{self.value.total} offices", *lines, *_more(len(rows))])

    def _repr_html_(self) -> str:
        rows = self._rows()
        table = _table(("office", "holder", "known", "first", "last"), rows[:_SHOWN])
        return html("{table}<p>{more}</p>", table=table, more="".join(_more(len(rows))))


class DocumentView(View[DocumentPage]):
    """A document with its text and mentions."""

    def __repr__(self) -> str:
        found = self.value
        summary = found.summary
        names = ", ".join(summary.identifiers)
        head = f"{names} ({len(found.text)} code points, as of {summary.as_of or 'unknown'}) <{summary.iri}>"
        return "\n".join(
            [head, f"  {len(found.mentions)} mentions, {len(found.claims)} passages behind claims"]
        )

    def _repr_html_(self) -> str:
        summary = self.value.summary
        return html(
            "<h4>{names}</h4><p>as of {day} ({basis})</p><pre style='white-space: pre-wrap'>{text}</pre>",
            names=summary.title or ", ".join(summary.identifiers),
            day=summary.as_of or "unknown",
            basis=summary.as_of_basis,
            text=self.value.text,
        )


class SearchView(View[SearchAnswer]):
    """What a search found."""

    def _rows(self) -> list[tuple[str, ...]]:
        return [(h.label, h.subkind or h.kind or "", h.curie) for h in self.value.entities[:_SHOWN]]

    def __repr__(self) -> str:
        lines = [f"{label} ({kind}) {curie}" for label, kind, curie in self._rows()]
        lines += [
            f"“{_line(s.text)}” ({', '.join(s.document.identifiers)})" for s in self.value.sentences[:_SHOWN]
        ]
        return "\n".join(lines) or "nothing found"

    def _repr_html_(self) -> str:
        sentences = [(s.text, ", ".join(s.document.identifiers)) for s in self.value.sentences[:_SHOWN]]
        return join(
            (_table(("name", "class", "CURIE"), self._rows()), _table(("sentence", "document"), sentences))
        )


def _facts(card: EntityCard) -> list[Fact]:
    return [*card.facts_out[:_SHOWN], *card.facts_in[:_SHOWN]]


def _term(term: Node | Value) -> str:
    return term.value if isinstance(term, Value) else term.label


def _line(text: str) -> str:
    return " ".join(text.split())


def _more(count: int) -> list[str]:
    return [f"… {count - _SHOWN} more"] if count > _SHOWN else []


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Html:
    cells = join(html("<tr>{row}</tr>", row=join(html("<td>{c}</td>", c=c) for c in row)) for row in rows)
    return html(
        "<table><tr>{head}</tr>{cells}</table>",
        head=join(html("<th>{h}</th>", h=h) for h in head),
        cells=cells,
    )
