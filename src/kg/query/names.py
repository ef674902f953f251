"""From what a person writes (IRI, CURIE, name or alias) to one entity, never by a guess."""

from __future__ import annotations

from difflib import SequenceMatcher

from kg.errors import AmbiguousName, QueryError, UnknownEntity
from kg.graph.past import PastReader
from kg.graph.store import SearchHit, StoreReader
from kg.query.nodes import Nodes, check_iri, follow_canonical
from kg.terms import as_iri, fold

#: How alike (0 to 1) a name must be to be offered in place of an unknown one.
_NEAR = 0.6
_MOST_OFFERED = 5


def resolve_entity(reader: StoreReader, text: str) -> str:
    """The canonical IRI of the entity that `text` names: an IRI, a CURIE, a name or an alias.

    Names are compared without regard to case and diacritics. Raises `AmbiguousName` with the candidates if
    several entities bear the name, `UnknownEntity` with near names if none does, `QueryError` if `text` is
    empty.
    """
    wanted = text.strip()
    if not wanted:
        raise QueryError("no entity given: want an IRI, a CURIE, a name or an alias")
    iri = _find_iri(reader, wanted)
    if iri is not None:
        return iri
    hits = find_bearers(reader, wanted)
    if len(hits) == 1:
        return hits[0][0]
    if hits:
        raise AmbiguousName(wanted, hits)
    raise unknown(reader, wanted)


def find_bearers(reader: StoreReader, name: str) -> list[tuple[str, str]]:
    """(canonical IRI, label) of every entity one of whose names is `name`, most mentioned first."""
    nodes = Nodes(reader)
    found: dict[str, str] = {}
    for hit in reader.find_by_name(name):
        iri = follow_canonical(reader, hit.iri)
        found.setdefault(iri, nodes.describe(iri).label)
    return list(found.items())


def unknown(reader: StoreReader, text: str) -> UnknownEntity:
    """The error that says that nothing is called `text`, and what is called nearly so."""
    near = near_names(reader, text)
    listed = "; ".join(f"{label} <{iri}>" for iri, label in near)
    return UnknownEntity(
        f"no entity is called {text!r}{_by_then(reader)}." + (f" Near it: {listed}." if near else ""), near
    )


def near_names(reader: StoreReader, text: str) -> list[tuple[str, str]]:
    """(canonical IRI, label) of up to five entities with names like `text`, the likest first."""
    hits: dict[str, SearchHit] = {}
    words = fold(text).split()
    beginnings = [text, *words, *(w[:3] for w in words if len(w) > 3), *(w[:1] for w in words[:1])]
    for beginning in beginnings:
        for hit in reader.search(beginning, limit=50):
            hits.setdefault(hit.iri, hit)
    scored: dict[str, float] = {}
    for hit in hits.values():
        iri = follow_canonical(reader, hit.iri)
        scored[iri] = max(scored.get(iri, 0.0), _likeness(text, hit.matched), _likeness(text, hit.label))
    best = sorted((-score, iri) for iri, score in scored.items() if score >= _NEAR)
    nodes = Nodes(reader)
    return [(iri, nodes.describe(iri).label) for _, iri in best[:_MOST_OFFERED]]


def exists(reader: StoreReader, iri: str) -> bool:
    """Whether the graph says anything of `iri`."""
    return any(True for _ in reader.quads(iri)) or any(True for _ in reader.quads(None, None, iri))


def find_earlier(reader: StoreReader, iri: str) -> list[str]:
    """What stood for the thing of `iri` on the day that `reader` reads, under IRIs of its own; none on no day."""
    return reader.find_earlier(iri) if isinstance(reader, PastReader) else []


def _find_iri(reader: StoreReader, text: str) -> str | None:
    """The canonical IRI if `text` is an IRI or CURIE that is in the graph; None if it looks like a name."""
    written = as_iri(text, reader.base)
    if written is None:
        return None
    if any(c.isspace() for c in written):  # "Note: a name with a colon" is not a CURIE
        return None
    iri = check_iri(written)
    if exists(reader, iri):
        return follow_canonical(reader, iri)
    earlier = find_earlier(reader, iri)
    if len(earlier) == 1:
        return earlier[0]
    if earlier:
        nodes = Nodes(reader)
        raise AmbiguousName(text, [(one, nodes.describe(one).label) for one in earlier])
    if find_bearers(reader, text):
        return None
    raise unknown_iri(reader, text, iri)


def unknown_iri(reader: StoreReader, text: str, iri: str) -> UnknownEntity:
    """The error for an IRI or CURIE that the graph says nothing of."""
    tail = iri.rstrip("/").rsplit("/", 1)[-1].replace("-", " ")
    near = near_names(reader, tail) if tail else []
    listed = "; ".join(f"{label} <{found}>" for found, label in near)
    shown = text if text == iri else f"{text} <{iri}>"
    return UnknownEntity(
        f"nothing in the store has the IRI {shown}{_by_then(reader)}."
        + (f" Near it: {listed}." if near else ""),
        near,
    )


def _by_then(reader: StoreReader) -> str:
    return f" in what was published by {reader.day}" if isinstance(reader, PastReader) else ""


def _likeness(one: str, other: str) -> float:
    a, b = fold(one), fold(other)
    if not a or not b:
        return 0.0
    whole = SequenceMatcher(None, a, b).ratio()
    parts = max((SequenceMatcher(None, a, word).ratio() for word in b.split()), default=0.0)
    return max(
        whole, (whole + 3 * parts) / 4
    )  # one word alike is much, but less in a long name than in a short one
