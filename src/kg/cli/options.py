"""Options that several commands have, and how a store is opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from kg.errors import KgError
from kg.graph.store import StoreReader

Store = Annotated[
    str,
    typer.Option("--store", envvar="KG_STORE", metavar="DIR", help="The store's folder.", show_default=False),
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


def store_path(store: str) -> Path:
    """The folder that ``--store`` names. Raises `KgError` for a URL."""
    if store.startswith(("http://", "https://")):
        raise KgError(f"--store {store}: a remote endpoint as store is not supported yet; give a folder")
    return Path(store)


@contextmanager
def reading(store: str, as_of: str | None = None) -> Iterator[StoreReader]:
    """A reader of the store, as it stood on the day `as_of`, closed at the end.

    Raises `StoreMissing` if there is none, `QueryError` for what is no day.
    """
    from kg.graph import open_reader

    reader = open_reader(store_path(store))
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
