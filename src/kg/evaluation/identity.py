"""Scoring identity across documents, and contradictions between them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple

from kg.evaluation.dates import are_compatible
from kg.evaluation.dump import Dump, DumpClaim
from kg.evaluation.gold import RELATIONS, GoldSet
from kg.evaluation.gold_files import ContradictionRow
from kg.evaluation.sides import Side
from kg.evaluation.tally import Ledger, Outcome
from kg.evaluation.wording import document_stem

_DATES = frozenset({"date", "establishedOn"})
#: Property of an annotated contradiction → relations that can say it.
_RELATIONS_OF: Mapping[str, frozenset[str]] = {
    **{relation: frozenset({relation}) for relation in RELATIONS},
    "date": _DATES,
    "status": frozenset({"status"}),
    "participant": frozenset({"participant"}),
    "participants": frozenset({"participant"}),
    "location": frozenset({"location", "locatedIn", "headquarteredAt"}),
}


@dataclass(frozen=True)
class Lookalike:
    """Two annotated things that are not one; `merged` are nodes that take them for one."""

    a: str
    b: str
    why: str
    merged: tuple[str, ...]
    tested: bool

    def to_json(self) -> dict[str, object]:
        """The fields by name."""
        return {"a": self.a, "b": self.b, "why": self.why, "merged": list(self.merged), "tested": self.tested}


@dataclass(frozen=True)
class IdentityResult:
    """Pairs of the gold, by kind (entities, events); those of them that could be tested; look-alikes."""

    gold_pairs: dict[str, int]
    tested_pairs: dict[str, int]
    lookalikes: tuple[Lookalike, ...]
    sources: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class ContradictionResult:
    """One annotated contradiction: whether a relation can say it, whether it was found, how it is linked."""

    id: str
    property: str
    required: bool
    expressible: bool
    found: bool
    links: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """The fields by name."""
        return {
            "id": self.id,
            "property": self.property,
            "required": self.required,
            "expressible": self.expressible,
            "found": self.found,
            "links": list(self.links),
        }


class _Aligned(NamedTuple):
    stem: str
    gold_id: str
    iri: str
    kind: str


def score_identity(gold: GoldSet, sides: Mapping[str, Side], ledger: Ledger) -> IdentityResult:
    """Same annotated thing ↔ same IRI, over all pairs from different documents that were found in both."""
    clusters = gold.across.clusters
    items = [
        _Aligned(stem, gold_id, iri, kind)
        for stem, side in sorted(sides.items())
        for kind, aligned in (("entities", side.aligned), ("events", side.aligned_events))
        for iri, gold_id in sorted(aligned.items(), key=lambda item: item[1])
        if (stem, gold_id) in clusters
    ]
    same_thing: defaultdict[Hashable, list[_Aligned]] = defaultdict(list)
    same_node: defaultdict[Hashable, list[_Aligned]] = defaultdict(list)
    for item in items:
        same_thing[clusters[item.stem, item.gold_id], item.kind].append(item)
        same_node[item.iri, item.kind].append(item)
    groups = [*same_thing.values(), *same_node.values()]
    pairs = {pair for group in groups for pair in combinations(group, 2)}
    split: set[tuple[str, str, str, str]] = set()
    merged: set[tuple[str, str, str, str]] = set()
    for a, b in sorted(pairs):
        if a.stem == b.stem or frozenset({(a.stem, a.gold_id), (b.stem, b.gold_id)}) in gold.across.skipped:
            continue
        label_a = gold.documents[a.stem].label(a.gold_id)
        if clusters[a.stem, a.gold_id] != clusters[b.stem, b.gold_id]:
            outcome = Outcome.WRONG
            label_b = gold.documents[b.stem].label(b.gold_id)
            merged.add((f"{label_a} = {label_b}", a.stem, b.stem, a.iri))
        elif a.iri == b.iri:
            outcome = Outcome.RIGHT
        else:
            outcome = Outcome.MISSED
            split.add((label_a, a.stem, b.stem, f"{a.iri} | {b.iri}"))
        ledger.count("identity", a.kind, outcome)
        ledger.count("identity", "total", outcome)
    for kind, findings in (("identity-split", split), ("identity-merged", merged)):
        for what, stem_a, stem_b, iris in sorted(findings):
            ledger.note(kind, f"{stem_a} {stem_b}", what, iris)
    tested = {}
    for kind in ("entities", "events"):
        score = ledger.score("identity", kind)
        tested[kind] = score.right + score.missed
    return IdentityResult(
        _count_gold_pairs(gold),
        tested,
        _check_lookalikes(gold, sides, ledger),
        tuple(gold.across.sources),
    )


def _count_gold_pairs(gold: GoldSet) -> dict[str, int]:
    clusters = gold.across.clusters
    sizes: Counter[tuple[tuple[str, ...], str]] = Counter()
    for stem, document in gold.documents.items():
        for kind, ids in (("entities", list(document.entities)), ("events", list(document.events))):
            sizes.update((clusters[stem, g], kind) for g in ids if (stem, g) in clusters)
    pairs: Counter[str] = Counter()
    for (_, kind), size in sizes.items():
        pairs[kind] += size * (size - 1) // 2
    return dict(pairs)


def _nodes_with_names_of_both(side: Side, nodes: set[str], a: str, b: str) -> set[str]:
    """Nodes that carry a strong name of one annotated entity alone and one of the other alone."""
    weights_a, weights_b = (side.gold.entities[g].weights for g in (a, b))

    def has_own(iri: str, own: dict[str, float], other: dict[str, float]) -> bool:
        return any(own[key] >= 1 and key not in other for key in side.keys[iri] & own.keys())

    return {iri for iri in nodes if has_own(iri, weights_a, weights_b) and has_own(iri, weights_b, weights_a)}


def _check_lookalikes(gold: GoldSet, sides: Mapping[str, Side], ledger: Ledger) -> tuple[Lookalike, ...]:
    results = []
    for (stem_a, id_a), (stem_b, id_b), why in gold.across.different:
        if stem_a not in gold.documents or stem_b not in gold.documents:
            continue
        nodes_a = {iri for iri, g in sides[stem_a].aligned.items() if g == id_a}
        nodes_b = {iri for iri, g in sides[stem_b].aligned.items() if g == id_b}
        wrong = nodes_a & nodes_b
        if stem_a == stem_b:
            wrong |= _nodes_with_names_of_both(sides[stem_a], nodes_a | nodes_b, id_a, id_b)
        tested = bool(nodes_a and nodes_b) or bool(wrong)
        row = Lookalike(f"{stem_a}:{id_a}", f"{stem_b}:{id_b}", why, tuple(sorted(wrong)), tested)
        results.append(row)
        labels = (gold.documents[stem_a].label(id_a), gold.documents[stem_b].label(id_b))
        for iri in row.merged:
            what = f"{labels[0]} = {labels[1]} ({why})"
            ledger.note("lookalikes-merged", f"{stem_a} {stem_b}", what, iri)
    return tuple(results)


def score_contradictions(
    gold: GoldSet, sides: Mapping[str, Side], dump: Dump, ledger: Ledger
) -> tuple[ContradictionResult, ...]:
    """Which annotated contradictions the dump holds, as differing objects or as linked claims."""
    results = []
    for row in gold.across.contradictions:
        stems = [document_stem(c.doc) if document_stem(c.doc) in sides else c.doc for c in row.claims]
        listed = [stem for stem in dict.fromkeys(stems) if stem in sides]
        if len(listed) < 2:
            continue
        relations = _RELATIONS_OF.get(row.property)
        hits = (
            _rival_claims(row, listed, sides, relations)
            if relations
            else _linked_on_quotes(row, stems, sides, dump)
        )
        links = sorted({kind for a, b in hits for kind in _links(dump, a, b)})
        results.append(
            ContradictionResult(
                row.id, row.property, row.required, relations is not None, bool(hits), tuple(links)
            )
        )
        if not hits and relations and row.required:
            what = f"{row.id} {row.property} of {', '.join(row.about)}"
            ledger.note("contradiction-missed", " ".join(listed), what, row.claims[0].quote)
    return tuple(results)


def _links(dump: Dump, a: DumpClaim, b: DumpClaim) -> set[str]:
    return {
        kind
        for kind in ("contradicts", "supersedes")
        for x, y in ((a, b), (b, a))
        if (x.iri, kind, y.iri) in dump.links
    }


def _rival_claims(
    row: ContradictionRow, listed: list[str], sides: Mapping[str, Side], relations: frozenset[str]
) -> list[tuple[DumpClaim, DumpClaim]]:
    """Claims of two documents on one subject and relation whose objects differ (dates: cannot agree)."""
    subjects = {
        iri
        for stem in listed
        for iri, g in (sides[stem].aligned | sides[stem].aligned_events).items()
        if g in row.about
    }
    said: defaultdict[tuple[str, str], dict[str, list[DumpClaim]]] = defaultdict(dict)
    for stem in listed:
        for claim in sides[stem].claims:
            if claim.subject in subjects and claim.predicate in relations:
                said[claim.subject, claim.predicate].setdefault(stem, []).append(claim)
    hits = []
    for (_, relation), per_document in sorted(said.items()):
        for claims_a, claims_b in combinations(per_document.values(), 2):
            values_a, values_b = {c.object for c in claims_a}, {c.object for c in claims_b}
            if relation in _DATES:
                agree = any(are_compatible(x, y) or are_compatible(y, x) for x in values_a for y in values_b)
            else:
                agree = values_a == values_b
            if not agree:
                hits += [
                    (a, b)
                    for a in claims_a
                    for b in claims_b
                    if a.object != b.object or relation == "participant"
                ]
    return hits


def _linked_on_quotes(
    row: ContradictionRow, stems: list[str], sides: Mapping[str, Side], dump: Dump
) -> list[tuple[DumpClaim, DumpClaim]]:
    """Linked claims with evidence on the quotes, for what no relation of the guide can say."""
    spots = [
        [claim for claim in sides[stem].claims if sides[stem].overlaps([claim], [quoted.quote])]
        for stem, quoted in zip(stems, row.claims, strict=True)
        if stem in sides
    ]
    return [
        (a, b)
        for first, second in combinations(spots, 2)
        for a in first
        for b in second
        if a.document != b.document and _links(dump, a, b)
    ]
