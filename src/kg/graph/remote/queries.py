"""Sends a query to an endpoint as if it were one on a store of our own: prefixes, refusals and errors are the same."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pyoxigraph as ox

from kg.graph.remote.endpoint import Answer, Endpoint
from kg.graph.sparql import run
from kg.terms import prefixes as known_prefixes

# A dataset that the query itself names; one in a string only costs the default.
_FROM = re.compile(r"\bFROM\s+(NAMED\s+)?[<\w:]", re.IGNORECASE)


def ask(
    endpoint: Endpoint,
    sparql: str,
    base: str,
    prefixes: Mapping[str, str] | None,
    substitutions: Mapping[str, ox.NamedNode | ox.Literal] | None,
    dataset: tuple[Sequence[str], Sequence[str]],
    graph: str | None,
) -> Answer:
    """The answer of `endpoint`; without a dataset the default graph is `graph`, if there is one.

    Raises as `kg.graph.sparql.run`: what does not parse, and SERVICE, never leave this machine.
    """
    known = dict(known_prefixes(base) if prefixes is None else prefixes)
    default, named = dataset
    form = run(ox.Store(), sparql, known, substitutions or {}, default, named)
    declared = "".join(f"PREFIX {name}: <{iri}> " for name, iri in known.items())
    bound = "".join(f"\nVALUES ?{name} {{ {term} }}" for name, term in (substitutions or {}).items())
    whole = f"{declared}{sparql}{bound}"
    if graph is not None and not default and not named and not _FROM.search(sparql):
        default = [graph]
    if isinstance(form, ox.QueryTriples):
        return endpoint.construct(whole, default, named)
    return endpoint.query(whole, default, named, ask=isinstance(form, ox.QueryBoolean))
