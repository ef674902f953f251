"""Posts that one person had from another, where the text says only that the one followed the other.

"Kuusik, Commander of the Defence Forces, took over from Raudsepp": Raudsepp commanded them before. "Surmanidze took
his place": Surmanidze holds what the other held.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace

from kg.model import Claim, Modality

_CONFIDENCE = 75
_HOLDS = "holdsOffice"


def inherit_posts(claims: Sequence[Claim], people: Set[str]) -> list[Claim]:
    """Claims on posts that follow from who replaced whom; `people` are IRIs.

    Only a person of whom the text tells no post gets one, and only if it is clear which.
    """
    posts: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.predicate == _HOLDS:
            posts.setdefault(claim.subject, []).append(claim)
    out = []
    for claim in claims:
        if claim.predicate != "replaces" or not isinstance(claim.object, str):
            continue
        new, old = claim.subject, claim.object
        if new not in people or old not in people:
            continue
        if claim.modality is Modality.ASSERTED and old not in posts:
            office = _find_office(posts.get(new, ()), claim, {Modality.ASSERTED})
            if office is not None:
                out.append(_held(old, office, Modality.FORMER, claim))
        elif new not in posts and claim.modality in {Modality.ASSERTED, Modality.PLANNED}:
            office = _find_office(posts.get(old, ()), claim, {Modality.FORMER, Modality.ASSERTED})
            if office is not None:
                out.append(_held(new, office, claim.modality, claim))
    return out


def end_posts(claims: Sequence[Claim]) -> list[Claim]:
    """`claims`, posts of which the text says that another has come into them told as former ones."""
    holders: dict[str, set[str]] = {}
    for claim in claims:
        if (
            claim.predicate == _HOLDS
            and claim.modality is Modality.ASSERTED
            and isinstance(claim.object, str)
        ):
            holders.setdefault(claim.subject, set()).add(claim.object)
    ended = {
        (claim.object, office)
        for claim in claims
        if claim.predicate == "replaces"
        and claim.modality is Modality.ASSERTED
        and isinstance(claim.object, str)
        for office in holders.get(claim.object, set()) & holders.get(claim.subject, set())
    }
    known = {(c.subject, c.object) for c in claims if c.predicate == _HOLDS and c.modality is Modality.FORMER}
    out = []
    for claim in claims:
        post = (claim.subject, claim.object)
        over = claim.predicate == _HOLDS and claim.modality is Modality.ASSERTED and post in ended
        if not over:
            out.append(claim)
        elif post not in known:
            out.append(replace(claim, modality=Modality.FORMER))
    return out


def _find_office(held: Sequence[Claim], succession: Claim, put: Set[Modality]) -> str | None:
    """The one post among those `held`, or the one that the passage on the succession speaks of."""
    fitting = [c for c in held if c.modality in put and isinstance(c.object, str)]
    here = [c for c in fitting if set(c.evidence) & set(succession.evidence)]
    offices = sorted({c.object for c in here or fitting if isinstance(c.object, str)})
    return offices[0] if len(offices) == 1 else None


def _held(person: str, office: str, modality: Modality, why: Claim) -> Claim:
    return Claim(
        person,
        _HOLDS,
        office,
        modality,
        why.evidence,
        min(_CONFIDENCE, why.confidence),
        why.attribution,
        why.said_by,
        None,
        "resolution/succession",
    )
