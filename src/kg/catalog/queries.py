"""Saved queries: SPARQL files whose ``#+`` header says in YAML what they answer and what they take."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import pyoxigraph as ox
from pydantic import BaseModel, ConfigDict, Field

from kg.catalog.sources import name_of, parse_model, parse_yaml, read_text
from kg.errors import CatalogError
from kg.terms import prefixes

ParameterType = Literal[
    "iri",
    "entity",
    "document",
    "class",
    "relation",
    "date",
    "edtf",
    "string",
    "integer",
    "decimal",
    "boolean",
]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a saved query: the SPARQL variable of that name is bound to its value.

    `type` is ``iri``, ``entity`` (an IRI, CURIE or name), ``document`` (an IRI or identifier), ``class``,
    ``relation``, ``date`` (xsd:date), ``edtf``, ``string``, ``integer``, ``decimal`` or ``boolean``. Values are
    given as text. A parameter that is not required and has no default leaves its variable free. `also` are other names
    under which it may be given.
    """

    name: str
    type: ParameterType
    example: str
    required: bool
    default: str | None
    help: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class SavedQuery:
    """A question with a name; `sparql` begins with the prefixes it uses.

    `graph`: whether it is answered with triples (CONSTRUCT, DESCRIBE) and not with a table.
    """

    name: str
    summary: str
    parameters: tuple[Parameter, ...]
    returns: str
    sparql: str
    graph: bool = False


class _Parameter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    type: ParameterType
    example: str | int | float
    default: str | int | float | None = None
    required: bool = True
    help: str = Field(min_length=1)
    also: list[str] = []


class _Header(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    summary: str = Field(min_length=1)
    returns: str = Field(min_length=1)
    parameters: dict[str, _Parameter] = {}


def load_queries(folder: Path, root: Path) -> Mapping[str, SavedQuery]:
    """The saved queries of all ``*.rq`` files of `folder`, by name (the file's), sorted.

    Raises `CatalogError` for a header or query that is wrong, and for a parameter that the query does not
    use.
    """
    store = ox.Store()
    return MappingProxyType({p.stem: _load(p, root, store) for p in sorted(folder.glob("*.rq"))})


def _load(path: Path, root: Path, store: ox.Store) -> SavedQuery:
    file = name_of(path, root)
    lines = read_text(path, root).splitlines()
    size = next((i for i, line in enumerate(lines) if not line.startswith("#+")), len(lines))
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", path.stem):
        raise CatalogError(f"{file}: want lower-case words joined by hyphens as a name")
    if size == 0:
        raise CatalogError(f"{file}: line 1: want a '#+' header with summary, parameters and returns")
    # A space after "#+" belongs to the mark; blank lines keep YAML's line numbers those of the file.
    header_text = "\n".join(line[2:].removeprefix(" ") for line in lines[:size])
    header = parse_model(_Header, parse_yaml(header_text, file), f"{file}: header")
    body = "\n".join(lines[size:]).strip() + "\n"
    parameters = tuple(_parameter(name, data, body, file) for name, data in header.parameters.items())
    used = [
        f"PREFIX {name}: <{iri}>\n"
        for name, iri in prefixes().items()
        if re.search(rf"(?<![\w:]){name}:", body)
    ]
    sparql = "".join(used) + body
    try:
        graph = isinstance(store.query(sparql), ox.QueryTriples)
    except SyntaxError as error:
        raise CatalogError(f"{file}: not SPARQL: {error}") from None
    return SavedQuery(path.stem, header.summary, parameters, header.returns, sparql, graph)


def _parameter(name: str, data: _Parameter, body: str, file: str) -> Parameter:
    if not re.search(rf"[?$]{re.escape(name)}\b", body):
        raise CatalogError(f"{file}: header: parameters.{name}: the query has no variable ?{name}")
    default = None if data.default is None else _text(data.default)
    for key, value in (("example", _text(data.example)), ("default", default)):
        if value is not None and not _fits(data.type, value):
            raise CatalogError(
                f"{file}: header: parameters.{name}.{key}: {value!r} is not of type {data.type}"
            )
    return Parameter(
        name,
        data.type,
        _text(data.example),
        data.required and default is None,
        default,
        data.help,
        tuple(data.also),
    )


def _text(value: str | int | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fits(kind: ParameterType, value: str) -> bool:
    try:
        if kind == "integer":
            int(value)
        elif kind == "decimal":
            Decimal(value)
        elif kind == "boolean":
            return value in ("true", "false")
        elif kind == "date":
            date.fromisoformat(value)
    except (ValueError, InvalidOperation):
        return False
    return bool(value)
