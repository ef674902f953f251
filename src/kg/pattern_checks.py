"""Every pattern run on its own examples and non-examples, through the whole pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kg.catalog import Catalog, Pattern, load_catalog
from kg.model import Claim, Document, Extraction, Literal
from kg.pipeline import Extractor
from kg.settings import DEFAULT_MODEL
from kg.text.reader import RULES


@dataclass(frozen=True, slots=True)
class PatternProblem:
    """An example that a pattern misses, or a non-example that it matches."""

    pattern: str
    text: str
    message: str


def check_patterns(catalog: Catalog | None = None, model: str = DEFAULT_MODEL) -> list[PatternProblem]:
    """Every example and non-example of every pattern, run through the whole pipeline; what went wrong.

    A pattern must fire on one of its own examples, every expected claim must be read, and a pattern must stay
    silent on its non-examples.
    """
    catalog = catalog or load_catalog()
    extractor = Extractor(model=model, catalog=catalog)
    problems: list[PatternProblem] = []
    for pattern in catalog.patterns:
        unparsed = bool(pattern.options.get("without_parse"))
        if (pattern.tokens is None) if model == RULES else unparsed:
            continue
        problems += _check_pattern(extractor, pattern)
    return problems


def _check_pattern(extractor: Extractor, pattern: Pattern) -> Iterator[PatternProblem]:
    fired = False
    for example in pattern.examples:
        extraction = extractor.extract(Document(("example",), example.text, example.date))
        said = claims_in_words(extraction)
        fired = fired or any(pattern.name in {c.rule, *c.also} for c in extraction.claims)
        for wanted in example.claims:
            parts = tuple(p.strip() for p in wanted.split("|"))
            if not any(_agrees(parts, one) for one in said):
                listed = "; ".join(" | ".join(one) for one in sorted(said) if one[1] == parts[1])
                yield PatternProblem(
                    pattern.name, example.text, f"want {wanted!r}, read: {listed or 'nothing'}"
                )
    if not fired:
        yield PatternProblem(pattern.name, pattern.examples[0].text, "fires on none of its examples")
    for example in pattern.non_examples:
        extraction = extractor.extract(Document(("example",), example.text, example.date))
        for claim in extraction.claims:
            if pattern.name in {claim.rule, *claim.also}:
                yield PatternProblem(
                    pattern.name, example.text, f"fires on a non-example: {_words(extraction, claim)}"
                )


def claims_in_words(extraction: Extraction) -> set[tuple[str, str, str, str]]:
    """(subject, relation, object, modality) of each claim, once for each name of its ends."""
    names = {e.iri: e.names for e in extraction.entities}
    out = set()
    for c in extraction.claims:
        objects = (c.object.value,) if isinstance(c.object, Literal) else names.get(c.object, (c.object,))
        for s in names.get(c.subject, (c.subject,)):
            out |= {(s, c.predicate, o, c.modality.value) for o in objects}
    return out


def _agrees(wanted: tuple[str, ...], said: tuple[str, str, str, str]) -> bool:
    """Whether a claim is the wanted one; an event may carry its participants behind its name."""
    subject = said[0].split(" (")[0] if said[0] != wanted[0] else said[0]
    return (subject, said[1], said[2]) == wanted[:3] and (len(wanted) == 3 or wanted[3] == said[3])


def _words(extraction: Extraction, claim: Claim) -> str:
    names = {e.iri: e.names[0] for e in extraction.entities}
    value = claim.object.value if isinstance(claim.object, Literal) else names.get(claim.object, claim.object)
    return f"{names.get(claim.subject, claim.subject)} | {claim.predicate} | {value} | {claim.modality}"
