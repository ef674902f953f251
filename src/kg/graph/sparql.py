"""Queries on an Oxigraph store in this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyoxigraph as ox

from kg.engine.text import calls_service as calls_service
from kg.engine.text import syntax_error
from kg.errors import QueryError


def run(
    store: ox.Store,
    sparql: str,
    prefixes: Mapping[str, str],
    substitutions: Mapping[str, ox.NamedNode | ox.Literal],
    default_graph: Sequence[str],
    named_graphs: Sequence[str],
) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    """The answer of `sparql`. Raises `QuerySyntaxError` with line and column, or `QueryError`.

    A variable in `substitutions` must be one that the query selects (SEP-0007, as Oxigraph has it).
    """
    if calls_service(sparql):
        raise QueryError("SERVICE is refused: a query reaches this store and nothing else")
    try:
        return store.query(
            sparql,
            prefixes=dict(prefixes),
            substitutions={ox.Variable(name): term for name, term in substitutions.items()},
            default_graph=[ox.NamedNode(iri) for iri in default_graph] or None,
            named_graphs=[ox.NamedNode(iri) for iri in named_graphs] or None,
        )
    except SyntaxError as error:
        raise syntax_error(str(error)) from None
    except (ValueError, OSError, RuntimeError) as error:
        raise QueryError(f"the query cannot be run: {error}") from None
