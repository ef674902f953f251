"""Offices of the country that a text speaks from: "The Minister" in a read-out of the Ministry of Defence of Ghana.

Who writes for a country does not say so at each post. What stands above the text tells it: the ministry or state that
issues it, or the town of its dateline. An office that names nobody's country, and has no namesake that does, is
that country's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spacy.tokens import Doc, Span

from kg.catalog import Catalog
from kg.mentions.candidates import Candidate, text_of
from kg.model import Form

_HEADINGS = 8  # sentences above a text, at most
_LONGEST_HEADING = 30  # tokens
_LONGEST_DATELINE = 3  # tokens before its place
_AFTER_DATELINE = frozenset({",", "-", "–", "—", "(", ":", "\n\n", "\n"})
_STATE_BODIES = frozenset({"Ministry", "Government", "ArmedForce"})
_VERBS = frozenset({"VERB", "AUX"})
_OWNERSHIP = ("country", "body_text", "seat", "field")
_POSSESSIVE = frozenset({"our", "my", "your", "his", "her", "their", "its", "'s", "'"})
_FARTHEST = 6  # tokens between an office and its holder's name


@dataclass(frozen=True, slots=True)
class _Home:
    """The country a text speaks from, and what the ministry that issues it is in charge of."""

    country: str
    portfolio: str | None = None
    issued: bool = False


class HomeCountry:
    """Completes offices that a text gives no country, where the text itself speaks from one."""

    def __init__(self, catalog: Catalog) -> None:
        lexicon = catalog.lexicon
        self._entries = catalog.gazetteer.entries
        self._national = frozenset(lexicon.entries("national_titles"))
        self._of_bodies = frozenset(lexicon.entries("international_titles"))
        self._cabinet = frozenset(lexicon.entries("cabinet_titles"))

    def lend(self, doc: Doc, winners: Sequence[Candidate], nested: Sequence[Candidate]) -> list[Candidate]:
        """`winners`, offices of no stated country with that of the text, if it tells one."""
        winners = self._lend_body(doc, winners)
        if not any(self._is_open(c) for c in winners):
            return list(winners)
        home = self._find_home(doc, winners, nested)
        if home is None:
            return list(winners)
        told = [c for c in winners if c.kind == "Office" and c.features.get("country")]
        abroad = {_post(c) for c in told if c.features["country"] != home.country}
        holders = {holder for c in told if (holder := _holder(doc, c, winners))}
        places = [c for c in (*winners, *nested) if _is_country(c, home.country)]
        out = []
        for c in winners:
            if self._is_open(c) and not (c.start and doc[c.start - 1].lower_ in _POSSESSIVE):
                holder = _holder(doc, c, winners)
                own = home.issued and c.features.get("portfolio") == home.portfolio is not None
                # A post without a name may be the other side's, told again.
                sure = own or (holder is not None and (home.issued or _post(c) not in abroad))
                if sure and holder not in holders:
                    c = self._lent(doc, c, home, places)
            out.append(c)
        return out

    def _lent(self, doc: Doc, office: Candidate, home: _Home, places: Sequence[Candidate]) -> Candidate:
        told = office.features
        portfolio = None
        if told["title"] == "minister" and not told.get("portfolio"):
            definite = office.start > 0 and doc[office.start - 1].lower_ == "the"
            if home.portfolio is None or not home.issued or not definite:
                return office
            portfolio = home.portfolio
        near = min(places, key=lambda c: (abs(c.start - office.start), c.start), default=None)
        return office.with_features(
            country=home.country,
            portfolio=portfolio,
            owner_start=str(near.start) if near is not None else None,
            owner_end=str(near.end) if near is not None else None,
            lent="yes",
        )

    def _lend_body(self, doc: Doc, winners: Sequence[Candidate]) -> list[Candidate]:
        """`winners`, "the Secretary-General" as that of the one international body that the text named before."""
        out: list[Candidate] = []
        bodies: dict[str, Candidate] = {}
        for c in winners:
            if c.kind == "Organization" and c.subkind == "InternationalOrganization" and c.form is Form.NAME:
                if not c.features.get("acronym_of"):
                    bodies.setdefault(c.value or text_of(doc, c.start, c.end), c)
            elif c.kind == "Office" and c.form is Form.NAME and len(bodies) == 1:
                lone = not any(c.features.get(k) for k in (*_OWNERSHIP, "portfolio", "host"))
                if lone and c.features.get("title") in self._of_bodies and doc[c.start].text[:1].isupper():
                    body = next(iter(bodies.values()))
                    c = c.with_features(
                        body=body.value,
                        body_text=text_of(doc, body.start, body.end),
                        owner_start=str(body.start),
                        owner_end=str(body.end),
                        lent="yes",
                    )
            out.append(c)
        return out

    def _is_open(self, c: Candidate) -> bool:
        """Whether it is an office of a state of which the text does not say which."""
        if c.kind != "Office" or c.form is not Form.NAME or any(c.features.get(k) for k in _OWNERSHIP):
            return False
        return c.features.get("title") in self._national or bool(
            c.features.get("portfolio") and c.features.get("title") in self._cabinet
        )

    # ------------------------------------------------------------------ where the text speaks from
    def _find_home(self, doc: Doc, winners: Sequence[Candidate], nested: Sequence[Candidate]) -> _Home | None:
        headings = list(_headings(doc))
        end = headings[-1].end if headings else 0
        above = [c for c in winners if c.end <= end]
        issuers = [c for c in above if c.kind == "Organization" and c.subkind in _STATE_BODIES]
        if issuers:
            portfolio = next((c.features["portfolio"] for c in issuers if c.features.get("portfolio")), None)
            country = self._of_issuer(headings, above, issuers) or self._of_local_title(winners, portfolio)
            if country is not None:
                return _Home(country, portfolio, True)
        spoken = Counter(c.features["country"] for c in (*winners, *nested) if _is_country(c))
        most = max(spoken.values(), default=0)
        town = self._dateline(doc, winners, end)
        if town is not None and most and spoken[town] == most and list(spoken.values()).count(most) == 1:
            return _Home(town)
        return None

    def _of_issuer(
        self, headings: Sequence[Span], above: Sequence[Candidate], issuers: Sequence[Candidate]
    ) -> str | None:
        """The one country that the lines of those who issue the text name, or that is a line of its own."""
        capitals: set[str] = set()
        for line in headings:
            here = [c for c in above if line.start <= c.start < line.end]
            issues = any(c in issuers for c in here)
            alone = len(here) == 1 and here[0].length >= sum(t.is_alpha for t in line)
            if not issues and not alone:
                continue
            named = {c.features["country"] for c in here if _is_country(c)}
            named |= {c.features["country"] for c in here if c in issuers and c.features.get("country")}
            if len(named) == 1:
                return named.pop()
            entries = (self._entries.get(c.value or "") for c in here if c.kind == "Place")
            capitals |= {e.country for e in entries if e is not None and e.capital and e.country}
        return capitals.pop() if len(capitals) == 1 else None

    @staticmethod
    def _of_local_title(winners: Sequence[Candidate], portfolio: str | None) -> str | None:
        """The country in whose own words the text calls the minister of the portfolio: "Raksha Mantri"."""
        told = {
            c.features["country"]
            for c in winners
            if c.kind == "Office"
            and portfolio is not None
            and c.features.get("portfolio") == portfolio
            and c.features.get("country")
            and not c.features.get("owner_start")
        }
        return told.pop() if len(told) == 1 else None

    def _dateline(self, doc: Doc, winners: Sequence[Candidate], end: int) -> str | None:
        """The country of the town that stands first in a line above the text, or opens it."""
        starts = [s.start for s in _openings(doc, end)]
        for c in winners:
            if c.kind != "Place" or not c.features.get("country") or c.end >= len(doc):
                continue
            opens = any(0 <= c.start - s < _LONGEST_DATELINE for s in starts)
            shown = c.start in starts or doc[c.start].is_upper
            if opens and shown and doc[c.end].text in _AFTER_DATELINE and not _is_country(c):
                return c.features["country"]
        return None


def _headings(doc: Doc) -> Iterator[Span]:
    """The sentences above a text: lines without a verb."""
    for n, sentence in enumerate(doc.sents):
        told = any(t.pos_ in _VERBS for t in sentence)
        last = next((t.text for t in reversed(sentence) if not t.is_space), "")
        if n >= _HEADINGS or len(sentence) > _LONGEST_HEADING or (told and last == "."):
            return
        if not told:
            yield sentence


def _openings(doc: Doc, end: int) -> Iterator[Span]:
    """The sentences up to the first that begins behind token `end`."""
    for sentence in doc.sents:
        yield sentence
        if sentence.start >= end:
            return


def _is_country(c: Candidate, code: str | None = None) -> bool:
    own = c.features.get("country")
    return c.kind == "Place" and c.subkind == "Country" and bool(own) and code in {None, own}


def _post(c: Candidate) -> tuple[str | None, str | None, str | None]:
    return c.features.get("rank"), c.features.get("title"), c.features.get("portfolio")


def _holder(doc: Doc, office: Candidate, winners: Sequence[Candidate]) -> str | None:
    """The last word of the name that follows an office, in lower case."""
    after = next((c for c in winners if c.start >= office.end), None)
    if after is None or after.kind != "Person" or after.start - office.end > _FARTHEST:
        return None
    return doc[after.end - 1].lower_
