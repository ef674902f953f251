"""What an office is in charge of: listed portfolios, their lists, and portfolios read from their form.

"Defence", "Foreign Affairs and Worship", "Water Resources and Irrigation", "Policy" after "for".
"""

from __future__ import annotations

from dataclasses import dataclass

from spacy.tokens import Doc

from kg.catalog import Catalog
from kg.mentions.candidates import is_capitalised, text_of
from kg.mentions.countries import Countries
from kg.mentions.phrases import PhraseIndex
from kg.mentions.shape import is_name_word, run_right
from kg.terms import fold

_JOINERS = frozenset({",", "and", "&"})
_LONGEST_LIST = 6  # joined parts: "Land, Infrastructure, Transport and Tourism" has four
_SPELLINGS = {"defence": "defense", "labour": "labor"}


@dataclass(frozen=True, slots=True)
class Portfolio:
    """`name` (canonical, lower case) is what tokens ``[start, end)`` say; `guessed` if only their form tells so."""

    start: int
    end: int
    name: str
    guessed: bool = False


class Portfolios:
    """Reads portfolios before and after a title."""

    def __init__(self, catalog: Catalog) -> None:
        lexicon = catalog.lexicon
        self._listed = PhraseIndex(lexicon, "portfolios")
        self._titles = PhraseIndex(lexicon, "office_titles", "local_titles")
        self._given = frozenset(lexicon.entries("given_names"))
        self._particles = frozenset(lexicon.entries("name_particles"))
        self._words = frozenset(lexicon.entries("portfolio_words")) | {
            word for listed in lexicon.entries("portfolios") for word in listed.replace(",", "").split()
        } - {"and", "of", "the"}

    def find_before(self, doc: Doc, end: int, floor: int) -> Portfolio | None:
        """The portfolio that ends before token `end`, with one joined to it by "and", or None."""
        last = self._listed.ending_at(doc, end, floor)
        if last is None:
            return None
        name, start = last.word.value or last.word.lemma, last.start
        if start - floor > 1 and doc[start - 1].lower_ in {"and", "&"}:
            first = self._listed.ending_at(doc, start - 1, floor)
            if first is not None:
                return Portfolio(first.start, end, f"{first.word.value or first.word.lemma} and {name}")
        return Portfolio(start, end, name)

    def find_after(self, doc: Doc, start: int, countries: Countries) -> Portfolio | None:
        """The portfolio that begins at token `start`, with all that is joined to it, or None."""
        first = self._part(doc, start)
        if first is None:
            return self._unlisted(doc, start, countries)
        parts, listed, end = [first.name], self._is_listed(doc, first), first.end
        while len(parts) < _LONGEST_LIST:
            after = end
            while after < len(doc) and doc[after].lower_ in _JOINERS and after - end < 2:
                after += 1
            if after == end or after >= len(doc) or doc[after].is_sent_start:
                break
            part = self._part(doc, after)
            if part is None:
                part = self._lone_word(doc, after, countries) if doc[after - 1].lower_ != "," else None
            if part is None or is_capitalised(doc[start].text) is not is_capitalised(doc[part.start].text):
                break
            if self._opens_title(doc, part.end) or (
                self._titles.starting_at(doc, part.start) is not None and not self._is_listed(doc, part)
            ):
                break
            parts.append(part.name)
            listed = listed and self._is_listed(doc, part)
            end = part.end
        name = " and ".join(parts) if listed else _canonical(text_of(doc, start, end))
        whole = self._listed.forms.get(text_of(doc, start, end).lower())
        return Portfolio(start, end, (whole.value or whole.lemma) if whole is not None else name)

    def find_listed(self, doc: Doc, start: int) -> Portfolio | None:
        """What begins at token `start` and is listed, or made of listed words; without what is joined to it."""
        return self._part(doc, start)

    def _is_listed(self, doc: Doc, part: Portfolio) -> bool:
        return text_of(doc, part.start, part.end).lower() in self._listed.forms

    def _part(self, doc: Doc, start: int) -> Portfolio | None:
        """A listed portfolio, or words that portfolios are made of, the longer."""
        listed = self._listed.starting_at(doc, start)
        end = start
        capital = is_capitalised(doc[start].text)
        while end < len(doc) and not (end > start and doc[end].is_sent_start):
            word = doc[end]
            known = fold(word.text) in self._words and capital and is_capitalised(word.text)
            if not known and not (
                end > start
                and word.text == "-"
                and end + 1 < len(doc)
                and fold(doc[end + 1].text) in self._words
            ):
                break
            end += 1
        if listed is not None and listed.end >= end:
            return Portfolio(start, listed.end, listed.word.value or listed.word.lemma)
        if end == start:
            return None
        return Portfolio(start, end, _canonical(text_of(doc, start, end)))

    def _opens_title(self, doc: Doc, i: int) -> bool:
        """Whether a title follows: in "Defence, Foreign Minister" the second portfolio is the next office's."""
        return i < len(doc) and self._titles.starting_at(doc, i) is not None

    def _lone_word(self, doc: Doc, i: int, countries: Countries) -> Portfolio | None:
        """One capitalised word after "and" that no name goes on from: "and Worship of Argentina"."""
        if not is_name_word(doc, i) or fold(doc[i].text) in self._given or countries.starting_at(i):
            return None
        after = i + 1
        if after < len(doc) and (is_name_word(doc, after) or doc[after].lower_ in self._particles - {"of"}):
            return None
        # "and Zupan said": a surname; a portfolio is followed by whose it is, by a comma or by a rank.
        if after < len(doc) and doc[after].lower_ not in {"of", ",", "(", ".", "in"}:
            return None
        return Portfolio(i, after, _canonical(doc[i].text))

    def _unlisted(self, doc: Doc, start: int, countries: Countries) -> Portfolio | None:
        """Name words up to a place or a person's name."""
        stop = run_right(doc, start, joiners=("and", "of"))
        for i in range(start, stop):
            if countries.starting_at(i) is not None or fold(doc[i].text) in self._given:
                stop = i
                break
        while stop > start and doc[stop - 1].lower_ in {"and", "of", "&", "-"}:
            stop -= 1
        return (
            Portfolio(start, stop, _canonical(text_of(doc, start, stop)), guessed=True)
            if stop > start
            else None
        )


def _canonical(text: str) -> str:
    return " ".join(_SPELLINGS.get(w, w) for w in text.lower().split())
