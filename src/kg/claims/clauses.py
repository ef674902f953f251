"""Clauses and their verbs: found by parts of speech if a pipeline gives them, else by word lists and form."""

from __future__ import annotations

from spacy.tokens import Doc, Token

from kg.catalog import Lexicon

BE = frozenset({"is", "are", "was", "were", "be", "been", "being", "am", "'s", "'re"})
HAVE = frozenset({"has", "have", "had", "having", "'ve"})
DETERMINERS = frozenset(
    {
        "the",
        "a",
        "an",
        "this",
        "that",
        "these",
        "those",
        "his",
        "her",
        "its",
        "their",
        "our",
        "any",
        "some",
        "both",
    }
)
_BEFORE_NOUNS = (DETERMINERS | {"'s", "of"}) - {"that", "those", "both"}
_SEMICOLONS = frozenset({";", ":"})
#: Words whose "to" is a preposition ("according to talks").
_BEFORE_NOUN = frozenset(
    {"according", "due", "thanks", "prior", "next", "close", "subject", "opposed", "related"}
)


class Clauses:
    """Finds clauses and verbs with the word lists of a lexicon; positions are token indexes."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._hedging_words = lexicon.entries("hedging_words")
        self._denials = frozenset(lexicon.forms("denial_verbs"))
        self._modals = frozenset(lexicon.entries("future_auxiliaries"))
        self._auxiliaries = frozenset(lexicon.entries("plain_auxiliaries"))
        self._ongoing_verbs = frozenset(lexicon.forms("ongoing_verbs"))
        self._openers = frozenset(lexicon.entries("clause_openers"))
        self._complementizers = frozenset(lexicon.entries("complementizers"))
        self._plain = frozenset(lexicon.entries("plain_verbs"))
        self._settling = frozenset(lexicon.entries("settling_prepositions"))

    def bounds(self, doc: Doc, start: int, end: int, first: int, last: int) -> tuple[int, int]:
        """The bounds of the clause that holds tokens ``[first, last)``."""
        low = first
        while low > start and not self.begins_clause(doc, low - 1, start):
            low -= 1
        high = last
        while high < end and not self.begins_clause(doc, high, start):
            high += 1
        return low, high

    def begins_clause(self, doc: Doc, index: int, start: int) -> bool:
        """Whether the token parts clauses; a part of a noun phrase or a date never does."""
        token = doc[index]
        word = token.lower_
        if token.ent_type_ or word in _SEMICOLONS:
            return word in _SEMICOLONS
        if word in self._complementizers:
            return not self._is_determiner_that(doc, index)
        if word in self._openers:
            if word in ("after", "before", "since", "until", "as", "so"):
                return self._subject_follows(doc, index + 1)
            return True
        if word == "and" and index > start and doc[index - 1].text == ",":
            return self._subject_follows(doc, index + 1)
        return word == "and" and self._finite_after_subject(doc, index + 1)

    def _is_determiner_that(self, doc: Doc, index: int) -> bool:
        if index + 2 >= len(doc) or index == 0:
            return False
        after = doc[index + 2]
        return doc[index - 1].lower_ in self._settling and not self.is_finite(after)

    def _subject_follows(self, doc: Doc, index: int) -> bool:
        """Whether a noun phrase and a finite verb begin at the token, within a few words."""
        for at in range(index, min(index + 9, len(doc))):
            word = doc[at].lower_
            if word in (",", ";", ".", "by") or word in self._complementizers:
                return False
            if at > index and self.is_finite(doc[at]):
                return True
        return False

    def _finite_after_subject(self, doc: Doc, index: int) -> bool:
        """Whether "and" joins a clause with its own short subject ("and he will", "and the two left")."""
        for at in range(index + 1, min(index + 4, len(doc))):
            if self.is_modal(doc[at]) or doc[at].lower_ in BE | HAVE:
                return True
            if not (doc[at].is_alpha and (doc[at].text[:1].isupper() or at == index + 1)):
                return False
        return False

    def is_finite(self, token: Token) -> bool:
        """Whether the token is a finite verb, or the auxiliary of one."""
        word = token.lower_
        if token.ent_type_ and token.ent_type_ != "Event":
            return False
        if token.tag_:
            return token.tag_ in ("MD", "VBD", "VBZ", "VBP")
        known = self.is_modal(token) or word in BE or word in HAVE or word in self._plain
        known = known or (word in self._ongoing_verbs and not word.endswith("ing"))
        return known or (token.is_lower and word.endswith("ed") and len(word) > 4)

    def is_modal(self, token: Token) -> bool:
        """Whether the token is a modal verb; with a capital ("May", "Will") only where a sentence begins."""
        return token.lower_ in self._modals and (
            token.text[:1].islower() or bool(token.is_sent_start) or token.text[:1] == "'"
        )

    def looks_verbal(self, token: Token) -> bool:
        """Whether the token may be a verb by its form alone, finite or not."""
        word = token.lower_
        if token.ent_type_ and token.ent_type_ != "Event":
            return False
        if token.pos_ and token.pos_ not in ("VERB", "AUX", "X"):
            return False
        known = (
            word in self._plain or self.is_modal(token) or word in self._auxiliaries or word in self._denials
        )
        return token.is_lower and (known or (word.endswith("ed") and len(word) > 4))

    def is_attributive(self, doc: Doc, index: int) -> bool:
        """Whether a form that could be a verb is a noun or an adjective: after an article or a possessive."""
        if index == 0:
            return False
        return doc[index - 1].lower_ in _BEFORE_NOUNS

    def is_verb(self, doc: Doc, index: int, low: int) -> bool:
        """Whether the trigger at `index`, in a clause that begins at `low`, is used as a verb."""
        token = doc[index]
        before = doc[index - 1] if index > low else None
        if before is not None and self.is_modal(before):
            return True
        if before is not None and before.lower_ == "to" and token.is_alpha:
            return not self._takes_noun(doc, index - 1, low)
        if token.lower_.endswith("ing"):
            # "arranging a late March meeting": an article before it makes a noun of it.
            at = index - 1
            while at > low and doc[at].ent_type_ == "Date":
                at -= 1
            if at >= low and doc[at].lower_ in DETERMINERS:
                return False
        said = token._.trigger if Token.has_extension("trigger") else ""
        if said:
            return bool(said == "verb")
        if token.pos_:
            return token.pos_ in ("VERB", "AUX")
        if index == low or self.is_attributive(doc, index):
            return index == low and self.looks_verbal(token)
        if self.looks_verbal(token):
            return True
        return doc[index - 1].lower_ in ("not", "n't", "did", "do", "does")

    def _takes_noun(self, doc: Doc, to: int, low: int) -> bool:
        """Whether "to" is a preposition: after a noun or participle that takes one ("according to talks")."""
        return to == low or doc[to - 1].lower_ in (
            "according",
            "due",
            "thanks",
            "prior",
            "next",
            "close",
            "subject",
            "opposed",
            "related",
        )

    def phrase_before(self, doc: Doc, end: int, low: int) -> str | None:
        """The value of a phrase that ends before token `end` ("arrangements are underway"), or None."""
        for length in (3, 4, 2):
            if end - length >= low:
                phrase = " ".join(token.lower_ for token in doc[end - length : end])
                value = self._hedging_words.get(phrase)
                if value is not None and phrase not in ("to be", "ahead of"):
                    return value
        return None
