"""Puts terms in the place of a query's variables, by tokens (SPARQL 1.1, section 19.8), never by text.

Works on the query alone, so that every engine answers a saved query alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import pyoxigraph as ox

from kg.errors import QueryError

_TOKEN = re.compile(
    r"""
    (?P<skip>\#[^\n]*|\s+)
  | (?P<text>\"{3}(?:\"{0,2}(?:[^"\\]|\\.))*\"{3}|'{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
      |"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
  | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
  | (?P<variable>[?$]\w+)
  | (?P<word>[^\W\d]\w*(?![\w:.-]*:))
  | (?P<name>[\w.-]*:(?:[\w.:%-]|\\.)*)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


def variables(sparql: str) -> list[str]:
    """The names of the variables in `sparql`, without ``?``, in order of first use."""
    found = (m["variable"] for m in _TOKEN.finditer(sparql) if m["variable"])
    return list(dict.fromkeys(name[1:] for name in found))


def bind(sparql: str, terms: Mapping[str, ox.NamedNode | ox.Literal]) -> str:
    """`sparql` with each variable that `terms` names (without ``?``) replaced by its term.

    In the SELECT clause the variable stays as the name of a column; ``BOUND(?name)`` becomes ``true``. Raises
    `QueryError` if a bound variable is assigned (``AS ?name``) in the query.
    """
    tokens = [(m.lastgroup or "other", m[0]) for m in _TOKEN.finditer(sparql)]
    out: list[str] = []
    clause, depth = "", 0  # the solution modifier or SELECT clause we are in, and its open parentheses
    previous: list[str] = []  # the last two significant tokens
    for kind, text in tokens:
        if kind == "skip":
            out.append(text)
            continue
        word = text.upper() if kind == "word" else text
        if word in ("SELECT", "GROUP", "ORDER"):
            clause, depth = word, 0
        elif word in ("{", "}", "WHERE", "FROM", "HAVING", "LIMIT", "OFFSET", "VALUES"):
            clause = ""
        elif clause and text in ("(", ")"):
            depth += 1 if text == "(" else -1
        name = text[1:] if kind == "variable" else ""
        if name in terms:
            if previous[-1:] == ["AS"]:
                raise QueryError(f"?{name} is a parameter and cannot be assigned in the query")
            term = str(terms[name])
            if previous[-2:] == ["BOUND", "("]:
                out[_last(out, "BOUND") :] = ["(true"]
            elif clause == "SELECT" and depth == 0:
                out.append(f"({term} AS ?{name})")
            else:
                out.append(f"({term})" if clause and depth == 0 else term)
        else:
            out.append(text)
        previous = [*previous[-1:], word]
    return "".join(out)


def _last(out: list[str], word: str) -> int:
    return max(i for i, text in enumerate(out) if text.upper() == word)
