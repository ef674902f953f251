"""Why two names stand for one thing, or do not: the decisions on identity that are kept in the graph."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from kg.graph.store import StoreReader
from kg.query.names import exists, find_bearers, resolve_entity
from kg.query.nodes import Node, Nodes, check_iri, follow_canonical, objects
from kg.terms import KG, KIND_SEGMENTS, as_iri, entity_iri, person_slug, slug

_COMPARES, _VERDICT, _SCORE, _BECAUSE = KG + "compares", KG + "verdict", KG + "score", KG + "because"
_CANONICAL = KG + "canonical"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision on two IRIs, as documents give them; `because` are reasons, ``+`` for and ``-`` against."""

    one: str
    other: str
    verdict: str
    score: float
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sameness:
    """Whether two are one thing: ``same``, ``different`` or ``unsure``, and the decisions that say so.

    `one` and `other` are the things that the names lead to. Where they are the same, `decisions` lead from one name to
    the other; none of them means that both are the same name. Where nothing suggested that two are one, they are
    different without a decision.
    """

    one: Node
    other: Node
    verdict: str
    decisions: tuple[Decision, ...]


def why_same(reader: StoreReader, one: str, other: str) -> Sameness:
    """Why `one` and `other` (IRIs, CURIEs, names or aliases) are one thing or not.

    Raises `UnknownEntity` for what the store does not know, `AmbiguousName` for a name of several things.
    """
    nodes = Nodes(reader)
    first, second = _find(reader, one), _find(reader, other)
    ends = [follow_canonical(reader, iri) for iri in (first, second)]
    described = [nodes.describe(iri) for iri in ends]
    if ends[0] == ends[1]:
        return Sameness(described[0], described[1], "same", _chain(reader, first, second))
    sides = [_members(reader, end) for end in ends]
    found = sorted(
        {
            d
            for iri in min(sides, key=len)
            for d in _decisions(reader, iri)
            if {d.one, d.other} & sides[0] and {d.one, d.other} & sides[1]
        },
        key=lambda d: (d.verdict, d.one, d.other),
    )
    verdict = "unsure" if any(d.verdict == "unsure" for d in found) else "different"
    return Sameness(described[0], described[1], verdict, tuple(found))


def decisions_about(reader: StoreReader, entity_iri: str) -> tuple[Decision, ...]:
    """The decisions that made an entity one thing, and those that kept others apart from it, each once.

    Those of sameness come first.
    """
    found = {d for iri in sorted(_members(reader, entity_iri)) for d in _decisions(reader, iri)}
    return tuple(sorted(found, key=lambda d: (d.verdict != "same", d.verdict, d.one, d.other)))


def _find(reader: StoreReader, text: str) -> str:
    """The IRI that `text` gives, as it is given: not what it leads to, where the store knows it by itself."""
    wanted = text.strip()
    written = as_iri(wanted, reader.base) if wanted else None
    if written is not None and not any(c.isspace() for c in written) and exists(reader, check_iri(written)):
        return written
    bearers = find_bearers(reader, wanted) if wanted else []
    known = {iri for iri, _ in bearers}
    for kind in KIND_SEGMENTS:
        minted = entity_iri(kind, person_slug(wanted) if kind == "Person" else slug(wanted), reader.base)
        if follow_canonical(reader, minted) in known and exists(reader, minted):
            return minted
    return resolve_entity(reader, text)


def _members(reader: StoreReader, canonical: str) -> set[str]:
    """All IRIs that lead to `canonical`, itself among them."""
    found = {canonical}
    todo = [canonical]
    while todo:
        for quad in reader.quads(None, _CANONICAL, todo.pop()):
            iri = str(getattr(quad.subject, "value", quad.subject))
            if iri not in found:
                found.add(iri)
                todo.append(iri)
    return found


def _decisions(reader: StoreReader, iri: str) -> list[Decision]:
    """The decisions about an IRI, sorted."""
    found = []
    for quad in reader.quads(None, _COMPARES, iri):
        match = str(getattr(quad.subject, "value", quad.subject))
        pair = objects(reader, match, _COMPARES)
        if len(pair) == 2:
            verdict = "".join(objects(reader, match, _VERDICT)).removeprefix(KG)
            score = float(next(iter(objects(reader, match, _SCORE)), "0"))
            because = sorted(objects(reader, match, _BECAUSE), key=lambda r: (r[:1] != "+", r))
            found.append(Decision(pair[0], pair[1], verdict, score, tuple(because)))
    return sorted(found, key=lambda d: (d.one, d.other))


def _chain(reader: StoreReader, first: str, second: str) -> tuple[Decision, ...]:
    """The fewest decisions of sameness that lead from one IRI to the other; empty if they are equal."""
    came: dict[str, tuple[str, Decision] | None] = {first: None}
    todo = deque([first])
    while todo and second not in came:
        here = todo.popleft()
        for decision in _decisions(reader, here):
            there = decision.other if decision.one == here else decision.one
            if decision.verdict == "same" and there not in came:
                came[there] = (here, decision)
                todo.append(there)
    steps: list[Decision] = []
    at = second
    while (step := came.get(at)) is not None:
        at = step[0]
        steps.append(step[1])
    return tuple(reversed(steps))
