"""Whether a state that a verb tells of is over by its tense, or yet to come: "served as", "was ambassador"."""

from __future__ import annotations

from spacy.tokens import Token

from kg.catalog import Lexicon

_HAVE_PRESENT = frozenset({"has", "have", "'ve", "having"})


class PastStates:
    """Reads the tense of states with the adverbs of a lexicon; needs a parse."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._adverbs = frozenset(lexicon.entries("past_adverbs"))

    @staticmethod
    def is_ahead(verb: Token) -> bool:
        """Whether `verb` (or the noun that a copula makes one) is an infinitive with "to": "nominated to be mayor"."""
        helpers = {c.lower_ for c in verb.children if c.dep_.split(":")[0] in {"aux", "cop"}} - {"to"}
        return not helpers - {"be"} and any(
            c.dep_ in {"mark", "aux"} and c.lower_ == "to" for c in verb.children
        )

    def is_over(self, verb: Token) -> bool:
        """Whether `verb` (or the noun that a copula makes one) is in the simple past or past perfect.

        The present perfect tells of a state that lasts, unless an adverb says otherwise.
        """
        helpers = [c for c in verb.children if c.dep_.split(":")[0] in {"aux", "cop"}]
        over = any(c.lower_ in self._adverbs for c in verb.children if c.dep_ == "advmod")
        if any(c.lower_ in _HAVE_PRESENT for c in helpers):
            return over
        if any(c.lower_ == "had" for c in helpers):
            return True
        if any(c.dep_ == "cop" for c in helpers):
            return over or any(c.dep_ == "cop" and c.lower_ in {"was", "were"} for c in helpers)
        if any(c.tag_ == "MD" for c in helpers):
            return False
        if any(c.dep_ == "aux:pass" for c in helpers):
            return over or any(c.lower_ in {"was", "were"} for c in helpers)
        return over or verb.tag_ == "VBD"


def is_told(event: Token) -> bool:
    """Whether a verb in the past tense tells of the event, or of what its noun stands for: "met", "held talks"."""
    verb = event
    if event._.trigger == "noun" or event.pos_ == "NOUN":
        verb = event.head
        if verb == event or event.dep_ not in {"nsubj", "nsubj:pass", "obj"}:
            return False
    if verb.tag_ == "VBD":
        return True
    helpers = {c.lower_ for c in verb.children if c.dep_.split(":")[0] == "aux"}
    return verb.tag_ == "VBN" and bool(helpers & {"was", "were", "has", "have", "had"})
