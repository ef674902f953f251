"""Declared tables of names: places, bases, forces, organizations, companies, agreements, equipment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from kg.catalog.entries import NAMED_WEIGHT, GazetteerEntry
from kg.catalog.ontology import Ontology
from kg.catalog.sources import name_of, read_table
from kg.errors import CatalogError
from kg.terms import KIND_SEGMENTS, slug

COLUMNS = (
    "name",
    "kind",
    "country",
    "aliases",
    "part_of",
    "adjectives",
    "key",
    "ambiguous",
    "exact_match",
    "point",
    "population",
)
_REQUIRED = ("name", "kind")
_POINT = re.compile(r"POINT\(-?[0-9.]+ -?[0-9.]+\)\Z")


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
    point, population = row["point"], row["population"]
    if point and not _POINT.match(point):
        raise CatalogError(f"{where}: point {point!r}: want POINT(longitude latitude)")
    if population and not population.isdigit():
        raise CatalogError(f"{where}: population {population!r}: want digits")
    matches = tuple(part.strip() for part in row["exact_match"].split("|") if part.strip())
    for match in matches:
        if not match.startswith(("http://", "https://")) or any(c in match for c in ' <>"{}|\\^`'):
            raise CatalogError(
                f"{where}: exact_match {match!r}: want the IRI of the thing in another dataset"
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
        exact_matches=matches,
        point=point or None,
        population=int(population or "0"),
        ambiguous=row["ambiguous"] == "yes",
        weight=NAMED_WEIGHT,
    )


def load_supplements(
    folder: Path, ontology: Ontology, known: Mapping[str, GazetteerEntry]
) -> dict[str, GazetteerEntry]:
    """Entries of the ``*.csv`` tables of a user's `folder`, by key; a key may be one that there is already.

    `known` are countries. Raises `CatalogError` as `load_named` does, and for a folder that is not there.
    """
    if not folder.is_dir():
        raise CatalogError(f"{folder}: no such folder; the setting gazetteer names a folder of tables")
    entries: dict[str, GazetteerEntry] = {}
    for path in sorted(folder.glob("*.csv")):
        for where, row in read_table(path, folder, COLUMNS, _REQUIRED):
            entry = _entry(row, where, ontology, known)
            entries[entry.key] = supplement(entries[entry.key], entry) if entry.key in entries else entry
    return entries


def supplement(known: GazetteerEntry, other: GazetteerEntry) -> GazetteerEntry:
    """`known` with the names, matches and coordinates that `other` adds."""
    names = dict.fromkeys((*known.aliases, other.name, *other.aliases))
    return known._replace(
        aliases=tuple(n for n in names if n != known.name),
        exact_matches=tuple(dict.fromkeys((*known.exact_matches, *other.exact_matches))),
        point=known.point or other.point,
        population=known.population or other.population,
    )
