"""Saved questions as functions with signatures and docstrings, and values as SPARQL terms."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, cast

import pyoxigraph as ox

from kg.errors import QueryError, UnknownQuery
from kg.notebook.backend import Asked, Parameter
from kg.notebook.listing import Listing
from kg.notebook.terms import read_cells
from kg.notebook.values import Cell, Iri, Named
from kg.query import binding
from kg.query.nodes import check_iri
from kg.terms import XSD

if TYPE_CHECKING:
    from kg.notebook.client import Graph
    from kg.notebook.frames import Frame

_KINDS: Mapping[type, str] = {bool: "boolean", int: "integer", float: "double", Decimal: "decimal"}


class Questions(Mapping[str, "Question"]):
    """The saved questions by name; each is a function, also under its name with underscores.

    >>> g.queries.office_holders(body="Norland")["name"].to_list()
    ['Marta Lindqvist']
    >>> "office_holders" in dir(g.queries)
    True
    >>> g.queries["office-holders"].parameters[0].name
    'body'
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    @cached_property
    def _known(self) -> dict[str, Question]:
        asked = self._graph.backend.questions()
        return {name: Question(self._graph, one) for name, one in asked.items()}

    def __getitem__(self, name: str) -> Question:
        found = self._known.get(name) or self._known.get(name.replace("_", "-"))
        if found is None:
            near = get_close_matches(name.replace("_", "-"), self._known, n=3)
            hint = f"near it: {', '.join(near)}" if near else f"there are: {', '.join(self._known)}"
            raise UnknownQuery(f"no saved query {name!r}; {hint}")
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def __getattr__(self, name: str) -> Question:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name]
        except UnknownQuery as error:
            raise AttributeError(str(error)) from None

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(name.replace("-", "_") for name in self._known)})

    def _ipython_key_completions_(self) -> list[str]:
        return list(self._known)

    def __repr__(self) -> str:
        return repr(_Overview(self._known.values()))

    def _repr_html_(self) -> str:
        return _Overview(self._known.values())._repr_html_()


class Question:
    """A saved question; call it with its parameters.

    >>> holders = g.queries.office_holders
    >>> import inspect; str(inspect.signature(holders)).split(" ->")[0]
    "(body: 'Named | Cell')"
    """

    def __init__(self, graph: Graph, asked: Asked) -> None:
        self._graph = graph
        self.asked = asked
        self.__name__ = asked.name.replace("-", "_")
        self.__doc__ = _describe(asked)
        self.__signature__ = _signature(asked)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What it takes."""
        return self.asked.parameters

    @property
    def sparql(self) -> str:
        """Its text.

        >>> "kg:holdsOffice" in g.queries.office_holders.sparql
        True
        """
        return self.asked.sparql

    def __call__(self, *arguments: Named | Cell, **parameters: Named | Cell) -> Frame:
        """The answer as a DataFrame; parameters by their names, or in their order."""
        from kg.notebook.client import make

        names = [p.name for p in self.parameters]
        if len(arguments) > len(names):
            raise QueryError(f"query {self.asked.name} takes {len(names)} parameters: {', '.join(names)}")
        given = {**dict(zip(names, arguments, strict=False)), **parameters}
        values = {name: _as_text(value) for name, value in given.items() if value is not None}
        solutions = self._graph.backend.ask(self.asked.name, values)
        return cast("Frame", make(solutions.columns, read_cells(self._graph.backend, solutions), False))

    def __repr__(self) -> str:
        return f"{self.__name__}{self.__signature__}\n\n{self.__doc__}"


class _Overview(Listing[Question]):
    columns: ClassVar[tuple[str, ...]] = ("name", "asks", "parameters")
    empty: ClassVar[str] = "no saved questions"

    def _row(self, item: Question) -> tuple[Cell, ...]:
        needed = ", ".join(p.name if p.required else f"[{p.name}]" for p in item.parameters)
        return (item.__name__, item.asked.summary, needed)

    def _note(self) -> str:
        return ""

    def __repr__(self) -> str:
        return "\n".join(f"{q.__name__}({self._row(q)[2]})  {q.asked.summary}" for q in self.items)


def _describe(asked: Asked) -> str:
    lines = [asked.summary, "", asked.returns]
    if asked.parameters:
        lines += ["", "Parameters:"]
    for p in asked.parameters:
        optional = "" if p.required else f", default {p.default}" if p.default is not None else ", optional"
        lines.append(f"    {p.name} ({p.type}{optional}): {p.help} For instance {p.example!r}.")
    return "\n".join(lines)


def _signature(asked: Asked) -> inspect.Signature:
    ordered = sorted(asked.parameters, key=lambda p: not p.required)
    return inspect.Signature(
        [
            inspect.Parameter(
                p.name,
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=inspect.Parameter.empty if p.required else p.default,
                annotation="Named | Cell",
            )
            for p in ordered
        ],
        return_annotation="Frame",
    )


def _as_text(value: Named | Cell) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    iri = getattr(value, "iri", None)
    return str(iri) if iri is not None else str(value)


def bind(query: str, values: Mapping[str, Named | Cell]) -> str:
    """`query` with variables replaced by terms: an `Iri` or what has one, a date, a number, a truth value, text.

    >>> bind("SELECT ?x { ?x kg:date ?day }", {"day": "2025-03-30"})
    'SELECT ?x { ?x kg:date "2025-03-30" }'
    """
    if not values:
        return query
    used = set(binding.variables(query))
    unknown = [name for name in values if name not in used]
    if unknown:
        raise QueryError(
            f"the query has no variable ?{unknown[0]}; it has: {', '.join(sorted(used)) or 'none'}"
        )
    return binding.bind(query, {name: as_term(value) for name, value in values.items()})


def as_term(value: Named | Cell) -> ox.NamedNode | ox.Literal:
    """A Python value as an RDF term."""
    iri = getattr(value, "iri", None)
    if isinstance(value, Iri) or isinstance(iri, str):
        return ox.NamedNode(check_iri(str(value) if isinstance(value, Iri) else str(iri)))
    if isinstance(value, str):
        return ox.Literal(value)
    for kind, name in _KINDS.items():
        if isinstance(value, kind):
            return ox.Literal(_as_text(value), datatype=ox.NamedNode(XSD + name))
    if isinstance(value, datetime):
        return ox.Literal(value.isoformat(), datatype=ox.NamedNode(XSD + "dateTime"))
    if isinstance(value, date):
        return ox.Literal(value.isoformat(), datatype=ox.NamedNode(XSD + "date"))
    raise QueryError(f"{value!r} is no value for SPARQL: want an entity, an Iri, text, a number, a date")
