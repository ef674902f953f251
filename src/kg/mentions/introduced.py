"""Names that a common noun beside them explains: "the minelayer Alba", "Miinisadam, the naval base in Tallinn".

Whatever language a name is in, the noun says what bears it. It stands right before the name, or after it in
apposition. The name itself is a run of capitals, or what the parser sees as a name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from spacy.tokens import Doc

from kg.catalog import Catalog
from kg.mentions.candidates import Candidate, is_capitalised
from kg.mentions.phrases import PhraseHit, PhraseIndex
from kg.mentions.recognition import Recognized
from kg.mentions.shape import begins_person, is_name_word, run_right

_HEADS = (
    ("equipment_heads", "Equipment"),
    ("organization_heads", "Organization"),
    ("facility_heads", "Facility"),
    ("place_heads", "Place"),
)
_QUOTES = frozenset({'"', "'"})
_TRADES = frozenset({"MediaOutlet", "Party", "Company"})
_ARTICLES = frozenset({"a", "an", "the"})
_LONGEST = 6  # tokens of a name that is told so
_WORDS_TO_HEAD = 4  # between the article of an apposition and its noun: "a former Soviet naval base"
_STRENGTH = 63  # "the cutter Thor" is told better than the parser's "Thor", a person
_KNOWN = 55  # proposals of this strength know what they are


class IntroducedFinder:
    """Finds names by the common nouns of the lexicon beside them."""

    def __init__(self, catalog: Catalog) -> None:
        lexicon = catalog.lexicon
        self._heads = [(kind, PhraseIndex(lexicon, name)) for name, kind in _HEADS]
        self._titles = [PhraseIndex(lexicon, n) for n in ("ranks", "honorifics", "office_titles")]
        self._calendar = frozenset(lexicon.entries("months")) | frozenset(lexicon.entries("weekdays"))
        self._common = frozenset(
            w
            for name in (*(n for n, _ in _HEADS), "agreement_heads", "event_nouns", "office_titles")
            for w in lexicon.forms(name)
            if " " not in w
        )
        self._after_noun = frozenset(lexicon.entries("place_prepositions")) | {
            *(
                "of",
                "on",
                "for",
                "that",
                "which",
                "where",
                "with",
                "and",
                "used",
                "built",
                "run",
                "owned",
                "by",
            ),
            *(",", ".", ";", ")", "-", "–", "—"),
        }

    def find(
        self,
        doc: Doc,
        others: Sequence[Candidate],
        recognized: Sequence[Recognized],
        headline: Sequence[bool],
    ) -> Iterator[Candidate]:
        """Candidates of names so told that `others` do not know already."""
        sure = [c for c in others if c.strength >= _KNOWN]
        known = {i for c in sure for i in range(c.start, c.end)}
        things = {i for c in sure if c.kind != "Place" for i in range(c.start, c.end)}
        by_start = {r.start: r for r in recognized}
        by_end = {r.end: r for r in recognized}
        for kind, index in self._heads:
            for hit in index.find(doc):
                if not doc[hit.end - 1].is_lower or headline[hit.start]:
                    continue
                yield from self._after(doc, kind, hit, things if kind == "Equipment" else known, by_start)
                yield from self._right_before(doc, kind, hit, known, by_end)
                yield from self._before(doc, kind, hit, known, by_end)

    # ------------------------------------------------------------------ "the minelayer Alba"
    def _after(
        self, doc: Doc, kind: str, hit: PhraseHit, known: set[int], by_start: dict[int, Recognized]
    ) -> Iterator[Candidate]:
        plural = hit.word.form == "plural"
        if plural and kind == "Organization":
            return
        at = hit.end
        if at < len(doc) and doc[at].lower_ == "of" and kind == "Place":
            at += 1
        while at < len(doc):
            quote = doc[at].text if doc[at].text in _QUOTES else None
            begin = at + int(quote is not None)
            end = self._name_end(doc, kind, begin, by_start, known)
            if end is None or (quote is not None and (end >= len(doc) or doc[end].text != quote)):
                return
            yield Candidate(begin, end, kind, hit.word.value, strength=_STRENGTH).with_features(
                head=hit.word.lemma
            )
            at = end + int(quote is not None)
            if not plural or at >= len(doc) or doc[at].lower_ not in {",", "and"}:
                return
            at += 1
            at += int(at < len(doc) and doc[at].lower_ == "and")

    def _name_end(
        self, doc: Doc, kind: str, begin: int, by_start: dict[int, Recognized], known: set[int]
    ) -> int | None:
        """The token after the name that begins at `begin`; None if none does, or if it is no name of a `kind`."""
        if begin >= len(doc) or doc[begin].is_sent_start or begin in known or not is_name_word(doc, begin):
            return None
        if doc[begin].lower_ in self._calendar:
            return None
        if any(i.starting_at(doc, begin) for i in self._titles):
            return None
        seen = by_start.get(begin)
        if kind != "Equipment" and (
            begins_person(doc, begin) or (seen is not None and seen.kind == "Person")
        ):
            return None
        end = seen.end if seen is not None else run_right(doc, begin)
        if end < len(doc) and is_name_word(doc, end) and not doc[end].is_sent_start:
            end = run_right(doc, begin)
        if any(i in known for i in range(begin, end)) or end - begin > _LONGEST:
            return None
        if doc[begin].lower_ in self._common and (kind != "Equipment" or end - begin == 1):
            return None
        return end

    # ------------------------------------------------------------------ "Kabar news agency"
    def _right_before(
        self, doc: Doc, kind: str, hit: PhraseHit, known: set[int], by_end: dict[int, Recognized]
    ) -> Iterator[Candidate]:
        seen = by_end.get(hit.start)
        if kind != "Organization" or hit.word.value not in _TRADES or hit.word.form == "plural":
            return
        if (
            seen is None
            or seen.end - seen.start > _LONGEST
            or any(i in known for i in range(seen.start, seen.end))
        ):
            return
        yield Candidate(seen.start, seen.end, kind, hit.word.value, strength=_STRENGTH).with_features(
            head=hit.word.lemma
        )

    # ------------------------------------------------------------------ "Miinisadam, the naval base in Tallinn"
    def _before(
        self, doc: Doc, kind: str, hit: PhraseHit, known: set[int], by_end: dict[int, Recognized]
    ) -> Iterator[Candidate]:
        if hit.word.form == "plural" or hit.start < 3:
            return
        if hit.end < len(doc) and doc[hit.end].lower_ not in self._after_noun:
            return  # "Kim, the base commander"
        at = hit.start - 1
        while at > 0 and hit.start - at <= _WORDS_TO_HEAD and doc[at].lower_ not in _ARTICLES:
            if not (doc[at].is_alpha or doc[at].text == "-"):
                return
            at -= 1
        if at < 2 or doc[at].lower_ not in _ARTICLES or doc[at - 1].text not in {",", "(", "-", "–", "—"}:
            return
        seen = by_end.get(at - 1)
        if seen is None or (seen.kind == "Person" and kind != "Equipment"):
            return
        if any(i in known for i in range(seen.start, seen.end)) or not is_capitalised(doc[seen.start].text):
            return
        yield Candidate(seen.start, seen.end, kind, hit.word.value, strength=_STRENGTH).with_features(
            head=hit.word.lemma
        )
