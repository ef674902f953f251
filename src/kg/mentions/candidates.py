"""What a finder proposes, and how proposals that overlap are settled.

Positions are token indexes of the reading's `Doc`, half-open. A proposal either wins its tokens or is rejected with a
reason; one inside a winner that is marked `nested` stays beside it ("Japanese" in "Japanese Defense Minister").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from spacy.tokens import Doc

from kg.model import Form


@dataclass(frozen=True)
class Candidate:
    """A proposal: tokens ``[start, end)`` speak of a `kind`.

    `value` is a gazetteer key, an EDTF date, an event class or None; `strength` decides between proposals of
    the same length; `nested` says that it may stay inside a longer winner.
    """

    start: int
    end: int
    kind: str
    subkind: str | None = None
    form: Form = Form.NAME
    value: str | None = None
    strength: int = 50
    nested: bool = False
    features: Mapping[str, str] = field(default_factory=dict)

    def with_features(self, **more: str | None) -> Candidate:
        """The same proposal with features added (None leaves one out)."""
        added = {k: v for k, v in more.items() if v is not None}
        return replace(self, features={**self.features, **added})

    @property
    def length(self) -> int:
        """Number of tokens."""
        return self.end - self.start

    def overlaps(self, other: Candidate) -> bool:
        """Whether the two share a token."""
        return self.start < other.end and other.start < self.end

    def inside(self, other: Candidate) -> bool:
        """Whether all tokens lie in `other`, and `other` is longer."""
        return other.start <= self.start and self.end <= other.end and other.length > self.length


_NAMED_AFTER_PLACES = frozenset({"Organization", "Facility", "Agreement", "Equipment"})


def settle(
    candidates: Iterable[Candidate],
) -> tuple[list[Candidate], list[Candidate], list[tuple[Candidate, str]]]:
    """(winners, nested, losers with the reason): winners do not overlap, all are sorted by position.

    Stronger before weaker where they cross, longer before shorter, earlier before later.
    """
    ranked = sorted(
        set_of(candidates),
        key=lambda c: (-c.length, -c.strength, c.start, c.kind, c.subkind or "", c.value or ""),
    )
    winners: list[Candidate] = []
    nested: list[Candidate] = []
    losers: list[tuple[Candidate, str]] = []
    taken: dict[int, Candidate] = {}
    inside: dict[int, list[Candidate]] = {}  # nested ones by the id of the winner they lie in
    for candidate in ranked:
        rivals = {id(taken[i]): taken[i] for i in range(candidate.start, candidate.end) if i in taken}
        if not rivals:
            winners.append(candidate)
            taken.update(dict.fromkeys(range(candidate.start, candidate.end), candidate))
        elif candidate.nested and _is_free_inside(candidate, list(rivals.values()), inside):
            nested.append(candidate)
            inside.setdefault(id(next(iter(rivals.values()))), []).append(candidate)
        else:
            rival = next(iter(rivals.values()))
            losers.append((candidate, f"overlaps {rival.kind} at tokens {rival.start}-{rival.end}"))
    order = lambda c: (c.start, c.end, c.kind)  # noqa: E731 - one key for two sorts
    return sorted(winners, key=order), sorted(nested, key=order), losers


def _is_free_inside(
    candidate: Candidate, outers: Sequence[Candidate], inside: Mapping[int, Sequence[Candidate]]
) -> bool:
    """Whether `candidate` is a mention of its own in its only `outers`, and crosses no other of its kind there."""
    if not all(_stays_inside(candidate, outer) for outer in outers):
        return False
    return not any(
        n.overlaps(candidate) and (n.kind == candidate.kind or not _stays_inside(candidate, n))
        for outer in outers
        for n in inside.get(id(outer), ())
    )


def _stays_inside(inner: Candidate, outer: Candidate) -> bool:
    """Whether `inner` is a mention of its own inside `outer`: "Korea" in "North Korea" is not."""
    if not inner.inside(outer):
        return False
    if inner.kind == "Organization" and inner.features.get("head") and outer.kind != "Office":
        return False  # "Ministry of Defence" in "Ministry of Defence Press Office" is part of a name
    if inner.kind != "Place":
        return True
    if outer.kind == "Place":
        return outer.form is Form.DESCRIPTION
    # "Pori Brigade", "Association of Southeast Asian Nations": a name's own word; a country is more than that.
    return inner.subkind == "Country" or outer.kind not in _NAMED_AFTER_PLACES


def set_of(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The proposals without exact repetitions of place and kind; the strongest of each stays."""
    best: dict[tuple[int, int, str], Candidate] = {}
    for c in candidates:
        known = best.get((c.start, c.end, c.kind))
        if known is None or c.strength > known.strength:
            best[c.start, c.end, c.kind] = c
    return list(best.values())


def plain(doc: Doc) -> str:
    """The text of `doc`, joined once: ``Doc.text`` joins all tokens anew each time it is asked."""
    text = doc.user_data.get("kg_text")
    if text is None:
        text = doc.user_data["kg_text"] = doc.text
    assert isinstance(text, str)
    return text


def bounds(doc: Doc) -> Sequence[tuple[int, int]]:
    """Where each token of `doc` begins and ends in its cleaned text, worked out once."""
    known = doc.user_data.get("kg_bounds")
    if known is None:
        known = doc.user_data["kg_bounds"] = [(t.idx, t.idx + len(t)) for t in doc]
    assert isinstance(known, list)
    return known


def text_of(doc: Doc, start: int, end: int) -> str:
    """The cleaned text of tokens ``[start, end)``."""
    places = bounds(doc)
    return plain(doc)[places[start][0] : places[end - 1][1]]


def is_capitalised(word: str) -> bool:
    """Whether a word begins like a name: a capital letter first, or a digit before one ("3rd" does not)."""
    return word[:1].isupper()
