"""Whose an office is, where that stands outside its words.

"President Maia Popescu of Moldova", "Chinese State Councilor and Foreign Minister", "Norwegian Foreign Minister A B
and Defence Minister C D": the country or body is said once, of the person or of the first of two posts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from spacy.tokens import Doc

from kg.catalog import Catalog
from kg.mentions.candidates import Candidate, text_of
from kg.model import Form

_OWNERSHIP = ("country", "body", "body_text", "seat", "seat_text", "owner_start", "owner_end")
_AND = frozenset({"and", "&"})
_BETWEEN_HOLDERS = frozenset({"and", ",", "&"})
#: Words that begin what is told of the body before them, not of its office.
_GOING_ON = frozenset(
    {"which", "whose", "based", "headquartered", "located", "created", "founded", "established"}
)
_CLOSING = frozenset({"and", ",", ".", ";", ")"})
_FARTHEST = 4  # tokens between a holder's name and the next holder's office


class OfficeOwners:
    """Completes offices that were found without an owner; all candidates are settled ones, in text order."""

    def __init__(self, catalog: Catalog) -> None:
        lexicon = catalog.lexicon
        self._leaders = frozenset(lexicon.entries("leader_titles"))
        self._hosted = frozenset(lexicon.entries("host_offices"))
        self._cabinet = frozenset(lexicon.entries("cabinet_titles"))
        self._national = frozenset(lexicon.entries("national_titles"))
        self._qualifiers = frozenset(lexicon.entries("office_qualifiers"))
        self._rank_words = frozenset(lexicon.entries("rank_words")) | frozenset(lexicon.entries("honorifics"))

    def complete(self, doc: Doc, winners: Sequence[Candidate]) -> list[Candidate]:
        """`winners` with owners added to offices."""
        out = list(winners)
        starts = {c.start: c for c in out}
        for i, office in enumerate(out):
            if office.kind == "Office" and not _is_owned(office):
                owner = self._after_holder(doc, office, starts)
                if owner is not None:
                    out[i] = _owned_by(doc, office, owner)
        offices = [i for i, c in enumerate(out) if c.kind == "Office"]
        for i, j in pairwise(offices):
            first, second = out[i], out[j]
            if doc[first.start].sent != doc[second.start].sent:
                continue
            if self._of_one_holder(doc, first, second):
                out[i], out[j] = _shared(first, second)
            elif not _is_owned(second) and self._of_one_side(doc, first, second, out[i + 1 : j]):
                out[j] = _with_owner(second, first.features)
        return out

    def take_up(
        self, doc: Doc, winners: Sequence[Candidate], pronouns: Sequence[Candidate]
    ) -> list[Candidate]:
        """`winners`, offices after "its" or "their" with the body or country that the pronoun stands for."""
        owning = {p.end: p for p in pronouns if p.kind in {"Organization", "Place"}}
        named = {(c.start, c.end): c for c in winners if c.form is Form.NAME}
        out = []
        for c in winners:
            if c.kind == "Office" and not _is_owned(c):
                at = c.start
                while (
                    at not in owning and at > 0 and c.start - at < _FARTHEST and self._qualifies(doc, at - 1)
                ):
                    at -= 1
                pronoun = owning.get(at)
                start, _, end = (pronoun.features["antecedents"] if pronoun is not None else "").partition(
                    ":"
                )
                owner = named.get((int(start), int(end))) if end.isdigit() else None
                if (
                    owner is not None
                    and owner.kind == "Place"
                    and c.features.get("title") not in self._national
                ):
                    owner = self._body_before(doc, at, winners)  # "its commandant": no state's
                if owner is not None and pronoun is not None:
                    c = _owned_by(doc, c, owner)
            out.append(c)
        return out

    @staticmethod
    def _body_before(doc: Doc, at: int, winners: Sequence[Candidate]) -> Candidate | None:
        """The body or base that was named last, in the sentence of token `at` or the one before."""
        floor = doc[max(doc[at].sent.start - 1, 0)].sent.start
        bodies = [c for c in winners if c.kind in {"Organization", "Facility"} and c.form is Form.NAME]
        return next((c for c in reversed(bodies) if floor <= c.start and c.end <= at), None)

    def _qualifies(self, doc: Doc, i: int) -> bool:
        return doc[i].lower_ in self._qualifiers and not doc[i].is_sent_end

    def _after_holder(self, doc: Doc, office: Candidate, starts: Mapping[int, Candidate]) -> Candidate | None:
        """The country or body in "President A B of X"."""
        at = office.end
        while at < len(doc) and doc[at].lower_ in self._rank_words:
            at += 1
        person = starts.get(at)
        if person is None or person.kind != "Person":
            return None
        end = person.end
        if end + 2 >= len(doc):
            return None
        if doc[end].text == "(":
            owner = starts.get(end + 1)
            closed = owner is not None and owner.end < len(doc) and doc[owner.end].text == ")"
            return owner if owner is not None and closed and owner.subkind == "Country" else None
        if doc[end].lower_ in {"on", "for"} and doc[end + 1].lower_ == "the":
            owner = starts.get(end + 2)
            sided = owner is not None and owner.end < len(doc) and doc[owner.end].lower_ == "side"
            return owner if owner is not None and sided and owner.subkind == "Country" else None
        if doc[end].lower_ == "for":  # "signed by Minister A B for Kenya and Minister C D for Chad"
            owner = starts.get(end + 1)
            closed = owner is not None and owner.end < len(doc) and doc[owner.end].lower_ in _CLOSING
            return owner if owner is not None and closed and owner.subkind == "Country" else None
        if doc[end].lower_ != "of":
            return None
        owner = starts.get(end + 1 + int(doc[end + 1].lower_ == "the"))
        if owner is None or owner.kind not in {"Place", "Organization"}:
            return None
        return owner if owner.subkind == "Country" or owner.kind == "Organization" else None

    @staticmethod
    def _of_one_holder(doc: Doc, first: Candidate, second: Candidate) -> bool:
        """ "Deputy Prime Minister and Minister of Defence": nothing but "and" between the two."""
        between = [t.lower_ for t in doc[first.end : second.start]]
        return bool(between) and between[0] in _AND and set(between[1:]) <= {"the"}

    def _of_one_side(
        self, doc: Doc, first: Candidate, second: Candidate, between: Sequence[Candidate]
    ) -> bool:
        """ "Norwegian Foreign Minister A B and Defence Minister C D": two posts of one cabinet.

        Two holders of like posts are of two countries, and so may two leaders be.
        """
        told, other = first.features, second.features
        if not told.get("country") or not {told.get("title"), other.get("title")} <= self._cabinet:
            return False
        if told.get("title") in self._leaders | self._hosted or told.get("portfolio") == other.get(
            "portfolio"
        ):
            return False
        if not told.get("portfolio") or not other.get("portfolio") or len(between) != 1:
            return False
        holder = between[0]
        rest = [t.lower_ for t in doc[holder.end : second.start]]
        return (
            holder.kind == "Person"
            and holder.start >= first.end
            and 0 < len(rest) <= _FARTHEST
            and all(w in _BETWEEN_HOLDERS or w == "the" for w in rest)
        )


def open_up(
    doc: Doc, winners: Sequence[Candidate], nested: Sequence[Candidate]
) -> tuple[list[Candidate], list[Candidate]]:
    """`winners` and `nested`, offices of which the body goes on to be told with their tokens up to the body.

    "secretary-general of GUAM, which is based in Kyiv": the body stands beside its office, so that what is told of
    it can be read. Feature ``surface`` keeps the tokens of the office's words.
    """
    bodies = {(c.start, c.end): c for c in nested if c.kind == "Organization"}
    out: list[Candidate] = []
    freed: set[tuple[int, int]] = set()
    for c in winners:
        owner = (int(c.features.get("owner_start", -1)), int(c.features.get("owner_end", -1)))
        body = (
            bodies.get(owner) if c.kind == "Office" and owner[1] == c.end and owner[0] > c.start + 1 else None
        )
        if body is None or not _goes_on(doc, c.end):
            out.append(c)
            continue
        cut = body.start - 1 - int(doc[body.start - 1].lower_ == "the")
        if cut <= c.start or doc[cut].lower_ not in {"of", "at", "for"}:
            out.append(c)
            continue
        out.append(replace(c, end=cut).with_features(surface=f"{c.start}:{c.end}"))
        out.append(body)
        freed.add(owner)
    rest = [c for c in nested if not (c.kind == "Organization" and (c.start, c.end) in freed)]
    return sorted(out, key=lambda c: (c.start, c.end, c.kind)), rest


def _goes_on(doc: Doc, end: int) -> bool:
    at = end + int(end < len(doc) and doc[end].text == ",")
    return at < len(doc) and doc[at].lower_ in _GOING_ON and not doc[at].is_sent_start


def without_portfolios(winners: Sequence[Candidate], nested: Sequence[Candidate]) -> list[Candidate]:
    """`nested` without bodies that an office's words only seem to name: "Danish Defence | Minister"."""
    offices = [c for c in winners if c.kind == "Office" and c.features.get("portfolio")]
    inside = {i: o for o in offices for i in range(o.start, o.end) if not o.features.get("body_text")}
    return [c for c in nested if c.kind != "Organization" or c.start not in inside]


def _is_owned(office: Candidate) -> bool:
    return any(office.features.get(key) for key in ("country", "body_text", "seat"))


def _shared(first: Candidate, second: Candidate) -> tuple[Candidate, Candidate]:
    """Two posts of one holder: the country that one of them names is the other's too."""
    if not _is_owned(second) and first.features.get("country"):
        return first, _with_owner(second, first.features)
    if not _is_owned(first) and second.features.get("country"):
        return _with_owner(first, second.features), second
    return first, second


def _with_owner(office: Candidate, told: Mapping[str, str]) -> Candidate:
    return office.with_features(**{key: told[key] for key in _OWNERSHIP if key in told})


def _owned_by(doc: Doc, office: Candidate, owner: Candidate) -> Candidate:
    place = {"owner_start": str(owner.start), "owner_end": str(owner.end)}
    if owner.kind != "Place":
        return office.with_features(body=owner.value, body_text=text_of(doc, owner.start, owner.end), **place)
    return office.with_features(country=owner.features.get("country"), **place)
