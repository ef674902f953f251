"""Claims as notebooks show them: what is said, how, and the sentence that says so."""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from typing import ClassVar

from kg.notebook.backend import Backend
from kg.notebook.listing import SHOWN, Listing
from kg.notebook.markup import MUTED, QUOTE, Html, html, join
from kg.notebook.values import Cell, Iri, as_day
from kg.query.evidence import ClaimView, DocumentRef, PassageView
from kg.query.nodes import Node, Value


class Claim:
    """What one document says.

    >>> claim = g.why("Marta Lindqvist", "holdsOffice", "Minister of Defense, Norland")[0]
    >>> claim.modality, claim.attribution
    ('Asserted', 'Sources')
    >>> claim.quote
    'Norland’s Defense Minister Marta Lindqvist will meet Ole Brandt in late March.'
    """

    def __init__(self, value: ClaimView, backend: Backend) -> None:
        self.value = value
        self._backend = backend

    @property
    def iri(self) -> str:
        """Its IRI."""
        return self.value.iri

    @property
    def subject(self) -> Iri | str:
        """What it is about."""
        return as_iri(self.value.subject, self._backend)

    @property
    def predicate(self) -> str:
        """The relation, by its local name or CURIE."""
        return self.value.predicate.label

    @property
    def object(self) -> Iri | str:
        """What the relation leads to: an entity, or a literal as text."""
        return as_iri(self.value.object, self._backend)

    @property
    def modality(self) -> str:
        """Asserted, Planned, Denied or Former."""
        return self.value.modality

    @property
    def confidence(self) -> float | None:
        """From 0 to 1."""
        return self.value.confidence

    @property
    def attribution(self) -> str | None:
        """Who says so, as worded in the document."""
        return self.value.attribution

    @property
    def valid_time(self) -> str | None:
        """When it holds (EDTF), if the text says so."""
        return self.value.valid_time

    @property
    def document(self) -> DocumentRef:
        """The document that says so."""
        return self.value.document

    @property
    def passages(self) -> tuple[PassageView, ...]:
        """Where it says so: quotes with their positions in code points."""
        return self.value.passages

    @property
    def quote(self) -> str:
        """The first passage's words, on one line."""
        return " ".join(self.passages[0].quote.split()) if self.passages else ""

    @property
    def source(self) -> str:
        """The document's name."""
        return ", ".join(self.document.identifiers)

    def __eq__(self, other: builtins.object) -> bool:
        return isinstance(other, Claim) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.iri)

    def _statement(self) -> str:
        subject, object = (t.label if isinstance(t, Iri) else t for t in (self.subject, self.object))
        return f"{subject} {self.predicate} {object}"

    def _how(self) -> str:
        said = f", according to {self.attribution}" if self.attribution else ""
        when = f", {self.valid_time}" if self.valid_time else ""
        return f"[{self.modality}{when}{said}]"

    def __repr__(self) -> str:
        lines = [f"{self._statement()} {self._how()}"]
        lines += [f"  “{' '.join(p.quote.split())}” ({self.source} {p.start}–{p.end})" for p in self.passages]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        quotes = join(
            html(
                '<blockquote style="{q}"><span style="{m}">{before}</span><b>{quote}</b>'
                '<span style="{m}">{after}</span><br><small style="{m}">{source}{day} · {start}–{end}</small>'
                "</blockquote>",
                q=QUOTE,
                m=MUTED,
                before=p.before,
                quote=p.quote,
                after=p.after,
                source=self.source,
                day=f", {self.document.as_of}" if self.document.as_of else "",
                start=p.start,
                end=p.end,
            )
            for p in self.passages
        )
        return html(
            '<div style="margin:0.4em 0"><b>{said}</b> <span style="{m}">{how}</span>{quotes}</div>',
            said=self._statement(),
            m=MUTED,
            how=self._how(),
            quotes=quotes,
        )


class Claims(Listing[Claim]):
    """Claims with their sentences, best confidence first.

    >>> [c.modality for c in g["Hallen Air Base"].evidence()]
    ['Denied', 'Asserted']
    """

    columns: ClassVar[tuple[str, ...]] = (
        "subject",
        "relation",
        "object",
        "modality",
        "confidence",
        "attribution",
        "valid_time",
        "document",
        "day",
        "sentence",
    )
    empty: ClassVar[str] = "no claims"

    def __init__(self, found: Iterable[ClaimView], backend: Backend, total: int | None = None) -> None:
        super().__init__([Claim(view, backend) for view in found], total)

    def _row(self, item: Claim) -> tuple[Cell, ...]:
        return (
            item.subject,
            item.predicate,
            item.object,
            item.modality,
            item.confidence,
            item.attribution,
            item.valid_time,
            item.source,
            as_day(item.document.as_of),
            item.quote,
        )

    def __repr__(self) -> str:
        if not self.items:
            return self.empty
        return "\n".join([*(repr(c) for c in self.items[:SHOWN]), *([self._note()] if self._note() else [])])

    def _repr_html_(self) -> str:
        shown: Html = join(Html(c._repr_html_()) for c in self.items[:SHOWN])
        return html("{shown}<p>{note}</p>", shown=shown or self.empty, note=self._note())


def as_iri(term: Node | Value, backend: Backend) -> Iri | str:
    """A node as an IRI with its label, a literal as its text."""
    if isinstance(term, Value):
        return term.value
    return Iri(term.iri, term.label, backend.page_of(term.iri))
