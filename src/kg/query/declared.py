"""What questions need of the catalog: the vocabulary and the saved queries, no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from kg.catalog.catalog import find_root
from kg.catalog.ontology import Ontology, load_ontology
from kg.catalog.queries import SavedQuery, load_queries


class Declarations(Protocol):
    """The part of a catalog that questions need; a whole `kg.catalog.Catalog` is one."""

    @property
    def ontology(self) -> Ontology:
        """Classes and relations."""

    @property
    def queries(self) -> Mapping[str, SavedQuery]:
        """The saved queries by name."""


@dataclass(frozen=True)
class Shipped:
    """What comes with the package."""

    ontology: Ontology
    queries: Mapping[str, SavedQuery]


@lru_cache(maxsize=1)
def shipped() -> Shipped:
    """The vocabulary and the saved queries that come with the package, loaded once per process.

    Raises `CatalogError` for anything declared that is wrong.
    """
    root = find_root()
    return Shipped(shipped_ontology(), load_queries(root / "queries", root))


@lru_cache(maxsize=1)
def shipped_ontology() -> Ontology:
    """The vocabulary that comes with the package, loaded once per process."""
    root = find_root()
    return load_ontology(root / "ontology" / "kg.ttl", root)
