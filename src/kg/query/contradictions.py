"""Claims that cannot both be right, side by side."""

from __future__ import annotations

from dataclasses import dataclass

from kg.graph.store import StoreReader
from kg.query.evidence import Claims, ClaimView
from kg.query.names import resolve_entity
from kg.query.nodes import OBJECT, SUBJECT, term_text
from kg.terms import KG


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two claims about one subject and predicate that exclude each other; the lower IRI first."""

    one: ClaimView
    other: ClaimView


@dataclass(frozen=True, slots=True)
class Contradictions:
    """A page of contradictions; `total` counts all of them."""

    items: tuple[Contradiction, ...]
    total: int
    limit: int
    offset: int


def contradictions(
    reader: StoreReader, entity: str | None = None, *, limit: int = 50, offset: int = 0
) -> Contradictions:
    """The contradictions of the store, or those about `entity` (IRI, CURIE, name or alias), sorted by IRI."""
    about = resolve_entity(reader, entity) if entity is not None else None
    pairs: set[tuple[str, str]] = set()
    for quad in reader.quads(None, KG + "contradicts"):
        one, other = sorted((term_text(quad.subject), term_text(quad.object)))
        if about is None or about in _ends(reader, one) | _ends(reader, other):
            pairs.add((one, other))
    claims = Claims(reader)
    chosen = sorted(pairs)[offset : offset + limit]
    items = tuple(Contradiction(claims.view(one), claims.view(other)) for one, other in chosen)
    return Contradictions(items, len(pairs), limit, offset)


def _ends(reader: StoreReader, claim: str) -> set[str]:
    return {term_text(q.object) for p in (SUBJECT, OBJECT) for q in reader.quads(claim, p)}
