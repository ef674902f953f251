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
from kg.mentions.units import UnitNumbers
from kg.model import Form

#: Lexicon list of head nouns → top class of what they head.
_HEADS = (
    ("organization_heads", "Organization"),
    ("facility_heads", "Facility"),
    ("agreement_heads", "Agreement"),
    ("place_heads", "Place"),
)
_AFTER_HEAD = {
    "Organization": frozenset({"of", "for", "on"}),
    "Facility": frozenset({"of"}),
    "Agreement": frozenset({"on", "of", "for", "concerning"}),
    "Place": frozenset({"of"}),
}
_INSIDE_FOREIGN = (
    "de",
    "del",
    "la",
    "do",
    "da",
    "di",
    "bin",
    "al",
    "y",
    "e",
    "et",
    "und",
    "für",
    "dan",
    "della",
    "des",
    "l'",
    "las",
    "los",
)
#: Kinds whose head may be in lower case after a name: "Futenma base", "Iwoto island".
_LOWER_HEAD_AFTER_NAME = frozenset({"Facility", "Place"})


class BodyFinder:
    """Finds composed names of organizations, facilities, agreements and places."""

    def __init__(self, catalog: Catalog) -> None:
        lexicon = catalog.lexicon
        self._gazetteer = catalog.gazetteer
        self._heads = [(kind, PhraseIndex(lexicon, name)) for name, kind in _HEADS]
        self._prefixes = PhraseIndex(lexicon, "facility_prefixes")
        self._foreign_heads = PhraseIndex(lexicon, "foreign_body_heads")
        self._place_prefixes = PhraseIndex(lexicon, "place_prefixes")
        self._lower_heads = frozenset(lexicon.entries("lower_case_agreements"))
        self._body_words = frozenset(w for w in lexicon.forms("organization_heads") if " " not in w)
        self._titles = PhraseIndex(lexicon, "office_titles")
        self._honorifics = PhraseIndex(lexicon, "honorifics")
        self._states = StateBodyFinder(catalog)
        self._units = UnitNumbers(catalog)
        self._calendar = frozenset(lexicon.entries("months")) | frozenset(lexicon.entries("weekdays"))
        self._descriptions = DescriptionFinder(catalog)
        self._portfolios = PhraseIndex(lexicon, "portfolios")
        self._event_words = frozenset(lexicon.forms("event_nouns"))

    def find(
        self,
        doc: Doc,
        countries: Countries,
        headline: list[bool],
        dates: Sequence[Candidate],
        names: Sequence[Candidate] = (),
    ) -> list[Candidate]:
        """Candidates of all composed names; `names` are those that the gazetteer knows."""
        out: list[Candidate] = []
        known = {c.end for c in names if c.kind != "Place"}
        for kind, index in self._heads:
            for hit in index.find(doc):
                out.extend(self._headed(doc, kind, hit, countries, headline, known))
            if kind == "Agreement":
                out.extend(self._lower_agreements(doc, index, countries, headline, known))
        out.extend(self._prefixed(doc, headline))
        out.extend(self._foreign(doc, headline))
        out.extend(self._states.find(doc, countries))
        out.extend(self._coordinated_places(doc))
        out.extend(self._descriptions.agreements.agreed(doc, dates))
        return out

    # ------------------------------------------------------------------ heads
    def _headed(
        self,
        doc: Doc,
        kind: str,
        hit: PhraseHit,
        countries: Countries,
        headline: list[bool],
        known: set[int],
    ) -> Iterator[Candidate]:
        issuer = headline[hit.start] and kind == "Organization" and self._is_issuer(doc, hit)
        if headline[hit.start] and doc[hit.start].ent_type_ != "ORG" and not issuer:
            return
        title = self._titles.starting_at(doc, hit.start)
        if kind == "Organization" and title is not None and title.end > hit.end:
            return  # "Cabinet Secretary", "Army Chief"
        head_is_name = is_capitalised(doc[hit.start].text) and (
            hit.word.form != "plural" or (kind == "Agreement" and not doc[hit.start].is_sent_start)
        )
        if head_is_name or (kind == "Place" and is_capitalised(doc[hit.start].text)):
            named = self._named(doc, kind, hit, countries, known)
            if named is not None and self._honorifics.starting_at(doc, named.start) is not None:
                return  # "Ms. Park"
            if named is not None:
                if not headline[hit.start] or issuer or _is_entity(doc, named.start, named.end):
                    yield named
                return
        if headline[hit.start]:
            return
        if kind in _LOWER_HEAD_AFTER_NAME and doc[hit.start].is_lower:
            start = run_left(doc, hit.start)
            if (
                start < hit.start
                and self._is_no_owner(doc, start, countries.ending_at(hit.start))
                and not self._is_event(doc, start, hit.start)
            ):
                yield self._body(doc, kind, start, hit.end, hit, countries)
                return
        yield from self._descriptions.describe(doc, kind, hit, countries)

    def _is_issuer(self, doc: Doc, hit: PhraseHit) -> bool:
        """Whether a line of names opens or goes on with a ministry of a known portfolio: who issues the text."""
        if hit.word.value != "Ministry" or hit.end + 1 >= len(doc) or doc[hit.end].lower_ != "of":
            return False
        opens = doc[hit.start].is_sent_start or doc[hit.start - 1].text in {"–", "-", "—", "|", ",", "/"}
        return opens and self._portfolios.starting_at(doc, hit.end + 1) is not None

    def _named(
        self, doc: Doc, kind: str, hit: PhraseHit, countries: Countries, known: set[int]
    ) -> Candidate | None:
        place = countries.starting_at(hit.start) if kind == "Place" else None
        if place is not None and place.end > hit.end:
            return None  # "Republic of Korea Minister": a country that is known ends where its name does
        start = run_left(doc, hit.start, joiners=("and",) if hit.word.form == "plural" else ())
        start = self._units.start(doc, start, hit)
        end = self._units.end(doc, start, hit.end, hit)
        whole = hit.end in known and doc[hit.end].lower_ == "for" if hit.end < len(doc) else False
        if (
            end == hit.end and not whole
        ):  # "the European Union for Foreign Affairs": a name that is known is whole
            end = self._end_behind(doc, kind, start, hit, countries)
        if (
            start == hit.start
            and end == hit.end
            and not (kind in {"Organization", "Agreement"} and hit.end - hit.start > 1)
        ):
            return None
        return self._body(doc, kind, start, end, hit, countries)

    def _end_behind(self, doc: Doc, kind: str, start: int, hit: PhraseHit, countries: Countries) -> int:
        """Where the name ends with what it is of, for or on: "Ministry of Water Resources and Irrigation"."""
        end = hit.end
        if end + 1 >= len(doc) or doc[end].lower_ not in _AFTER_HEAD[kind]:
            return end
        after = end + 1 + int(doc[end + 1].lower_ == "the")
        stop = run_right(doc, after, joiners=("and", "of", "for"))
        place = countries.starting_at(after)
        if place is not None and place.end > stop and is_capitalised(doc[after].text):
            stop = place.end  # "Côte d'Ivoire"
        if stop <= after or (kind == "Agreement" and doc[end].lower_ == "of" and start < hit.start):
            return end
        if kind == "Agreement" and doc[after].lower_ in self._calendar:
            return end  # "the Rio Treaty on Monday"
        if kind == "Organization" and doc[end].lower_ == "on":
            dated = doc[after].lower_ in self._calendar or doc[end + 1].lower_ == "the"
            if dated or place is not None or hit.word.value is not None:
                return end  # "the committee on Friday", "the Council on Kosovo": a day or a subject
        return end if self._units.owner_start(doc, start, hit, after, stop) else stop

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
            start,
            end,
            kind,
            hit.word.value or None,
            strength=61 if kind == "Organization" else 60,
            nested=kind == "Organization",
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

    def _lower_agreements(
        self, doc: Doc, index: PhraseIndex, countries: Countries, headline: list[bool], known: set[int]
    ) -> Iterator[Candidate]:
        """ "the Minsk agreements", "the Rarotonga treaty": a name of its own before a lower-case head."""
        for hit in index.find(doc):
            at = hit.start
            if headline[at] or not doc[at].is_lower or at in known or hit.word.lemma not in self._lower_heads:
                continue
            start = run_left(doc, at)
            if start == at or doc[start].ent_type_ == "PERSON" or self._is_event(doc, start, at):
                continue
            if doc[at - 1].lower_ in self._body_words and doc[at - 1].lower_ != "union":
                continue
            if self._is_no_owner(doc, start, countries.ending_at(at)):
                yield self._body(doc, "Agreement", start, hit.end, hit, countries)

    def _is_no_owner(self, doc: Doc, start: int, place: Candidate | None) -> bool:
        """Whether what a lower-case head follows names it: a town does, a country owns it, "a" tells neither."""
        if place is None:
            return True
        one_of_many = start > 0 and doc[start - 1].lower_ in {"a", "an"}
        return place.subkind == "City" and place.form is Form.NAME and not one_of_many

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
                if kind == "Facility":
                    after = _skip_particles(doc, after)
                stop = run_right(
                    doc, after, joiners=_INSIDE_FOREIGN if kind == "Facility" else (), through_people=True
                )
                if stop > after and not (kind == "Place" and doc[stop - 1].lower_ in self._body_words):
                    yield Candidate(hit.start, stop, kind, hit.word.value, strength=65).with_features(
                        head=hit.word.lemma
                    )

    def _foreign(self, doc: Doc, headline: list[bool]) -> Iterator[Candidate]:
        """ "Ministerio de Defensa", "Kementerian Pertahanan": the head first, in another language."""
        for hit in self._foreign_heads.find(doc):
            if not is_capitalised(doc[hit.start].text) or headline[hit.start]:
                continue
            after = _skip_particles(doc, hit.end)
            stop = run_right(doc, after, joiners=_INSIDE_FOREIGN)
            if stop == after and doc[after - 1].lower_ in _INSIDE_FOREIGN and _is_foreign_word(doc, after):
                stop = after + 1  # "Armée de l'air"
            if stop > after or doc[hit.end - 1].lower_ not in _INSIDE_FOREIGN:
                stop = max(stop, hit.end) if stop > after else hit.end
                yield Candidate(
                    hit.start, stop, "Organization", hit.word.value, strength=64, nested=True
                ).with_features(head=hit.word.lemma)

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
                for shared in reversed(range(len(right))):  # the East China Sea, before an East Sea
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


def _is_entity(doc: Doc, start: int, end: int) -> bool:
    """Whether the parser sees just these tokens as one name, an article before them aside."""
    first = next((i for i in range(max(start - 1, 0), start + 1) if doc[i].ent_iob_ == "B"), None)
    return (
        first is not None
        and all(doc[i].ent_iob_ == "I" for i in range(first + 1, end))
        and (end == len(doc) or doc[end].ent_iob_ != "I")
    )


def _skip_particles(doc: Doc, i: int) -> int:
    """The first token from `i` on that is no "de", "la" or "l'"."""
    while i < len(doc) and doc[i].lower_ in _INSIDE_FOREIGN and not doc[i].is_sent_start:
        i += 1
    return i


def _is_foreign_word(doc: Doc, i: int) -> bool:
    return i < len(doc) and doc[i].is_alpha and not doc[i].is_stop and not doc[i].is_sent_start
