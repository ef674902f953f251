"""What a dump says about one annotated document, and how it is aligned with the annotation."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kg.evaluation.dates import are_compatible, find_days
from kg.evaluation.dump import Dump, DumpClaim, LiteralValue
from kg.evaluation.gold import GoldDocument
from kg.evaluation.tally import Ledger
from kg.evaluation.wording import find_all, matching_keys, normalize
from kg.model import Span
from kg.terms import KG

#: Slots of an event, as relations of its claims.
SLOTS = ("participant", "location", "date", "status", "concerns")


@dataclass
class EventSlots:
    """An event of the dump: the values of its slots and the claims they come from."""

    values: dict[str, list[str]] = field(default_factory=lambda: {slot: [] for slot in SLOTS})
    claims: list[DumpClaim] = field(default_factory=list)


@dataclass
class Side:
    """One annotated document and what the dump says about it.

    `aligned` maps the dump's entities to gold ids, `aligned_events` its events; `refused` are nodes that come
    from boilerplate or a forbidden name only.
    """

    gold: GoldDocument
    dump: Dump
    claims: list[DumpClaim] = field(default_factory=list)
    mentions: defaultdict[str, list[tuple[str, Span | None]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    entities: list[str] = field(default_factory=list)
    events: dict[str, EventSlots] = field(default_factory=dict)
    keys: dict[str, frozenset[str]] = field(default_factory=dict)
    surfaces: dict[str, list[str]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    aligned: dict[str, str] = field(default_factory=dict)
    aligned_events: dict[str, str] = field(default_factory=dict)

    def find_gold(self, value: str, role: bool = False) -> str | None:
        """The gold id behind a value of the dump, None if it is not aligned.

        In a `role` a government may stand for its country.
        """
        found = self.aligned.get(value) or self.aligned_events.get(value)
        if found is None and role and value in self.dump.countries:
            found = self.aligned.get(self.dump.countries[value])
        return found

    def gold_ids(self, values: Iterable[str], role: bool = False) -> set[str | None]:
        """The gold ids behind several values; None stands for those that are not aligned."""
        return {self.find_gold(value, role) for value in values}

    def in_article(self, span: Span | None) -> bool:
        """Whether a span begins in the article; an unknown one is taken to."""
        return span is None or self.gold.start <= span.start < self.gold.end

    def claim_in_article(self, claim: DumpClaim) -> bool:
        """Whether some evidence of a claim begins in the article."""
        spans = [self.dump.span(e) for e in claim.evidence]
        return not spans or any(self.in_article(span) for span in spans)

    def overlaps(self, claims: Iterable[DumpClaim], quotes: Sequence[str]) -> bool | None:
        """Whether evidence of one of the claims meets a quote; None if no quote stands in the text."""
        text = self.gold.text
        found = [place for quote in quotes if text and quote for place in find_all(text, quote)]
        if not found:
            return None
        spans = {self.dump.span(e) for claim in claims for e in claim.evidence}
        return any(span and span.start < end and start < span.end for span in spans for start, end in found)

    def context(self, strings: Iterable[str]) -> str:
        """The text around the first of the strings that stands in the document, or nothing."""
        if self.gold.text:
            flat = re.sub(r"\s", " ", self.gold.text)
            for string in strings:
                words = r"\s+".join(map(re.escape, string.split()))
                found = re.search(rf"(?<!\w){words}(?!\w)", flat)
                if found:
                    return f"…{flat[max(0, found.start() - 40) : found.end() + 60]}…"
        return ""

    def quote_for(self, iri: str) -> str:
        """A quote that shows where a node comes from."""
        passages = (self.dump.passage(c) for c in self.claims if iri in (c.subject, c.object))
        return self.context(self.surfaces[iri]) or next(passages, "")

    def describe(self, claim: DumpClaim) -> str:
        """A claim in words."""
        subject, obj = self.dump.name(claim.subject), self.dump.name(claim.object)
        return f"{claim.modality} ({subject}) {claim.predicate} ({obj})"

    def status(self, value: str) -> str:
        """A status as the annotation writes it."""
        return normalize(self.dump.local(value).rsplit("/", 1)[-1])

    def same_object(self, gold_object: str, obj: str | None) -> bool:
        """Whether an aligned object (gold id or literal) is that of the annotation."""
        if isinstance(obj, LiteralValue):
            if find_days(gold_object):
                return are_compatible(obj, gold_object)
            return normalize(obj) == normalize(gold_object)
        return obj == gold_object


def make_side(gold: GoldDocument, dump: Dump, document_iris: Iterable[str], ledger: Ledger) -> Side:
    """What the dump says about one document; counts mentions in boilerplate and under forbidden names."""
    side = Side(gold, dump)
    for iri in document_iris:
        side.claims += dump.claims_of.get(iri, [])
        for mention in dump.mentions.get(iri, []):
            text = mention.text
            if text is None and gold.text and mention.span:
                text = gold.text[mention.span.start : mention.span.end]
            side.mentions[mention.entity].append((text or "", mention.span))
    ends = {
        end
        for c in side.claims
        for end in (c.subject, c.object)
        if not isinstance(end, LiteralValue) and not end.startswith(KG)
    }
    claimed = {end for c in side.claims if side.claim_in_article(c) for end in (c.subject, c.object)}
    for iri in sorted(ends | set(side.mentions)):
        _add_node(side, iri, iri in claimed, ledger)
    called_off = {
        c.subject
        for c in side.claims
        if c.predicate == "status" and side.status(c.object) in ("denied", "cancelled")
    }
    for claim in side.claims:
        if claim.subject in side.events and claim.predicate in SLOTS:
            event = side.events[claim.subject]
            event.claims.append(claim)
            # "X did not attend" makes no participant, unless the whole event was denied
            if claim.modality != "Denied" or claim.predicate == "status" or claim.subject in called_off:
                event.values[claim.predicate].append(claim.object)
    return side


def _add_node(side: Side, iri: str, claimed: bool, ledger: Ledger) -> None:
    gold, dump = side.gold, side.dump
    person = "Person" in dump.top_classes(iri)
    mentions = side.mentions.get(iri, [])
    surfaces = [text for text, _ in mentions]
    names = dump.labels.get(iri, []) + dump.aliases.get(iri, []) + surfaces
    side.surfaces[iri] = surfaces + dump.labels.get(iri, [])
    side.keys[iri] = frozenset(key for name in names for key in matching_keys(name, person))
    reasons: list[str] = []
    for text, span in mentions:
        reason = (
            "boilerplate"
            if not side.in_article(span)
            else "forbidden"
            if normalize(text) in gold.forbidden
            else ""
        )
        reasons.append(reason)
        if reason:
            ledger.per_document[reason, gold.stem] += 1
            ledger.note(f"{reason}-mention", gold.stem, f"{text!r} -> {dump.name(iri)}", side.context([text]))
    if not reasons and gold.forbidden & side.keys[iri]:
        reasons.append("forbidden")
    if all(reasons) and not claimed:
        side.refused[iri] = reasons[0] if reasons else "boilerplate"
    if not dump.top_classes(iri):
        ledger.warnings["entities of scored documents without a known class (never right)"] += 1
    if "Event" in dump.top_classes(iri):
        side.events[iri] = EventSlots()
    else:
        side.entities.append(iri)
