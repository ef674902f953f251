"""Event triggers, and groups of people or countries."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacy.tokens import Doc

from kg.catalog import Catalog
from kg.mentions.candidates import Candidate, is_capitalised, plain
from kg.mentions.countries import Countries
from kg.mentions.named_events import name_words
from kg.mentions.phrases import PhraseHit, PhraseIndex
from kg.mentions.shape import POSSESSIVE, run_left, run_right
from kg.model import Form

_NUMERAL = re.compile(r"(?:[IVX]+|One|Two|Three)\Z")


#: What someone is who comes to a place: "is due in Lomé on Friday", "will be back in Oslo".
_THERE = frozenset({"due", "back"})
_COUNTS = frozenset({"two", "both", "three", "four", "five"})


class EventFinder:
    """Finds nouns and verbs that speak of an event; `value` is the event's class."""

    def __init__(self, catalog: Catalog) -> None:
        lexicon = catalog.lexicon
        self._nouns = PhraseIndex(lexicon, "event_nouns")
        self._verbs = PhraseIndex(lexicon, "event_verbs")
        self._modifiers = frozenset(lexicon.entries("event_modifiers"))
        heads = ("equipment_heads", "facility_heads", "organization_heads", "place_heads", "office_titles")
        self._heads = frozenset(w for name in heads for w in lexicon.forms(name) if " " not in w)
        self._definite = frozenset(lexicon.entries("definite_words"))
        self._bare = frozenset(lexicon.entries("bare_definite_nouns"))
        self._before_noun = frozenset(lexicon.entries("words_before_noun"))
        self._particles = frozenset(lexicon.entries("other_verb_particles"))
        self._actors = frozenset(lexicon.entries("group_nouns")) | frozenset(lexicon.entries("pronouns"))
        self._before_verb = frozenset(lexicon.entries("words_before_verb"))
        self._ordinals = lexicon.entries("event_ordinals")

    def find(self, doc: Doc, countries: Countries, headline: list[bool]) -> list[Candidate]:
        """Candidates of all triggers outside headlines."""
        out = []
        for hit in self._nouns.find(doc):
            if self._only_describes(doc, hit):
                continue
            if not headline[hit.start] and not (self._also_verb(hit) and self._reads_as_verb(doc, hit)):
                out.append(self._noun(doc, hit, countries))
        for hit in self._verbs.find(doc):
            if headline[hit.start] or not doc[hit.start].is_lower:
                continue
            if hit.start and doc[hit.start - 1].text == "-" and not doc[hit.start - 1].whitespace_:
                continue  # "President-elect", "cease-fire": part of another word
            if hit.end < len(doc) and doc[hit.end].lower_ in self._particles and _is_particle(doc, hit.end):
                continue  # "struck down": another verb
            if doc[hit.end - 1].lower_ == "to" and hit.end < len(doc) and doc[hit.end].tag_ == "VB":
                continue  # "is going to visit": an infinitive follows, not a place
            if doc[hit.start].pos_ and not self._reads_as_verb(doc, hit):
                continue
            begin = doc[hit.start].idx
            lemma = plain(doc)[begin : begin + len(hit.word.lemma)].lower()
            if lemma in self._nouns.forms and not self._reads_as_verb(doc, hit):
                continue
            out.append(
                Candidate(hit.start, hit.end, "Event", hit.word.value, Form.NAME, strength=45).with_features(
                    trigger="verb", form=hit.word.form, lemma=hit.word.lemma
                )
            )
        out.extend(_stays(doc))
        return out

    def _only_describes(self, doc: Doc, hit: PhraseHit) -> bool:
        """Whether the event only says what kind of thing is meant: "patrol boats", "training area".

        "Exercise Desert Fox" is an event, though a desert is a place.
        """
        if hit.end == len(doc) or doc[hit.end].lower_ not in self._heads or hit.word.form != "base":
            return False
        return hit.word.lemma != "exercise" or run_right(doc, hit.end) < hit.end + 2

    def _also_verb(self, hit: PhraseHit) -> bool:
        return hit.word.lemma in self._verbs.forms

    def _reads_as_verb(self, doc: Doc, hit: PhraseHit) -> bool:
        if doc[hit.start].pos_:
            return doc[hit.start].pos_ in {"VERB", "AUX"}
        if hit.start == 0:
            return False
        before = doc[hit.start - 1]
        if before.lower_ in self._before_verb:
            return True
        if (
            before.lower_ in self._before_noun
            or before.text in POSSESSIVE
            or before.lower_ in self._modifiers
        ):
            return False
        if hit.word.form in {"past", "participle", "gerund"} and hit.word.lemma in self._verbs.forms:
            return True
        return is_capitalised(before.text) or before.lower_ in self._actors

    def _noun(self, doc: Doc, hit: PhraseHit, countries: Countries) -> Candidate:
        start = hit.start
        codes: list[str] = []
        while start > 0 and not doc[start].is_sent_start:
            place = countries.ending_at(start)
            if doc[start - 1].lower_ in self._modifiers:
                start -= 1
            elif place is not None and place.features.get("country") and place.subkind == "Country":
                codes.insert(0, place.features["country"])
                start = place.start
            elif (
                doc[start - 1].text == "-"
                and (countries.starting_at(start) is not None or doc[start].lower_ in self._modifiers)
                and start > 1
            ):
                start -= 1
            else:
                break
        while start < hit.start and doc[start].text == "-":
            start += 1
        end = hit.end
        if start == hit.start and is_capitalised(doc[hit.start].text) and not doc[hit.start].is_sent_start:
            start = run_left(doc, hit.start)  # "Freedom Shield Exercise": the event's own name
            if start < hit.start and end < len(doc) and _NUMERAL.match(doc[end].text):
                end += 1  # "World War II"
        if hit.word.value == "Exercise" and end < len(doc) and not doc[end].is_sent_start:
            end = run_right(doc, end)  # "Exercise Northern Anvil", "the exercise Bright Star"
            end += int(end > hit.end and end < len(doc) and doc[end].text.isdigit())
        return Candidate(start, end, "Event", hit.word.value, Form.NAME, strength=54).with_features(
            trigger="noun",
            form=hit.word.form,
            lemma=hit.word.lemma,
            parties="|".join(codes) if len(set(codes)) > 1 else None,
            definite="yes" if self._is_definite(doc, start, hit) else None,
            ordinal=self._ordinal(doc, start, hit),
            name=_proper_name(doc, start, hit, end) if hit.word.value == "Exercise" else None,
        )

    def _is_definite(self, doc: Doc, start: int, hit: PhraseHit) -> bool:
        """Whether the noun speaks of what was spoken of before: "the talks"; "work began" without an article, too."""
        after = doc[hit.end] if hit.end < len(doc) else None
        if after is not None and after.lower_ == "of":
            return False  # what follows tells which
        if start and doc[start - 1].lower_ in self._definite:
            return True
        opens = doc[start].is_sent_start and start == hit.start and hit.word.lemma in self._bare
        return bool(opens) and after is not None and after.pos_ in {"VERB", "AUX"}

    def _ordinal(self, doc: Doc, start: int, hit: PhraseHit) -> str | None:
        """Which of several the words before the noun say it is: "the third meeting", "another round"."""
        first = max(start - 3, doc[hit.start].sent.start) if start == hit.start else max(start - 1, 0)
        for i in range(hit.start - 1, first - 1, -1):
            if doc[i].is_punct and doc[i].text != "-":
                break
            ordinal = self._ordinals.get(doc[i].lower_)
            if ordinal is not None or doc[i].lower_ in self._ordinals:
                found = ordinal or doc[i].lower_
                tens = i - 2 >= doc[hit.start].sent.start and doc[i - 1].text == "-" and doc[i - 2].is_alpha
                return f"{doc[i - 2].lower_}-{found}" if tens else found  # "the thirty-first session"
        return None


def _stays(doc: Doc) -> Iterator[Candidate]:
    """Forms of "be" by which someone is in a place ("was in Oslo on Monday"); arguments tell whether it is a visit."""
    for token in doc:
        if token.dep_ != "cop" or not token.is_lower:
            continue
        beside = {c.dep_: c for c in token.head.children}
        there = token.head.lower_ in _THERE and "obl" in beside
        case = beside.get("case") if token.head.pos_ == "PROPN" else None
        if "nsubj" in beside and (there or (case is not None and case.lower_ in {"in", "at"})):
            yield Candidate(token.i, token.i + 1, "Event", "Visit", Form.NAME, strength=30).with_features(
                trigger="verb", form="base", lemma="be in"
            )


def _proper_name(doc: Doc, start: int, hit: PhraseHit, end: int) -> str | None:
    """The name around the noun: "Exercise Bright Star 26" is "bright star 26"."""
    parts = (name_words(doc, start, hit.start), name_words(doc, hit.end, end))
    return " ".join(p for p in parts if p) or None


class GroupFinder:
    """Finds mentions of several people or countries at once: "the two ministers", "both countries"."""

    def __init__(self, catalog: Catalog) -> None:
        self._nouns = PhraseIndex(catalog.lexicon, "group_nouns")
        self._modifiers = frozenset(catalog.lexicon.entries("group_modifiers"))

    def find(self, doc: Doc) -> Iterator[Candidate]:
        """Candidates of all definite group mentions."""
        for hit in self._nouns.find(doc):
            if hit.word.value not in {"Person", "Country", "Organization"}:
                continue
            if (
                hit.word.form == "base"
                and hit.word.lemma == doc[hit.start].lower_
                and not doc[hit.start].lower_.endswith("s")
            ):
                continue
            start, definite = hit.start, False
            while start > 0 and not doc[start].is_sent_start:
                word = doc[start - 1].lower_
                # "their commanders" are others than those spoken of; "their countries" are theirs.
                if word in {"the", "both", "these"} or (word == "their" and hit.word.value == "Country"):
                    start, definite = start - 1, True
                    break
                if word not in self._modifiers:
                    break
                start -= 1
            if definite:
                outer = start + int(doc[start].lower_ in {"the", "their", "these"})
                yield Candidate(
                    outer,
                    hit.end,
                    "Place" if hit.word.value == "Country" else hit.word.value,
                    "Country" if hit.word.value == "Country" else None,
                    Form.GROUP,
                    strength=63,
                ).with_features(
                    noun=hit.word.lemma,
                    count=next((w for t in doc[start : hit.end] if (w := t.lower_) in _COUNTS), None),
                    words=" ".join(t.lower_ for t in doc[outer : hit.end]),
                )


def _is_particle(doc: Doc, i: int) -> bool:
    """Whether a word after a verb is its particle ("struck down"), not a preposition ("trained off Duqm")."""
    return not doc[i].dep_ or doc[i].dep_ in {"compound:prt", "advmod", "prt"}
