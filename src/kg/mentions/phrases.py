"""Look-up of lexicon lists and gazetteer names in a `Doc`, longest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spacy.tokens import Doc

from kg.catalog import Lexicon, WordForm
from kg.mentions.candidates import plain


@dataclass(frozen=True, slots=True)
class PhraseHit:
    """Tokens ``[start, end)`` are a form of a lexicon entry."""

    start: int
    end: int
    word: WordForm


class PhraseIndex:
    """Finds the forms of one or more lexicon lists, ignoring case."""

    def __init__(self, lexicon: Lexicon, *lists: str) -> None:
        self._forms: dict[str, WordForm] = {}
        for name in lists:
            for surface, word in lexicon.forms(name).items():
                self._forms.setdefault(surface, word)
        self._longest = max(
            (len(s.replace("-", " - ").split()) + s.count("'") for s in self._forms), default=0
        )

    @property
    def forms(self) -> Mapping[str, WordForm]:
        """Lower-case surface → form."""
        return self._forms

    def starting_at(self, doc: Doc, start: int) -> PhraseHit | None:
        """The longest phrase that begins at token `start`, or None."""
        begin = doc[start].idx
        for end in range(min(start + self._longest, len(doc)), start, -1):
            last = doc[end - 1]
            word = self._forms.get(plain(doc)[begin : last.idx + len(last)].lower())
            if word is not None:
                return PhraseHit(start, end, word)
        return None

    def ending_at(self, doc: Doc, end: int, floor: int = 0) -> PhraseHit | None:
        """The longest phrase that ends before token `end` and does not begin before token `floor`, or None."""
        if end <= floor:
            return None
        stop = doc[end - 1].idx + len(doc[end - 1])
        for start in range(max(floor, end - self._longest), end):
            word = self._forms.get(plain(doc)[doc[start].idx : stop].lower())
            if word is not None:
                return PhraseHit(start, end, word)
        return None

    def find(self, doc: Doc) -> list[PhraseHit]:
        """All hits, longest at each place, not overlapping, left to right."""
        hits, i = [], 0
        while i < len(doc):
            hit = self.starting_at(doc, i)
            if hit is None:
                i += 1
            else:
                hits.append(hit)
                i = hit.end
        return hits
