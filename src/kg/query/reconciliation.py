"""Which entities cells of a table may stand for, and what is known of those: for the Reconciliation Service API 0.2.

Entities, types and properties are identified by their IRIs; where they are asked for, whatever `resolve_entity` and
`relation_iri` understand will do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TypeAlias

import pyoxigraph as ox

from kg.catalog.ontology import RelationTerm
from kg.errors import KgError, QueryError
from kg.graph.store import StoreReader
from kg.graph.words import folded, words
from kg.query.adjacency import known_types
from kg.query.declared import shipped_ontology
from kg.query.evidence import relation_iri
from kg.query.names import exists, resolve_entity
from kg.query.neighbourhood import class_name
from kg.query.nodes import ALT_LABEL, PREF_LABEL, RDF_TYPE, Nodes, follow_canonical, local_name, objects
from kg.query.search import search_near
from kg.terms import KG, XSD, as_iri

Json: TypeAlias = dict[str, object]

#: Queries in one batch, candidates of one query, entities of one extension.
MOST_QUERIES = 200
MOST_CANDIDATES = 50
MOST_IDS = 500
_CANDIDATES = 5
_SUGGESTED = 20
#: What a candidate's name counts for beside the properties that were given, and what it loses for another type.
_NAME_WEIGHT = 0.6
_OTHER_TYPE = 30
#: From here on a candidate is one for certain, if it is the only one.
_CERTAIN = 95.0
_NUMBERS: Mapping[str, type[int] | type[float]] = {
    **{XSD + name: int for name in ("integer", "int", "long", "short", "nonNegativeInteger")},
    **{XSD + name: float for name in ("decimal", "double", "float")},
}
_MODES = ("any", "should", "all")


@dataclass(frozen=True, slots=True)
class Query:
    """What a cell holds: its words, the types wanted and how strictly, values of properties beside it."""

    text: str
    types: tuple[str, ...] = ()
    strict: str = "should"
    properties: tuple[tuple[str, tuple[str, ...]], ...] = ()
    limit: int = _CANDIDATES


def read_queries(reader: StoreReader, batch: object) -> dict[str, Query]:
    """The queries of a batch as it comes in JSON. Raises `QueryError` that names the query and the key."""
    if not isinstance(batch, dict) or len(batch) > MOST_QUERIES:
        raise QueryError(f"queries: want a JSON object of at most {MOST_QUERIES} queries")
    return {str(key): _read_query(reader, f"queries[{key}]", query) for key, query in batch.items()}


def _read_query(reader: StoreReader, where: str, query: object) -> Query:
    if not isinstance(query, dict):
        raise QueryError(f"{where}: want an object")
    text = query.get("query", "")
    given = query.get("properties") or []
    if not isinstance(text, str) or not isinstance(given, list) or not (text.strip() or given):
        raise QueryError(f"{where}: want query as a string, or properties as a list")
    types = query.get("type") or []
    wanted = [types] if isinstance(types, str) else types
    strict = query.get("type_strict", "should")
    limit = query.get("limit", _CANDIDATES)
    if not isinstance(wanted, list) or not all(isinstance(t, str) for t in wanted):
        raise QueryError(f"{where}.type: want an identifier or a list of them")
    if strict not in _MODES:
        raise QueryError(f"{where}.type_strict: {strict!r}; want one of {', '.join(_MODES)}")
    if isinstance(limit, bool) or not isinstance(limit, int | float) or not 1 <= limit <= 1_000_000:
        raise QueryError(f"{where}.limit: want a number from 1 on")
    return Query(
        text.strip(),
        tuple(class_name(reader, t) for t in wanted),
        strict,
        tuple(_read_property(reader, where, p) for p in given),
        min(int(limit), MOST_CANDIDATES),
    )


def _read_property(reader: StoreReader, where: str, given: object) -> tuple[str, tuple[str, ...]]:
    if not isinstance(given, dict) or not isinstance(given.get("pid"), str) or "v" not in given:
        raise QueryError(f"{where}.properties: want objects with pid and v")
    values = given["v"] if isinstance(given["v"], list) else [given["v"]]
    texts = (str(v.get("id") if isinstance(v, dict) else v) for v in values)
    return relation_iri(reader, given["pid"]), tuple(text for text in texts if text.strip())


def reconcile(reader: StoreReader, query: Query) -> list[Json]:
    """The candidates of a query, best first: id, name, score (0 to 100), match, type, features, description."""
    nodes = Nodes(reader)
    scored = []
    for iri in _candidates(reader, query):
        features = {"name": _name_score(reader, iri, query.text)} if query.text else {}
        own = set(map(local_name, objects(reader, iri, RDF_TYPE)))
        fitting = [wanted in own or any(_is_a(name, wanted) for name in own) for wanted in query.types]
        fits = not fitting or (all(fitting) if query.strict == "all" else any(fitting))
        if not fits and query.strict != "should":
            continue
        for predicate, values in query.properties:
            features[predicate] = _property_score(nodes, iri, predicate, values)
        score = _total(features, query) - (0 if fits else _OTHER_TYPE)
        scored.append((max(0.0, round(score, 1)), iri, features, fits))
    scored.sort(key=lambda found: (-found[0], found[1]))
    certain = [found for found in scored if found[0] >= _CERTAIN and found[3]]
    answers: list[Json] = []
    for score, iri, features, fits in scored[: query.limit]:
        node = nodes.describe(iri)
        described: Json = {
            "id": iri,
            "name": node.label,
            "score": score,
            "match": len(certain) == 1 and certain[0][1] == iri,
            "type": types_of(reader, iri),
            "features": [
                *({"id": f"{name}_score", "value": round(value, 1)} for name, value in features.items()),
                *([{"id": "type_match", "value": fits}] if query.types else []),
            ],
        }
        about = _describe(nodes, iri)
        if about:
            described["description"] = about
        answers.append(described)
    return answers


def _candidates(reader: StoreReader, query: Query) -> list[str]:
    """The IRIs of entities that the words, or else the properties, of a query lead to."""
    found: dict[str, None] = {}
    if query.text:
        kinds: Sequence[str | None] = query.types if query.types and query.strict != "should" else (None,)
        named = _find_iri(reader, query.text)
        if named is not None:
            found[named] = None
        for kind in kinds:
            for hit in search_near(reader, query.text, kind, MOST_CANDIDATES):
                found[follow_canonical(reader, hit.iri)] = None
        return list(found)
    for predicate, values in query.properties:
        for value in values:
            try:
                target = resolve_entity(reader, value)
            except KgError:
                continue
            for quad in reader.quads(None, predicate, target):
                if isinstance(quad.subject, ox.NamedNode) and len(found) < MOST_CANDIDATES:
                    found[quad.subject.value] = None
    return sorted(found)


def _find_iri(reader: StoreReader, text: str) -> str | None:
    """The entity whose IRI or CURIE `text` is, or None."""
    try:
        iri = as_iri(text, reader.base)
        return follow_canonical(reader, iri) if iri is not None and exists(reader, iri) else None
    except KgError:
        return None  # looks like one, and cannot be one


def _names(reader: StoreReader, iri: str) -> list[str]:
    return [name for p in (PREF_LABEL, ALT_LABEL, KG + "formerName") for name in objects(reader, iri, p)]


def _name_score(reader: StoreReader, iri: str, text: str) -> float:
    """How well a text fits the best of an entity's names, 0 to 100; its IRI fits best."""
    if _find_iri(reader, text) == iri:
        return 100.0
    return max((100 * likeness(text, name) for name in _names(reader, iri)), default=0.0)


def likeness(one: str, other: str) -> float:
    """How alike two names are, 0 to 1, whatever the order of their words.

    >>> likeness("Hegseth, Pete", "Pete Hegseth") == likeness("łódź", "LODZ") == 1
    True
    """
    if folded(one) == folded(other):
        return 1.0
    a, b = sorted(words(one)), sorted(words(other))
    if not a or not b:
        return 0.0
    if a == b:
        return 1.0
    alike = SequenceMatcher(None, " ".join(a), " ".join(b), autojunk=False).ratio()
    shared = len(set(a) & set(b)) / len(set(a) | set(b))
    return min(0.99, max(alike, (alike + shared) / 2))


def _property_score(nodes: Nodes, iri: str, predicate: str, values: Iterable[str]) -> float:
    """How well the best of `values` fits the best of what the graph says, 0 to 100."""
    best = 0.0
    for quad in nodes.reader.quads(iri, predicate):
        if isinstance(quad.object, ox.NamedNode):
            target = quad.object.value
            known = [target, nodes.describe(target).curie, *_names(nodes.reader, target)]
            known.append(local_name(target))
        else:
            known = [quad.object.value if isinstance(quad.object, ox.Literal) else str(quad.object)]
        best = max([best, *(100 * likeness(value, name) for value in values for name in known)])
    return best


def _total(features: Mapping[str, float], query: Query) -> float:
    beside = [features[predicate] for predicate, _ in query.properties]
    if not beside:
        return features.get("name", 0.0)
    mean = sum(beside) / len(beside)
    return _NAME_WEIGHT * features["name"] + (1 - _NAME_WEIGHT) * mean if query.text else mean


def _is_a(name: str, wanted: str) -> bool:
    classes = shipped_ontology().classes
    return name in classes and wanted in classes and shipped_ontology().is_a(name, wanted)


def types_of(reader: StoreReader, iri: str) -> list[Json]:
    """The classes of an entity as id and name, the most special first."""
    found = sorted(objects(reader, iri, RDF_TYPE))
    ours = shipped_ontology().classes
    special = sorted(found, key=lambda c: (-len(_above(local_name(c))), c))
    return [
        {"id": c, "name": ours[local_name(c)].label if local_name(c) in ours else local_name(c)}
        for c in special
    ]


def _above(name: str) -> list[str]:
    classes = shipped_ontology().classes
    return [top for top in classes if name in classes and shipped_ontology().is_a(name, top)]


def _describe(nodes: Nodes, iri: str) -> str:
    """A few words that tell an entity from its namesakes: its class and some of what is said of it."""
    node = nodes.describe(iri)
    said = sorted(
        {
            nodes.describe(q.object.value).label
            for q in nodes.reader.quads(iri)
            if q.predicate.value.startswith(KG)
            and isinstance(q.object, ox.NamedNode)
            and not q.object.value.startswith(KG)
            and q.predicate.value != KG + "canonical"
        }
    )
    return "; ".join([node.subkind or node.kind or "", *said[:3]]).strip("; ")


def extend(reader: StoreReader, asked: object) -> Json:
    """Values of properties of entities: ``{"meta": …, "rows": …}``. Raises `QueryError` for what is not understood."""
    if not isinstance(asked, dict):
        raise QueryError("extend: want a JSON object with ids and properties")
    ids, properties = asked.get("ids"), asked.get("properties")
    if (
        not isinstance(ids, list)
        or len(ids) > MOST_IDS
        or not isinstance(properties, list)
        or not all(isinstance(i, str) for i in ids)
        or not all(isinstance(p, dict) and isinstance(p.get("id"), str) for p in properties)
    ):
        raise QueryError(f"extend: want ids (at most {MOST_IDS} strings) and properties (objects with id)")
    nodes = Nodes(reader)
    predicates = {str(p["id"]): relation_iri(reader, str(p["id"])) for p in properties}
    rows = {}
    for one in ids:
        try:
            iri: str | None = resolve_entity(reader, one)
        except KgError:
            iri = None  # another service's identifier, or one that is gone: it has no values
        rows[one] = {
            key: [] if iri is None else _values(nodes, iri, predicate)
            for key, predicate in predicates.items()
        }
    return {"meta": [_property(key, iri) for key, iri in predicates.items()], "rows": rows}


def _values(nodes: Nodes, iri: str, predicate: str) -> list[Json]:
    found: list[Json] = []
    for term in sorted((q.object for q in nodes.reader.quads(iri, predicate)), key=str):
        if isinstance(term, ox.NamedNode):
            found.append({"id": term.value, "name": nodes.describe(term.value).label})
        elif isinstance(term, ox.Literal):
            found.append(_value(term))
    return found


def _value(literal: ox.Literal) -> Json:
    kind, text = literal.datatype.value, literal.value
    number = _NUMBERS.get(kind)
    try:
        if number is not None:
            return {"int" if number is int else "float": number(text)}
    except ValueError:
        return {"str": text}
    if kind == XSD + "date" and len(text) == 10:
        return {"date": f"{text}T00:00:00Z"}
    return {"str": text}


def _property(key: str, iri: str) -> Json:
    term = shipped_ontology().relations.get(local_name(iri)) if iri.startswith(KG) else None
    described: Json = {"id": key, "name": term.label if term is not None else local_name(iri)}
    classes = sorted(term.range & set(shipped_ontology().classes)) if term is not None else []
    if len(classes) == 1:
        described["type"] = {"id": KG + classes[0], "name": shipped_ontology().classes[classes[0]].label}
    return described


def propose(reader: StoreReader, type: str | None, limit: int | None) -> Json:
    """The relations that entities of a class may have: ``{"properties": …}``."""
    name = class_name(reader, type) if type else None
    found = [
        {"id": KG + term.name, "name": term.label}
        for term in _relations()
        if name is None or any(_is_a(name, d) or _is_a(d, name) for d in term.domain)
    ]
    answer: Json = {"properties": found[:limit]}
    if type:
        answer["type"] = type
    if limit is not None:
        answer["limit"] = limit
    return answer


def _relations() -> list[RelationTerm]:
    relations = shipped_ontology().relations
    return [relations[name] for name in sorted(relations)]


def suggest_entities(reader: StoreReader, prefix: str, cursor: int) -> list[Json]:
    """Entities whose names, or whose IRI, begin so."""
    nodes = Nodes(reader)
    named = _find_iri(reader, prefix)
    found: dict[str, None] = {} if named is None else {named: None}
    for hit in reader.search(prefix, limit=cursor + _SUGGESTED):
        found[follow_canonical(reader, hit.iri)] = None
    return [
        {
            "id": iri,
            "name": nodes.describe(iri).label,
            "description": _describe(nodes, iri),
            "notable": types_of(reader, iri),
        }
        for iri in list(found)[cursor : cursor + _SUGGESTED]
    ]


def suggest_types(prefix: str, cursor: int) -> list[Json]:
    """Classes whose name or IRI begins so."""
    classes = shipped_ontology().classes
    found: list[Json] = [
        {"id": KG + name, "name": classes[name].label, "description": classes[name].help}
        for name in known_types()
        if _begins(prefix, KG + name, classes[name].label)
    ]
    return found[cursor : cursor + _SUGGESTED]


def suggest_properties(prefix: str, cursor: int) -> list[Json]:
    """Relations whose name or IRI begins so."""
    found: list[Json] = [
        {"id": KG + term.name, "name": term.label, "description": term.help}
        for term in _relations()
        if _begins(prefix, KG + term.name, term.label)
    ]
    return found[cursor : cursor + _SUGGESTED]


def _begins(prefix: str, iri: str, label: str) -> bool:
    wanted = folded(prefix)
    bare = folded(local_name(iri))
    return (
        bare.startswith(wanted)
        or folded(iri).startswith(wanted)
        or any(" ".join(words(label)[i:]).startswith(wanted) for i in range(len(words(label)) or 1))
    )
