"""Which country a stretch of tokens names, from the gazetteer's candidates of one document."""

from __future__ import annotations

from collections.abc import Iterable

from spacy.tokens import Doc

from kg.mentions.candidates import Candidate
from kg.mentions.shape import POSSESSIVE
from kg.model import Form


class Countries:
    """Which country, if any, a stretch of tokens names; from the gazetteer candidates of one document."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self._by_end: dict[int, Candidate] = {}
        self._by_start: dict[int, Candidate] = {}
        self.all = [c for c in candidates if c.kind == "Place" and c.features.get("country")]
        for c in self.all:
            if c.subkind == "Country" or c.form is Form.ADJECTIVE or (c.value or "").startswith("place/"):
                self._by_end.setdefault(c.end, c)
                self._by_start.setdefault(c.start, c)

    def ending_at(self, end: int) -> Candidate | None:
        """The country or place named right before token `end`."""
        return self._by_end.get(end)

    def starting_at(self, start: int) -> Candidate | None:
        """The country or place named from token `start` on."""
        return self._by_start.get(start)

    def possessor(self, doc: Doc, start: int) -> Candidate | None:
        """The country whose possessive or adjective stands right before token `start`."""
        if start >= 2 and doc[start - 1].text in POSSESSIVE:
            return self._by_end.get(start - 1)
        return self._by_end.get(start)
