"""Queries on an Oxigraph store: what is refused, and errors in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pyoxigraph as ox

from kg.errors import QueryError, QuerySyntaxError

# SERVICE (SILENT)? VarOrIri GroupGraphPattern (SPARQL 1.1, production 59), with white space and comments
# between. It is looked for in the raw text, inside of strings and comments too: telling those apart needs the
# grammar ("<" is an operator or begins an IRI), and a keyword that is missed would let a query reach other
# hosts.
_GAP = r"(?:\s++|#[^\n\r]*+)*+"
_SERVICE = re.compile(
    rf"service{_GAP}(?:silent{_GAP})?(?:[?$<][^\s{{]*|[^\s{{:]*:[^\s{{]*){_GAP}\{{", re.IGNORECASE
)
# The end of a variable or of a prefixed name whose local part goes on with the word: not the keyword.
_IN_A_NAME = re.compile(r"(?:[?$][A-Za-z0-9_]*|[A-Za-z0-9_]:[A-Za-z_]*)\Z")
_POSITION = re.compile(r"error at (\d+):(\d+): ?(.*)", re.DOTALL)
_LONGEST_MESSAGE = 200


def calls_service(sparql: str) -> bool:
    """Whether the query may call another endpoint; true for a SERVICE clause in a string or comment too.

    >>> calls_service("SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }")
    True
    >>> calls_service("SELECT ?service { ?service a kg:Service }")
    False
    """
    return any(
        not _IN_A_NAME.search(sparql, max(0, found.start() - 200), found.start())
        for found in _SERVICE.finditer(sparql)
    )


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
        raise _syntax_error(str(error)) from None
    except (ValueError, OSError, RuntimeError) as error:
        raise QueryError(f"the query cannot be run: {error}") from None


def _syntax_error(message: str) -> QuerySyntaxError:
    found = _POSITION.match(message)
    if found is None:
        return QuerySyntaxError(f"not a SPARQL 1.1 query: {_shorten(message)}")
    line, column = int(found[1]), int(found[2])
    return QuerySyntaxError(
        f"not a SPARQL 1.1 query: line {line}, column {column}: {_shorten(found[3])}", line, column
    )


def _shorten(message: str) -> str:
    single = " ".join(message.split())
    return single if len(single) <= _LONGEST_MESSAGE else single[:_LONGEST_MESSAGE].rstrip() + " …"
