"""Bodies of a state ("the Japanese government", "Kenya's navy"), and those of them that the gazetteer knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from spacy.tokens import Doc

from kg.catalog import Catalog
from kg.mentions.candidates import Candidate
from kg.mentions.countries import Countries
from kg.mentions.phrases import PhraseIndex
from kg.mentions.shape import POSSESSIVE
from kg.terms import slug


class StateBodyFinder:
    """Finds a country with a kind of body that every country has one of."""

    def __init__(self, catalog: Catalog) -> None:
        self._gazetteer = catalog.gazetteer
        self._state_bodies = PhraseIndex(catalog.lexicon, "state_bodies")
        self._heads = catalog.lexicon.forms("organization_heads")

    def find(self, doc: Doc, countries: Countries) -> Iterator[Candidate]:
        """ "the Japanese government", "U.S. forces", "Kenya's navy": one body for a country and a kind of body."""
        for hit in self._state_bodies.find(doc):
            country = countries.possessor(doc, hit.start)
            if country is None or country.features.get("metonym"):
                continue
            canonical = hit.word.value or hit.word.lemma
            possessive = doc[hit.start - 1].text in POSSESSIVE
            code = country.features["country"]
            known = self._known_state_body(
                code,
                {canonical, hit.word.lemma, "military"}
                if canonical == "armed forces"
                else {canonical, hit.word.lemma},
            )
            yield Candidate(
                hit.start if possessive else country.start,
                hit.end,
                "Organization",
                self._state_subkind(canonical),
                strength=62,
                value=known or f"org/{slug(canonical)}-{code}",
            ).with_features(
                head=canonical,
                country=code,
                country_from="possessor" if possessive else "name",
                state_body=canonical,
            )

    def known_body(self, code: str, name: str) -> str | None:
        """The gazetteer's key of a body that a country's possessive or adjective tells from its namesakes, or None."""
        entry = self._gazetteer.entries.get(f"place/{code}")
        owners = (*entry.adjectives, entry.name, *entry.aliases) if entry is not None else ()
        hits = (s.key for o in owners for s in self._gazetteer.surfaces.get(f"{o} {name}", ()))
        return next((key for key in hits if key.startswith("org/")), None)

    def _known_state_body(self, code: str, bodies: Iterable[str]) -> str | None:
        """The gazetteer's key of a country's body, under any of the country's names and adjectives."""
        entry = self._gazetteer.entries.get(f"place/{code}")
        if entry is None:
            return None
        for owner in (*entry.adjectives, entry.name, *entry.aliases):
            for body in sorted(bodies):
                for words in (body, body.title()):
                    for surface in self._gazetteer.surfaces.get(f"{owner} {words}", ()):
                        if surface.key.startswith("org/"):
                            return surface.key
        return None

    def _state_subkind(self, canonical: str) -> str | None:
        if canonical in self._heads:
            return self._heads[canonical].value
        first = self._heads.get(canonical.split()[0])  # "ministry of defense"
        if first is not None:
            return first.value
        return "ArmedForce" if canonical.endswith("forces") else None
