"""All mentions of a reading: every finder proposes, overlaps are settled, acronyms are tied to what they stand for."""

from __future__ import annotations

from dataclasses import dataclass

from kg.catalog import Catalog
from kg.mentions.acronyms import AcronymFinder
from kg.mentions.apposition import tie_descriptions
from kg.mentions.bodies import BodyFinder
from kg.mentions.candidates import Candidate, settle, text_of
from kg.mentions.countries import Countries
from kg.mentions.dates import find_dates, find_last_past_day
from kg.mentions.equipment import EquipmentFinder
from kg.mentions.happenings import EventFinder, GroupFinder
from kg.mentions.home_country import HomeCountry
from kg.mentions.introduced import IntroducedFinder
from kg.mentions.leading import LeadershipFinder
from kg.mentions.named_events import NamedEventFinder
from kg.mentions.names import NameFinder
from kg.mentions.office_owners import OfficeOwners, open_up, without_portfolios
from kg.mentions.offices import LED, OfficeFinder
from kg.mentions.people import PersonFinder
from kg.mentions.pronouns import PronounReader
from kg.mentions.recognition import NameRecognizer
from kg.mentions.shape import headline_tokens
from kg.mentions.shared_titles import SharedTitles
from kg.mentions.wholes import split_wholes
from kg.model import Mention, Rejection
from kg.text.reading import Reading


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
        self._acronyms = AcronymFinder(catalog.gazetteer)
        self._introduced = IntroducedFinder(catalog)
        self._recognizer = NameRecognizer(catalog)
        self._bodies = BodyFinder(catalog)
        self._offices = OfficeFinder(catalog)
        self._leading = LeadershipFinder(catalog)
        self._owners = OfficeOwners(catalog)
        self._home = HomeCountry(catalog)
        self._shared_titles = SharedTitles(catalog)
        self._people = PersonFinder(catalog)
        self._events = EventFinder(catalog)
        self._named_events = NamedEventFinder(catalog.lexicon)
        self._groups = GroupFinder(catalog)
        self._equipment = EquipmentFinder(catalog)
        self._pronouns = PronounReader(catalog.lexicon)

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
        bodies = self._bodies.find(doc, countries, headline, dates, names)
        recognized = self._recognizer.read(doc, headline)
        events = self._events.find(doc, countries, headline)
        equipment = list(self._equipment.find(doc, countries, headline))
        told = [*names, *dates, *bodies, *equipment]
        events += self._named_events.find(doc, events, told, headline)
        introduced = list(self._introduced.find(doc, told, recognized, headline))
        bodies += introduced
        bodies += self._recognizer.propose(doc, recognized, [*told, *introduced], events)
        bodies += self._acronyms.find(doc, [*names, *bodies, *equipment])
        known, _, _ = settle([c for c in (*names, *bodies, *equipment) if c.kind in LED])
        led = [c for c in known if c.kind == "Organization"]
        offices = [*self._offices.find(doc, countries, known, headline), *self._leading.find(doc, led)]
        rest = [
            *names,
            *dates,
            *bodies,
            *offices,
            *equipment,
            *self._groups.find(doc),
        ]
        rest += events
        placed, inside, _ = settle(rest)
        people = self._people.find(doc, placed, headline, recognized)
        winners, nested, losers = settle([*placed, *inside, *people])
        winners = self._owners.complete(doc, winners)
        winners = self._home.lend(doc, winners, nested)
        winners, nested = open_up(doc, winners, without_portfolios(winners, nested))
        shared = self._shared_titles.find(doc, winners, countries)
        nested = sorted(
            [*nested, *split_wholes(doc, winners, bodies), *shared], key=lambda c: (c.start, c.end, c.kind)
        )
        winners = tie_descriptions(doc, winners)
        pronouns = self._pronouns.find(doc, winners)
        winners = self._owners.take_up(doc, winners, pronouns)
        winners = sorted([*winners, *pronouns], key=lambda c: c.start)
        return Found(
            tuple(_mention(reading, c) for c in winners),
            tuple(_mention(reading, c) for c in nested),
            tuple(
                Rejection("mentions", reading.span(c.start, c.end), text_of(doc, c.start, c.end), why)
                for c, why in losers
            ),
            last.isoformat() if last is not None else None,
        )


def _mention(reading: Reading, c: Candidate) -> Mention:
    start, end = c.start, c.end
    if "surface" in c.features:  # tokens that only tell it from its likes: the words stand elsewhere
        start, end = (int(i) for i in c.features["surface"].split(":"))
    return Mention(
        span=reading.span(start, end),
        tokens=(c.start, c.end),
        text=text_of(reading.doc, start, end),
        kind=c.kind,
        subkind=c.subkind,
        form=c.form,
        value=c.value,
        features=dict(sorted(c.features.items())),
    )
