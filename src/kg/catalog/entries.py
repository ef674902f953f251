"""What the gazetteer holds: entries and the readings of a surface."""

from __future__ import annotations

from typing import NamedTuple

#: How likely a name means this thing, all else equal; cities have weights by their size.
COUNTRY_WEIGHT = 100
CAPITAL_WEIGHT = 90
NAMED_WEIGHT = 80
DIVISION_WEIGHT = 62
MINOR_DIVISION_WEIGHT = 52


class GazetteerEntry(NamedTuple):
    """A known thing.

    `key` is ``<segment>/<local>``, the end of its IRI (``place/jp``, ``org/nato``); `kind` and `subkind` are
    classes; `country` is ISO 3166-1 alpha-2 in lower case where it belongs to one; `part_of` is a key.
    `point` is WKT (WGS 84, longitude first). `ambiguous` says that the name is also a common word or another
    common name, so that it needs support from its context.
    """

    key: str
    kind: str
    subkind: str | None
    name: str
    aliases: tuple[str, ...] = ()
    adjectives: tuple[str, ...] = ()
    demonyms: tuple[str, ...] = ()
    country: str | None = None
    part_of: str | None = None
    exact_matches: tuple[str, ...] = ()
    point: str | None = None
    population: int = 0
    capital: bool = False
    ambiguous: bool = False
    weight: int = NAMED_WEIGHT


class Surface(NamedTuple):
    """One reading of a surface: the entry's key, its form (name, adjective, demonym), and its weight."""

    key: str
    form: str
    weight: int
