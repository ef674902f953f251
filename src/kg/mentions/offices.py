"""Offices, composed of title, portfolio, rank, country or body; never listed.

"Japanese Defense Minister", "Minister of Defense of Japan", "the U.S. defense secretary", "Commander, U.S.
Indo-Pacific Command", "NATO Secretary-General": each is one post of one country or body.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spacy.tokens import Doc

from kg.catalog import Catalog
from kg.mentions.candidates import Candidate, is_capitalised, text_of
from kg.mentions.countries import Countries
from kg.mentions.phrases import PhraseHit, PhraseIndex
from kg.mentions.shape import POSSESSIVE, is_name_word, run_right
from kg.model import Form
from kg.terms import fold

_OF = frozenset({"of", "for", "to"})
_LONGEST_PORTFOLIO_LIST = 3  # "Minister of Foreign Affairs, Trade and Development"


@dataclass(frozen=True, slots=True)
class _Left:
    start: int
    portfolio: str | None
    rank: str | None
    tense: str | None
    country: str | None
    body: Candidate | None


class OfficeFinder:
    """Finds offices in a `Doc`, given the countries and bodies already found."""

    def __init__(self, catalog: Catalog) -> None:
        lexicon = catalog.lexicon
        self._titles = PhraseIndex(lexicon, "office_titles")
        self._portfolios = PhraseIndex(lexicon, "portfolios")
        self._qualifiers = PhraseIndex(lexicon, "office_qualifiers")
        self._future_suffixes = frozenset(lexicon.entries("future_suffixes"))
        self._counterparts = frozenset(lexicon.entries("counterpart_words")) - {"predecessor", "successor"}
        self._particles = frozenset(lexicon.entries("name_particles")) - {"de", "of"}
        self._given = frozenset(lexicon.entries("given_names"))
        self._body_offices = frozenset(lexicon.forms("body_offices"))

    def find(
        self, doc: Doc, countries: Countries, bodies: Sequence[Candidate], headline: list[bool]
    ) -> list[Candidate]:
        """Candidates of all offices; a bare lower-case title ("the minister") is a description of its holder."""
        ends = {b.end: b for b in bodies}
        starts = {b.start: b for b in bodies}
        out = []
        for hit in self._titles.find(doc):
            if hit.word.form == "plural":
                continue
            candidate = self._office(doc, hit, countries, ends, starts)
            if candidate is not None:
                out.append(candidate)
        return [*out, *self._of_counterparts(doc, out, countries)]

    def _of_counterparts(
        self, doc: Doc, offices: Sequence[Candidate], countries: Countries
    ) -> Iterator[Candidate]:
        """ "his Somali counterpart": the post spoken of last, of the other country."""
        held = sorted((o for o in offices if o.kind == "Office"), key=lambda o: o.end)
        for token in doc:
            country = countries.ending_at(token.i) if token.lower_ in self._counterparts else None
            whose = doc[country.start - 1].lower_ if country is not None and country.start else ""
            if country is None or whose not in {"his", "her", "their"}:
                continue
            before = [o for o in held if o.end <= token.i]
            if not before or before[-1].features.get("body"):
                continue
            told = {k: v for k, v in before[-1].features.items() if k in {"title", "portfolio", "rank"}}
            yield Candidate(country.start, token.i + 1, "Office", None, strength=71).with_features(
                **told, country=country.features.get("country")
            )

    def _office(
        self,
        doc: Doc,
        hit: PhraseHit,
        countries: Countries,
        ends: dict[int, Candidate],
        starts: dict[int, Candidate],
    ) -> Candidate | None:
        title = hit.word.value or hit.word.lemma
        if hit.end < len(doc) and doc[hit.end].lower_ in self._particles:
            return None  # "Sultan bin Khalid" is a name
        left = self._left(doc, hit.start, countries, ends)
        end, portfolio, country, body = hit.end, left.portfolio, left.country, left.body
        host: Candidate | None = None
        seat: Candidate | None = None
        tense = left.tense
        if end + 1 < len(doc) and doc[end].text == "-" and doc[end + 1].lower_ in self._future_suffixes:
            tense, end = "future", end + 2
        if end + 1 < len(doc) and doc[end].lower_ in _OF and not doc[end].is_sent_start:
            if doc[end].lower_ == "to":
                host = countries.starting_at(end + 1 + int(doc[end + 1].lower_ == "the"))
                end = host.end if host is not None else end
            else:
                end, portfolio, country, body, seat = self._right(
                    doc, end, portfolio, country, body, countries, starts
                )
        elif end + 1 < len(doc) and doc[end].text == "," and title in self._body_offices:
            after = end + 1 + int(doc[end + 1].lower_ == "the")
            known = starts.get(after)
            if known is not None and known.kind == "Organization":
                end, body = known.end, known
        capital = any(is_capitalised(doc[i].text) for i in range(hit.start, hit.end))
        bare = portfolio is None and country is None and body is None and seat is None and host is None
        if not capital and bare and left.rank is None:
            definite = left.start > 0 and doc[left.start - 1].lower_ in {"the", "his", "her", "their"}
            if not definite:
                return None
            return Candidate(left.start, end, "Person", None, Form.DESCRIPTION, strength=40).with_features(
                title=title, tense=tense
            )
        if (
            hit.start > 0
            and doc[left.start - 1].lower_ in {"the"}
            and not capital
            and left.start != hit.start
        ):
            # "the Japanese minister", "the U.S. defense secretary": the holder, unless a name follows.
            after = end + int(end + 1 < len(doc) and doc[end].text == ",")
            named = after < len(doc) and is_name_word(doc, after) and not doc[after].is_sent_start
            if not named:
                return Candidate(
                    left.start, end, "Person", None, Form.DESCRIPTION, strength=62
                ).with_features(
                    title=title, portfolio=portfolio, country=country, rank=left.rank, tense=tense
                )
        return Candidate(left.start, end, "Office", None, strength=70).with_features(
            title=title,
            portfolio=portfolio,
            rank=left.rank,
            tense=tense,
            country=country if body is None and seat is None else None,
            host=host.value if host is not None else None,
            host_text=text_of(doc, host.start, host.end) if host is not None else None,
            seat=seat.value if seat is not None and body is None else None,
            seat_text=text_of(doc, seat.start, seat.end) if seat is not None and body is None else None,
            body=body.value if body else None,
            body_text=text_of(doc, body.start, body.end) if body else None,
            body_start=str(body.start) if body else None,
            body_end=str(body.end) if body else None,
        )

    def _left(self, doc: Doc, end: int, countries: Countries, ends: dict[int, Candidate]) -> _Left:
        start = end
        portfolios: list[str] = []
        rank = tense = country = None
        body: Candidate | None = None
        while start > 0 and not doc[start].is_sent_start:
            if (found := self._portfolios.ending_at(doc, start, self._floor(doc, start))) and not portfolios:
                portfolios.insert(0, found.word.value or found.word.lemma)
                start = found.start
                if start > 1 and doc[start - 1].lower_ == "and":
                    other = self._portfolios.ending_at(doc, start - 1, self._floor(doc, start - 1))
                    if other is not None:
                        portfolios.insert(0, other.word.value or other.word.lemma)
                        start = other.start
            elif found := self._qualifiers.ending_at(doc, start, self._floor(doc, start)):
                value = found.word.value
                rank = (rank or found.word.lemma) if value in (None, "rank") else rank
                tense = value if value in {"former", "acting", "future"} else tense
                start = found.start
            elif (
                country is None
                and body is None
                and (place := countries.ending_at(start)) is not None
                and place.features.get("country")
            ):
                country, start = place.features["country"], place.start
            elif (
                country is None
                and body is None
                and doc[start - 1].text in POSSESSIVE
                and (owner := countries.ending_at(start - 1))
            ):
                country, start = owner.features["country"], owner.start
            elif (
                body is None
                and country is None
                and (known := ends.get(start))
                and known.kind == "Organization"
            ):
                body, start = known, known.start
            elif (
                start > 1
                and doc[start - 1].text == "-"
                and doc[start - 2].lower_ in {"ex", "then", "vice", "deputy"}
            ):
                tense = "former" if doc[start - 2].lower_ in {"ex", "then"} else tense
                rank = doc[start - 2].lower_ if doc[start - 2].lower_ in {"vice", "deputy"} else rank
                start -= 2
            else:
                break
        return _Left(start, " and ".join(portfolios) or None, rank, tense, country, body)

    def _right(
        self,
        doc: Doc,
        end: int,
        portfolio: str | None,
        country: str | None,
        body: Candidate | None,
        countries: Countries,
        starts: dict[int, Candidate],
    ) -> tuple[int, str | None, str | None, Candidate | None, Candidate | None]:
        """What "of" and "for" add after the title: portfolio, body, country, seat; repeated ("of Defence of Japan")."""
        seat: Candidate | None = None
        while end + 1 < len(doc) and doc[end].lower_ in _OF - {"to"} and not doc[end].is_sent_start:
            after = end + 1 + int(doc[end + 1].lower_ == "the")
            if after >= len(doc):
                break
            known, place = starts.get(after), countries.starting_at(after)
            found = self._portfolios.starting_at(doc, after)
            if found is not None and portfolio is None and (known is None or known.end <= found.end):
                portfolio, end = self._portfolio_list(doc, found)
            elif known is not None and known.kind == "Organization" and body is None:
                body, end = known, known.end
            elif place is not None and country is None and place.subkind == "Country":
                country, end = place.features["country"], place.end
            elif place is not None and seat is None and body is None:
                seat, end = place, place.end
            elif (
                portfolio is None
                and body is None
                and seat is None
                and (stop := self._portfolio_end(doc, after, countries)) > after
            ):
                # A portfolio that the lexicon lacks is read from its form.
                portfolio, end = text_of(doc, after, stop).lower(), stop
            else:
                break
        return end, portfolio, country, body, seat

    def _portfolio_end(self, doc: Doc, start: int, countries: Countries) -> int:
        """The token after a portfolio that the lexicon lacks: name words up to a place or a person's name."""
        stop = run_right(doc, start, joiners=("and", "of"))
        for i in range(start, stop):
            if countries.starting_at(i) is not None or fold(doc[i].text) in self._given:
                return i
        return stop

    def _portfolio_list(self, doc: Doc, first: PhraseHit) -> tuple[str, int]:
        names, end = [first.word.value or first.word.lemma], first.end
        for _ in range(_LONGEST_PORTFOLIO_LIST):
            after = end
            while after < len(doc) and doc[after].lower_ in {",", "and", "&"}:
                after += 1
            found = self._portfolios.starting_at(doc, after) if after > end and after < len(doc) else None
            if found is None or not is_capitalised(doc[after].text):
                break
            names.append(found.word.value or found.word.lemma)
            end = found.end
        return " and ".join(names), end

    @staticmethod
    def _floor(doc: Doc, i: int) -> int:
        """The first token of the sentence that token ``i - 1`` stands in."""
        return doc[i - 1].sent.start
