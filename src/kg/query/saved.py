"""Runs saved queries: parameters come as text, are checked against their type, and go in as terms."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

import pyoxigraph as ox

from kg.errors import QueryError
from kg.graph.store import StoreReader
from kg.model import EDTF_DATATYPE
from kg.query.binding import bind
from kg.query.documents import get_document
from kg.query.evidence import relation_iri
from kg.query.names import resolve_entity
from kg.query.neighbourhood import class_name
from kg.query.nodes import check_iri
from kg.query.sparql import Answer, run_query
from kg.terms import KG, XSD, as_iri

_NUMBERS: Mapping[str, str] = {
    "integer": r"[+-]?\d+",
    "decimal": r"[+-]?(\d+(\.\d*)?|\.\d+)",
}  # XSD 1.1 part 2, 3.3
_EDTF = re.compile(r"[-0-9XT:Z.?~%/YES\[\]{},+]{1,64}\Z")  # characters of EDTF levels 0 and 1
#: Parameter type → what its values look like.
WANTED: Mapping[str, str] = {
    "entity": "an entity: IRI, CURIE, name or alias",
    "document": "a document: IRI, key or identifier",
    "class": "a class, such as Person",
    "relation": "a relation, such as holdsOffice",
    "iri": "an IRI or CURIE",
    "date": "a day as YYYY-MM-DD",
    "edtf": "an EDTF date such as 2025-03-30, 2025-03 or 2025-03-21/2025-03-31",
    "integer": "a whole number",
    "decimal": "a number",
    "boolean": "true or false",
    "string": "text",
    "text": "text",
}
_BOOLEANS = {"true": "true", "1": "true", "yes": "true", "false": "false", "0": "false", "no": "false"}


class Declared(Protocol):
    """A parameter as a saved query's header declares it."""

    @property
    def name(self) -> str:
        """Name of the variable, without ``?``."""

    @property
    def type(self) -> str:
        """One of the types that `read_term` knows."""

    @property
    def required(self) -> bool:
        """Whether the query makes no sense without it."""

    @property
    def default(self) -> str | None:
        """What it is if nothing is given."""

    @property
    def also(self) -> Sequence[str]:
        """Other names under which it may be given."""

    @property
    def example(self) -> str:
        """A value that works on the seeds."""


class Question(Protocol):
    """A saved query."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def parameters(self) -> Sequence[Declared]:
        """What it can be asked for."""

    @property
    def sparql(self) -> str:
        """The query; each parameter is a variable in it."""


def run_saved(reader: StoreReader, question: Question, values: Mapping[str, str]) -> Answer:
    """The answer of the saved query `question` for the parameters `values` (name → text).

    Raises as `bind_parameters`.
    """
    terms = bind_parameters(reader, question, values)
    return run_query(reader, bind(question.sparql, terms))


def bind_parameters(
    reader: StoreReader, question: Question, values: Mapping[str, str]
) -> dict[str, ox.NamedNode | ox.Literal]:
    """Parameter → term for what was given, and for defaults; an optional parameter without either stays free.

    Raises `QueryError` for an unknown or missing parameter and for a value that its type does not allow, and
    as `resolve_entity` for entities.
    """
    declared = {p.name: p for p in question.parameters}
    called = {also: p.name for p in question.parameters for also in p.also}
    for name in [n for n in values if n in called and n not in declared]:
        if called[name] in values:
            raise QueryError(
                f"query {question.name}: {name!r} is another name of {called[name]!r}; want one of them"
            )
        values = {called.get(n, n): value for n, value in values.items()}
    for name in values:
        if name not in declared:
            allowed = ", ".join(declared) or "none"
            raise QueryError(f"query {question.name} has no parameter {name!r}; it has: {allowed}")
    terms: dict[str, ox.NamedNode | ox.Literal] = {}
    for name, parameter in declared.items():
        text = values.get(name)
        if text is None or not text.strip():
            text = parameter.default
        if text is None or not str(text).strip():
            if parameter.required:
                wanted = f"want {WANTED[str(parameter.type)]}, e.g. {name}={parameter.example}"
                raise QueryError(f"query {question.name} needs the parameter {name!r}: {wanted}")
            continue
        try:
            terms[name] = read_term(reader, name, str(parameter.type), str(text).strip())
        except QueryError as error:
            message = str(error)
            if not message.startswith(f"{name}="):
                error.args = (f"{name}={text.strip()!r} (want {WANTED[str(parameter.type)]}): {message}",)
            raise
    return terms


def read_term(reader: StoreReader, name: str, kind: str, text: str) -> ox.NamedNode | ox.Literal:
    """`text` as a term of the parameter type `kind`.

    Types: entity (IRI, CURIE, name or alias), document (key, IRI or identifier), class, relation, iri, date
    (YYYY-MM-DD), edtf, integer, decimal, boolean, string. Raises `QueryError` that names the parameter.
    """
    if kind == "entity":
        return ox.NamedNode(resolve_entity(reader, text))
    if kind == "document":
        return ox.NamedNode(get_document(reader, text).iri)
    if kind == "class":
        found = class_name(reader, text)
        return ox.NamedNode(found if "://" in found else KG + found)
    if kind == "relation":
        return ox.NamedNode(relation_iri(reader, text))
    if kind == "iri":
        return ox.NamedNode(check_iri(as_iri(text, reader.base) or text))
    if kind in ("string", "text"):
        return ox.Literal(text)
    return _read_literal(name, kind, text)


def _read_literal(name: str, kind: str, text: str) -> ox.Literal:
    if kind == "date":
        try:
            day = date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
        except ValueError:
            day = None
        if day is None:
            raise QueryError(f"{name}={text!r}: want {WANTED[kind]}")
        return ox.Literal(text, datatype=ox.NamedNode(XSD + "date"))
    if kind in _NUMBERS:
        if not re.fullmatch(_NUMBERS[kind], text, re.ASCII):
            raise QueryError(f"{name}={text!r}: want {WANTED[kind]}")
        return ox.Literal(text, datatype=ox.NamedNode(XSD + kind))
    if kind == "boolean":
        if text.lower() not in _BOOLEANS:
            raise QueryError(f"{name}={text!r}: want {WANTED[kind]}")
        return ox.Literal(_BOOLEANS[text.lower()], datatype=ox.NamedNode(XSD + "boolean"))
    if kind == "edtf":
        if not _EDTF.match(text):
            raise QueryError(f"{name}={text!r}: want {WANTED[kind]}")
        return ox.Literal(text, datatype=ox.NamedNode(EDTF_DATATYPE))
    raise QueryError(f"parameter {name!r} has the unknown type {kind!r}")
