"""Whether a statement fits the vocabulary: domain, range, and ends of one class."""

from __future__ import annotations

from collections.abc import Iterable

from kg.catalog.ontology import Ontology
from kg.model import Literal, Mention, Statement


def find_misfit(ontology: Ontology, statement: Statement) -> str | None:
    """Why `statement` does not fit the relation's domain or range, or None if it does."""
    name, subject, found = statement.predicate, statement.subject, statement.object
    relation = ontology.relations[name]
    if relation.domain and not any(_fits(ontology, subject, c) for c in relation.domain):
        return _misfit(name, subject, relation.domain)
    if isinstance(found, Literal) and "Date" not in relation.range:
        return f"{name}: {found.value!r} is a Date, want {' or '.join(sorted(relation.range))}"
    if not isinstance(found, Mention):
        return None
    if relation.range and not any(_fits(ontology, found, c) for c in relation.range):
        return _misfit(name, found, relation.range)
    if relation.alike and found.kind != subject.kind:
        return f"{name}: a {subject.kind} and a {found.kind}; want two of one class"
    if found.place == subject.place or (found.value is not None and found.value == subject.value):
        return f"{name}: both ends are {found.text!r}"
    return None


def _fits(ontology: Ontology, mention: Mention, wanted: str) -> bool:
    own = {mention.kind, mention.subkind or mention.kind} & ontology.classes.keys()
    return any(ontology.is_a(name, wanted) for name in own)


def _misfit(predicate: str, found: Mention, wanted: Iterable[str]) -> str:
    return f"{predicate}: {found.text!r} is a {found.kind}, want {' or '.join(sorted(wanted))}"
