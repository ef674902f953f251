"""An office while its words are read: title, what it is in charge of, whose it is."""

from __future__ import annotations

from dataclasses import dataclass

from spacy.tokens import Doc

from kg.mentions.candidates import Candidate, text_of
from kg.terms import slug


@dataclass(slots=True)
class Post:
    """An office while its words are read: outwards from the title, first to the left, then to the right.

    `name_start` is where its name begins, without "former", "then" or "new" before it.
    """

    start: int
    name_start: int
    end: int
    title: str
    portfolio: str | None = None
    field: str | None = None
    rank: str | None = None
    tense: str | None = None
    country: Candidate | None = None
    code: str | None = None
    body: Candidate | None = None
    seat: Candidate | None = None
    host: Candidate | None = None

    @property
    def is_bare(self) -> bool:
        """Whether the title is all that was said."""
        return not (self.portfolio or self.field or self.code or self.body or self.seat or self.host)

    @property
    def owner(self) -> Candidate | None:
        """Whose office it is: the narrowest of body, place and country."""
        return self.body or self.seat or self.country

    @property
    def named(self) -> list[Candidate]:
        """Bodies and places that the office's words name."""
        return [c for c in (self.body, self.seat, self.host) if c is not None]

    def features(self, doc: Doc) -> dict[str, str | None]:
        """What a mention of the office keeps."""
        body, seat, host, owner = self.body, self.seat, self.host, self.owner
        return {
            "title": self.title,
            "portfolio": self.portfolio,
            "field": self.field,
            "rank": self.rank,
            "tense": self.tense,
            "country": self.code if body is None and seat is None else None,
            "host": (host.value or text_of(doc, host.start, host.end)) if host is not None else None,
            "host_text": text_of(doc, host.start, host.end) if host is not None else None,
            "seat": (seat.value or f"place/{slug(text_of(doc, seat.start, seat.end))}")
            if seat is not None and body is None
            else None,
            "seat_text": text_of(doc, seat.start, seat.end) if seat is not None and body is None else None,
            "body": body.value if body else None,
            "body_text": text_of(doc, body.start, body.end) if body else None,
            "owner_start": str(owner.start) if owner else None,
            "owner_end": str(owner.end) if owner else None,
        }
