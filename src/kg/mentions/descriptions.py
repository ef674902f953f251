"""Things described, not named: "the bilateral defense treaty", "a naval base", "Japan's southwestern islands"."""

from __future__ import annotations

from collections.abc import Iterator

from spacy.tokens import Doc

from kg.catalog import Catalog
from kg.mentions.agreements import AgreementDescriptions
from kg.mentions.candidates import Candidate
from kg.mentions.countries import Countries
from kg.mentions.phrases import PhraseHit
from kg.mentions.shape import POSSESSIVE, is_name_word, run_left
from kg.model import Form


class DescriptionFinder:
    """Reads common nouns with telling words around them."""

    def __init__(self, catalog: Catalog) -> None:
        lexicon = catalog.lexicon
        self._modifiers = frozenset(lexicon.entries("body_modifiers"))
        self._region_adjectives = frozenset(lexicon.entries("region_adjectives"))
        self.agreements = AgreementDescriptions(catalog)
        self._capitals = {
            e.country: e.key for e in catalog.gazetteer.entries.values() if e.capital and e.country
        }
        self._missions = frozenset(lexicon.entries("diplomatic_missions"))
        self._owned = frozenset(lexicon.entries("owned_facilities"))

    def describe(self, doc: Doc, kind: str, hit: PhraseHit, countries: Countries) -> Iterator[Candidate]:
        """The description whose head of a `kind` is `hit`, if its words tell enough."""
        if kind == "Agreement":
            yield from self.agreements.describe(doc, hit, countries)
        elif kind == "Organization":
            yield from self._body(doc, hit, countries)
        elif kind == "Facility":
            yield from self._facility(doc, hit, countries)
        elif kind == "Place":
            yield from self._region(doc, hit, countries)

    def _body(self, doc: Doc, hit: PhraseHit, countries: Countries) -> Iterator[Candidate]:
        """ "a joint force headquarters", "the U.S. military command": a lower-case head with telling modifiers."""
        lone = hit.word.form == "base" and hit.start > 0 and doc[hit.start - 1].lower_ in {"the", "this"}
        if lone and self._stands_alone(doc, hit):
            # "the ministry", "the Committee": the one of its kind that was spoken of last, if there is one.
            yield Candidate(
                hit.start, hit.end, "Organization", hit.word.value, Form.DESCRIPTION, strength=51
            ).with_features(head=hit.word.lemma, definite="yes")
            return
        if not doc[hit.start].is_lower or hit.word.form == "plural":
            return
        start = hit.start
        while start > 0 and doc[start - 1].lower_ in self._modifiers:
            start -= 1
        if start == hit.start and hit.end - hit.start == 1:
            before = hit.start - 1
            if before >= 0 and is_name_word(doc, before) and hit.word.value == "Government":
                # "the Biden administration": a government named after its head.
                first = run_left(doc, hit.start)
                if countries.ending_at(hit.start) is None and hit.start - first <= 2:
                    yield Candidate(first, hit.end, "Organization", "Government", strength=55).with_features(
                        head=hit.word.lemma, leader=doc[hit.start - 1].text
                    )
            return
        country = countries.possessor(doc, start)
        if country is not None and doc[start - 1].text not in POSSESSIVE:
            start = country.start
        yield Candidate(
            start, hit.end, "Organization", hit.word.value, Form.DESCRIPTION, strength=52
        ).with_features(
            head=hit.word.lemma,
            country=country.features["country"] if country else None,
            country_from="possessor" if country else None,
        )

    @staticmethod
    def _stands_alone(doc: Doc, hit: PhraseHit) -> bool:
        """Whether no noun and no "of" follows that the head only describes ("the army chief", "the Office of ...")."""
        if hit.end >= len(doc) or doc[hit.end].is_sent_start:
            return True
        last, after = doc[hit.end - 1], doc[hit.end]
        if after.lower_ in {"of", "for", "-"} or is_name_word(doc, hit.end):
            return False
        if last.dep_:
            return last.dep_ not in {"compound", "amod", "nmod:desc", "flat"}
        return not after.is_alpha or after.is_stop

    def _facility(self, doc: Doc, hit: PhraseHit, countries: Countries) -> Iterator[Candidate]:
        """ "the replacement facility", "a naval base": told by its words or by what was named before.

        "China's embassy", "the Turkish base": told by whose it is.
        """
        owner = countries.possessor(doc, hit.start)
        owned = hit.word.lemma in self._missions | self._owned and doc[hit.start].is_lower
        if owner is not None and owned and hit.word.form == "base" and not owner.features.get("metonym"):
            state = owner.subkind == "Country" or owner.form is Form.ADJECTIVE
            possessive = doc[hit.start - 1].text in POSSESSIVE
            if _is_said(doc, owner.start):
                state = state and hit.word.lemma in self._missions
            if state and (possessive or owner.form is Form.ADJECTIVE or hit.word.lemma in self._missions):
                yield Candidate(
                    owner.start, hit.end, "Facility", hit.word.value, Form.DESCRIPTION, strength=64
                ).with_features(head=hit.word.lemma, country=owner.features.get("country"))
                return
        definite = hit.start > 0 and doc[hit.start - 1].lower_ in {"the", "this"}
        if doc[hit.start].is_lower and hit.word.form == "base" and (definite or hit.end - hit.start > 1):
            yield Candidate(
                hit.start, hit.end, "Facility", hit.word.value, Form.DESCRIPTION, strength=50
            ).with_features(head=hit.word.lemma, definite="yes" if definite else None)

    def _region(self, doc: Doc, hit: PhraseHit, countries: Countries) -> Iterator[Candidate]:
        """ "Japan's southwestern island chain", "the northern region of Mali"."""
        if hit.word.lemma.startswith("capital"):
            yield from self._capital(doc, hit, countries)
            return
        start = hit.start
        while start > 0 and doc[start - 1].lower_ in self._region_adjectives:
            start -= 1
        if not doc[hit.start].is_lower:
            return
        definite = start > 0 and doc[start - 1].lower_ in {"the", "this"} and hit.word.form != "plural"
        if (
            definite
            and hit.word.value not in {None, "Country"}
            and not (hit.end < len(doc) and doc[hit.end].lower_ == "of")
        ):
            # "the southern prefecture", "the strait": a place named before, if one of its kind was.
            yield Candidate(
                start, hit.end, "Place", hit.word.value, Form.DESCRIPTION, strength=48
            ).with_features(head=hit.word.lemma, definite="yes")
            return
        if start == hit.start:
            return
        owner, end = countries.possessor(doc, start), hit.end
        if owner is not None and doc[start - 1].text in POSSESSIVE:
            start = owner.start
        elif (
            end + 1 < len(doc)
            and doc[end].lower_ == "of"
            and (owner := countries.starting_at(end + 1)) is not None
        ):
            end = owner.end
        else:
            return
        subkind = "Region" if hit.word.form == "plural" or hit.word.value is None else hit.word.value
        yield Candidate(start, end, "Place", subkind, Form.DESCRIPTION, strength=70).with_features(
            head=hit.word.lemma,
            within=owner.value,
            description=" ".join(t.lower_ for t in doc[hit.start - 1 : hit.end]),
        )

    def _capital(self, doc: Doc, hit: PhraseHit, countries: Countries) -> Iterator[Candidate]:
        """ "the Georgian capital", "Chad's capital", "the capital of Chad": the city, known by its country."""
        last = doc[hit.end - 1]
        if hit.word.form == "plural" or last.dep_ in {"compound", "amod"} or not doc[hit.start].is_lower:
            return
        owner, start, end = countries.possessor(doc, hit.start), hit.start, hit.end
        if owner is not None:
            start = owner.start
        elif end + 1 < len(doc) and doc[end].lower_ == "of":
            owner = countries.starting_at(end + 1 + int(doc[end + 1].lower_ == "the"))
            end = owner.end if owner is not None else end
        if owner is None or owner.subkind != "Country" or owner.features.get("metonym"):
            return
        key = self._capitals.get(owner.features.get("country", ""))
        if key is not None:
            yield Candidate(
                start, end, "Place", "City", Form.DESCRIPTION, value=key, strength=82
            ).with_features(head=hit.word.lemma, country=owner.features["country"])


def _is_said(doc: Doc, start: int) -> bool:
    """Whether what begins at token `start` is said of a name: "F, a Turkish base", "F is a Turkish base"."""
    if start > 0 and doc[start - 1].lower_ in {"former", "ex", "old", "onetime"}:
        return True
    at = start - 1 - int(start > 0 and doc[start - 1].lower_ in {"a", "an", "the"})
    return at >= 0 and doc[at].lower_ in {",", "is", "was", "remains", "a", "an"}
