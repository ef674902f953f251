"""Whether the clause around some words lies before or ahead of the time of writing, by its cue words."""

from __future__ import annotations

from spacy.tokens import Doc

from kg.catalog import Lexicon
from kg.mentions.dating import Tense

_CLAUSE_ENDS = frozenset({";", ":", "but", "while", "whereas", "although", "though"})
#: How far a cue after the words may stand, in tokens ("On Friday, the two ministers will ...").
_REACH_RIGHT = 14
#: How far the words may stand from an infinitive that puts them ahead ("agreed to meet in Oslo on Friday").
_REACH_INFINITIVE = 7
_VERB_TAGS = {"VBD": Tense.PAST, "VBN": Tense.PAST}


class TenseReader:
    """Reads cue words of the lexicon lists ``future_cues``, ``past_cues`` and ``infinitive_governors``."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._future = frozenset(lexicon.entries("future_cues"))
        self._past = frozenset(lexicon.entries("past_cues"))
        self._governors = frozenset(lexicon.forms("infinitive_governors"))
        self._not_infinitive = frozenset(lexicon.entries("not_infinitives"))

    def read(self, doc: Doc, start: int, end: int) -> Tense:
        """The tense of the clause that holds tokens ``[start, end)``: of the nearest cue before or after."""
        first, last = start, end
        while first > 0 and not _is_boundary(doc, first) and doc[first - 1].lower_ not in _CLAUSE_ENDS:
            first -= 1
        while last < len(doc) and not _is_boundary(doc, last) and doc[last].lower_ not in _CLAUSE_ENDS:
            last += 1
        for index in range(start - 1, first - 1, -1):
            tense = self._cue(doc, index, first, start - index)
            if tense is not None:
                return tense
        for index in range(end, min(last, end + _REACH_RIGHT)):
            tense = self._cue(doc, index, first, 0)
            if tense is not None:
                return tense
        return Tense.UNKNOWN

    def _cue(self, doc: Doc, index: int, first: int, distance: int) -> Tense | None:
        """What the token says; `distance` is that to the words on its right, 0 if it stands after them."""
        token = doc[index]
        word = token.lower_
        if word == "to":
            return self._infinitive(doc, index, distance)
        if word in ("set", "due") and not (
            index + 1 < len(doc) and doc[index + 1].lower_ in ("to", "for", "in", "on")
        ):
            return Tense.PAST if word == "set" else None
        if word in self._future and not token.text[:1].isupper():
            return Tense.AHEAD
        if not self._is_past(doc, index):
            return None
        for before in range(max(first, index - 4), index):
            # "will be held", "scheduled to be signed", "may have left"
            if doc[before].text in self._future or (
                doc[before].lower_ == "to" and doc[before + 1].lower_ == "be"
            ):
                return Tense.AHEAD
        return Tense.PAST

    def _infinitive(self, doc: Doc, index: int, distance: int) -> Tense | None:
        if index + 1 >= len(doc) or index == 0:
            return None
        verb = doc[index + 1].text
        if not verb.isalpha() or not verb.islower() or verb in self._not_infinitive or verb.endswith("s"):
            return None
        governed = doc[index - 1].lower_ in self._governors or doc[index - 1].lower_ in ("is", "are")
        return Tense.AHEAD if governed and distance <= _REACH_INFINITIVE else None

    def _is_past(self, doc: Doc, index: int) -> bool:
        token = doc[index]
        if token.tag_ in _VERB_TAGS:
            return True
        word = token.text
        if not word.islower() or token.lower_ in self._not_infinitive:
            return False
        return word in self._past or (not token.tag_ and word.endswith("ed") and len(word) > 4)


def _is_boundary(doc: Doc, index: int) -> bool:
    """Whether a sentence or paragraph begins at the token."""
    return bool(doc[index].is_sent_start) or (doc[index - 1].is_space and "\n" in doc[index - 1].text)
