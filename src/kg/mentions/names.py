"""Names that the gazetteer knows, read in their context.

One surface can have several readings ("Washington" the city, the government, a surname; "SDF" the Japanese or the
Syrian force). A reading is chosen by form, by what stands around it, and by which countries the document speaks of.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from spacy.tokens import Doc

from kg.catalog import Catalog, GazetteerEntry
from kg.catalog.gazetteer import unaccented
from kg.mentions.candidates import Candidate, bounds, is_capitalised, plain
from kg.mentions.shape import is_name_word
from kg.model import Form
from kg.terms import fold

_LONGEST_NAME = 12  # tokens; "North Atlantic Treaty Organization's Supreme ..." and the like stay below it
_SMALL = frozenset({"OF", "AND", "THE"})
_SHOUTED = 4  # code points; shorter words in capitals are acronyms
_BIG_CITY = 300_000  # inhabitants; a smaller city is believed only where its context says that it is a place


@dataclass(frozen=True, slots=True)
class _Reading:
    start: int
    end: int
    entry: GazetteerEntry
    form: str


class NameFinder:
    """Finds gazetteer names in a `Doc`."""

    def __init__(self, catalog: Catalog) -> None:
        self._gazetteer = catalog.gazetteer
        self._before_place = frozenset(catalog.lexicon.entries("place_prepositions"))
        lists = (
            "organization_heads facility_heads agreement_heads place_heads event_nouns office_titles months weekdays "
            "ranks honorifics directions portfolios"
        )
        self._common = frozenset(
            w for name in lists.split() for w in catalog.lexicon.forms(name) if " " not in w
        )
        self._suffixes = frozenset(catalog.lexicon.entries("company_suffixes"))
        self._given = frozenset(catalog.lexicon.entries("given_names"))
        self._not_verbs = frozenset(catalog.lexicon.entries("words_after_place"))
        # First words of the names of several, and of all names how they begin: most words of a text begin none.
        self._opening = {surface.split(" ", 1)[0] for surface in self._gazetteer.surfaces if " " in surface}
        self._first = {surface.split(" ", 1)[0][:2] for surface in self._gazetteer.surfaces}

    def find(self, doc: Doc) -> list[Candidate]:
        """Candidates for every gazetteer name, one reading each."""
        found = self._look_up(doc)
        countries: Counter[str] = Counter()
        for readings in found:
            named = {r.entry.country for r in readings if r.entry.country and r.entry.subkind == "Country"}
            if len(named) == 1:
                countries.update(named)
        out = []
        for readings in found:
            chosen = self._choose(doc, readings, countries)
            if chosen is not None:
                out.append(self._candidate(doc, chosen))
        return out

    def _look_up(self, doc: Doc) -> list[list[_Reading]]:
        """For each place, the readings of the longest surface that begins there, then of shorter ones inside it."""
        surfaces, text, places = self._gazetteer.surfaces, plain(doc), bounds(doc)
        bare = text if text.isascii() else unaccented(text)
        out = []
        for i, (begin, stop) in enumerate(places):
            two = text[begin : min(stop, begin + 2)]
            if self._first.isdisjoint((two, two.title(), bare[begin : min(stop, begin + 2)], bare[begin])):
                continue
            reach = min(i + _LONGEST_NAME, len(places))
            space = text.find(" ", begin)
            word = text[begin:space] if space >= 0 else text[begin:]
            opens = {word, word.title(), bare[begin : begin + len(word)]}
            if self._opening.isdisjoint(opens):
                while reach > i + 1 and places[reach - 1][1] > begin + len(word):
                    reach -= 1
            for end in range(reach, i, -1):
                surface = text[begin : places[end - 1][1]]
                hits = surfaces.get(surface)
                if hits is None and not surface.isascii():
                    # "Chișinău" may be listed as "Chişinău" or "Chisinau"
                    hits = surfaces.get(bare[begin : places[end - 1][1]])
                if hits is None and surface.isupper() and len(surface) >= _SHOUTED:
                    # "NAIROBI, Sept 12": a dateline in capitals.
                    # "REPUBLIC OF GHANA": a heading.
                    hits = tuple(s for s in surfaces.get(_lowered(surface), ()) if s.key.startswith("place/"))
                if hits:
                    # A surface that is a country's name and its adjective alike ("U.S.") reads as the name.
                    forms = {s.key: s.form for s in sorted(hits, key=lambda s: s.form == "name")}
                    out.append([_Reading(i, end, self._gazetteer.get(k), f) for k, f in forms.items()])
        return out

    def _choose(self, doc: Doc, readings: list[_Reading], countries: Counter[str]) -> _Reading | None:
        believed = [r for r in readings if self._believable(doc, r)]
        if not believed:
            return None
        start = believed[0].start
        after_preposition = self.in_place_phrase(doc, start)

        def rank(r: _Reading) -> tuple[int, ...]:
            entry = r.entry
            is_place = entry.kind == "Place"
            named_country = countries.get(entry.country or "", 0)
            return (
                int(entry.subkind == "Country"),
                int(entry.capital),
                int(is_place == after_preposition) if len({x.entry.kind for x in believed}) > 1 else 0,
                named_country if entry.subkind != "City" else 0,
                int(not entry.ambiguous),
                entry.population,
            )

        best = sorted(believed, key=lambda r: (*(-x for x in rank(r)), r.entry.key))
        if (
            best[0].entry.subkind == "Party"
            and best[0].entry.country
            and not countries.get(best[0].entry.country)
        ):
            return None  # every second country has a Democratic Party
        rivals = len(best) > 1 and best[0].entry.kind == best[1].entry.kind == "Organization"
        if rivals and best[0].entry.country != best[1].entry.country:
            # Two bodies share an acronym: without a word on the country, neither can be claimed.
            return best[0] if countries.get(best[0].entry.country or "") else None
        return best[0]

    def in_place_phrase(self, doc: Doc, start: int) -> bool:
        """Whether the words before token `start` take a place ("in", "visited", "in Tokyo and ...")."""
        i = start - 1
        while i >= 0 and doc[i].lower_ in {"the", "nearby", "downtown", "central"}:
            i -= 1
        if i >= 0 and doc[i].lower_ in {"and", ","} and i > 0 and is_capitalised(doc[i - 1].text):
            j = i - 1
            while j > 0 and is_capitalised(doc[j - 1].text):
                j -= 1
            return j > 0 and doc[j - 1].lower_ in self._before_place
        return i >= 0 and doc[i].lower_ in self._before_place

    def _believable(self, doc: Doc, r: _Reading) -> bool:
        entry = r.entry
        if entry.kind == "Organization":
            return self._is_whole(doc, r) and not self._is_given_name(doc, r)
        if entry.kind != "Place" or entry.subkind not in {"City", "Prefecture"}:
            return True
        if r.end - r.start == 1 and doc[r.start].lower_ in self._common:
            return False  # "Republic", "March", "University": towns somewhere, and words everywhere
        before = doc[r.start - 1] if r.start else None
        after = doc[r.end] if r.end < len(doc) else None
        if after is not None and self._goes_on(doc, r.end) and not entry.capital:
            return False  # "Wadi Halfa", "David Gareja": the first word of a longer name
        beside_name = (before is not None and _name_like(before.text) and not before.is_sent_end) or (
            after is not None and _name_like(after.text) and not after.is_sent_start
        )
        # "Victoria Nuland", "Camp Lincoln": part of a longer name unless a comma or preposition sets it off.
        if beside_name and not entry.capital and not self.in_place_phrase(doc, r.start):
            return False
        if entry.capital or (entry.population >= _BIG_CITY and not entry.ambiguous):
            return True
        followed = (
            after is not None
            and after.text == ","
            and r.end + 1 < len(doc)
            and is_capitalised(doc[r.end + 1].text)
        )
        return self.in_place_phrase(doc, r.start) or (followed and not entry.ambiguous)

    def _goes_on(self, doc: Doc, end: int) -> bool:
        """Whether a name word follows that is neither a common noun of names nor some country's adjective."""
        after = doc[end]
        if not _name_like(after.text) or after.is_sent_start or not is_name_word(doc, end):
            return False
        return after.lower_ not in self._common and not self._gazetteer.surfaces.get(after.text)

    def _is_given_name(self, doc: Doc, r: _Reading) -> bool:
        """Whether the name of a body begins a person's here: "Rafael" in "the director, Rafael Costa"."""
        if r.end - r.start > 1 or r.end >= len(doc) or fold(doc[r.start].text) not in self._given:
            return False
        after = doc[r.end]
        return _name_like(after.text) and after.lower_ not in self._common | self._suffixes

    def _is_whole(self, doc: Doc, r: _Reading) -> bool:
        """Whether a body's name ends where the gazetteer's does: not so "Royal Navy" in "Royal Navy of Oman"."""
        at = r.end + 1
        if at >= len(doc) or doc[r.end].lower_ != "of":
            return True
        at += int(doc[at].lower_ == "the")
        if at >= len(doc) or not is_name_word(doc, at):
            return True
        owner = self._gazetteer.entries.get(f"place/{r.entry.country}")
        return owner is not None and doc[at].text in {n.split()[0] for n in (owner.name, *owner.aliases)}

    def _candidate(self, doc: Doc, r: _Reading) -> Candidate:
        entry = r.entry
        form = Form.NAME if r.form == "name" else Form.ADJECTIVE
        end = r.end
        if entry.subkind == "Company":
            while end < len(doc) and doc[end].lower_ in self._suffixes and doc[end].text[0].isupper():
                end += 1  # "Goa Shipyard Limited"
        # "U.S. forces", "Japan-U.S. alliance": the name of a country used as an adjective is still its name.
        candidate = Candidate(
            r.start,
            end,
            entry.kind,
            entry.subkind,
            form,
            value=entry.key,
            strength=80 if entry.kind == "Place" else 90,
            nested=entry.kind in {"Place", "Organization"},
        ).with_features(country=entry.country)
        if (
            entry.capital
            and entry.country
            and not self.in_place_phrase(doc, r.start)
            and self._acts(doc, r.end)
        ):
            country = self._gazetteer.entries.get(f"place/{entry.country}")
            if country is not None:
                # Metonymy: a capital that says or agrees is its government, which the guide maps to the country.
                return Candidate(
                    r.start,
                    r.end,
                    country.kind,
                    country.subkind,
                    Form.DESCRIPTION,
                    value=country.key,
                    strength=80,
                    nested=True,
                ).with_features(country=entry.country, metonym="capital")
        return candidate

    def _acts(self, doc: Doc, end: int) -> bool:
        """Whether what follows makes the name an actor: a verb-like word, "'s", or "and" plus a name that acts."""
        if end >= len(doc):
            return False
        word = doc[end]
        if word.lower_ == "and" and end + 1 < len(doc) and is_capitalised(doc[end + 1].text):
            j = end + 1
            while j < len(doc) and is_capitalised(doc[j].text):
                j += 1
            return (
                j < len(doc) and doc[j].is_alpha and doc[j].is_lower and doc[j].lower_ not in self._not_verbs
            )
        if word.text == "'s":
            return end + 1 < len(doc) and doc[end + 1].is_lower
        return word.is_alpha and word.is_lower and word.lower_ not in self._not_verbs


def _lowered(shouted: str) -> str:
    """A name in capitals as it is written elsewhere: "Republic of Ghana"."""
    return " ".join(w.lower() if w in _SMALL else w.title() for w in shouted.split(" "))


def _name_like(word: str) -> bool:
    return is_capitalised(word) and len(word) > 1 and word[1:2].islower()
