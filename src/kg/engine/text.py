"""What the words of a query tell before it is parsed, and what the engine says where it does not parse."""

from __future__ import annotations

import re

from kg.errors import QuerySyntaxError

_UPDATE = re.compile(
    r"(?i)(INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY|WITH)\b"
)  # SPARQL 1.1 Update, 4.1
_PROLOGUE = re.compile(r"(?i)(\s+|#[^\n]*|(BASE\s*|PREFIX\s+[^:\s]*:\s*)<[^>]*>)")


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
# SPARQL 1.1 Query, 17.4: functions that are no functions of their arguments.
_VOLATILE = re.compile(rf"\b(?:now|rand|uuid|struuid|bnode){_GAP}\(", re.IGNORECASE)
_POSITION = re.compile(r"error at (\d+):(\d+): ?(.*)", re.DOTALL)
_LONGEST_MESSAGE = 200


def calls_service(sparql: str) -> bool:
    """Whether the query may call another endpoint; true for a SERVICE clause in a string or comment too.

    >>> calls_service("SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }")
    True
    >>> calls_service("SELECT ?service { ?service a kg:Service }")
    False
    """
    if "service" not in sparql.lower():
        return False
    return any(
        not _IN_A_NAME.search(sparql, max(0, found.start() - 200), found.start())
        for found in _SERVICE.finditer(sparql)
    )


def is_update(sparql: str) -> bool:
    """Whether `sparql` begins, after its prologue and comments, with a keyword of SPARQL Update."""
    at = 0
    while found := _PROLOGUE.match(sparql, at):
        at = found.end()
    return _UPDATE.match(sparql, at) is not None


def is_volatile(sparql: str) -> bool:
    """Whether one snapshot may answer the query differently each time; true for such words in a string too.

    >>> is_volatile("SELECT (NOW() AS ?now) {}"), is_volatile("SELECT ?now { ?s ?p ?now }")
    (True, False)
    """
    return _VOLATILE.search(sparql) is not None


def syntax_error(message: str, what: str = "query") -> QuerySyntaxError:
    """The error that the engine's `message` on a query or an update tells, with line and column where it names them."""
    found = _POSITION.match(message)
    if found is None:
        return QuerySyntaxError(f"not a SPARQL 1.1 {what}: {_shorten(message)}")
    line, column = int(found[1]), int(found[2])
    return QuerySyntaxError(
        f"not a SPARQL 1.1 {what}: line {line}, column {column}: {_shorten(found[3])}", line, column
    )


def _shorten(message: str) -> str:
    single = " ".join(message.split())
    return single if len(single) <= _LONGEST_MESSAGE else single[:_LONGEST_MESSAGE].rstrip() + " …"
