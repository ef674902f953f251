"""Who is who across documents: a pure, order-free function of all that the documents know.

Strong names share an IRI already. What is decided here are the weak ones: a person known by one name in a document,
and an office whose country a document does not say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from kg.model import Extraction, Modality
from kg.resolution.event_identity import decide_events


def decide_identity(extractions: Sequence[Extraction]) -> Mapping[str, str]:
    """Provisional IRI → canonical IRI, only where they differ; sorted by key.

    A single-named person is the one fully named person of all documents who bears that name and holds a post of the
    same words; several such people leave it undecided. An office without a country is then the one post of the same
    words that its holder has elsewhere.
    """
    people: dict[str, set[str]] = defaultdict(set)
    posts: dict[str, set[str]] = defaultdict(set)
    for entity in (e for x in extractions for e in x.entities):
        if entity.kind == "Person":
            people[entity.iri] |= set(entity.keys)
        elif entity.kind == "Office":
            posts[entity.iri] |= set(entity.keys)
    canonical: dict[str, str] = {}
    full = {iri: keys for iri, keys in people.items() if any(k.startswith("name:") for k in keys)}
    for iri in sorted(people.keys() - full.keys()):
        parts, held = _values(people[iri], "part:"), _values(people[iri], "post:")
        fitting = sorted(
            other
            for other, keys in full.items()
            if parts <= _values(keys, "part:") and held & _values(keys, "post:")
        )
        if len(fitting) == 1:
            canonical[iri] = fitting[0]
    holders: dict[str, set[str]] = defaultdict(set)
    for x in extractions:
        for c in x.claims:
            if c.predicate == "holdsOffice" and c.modality is Modality.ASSERTED and isinstance(c.object, str):
                holders[c.object].add(canonical.get(c.subject, c.subject))
    for iri in sorted(posts):
        if any(k.startswith("country:") for k in posts[iri]) or not _scoped(iri):
            continue
        post = _values(posts[iri], "post:")
        fitting = sorted(
            other
            for other, keys in posts.items()
            if other != iri
            and not _scoped(other)
            and post <= _values(keys, "post:")
            and holders[iri] & holders[other]
        )
        if len(fitting) == 1:
            canonical[iri] = fitting[0]
    canonical |= decide_events(extractions, canonical)
    return dict(sorted(canonical.items()))


def _values(keys: set[str], prefix: str) -> set[str]:
    return {k.removeprefix(prefix) for k in keys if k.startswith(prefix)}


def _scoped(iri: str) -> bool:
    """Whether the IRI holds in one document only (its last part ends in the document's scope)."""
    return "." in iri.rsplit("/", 1)[-1]
