"""What IPython and Jupyter get by ``%load_ext kg``: the cell magic ``%%sparql``."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from typing import Any, NoReturn

from kg.errors import KgError, QueryError
from kg.notebook.client import Graph, newest

_HELP = "%%sparql [GRAPH] [--to NAME] [--bind VARIABLE=EXPRESSION]... [--polars] [--timeout SECONDS]"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise QueryError(f"%%sparql: {message}; want {_HELP}")


def load_ipython_extension(shell: Any) -> None:
    """Register the magic with an IPython shell; called by ``%load_ext kg``."""

    def sparql(line: str, cell: str | None = None) -> object:
        """The answer of the cell's SPARQL query as a DataFrame."""
        return run_cell(shell, line, cell)

    shell.register_magic_function(sparql, "line_cell", "sparql")


def run_cell(shell: Any, line: str, cell: str | None) -> object:
    """The answer of a cell: of the graph that is named, else of the one opened last.

    `--to` keeps it in a variable, and shows nothing; `--bind` gives variables of the query the values of expressions.
    """
    if cell is None:
        raise QueryError(f"%%sparql goes over a cell, with the query below it: {_HELP}")
    asked = _read_line(line)
    known: dict[str, Any] = shell.user_ns
    graph = known.get(asked.graph) if asked.graph else newest()
    if not isinstance(graph, Graph):
        named = f"{asked.graph!r} is not a graph" if asked.graph else "no graph is open"
        raise KgError(
            f'%%sparql: {named}; make one first: graph = kg.open("store/"), or kg.connect("http://…")'
        )
    bindings: dict[str, Any] = {}
    for one in asked.bind:
        name, sign, expression = one.partition("=")
        if not sign or not name.isidentifier():
            raise QueryError(f"%%sparql: --bind {one}: want VARIABLE=EXPRESSION")
        try:
            bindings[name] = shell.ev(expression)
        except Exception as error:
            raise QueryError(
                f"%%sparql: --bind {one}: {type(error).__name__}: {error} (quote what has quotes or spaces)"
            ) from None
    if asked.polars:
        found: object = graph.sparql(cell, timeout=asked.timeout, polars=True, **bindings)
    else:
        found = graph.sparql(cell, timeout=asked.timeout, polars=False, **bindings)
    if asked.to:
        known[asked.to] = found
        return None
    return found


def _read_line(line: str) -> argparse.Namespace:
    parser = _Parser(prog="%%sparql", add_help=False, usage=_HELP)
    parser.add_argument("graph", nargs="?")
    parser.add_argument("--to")
    parser.add_argument("--bind", action="append", default=[])
    parser.add_argument("--polars", action="store_true")
    parser.add_argument("--timeout", type=float)
    words: Sequence[str]
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise QueryError(f"%%sparql: {error}; want {_HELP}") from None
    return parser.parse_args(words)
