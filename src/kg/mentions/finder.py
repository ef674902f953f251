"""All mentions of a reading: every finder proposes, overlaps are settled, acronyms are tied to what they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spacy.tokens import Doc

from kg.catalog import Catalog
from kg.mentions.bodies import BodyFinder
from kg.mentions.candidates import Candidate, settle, text_of
from kg.mentions.countries import Countries
from kg.mentions.dates import find_dates, find_last_past_day
from kg.mentions.happenings import EquipmentFinder, EventFinder, GroupFinder
from kg.mentions.names import NameFinder
from kg.mentions.offices import OfficeFinder
from kg.mentions.people import PersonFinder
from kg.mentions.recognition import NameRecognizer
from kg.mentions.shape import headline_tokens
from kg.model import Form, Mention, Rejection
from kg.text.reading import Reading

_ACRONYM_KINDS = frozenset({"Organization", "Agreement", "Facility", "Equipment"})


@dataclass(frozen=True)
class Found:
    """The mentions of a reading: `outer` do not overlap, `nested` lie inside outer ones; both in text order.

    `last_day` is the latest past day that the text dates by itself (EDTF), or None.
    """

    outer: tuple[Mention, ...]
    nested: tuple[Mention, ...]
    rejections: tuple[Rejection, ...]
    last_day: str | None = None


class MentionFinder:
    """Finds the mentions of a reading with what the catalog declares."""

    def __init__(self, catalog: Catalog) -> None:
        self._names = NameFinder(catalog)
        self._recognizer = NameRecognizer(catalog)
        self._bodies = BodyFinder(catalog)
        self._offices = OfficeFinder(catalog)
        self._people = PersonFinder(catalog)
        self._events = EventFinder(catalog)
        self._groups = GroupFinder(catalog)
        self._equipment = EquipmentFinder(catalog)

    def find(self, reading: Reading, today: str | None = None) -> Found:
        """All mentions of `reading`; relative dates are seen from the EDTF date `today`, if there is one."""
        doc = reading.doc
        if len(doc) == 0:
            return Found((), (), ())
        headline = headline_tokens(doc)
        names = self._names.find(doc)
        countries = Countries(names)
        dated = find_dates(doc, today)
        last = find_last_past_day(dated)
        dates = [
            Candidate(d.start_token, d.end_token, "Date", None, value=d.edtf, strength=95).with_features(
                basis=d.kind
            )
            for d in dated
            if not d.heads
        ]
        bodies = self._bodies.find(doc, countries, headline, dates)
        recognized = self._recognizer.read(doc, headline)
        bodies += self._recognizer.propose(doc, recognized, [*names, *dates, *bodies])
        bodies += self._acronyms(doc, [*names, *bodies])
        known, _, _ = settle([c for c in (*names, *bodies) if c.kind == "Organization"])
        offices = self._offices.find(doc, countries, known, headline)
        rest = [
            *names,
            *dates,
            *bodies,
            *offices,
            *self._equipment.find(doc, countries, headline),
            *self._groups.find(doc),
        ]
        rest += self._events.find(doc, countries, headline)
        placed, inside, _ = settle(rest)
        people = self._people.find(doc, placed, headline, recognized)
        winners, nested, losers = settle([*placed, *inside, *people])
        return Found(
            tuple(_mention(reading, c) for c in winners),
            tuple(_mention(reading, c) for c in nested),
            tuple(
                Rejection("mentions", reading.span(c.start, c.end), text_of(doc, c.start, c.end), why)
                for c, why in losers
            ),
            last.isoformat() if last is not None else None,
        )

    def _acronyms(self, doc: Doc, candidates: Sequence[Candidate]) -> Iterator[Candidate]:
        """ "X Y Z (XYZ)": the acronym names the same thing there and wherever it stands later."""
        settled, _, _ = settle(candidates)
        meaning: dict[str, Candidate] = {}
        for c in settled:
            if c.kind not in _ACRONYM_KINDS or c.end + 2 >= len(doc):
                continue
            if doc[c.end].text == "(" and doc[c.end + 2].text == ")" and _abbreviates(doc, c):
                meaning.setdefault(doc[c.end + 1].text, c)
        for token in doc:
            full = meaning.get(token.text)
            if full is not None:
                yield Candidate(
                    token.i,
                    token.i + 1,
                    full.kind,
                    full.subkind,
                    Form.NAME,
                    full.value,
                    strength=97,
                    nested=True,
                    features={**full.features, "acronym_of": text_of(doc, full.start, full.end)},
                )


def _abbreviates(doc: Doc, full: Candidate) -> bool:
    """Whether the word in parentheses after `full` is made of capitals of its words, in order."""
    acronym = doc[full.end + 1].text
    letters = [c for c in acronym if c.isupper()]
    if len(letters) < 2 or len(acronym) > 10 or len(letters) * 2 < len(acronym):
        return False
    initials = [
        part[0].upper()
        for t in doc[full.start : full.end]
        for part in t.text.split("-")
        if part[:1].isalpha()
    ]
    at = 0
    for letter in letters:
        while at < len(initials) and initials[at] != letter:
            at += 1
        if at == len(initials):
            # "JJOC" for "JSDF Joint Operations Command": the country's initial may lead.
            return letter != letters[0] and sum(i in letters for i in initials) >= len(letters) - 1
        at += 1
    return True


def _mention(reading: Reading, c: Candidate) -> Mention:
    return Mention(
        span=reading.span(c.start, c.end),
        tokens=(c.start, c.end),
        text=text_of(reading.doc, c.start, c.end),
        kind=c.kind,
        subkind=c.subkind,
        form=c.form,
        value=c.value,
        features=dict(sorted(c.features.items())),
    )
