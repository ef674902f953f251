"""Whether the clause around some words lies before or ahead of the time of writing, by its verb and cue words."""

from __future__ import annotations

from spacy.tokens import Doc, Token

from kg.catalog import Lexicon
from kg.mentions.dating import Tense

_CLAUSE_ENDS = frozenset({";", ":", "but", "while", "whereas", "although", "though"})
#: How far a cue after the words may stand, in tokens ("On Friday, the two ministers will ...").
_REACH_RIGHT = 14
#: How far the words may stand from an infinitive that puts them ahead ("agreed to meet in Oslo on Friday").
_REACH_INFINITIVE = 7
_VERB_TAGS = {"VBD": Tense.PAST, "VBN": Tense.PAST}
#: How many arcs of the parse may lie between a date and the verb that tells its tense.
_REACH_UP = 8


class TenseReader:
    """Reads tense by the parse, if there is one, else by cue words.

    The lexicon's lists are ``future_cues``, ``past_cues``, ``infinitive_governors``, ``past_prepositions``,
    ``future_auxiliaries`` and ``reporting_verbs``.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._future = frozenset(lexicon.entries("future_cues"))
        self._past = frozenset(lexicon.entries("past_cues"))
        self._governors = frozenset(lexicon.forms("infinitive_governors"))
        self._not_infinitive = frozenset(lexicon.entries("not_infinitives"))
        self._modals = frozenset(lexicon.entries("future_auxiliaries"))
        self._after = frozenset(lexicon.entries("past_prepositions"))
        self._reporting = frozenset(lexicon.forms("reporting_verbs"))

    def read(self, doc: Doc, start: int, end: int) -> Tense:
        """The tense of the clause that holds tokens ``[start, end)``."""
        if self._is_news(doc, start):
            return Tense.PAST
        if doc.has_annotation("DEP"):
            tense = self._by_parse(doc, start, end)
            if tense is not Tense.UNKNOWN:
                return tense
        return self._by_cues(doc, start, end)

    def _is_news(self, doc: Doc, start: int) -> bool:
        """Whether a verb of speech in the past stands right before the date: "said on Thursday"."""
        at = start - 1 - int(start > 1 and doc[start - 1].lower_ == "on")
        return at >= 0 and doc[at].tag_ == "VBD" and doc[at].lower_ in self._reporting

    # ------------------------------------------------------------------------------------------ by the parse
    def _by_parse(self, doc: Doc, start: int, end: int) -> Tense:
        """The tense of the verb that the words hang on, or that governs the noun they hang on."""
        token = next((t for t in doc[start:end] if not start <= t.head.i < end), doc[start])
        if token.pos_ in ("VERB", "AUX"):
            return Tense.UNKNOWN
        for _ in range(_REACH_UP):
            if not start <= token.i < end:
                if any(c.dep_ == "case" and c.lower_ in self._after for c in token.children):
                    return Tense.PAST
                if any(c.dep_ == "amod" and c.lower_ in self._future for c in token.children):
                    return Tense.AHEAD
            if token.head is token or token.head == token:
                return Tense.UNKNOWN
            token = token.head
            if token.pos_ in ("VERB", "AUX") or _auxiliaries(token):
                return self._of_verb(token)
        return Tense.UNKNOWN

    def _of_verb(self, verb: Token) -> Tense:
        """The tense of a verb, or of the verb that governs it if it is no finite one."""
        for _ in range(_REACH_UP):
            auxiliaries = _auxiliaries(verb)
            if self._modals & auxiliaries:
                # "may have left", "could have met": seen from now, it lies back.
                return Tense.PAST if "have" in auxiliaries else Tense.AHEAD
            word = verb.lower_
            moved = any(c.dep_ == "compound:prt" for c in verb.children)  # "set off"
            if word in self._future and not (moved and verb.tag_ == "VBD"):
                return Tense.AHEAD
            if verb.tag_ == "VBD" or {"had", "did", "was", "were"} & auxiliaries:
                return Tense.PAST
            present = {"is", "are", "am", "'s", "'re"} & auxiliaries
            if {"has", "have"} & auxiliaries or (verb.tag_ == "VBN" and not present):
                return Tense.PAST
            if verb.tag_ == "VBN":
                return Tense.UNKNOWN
            if present or verb.tag_ in ("VBZ", "VBP"):
                return Tense.UNKNOWN if word in self._reporting else Tense.PRESENT
            if verb.head == verb:
                return Tense.UNKNOWN
            governor = verb.head.lower_
            if verb.tag_ == "VB" and (
                governor in self._governors | self._future or governor in ("is", "are")
            ):
                return Tense.AHEAD
            verb = verb.head
        return Tense.UNKNOWN

    # ---------------------------------------------------------------------------------------- by cue words
    def _by_cues(self, doc: Doc, start: int, end: int) -> Tense:
        """The tense that the nearest cue before or after the words tells."""
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


def _auxiliaries(verb: Token) -> set[str]:
    """The auxiliaries and copulas of a verb or predicate, in lower case."""
    return {child.lower_ for child in verb.children if child.dep_ in ("aux", "aux:pass", "cop")}
