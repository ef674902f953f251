"""What the words of a verb group, and those that govern an infinitive, say of the verb."""

from __future__ import annotations

from spacy.tokens import Doc

from kg.catalog import Lexicon
from kg.claims.clauses import BE, DETERMINERS, HAVE, Clauses
from kg.claims.marks import Marks

NEGATIONS = frozenset({"not", "n't", "never", "cannot", "nor", "neither"})


class VerbGroups:
    """Reads verb groups with the word lists of a lexicon; positions are token indexes."""

    def __init__(self, lexicon: Lexicon, clauses: Clauses) -> None:
        self._clauses = clauses
        self._hedges = {form: word.value for form, word in lexicon.forms("hedging_verbs").items()}
        self._denials = frozenset(lexicon.forms("denial_verbs"))
        self._modals = lexicon.entries("future_auxiliaries")
        self._auxiliaries = frozenset(lexicon.entries("plain_auxiliaries"))
        self._adverbs = frozenset(lexicon.entries("group_adverbs"))
        self._to_adjectives = lexicon.entries("infinitive_adjectives")
        self._plan_nouns = {form: word.value for form, word in lexicon.forms("plan_nouns").items()}
        self._factives = frozenset(lexicon.forms("factive_verbs"))
        self._ongoing_verbs = frozenset(lexicon.forms("ongoing_verbs"))

    def read(self, doc: Doc, verb: int, low: int, marks: Marks, outer: bool) -> None:
        """Adds the marks of the verb group that ends with token `verb`, and of what governs an infinitive."""
        index = verb - 1
        be = have = False
        while index >= low:
            word = doc[index].lower_
            if word in NEGATIONS:
                self.deny(doc, index, marks)
            elif self._clauses.is_modal(doc[index]):
                marks.hedge(self._modals[word], index)
            elif word == "to":
                index = self._infinitive(doc, index, low, marks)
                continue
            elif word in self._auxiliaries:
                be, have = be or word in BE, have or word in HAVE
            elif word == "longer" and index > low and doc[index - 1].lower_ == "no":
                marks.former = True
                marks.cues.add(index)
                index -= 1
            elif word in ("formerly", "previously"):
                marks.former = True
                marks.cues.add(index)
            elif not (word in self._adverbs or word.endswith("ly")):
                break
            index -= 1
        word = doc[verb].lower_
        if (
            index > low
            and doc[index].lower_ in ("and", "or")
            and index == verb - 1
            and not word.endswith(("ed", "s", "ing"))
        ):
            self._coordinate(doc, index, low, marks)
        if be and word.endswith("ing") and word not in self._hedges:
            marks.ongoing = True
            marks.cues.add(verb)
        if have and word in self._ongoing_verbs:
            marks.ongoing = True
            marks.cues.add(verb)
        if outer and not marks.cues and word.endswith("ing") and index >= low:
            self._participle(doc, index, low, marks)

    def _coordinate(self, doc: Doc, conjunction: int, low: int, marks: Marks) -> None:
        """Marks of the verb whose auxiliaries a bare second one shares ("to visit X and attend Y")."""
        for index in range(conjunction - 1, low, -1):
            before = doc[index - 1]
            if self._clauses.is_modal(before) or (
                before.lower_ == "to" and doc[index].is_lower and doc[index].lower_ not in DETERMINERS
            ):
                self.read(doc, index, low, marks, outer=False)
                return

    def deny(self, doc: Doc, index: int, marks: Marks) -> None:
        """Adds the denial of the negation at token `index`."""
        # "not only" and "not yet ... but" do not deny.
        if index + 1 < len(doc) and doc[index + 1].lower_ in ("only", "just", "merely"):
            return
        marks.denied = True
        marks.cues.add(index)

    def _participle(self, doc: Doc, index: int, low: int, marks: Marks) -> None:
        """A verb in -ing that another one governs: "considered visiting", "the plan of moving"."""
        word = doc[index].lower_
        if word in ("of", "for") and index > low and doc[index - 1].lower_ in self._plan_nouns:
            marks.hedge(self._plan_nouns[doc[index - 1].lower_], index - 1)
        elif word in self._hedges:
            marks.hedge(self._hedges[word], index)
            self.read(doc, index, low, marks, outer=False)
        elif word in self._denials:
            marks.denied = True
            marks.cues.add(index)

    def _infinitive(self, doc: Doc, to: int, low: int, marks: Marks) -> int:
        """Marks of what governs the infinitive whose "to" is at `to`; where the verb group goes on."""
        index = to - 1
        while index > low and doc[index].lower_ in self._adverbs and doc[index].lower_ not in NEGATIONS:
            index -= 1
        word = doc[index].lower_ if index >= low else ""
        if word in NEGATIONS:
            self.deny(doc, index, marks)
            index -= 1
            word = doc[index].lower_ if index >= low else ""
        if word == "used":
            marks.former = True
            marks.cues.add(index)
            return low - 1
        if word in BE or word in HAVE:
            marks.hedge("planned", to)
            return index
        if word in self._to_adjectives:
            marks.hedge(self._to_adjectives[word], index)
            return index - 1
        if word in self._denials:
            marks.denied = True
            marks.cues.add(index)
            return low - 1
        governor = self._governor(doc, to, low)
        if governor is None:
            # A headline's future ("Minister to Visit Base"), or a purpose that may or may not come about.
            marks.hedge("planned", to)
            return low - 1
        verb, value = governor
        if value is None:
            return low - 1
        marks.hedge(value, verb)
        self.read(doc, verb, low, marks, outer=False)
        return low - 1

    def _governor(self, doc: Doc, to: int, low: int) -> tuple[int, str | None] | None:
        """The word an infinitive hangs on and its value (None if it then took place); None if not found."""
        best: tuple[int, str | None] | None = None
        for index in range(to - 1, low - 1, -1):
            token, word = doc[index], doc[index].lower_
            if token.ent_type_ and token.ent_type_ != "Event":
                continue
            phrase = self._clauses.phrase_before(doc, index + 1, low)
            if phrase is not None:
                return index, phrase
            noun = word in self._plan_nouns and (best is not None or self._clauses.is_attributive(doc, index))
            if word in self._hedges and not noun:
                value = self._hedges[word]
                return index, value if best is None or value == "proposed" else best[1]
            if word in self._plan_nouns:
                best = best or (index, self._plan_nouns[word])
                continue
            if word in self._factives and best is None:
                return index, None
            if self._clauses.looks_verbal(token):
                break
        return best
