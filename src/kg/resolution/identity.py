"""Who is who across documents: a pure, order-free function of all that the documents know.

Strong names share an IRI already. What is decided here are the weak ones: a person known by one name in a document,
and an office whose country a document does not say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from kg.model import Extraction, Modality
from kg.resolution.event_identity import decide_events

_ANY = ""  # in the place of a part of a name: whatever the name


def decide_identity(extractions: Sequence[Extraction]) -> Mapping[str, str]:
    """Provisional IRI → canonical IRI, only where they differ; sorted by key.

    A single-named person is the one fully named person of all documents who bears that name and holds a post of the
    same words; several such people leave it undecided. An office without a country is then the one post of the same
    words that each of its holders has elsewhere; holders who have different ones, or one who has none, leave it
    undecided.
    """
    people: dict[str, set[str]] = defaultdict(set)
    posts: dict[str, set[str]] = defaultdict(set)
    for extraction in extractions:
        for entity in extraction.entities:
            if entity.kind == "Person":
                people[entity.iri] |= set(entity.keys)
            elif entity.kind == "Office":
                posts[entity.iri] |= set(entity.keys)
    canonical = _decide_people(people)
    held = {
        (c.object, canonical.get(c.subject, c.subject))
        for extraction in extractions
        for c in extraction.claims
        if c.predicate == "holdsOffice" and c.modality is Modality.ASSERTED and isinstance(c.object, str)
    }
    canonical |= _decide_offices(posts, held)
    canonical |= decide_events(extractions, canonical)
    return dict(sorted(canonical.items()))


def _decide_people(people: Mapping[str, set[str]]) -> dict[str, str]:
    """Single-named person → the one fully named one; people by their posts and the parts of their names."""
    bearers: dict[tuple[str, str], set[str]] = defaultdict(set)  # (post, part of the name) → full names
    full = {iri for iri, keys in people.items() if any(k.startswith("name:") for k in keys)}
    for iri in full:
        for post in _values(people[iri], "post:"):
            for part in (_ANY, *_values(people[iri], "part:")):
                bearers[post, part].add(iri)
    decided: dict[str, str] = {}
    known: dict[tuple[frozenset[str], frozenset[str]], str | None] = {}
    for iri in people.keys() - full:
        parts, held = frozenset(_values(people[iri], "part:")), frozenset(_values(people[iri], "post:"))
        if (parts, held) not in known:
            fitting: set[str] = set()
            for post in held:
                fitting |= set.intersection(*(bearers.get((post, p), set()) for p in parts or (_ANY,)))
            known[parts, held] = fitting.pop() if len(fitting) == 1 else None
        chosen = known[parts, held]
        if chosen is not None:
            decided[iri] = chosen
    return decided


def _decide_offices(posts: Mapping[str, set[str]], held: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Office without a country → the owned one; `held` are (office, holder)."""
    holders: dict[str, set[str]] = defaultdict(set)
    owned: dict[str, set[str]] = defaultdict(set)  # holder → offices that are the same in all documents
    for office, holder in held:
        holders[office].add(holder)
        if office in posts and not _scoped(office):
            owned[holder].add(office)
    words = {iri: _values(keys, "post:") for iri, keys in posts.items()}
    decided: dict[str, str] = {}
    for iri, keys in posts.items():
        if any(k.startswith("country:") for k in keys) or not _scoped(iri):
            continue
        fitting = [
            {other for other in owned.get(holder, ()) if words[iri] <= words[other]}
            for holder in holders.get(iri, ())
        ]
        if fitting and all(len(one) == 1 for one in fitting) and len(set.union(*fitting)) == 1:
            decided[iri] = fitting[0].pop()
    return decided


def _values(keys: set[str], prefix: str) -> set[str]:
    return {k.removeprefix(prefix) for k in keys if k.startswith(prefix)}


def _scoped(iri: str) -> bool:
    """Whether the IRI holds in one document only (its last part ends in the document's scope)."""
    return "." in iri.rsplit("/", 1)[-1]
