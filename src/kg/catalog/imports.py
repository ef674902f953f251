"""Names from other gazetteers: rows of GeoNames and Wikidata extracts, as tables that the gazetteer reads.

GeoNames: the columns of ``allCountries.txt``, ``cities500.txt`` and of files by country (tab-separated, no header).
Wikidata: entities as JSON (one on each line, or a list), or a query's result as CSV with a header.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kg.catalog.catalog import Catalog
from kg.catalog.named import COLUMNS
from kg.errors import CatalogError
from kg.terms import GEONAMES, KIND_SEGMENTS, fold, slug

WIKIDATA = "http://www.wikidata.org/entity/"
#: Header of a Wikidata query's result; the first two must be there.
WIKIDATA_COLUMNS = ("item", "itemLabel", "itemAltLabel", "kind", "country", "coord", "geonames", "population")
_GEONAMES_CELLS = 19
_QID = re.compile(r"(?:https?://www\.wikidata\.org/(?:entity|wiki)/)?(Q[1-9]\d*)\Z")
_POINT = re.compile(r"point\(\s*(-?\d+(?:\.\d+)?)\s+(-?\d+(?:\.\d+)?)\s*\)\Z", re.IGNORECASE)
_MOST_ALIASES = 20
_SHORTEST_ALIAS = 4  # letters; shorter ones in GeoNames are codes


@dataclass(slots=True)
class ImportedName:
    """A row on its way in; `kind` is one of our classes."""

    name: str
    kind: str
    country: str = ""
    aliases: tuple[str, ...] = ()
    exact_matches: tuple[str, ...] = ()
    point: str = ""
    population: int = 0


@dataclass(slots=True)
class ImportReport:
    """What an import wrote: rows by class, how many add to what was known, and what was left out, by reason."""

    file: str
    rows: int = 0
    known: int = 0
    by_class: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)


def import_names(
    path: Path, folder: Path, catalog: Catalog, *, kind: str | None = None, min_population: int = 0
) -> ImportReport:
    """Write ``<folder>/<name of the file>.csv`` of what the extract at `path` holds.

    `kind` is the class of rows that do not say theirs; populated places below `min_population` are left out. A row
    that is in the gazetteer already, by its GeoNames identifier or its country's code, adds its names and coordinates
    to that entry. Raises `CatalogError` with file and line for what cannot be read, and for an unknown `kind`.
    """
    if kind is not None and kind not in catalog.ontology.classes:
        raise CatalogError(f"kind {kind!r} is not a declared class")
    if kind is not None:
        catalog.ontology.top(kind)
    report = ImportReport(str(folder / f"{slug(path.stem)}.csv"))
    by_match = {match: e.key for e in catalog.gazetteer.entries.values() for match in e.exact_matches}
    named = {
        (e.country, fold(n)): e.key
        for e in catalog.gazetteer.entries.values()
        if e.subkind == "Prefecture"
        for n in (e.name, *e.aliases)
    }
    taken: set[str] = set()
    lines: list[dict[str, str]] = []
    for where, row in _reader(path)(path, catalog, kind, report.left_out):
        if row.kind == "City" and row.population < min_population:
            report.left_out[f"fewer than {min_population} people"] += 1
            continue
        if row.country and f"place/{row.country}" not in catalog.gazetteer.entries:
            raise CatalogError(f"{where}: country {row.country!r} is not an ISO 3166-1 alpha-2 code")
        key = next((by_match[m] for m in row.exact_matches if m in by_match), "")
        if not key and row.kind == "Country" and row.country:
            key = f"place/{row.country}"
        if not key and row.kind == "Prefecture":
            key = next(
                (named[k] for n in (row.name, *row.aliases) if (k := (row.country, fold(n))) in named), ""
            )
        report.known += bool(key)
        top = catalog.ontology.top(row.kind)
        local = key.partition("/")[2] or _local(row, catalog, top, taken)
        if local in taken:
            report.left_out["given twice"] += 1
            continue
        taken.add(local)
        report.rows += 1
        report.by_class[row.kind] += 1
        lines.append(_line(row, local))
    folder.mkdir(parents=True, exist_ok=True)
    with Path(report.file).open("w", encoding="utf-8", newline="") as out:
        table = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(sorted(lines, key=lambda line: line["key"]))
    return report


def _local(row: ImportedName, catalog: Catalog, top: str, taken: set[str]) -> str:
    """The last part of a new IRI: the name, a place's country, its identifier where that is not enough."""
    local = slug(row.name)
    if top == "Place" and row.country:
        local = f"{local}-{row.country}"
    known = catalog.gazetteer.entries
    if local in taken or f"{KIND_SEGMENTS[top]}/{local}" in known:
        local = f"{local}-{slug(row.exact_matches[0].rstrip('/').rsplit('/', 1)[-1])}"
    return local


def _line(row: ImportedName, local: str) -> dict[str, str]:
    aliases = dict.fromkeys(a for a in row.aliases if a != row.name and "|" not in a)
    return {
        "name": row.name,
        "kind": row.kind,
        "country": row.country,
        "aliases": "|".join(list(aliases)[:_MOST_ALIASES]),
        "key": local,
        "ambiguous": "yes" if row.kind == "City" and row.population < 100_000 else "",
        "exact_match": "|".join(row.exact_matches),
        "point": row.point,
        "population": str(row.population) if row.population else "",
    }


_Rows = Iterator[tuple[str, ImportedName]]
_Read = Callable[[Path, Catalog, str | None, Counter[str]], _Rows]


def _reader(path: Path) -> _Read:
    readers: Mapping[str, _Read] = {
        ".txt": _read_geonames,
        ".tsv": _read_geonames,
        ".csv": _read_wikidata_csv,
        ".json": _read_wikidata_json,
        ".jsonl": _read_wikidata_json,
        ".ndjson": _read_wikidata_json,
    }
    found = readers.get(path.suffix.lower())
    if found is None:
        raise CatalogError(
            f"{path}: unknown ending {path.suffix!r}; want .txt or .tsv (GeoNames), .csv, .json or .jsonl (Wikidata)"
        )
    return found


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    number = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield f"{path}: line {number}", line.rstrip("\r\n")
    except OSError as error:
        raise CatalogError(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise CatalogError(f"{path}: line {number + 1}: not UTF-8 text: {error}") from None


def _read_geonames(path: Path, catalog: Catalog, kind: str | None, left_out: Counter[str]) -> _Rows:
    features = catalog.lexicon.entries("geonames_features")
    for where, line in _lines(path):
        cells = line.split("\t")
        if len(cells) != _GEONAMES_CELLS:
            raise CatalogError(
                f"{where}: {len(cells)} cells; GeoNames has {_GEONAMES_CELLS}, separated by tabs"
            )
        identifier, name, _, others, latitude, longitude, feature, code, country = cells[:9]
        if not identifier.isdigit():
            raise CatalogError(f"{where}: geonameid {identifier!r}: want digits")
        if not name.strip():
            raise CatalogError(f"{where}: name is empty")
        found = features.get(f"{feature}.{code}".lower(), kind)
        if found is None:
            left_out[f"feature {feature}.{code}"] += 1
            continue
        yield (
            where,
            ImportedName(
                name.strip(),
                found,
                country.lower(),
                tuple(a for a in others.split(",") if _is_name(a)),
                (f"{GEONAMES}{identifier}/",),
                _point(longitude, latitude, where),
                _count(cells[14], where),
            ),
        )


def _is_name(alias: str) -> bool:
    return alias.isascii() and len(alias) >= _SHORTEST_ALIAS and alias[0].isupper() and not alias.isupper()


def _point(longitude: str, latitude: str, where: str) -> str:
    try:
        lon, lat = float(longitude), float(latitude)
    except ValueError:
        raise CatalogError(f"{where}: coordinates {latitude!r}, {longitude!r}: want degrees") from None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise CatalogError(
            f"{where}: coordinates {latitude!r}, {longitude!r}: latitude is -90 to 90, longitude -180 to 180"
        )
    return f"POINT({_degrees(lon)} {_degrees(lat)})"


def _degrees(value: float) -> str:
    """`value` with five decimals at most, a metre on the ground."""
    return f"{value:.5f}".rstrip("0").rstrip(".")


def _count(text: str, where: str) -> int:
    if text and not text.isdigit():
        raise CatalogError(f"{where}: population {text!r}: want digits")
    return int(text or "0")


def _read_wikidata_csv(path: Path, catalog: Catalog, kind: str | None, left_out: Counter[str]) -> _Rows:
    reader = csv.reader((line + "\n" for _, line in _lines(path)), strict=True)
    try:
        header = next(reader, [])
        unknown = [name for name in header if name not in WIKIDATA_COLUMNS]
        missing = [name for name in WIKIDATA_COLUMNS[:2] if name not in header]
        if unknown or missing or len(set(header)) != len(header):
            raise CatalogError(
                f"{path}: line 1: header {','.join(header)!r}: unknown {unknown}, missing {missing}; "
                f"allowed: {','.join(WIKIDATA_COLUMNS)}, each once"
            )
        for cells in reader:
            where = f"{path}: line {reader.line_num}"
            if len(cells) != len(header):
                raise CatalogError(f"{where}: {len(cells)} cells, the header has {len(header)}")
            row = dict.fromkeys(WIKIDATA_COLUMNS, "") | {
                k: v.strip() for k, v in zip(header, cells, strict=True)
            }
            found = _wikidata_kind([row["kind"]], catalog) if row["kind"] else kind
            if found is None:
                left_out[f"kind {row['kind'] or '(none)'}"] += 1
                continue
            yield where, _wikidata_row(row, found, row["itemAltLabel"].split(", "), where)
    except csv.Error as error:
        raise CatalogError(f"{path}: line {reader.line_num}: not CSV: {error}") from None


def _wikidata_row(row: Mapping[str, str], kind: str, aliases: Iterable[str], where: str) -> ImportedName:
    item, name = _QID.match(row["item"]), row["itemLabel"]
    if item is None:
        raise CatalogError(f"{where}: item {row['item']!r}: want an identifier such as Q42 or its address")
    if not name or _QID.match(name):
        raise CatalogError(f"{where}: item {item[1]} has no English label")
    if row["geonames"] and not row["geonames"].isdigit():
        raise CatalogError(f"{where}: geonames {row['geonames']!r}: want digits")
    point = ""
    if row["coord"]:
        found = _POINT.match(row["coord"])
        if found is None:
            raise CatalogError(f"{where}: coord {row['coord']!r}: want Point(longitude latitude)")
        point = _point(found[1], found[2], where)
    matches = [f"{GEONAMES}{row['geonames']}/"] if row["geonames"] else []
    return ImportedName(
        name,
        kind,
        row["country"].lower(),
        tuple(a.strip() for a in aliases if a.strip()),
        (*matches, WIKIDATA + item[1]),
        point,
        _count(row["population"], where),
    )


def _wikidata_kind(classes: Iterable[str], catalog: Catalog) -> str | None:
    """Our class for items, or names of our own classes; the first that is known."""
    declared = catalog.lexicon.entries("wikidata_classes")
    for one in classes:
        item = _QID.match(one)
        if item is not None and (found := declared.get(item[1].lower())) is not None:
            return found
        if one in catalog.ontology.classes:
            return one
    return None


def _read_wikidata_json(path: Path, catalog: Catalog, kind: str | None, left_out: Counter[str]) -> _Rows:
    for where, line in _lines(path):
        text = line.strip().rstrip(",")
        if text in ("[", "]"):
            continue
        try:
            found = json.loads(text)
        except ValueError as error:
            raise CatalogError(
                f"{where}: not JSON: {error}; want one entity on each line, as in Wikidata's dumps"
            ) from None
        for entity in found if isinstance(found, list) else [found]:
            row = _entity_row(entity, where)
            if row is None:
                left_out["no English label"] += 1
                continue
            ours = _wikidata_kind(row.pop("classes").split(), catalog) or kind
            aliases = row.pop("aliases").split("\n")
            if ours is None:
                left_out["instance of nothing that is known"] += 1
                continue
            yield where, _wikidata_row(row, ours, aliases, where)


def _entity_row(entity: object, where: str) -> dict[str, str] | None:
    """The cells of a Wikidata entity; None without an English label."""
    if not isinstance(entity, dict) or not isinstance(entity.get("id"), str):
        raise CatalogError(f"{where}: want a Wikidata entity with id, labels and claims")
    label = _get(entity, "labels", "en", "value")
    if not isinstance(label, str):
        return None
    aliases = _get(entity, "aliases", "en")
    coordinates = next(iter(_values(entity, "P625")), None)
    point = ""
    if isinstance(coordinates, dict):
        point = f"Point({coordinates.get('longitude')} {coordinates.get('latitude')})"
    population = next((v.get("amount") for v in _values(entity, "P1082") if isinstance(v, dict)), "")
    return {
        "item": entity["id"],
        "itemLabel": label,
        "kind": "",
        "country": next((v for v in _values(entity, "P297") if isinstance(v, str)), ""),
        "coord": point,
        "geonames": next((v for v in _values(entity, "P1566") if isinstance(v, str)), ""),
        "population": str(population).lstrip("+"),
        "classes": " ".join(
            str(v["id"]) for v in _values(entity, "P31") if isinstance(v, dict) and "id" in v
        ),
        "aliases": "\n".join(
            str(a["value"])
            for a in (aliases if isinstance(aliases, list) else [])
            if isinstance(a, dict) and "value" in a
        ),
    }


def _get(value: object, *steps: str) -> object:
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _values(entity: Mapping[str, object], relation: str) -> list[object]:
    claims = _get(entity, "claims", relation)
    return [
        v
        for claim in (claims if isinstance(claims, list) else [])
        if (v := _get(claim, "mainsnak", "datavalue", "value")) is not None
    ]
