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
Limit = Annotated[int, typer.Option("--limit", min=1, help="Rows at most.")]


def store_path(store: str) -> Path:
    """The folder that ``--store`` names. Raises `KgError` for a URL."""
    if store.startswith(("http://", "https://")):
        raise KgError(f"--store {store}: a remote endpoint as store is not supported yet; give a folder")
    return Path(store)


@contextmanager
def reading(store: str) -> Iterator[StoreReader]:
    """A reader of the store, closed at the end. Raises `StoreMissing` if there is none."""
    from kg.graph import open_reader

    reader = open_reader(store_path(store))
    try:
        yield reader
    finally:
        reader.close()
