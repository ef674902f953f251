"""Statements on posts that do not go with one another inside one passage: the better told one stays."""

from __future__ import annotations

from collections.abc import Sequence

from kg.claims.merging import Merged
from kg.model import Mention, Modality, Statement

_HOLDS = "holdsOffice"
_BEFORE = "holdsOffice/office-before-person"
_AFTER = frozenset({"holdsOffice/person-comma-office", "holdsOffice/person-comma-two-offices"})


def without_rivals(merged: Merged, statements: Sequence[Statement]) -> list[Statement]:
    """`statements` without those on a post that the same words rule out.

    Who is said to have lost or to be about to get a post does not hold it because the post stands beside the name:
    "sacked army chief A B". A post right before a name is that person's, not that of the name before a comma: "A B,
    navy chief C D". What is "vice" someone is not theirs.
    """
    told = {
        (s.subject.place, s.object.place)
        for s in statements
        if s.predicate == _HOLDS
        and isinstance(s.object, Mention)
        and s.modality in {Modality.FORMER, Modality.PLANNED}
    }
    own = {
        s.object.place: s.subject.place
        for s in statements
        if s.predicate == _HOLDS
        and s.rule == _BEFORE
        and isinstance(s.object, Mention)
        and not _is_apart(merged, s.object, s.subject)
    }
    out = []
    for s in statements:
        if s.predicate == _HOLDS and isinstance(s.object, Mention):
            beside = s.rule == _BEFORE or s.rule in _AFTER
            if beside and s.modality is Modality.ASSERTED and (s.subject.place, s.object.place) in told:
                continue
            if s.rule in _AFTER and own.get(s.object.place, s.subject.place) != s.subject.place:
                continue
            if s.rule == _BEFORE and _is_replaced(merged, s.subject):
                continue
        out.append(s)
    return out


def _is_apart(merged: Merged, office: Mention, person: Mention) -> bool:
    """Whether a comma stands between a post and a name."""
    first, last = merged.find_token(office), merged.find_token(person)
    if first is None or last is None:
        return True
    return any(merged.doc[i].text == "," for i in range(first, last))


def _is_replaced(merged: Merged, person: Mention) -> bool:
    at = merged.find_token(person)
    return (
        at is not None and at > 1 and merged.doc[at - 1].lower_ == "vice" and merged.doc[at - 2].text == ","
    )
