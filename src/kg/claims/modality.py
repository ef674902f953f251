"""How a clause puts what it says: as fact, plan, proposal, denial or past state.

A cue governs only what it governs: the search stays in the clause of the trigger and follows the verb group
and the words that govern it, nearest first. Parts of speech are used if a pipeline gives them, not needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from spacy.tokens import Doc, Token

from kg.catalog import Lexicon, load_catalog
from kg.claims.clauses import BE, DETERMINERS, HAVE, Clauses
from kg.claims.governors import Governors, find_head, is_verb
from kg.claims.marks import Marks, ModalityReading
from kg.claims.verb_groups import NEGATIONS, VerbGroups

_QUOTES = frozenset({'"', "“", "”"})
_PREPOSITIONS = frozenset(
    {"on", "to", "for", "of", "about", "with", "between", "by", "against", "before", "into", "as"}
)
_OBJECT_LINKS = frozenset({"", "on", "to", "for", "of", "about"})
_AHEAD_DATES = ("next ", "later this ", "tomorrow", "this coming ", "the coming ")
_REACH = 24
#: Stands for the verb of a noun phrase in apposition, which has none.
_APPOSITION = -1
_CONDITIONS = frozenset({"if", "unless", "should", "whether"})


def _in_compound(doc: Doc, index: int, trigger: int) -> bool:
    """Whether "no" is part of a compound before the trigger ("a no-confidence vote")."""
    return trigger - index > 1 and doc[index + 1].text in ("-", "\u2010", "\u2011")


class ModalityReader:
    """Reads modality with the word lists of a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._clauses = Clauses(lexicon)
        self._groups = VerbGroups(lexicon, self._clauses)
        self._governors = Governors(lexicon)
        self._hedges = {form: word.value for form, word in lexicon.forms("hedging_verbs").items()}
        self._hedging_words = lexicon.entries("hedging_words")
        self._denials = frozenset(lexicon.forms("denial_verbs"))
        self._cancels = {form: word.value for form, word in lexicon.forms("cancel_verbs").items()}
        self._cancel_words = frozenset(lexicon.entries("cancel_words"))
        self._modals = lexicon.entries("future_auxiliaries")
        self._auxiliaries = frozenset(lexicon.entries("plain_auxiliaries"))
        self._adverbs = frozenset(lexicon.entries("group_adverbs"))
        self._to_adjectives = lexicon.entries("infinitive_adjectives")
        self._plan_nouns = {form: word.value for form, word in lexicon.forms("plan_nouns").items()}
        self._topics = frozenset(lexicon.forms("topic_verbs")) - frozenset(lexicon.entries("proposing_forms"))
        self._that_hedges = frozenset(lexicon.forms("that_hedges"))
        self._ongoing_verbs = frozenset(lexicon.forms("ongoing_verbs"))
        self._ongoing_phrases = [tuple(phrase.split()) for phrase in lexicon.entries("ongoing_phrases")]
        self._complementizers = frozenset(lexicon.entries("complementizers"))
        self._settling = frozenset(lexicon.entries("settling_prepositions"))
        self._former = frozenset(lexicon.entries("former_words"))
        self._no = frozenset(lexicon.entries("negative_determiners"))
        self._negative_openers = [tuple(phrase.split()) for phrase in lexicon.entries("negative_openers")]

    def read(
        self, doc: Doc, sentence_start: int, sentence_end: int, trigger_start: int, trigger_end: int
    ) -> ModalityReading:
        """How the clause around the trigger tokens puts them; ranges are half-open token indexes of `doc`."""
        if doc.has_annotation("DEP"):
            return self._by_parse(doc, sentence_start, trigger_start, trigger_end).reading()
        low, high = self._clauses.bounds(doc, sentence_start, sentence_end, trigger_start, trigger_end)
        marks = Marks()
        self._inside(doc, trigger_start, trigger_end, marks)
        if self._clauses.is_verb(doc, trigger_start, low):
            self._groups.read(doc, trigger_start, low, marks, outer=True)
        else:
            self._noun(doc, trigger_start, trigger_end, low, high, sentence_end, marks)
        self._governing_clause(doc, sentence_start, low, marks)
        self._condition(doc, low, trigger_start, sentence_start, marks)
        return marks.reading()

    def _by_parse(self, doc: Doc, sentence_start: int, first: int, last: int) -> Marks:
        marks = Marks()
        self._inside(doc, first, last, marks)
        trigger = find_head(doc[first:last])
        if not is_verb(trigger):
            self._premodifiers(doc, first, sentence_start, marks)
        return self._governors.read(trigger, marks)

    def _inside(self, doc: Doc, first: int, last: int, marks: Marks) -> None:
        """Marks of the trigger's own words ("planned summit" as one mention)."""
        for index in range(first, last):
            words = doc[index].lower_.replace("-", " ").split()
            for word in words[:-1]:
                if word in self._hedging_words and word not in self._modals:
                    marks.hedge(self._hedging_words[word], index)
                if word in self._cancel_words:
                    marks.hedge("cancelled", index)
                if word in self._former:
                    marks.former = True
                    marks.cues.add(index)

    def _noun(
        self, doc: Doc, first: int, last: int, low: int, high: int, sentence_end: int, marks: Marks
    ) -> None:
        begin = self._premodifiers(doc, first, low, marks)
        if marks.denied:
            return
        preposition = doc[begin - 1].lower_ if begin > low else ""
        if preposition not in self._settling and preposition not in _PREPOSITIONS:
            preposition = ""
        verb = self._verb_before(doc, begin, low)
        self._after_noun(doc, last, high, sentence_end, marks)
        if preposition:
            self._modified_head(doc, begin - 1, low, marks)
        if verb == _APPOSITION:
            return
        if verb is None:
            if preposition in ("for", "of") and begin - 1 > low and doc[begin - 2].lower_ in self._plan_nouns:
                marks.hedge(self._plan_nouns[doc[begin - 2].lower_], begin - 2)
            if preposition == "":
                self._subject_of(doc, last, high, marks)
            elif preposition in ("at", "in", "during", "on", "of", "for", "with", "between"):
                group = Marks()
                self._subject_of(doc, last, high, group)
                marks.take(_as_setting(group))
            return
        if preposition in ("of", "for") and doc[begin - 2].lower_ in self._plan_nouns:
            marks.hedge(self._plan_nouns[doc[begin - 2].lower_], begin - 2)
        self._object_of(doc, verb, begin, low, preposition, marks)

    def _premodifiers(self, doc: Doc, first: int, low: int, marks: Marks) -> int:
        """Marks of the words of the noun phrase before the trigger; returns where the phrase begins."""
        index = first - 1
        while index >= low:
            token, word = doc[index], doc[index].lower_
            if token.ent_type_ == "Date":
                if f"{word} ".startswith(_AHEAD_DATES):
                    marks.hedge("planned", index)
            elif word in self._cancel_words:
                marks.hedge("cancelled", index)
            elif word in self._former and token.is_lower:
                marks.former = True
                marks.cues.add(index)
            elif word in self._no and not _in_compound(doc, index, first):
                marks.denied = True
                marks.cues.add(index)
                return index
            elif word in self._hedging_words and word not in self._modals and word != "to be":
                if word in self._hedges and index > low and doc[index - 1].lower_ in BE | HAVE:
                    return index + 1
                if word != "next" or not (index > low and doc[index - 1].lower_ in ("the", "his", "her")):
                    marks.hedge(self._hedging_words[word], index)
            elif word in DETERMINERS:
                return index
            elif word == "'s":
                owner = " ".join(token.lower_ for token in doc[max(low, index - 2) : index])
                if any(f"{owner} ".startswith(start) or f" {start}" in owner for start in _AHEAD_DATES):
                    marks.hedge("planned", index - 1)
                return max(low, index - 1)
            elif not self._may_modify(doc, index):
                return index + 1
            index -= 1
        return low

    def _modified_head(self, doc: Doc, index: int, low: int, marks: Marks) -> None:
        """Marks of the noun that the phrase hangs on ("the planned attendance of both at a ceremony")."""
        while index > low and doc[index].text not in (",", ";"):
            value = self._hedging_words.get(doc[index].lower_)
            attributive = self._clauses.is_attributive(doc, index)
            if value is not None and attributive and doc[index].lower_.endswith(("ed", "ing")):
                marks.hedge(value, index)
            elif self._clauses.looks_verbal(doc[index]) and not attributive:
                return
            index -= 1

    def _may_modify(self, doc: Doc, index: int) -> bool:
        token, word = doc[index], doc[index].lower_
        if token.is_punct and word not in ("-", "'s", "'"):
            return word in _QUOTES
        if (
            self._clauses.looks_verbal(token)
            or word in self._hedges
            or word in self._settling
            or word in self._plan_nouns
        ):
            return False
        return word not in (
            "of",
            "for",
            "by",
            "to",
            "on",
            "and",
            "or",
            "about",
            "before",
            "into",
            "against",
            "between",
            "as",
        )

    def _verb_before(self, doc: Doc, begin: int, low: int) -> int | None:
        """The nearest verb before the noun phrase in its clause, or None if the phrase is its subject."""
        for index in range(begin - 1, max(low, begin - 1 - 2 * _REACH) - 1, -1):
            token, word = doc[index], doc[index].lower_
            if token.ent_type_ and token.ent_type_ != "Event":
                continue
            if token.text == "," and doc[index + 1].lower_ in DETERMINERS and index + 1 < begin:
                # An apposition says what something is, whatever the clause does with it.
                return _APPOSITION
            if self._clauses.phrase_before(doc, index + 1, low) is not None:
                return index
            after_to = index > low and doc[index - 1].lower_ == "to" and token.is_lower and token.is_alpha
            acts = (
                word in self._hedges
                or word in self._denials
                or word in self._cancels
                or self._clauses.looks_verbal(token)
            )
            after_modal = index > low and self._clauses.is_modal(doc[index - 1]) and token.is_alpha
            if (acts and not self._clauses.is_attributive(doc, index)) or after_modal:
                return index
            if after_to and word not in ("the", "a", "an", "his", "her", "its", "their", "this"):
                return index
        return None

    def _object_of(self, doc: Doc, verb: int, begin: int, low: int, preposition: str, marks: Marks) -> None:
        """Marks of the verb that comes before the noun phrase, whose object or adjunct the phrase is."""
        if preposition in self._settling:
            self._adjunct_of(doc, verb, low, marks)
            return
        word = doc[verb].lower_
        phrase = self._clauses.phrase_before(doc, verb + 1, low)
        if phrase is not None:
            marks.hedge(phrase, verb)
            return
        group = Marks()
        self._groups.read(doc, verb, low, group, outer=False)
        particle = f"{word} {doc[verb + 1].lower_}" if verb + 1 < len(doc) else ""
        cancel = self._cancels.get(particle) or self._cancels.get(word)
        if cancel is not None:
            # What may be, or was not, cancelled is still planned.
            marks.hedge("planned" if group.ahead or group.denied else cancel, verb)
            return
        if word in self._denials or particle in self._denials:
            if not group.denied:
                marks.denied = True
                marks.cues.add(verb)
            return
        value = self._hedges.get(particle) or self._hedges.get(word)
        if (
            value is not None
            and (particle in self._hedges or word not in self._topics)
            and preposition in _OBJECT_LINKS
        ):
            marks.hedge(value, verb)
        marks.take(group)

    def _adjunct_of(self, doc: Doc, verb: int, low: int, marks: Marks) -> None:
        """Marks of the clause's finite verb; "agreed to cooperate at a meeting" speaks of a meeting held."""
        index: int | None = verb
        while index is not None and index > low and doc[index - 1].lower_ == "to":
            group = Marks()
            before = doc[index - 2].lower_ if index - 2 >= low else ""
            if before in self._to_adjectives or before in BE:
                self._groups.read(doc, index, low, group, outer=False)
                marks.take(group)
                return
            index = self._verb_before(doc, index - 1, low)
        if index is not None:
            group = Marks()
            self._groups.read(doc, index, low, group, outer=False)
            marks.take(_as_setting(group))

    def _after_noun(self, doc: Doc, last: int, high: int, sentence_end: int, marks: Marks) -> None:
        """Marks of a participle or a relative clause right after the noun ("talks scheduled for May")."""
        index = last
        while index < high and (
            doc[index].ent_type_
            or doc[index].lower_ in ("of", "in", "between", "and", "on", "with", "the", "at", "to")
        ):
            token = doc[index]
            if token.ent_type_ == "Date" and index == last and f"{token.lower_} ".startswith(_AHEAD_DATES):
                marks.hedge("planned", index)
            index += 1
        if index < high:
            word = doc[index].lower_
            after = doc[index + 1].lower_ if index + 1 < sentence_end else ""
            if word in self._to_adjectives and after in (
                "to",
                "for",
                "on",
                "in",
                "at",
                "by",
                "next",
                "later",
                "between",
            ):
                marks.hedge(self._to_adjectives[word], index)
            elif (
                word in ("planned", "proposed", "scheduled", "arranged", "slated")
                and not doc[index].ent_type_
            ):
                marks.hedge("proposed" if word == "proposed" else "planned", index)
        relative = high
        if (
            relative < sentence_end
            and doc[relative].lower_ in ("which", "that")
            and relative - last <= _REACH
        ):
            group = self._group_after(doc, relative + 1, sentence_end)
            if group is not None and relative + 1 == group[0]:
                self._read_right(doc, group, sentence_end, marks)

    def _subject_of(self, doc: Doc, last: int, high: int, marks: Marks) -> None:
        group = self._group_after(doc, last, high)
        if group is not None:
            self._read_right(doc, group, high, marks)

    def _group_after(self, doc: Doc, start: int, high: int) -> tuple[int, int] | None:
        """The first finite verb group from `start` on, as a token range."""
        for index in range(start, min(high, start + _REACH)):
            token = doc[index]
            if token.ent_type_ and token.ent_type_ != "Event":
                continue
            if self._clauses.is_finite(token) and not (
                token.lower_ in ("held", "planned", "scheduled") and self._finite_later(doc, index + 1, high)
            ):
                end = index + 1
                while end < high and self._in_group(doc, end):
                    end += 1
                return index, end
        return None

    def _finite_later(self, doc: Doc, start: int, high: int) -> bool:
        """Whether the participle before `start` belongs to its noun: the clause's verb is still to come."""
        return any(
            self._clauses.is_modal(doc[i]) or doc[i].lower_ in BE | HAVE
            for i in range(start, min(high, start + 12))
        )

    def _in_group(self, doc: Doc, index: int) -> bool:
        word = doc[index].lower_
        if doc[index].ent_type_ and doc[index].ent_type_ != "Event":
            return False
        before = doc[index - 1].lower_
        chained = (
            word in self._auxiliaries
            or self._clauses.is_modal(doc[index])
            or word in self._adverbs
            or word in ("to", "off", "place")
        )
        acts = (
            word in self._hedges
            or word in self._to_adjectives
            or word in self._cancels
            or word in self._ongoing_verbs
        )
        return (
            chained
            or acts
            or word.endswith("ly")
            or before == "to"
            or word in NEGATIONS
            or self._clauses.looks_verbal(doc[index])
        )

    def _read_right(self, doc: Doc, group: tuple[int, int], high: int, marks: Marks) -> None:
        """Marks of a verb group whose subject the trigger is ("the visit has been called off")."""
        start, end = group
        have = be = False
        for index in range(start, end):
            word = doc[index].lower_
            following = tuple(token.lower_ for token in doc[index : min(index + 3, high)])
            have, be = have or word in HAVE, be or word in BE
            pair = " ".join(following[:2])
            cancel = self._cancels.get(pair) or self._cancels.get(word)
            if word in NEGATIONS:
                self._groups.deny(doc, index, marks)
            elif self._clauses.is_modal(doc[index]):
                marks.hedge(self._modals[word], index)
            elif cancel is not None and (be or have):
                marks.hedge(cancel, index)
            elif be and (word in self._denials or pair in self._denials):
                marks.denied = True
                marks.cues.add(index)
            elif word == "to" and doc[index - 1].lower_ in BE:
                marks.hedge("planned", index)
            elif be and word in self._to_adjectives | self._hedges.keys():
                marks.hedge(self._to_adjectives.get(word) or self._hedges[word], index)
            elif word in self._ongoing_verbs and (
                have or word in ("continues", "continue", "began", "continued")
            ):
                marks.ongoing = True
                marks.cues.add(index)
        if be:
            for phrase in self._ongoing_phrases:
                if tuple(token.lower_ for token in doc[end : end + len(phrase)]) == phrase or (
                    tuple(token.lower_ for token in doc[end - len(phrase) : end]) == phrase
                ):
                    marks.ongoing = True
                    marks.cues.add(end - 1)

    def _governing_clause(self, doc: Doc, start: int, low: int, marks: Marks) -> None:
        """Marks of the verb a that-clause hangs on: denial and proposal reach into it, saying does not."""
        opener = low - 1
        if opener <= start or doc[opener].lower_ not in self._complementizers:
            return
        outer = start
        for index in range(opener - 1, start - 1, -1):
            if self._clauses.begins_clause(doc, index, start):
                outer = index + 1
                break
        for phrase in self._negative_openers:
            if any(
                tuple(t.lower_ for t in doc[at : at + len(phrase)]) == phrase for at in range(outer, opener)
            ):
                marks.denied = True
                marks.cues.add(opener - 1)
                return
        for index in range(opener - 1, outer - 1, -1):
            token, word = doc[index], doc[index].lower_
            if token.ent_type_ and token.ent_type_ != "Event":
                continue
            pair = f"{word} {doc[index + 1].lower_}"
            if word in self._denials or pair in self._denials:
                group = Marks()
                self._groups.read(doc, index, outer, group, outer=False)
                if not group.denied:
                    marks.denied = True
                    marks.cues.add(index)
                return
            if word in self._hedges and not self._clauses.is_attributive(doc, index):
                if self._hedges[word] == "proposed" or word in self._that_hedges:
                    marks.hedge(self._hedges[word], index)
                return
            if self._clauses.looks_verbal(token) and word not in (
                "been",
                "be",
                "is",
                "are",
                "was",
                "were",
                "has",
                "have",
                "had",
            ):
                return

    def _condition(self, doc: Doc, low: int, trigger: int, start: int, marks: Marks) -> None:
        """A clause that "if" opens states nothing."""
        opener = doc[low - 1].lower_ if low > start else ""
        if opener in _CONDITIONS:
            marks.hedge("proposed", low - 1)
        elif doc[start].lower_ == "should" and low == start and trigger > start:
            marks.hedge("proposed", start)
        elif marks.planned and any(t.lower_ == "if" for t in self._outside(doc, low, start)):
            would = [i for i in marks.cues if doc[i].lower_ in ("would", "'d")]
            if would:
                marks.hedge("proposed", would[0])

    def _outside(self, doc: Doc, low: int, start: int) -> Iterator[Token]:
        sentence_end = next((i for i in range(low, len(doc)) if i > low and doc[i].is_sent_start), len(doc))
        yield from doc[start:sentence_end]


def _as_setting(group: Marks) -> Marks:
    """The marks that reach the event at which something happens: what is not said there does not undo it."""
    if group.denied:
        return Marks(cues=group.cues)
    return Marks(planned=group.planned, proposed=group.proposed, cues=group.cues)


@lru_cache(maxsize=1)
def _shared_reader() -> ModalityReader:
    return ModalityReader(load_catalog().lexicon)


def read_modality(
    doc: Doc, sentence_start: int, sentence_end: int, trigger_start: int, trigger_end: int
) -> ModalityReading:
    """How the clause around a trigger puts it, by the built-in lexicon.

    The sentence and the trigger are half-open ranges of token indexes of `doc`; mentions may be merged into
    one token each, with their kind as entity type. The extension attribute ``trigger`` ("noun" or "verb") is
    used if set.
    """
    return _shared_reader().read(doc, sentence_start, sentence_end, trigger_start, trigger_end)


__all__ = ["ModalityReader", "ModalityReading", "read_modality"]
