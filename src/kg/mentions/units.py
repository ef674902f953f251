"""Numbers in the names of military units: "133 Air Wing", "Task Force 59", "3rd Battalion, 7th Marines"."""

from __future__ import annotations

import re

from spacy.tokens import Doc

from kg.catalog import Catalog
from kg.mentions.phrases import PhraseHit
from kg.mentions.shape import is_name_word, run_right

_NUMBERED = frozenset({"Unit", "Command"})
_DIGITS = re.compile(r"\d{1,4}\Z")
_YEAR = re.compile(r"(?:19|20)\d\d\Z")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th|d)\Z")
_AFTER_HEAD = re.compile(r"(?:\d{1,4}(?:[./-]\d{1,3})?|[IVX]+|[A-H])\Z")
_NUMBER_SIGNS = frozenset({"no.", "no", "nr.", "nº"})


class UnitNumbers:
    """Widens the name of a unit by its number and by what it is part of."""

    def __init__(self, catalog: Catalog) -> None:
        lexicon = catalog.lexicon
        self._directions = frozenset(lexicon.entries("directions"))
        self._calendar = frozenset(lexicon.entries("months")) | frozenset(lexicon.entries("weekdays"))
        self._forces = frozenset(
            f for f, w in lexicon.forms("organization_heads").items() if w.value == "ArmedForce"
        )

    def start(self, doc: Doc, start: int, hit: PhraseHit) -> int:
        """Where the name begins if a number stands before it: "2 Squadron", "No. 11 Squadron", "I Corps"."""
        if hit.word.value not in _NUMBERED and hit.word.lemma != "corps":
            return start
        if start == 0 or doc[start].is_sent_start:
            return start
        before = doc[start - 1].text
        if before == "I":
            return start - 1
        if not _DIGITS.match(before) or hit.word.form == "plural":
            return start
        if start > 2 and doc[start - 2].text == "." and doc[start - 3].lower_ in _NUMBER_SIGNS:
            return start - 3
        if start > 1 and doc[start - 2].lower_ in _NUMBER_SIGNS:
            return start - 2
        dated = start > 1 and doc[start - 2].lower_ in self._calendar
        return start if dated or _YEAR.match(before) else start - 1

    def end(self, doc: Doc, start: int, end: int, hit: PhraseHit) -> int:
        """Where the name ends with the number, the direction or the larger unit that follows its head."""
        if hit.word.value not in _NUMBERED and hit.word.lemma not in {"force", "forces", "naval forces"}:
            return end
        if end < len(doc) and _AFTER_HEAD.match(doc[end].text) and not doc[end].is_sent_start:
            end += 1
        elif end < len(doc) and doc[end].lower_ in self._directions and doc[end].text[0].isupper():
            end = run_right(doc, end)
            while end + 1 < len(doc) and doc[end].text == "-" and is_name_word(doc, end + 1):
                end = run_right(doc, end + 1)
        return self._end_of_parent(doc, start, end, hit)

    def owner_start(self, doc: Doc, start: int, hit: PhraseHit, after: int, stop: int) -> bool:
        """Whether ``[after, stop)``, behind "of", is the force that a numbered unit belongs to, a body of its own."""
        if hit.word.value not in _NUMBERED or not any(c.isdigit() for c in doc[start].text):
            return False
        words = [t.lower_ for t in doc[after:stop]]
        return any(" ".join(words[i:]) in self._forces for i in range(len(words)))

    def _end_of_parent(self, doc: Doc, start: int, end: int, hit: PhraseHit) -> int:
        """ "3rd Battalion, 7th Marines": an ordinal unit's regiment, unless the list goes on with units of one kind."""
        if not _ORDINAL.match(doc[start].text) or end + 2 >= len(doc) or doc[end].text != ",":
            return end
        if not _ORDINAL.match(doc[end + 1].text):
            return end
        stop = run_right(doc, end + 2)
        if stop == end + 2 or doc[stop - 1].lower_ == doc[hit.end - 1].lower_:
            return end
        return stop
