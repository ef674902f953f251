"""Options that several commands have, and how a store is opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from kg.graph.store import StoreReader

Store = Annotated[
    str,
    typer.Option(
        "--store",
        envvar="KG_STORE",
        metavar="DIR|URL",
        help="The store: a folder, or the address of a SPARQL endpoint.",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="JSON, as in a pipe.")]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        help="Answer from what was published by this day (YYYY-MM-DD; of a month or year, its last day).",
        show_default=False,
    ),
]
Limit = Annotated[int, typer.Option("--limit", min=1, help="Rows at most.")]


@contextmanager
def reading(store: str, as_of: str | None = None) -> Iterator[StoreReader]:
    """A reader of the store, as it stood on the day `as_of`, closed at the end.

    Raises `StoreMissing` if there is none, `QueryError` for what is no day.
    """
    from kg.graph.places import find_place, open_reader

    reader = open_reader(find_place(store))
    try:
        if as_of is None:
            yield reader
            return
        from kg.query.as_of import open_day, read_day

        past = open_day(reader, read_day(as_of))
        try:
            yield past
        finally:
            past.close()
    finally:
        reader.close()
