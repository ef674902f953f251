"""Agreements told by common nouns or by a verb: "a defence pact", "its deal with Oman", "agreed in 1996".

Whether a description is one real agreement is not decided here: the resolution keeps those that the text says
something of.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from spacy.tokens import Doc, Token

from kg.catalog import Catalog
from kg.mentions.candidates import Candidate, is_capitalised, text_of
from kg.mentions.countries import Countries
from kg.mentions.phrases import PhraseHit, PhraseIndex
from kg.mentions.shape import POSSESSIVE
from kg.model import Form

_DEFINITE = frozenset({"the", "their", "this", "that", "our"})
_INDEFINITE = frozenset({"a", "an", "another"})
_OWNED = frozenset({"its", "his", "her"})
_NAMING = frozenset({"known", "called", "dubbed", "named", "titled", "entitled"})
_MOST_MODIFIERS = 4
_FARTHEST_DETERMINER = 8  # tokens: "a 660-million-euro, five-year contract"
_INSIDE_PHRASE = frozenset({"amod", "compound", "nummod", "punct", "advmod"})
_PREMODIFIERS = frozenset({"compound", "amod"})
_BEFORE_NAME = frozenset({"the", '"', "hereinafter", "hereafter", "henceforth", ",", "also", "known", "as"})
_CALLED_WITHIN = 20  # tokens between "the Agreement" and "(the X Agreement)"


class AgreementDescriptions:
    """Reads agreement heads with the words before them, and verbs that stand for an agreement."""

    def __init__(self, catalog: Catalog) -> None:
        lexicon = catalog.lexicon
        self._adjectives = frozenset(lexicon.entries("agreement_adjectives"))
        self._plain = frozenset(lexicon.entries("plain_modifiers"))
        self._bare = lexicon.entries("bare_agreements")
        self._verbs = PhraseIndex(lexicon, "agreement_verbs")

    def describe(self, doc: Doc, hit: PhraseHit, countries: Countries) -> Iterator[Candidate]:
        """ "Japan-U.S. alliance", "the bilateral defense treaty", "their alliance", "the 1996 agreement", "a pact"."""
        pair = _country_pair(doc, hit.start, countries)
        if pair is not None:
            start, parties = pair
            yield _candidate(doc, hit, start, Form.NAME).with_features(parties="|".join(parties))
            return
        use = self._bare.get(hit.word.lemma)
        start = self._start(doc, hit, parsed=use == "any" and hit.word.form != "plural")
        before = self._determiner(doc, start, _FARTHEST_DETERMINER if use == "any" else 1)
        modified = start < hit.start or hit.end - hit.start > 1
        described = _candidate(doc, hit, start, Form.DESCRIPTION)
        if before in _DEFINITE and modified:
            yield described.with_features(definite="yes" if doc[hit.start].is_lower else None)
        elif use is None or hit.word.form == "plural" or _is_modifier(doc, hit):
            return
        elif before in _DEFINITE:
            yield described.with_features(definite="yes", again="yes" if use == "again" else None)
        elif use == "again" or (start == hit.start and hit.start > 0 and doc[hit.start - 1].text == "-"):
            return  # "a plan", "a framework": not every one binds someone
        elif before in _OWNED or before in POSSESSIVE:
            yield described.with_features(owned="yes")
        elif before in _INDEFINITE or countries.ending_at(start) is not None:
            yield described.with_features(indefinite="yes")

    def _determiner(self, doc: Doc, start: int, reach: int) -> str:
        """The article or owner before token `start`, up to `reach` words; words that tell nothing are passed over."""
        at = start
        while at > 0 and start - at < reach and not doc[at].is_sent_start:
            at -= 1
            word = doc[at]
            inside = (
                word.text == "-" or (word.dep_ in _INSIDE_PHRASE and at < word.head.i)
            ) and not is_capitalised(word.text)
            if word.lower_ not in self._plain and not inside:
                return word.lower_
        return ""

    def _start(self, doc: Doc, hit: PhraseHit, parsed: bool) -> int:
        """The first of the words before the head that say what agreement it is; listed ones unless `parsed`."""
        start = hit.start
        while start > 0 and hit.start - start < _MOST_MODIFIERS and not doc[start].is_sent_start:
            word = doc[start - 1]
            if word.lower_ in self._adjectives and word.lower_ not in self._plain:
                start -= 1
            elif (
                word.text == "-"
                and 1 < start < hit.start
                and (doc[start - 2].is_lower or doc[start - 2].like_num)
            ):
                start -= 2  # "prisoner-swap", "status-of-forces"
            elif (
                parsed
                and word.is_alpha
                and word.is_lower
                and word.lower_ not in self._plain
                and word.dep_ in _PREMODIFIERS
                and word.pos_ in {"NOUN", "ADJ"}
                and hit.start <= _top(doc, start - 1, hit.start).head.i < hit.end
            ):
                start -= 1
            else:
                break
        while start < hit.start and (doc[start].text == "-" or (start > 0 and doc[start - 1].text == "-")):
            start += 1  # "a 50-year lease": half a word
        if start > 0 and len(doc[start - 1].text) == 4 and doc[start - 1].text.isdigit():
            start -= 1
        return start

    def agreed(self, doc: Doc, dates: Sequence[Candidate]) -> Iterator[Candidate]:
        """ "agreed in 1996 that ...": a dated commitment, described and not named; the verb stands for it."""
        ends = {d.start: d.end for d in dates}
        days = {i for d in dates for i in range(d.start, d.end)}
        for hit in self._verbs.find(doc):
            if hit.word.lemma != "agree" or hit.word.form not in {"past", "participle"}:
                continue
            begins = _complement(doc, hit, days) if doc.has_annotation("DEP") else _after_date(doc, hit, ends)
            if begins is None:
                continue
            stop = begins
            while stop < len(doc) and doc[stop].text not in {",", ";", "."} and not doc[stop].is_sent_start:
                stop += 1
            yield Candidate(
                hit.start, hit.end, "Agreement", "Accord", Form.DESCRIPTION, strength=72
            ).with_features(head="agreement", clause=text_of(doc, hit.start, stop), trigger="verb")


def _complement(doc: Doc, hit: PhraseHit, days: Collection[int]) -> int | None:
    """The last word before the punctuation behind what is agreed, if the verb is dated and says what."""
    verb = doc[hit.start]
    if verb.dep_ in {"amod", "acl", "compound"}:
        return None
    dated = [c for c in verb.children if c.i in days or any(g.i in days for g in c.children)]
    said = [c for c in verb.children if c.dep_ in {"xcomp", "ccomp"} and c.i > verb.i]
    said += [
        c for c in verb.children if c.dep_ == "obl" and c.i not in days and _preposition(c) in {"on", "upon"}
    ]
    if not any(c.dep_.startswith(("obl", "nmod")) for c in dated) or not said:
        return None
    return max(verb.i + 1, *(c.i for c in dated), min(c.left_edge.i for c in said))


def _preposition(token: Token) -> str:
    return next((c.lower_ for c in token.children if c.dep_ == "case"), "")


def _after_date(doc: Doc, hit: PhraseHit, ends: Mapping[int, int]) -> int | None:
    """The word behind the date right after the verb, if it opens what is agreed."""
    at = hit.end
    if at + 2 >= len(doc):
        return None
    at += int(doc[at].lower_ in {"in", "on"})
    if at not in ends or ends[at] >= len(doc) or doc[ends[at]].lower_ not in {"that", "to", "on"}:
        return None
    return ends[at]


def _candidate(doc: Doc, hit: PhraseHit, start: int, form: Form) -> Candidate:
    return Candidate(start, hit.end, "Agreement", hit.word.value, form, strength=55).with_features(
        head=hit.word.lemma,
        year=doc[start].text if doc[start].text.isdigit() and len(doc[start].text) == 4 else None,
        called=_called(doc, hit) if form is Form.DESCRIPTION else None,
        apart=_apart(doc, hit) if form is Form.DESCRIPTION else None,
    )


def _apart(doc: Doc, hit: PhraseHit) -> str | None:
    """Token of what acts on it, which is another: "the Memorandum replaces the arrangement concluded in 2011"."""
    head = doc[hit.start : hit.end].root
    if head.dep_ != "obj":
        return None
    return next((str(c.i) for c in head.head.children if c.dep_ == "nsubj"), None)


def _called(doc: Doc, hit: PhraseHit) -> str | None:
    """Tokens where its name may stand: in apposition, or in parentheses ("the Agreement with B (the C Pact)")."""
    head = next((doc[i] for i in range(hit.start, hit.end) if not hit.start <= doc[i].head.i < hit.end), None)
    found = set()
    if head is not None:
        found |= {c.i for c in head.children if c.dep_ == "appos"}
        for named in (c for c in head.children if c.dep_ == "acl" and c.lower_ in _NAMING):
            found |= {c.i for c in named.children if c.dep_ in {"obl", "xcomp", "obj"}}
        if head.dep_ == "appos":
            found.add(head.head.i)
        if any(c.dep_ == "cop" for c in head.children):
            found |= {c.i for c in head.children if c.dep_ == "nsubj"}
    for i in range(hit.end, min(hit.end + _CALLED_WITHIN, len(doc) - 2)):
        if doc[i].is_sent_start:
            break
        if doc[i].text == "(":
            opens = i + 1
            while opens < len(doc) - 1 and doc[opens].lower_ in _BEFORE_NAME:
                opens += 1
            if (opens > i + 1 or i == hit.end) and is_capitalised(doc[opens].text):
                found.add(opens)
            break
    return "|".join(str(i) for i in sorted(found)) or None


def _is_modifier(doc: Doc, hit: PhraseHit) -> bool:
    """Whether the head only says what kind of thing the next noun is: "treaty obligations", "a contract soldier"."""
    last = doc[hit.end - 1]
    return last.dep_ == "compound" and last.head.i >= hit.end


def _top(doc: Doc, i: int, stop: int) -> Token:
    """The word whose head lies outside the modifiers ``[i, stop)``, from token `i` up."""
    token = doc[i]
    while i < token.head.i < stop and token.head != token:
        token = token.head
    return token


def _country_pair(doc: Doc, end: int, countries: Countries) -> tuple[int, list[str]] | None:
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
