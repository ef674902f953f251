"""Declared tables of names: places, bases, forces, organizations, companies, agreements, equipment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kg.catalog.entries import NAMED_WEIGHT, GazetteerEntry
from kg.catalog.ontology import Ontology
from kg.catalog.sources import name_of, read_table
from kg.errors import CatalogError
from kg.terms import KIND_SEGMENTS, slug

COLUMNS = ("name", "kind", "country", "aliases", "part_of", "adjectives", "key", "ambiguous")
_REQUIRED = ("name", "kind")


def load_named(
    folder: Path, root: Path, ontology: Ontology, known: Mapping[str, GazetteerEntry], but: frozenset[str]
) -> dict[str, GazetteerEntry]:
    """Entries of all ``*.csv`` files of `folder` except those named in `but`, by key, in declared order.

    `kind` is a class of the vocabulary, `country` an ISO 3166-1 code, `aliases` and `adjectives` are
    separated by ``|``, `part_of` is a key; a key is ``<segment>/<slug of the name>`` unless the row gives
    another last step. `known` are the entries that rows may refer to. Raises `CatalogError` for an unknown
    column, kind, country or part_of, for a key given twice, and for one name twice in a file.
    """
    entries: dict[str, GazetteerEntry] = {}
    places: dict[str, str] = {}
    for path in sorted(folder.glob("*.csv")):
        if path.name in but:
            continue
        names: dict[str, str] = {}
        for where, row in read_table(path, root, COLUMNS, _REQUIRED):
            entry = _entry(row, where, ontology, known)
            if entry.key in entries or entry.key in known:
                first = places.get(entry.key, "the data packages")
                raise CatalogError(f"{where}: key {entry.key!r} is already given in {first}")
            for name in (entry.name, *entry.aliases):
                if name in names:
                    raise CatalogError(
                        f"{where}: name {name!r} is also in {names[name]} of {name_of(path, root)}"
                    )
                names[name] = where.rpartition(": ")[2]
            entries[entry.key] = entry
            places[entry.key] = where
    for key, entry in entries.items():
        if entry.part_of and entry.part_of not in entries and entry.part_of not in known:
            raise CatalogError(f"{places[key]}: part_of {entry.part_of!r}: no entry has this key")
    return entries


def _entry(
    row: Mapping[str, str], where: str, ontology: Ontology, known: Mapping[str, GazetteerEntry]
) -> GazetteerEntry:
    name, kind, country = row["name"], row["kind"], row["country"].lower()
    if not name:
        raise CatalogError(f"{where}: name is empty")
    if kind not in ontology.classes:
        raise CatalogError(f"{where}: kind {kind!r} is not a declared class")
    top = ontology.top(kind)
    if country and f"place/{country}" not in known:
        raise CatalogError(f"{where}: country {country!r} is not an ISO 3166-1 alpha-2 code")
    if row["ambiguous"] not in ("", "yes"):
        raise CatalogError(f"{where}: ambiguous {row['ambiguous']!r}: allowed: yes, or empty")
    local = row["key"] or slug(name)
    if local != slug(local):
        raise CatalogError(
            f"{where}: key {local!r}: want lower-case words joined by hyphens, such as {slug(local)!r}"
        )
    return GazetteerEntry(
        key=f"{KIND_SEGMENTS[top]}/{local}",
        kind=top,
        subkind=kind if kind != top else None,
        name=name,
        aliases=tuple(part.strip() for part in row["aliases"].split("|") if part.strip()),
        adjectives=tuple(part.strip() for part in row["adjectives"].split("|") if part.strip()),
        country=country or None,
        part_of=row["part_of"] or None,
        ambiguous=row["ambiguous"] == "yes",
        weight=NAMED_WEIGHT,
    )
