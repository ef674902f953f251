"""Posts that follow from who replaced whom."""

from __future__ import annotations

from kg.model import Claim, Modality, Span
from kg.resolution.succession import inherit_posts

_HERE, _THERE = Span(0, 10), Span(20, 30)
_PEOPLE = {"ada", "ben"}


def _claim(s: str, p: str, o: str, modality: Modality = Modality.ASSERTED, at: Span = _HERE) -> Claim:
    return Claim(s, p, o, modality, (at,), 90)


def test_who_was_replaced_held_the_post() -> None:
    claims = [_claim("ada", "holdsOffice", "mayor", at=_THERE), _claim("ada", "replaces", "ben")]
    (found,) = inherit_posts(claims, _PEOPLE)
    assert (found.subject, found.object, found.modality) == ("ben", "mayor", Modality.FORMER)
    assert found.evidence == (_HERE,)


def test_who_replaces_holds_the_post() -> None:
    claims = [_claim("ben", "holdsOffice", "mayor", Modality.FORMER), _claim("ada", "replaces", "ben")]
    (found,) = inherit_posts(claims, _PEOPLE)
    assert (found.subject, found.object, found.modality) == ("ada", "mayor", Modality.ASSERTED)


def test_a_planned_successor_will_hold_it() -> None:
    claims = [_claim("ben", "holdsOffice", "mayor"), _claim("ada", "replaces", "ben", Modality.PLANNED)]
    assert [c.modality for c in inherit_posts(claims, _PEOPLE)] == [Modality.PLANNED]


def test_of_two_posts_the_one_in_the_passage_counts() -> None:
    posts = [
        _claim("ada", "holdsOffice", "mayor", at=_THERE),
        _claim("ada", "holdsOffice", "chair", at=_HERE),
    ]
    (found,) = inherit_posts([*posts, _claim("ada", "replaces", "ben")], _PEOPLE)
    assert found.object == "chair"


def test_nothing_follows_where_it_is_not_clear() -> None:
    both = [
        _claim("ada", "holdsOffice", "mayor", at=_THERE),
        _claim("ada", "holdsOffice", "chair", at=_THERE),
    ]
    assert inherit_posts([*both, _claim("ada", "replaces", "ben")], _PEOPLE) == []
    told = [_claim("ada", "holdsOffice", "mayor"), _claim("ben", "holdsOffice", "envoy")]
    assert inherit_posts([*told, _claim("ada", "replaces", "ben")], _PEOPLE) == []
    assert inherit_posts([_claim("base", "replaces", "camp")], _PEOPLE) == []
