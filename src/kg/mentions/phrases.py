"""Look-up of lexicon lists and gazetteer names in a `Doc`, longest first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from spacy.tokens import Doc

from kg.catalog import Lexicon, WordForm
from kg.mentions.candidates import bounds, plain

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class PhraseHit:
    """Tokens ``[start, end)`` are a form of a lexicon entry."""

    start: int
    end: int
    word: WordForm

    @property
    def length(self) -> int:
        """Number of tokens."""
        return self.end - self.start


class PhraseIndex:
    """Finds the forms of one or more lexicon lists, ignoring case."""

    def __init__(self, lexicon: Lexicon, *lists: str) -> None:
        self._forms: dict[str, WordForm] = {}
        for name in lists:
            for surface, word in lexicon.forms(name).items():
                self._forms.setdefault(surface, word)
        self._longest = max((_most_tokens(s) for s in self._forms), default=0)
        # Most tokens of the phrases that begin with a word: most tokens of a text begin none.
        self._reach: dict[str, int] = {}
        for surface in self._forms:
            head = _head(surface)
            self._reach[head] = max(self._reach.get(head, 0), _most_tokens(surface))

    @property
    def forms(self) -> Mapping[str, WordForm]:
        """Lower-case surface → form."""
        return self._forms

    def starting_at(self, doc: Doc, start: int) -> PhraseHit | None:
        """The longest phrase that begins at token `start`, or None."""
        reach = self._reach.get(_heads(doc)[start])
        if reach is None:
            return None
        places, text = bounds(doc), plain(doc)
        begin = places[start][0]
        for end in range(min(start + reach, len(places)), start, -1):
            word = self._forms.get(text[begin : places[end - 1][1]].lower())
            if word is not None:
                return PhraseHit(start, end, word)
        return None

    def ending_at(self, doc: Doc, end: int, floor: int = 0) -> PhraseHit | None:
        """The longest phrase that ends before token `end` and does not begin before token `floor`, or None."""
        if end <= floor:
            return None
        places, text = bounds(doc), plain(doc)
        stop = places[end - 1][1]
        for start in range(max(floor, end - self._longest), end):
            word = self._forms.get(text[places[start][0] : stop].lower())
            if word is not None:
                return PhraseHit(start, end, word)
        return None

    def find(self, doc: Doc) -> list[PhraseHit]:
        """All hits, longest at each place, not overlapping, left to right."""
        hits, i = [], 0
        heads = _heads(doc)
        while i < len(heads):
            hit = self.starting_at(doc, i) if heads[i] in self._reach else None
            if hit is None:
                i += 1
            else:
                hits.append(hit)
                i = hit.end
        return hits


def _head(text: str) -> str:
    """What a phrase and its first token have in common: the letters and digits that it begins with, lower-case."""
    found = _WORD.match(text)
    return (found[0] if found else text[:1]).lower()


def _heads(doc: Doc) -> list[str]:
    """The head of each token, worked out once for a `Doc`."""
    heads = doc.user_data.get("kg_heads")
    if heads is None:
        heads = doc.user_data["kg_heads"] = [_head(t.text) for t in doc]
    assert isinstance(heads, list)
    return heads


def _most_tokens(surface: str) -> int:
    """More tokens than this a phrase cannot have: words, hyphens, apostrophes and full stops counted apart."""
    return len(surface.split()) + 2 * surface.count("-") + 2 * surface.count("'") + surface.count(".")
