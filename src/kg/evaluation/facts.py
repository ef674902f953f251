"""Comparing the dump's claims with the annotated facts, and checking evidence and forbidden readings."""

from __future__ import annotations

import re
from collections import defaultdict

from kg.evaluation.dates import are_compatible
from kg.evaluation.dump import DumpClaim, LiteralValue
from kg.evaluation.gold import LOCATION, PART, RELATIONS, ROLE, SYMMETRIC, GoldDocument, GoldFact
from kg.evaluation.sides import SLOTS, Side
from kg.evaluation.tally import Ledger, Outcome
from kg.evaluation.wording import normalize

#: (subject, relation, object, modality), the ends as gold ids or literals
_Key = tuple[str | None, str, str | None, str]


def _order(key: tuple[str | None, ...]) -> tuple[str, ...]:
    return tuple(str(part) for part in key)


def _alike(relation: str, other: str) -> bool:
    return relation == other or any({relation, other} <= group for group in (PART, LOCATION))


def _is_alternative(
    side: Side, fact: GoldFact, obj: str, relation: str, s: str | None, p: str, o: str | None
) -> bool:
    """Whether a fact says what an annotated one says with other terms."""
    if p in SYMMETRIC and p == relation and s == obj and o == fact.s:
        return True
    if s != fact.s:
        return False
    if _alike(p, relation) and side.same_object(obj, o):
        return True
    return p == relation and p in ROLE and o in side.gold.governments.get(obj, set())


def _level(side: Side, fact: GoldFact, s: str | None, p: str, o: str | None, modality: str = "") -> int:
    """3 as annotated, 2 an accepted alternative, 1 a containing place, 0 no; without `modality` any fits."""
    if modality and modality not in fact.modalities:
        return 0
    best = 0
    for rank, relation, obj in [(3, fact.p, fact.o), *((2, *a) for a in fact.alternatives)]:
        if s == fact.s and p == relation and side.same_object(obj, o):
            best = max(best, rank)
        elif _is_alternative(side, fact, obj, relation, s, p, o):
            best = max(best, 2)
        elif (
            s == fact.s
            and p in LOCATION
            and relation in LOCATION
            and o in side.gold.containers.get(obj, set())
        ):
            best = max(best, 1)
    return best


def score_facts(side: Side, ledger: Ledger) -> None:
    """Count facts that are right, wrong, missed or neutral; a fact said twice in a document counts once."""
    known: defaultdict[_Key, list[DumpClaim]] = defaultdict(list)
    rest: defaultdict[tuple[str, str, str, str, str], list[DumpClaim]] = defaultdict(list)
    for claim in side.claims:
        if claim.subject in side.events and claim.predicate in SLOTS:
            continue
        role = claim.predicate in ROLE
        s = side.find_gold(claim.subject, role)
        o = claim.object if isinstance(claim.object, LiteralValue) else side.find_gold(claim.object, role)
        if not side.claim_in_article(claim):
            why = "fact-boilerplate"
        elif claim.predicate not in RELATIONS:
            why = "fact-outside-guide"
        elif s is None or o is None:
            why = "fact-end-not-aligned"
        else:
            known[s, claim.predicate, o, claim.modality].append(claim)
            continue
        rest[claim.subject, claim.predicate, claim.object, claim.modality, why].append(claim)
    used = _match(side, known, ledger)
    for key in sorted(known.keys() - used, key=_order):
        _count_unmatched(side, key, known[key], ledger)
    for (_, relation, _, _, why), claims in sorted(rest.items(), key=lambda item: _order(item[0])):
        outcome = Outcome.NEUTRAL if why == "fact-outside-guide" else Outcome.WRONG
        if outcome is Outcome.WRONG:
            ledger.judge(_surest(claims), False)
        name = relation if relation in RELATIONS else "(outside the guide)"
        ledger.record("facts", side.gold.stem, outcome, "relation", name)
        what = side.describe(claims[0])
        if why == "fact-end-not-aligned":
            ends = [e for e in (claims[0].subject, claims[0].object) if not isinstance(e, LiteralValue)]
            loose = ", ".join(side.dump.name(end) for end in ends if not side.find_gold(end))
            what += f": not aligned: {loose}"
        ledger.note(why, side.gold.stem, what, side.dump.passage(claims[0]))


def _match(side: Side, known: dict[_Key, list[DumpClaim]], ledger: Ledger) -> set[_Key]:
    gold = side.gold
    pairs: list[tuple[int, bool, int, _Key]] = []
    for number, fact in enumerate(gold.facts):
        for key in known:
            level = _level(side, fact, *key)
            if level:
                pairs.append((-level, not fact.required, number, key))
    found: dict[int, _Key] = {}
    used: set[_Key] = set()
    for _, _, number, key in sorted(pairs, key=lambda pair: (pair[:3], _order(pair[3]))):
        if number not in found and key not in used:
            found[number] = key
            used.add(key)
    for number, fact in enumerate(gold.facts):
        if number in found:
            outcome = Outcome.RIGHT if fact.required else Outcome.NEUTRAL
            ledger.record("facts", gold.stem, outcome, "relation", fact.p)
            claims = known[found[number]]
            ledger.judge(_surest(claims), True)
            on_quote = side.overlaps(claims, fact.quotes)
            if on_quote is not None:
                ledger.check("quote", on_quote)
                if not on_quote:
                    what = f"{fact.s} {fact.p} {fact.o}: gold quote {fact.quotes[0][:80]!r}"
                    ledger.note("evidence-elsewhere", gold.stem, what, side.dump.passage(claims[0]))
        elif fact.required:
            ledger.record("facts", gold.stem, Outcome.MISSED, "relation", fact.p)
            modality = "/".join(sorted(fact.modalities))
            what = f"{modality} ({gold.label(fact.s)}) {fact.p} ({gold.label(fact.o)})"
            ledger.note("fact-missed", gold.stem, what, fact.quotes[0] if fact.quotes else "")
    return used


def _follows(gold: GoldDocument, s: str | None, p: str, o: str | None) -> bool:
    """Whether a fact follows from annotated ones because places and bodies nest."""
    if p in LOCATION:
        return o in gold.containers.get(s or "", set())
    return p in PART and o in gold.wholes.get(s or "", set())


def _surest(claims: list[DumpClaim]) -> float | None:
    """The highest confidence of claims that say the same."""
    return max((c.confidence for c in claims if c.confidence is not None), default=None)


def _count_unmatched(side: Side, key: _Key, claims: list[DumpClaim], ledger: Ledger) -> None:
    claim = claims[0]
    s, p, o, modality = key
    facts = side.gold.facts
    as_annotated = any(_level(side, f, *key) for f in facts)
    follows = modality != "Denied" and _follows(side.gold, s, p, o)
    if as_annotated or (follows and not any(_level(side, f, s, p, o) >= 2 for f in facts)):
        ledger.record("facts", side.gold.stem, Outcome.NEUTRAL, "relation", p)
        return
    if any(_level(side, f, s, p, o) for f in facts):
        why = "fact-modality"
    elif any((f.s, f.o) in ((s, o), (o, s)) for f in facts):
        why = "fact-predicate"
    elif any(f.s == s and f.p == p for f in facts):
        why = "fact-object"
    else:
        why = "fact-spurious"
    ledger.record("facts", side.gold.stem, Outcome.WRONG, "relation", p)
    ledger.judge(_surest(claims), False)
    ledger.note(why, side.gold.stem, side.describe(claim), side.dump.passage(claim))


def check_evidence(side: Side, ledger: Ledger) -> None:
    """Check that every claim's passages stand in the text at their offsets."""
    text, dump = side.gold.text, side.dump
    if text is None:
        return
    for claim in side.claims:
        why = "" if claim.evidence else "no evidence"
        for iri in claim.evidence:
            span, quote = dump.span(iri), dump.texts.get(iri)
            if span is None:
                why = "no offsets"
            elif quote is None:
                why = "passage without kg:text"
            elif span.start >= span.end or text[span.start : span.end] != quote:
                at = text.find(quote)
                why = "not in the text" if at < 0 or not quote else f"stands at {at}, not at {span.start}"
        ledger.check("evidence", not why)
        if why:
            what = f"{side.describe(claim)}: {why}"
            ledger.note("evidence-inexact", side.gold.stem, what, dump.passage(claim))


def check_forbidden_readings(side: Side, sides: list[Side], ledger: Ledger) -> None:
    """Count the readings that the annotation says must not be in the graph."""

    def nodes(end: str) -> set[str]:
        """The dump's nodes for a gold id, or for names in brackets: ``"(Lake Biwa/Biwako)"``."""
        if re.fullmatch(r"\(.*\)", end):
            names = [normalize(part) for part in end[1:-1].split("/")]
            return {
                iri
                for iri, keys in side.keys.items()
                if any(f" {name} " in f" {key} " for key in keys for name in names if name)
            }
        own = {iri for iri, g in (side.aligned | side.aligned_events).items() if g == end}
        anywhere = (item for s in sides for item in (s.aligned | s.aligned_events).items())
        return own or {iri for iri, g in anywhere if g == end}

    for row in side.gold.must_not:
        relation = {"participants": "participant"}.get(row.p, row.p)
        subjects, objects = nodes(row.s), nodes(row.o)
        for claim in side.claims:
            if (
                claim.subject not in subjects
                or not _alike(claim.predicate, relation)
                or claim.modality not in ("Asserted", "Planned")
            ):
                continue
            if (
                claim.object in objects
                or (relation == "status" and side.status(claim.object) == normalize(row.o))
                or (isinstance(claim.object, LiteralValue) and are_compatible(claim.object, row.o))
            ):
                ledger.per_document["must_not", side.gold.stem] += 1
                what = f"{side.describe(claim)}: {row.why}"
                ledger.note("must-not", side.gold.stem, what, side.dump.passage(claim))
                break
