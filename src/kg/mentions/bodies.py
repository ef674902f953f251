"""Names composed of a head noun and what stands around it: bodies, facilities, agreements, places.

"<Name> Air Base", "Ministry of <portfolio>", "the <country> navy", "Strait of <Name>", "Japan-U.S. alliance":
nothing here is listed by name; the head nouns are the lexicon's, and the words around a head decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from spacy.tokens import Doc

from kg.catalog import Catalog
from kg.mentions.candidates import Candidate, is_capitalised, plain, text_of
from kg.mentions.countries import Countries
from kg.mentions.descriptions import DescriptionFinder
from kg.mentions.phrases import PhraseHit, PhraseIndex
from kg.mentions.shape import POSSESSIVE, run_left, run_right
from kg.mentions.state_bodies import StateBodyFinder
from kg.model import Form

#: Lexicon list of head nouns → top class of what they head.
_HEADS = (
    ("organization_heads", "Organization"),
    ("facility_heads", "Facility"),
    ("agreement_heads", "Agreement"),
    ("place_heads", "Place"),
)
_AFTER_HEAD = {
    "Organization": frozenset({"of", "for"}),
    "Facility": frozenset({"of"}),
    "Agreement": frozenset({"on", "of", "for", "concerning"}),
    "Place": frozenset({"of"}),
}
#: Kinds whose head may be in lower case after a name: "Futenma base", "Iwoto island".
_LOWER_HEAD_AFTER_NAME = frozenset({"Facility", "Place"})


class BodyFinder:
    """Finds composed names of organizations, facilities, agreements and places."""

    def __init__(self, catalog: Catalog) -> None:
        lexicon = catalog.lexicon
        self._gazetteer = catalog.gazetteer
        self._heads = [(kind, PhraseIndex(lexicon, name)) for name, kind in _HEADS]
        self._prefixes = PhraseIndex(lexicon, "facility_prefixes")
        self._place_prefixes = PhraseIndex(lexicon, "place_prefixes")
        self._states = StateBodyFinder(catalog)
        self._descriptions = DescriptionFinder(catalog)
        self._portfolios = PhraseIndex(lexicon, "portfolios")
        self._event_words = frozenset(lexicon.forms("event_nouns"))

    def find(
        self, doc: Doc, countries: Countries, headline: list[bool], dates: Sequence[Candidate]
    ) -> list[Candidate]:
        """Candidates of all composed names."""
        out: list[Candidate] = []
        for kind, index in self._heads:
            for hit in index.find(doc):
                out.extend(self._headed(doc, kind, hit, countries, headline))
        out.extend(self._prefixed(doc, headline))
        out.extend(self._states.find(doc, countries))
        out.extend(self._coordinated_places(doc))
        out.extend(self._descriptions.agreed(doc, dates))
        return out

    # ------------------------------------------------------------------ heads
    def _headed(
        self, doc: Doc, kind: str, hit: PhraseHit, countries: Countries, headline: list[bool]
    ) -> Iterator[Candidate]:
        if headline[hit.start]:
            return
        head_is_name = is_capitalised(doc[hit.start].text) and hit.word.form != "plural"
        if head_is_name or (kind == "Place" and is_capitalised(doc[hit.start].text)):
            named = self._named(doc, kind, hit, countries)
            if named is not None:
                yield named
                return
        if kind in _LOWER_HEAD_AFTER_NAME and doc[hit.start].is_lower:
            start = run_left(doc, hit.start)
            if (
                start < hit.start
                and countries.ending_at(hit.start) is None
                and not self._is_event(doc, start, hit.start)
            ):
                yield self._body(doc, kind, start, hit.end, hit, countries)
                return
        yield from self._descriptions.describe(doc, kind, hit, countries)

    def _named(self, doc: Doc, kind: str, hit: PhraseHit, countries: Countries) -> Candidate | None:
        start = run_left(doc, hit.start, joiners=("and",) if hit.word.form == "plural" else ())
        if (
            start < hit.start
            and doc[start].is_sent_start
            and start + 1 < hit.start
            and countries.starting_at(start)
        ):
            pass  # "Russian Defense Ministry ...": the adjective belongs to the name
        end = hit.end
        if end < len(doc) and doc[end].lower_ in _AFTER_HEAD[kind] and end + 1 < len(doc):
            after = end + 1 + int(doc[end + 1].lower_ == "the")
            stop = run_right(doc, after, joiners=("and", "of", "for"))
            if stop > after and not (kind == "Agreement" and doc[end].lower_ == "of" and start < hit.start):
                end = stop
        if (
            start == hit.start
            and end == hit.end
            and not (kind in {"Organization", "Agreement"} and hit.end - hit.start > 1)
        ):
            return None
        return self._body(doc, kind, start, end, hit, countries)

    def _body(
        self, doc: Doc, kind: str, start: int, end: int, hit: PhraseHit, countries: Countries
    ) -> Candidate:
        own = countries.starting_at(start) if start < hit.start else None
        if own is not None and own.end > hit.start:
            own = None
        possessor = countries.possessor(doc, start) if own is None else None
        tail = countries.ending_at(end) if end > hit.end else None
        country = own or possessor or tail
        # "Joint Force Headquarters" is a body before it is its building.
        candidate = Candidate(
            start, end, kind, hit.word.value or None, strength=61 if kind == "Organization" else 60
        )
        if kind == "Organization" and country is not None and country.features.get("country"):
            known = self._states.known_body(country.features["country"], text_of(doc, start, end))
            candidate = replace(candidate, value=known)
        elif kind == "Organization" and start > 2 and doc[start - 1].text in POSSESSIVE:
            owner = (
                text_of(doc, run_left(doc, start - 1), start - 1)
                if run_left(doc, start - 1) < start - 1
                else ""
            )
            candidate = replace(candidate, value=self._key(f"{owner} {text_of(doc, start, end)}"))
        candidate = candidate.with_features(
            head=hit.word.lemma,
            country=country.features.get("country")
            if country and (country.subkind == "Country" or country.form is Form.ADJECTIVE)
            else None,
            country_from=("name" if own or tail else "possessor") if country else None,
        )
        if kind == "Organization" and hit.word.value == "Ministry":
            return self._ministry(doc, candidate, hit, own)
        return candidate

    def _ministry(self, doc: Doc, candidate: Candidate, hit: PhraseHit, own: Candidate | None) -> Candidate:
        """A ministry is told by its portfolio: "Defence Ministry" and "Ministry of Defense" are one."""
        before = plain(doc)[doc[own.end if own else candidate.start].idx : doc[hit.start].idx].strip().lower()
        after_start = hit.end + 1 if hit.end < candidate.end else candidate.end
        after = " ".join(t.lower_ for t in doc[after_start : candidate.end] if t.lower_ != "the")
        for words in (before, after):
            form = self._portfolios.forms.get(words)
            if form is not None:
                return candidate.with_features(portfolio=form.value or form.lemma)
        longest = max((p for p in self._portfolios.forms if after.startswith(p + " ")), key=len, default=None)
        if longest is not None:
            return candidate.with_features(portfolio=self._portfolios.forms[longest].value or longest)
        return candidate

    def _is_event(self, doc: Doc, start: int, end: int) -> bool:
        return any(doc[i].lower_ in self._event_words for i in range(start, end))

    # ------------------------------------------------------------------ prefixes
    def _prefixed(self, doc: Doc, headline: list[bool]) -> Iterator[Candidate]:
        """ "Camp Lemonnier", "Marine Corps Air Station (MCAS) Futenma", "Gulf of Aden", "Lake Chad"."""
        for index, kind in ((self._prefixes, "Facility"), (self._place_prefixes, "Place")):
            for hit in index.find(doc):
                if not is_capitalised(doc[hit.start].text) or headline[hit.start]:
                    continue
                after = hit.end
                if after + 2 < len(doc) and doc[after].text == "(" and doc[after + 2].text == ")":
                    after += 3
                if after < len(doc) and doc[after].is_sent_start:
                    continue
                stop = run_right(doc, after)
                if stop > after:
                    yield Candidate(hit.start, stop, kind, hit.word.value, strength=65).with_features(
                        head=hit.word.lemma
                    )

    # ------------------------------------------------------------------ coordination inside a name
    def _coordinated_places(self, doc: Doc) -> Iterator[Candidate]:
        """ "the East and South China Seas": both seas, where the gazetteer knows both."""
        for kind, index in self._heads:
            if kind != "Place":
                continue
            for hit in index.find(doc):
                if hit.word.form != "plural" or not is_capitalised(doc[hit.start].text):
                    continue
                start = run_left(doc, hit.start, joiners=("and",))
                words = [t.text for t in doc[start : hit.start]]
                if "and" not in words:
                    continue
                at = words.index("and")
                left, right = words[:at], words[at + 1 :]
                head = hit.word.lemma.title()
                for shared in range(len(right)):
                    first = " ".join([*left, *right[len(right) - shared :], head])
                    second = " ".join([*right, head])
                    keys = [self._key(first), self._key(second)]
                    if all(keys) and keys[0] != keys[1]:
                        yield Candidate(
                            start, hit.end, "Place", hit.word.value, Form.GROUP, strength=75
                        ).with_features(members="|".join(k for k in keys if k))
                        break

    def _key(self, surface: str) -> str | None:
        return next((s.key for s in self._gazetteer.surfaces.get(surface, ())), None)
