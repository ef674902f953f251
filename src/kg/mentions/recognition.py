"""Names that the parser recognises by their context: people, bodies and places that no list knows.

The network reads a sentence at a time and is right about most names that it has never seen; the rules know
the words that tell a kind. So what it finds is cleaned, compared over the whole document, and proposed below the
rules' own proposals. Without a parser (`rules`) there is nothing to read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from spacy.tokens import Doc

from kg.catalog import Catalog
from kg.mentions.candidates import Candidate, is_capitalised, text_of
from kg.mentions.phrases import PhraseIndex
from kg.mentions.shape import POSSESSIVE, is_name_word
from kg.model import Form

#: A parser's labels → ours. What is left out is no name of a thing we keep.
_LABELS: Mapping[str, str] = {
    "PERSON": "Person",
    "PER": "Person",
    "ORG": "Organization",
    "LOC": "Place",
    "GPE": "Place",
}
_STRENGTH = {"Organization": 49, "Place": 47}
#: Proposals of at least this strength know what they are; weaker ones guess as the parser does.
_TOLD = 50
_LONGEST = 12  # tokens; a longer "name" is a sentence in capitals
_HEADS = "organization_heads facility_heads agreement_heads place_heads event_nouns office_titles portfolios"


@dataclass(frozen=True, slots=True)
class Recognized:
    """Tokens ``[start, end)`` are a name of a `kind`: Person, Organization or Place."""

    start: int
    end: int
    kind: str


class NameRecognizer:
    """Reads the names that a parser left in ``Doc.ents``."""

    def __init__(self, catalog: Catalog) -> None:
        lexicon = catalog.lexicon
        self._addresses = PhraseIndex(lexicon, "honorifics", "ranks")
        self._portfolios = PhraseIndex(lexicon, "portfolios")
        self._common = frozenset(
            w for name in _HEADS.split() for w in lexicon.forms(name) if " " not in w
        ) | frozenset(lexicon.entries("directions"))
        self._at = frozenset(lexicon.entries("place_prepositions")) - {"to", "of", "by"}
        self._inside = frozenset(lexicon.entries("name_particles"))
        self._holds_place = frozenset(lexicon.entries("words_before_place_only"))
        self._company_endings = tuple(lexicon.entries("company_endings"))
        self._calendar = frozenset(lexicon.entries("months")) | frozenset(lexicon.entries("weekdays"))
        self._body_like = frozenset(lexicon.entries("body_like_agreements"))
        self._event_words = frozenset(lexicon.forms("event_nouns"))

    def read(self, doc: Doc, headline: Sequence[bool]) -> list[Recognized]:
        """The names in text order, cleaned, each kind that of most places where the same words stand."""
        cleaned = (self._clean(doc, e.start, e.end, e.label_) for e in doc.ents)
        found = [r for r in cleaned if r is not None]
        votes: dict[str, Counter[str]] = {}
        for r in found:
            counts = votes.setdefault(text_of(doc, r.start, r.end), Counter())
            # "Minister of National Defence A B" is told by its title, in a headline too.
            titled = r.kind == "Person" and r.end - r.start > 1 and r.start > 0
            titled = titled and doc[r.start - 1].lower_ in self._common
            counts[r.kind] += 1 if headline[r.start] and not titled else 2
            if r.start and doc[r.start - 1].lower_ in self._at:
                counts["Place"] += int(r.kind != "Person")
                # "near Marawi", "seized Lashio": no person is meant, whatever the name looks like.
                counts["Place"] += 3 * int(
                    r.end - r.start == 1 and doc[r.start - 1].lower_ in self._holds_place
                )
            if (
                r.end - r.start == 1
                and r.kind != "Organization"
                and self._sounds_like_company(doc[r.start].lower_)
            ):
                counts["Organization"] += 3
        out = []
        for r in found:
            counts = votes[text_of(doc, r.start, r.end)]
            most = max(counts.values())
            if headline[r.start] and most < 2:
                continue  # capitals say nothing in a headline
            kind = r.kind if counts[r.kind] == most else max(sorted(counts), key=lambda k: counts[k])
            kind = "Organization" if _is_agency(doc, r.start, r.end) else kind
            out.append(Recognized(r.start, r.end, kind))
        return out

    def propose(
        self,
        doc: Doc,
        recognized: Sequence[Recognized],
        others: Sequence[Candidate],
        events: Sequence[Candidate] = (),
    ) -> list[Candidate]:
        """Bodies and places that `others` do not know, and longer forms of bodies that they cut short.

        What is an event's own name in one place ("Exercise Northern Anvil") is no place anywhere.
        """
        editions = {
            text_of(doc, r.start, r.end).rsplit(" ", 1)[0]
            for r in recognized
            if r.end - r.start > 1 and doc[r.end - 1].is_digit
        }
        happenings = [f"{text_of(doc, e.start, e.end)} " for e in events if e.length > 1]
        told = [c for c in others if c.strength >= _TOLD and c.form is Form.NAME]
        out = []
        for r in recognized:
            if r.kind not in _STRENGTH:
                continue
            rivals = [c for c in told if c.start < r.end and r.start < c.end]
            if any(_is_complete(doc, c, r) for c in rivals):
                continue
            composed = [c for c in rivals if c.features.get("head") and c.kind != "Place"]
            if composed:
                widened = self._widen(r, composed)
                if widened is not None:
                    out.append(widened)
            elif all(self._names_part(c, r) for c in rivals) and self._is_whole(doc, r):
                name = text_of(doc, r.start, r.end)
                if any(f" {name} " in f" {h}" for h in happenings):
                    continue
                if r.kind == "Place" and (name in editions or doc[r.end - 1].is_digit):
                    continue  # "Northern Anvil 26": a year's edition of something
                outlet = "MediaOutlet" if _is_agency(doc, r.start, r.end) else None
                out.append(Candidate(r.start, r.end, r.kind, outlet, strength=_STRENGTH[r.kind]))
        return out

    def _widen(self, r: Recognized, composed: Sequence[Candidate]) -> Candidate | None:
        """The one composed name inside `r`, as long as `r`; a body where only its head sounds like an agreement."""
        if any(c.start < r.start or r.end < c.end for c in composed):
            return None
        c = max(composed, key=lambda c: (c.kind == r.kind, c.end == r.end, c.length, c.strength))
        if any(o.kind == c.kind and not o.overlaps(c) for o in composed):
            return None  # "Ministry of Defence and Armed Forces": two bodies
        if c.kind == "Agreement" and r.kind == "Organization" and c.features["head"] in self._body_like:
            return Candidate(
                r.start,
                r.end,
                "Organization",
                "InternationalOrganization",
                strength=c.strength + 1,
                nested=True,
                features=c.features,
            )
        grows = c.length < r.end - r.start
        if not grows or not (c.kind == "Organization" or (c.kind == "Facility" and c.end == r.end)):
            return None
        return replace(c, start=r.start, end=r.end, value=None)

    def _names_part(self, c: Candidate, r: Recognized) -> bool:
        """Whether a known place is only a word of the body's name `r`: "Garuda Indonesia"."""
        inside = r.start <= c.start and c.end <= r.end and c.length < r.end - r.start
        return c.kind == "Place" and r.kind == "Organization" and inside

    def _clean(self, doc: Doc, start: int, end: int, label: str) -> Recognized | None:
        """The name without articles, possessives and function words at its ends; None if nothing is left."""
        kind = _LABELS.get(label)
        if kind is None:
            return None
        while start < end and not is_name_word(doc, start) and not doc[start].text[0].isdigit():
            if kind == "Person" and doc[start].is_alpha and start + 1 < end:
                break  # "van der Merwe", "dos Santos"
            start += 1
        while end > start and (
            doc[end - 1].text in POSSESSIVE
            or (doc[end - 1].is_lower and kind != "Person" and doc[end - 2].lower_ not in self._inside)
            or not any(c.isalnum() for c in doc[end - 1].text)
        ):
            end -= 1
        if not 0 < end - start <= _LONGEST:
            return None
        if all(t.lower_ in self._common or t.lower_ in self._calendar or t.is_stop for t in doc[start:end]):
            return None  # "Committee", "Defence", "North", "Armed Forces"
        portfolio = self._portfolios.starting_at(doc, start)
        if portfolio is not None and portfolio.end < end and doc[portfolio.end].lower_ in {"for", "of"}:
            return None  # "Defense for Strategic Affairs": the tail of an office
        if text_of(doc, start, end).lower() in self._portfolios.forms:
            return None
        if kind != "Person" and self._addresses.starting_at(doc, start) is not None:
            return None  # "Eng. A B"
        if kind == "Place" and text_of(doc, start, end).isupper():
            return None  # a heading or a dateline; the gazetteer knows those that are places
        if start and doc[start - 1].like_num and end < len(doc) and doc[end].like_num:
            return None  # "06 Sha'ban 1447": a month of another calendar
        return Recognized(start, end, kind)

    def _sounds_like_company(self, word: str) -> bool:
        return any(word.endswith(end) and len(word) > len(end) + 2 for end in self._company_endings)

    def _is_whole(self, doc: Doc, r: Recognized) -> bool:
        """Whether the name is no piece of a longer run of capitals, nor an event's own name."""
        if r.end < len(doc) and not doc[r.end].is_sent_start:
            after = doc[r.end]
            if is_name_word(doc, r.end) or (after.text == "-" and not after.whitespace_):
                return False
        if r.start > 0 and not doc[r.start].is_sent_start:
            before = doc[r.start - 1]
            quoted = before.text in {"'", '"'} and r.start > 1
            if (doc[r.start - 2] if quoted else before).lower_ in self._event_words:
                return False  # "the exercise 'Samudra Bandhu'"
            if before.text == "-" and not before.whitespace_:
                return False
            if is_capitalised(before.text) and is_name_word(doc, r.start - 1):
                return False
        return True


def _is_complete(doc: Doc, c: Candidate, r: Recognized) -> bool:
    """Whether `r` begins with a body that is known by name: "the European Union | for Foreign Affairs"."""
    listed = c.kind == "Organization" and c.value is not None and "head" not in c.features
    return listed and c.start == r.start and c.end < r.end and doc[c.end].lower_ == "for"


def _is_agency(doc: Doc, start: int, end: int) -> bool:
    """Whether a name stands alone in the parentheses that end a dateline: "TUNIS, June 3 (Atlas Wire) -"."""
    if (
        start == 0
        or end + 2 > len(doc)
        or doc[start - 1].text not in {"(", "/"}
        or doc[end].text not in {")", "/"}
    ):
        return False
    closes = end + 1 < len(doc) and doc[end + 1].text in {"-", "--", "–", "—"}
    return closes and start - doc[start].sent.start < _LONGEST
