"""Claims that cannot both be right, side by side, and what later documents say."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from kg.errors import QueryError
from kg.graph.derivation import compatible
from kg.graph.store import StoreReader
from kg.model import Literal, Modality
from kg.query.evidence import Claims, ClaimView, modality_of
from kg.query.names import resolve_entity
from kg.query.nodes import OBJECT, PREDICATE, RDF_TYPE, SUBJECT, Value, find_object, term_text
from kg.terms import KG

_BEGUN = frozenset({KG + "held", KG + "ongoing"})


class Quarrel(StrEnum):
    """In what two claims differ."""

    DENIED = "denied"
    HOLDERS = "holders"
    STATUS = "status"
    VALUES = "values"


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a later document says: `in_favour` of ``one``, of the ``other`` or of ``neither``; `on` its as-of day."""

    in_favour: str
    on: str
    claim: ClaimView


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two claims that exclude each other, the lower IRI first.

    `kind` is ``denied`` (asserted and denied), ``values`` (of one thing), ``holders`` (of one office) or ``status``
    (begun, and still to come). `settled` is None while no later document takes a side, or later ones differ too.
    """

    kind: str
    one: ClaimView
    other: ClaimView
    settled: Settlement | None


@dataclass(frozen=True, slots=True)
class Contradictions:
    """A page of contradictions; `total` counts all of them."""

    items: tuple[Contradiction, ...]
    total: int
    limit: int
    offset: int


def contradictions(
    reader: StoreReader,
    entity: str | None = None,
    *,
    kind: str | None = None,
    limit: int | None = 50,
    offset: int = 0,
) -> Contradictions:
    """The contradictions of the store, or those about `entity` (IRI, CURIE, name or alias), sorted by IRI.

    `kind` keeps one of the kinds of `Contradiction`. Raises `QueryError` for another kind, and as `resolve_entity`.
    """
    if kind is not None and kind not in {q.value for q in Quarrel}:
        raise QueryError(f"kind {kind!r}: want one of {', '.join(Quarrel)}")
    about = resolve_entity(reader, entity) if entity is not None else None
    pairs: set[tuple[str, str]] = set()
    for quad in reader.quads(None, KG + "contradicts"):
        one, other = sorted((term_text(quad.subject), term_text(quad.object)))
        if about is not None and about not in _ends(reader, one) | _ends(reader, other):
            continue
        if kind is None or _kind(reader, one, other) == kind:
            pairs.add((one, other))
    claims = Claims(reader)
    chosen = sorted(pairs)[offset : None if limit is None else offset + limit]
    items = tuple(_view(claims, one, other) for one, other in chosen)
    return Contradictions(items, len(pairs), len(pairs) if limit is None else limit, offset)


def _view(claims: Claims, first: str, second: str) -> Contradiction:
    one, other = claims.view(first), claims.view(second)
    kind = _kind(claims.reader, first, second)
    return Contradiction(kind.value, one, other, _settlement(claims, kind, one, other))


def _kind(reader: StoreReader, one: str, other: str) -> Quarrel:
    modalities = {modality_of(term_text(q.object) for q in reader.quads(c, RDF_TYPE)) for c in (one, other)}
    if Modality.DENIED.value in modalities:
        return Quarrel.DENIED
    if len(modalities) > 1:
        return Quarrel.STATUS
    same = find_object(reader, one, SUBJECT) == find_object(reader, other, SUBJECT)
    return Quarrel.VALUES if same else Quarrel.HOLDERS


def _settlement(claims: Claims, kind: Quarrel, one: ClaimView, other: ClaimView) -> Settlement | None:
    """What the documents of the first later day say on which they agree with each other."""
    known = [d for d in (one.document.as_of, other.document.as_of) if d]
    if len(known) < 2:
        return None
    by_day: dict[str, list[tuple[str, ClaimView]]] = {}
    for claim in _later(claims, kind, one, max(known)):
        sides = [s for s, side in (("one", one), ("other", other)) if _agrees(kind, claim, side)]
        verdict = sides[0] if len(sides) == 1 else "neither" if not sides else "both"
        by_day.setdefault(claim.document.as_of or "", []).append((verdict, claim))
    for day, said in sorted(by_day.items(), reverse=True):
        verdicts = {verdict for verdict, _ in said} - {"both"}
        if len(verdicts) == 1:
            verdict = verdicts.pop()
            best = min((c for v, c in said if v == verdict), key=lambda c: (-(c.confidence or 0), c.iri))
            return Settlement(verdict, day, best)
        if verdicts:
            return None
    return None


def _later(claims: Claims, kind: Quarrel, one: ClaimView, day: str) -> Iterator[ClaimView]:
    """The claims of later documents than `day` that speak of what the quarrel is about."""
    reader = claims.reader
    fixed, end = (OBJECT, one.object) if kind is Quarrel.HOLDERS else (SUBJECT, one.subject)
    if isinstance(end, Value):
        return
    for quad in reader.quads(None, fixed, end.iri):
        iri = term_text(quad.subject)
        if find_object(reader, iri, PREDICATE) != one.predicate.iri:
            continue
        view = claims.view(iri)
        if (view.document.as_of or "") <= day:
            continue
        if kind is Quarrel.DENIED and _value(view) != _value(one):
            continue
        if view.modality == Modality.ASSERTED or (
            kind is Quarrel.DENIED and view.modality == Modality.DENIED
        ):
            yield view


def _agrees(kind: Quarrel, claim: ClaimView, side: ClaimView) -> bool:
    if kind is Quarrel.DENIED:
        return claim.modality == side.modality
    if kind is Quarrel.STATUS:
        return (_value(claim) in _BEGUN) == (_value(side) in _BEGUN)
    if kind is Quarrel.HOLDERS:
        return claim.subject.iri == side.subject.iri
    return compatible(_value(claim), _value(side))


def _value(claim: ClaimView) -> str | Literal:
    found = claim.object
    return Literal(found.value, found.datatype) if isinstance(found, Value) else found.iri


def _ends(reader: StoreReader, claim: str) -> set[str]:
    return {term_text(q.object) for p in (SUBJECT, OBJECT) for q in reader.quads(claim, p)}


_OF_A_CLAIM = ("subject", "object", "modality", "document", "as_of", "attribution", "quote", "claim")
CSV_COLUMNS = (
    *("kind", "relation", "settled", "settled_on"),
    *(f"{column}_{side}" for side in (1, 2) for column in _OF_A_CLAIM),
)


def to_csv(found: Contradictions) -> bytes:
    """One line for each pair (RFC 4180); a cell that a spreadsheet would run as a formula gets a leading quote."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for pair in found.items:
        settled = pair.settled
        cells = [pair.kind, pair.one.predicate.label]
        cells += [_favoured(settled.in_favour), settled.on] if settled else ["", ""]
        for claim in (pair.one, pair.other):
            cells += [
                claim.subject.label,
                claim.object.value if isinstance(claim.object, Value) else claim.object.label,
                claim.modality,
                "; ".join(claim.document.identifiers),
                claim.document.as_of or "",
                claim.attribution or "",
                " … ".join(p.quote for p in claim.passages),
                claim.iri,
            ]
        writer.writerow(["'" + c if c.startswith(("=", "+", "-", "@", "\t", "\r")) else c for c in cells])
    return out.getvalue().encode("utf-8")


def _favoured(side: str) -> str:
    return {"one": "1", "other": "2"}.get(side, side)
