"""A store by what a person writes: a folder, or the address of a SPARQL endpoint."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from kg.catalog.ontology import Ontology
from kg.errors import StoreMissing
from kg.graph import local
from kg.graph.local import LocalReader
from kg.graph.store import StoreReader
from kg.graph.writing import LocalWriter
from kg.settings import Settings

#: A folder, or an address that begins with ``http://`` or ``https://``.
Place: TypeAlias = Path | str


def is_address(place: Place) -> bool:
    """Whether `place` is the address of an endpoint, and not a folder."""
    return isinstance(place, str) and place.startswith(("http://", "https://"))


def find_place(store: str) -> Place:
    """What `store` says: an address as it is, or a folder."""
    return store if is_address(store) else Path(store)


def open_reader(place: Place, settings: Settings | None = None) -> StoreReader:
    """A reader of the store at `place`; of an endpoint that kg never built into, one of what is there.

    Raises `StoreMissing` or another `StoreError`.
    """
    if not is_address(place):
        return local.open_reader(place)
    from kg.graph import remote

    assert isinstance(place, str)
    try:
        return remote.open_remote_reader(place, settings)
    except StoreMissing:
        return remote.open_foreign_reader(place, settings)


def open_writer(
    place: Place, settings: Settings | None = None, ontology: Ontology | None = None
) -> LocalWriter:
    """The one writer to the store at `place`, which is made if there is none. Raises `StoreBusy`, `StoreError`."""
    if not is_address(place):
        return local.open_writer(place, settings, ontology)
    from kg.graph import remote

    assert isinstance(place, str)
    return remote.open_remote_writer(place, settings, ontology)


def open_built(place: Place, settings: Settings | None = None) -> LocalReader:
    """As `open_reader`; raises `StoreMissing` for an endpoint that kg never built into."""
    if not is_address(place):
        return local.open_reader(place)
    from kg.graph import remote

    assert isinstance(place, str)
    return remote.open_remote_reader(place, settings)


def read_generation(address: str, settings: Settings | None = None) -> str:
    """The generation that `open_reader` would open now. Raises `StoreError`."""
    from kg.graph import remote

    return remote.read_generation(address, settings)
