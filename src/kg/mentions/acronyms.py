"""Acronyms that a text introduces: "X Y Z (XYZ)", "XYZ (X Y Z)", "X Y Z, or XYZ,"; and where they stand later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spacy.tokens import Doc

from kg.catalog import Gazetteer
from kg.mentions.candidates import Candidate, settle, text_of
from kg.model import Form

_KINDS = frozenset({"Organization", "Agreement", "Facility", "Equipment"})
_LONGEST = 10  # code points of an acronym
_WORDS_BEFORE = 4  # in the parentheses, before the acronym: "(hereinafter the", "(in Spanish"
_QUOTES = frozenset({'"', "'"})


@dataclass(frozen=True, slots=True)
class AcronymFinder:
    """Ties acronyms to the names they stand for."""

    gazetteer: Gazetteer

    def find(self, doc: Doc, candidates: Sequence[Candidate]) -> Iterator[Candidate]:
        """Candidates of all places where an acronym of one of `candidates` stands."""
        settled, _, _ = settle(candidates)
        meaning: dict[str, Candidate] = {}
        for c in settled:
            named = c.form is Form.NAME or (c.kind == "Agreement" and c.length > 1)
            if c.kind in _KINDS and named:
                at = self._introduced(doc, c)
                if at is not None:
                    meaning.setdefault(doc[at].text, _innermost(doc, c, at, candidates))
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

    def _introduced(self, doc: Doc, full: Candidate) -> int | None:
        """The token of the acronym that is introduced beside `full`, or None."""
        after = doc[full.end].text if full.end + 2 < len(doc) else ""
        if after == "(":
            at = next(
                (
                    i
                    for i in range(full.end + 1, min(full.end + 2 + _WORDS_BEFORE, len(doc)))
                    if _is_acronym(doc, i)
                ),
                None,
            )
            closed = (
                at is not None and at + 1 < len(doc) and doc[at + 1].text in {")", ",", ";", "or", *_QUOTES}
            )
            inside = at is not None and not any(doc[i].text == ")" for i in range(full.end + 1, at))
            if at is not None and closed and inside:
                known = self.gazetteer.surfaces.get(doc[at].text)
                # An acronym of another language need not fit the words; one that is known must.
                if _abbreviates(doc, full, at) or (full.length > 1 and known is None and len(doc[at]) > 2):
                    return at
        if after == "," and doc[full.end + 1].lower_ == "or":
            at = full.end + 2 + int(doc[full.end + 2].lower_ == "the")
            if at < len(doc) and _is_acronym(doc, at) and _abbreviates(doc, full, at):
                return at
        before = full.start - 1 - int(full.start > 0 and doc[full.start - 1].lower_ == "the")
        if before > 0 and full.end < len(doc) and doc[before].text == "(" and doc[full.end].text == ")":
            at = before - 1
            if _is_acronym(doc, at) and (_abbreviates(doc, full, at) or full.length > 2):
                return at
        return None


def _innermost(doc: Doc, full: Candidate, at: int, candidates: Sequence[Candidate]) -> Candidate:
    """What the acronym at token `at` stands for: the last name in `full` if its initials are just the acronym.

    "the Central Training Area of the Estonian Defence Forces (EDF)": the forces.
    """
    letters = "".join(c for c in doc[at].text if c.isupper())
    fitting = [
        c
        for c in candidates
        if c.end == full.end and c.start > full.start and c.kind in _KINDS and _initials(doc, c) == letters
    ]
    return max(fitting, key=lambda c: (c.length, c.strength, c.kind)) if fitting else full


def _initials(doc: Doc, c: Candidate) -> str:
    return "".join(t.text[0] for t in doc[c.start : c.end] if t.text[0].isupper())


def _is_acronym(doc: Doc, i: int) -> bool:
    text = doc[i].text
    capitals = sum(c.isupper() for c in text)
    return capitals >= 2 and capitals * 2 >= len(text) and len(text) <= _LONGEST and text[0].isalnum()


def _abbreviates(doc: Doc, full: Candidate, at: int) -> bool:
    """Whether the word at token `at` is made of capitals of the words of `full`, in order."""
    acronym = doc[at].text
    letters = [c for c in acronym if c.isupper()]
    if len(letters) < 2 or len(acronym) > 10 or len(letters) * 2 < len(acronym):
        return False
    initials = [
        part[0].upper()
        for t in doc[full.start : full.end]
        for part in t.text.split("-")
        if part[:1].isalpha()
    ]
    seen = 0
    for letter in letters:
        while seen < len(initials) and initials[seen] != letter:
            seen += 1
        if seen == len(initials):
            # "JJOC" for "JSDF Joint Operations Command": the country's initial may lead.
            return letter != letters[0] and sum(i in letters for i in initials) >= len(letters) - 1
        seen += 1
    return True
