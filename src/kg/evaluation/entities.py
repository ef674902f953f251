"""Aligning the dump's entities with the annotated ones, one to one, by shared surface strings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from kg.evaluation.gold import GoldEntity
from kg.evaluation.sides import Side
from kg.evaluation.tally import Ledger, Outcome
from kg.evaluation.wording import content_words

_NEAR_WORDING = 0.9
#: (relation, other end, 1 if the entity is the object else 0)
_Edge = tuple[str, str, int]


class _Candidate(NamedTuple):
    score: float
    closeness: float
    entity: str
    gold_id: str


def _half_shared(a: frozenset[str], b: frozenset[str]) -> bool:
    return len(a & b) > 1 and 2 * len(a & b) >= len(a | b)


def _likeness(side: Side, entity: str, gold: GoldEntity) -> tuple[float, float] | None:
    """(score, closeness to the gold label) of a pair that shares wording, else None."""
    wordings = [content_words(text) for text in side.surfaces[entity] + side.dump.aliases.get(entity, [])]
    shared = side.keys[entity] & gold.weights.keys()
    if shared:
        label = gold.words[0]
        closeness = max((len(label & w) / len(label | w) for w in wordings if label | w), default=0.0)
        joint_name_only = max(gold.weights[key] for key in shared) < 1
        if joint_name_only and gold.strong and not closeness:
            return None  # a joint name like "the ministers" alone
        return sum(gold.weights[key] for key in sorted(shared)), closeness
    if not gold.named and any(_half_shared(w, t) for w in gold.words for t in wordings):
        return _NEAR_WORDING, 0.0  # a description, worded differently
    return None


def _pick(
    candidates: list[_Candidate], near: Mapping[str, set[_Edge]], facts: Mapping[str, set[_Edge]]
) -> dict[str, str]:
    """Entity → gold id, best pairs first; in a second round the claims around an entity break ties."""
    aligned: dict[str, str] = {}
    for _ in range(2):
        known = aligned

        def fit(c: _Candidate, known: dict[str, str] = known) -> int:
            return (
                sum((p, known.get(end), role) in facts[c.gold_id] for p, end, role in near[c.entity])
                if known
                else 0
            )

        order = sorted(candidates, key=lambda c: (-c.score, -fit(c), -c.closeness, c.gold_id, c.entity))
        taken: set[str] = set()
        aligned = {}
        for c in order:
            if c.entity not in aligned and c.gold_id not in taken:
                aligned[c.entity] = c.gold_id
                taken.add(c.gold_id)
    return aligned


def align_entities(side: Side, ledger: Ledger) -> None:
    """Fill `side.aligned`, and count entities that are right, wrong, missed or neutral."""
    gold, dump = side.gold, side.dump
    facts: defaultdict[str, set[_Edge]] = defaultdict(set)
    for fact in gold.facts:
        facts[fact.s].add((fact.p, fact.o, 0))
        facts[fact.o].add((fact.p, fact.s, 1))
    near: defaultdict[str, set[_Edge]] = defaultdict(set)
    for claim in side.claims:
        near[claim.subject].add((claim.predicate, claim.object, 0))
        near[claim.object].add((claim.predicate, claim.subject, 1))
    likeness: dict[tuple[str, str], float] = {}
    candidates: list[_Candidate] = []
    for entity in side.entities:
        if entity in side.refused:
            continue
        for thing in gold.entities.values():
            like = _likeness(side, entity, thing)
            if like is None:
                continue
            score, closeness = like
            likeness[entity, thing.id] = score
            if dump.top_classes(entity) & {top for top, _ in thing.classes}:
                if not dump.classes(entity) & {sub or top for top, sub in thing.classes}:
                    score /= 2  # another subclass: Tokyo the city, Tokyo for Japan
                candidates.append(_Candidate(score, closeness, entity, thing.id))
    side.aligned = _pick(candidates, near, facts)
    _count_found(side, candidates, likeness, ledger)
    found = set(side.aligned.values())
    for thing in gold.entities.values():
        if thing.id not in found and thing.required:
            top, sub = thing.classes[0]
            ledger.record("entities", gold.stem, Outcome.MISSED, "class", top)
            kind = f"{top}/{sub}" if sub else top
            ledger.note("entity-missed", gold.stem, f"{thing.label} [{kind}]", side.context(thing.strings))


def _count_found(
    side: Side, candidates: list[_Candidate], likeness: Mapping[tuple[str, str], float], ledger: Ledger
) -> None:
    gold, dump = side.gold, side.dump
    entity_of = {gold_id: entity for entity, gold_id in side.aligned.items()}
    for entity in side.entities:
        name, tops = dump.name(entity), sorted(dump.top_classes(entity)) or ["(no class)"]
        if entity in side.aligned:
            thing = gold.entities[side.aligned[entity]]
            outcome = Outcome.RIGHT if thing.required else Outcome.NEUTRAL
            ledger.record("entities", gold.stem, outcome, "class", thing.classes[0][0])
            _check_subclass(side, entity, thing, ledger)
            continue
        ledger.record("entities", gold.stem, Outcome.WRONG, "class", tops[0])
        twins = [c.gold_id for c in candidates if c.entity == entity]
        others = [gold_id for (e, gold_id) in likeness if e == entity]
        if entity in side.refused:
            kind, what = side.refused[entity], f"{name} [{tops[0]}]"
        elif twins:
            ledger.per_document["duplicate", gold.stem] += 1
            label = gold.entities[twins[0]].label
            kind = "duplicate"
            what = f"{name} [{tops[0]}] <{entity}>: {label} is already <{entity_of.get(twins[0])}>"
        elif others:
            thing = gold.entities[max(others, key=lambda g: (likeness[entity, g], g))]
            kind = "wrong-class"
            what = f"{name} is {'/'.join(tops)}, gold {thing.label} is {thing.classes[0][0]}"
        else:
            kind, what = "spurious", f"{name} [{tops[0]}] <{entity}>"
        ledger.note(f"entity-{kind}", gold.stem, what, side.quote_for(entity))


def _check_subclass(side: Side, entity: str, thing: GoldEntity, ledger: Ledger) -> None:
    wanted = thing.classes[0][1]
    if not wanted:
        return
    dump = side.dump
    # a state and a prefecture are one class to the guide
    accepted = {"Prefecture" if sub == "State" else sub for _, sub in thing.classes}
    found = {"Prefecture" if c == "State" else c for c in dump.classes(entity)}
    right = bool(accepted & found) or None in accepted
    ledger.check("subclass", right)
    if not right:
        own = ", ".join(sorted(dump.classes(entity) - dump.top_classes(entity))) or "none"
        what = f"{dump.name(entity)}: {own}, gold {wanted}"
        ledger.note("entity-subclass", side.gold.stem, what, side.quote_for(entity))
