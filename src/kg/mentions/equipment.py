"""Weapons, vehicles and ships: designators, names before a telling noun, ships under their navy's prefix."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacy.tokens import Doc

from kg.catalog import Catalog
from kg.mentions.candidates import Candidate, text_of
from kg.mentions.countries import Countries
from kg.mentions.phrases import PhraseIndex
from kg.mentions.shape import is_name_word, run_left

#: A maker's or navy's designator: letters, a hyphen, digits ("F-35", "SM-6", "Su-57", "MQ-9B").
_DESIGNATOR = re.compile(r"[A-Z][A-Za-z]{0,3}-\d{1,4}[A-Z]{0,3}\Z")
#: A hull or pennant number: "DDG 97", "F-804", "LHD-4", "R 08".
_PENNANT = re.compile(r"[A-Z]{1,5}[ -]?\d{1,4}\Z")
_FINITE = frozenset({"VBZ", "VBP", "VBD"})
_SHORTEST_BARE = 4  # code points of a ship's name of one word that is looked for without its prefix
_HEAD_WITHIN = 4  # tokens between a designator and the noun that says what it is
_LONGEST_SHIP = 4  # words of a ship's name after the prefix
_INSIDE_SHIP = frozenset({"the", "of", "de", "la", "del", "al", "ul", "bin", "-"})


class EquipmentFinder:
    """Finds designators of weapons and platforms."""

    def __init__(self, catalog: Catalog) -> None:
        lexicon = catalog.lexicon
        self._heads = PhraseIndex(lexicon, "equipment_heads")
        self._ship_prefixes = frozenset(lexicon.entries("ship_prefixes"))
        self._bodies = frozenset(w for w in lexicon.forms("organization_heads") if " " not in w)
        self._ashore = PhraseIndex(lexicon, "facility_heads")

    def find(self, doc: Doc, countries: Countries, headline: list[bool]) -> Iterator[Candidate]:
        """Candidates of designators and names that a telling noun follows, and of designators that repeat one."""
        for hit in self._heads.find(doc):
            start = run_left(doc, hit.start)
            if (
                start < hit.start
                and not headline[hit.start]
                and countries.ending_at(hit.start) is None
                and doc[hit.start].is_lower
            ):
                yield Candidate(start, hit.start, "Equipment", hit.word.value, strength=45)
        confirmed: dict[str, str | None] = {}
        places = []
        for token in doc:
            if not _DESIGNATOR.match(token.text):
                continue
            places.append(token.i)
            for i in range(token.i + 1, min(token.i + 1 + _HEAD_WITHIN, len(doc))):
                head = self._heads.starting_at(doc, i)
                if head is not None:
                    confirmed.setdefault(token.text, head.word.value)
                    break
        for i in places:
            if doc[i].text in confirmed:
                yield Candidate(i, i + 1, "Equipment", confirmed[doc[i].text], strength=68)
        yield from self._ships(doc, headline)

    def _ships(self, doc: Doc, headline: list[bool]) -> Iterator[Candidate]:
        """ "KRI Diponegoro", "USS Halsey (DDG 97)"; a navy's establishments ashore are named as its ships are."""
        found: list[tuple[int, int]] = []
        ashore: set[str] = set()
        for token in doc:
            if token.lower_ not in self._ship_prefixes or not token.text[:2].isupper():
                continue
            if token.i + 1 < len(doc) and doc[token.i + 1].is_upper and len(doc[token.i + 1]) > 1:
                continue  # a line in capitals
            end = token.i + 1
            while end < len(doc) and end - token.i <= _LONGEST_SHIP and not doc[end].is_sent_start:
                linked = doc[end].lower_ in _INSIDE_SHIP and end > token.i + 1
                if headline[end] and doc[end].tag_ in _FINITE and end > token.i + 1:
                    break  # "USS Halsey Arrives in Cebu"
                if is_name_word(doc, end) or (linked and end + 1 < len(doc) and is_name_word(doc, end + 1)):
                    end += 1
                else:
                    break
            if end == token.i + 1 or doc[end - 1].lower_ in self._bodies:
                continue
            found.append((token.i, end))
            if (token.i > 0 and doc[token.i - 1].lower_ == "at") or self._is_base(doc, end):
                ashore.add(text_of(doc, token.i, end))
        yield from self._bare(doc, [place for place in found if text_of(doc, *place) not in ashore])
        for start, end in found:
            name = text_of(doc, start, end)
            if name in ashore:
                yield Candidate(start, end, "Facility", "MilitaryBase", strength=78).with_features(
                    head="base"
                )
                continue
            yield Candidate(start, end, "Equipment", "Platform", strength=78).with_features(head="ship")
            close = next((i for i in range(end + 2, min(end + 6, len(doc))) if doc[i].text == ")"), None)
            if close is not None and doc[end].text == "(" and _PENNANT.match(text_of(doc, end + 1, close)):
                yield Candidate(end + 1, close, "Equipment", "Platform", strength=78).with_features(
                    head="ship", acronym_of=name
                )

    def _bare(self, doc: Doc, ships: list[tuple[int, int]]) -> Iterator[Candidate]:
        """A ship named once with its prefix, and then without: "Halsey, homeported at Rota"."""
        taken = {i for start, end in ships for i in range(start, end)}
        names = {tuple(t.text for t in doc[s + 1 : e]): text_of(doc, s, e) for s, e in reversed(ships)}
        for name, whole in names.items():
            if len(name) == 1 and len(name[0]) < _SHORTEST_BARE:
                continue
            first = min((s for s, e in ships if tuple(t.text for t in doc[s + 1 : e]) == name), default=0)
            for at in range(first + 1, len(doc) - len(name) + 1):
                end = at + len(name)
                if doc[at].text != name[0] or tuple(t.text for t in doc[at:end]) != name:
                    continue
                if taken.isdisjoint(range(at, end)) and not self._is_longer(doc, at, end):
                    yield Candidate(at, end, "Equipment", "Platform", strength=70).with_features(
                        head="ship", acronym_of=whole
                    )

    def _is_longer(self, doc: Doc, start: int, end: int) -> bool:
        """Whether the words are part of a longer name ("Admiral Halsey", "Halsey Street")."""
        before = start > 0 and not doc[start].is_sent_start and is_name_word(doc, start - 1)
        return before or (end < len(doc) and is_name_word(doc, end) and not doc[end].is_sent_start)

    def _is_base(self, doc: Doc, end: int) -> bool:
        """Whether an apposition says that what ends before `end` is a base: ", the naval base at Lombrum"."""
        if end + 2 >= len(doc) or doc[end].text != "," or doc[end + 1].lower_ not in {"a", "an", "the"}:
            return False
        return any(self._ashore.starting_at(doc, i) for i in range(end + 2, min(end + 5, len(doc))))
