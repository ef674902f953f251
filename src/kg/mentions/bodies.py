"""Names composed of a head noun and what stands around it: bodies, facilities, agreements, places.

"<Name> Air Base", "Ministry of <portfolio>", "the <country> navy", "Strait of <Name>", "Japan-U.S. alliance":
nothing here is listed by name; the head nouns are the lexicon's, and the words around a head decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from spacy.tokens import Doc

from kg.catalog import Catalog
from kg.mentions.candidates import Candidate, is_capitalised, plain, text_of
from kg.mentions.phrases import PhraseHit, PhraseIndex
from kg.mentions.shape import POSSESSIVE, is_name_word, run_left, run_right
from kg.model import Form
from kg.terms import slug

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


class Countries:
    """Which country, if any, a stretch of tokens names; from the gazetteer candidates of one document."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self._by_end: dict[int, Candidate] = {}
        self._by_start: dict[int, Candidate] = {}
        self.all = [c for c in candidates if c.kind == "Place" and c.features.get("country")]
        for c in self.all:
            if c.subkind == "Country" or c.form is Form.ADJECTIVE or (c.value or "").startswith("place/"):
                self._by_end.setdefault(c.end, c)
                self._by_start.setdefault(c.start, c)

    def ending_at(self, end: int) -> Candidate | None:
        """The country or place named right before token `end`."""
        return self._by_end.get(end)

    def starting_at(self, start: int) -> Candidate | None:
        """The country or place named from token `start` on."""
        return self._by_start.get(start)

    def possessor(self, doc: Doc, start: int) -> Candidate | None:
        """The country whose possessive or adjective stands right before token `start`."""
        if start >= 2 and doc[start - 1].text in POSSESSIVE:
            return self._by_end.get(start - 1)
        return self._by_end.get(start)


class BodyFinder:
    """Finds composed names of organizations, facilities, agreements and places."""

    def __init__(self, catalog: Catalog) -> None:
        lexicon = catalog.lexicon
        self._gazetteer = catalog.gazetteer
        self._heads = [(kind, PhraseIndex(lexicon, name)) for name, kind in _HEADS]
        self._prefixes = PhraseIndex(lexicon, "facility_prefixes")
        self._place_prefixes = PhraseIndex(lexicon, "place_prefixes")
        self._state_bodies = PhraseIndex(lexicon, "state_bodies")
        self._portfolios = PhraseIndex(lexicon, "portfolios")
        self._modifiers = frozenset(lexicon.entries("body_modifiers"))
        self._region_adjectives = frozenset(lexicon.entries("region_adjectives"))
        self._agreement_adjectives = frozenset(lexicon.entries("agreement_adjectives"))
        self._verbs = PhraseIndex(lexicon, "agreement_verbs")
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
        out.extend(self._state(doc, countries))
        out.extend(self._coordinated_places(doc))
        out.extend(self._agreed(doc, dates))
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
        if kind == "Agreement":
            yield from self._described_agreement(doc, hit, countries)
        elif kind == "Organization":
            yield from self._described_body(doc, hit, countries)
        elif kind == "Facility":
            yield from self._described_facility(doc, hit)
        elif kind == "Place":
            yield from self._described_region(doc, hit, countries)

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
            known = self._known_body(country.features["country"], text_of(doc, start, end))
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

    # ------------------------------------------------------------------ descriptions
    def _described_agreement(self, doc: Doc, hit: PhraseHit, countries: Countries) -> Iterator[Candidate]:
        """ "Japan-U.S. alliance", "the bilateral defense treaty", "their alliance", "the 1996 agreement"."""
        start = hit.start
        parties: list[str] = []
        pair = self._country_pair(hit.start, doc, countries)
        if pair is not None:
            start, parties = pair
        else:
            while start > 0 and doc[start - 1].lower_ in self._agreement_adjectives:
                start -= 1
            year = start > 0 and doc[start - 1].text.isdigit() and len(doc[start - 1].text) == 4
            start -= int(year)
            definite = start > 0 and doc[start - 1].lower_ in {"the", "their", "this", "our"}
            modified = start < hit.start or hit.end - hit.start > 1
            if not definite or not (modified or hit.word.lemma in {"alliance", "treaty"}):
                return
        lower = doc[hit.start].is_lower
        yield Candidate(
            start,
            hit.end,
            "Agreement",
            hit.word.value,
            Form.NAME if parties else Form.DESCRIPTION,
            strength=55,
        ).with_features(
            head=hit.word.lemma,
            parties="|".join(parties) or None,
            year=doc[start].text if doc[start].text.isdigit() else None,
            definite="yes" if lower and not parties else None,
        )

    def _country_pair(self, end: int, doc: Doc, countries: Countries) -> tuple[int, list[str]] | None:
        """(start, country codes) of "Japan-U.S." or "U.S.-Japan-South Korea" right before token `end`, or None."""
        codes: list[str] = []
        i = end
        while (place := countries.ending_at(i)) is not None:
            codes.insert(0, place.features["country"])
            i = place.start
            if i > 1 and doc[i - 1].text in {"-", "–", "/"}:
                i -= 1
                continue
            break
        return (i, codes) if len(set(codes)) > 1 else None

    def _described_body(self, doc: Doc, hit: PhraseHit, countries: Countries) -> Iterator[Candidate]:
        """ "a joint force headquarters", "the U.S. military command": a lower-case head with telling modifiers."""
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

    def _described_facility(self, doc: Doc, hit: PhraseHit) -> Iterator[Candidate]:
        """ "the replacement facility", "a naval base": told by its words or by what was named before."""
        definite = hit.start > 0 and doc[hit.start - 1].lower_ in {"the", "this"}
        if doc[hit.start].is_lower and hit.word.form == "base" and (definite or hit.end - hit.start > 1):
            yield Candidate(
                hit.start, hit.end, "Facility", hit.word.value, Form.DESCRIPTION, strength=50
            ).with_features(head=hit.word.lemma, definite="yes" if definite else None)

    def _described_region(self, doc: Doc, hit: PhraseHit, countries: Countries) -> Iterator[Candidate]:
        """ "Japan's southwestern island chain", "the northern region of Mali"."""
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

    # ------------------------------------------------------------------ bodies of a state
    def _state(self, doc: Doc, countries: Countries) -> Iterator[Candidate]:
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

    def _known_body(self, code: str, name: str) -> str | None:
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
        for kind, index in self._heads:
            if kind == "Organization" and canonical in index.forms:
                return index.forms[canonical].value
        return "ArmedForce" if canonical.endswith("forces") else None

    # ------------------------------------------------------------------ agreements told by a verb
    def _agreed(self, doc: Doc, dates: Sequence[Candidate]) -> Iterator[Candidate]:
        """ "agreed in 1996 that ...": a dated commitment, described and not named; the verb stands for it."""
        ends = {d.start: d.end for d in dates}
        for hit in self._verbs.find(doc):
            at = hit.end
            if hit.word.lemma != "agree" or hit.word.form not in {"past", "participle"} or at + 2 >= len(doc):
                continue
            at += int(doc[at].lower_ in {"in", "on"})
            if at not in ends or ends[at] >= len(doc) or doc[ends[at]].lower_ not in {"that", "to", "on"}:
                continue
            stop = ends[at]
            while stop < len(doc) and doc[stop].text not in {",", ";", "."} and not doc[stop].is_sent_start:
                stop += 1
            yield Candidate(
                hit.start, hit.end, "Agreement", "Accord", Form.DESCRIPTION, strength=72
            ).with_features(head="agreement", clause=text_of(doc, hit.start, stop))

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
