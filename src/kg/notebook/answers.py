"""What a graph answers with beside entities and claims: documents, offices, contradictions, differences, searches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from kg.notebook.claims import Claim, as_iri
from kg.notebook.listing import Listing, table_text
from kg.notebook.markup import MUTED, Html, html, join, table_html
from kg.notebook.values import Cell, Iri, as_day, show
from kg.query import changes, contradictions, offices, sameness
from kg.query.documents import DocumentPage, DocumentSummary, MentionView
from kg.query.nodes import Node
from kg.query.search import SearchAnswer, SentenceView

if TYPE_CHECKING:
    from kg.notebook.backend import Backend
    from kg.notebook.entities import Entities

#: Code points of a document's text that are shown.
_TEXT_SHOWN = 4000


class Documents(Listing[DocumentSummary]):
    """Documents without their texts, by identifier.

    >>> g.documents()[0].identifiers[0]
    '<img src=x>.txt'
    """

    columns: ClassVar[tuple[str, ...]] = ("document", "title", "as_of", "basis", "iri")
    empty: ClassVar[str] = "no documents"

    def __init__(self, items: Iterable[DocumentSummary], backend: Backend, total: int | None = None) -> None:
        super().__init__(items, total)
        self._backend = backend

    def _row(self, item: DocumentSummary) -> tuple[Cell, ...]:
        named = Iri(item.iri, ", ".join(item.identifiers), self._backend.page_of(item.iri))
        return (named, item.title, as_day(item.as_of), item.as_of_basis, item.curie)


class Mentions(Listing[MentionView]):
    """Where a document speaks of entities, in the order of its text."""

    columns: ClassVar[tuple[str, ...]] = ("start", "end", "text", "entity", "class")
    empty: ClassVar[str] = "no mentions"

    def _row(self, item: MentionView) -> tuple[Cell, ...]:
        return (item.start, item.end, item.text, Iri(item.entity, item.label), item.kind)


class Document:
    """A document with its text and mentions.

    >>> rival = g.document("rival.txt")
    >>> rival.text
    'Lindqvist plans to meet Brandt in April 2024, an aide said.'
    """

    def __init__(self, value: DocumentPage) -> None:
        self.value = value

    @property
    def iri(self) -> str:
        """Its IRI."""
        return self.value.summary.iri

    @property
    def summary(self) -> DocumentSummary:
        """Identifiers, title, day, source."""
        return self.value.summary

    @property
    def text(self) -> str:
        """The stored text; all offsets count its code points."""
        return self.value.text

    @property
    def mentions(self) -> Mentions:
        """Where it speaks of entities."""
        return Mentions(self.value.mentions)

    def __repr__(self) -> str:
        summary = self.summary
        names = ", ".join(summary.identifiers)
        return (
            f"{names} ({len(self.text)} code points, as of {summary.as_of or 'unknown'}) <{summary.iri}>\n"
            f"  {len(self.value.mentions)} mentions, {len(self.value.claims)} passages behind claims"
        )

    def _repr_html_(self) -> str:
        summary = self.summary
        more = "…" if len(self.text) > _TEXT_SHOWN else ""
        return html(
            '<p style="margin:0.2em 0"><b>{name}</b> <span style="{m}">as of {day} ({basis})</span></p>'
            '<div style="white-space:pre-wrap;max-width:48em;max-height:24em;overflow:auto;color:inherit">'
            "{text}{more}</div>",
            name=summary.title or ", ".join(summary.identifiers),
            m=MUTED,
            day=summary.as_of or "unknown",
            basis=summary.as_of_basis,
            text=self._marked(),
            more=more,
        )

    def _marked(self) -> Html:
        """The text with its mentions underlined; of mentions in one another the outermost."""
        parts: list[Html | str] = []
        at = 0
        for mention in sorted(self.value.mentions, key=lambda m: (m.start, -m.end)):
            if mention.start < at or mention.end > _TEXT_SHOWN:
                continue
            parts.append(self.text[at : mention.start])
            parts.append(
                html(
                    '<span title="{label} ({kind})" style="text-decoration:underline;text-decoration-color:'
                    'rgba(128,128,128,0.7)">{text}</span>',
                    label=mention.label,
                    kind=mention.kind,
                    text=self.text[mention.start : mention.end],
                )
            )
            at = mention.end
        return join([*parts, self.text[at:_TEXT_SHOWN] if at < _TEXT_SHOWN else ""])


class Tenures(Listing[offices.Tenure]):
    """Who held which office from when to when; on a day only those who held it then, and how that is known.

    >>> held = g.offices(body="Norland", on="2024-03-05")
    >>> held.value.items[0].holders[0].basis
    'stated'
    """

    columns: ClassVar[tuple[str, ...]] = ("office", "holder", "first", "last", "ended_by", "known", "claims")
    empty: ClassVar[str] = "no offices"

    def __init__(self, value: offices.Offices, backend: Backend) -> None:
        pairs = [(o, t) for o in value.items for t in o.tenures if self._counts(o, t, value.on)]
        super().__init__([t for _, t in pairs])
        self.value = value
        self._backend = backend
        self._offices = [o for o, _ in pairs]

    @staticmethod
    def _counts(office: offices.OfficeHistory, tenure: offices.Tenure, on: str | None) -> bool:
        return on is None or tenure.person.iri in {h.person.iri for h in office.holders}

    def _row(self, item: offices.Tenure) -> tuple[Cell, ...]:
        office = next(o for o, t in zip(self._offices, self.items, strict=True) if t is item)
        held = next((h for h in office.holders if h.person.iri == item.person.iri), None)
        known = held.basis if held else "planned" if item.planned else "acting" if item.acting else ""
        ends = as_iri(office.office, self._backend), as_iri(item.person, self._backend)
        days = as_day(item.first), as_day(item.last), as_day(item.ended_by)
        return (*ends, *days, known, item.claims)


class Contradictions(Listing[contradictions.Contradiction]):
    """Pairs of claims that cannot both be right, and what a later document says.

    >>> g.contradictions().total
    2
    """

    columns: ClassVar[tuple[str, ...]] = ("kind", "one", "says", "other", "says otherwise", "settled")
    empty: ClassVar[str] = "no contradictions"

    def __init__(self, value: contradictions.Contradictions, backend: Backend) -> None:
        super().__init__(value.items, value.total)
        self.value = value
        self._backend = backend

    def claims(self, index: int) -> tuple[Claim, Claim]:
        """The two claims of a pair.

        >>> {claim.modality for claim in g.contradictions().claims(0)} <= {"Asserted", "Planned", "Denied"}
        True
        """
        return Claim(self.items[index].one, self._backend), Claim(self.items[index].other, self._backend)

    def _row(self, item: contradictions.Contradiction) -> tuple[Cell, ...]:
        one, other = Claim(item.one, self._backend), Claim(item.other, self._backend)
        settled = f"for {item.settled.in_favour}, on {item.settled.on}" if item.settled else ""
        return (item.kind, one._statement(), one.quote, other._statement(), other.quote, settled)


class Changes:
    """What changed from one day to another: lists by name, with how many there are in all.

    >>> changes = g.diff("2024-03-01", "2024-03-06")
    >>> changes.totals["documents"]
    1
    """

    _LISTS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("learned", "now known"),
        ("changed", "changed"),
        ("withdrawn", "no longer so"),
        ("overtaken", "plan overtaken"),
        ("joined", "found to be one"),
    )

    def __init__(self, value: changes.Diff, backend: Backend) -> None:
        self.value = value
        self._backend = backend

    @property
    def since(self) -> str:
        """The earlier day."""
        return self.value.since

    @property
    def until(self) -> str | None:
        """The later day; None: all that is known."""
        return self.value.until

    @property
    def totals(self) -> dict[str, int]:
        """How many there are of each kind of change."""
        return self.value.totals

    @property
    def table(self) -> ChangeTable:
        """All changes of facts, one after the other.

        >>> g.diff("2024-03-01", "2024-03-06").table.to_pandas().columns.to_list()
        ['change', 'subject', 'relation', 'before', 'after', 'sentence']
        """
        return ChangeTable(list(self._rows()))

    def _rows(self) -> Iterator[tuple[Cell, ...]]:
        backend, diff = self._backend, self.value

        def shown(terms: Iterable[object]) -> str:
            return "; ".join(getattr(t, "label", getattr(t, "value", "")) for t in terms)

        for one in diff.learned:
            quote = Claim(one.claim, backend).quote if one.claim else ""
            subject, object = as_iri(one.subject, backend), as_iri(one.object, backend)
            yield ("now known", subject, one.predicate.label, "", object, quote)
        for two in diff.changed:
            quote = Claim(two.claim, backend).quote if two.claim else ""
            subject = as_iri(two.subject, backend)
            yield ("changed", subject, two.predicate.label, shown(two.before), shown(two.after), quote)
        for three in diff.withdrawn:
            subject, object = as_iri(three.subject, backend), as_iri(three.object, backend)
            yield ("no longer so", subject, three.predicate.label, object, "", "")
        for four in diff.overtaken:
            plan, outcome = Claim(four.plan, backend), Claim(four.outcome, backend)
            yield (
                "plan overtaken",
                plan.subject,
                plan.predicate,
                show(plan.object),
                show(outcome.object),
                outcome.quote,
            )
        for five in diff.joined:
            yield ("found to be one", as_iri(five.now, backend), "", shown(five.before), five.now.label, "")

    def _head(self) -> str:
        counted = ", ".join(f"{n} {name}" for name, n in self.totals.items() if n) or "nothing"
        return f"{self.since} → {self.until or 'all that is known'}: {counted}"

    def __repr__(self) -> str:
        return f"{self._head()}\n{self.table!r}"

    def _repr_html_(self) -> str:
        return html("<p>{head}</p>{table}", head=self._head(), table=Html(self.table._repr_html_()))


class ChangeTable(Listing[tuple[Cell, ...]]):
    """Changes of facts."""

    columns: ClassVar[tuple[str, ...]] = ("change", "subject", "relation", "before", "after", "sentence")
    empty: ClassVar[str] = "no changes of facts"

    def _row(self, item: tuple[Cell, ...]) -> tuple[Cell, ...]:
        return item


class Sentences(Listing[SentenceView]):
    """Sentences found by their words."""

    columns: ClassVar[tuple[str, ...]] = ("sentence", "document", "speaks of")
    empty: ClassVar[str] = "no sentences"

    def _row(self, item: SentenceView) -> tuple[Cell, ...]:
        return (item.text, ", ".join(item.document.identifiers), "; ".join(n.label for n in item.entities))


class Found:
    """What a search found: `entities` by name, `sentences` by their words.

    >>> g.search("hallen").entities[0].label
    'Hallen Air Base'
    """

    def __init__(self, value: SearchAnswer, entities: Entities) -> None:
        self.value = value
        self.entities = entities
        self.sentences = Sentences(value.sentences)

    def __repr__(self) -> str:
        parts = [repr(part) for part in (self.entities, self.sentences) if part]
        return "\n\n".join(parts) or f"nothing found for {self.value.query!r}"

    def _repr_html_(self) -> str:
        parts = [Html(part._repr_html_()) for part in (self.entities, self.sentences) if part]
        return join(parts) if parts else html("<p>{none}</p>", none=repr(self))


class Sameness:
    """Whether two names stand for one thing, and the decisions that say so.

    >>> g.why_same("Marta Lindqvist", "Lindqvist").verdict
    'same'
    """

    def __init__(self, value: sameness.Sameness) -> None:
        self.value = value

    @property
    def verdict(self) -> str:
        """``same``, ``different`` or ``unsure``."""
        return self.value.verdict

    @property
    def one(self) -> Node:
        """What the first name leads to."""
        return self.value.one

    @property
    def other(self) -> Node:
        """What the second name leads to."""
        return self.value.other

    @property
    def decisions(self) -> tuple[sameness.Decision, ...]:
        """The decisions, each with its score and reasons."""
        return self.value.decisions

    def _rows(self) -> list[tuple[Cell, ...]]:
        return [(d.one, d.other, d.verdict, d.score, "; ".join(d.because)) for d in self.decisions]

    def _head(self) -> str:
        return f"{self.one.label} and {self.other.label}: {self.verdict}"

    def __repr__(self) -> str:
        head = ("one", "other", "verdict", "score", "because")
        return "\n".join([self._head(), *([table_text(head, self._rows())] if self.decisions else [])])

    def _repr_html_(self) -> str:
        head = ("one", "other", "verdict", "score", "because")
        return table_html(head, self._rows(), title=self._head())
