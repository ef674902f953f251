"""Posts that one plural title gives to several people: "the foreign ministers A B of X and C D of Y".

Each person has a post of their own, which no word of its own names: its mention lies on the plural title, and its
tokens are those of the holder, so that two posts of one title stay apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from spacy.tokens import Doc

from kg.catalog import Catalog
from kg.mentions.candidates import Candidate
from kg.mentions.countries import Countries
from kg.mentions.phrases import PhraseHit, PhraseIndex
from kg.mentions.portfolios import Portfolios
from kg.model import Form

_AND = frozenset({",", "and", "&"})
_SOURCES = frozenset({"of", "from"})
_OPENERS = frozenset({",", "(", ":", "-", "–", "—"})
_MOST = 8  # people, or countries, of one title
_LONGEST_ADDRESS = 4  # tokens between two names: "and the Honourable Dr"
_TOLD = frozenset({"title", "portfolio", "rank"})


@dataclass(frozen=True, slots=True)
class _Title:
    """Tokens ``[start, end)`` are a plural title; `told` are the features of the post."""

    start: int
    end: int
    told: Mapping[str, str | None]
    owners: tuple[Candidate, ...] = ()


class SharedTitles:
    """Finds plural titles beside the names of those who hold them."""

    def __init__(self, catalog: Catalog) -> None:
        lexicon = catalog.lexicon
        self._titles = PhraseIndex(lexicon, "office_titles")
        self._portfolios = Portfolios(catalog)
        self._peers = frozenset(w for w, f in lexicon.forms("peer_nouns").items() if f.form == "plural")
        self._addresses = [PhraseIndex(lexicon, "ranks"), PhraseIndex(lexicon, "honorifics")]
        self._vague = frozenset(lexicon.entries("cabinet_titles")) | {"leader", "chief", "head"}
        self._between = frozenset(lexicon.entries("rank_words"))

    def find(self, doc: Doc, winners: Sequence[Candidate], countries: Countries) -> list[Candidate]:
        """Offices, one for each holder; `winners` are settled. Feature ``holder`` has the tokens of the person."""
        people = {c.start: c for c in winners if c.kind == "Person" and c.form is Form.NAME}
        out: list[Candidate] = []
        for title in (*self._plural(doc, countries), *self._of_peers(doc, winners)):
            holders = self._holders(doc, title, people, countries)
            telling = title.told.get("portfolio") or title.told["title"] not in self._vague
            out += (post for post in _posts(title, holders) if telling or post.features.get("country"))
        return out

    # ------------------------------------------------------------------ the title
    def _plural(self, doc: Doc, countries: Countries) -> Iterator[_Title]:
        for hit in self._titles.find(doc):
            if hit.word.form == "plural":
                yield self._titled(doc, hit, countries)

    def _titled(self, doc: Doc, hit: PhraseHit, countries: Countries) -> _Title:
        """The plural title with its portfolio and with the countries before it."""
        start, end = hit.start, hit.end
        told: dict[str, str | None] = {"title": hit.word.value or hit.word.lemma}
        before = self._portfolios.find_before(doc, start, doc[start].sent.start)
        if before is not None:
            told["portfolio"], start = before.name, before.start
        elif end + 1 < len(doc) and doc[end].lower_ in {"of", "for"}:
            after = self._portfolios.find_listed(doc, end + 1 + int(doc[end + 1].lower_ == "the"))
            if after is not None:
                told["portfolio"], end = after.name, after.end
        owners: list[Candidate] = []
        at = start
        while (place := countries.ending_at(at)) is not None and len(owners) < _MOST:
            owners.insert(0, place)
            at = place.start
            while at > 0 and doc[at - 1].lower_ in _AND and not doc[at].is_sent_start:
                at -= 1
        return _Title(start, end, told, tuple(owners))

    def _of_peers(self, doc: Doc, winners: Sequence[Candidate]) -> Iterator[_Title]:
        """ "her counterparts from X and Y, A B and C D": the post spoken of last."""
        offices = [c for c in winners if c.kind == "Office"]
        for token in doc:
            if token.lower_ not in self._peers:
                continue
            before = [o for o in offices if o.end <= token.i]
            if before and not before[-1].features.get("body"):
                told = {k: v for k, v in before[-1].features.items() if k in _TOLD}
                yield _Title(token.i, token.i + 1, told)

    # ------------------------------------------------------------------ those who hold it
    def _holders(
        self, doc: Doc, title: _Title, people: Mapping[int, Candidate], countries: Countries
    ) -> list[tuple[Candidate, Candidate | None]]:
        """(person, country or None) of each holder; fewer than two are none."""
        at, owners = title.end, list(title.owners)
        if at < len(doc) and doc[at].lower_ in _SOURCES:
            owners, at = self._row_of_countries(doc, at + 1, countries)
        if at < len(doc) and doc[at].text in _OPENERS:
            at += 1
        held: list[tuple[Candidate, Candidate | None]] = []
        while len(held) < _MOST:
            person = self._person(doc, at, people)
            if person is None:
                break
            at, own = person.end, None
            if at + 1 < len(doc) and doc[at].lower_ in _SOURCES:
                own = countries.starting_at(at + 1 + int(doc[at + 1].lower_ == "the"))
                row, after = self._row_of_countries(doc, at + 1, countries)
                if len(row) == len(held) + 1 > 1:
                    # "A and B of X and Y": the row is everybody's.
                    return [(p, c) for (p, _), c in zip([*held, (person, None)], row, strict=True)]
                at = own.end if own is not None else after
            held.append((person, own))
            joined = at
            while joined < len(doc) and doc[joined].lower_ in _AND and joined - at < 2:
                joined += 1
            if joined == at:
                break
            at = joined
        if len(held) < 2:
            return []
        if len(owners) == len(held) and all(own is None for _, own in held):
            return [(p, c) for (p, _), c in zip(held, owners, strict=True)]
        if len(owners) == 1:
            return [(p, own or owners[0]) for p, own in held]
        return held

    def _person(self, doc: Doc, at: int, people: Mapping[int, Candidate]) -> Candidate | None:
        """The person whose name begins at token `at`, or after the rank or address there."""
        for i in range(at, min(at + _LONGEST_ADDRESS + 1, len(doc))):
            if i in people:
                return people[i]
            address = any(index.starting_at(doc, i) is not None for index in self._addresses)
            word = doc[i].lower_
            passes = word in {"the", "."} or word in self._between or word.rstrip("s") in self._between
            if not (address or passes):
                return None
        return None

    @staticmethod
    def _row_of_countries(doc: Doc, at: int, countries: Countries) -> tuple[list[Candidate], int]:
        """The countries named from token `at` on, joined by commas and "and", and the token after them."""
        row: list[Candidate] = []
        end = at
        while at < len(doc) and len(row) < _MOST:
            at += int(doc[at].lower_ == "the")
            place = countries.starting_at(at) if at < len(doc) else None
            if place is None:
                break
            row.append(place)
            at = end = place.end
            while at < len(doc) and doc[at].lower_ in _AND and at - end < 2:
                at += 1
            if at == end:
                break
        return row, end


def _posts(title: _Title, held: Sequence[tuple[Candidate, Candidate | None]]) -> Iterator[Candidate]:
    for person, country in held:
        code = country.features.get("country") if country is not None else None
        yield Candidate(
            person.start, person.end, "Office", None, Form.DESCRIPTION, strength=60, nested=True
        ).with_features(
            **title.told,
            country=code,
            owner_start=str(country.start) if country is not None and code else None,
            owner_end=str(country.end) if country is not None and code else None,
            holder=f"{person.start}:{person.end}",
            surface=f"{title.start}:{title.end}",
            trigger="title",
        )
