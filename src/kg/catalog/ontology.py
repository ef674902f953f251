"""The vocabulary as the code sees it: classes, relations, statuses."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pyoxigraph as ox

from kg.catalog.sources import name_of
from kg.errors import CatalogError
from kg.model import EDTF_DATATYPE
from kg.terms import KG, KIND_SEGMENTS, OWL, RDF, RDFS, XSD, fold

_SCHEMA = "https://schema.org/"
_SINGLE = {"subject", "object"}


@dataclass(frozen=True, slots=True)
class ClassTerm:
    """A class of things: local name, label, what it means, direct superclasses in the vocabulary."""

    name: str
    label: str
    help: str
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RelationTerm:
    """A relation that claims may state.

    `domain` and `range` are class names, any one of which is right (subclasses too); a range of ``Date`` is
    an EDTF literal, ``Text`` a string, ``Status`` one of the statuses. `single` says that there is one value
    at a time per ``subject``, or one subject at a time per ``object``; None if there may be several; `several` is what
    in the name of an object says so (folded). `alike` says that both ends are of one top class.
    """

    name: str
    label: str
    help: str
    domain: frozenset[str]
    range: frozenset[str]
    single: str | None
    symmetric: bool
    alike: bool
    several: re.Pattern[str] | None = None

    def may_be_shared(self, name: str) -> bool:
        """Whether the object called `name` may have several subjects at a time in spite of `single`."""
        return self.several is not None and self.several.search(fold(name)) is not None


class Ontology:
    """Classes, relations and statuses by local name; `turtle` is the file they come from."""

    def __init__(
        self,
        classes: Mapping[str, ClassTerm],
        relations: Mapping[str, RelationTerm],
        statuses: frozenset[str],
        turtle: bytes,
    ) -> None:
        self.classes = classes
        self.relations = relations
        self.statuses = statuses
        self.turtle = turtle
        self._ancestors = {name: self._walk(name) for name in classes}

    def _walk(self, name: str) -> frozenset[str]:
        seen = {name}
        todo = [name]
        while todo:
            for parent in self.classes[todo.pop()].parents:
                if parent not in seen:
                    seen.add(parent)
                    todo.append(parent)
        return frozenset(seen)

    def is_a(self, name: str, ancestor: str) -> bool:
        """Whether the class `name` is `ancestor` or below it; False for an unknown class."""
        return ancestor in self._ancestors.get(name, frozenset())

    def top(self, name: str) -> str:
        """The top class of `name`: ``"MilitaryBase"`` → ``"Facility"``, a top class is its own.

        Raises `CatalogError` if `name` is no class of things.
        """
        for ancestor in self._ancestors.get(name, frozenset()):
            if ancestor in KIND_SEGMENTS:
                return ancestor
        raise CatalogError(f"no class of things {name!r}; top classes are {', '.join(KIND_SEGMENTS)}")

    def allows(self, classes: Iterable[str], allowed: frozenset[str]) -> bool:
        """Whether one of `classes` is one of `allowed` or below it (for a relation's domain or range)."""
        return any(self.is_a(name, ancestor) for name in classes for ancestor in allowed)


def load_ontology(path: Path, root: Path) -> Ontology:
    """The vocabulary in a Turtle file. Raises `CatalogError` with file and term."""
    file = name_of(path, root)
    try:
        turtle = path.read_bytes()
        quads = list(ox.parse(turtle, ox.RdfFormat.TURTLE))
    except (OSError, SyntaxError) as error:
        raise CatalogError(f"{file}: not Turtle: {error}") from None
    about: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for quad in quads:
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(KG):
            value = quad.object.value if isinstance(quad.object, ox.NamedNode | ox.Literal) else ""
            about[quad.subject.value.removeprefix(KG)][quad.predicate.value].append(value)
    classes = {n: _class(file, n, p) for n, p in sorted(about.items()) if f"{OWL}Class" in p[f"{RDF}type"]}
    for term in classes.values():
        for parent in term.parents:
            if parent not in classes:
                raise CatalogError(f"{file}: kg:{term.name}: superclass kg:{parent} is not declared")
    relations = {
        n: _relation(file, n, p, classes)
        for n, p in sorted(about.items())
        if f"{KG}Relation" in p[f"{RDF}type"]
    }
    statuses = frozenset(n for n, p in about.items() if f"{KG}Status" in p[f"{RDF}type"])
    missing = [top for top in KIND_SEGMENTS if top not in classes]
    if missing or not statuses:
        raise CatalogError(f"{file}: not declared: {', '.join(missing) or 'any kg:Status'}")
    return Ontology(MappingProxyType(classes), MappingProxyType(relations), statuses, turtle)


def _one(file: str, name: str, properties: Mapping[str, list[str]], iri: str, what: str) -> str:
    values = properties.get(iri, [])
    if len(values) != 1:
        raise CatalogError(f"{file}: kg:{name}: want one {what}, found {len(values)}")
    return values[0]


def _class(file: str, name: str, properties: Mapping[str, list[str]]) -> ClassTerm:
    parents = (iri.removeprefix(KG) for iri in properties.get(f"{RDFS}subClassOf", ()) if iri.startswith(KG))
    return ClassTerm(
        name,
        _one(file, name, properties, f"{RDFS}label", "rdfs:label"),
        _one(file, name, properties, f"{RDFS}comment", "rdfs:comment"),
        tuple(sorted(parents)),
    )


def _relation(
    file: str, name: str, properties: Mapping[str, list[str]], classes: Mapping[str, ClassTerm]
) -> RelationTerm:
    ends = []
    for end in ("domain", "range"):
        strict, loose = properties.get(f"{RDFS}{end}", []), properties.get(f"{_SCHEMA}{end}Includes", [])
        if len(strict) + bool(loose) != 1:
            raise CatalogError(f"{file}: kg:{name}: want one rdfs:{end}, or schema:{end}Includes, not both")
        ends.append(frozenset(_end(file, name, iri, classes) for iri in strict + loose))
    single = properties.get(f"{KG}single", [])
    if len(single) > 1 or not set(single) <= _SINGLE:
        raise CatalogError(f"{file}: kg:{name}: kg:single {single}: allowed: 'subject' or 'object', once")
    return RelationTerm(
        name,
        _one(file, name, properties, f"{RDFS}label", "rdfs:label"),
        _one(file, name, properties, f"{RDFS}comment", "rdfs:comment"),
        ends[0],
        ends[1],
        single[0] if single else None,
        f"{OWL}SymmetricProperty" in properties[f"{RDF}type"],
        bool(properties.get(f"{KG}alike")),
        _several(file, name, properties.get(f"{KG}several", [])),
    )


def _several(file: str, name: str, found: list[str]) -> re.Pattern[str] | None:
    if not found:
        return None
    try:
        return re.compile(found[0] if len(found) == 1 else "(")
    except re.error as error:
        raise CatalogError(
            f"{file}: kg:{name}: kg:several {found}: want one regular expression ({error})"
        ) from None


def _end(file: str, name: str, iri: str, classes: Mapping[str, ClassTerm]) -> str:
    if iri == EDTF_DATATYPE:
        return "Date"
    if iri == f"{XSD}string":
        return "Text"
    local = iri.removeprefix(KG)
    if not iri.startswith(KG) or local not in classes:
        raise CatalogError(f"{file}: kg:{name}: domain or range <{iri}> is not a declared class")
    return local
