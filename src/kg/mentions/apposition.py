"""Descriptions beside a name: "Miinisadam, the naval base in Tallinn", "the base, Camp Ederle", "X is the base of"."""

from __future__ import annotations

from collections.abc import Sequence

from spacy.tokens import Doc, Token

from kg.mentions.candidates import Candidate
from kg.model import Form

_SUBJECTS = frozenset({"nsubj", "nsubj:outer"})
_KINDS = frozenset({"Organization", "Facility", "Agreement", "Place", "Equipment"})


def tie_descriptions(doc: Doc, mentions: Sequence[Candidate]) -> list[Candidate]:
    """`mentions`, each description that a parse sets beside a name of its kind with that name's tokens.

    The feature ``beside`` holds them as ``start:end``. Without a parse nothing is tied.
    """
    if not doc.has_annotation("DEP"):
        return list(mentions)
    at = {i: c for c in mentions for i in range(c.start, c.end)}
    named: dict[tuple[int, int], Candidate] = {}
    for c in mentions:
        if c.kind in _KINDS:
            for other in _beside(_root(doc, c)):
                found = at.get(other.i)
                if found is not None and found.kind == c.kind and found is not c:
                    pair = (c, found) if found.form is Form.NAME else (found, c)
                    if pair[0].form is Form.DESCRIPTION and not pair[0].value and pair[1].form is Form.NAME:
                        named.setdefault((pair[0].start, pair[0].end), pair[1])
    return [
        c.with_features(beside=f"{name.start}:{name.end}")
        if (name := named.get((c.start, c.end))) is not None and c.form is Form.DESCRIPTION
        else c
        for c in mentions
    ]


def _beside(root: Token) -> list[Token]:
    """What the noun is another word for: what it stands in apposition to, or is said to be."""
    if root.dep_ == "appos":
        return [root.head]
    if any(c.dep_ == "cop" for c in root.children) and not any(
        c.dep_ in {"case", "neg"} for c in root.children
    ):
        return [c for c in root.children if c.dep_ in _SUBJECTS]
    return []


def _root(doc: Doc, c: Candidate) -> Token:
    return next((doc[i] for i in range(c.start, c.end) if not c.start <= doc[i].head.i < c.end), doc[c.start])
