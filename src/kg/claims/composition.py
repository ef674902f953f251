"""Statements that a name's own words make: "Japan's Self-Defense Forces" are part of Japan.

The table of what follows from what is declared (lexicon list ``compositions``): ``outer kind.inner kind`` → relation.
An inner mention counts where it opens the outer one, or stands right before it as an adjective or possessor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from kg.catalog import Catalog
from kg.claims.merging import Merged
from kg.model import Form, Literal, Mention, Modality, Span, Statement

_CONFIDENCE = 90
_LENT = 72  # an office's country that only the place or issuer of the text tells
#: Bodies of a state; a country's adjective before any other ("the French company") says where, not whose part.
_STATE_SUBKINDS = frozenset({None, "Government", "Ministry", "ArmedForce", "Command", "Unit", "Headquarters"})
#: Events that a country's adjective says the doer of.
_ACTED = frozenset({"Attack", "Deployment", "Exercise", "Announcement"})
_POSSESSIVE = frozenset({"'s", "'"})


class Composition:
    """Reads the statements that composed names make."""

    def __init__(self, catalog: Catalog) -> None:
        self._relations = catalog.lexicon.entries("compositions")
        self._leads = frozenset(catalog.lexicon.entries("alliance_heads"))
        self._settings = frozenset(catalog.lexicon.entries("condition_nouns"))

    def read(
        self, merged: Merged, nested: Sequence[Mention], evidence: Sequence[Span]
    ) -> Iterator[Statement]:
        """Statements of all merged mentions; `evidence` gives each merged token's sentence span."""
        starting: dict[int, list[Mention]] = {}
        for mention in nested:
            starting.setdefault(mention.tokens[0], []).append(mention)
        owners = {
            m.tokens: m
            for m in (*nested, *merged.mentions)
            if m is not None and m.kind in {"Place", "Organization"}
        }
        yield from self._shared_titles(merged, nested, owners, evidence)
        for i, outer in enumerate(merged.mentions):
            if outer is None:
                continue
            if outer.kind == "Office" and outer.feature("owner_start"):
                yield from self._from_office(outer, owners, evidence[i])
                continue
            inside = (m for at in range(*outer.tokens) for m in starting.get(at, ()))
            inner = [m for m in inside if m.tokens[1] <= outer.tokens[1]]
            yield from self._from_words(outer, inner, evidence[i])
            if outer.kind == "Agreement" and outer.feature("year"):
                year = Literal(outer.features["year"])
                yield Statement(
                    outer, "date", year, Modality.ASSERTED, evidence[i], _CONFIDENCE, rule="composition/date"
                )
            yield from self._from_owner(merged, i, outer, evidence[i])

    def _shared_titles(
        self,
        merged: Merged,
        nested: Sequence[Mention],
        owners: Mapping[tuple[int, int], Mention],
        evidence: Sequence[Span],
    ) -> Iterator[Statement]:
        """Who holds a post that one title gives to several, and whose it is."""
        posts = [m for m in nested if m.feature("holder")]
        for post in posts:
            at = next(
                (i for i, m in enumerate(merged.mentions) if m is not None and m.tokens == post.tokens), None
            )
            holder = merged.mentions[at] if at is not None else None
            if at is None or holder is None or holder.kind != "Person":
                continue
            yield _statement(holder, "holdsOffice", post, evidence[at])
            if post.feature("owner_start"):
                yield from self._from_office(post, owners, evidence[at])

    def _from_office(
        self, office: Mention, owners: Mapping[tuple[int, int], Mention], evidence: Span
    ) -> Iterator[Statement]:
        """Whose office it is: the body, place or country that was read with it, inside its words or near them."""
        owner = owners.get((int(office.features["owner_start"]), int(office.features["owner_end"])))
        relation = self._relations.get(f"office.{owner.kind}".lower()) if owner is not None else None
        if owner is not None and relation is not None:
            statement = _statement(office, relation, owner, evidence)
            yield replace(statement, confidence=_LENT) if office.feature("lent") else statement

    def _from_words(self, outer: Mention, inner: Sequence[Mention], evidence: Span) -> Iterator[Statement]:
        relation_of = {}
        for mention in inner:
            relation = self._relation(outer, mention)
            if relation is None or mention.place in relation_of or not _owns(outer, mention):
                continue
            if relation == "operatedBy" and _is_named_after(outer, mention):
                continue
            relation_of[mention.place] = relation
            yield _statement(outer, relation, mention, evidence)
        countries = [
            m for m in inner if m.kind == "Place" and m.feature("country") and m.subkind == "Country"
        ]
        if outer.kind == "Event":
            if len({m.feature("country") for m in countries}) > 1:  # "the India-Sri Lanka Maritime Dialogue"
                yield from (_statement(outer, "participant", m, evidence) for m in countries)
            elif outer.subkind in _ACTED and outer.feature("lemma") not in self._settings:
                # "a Ukrainian drone raid", not "the Afghan war"
                acting = (m for m in countries if m.form is Form.ADJECTIVE)
                yield from (_statement(outer, "participant", m, evidence) for m in acting)
        elif outer.feature("parties"):
            yield from self._parties(outer, countries, evidence)

    def _parties(self, outer: Mention, countries: Sequence[Mention], evidence: Span) -> Iterator[Statement]:
        if outer.kind == "Agreement":
            for country in countries:
                yield _statement(outer, "hasParty", country, evidence)
            if outer.feature("head") in self._leads:
                for i, first in enumerate(countries):
                    for second in countries[i + 1 :]:
                        yield _statement(first, "alliedWith", second, evidence)

    def _from_owner(self, merged: Merged, i: int, outer: Mention, evidence: Span) -> Iterator[Statement]:
        doc, at = merged.doc, i - 1
        if at < 0 or doc[i].is_sent_start:
            return
        possessive = doc[at].text in _POSSESSIVE
        at -= int(possessive)
        owner = merged.mentions[at] if at >= 0 else None
        if owner is None or doc[at].sent != doc[i].sent:
            return
        country = owner.kind == "Place" and owner.subkind == "Country" and owner.form is Form.NAME
        if not (possessive or country or owner.form is Form.ADJECTIVE or owner.kind == "Organization"):
            return
        if owner.feature("metonym"):
            return
        if possessive and outer.kind == "Facility" and owner.kind == "Place":
            return  # "Germany's Ramstein Air Base" lies there; whose it is, is not said
        relation = self._relation(outer, owner)
        if relation is not None:
            yield _statement(outer, relation, owner, evidence)

    def _relation(self, outer: Mention, inner: Mention) -> str | None:
        if outer.feature("parties") or inner.place == outer.place or inner.feature("acronym_of"):
            return None
        if outer.kind == "Place" and outer.form is not Form.DESCRIPTION:
            return None
        if outer.kind == "Organization" and outer.subkind not in _STATE_SUBKINDS:
            return None
        if inner.kind == "Place" and inner.subkind != "Country" and inner.form is not Form.ADJECTIVE:
            return None
        if (
            outer.kind == "Organization"
            and inner.kind == "Organization"
            and inner.value == outer.value is not None
        ):
            return None
        return self._relations.get(f"{outer.kind}.{inner.kind}".lower())


def _is_named_after(outer: Mention, inner: Mention) -> bool:
    """Whether a facility only bears a country's name: "Burma Camp", but not "U.S. Naval Base"."""
    in_full = inner.form is Form.NAME and not inner.text.replace(".", "").isupper()
    return outer.form is Form.NAME and inner.kind == "Place" and in_full


def _owns(outer: Mention, inner: Mention) -> bool:
    """Whether `inner` is what the name says it belongs to: the body or country of an office, what opens other names.

    "Korea" in "U.S. Forces Korea" is where the forces are, not whose they are.
    """
    if outer.kind == "Office":
        return inner.kind == "Place" and inner.feature("country") == outer.feature("country")
    if inner.kind == outer.kind and inner.feature("beside"):
        return False  # the same name without what it is part of
    if (
        inner.kind == "Organization"
        and outer.kind in {"Organization", "Facility"}
        and inner.tokens[1] == outer.tokens[1]
    ):
        return True  # "the Special Boat Squadron of the Ghana Navy"
    return inner.tokens[0] == outer.tokens[0] or outer.form is Form.DESCRIPTION


def _statement(subject: Mention, predicate: str, object: Mention, evidence: Span) -> Statement:
    return Statement(
        subject, predicate, object, Modality.ASSERTED, evidence, _CONFIDENCE, rule=f"composition/{predicate}"
    )
