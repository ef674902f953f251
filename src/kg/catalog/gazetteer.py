"""Names of known things: from data packages (countries, subdivisions, cities) and from declared tables."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from kg.catalog.entries import GazetteerEntry, Surface
from kg.catalog.named import load_named, load_supplements, supplement
from kg.catalog.ontology import Ontology
from kg.catalog.places import load_cities, load_countries, load_subdivisions
from kg.catalog.sources import read_table
from kg.errors import CatalogError

_PACKAGED = ("countries.csv", "subdivisions.csv", "cities.csv", "ambiguous.csv")
_DEMONYM_DISCOUNT = 10  # a people is named less often than its country's adjective
_QUOTES = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "ʻ": "'", "“": '"', "”": '"', "–": "-", "‐": "-", "‑": "-"}
)
_PLAIN = str.maketrans(
    {
        "ø": "o",
        "Ø": "O",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "ı": "i",
        "ß": "ss",
        "æ": "ae",
        "Æ": "Ae",
        "ə": "e",
    }
)
#: The same where a letter stays one letter; quotes and dashes as they are typed.
_LETTERS = {place: letter for place, letter in (_QUOTES | _PLAIN).items() if len(letter) == 1}
#: Words that are spelled in several ways in one and the same name; any of a row may stand for another.
_SPELLINGS = (
    ("U.S.", "US", "United States"),
    ("U.K.", "UK"),
    ("U.N.", "UN"),
    ("Defense", "Defence"),
    ("Center", "Centre"),
    ("Organization", "Organisation"),
    ("Program", "Programme"),
    ("Harbor", "Harbour"),
    ("Theater", "Theatre"),
    ("St.", "Saint", "St"),
    ("Mt.", "Mount"),
    ("Ft.", "Fort"),
    ("&", "and"),
)
_VARIANTS = {word: row for row in _SPELLINGS for word in row}
_VARYING = re.compile(
    r"(?<!\S)(" + "|".join(re.escape(w) for w in sorted(_VARIANTS, key=len, reverse=True)) + r")(?!\S)"
)


class Gazetteer:
    """Entries by key and readings by surface. Cities are read on first use, the rest is validated before."""

    def __init__(
        self,
        declared: Mapping[str, GazetteerEntry],
        load_cities: Callable[[], Iterable[GazetteerEntry]],
        brought: Mapping[str, GazetteerEntry] = MappingProxyType({}),
    ) -> None:
        """`brought` are entries of the user's own, which add to those of their key."""
        self._declared = declared
        self._brought = brought
        self._load_cities = load_cities

    @cached_property
    def entries(self) -> Mapping[str, GazetteerEntry]:
        """All entries by key (``place/jp``, ``org/nato``), in a fixed order."""
        entries = dict(self._declared)
        for entry in self._load_cities():
            entries.setdefault(entry.key, entry)
        for key, entry in self._brought.items():
            known = entries.get(key)
            entries[key] = supplement(known, entry) if known is not None else entry
        return MappingProxyType(entries)

    @cached_property
    def surfaces(self) -> Mapping[str, tuple[Surface, ...]]:
        """Exact surface (case-sensitive, single spaces, ASCII quotes) → readings, likeliest first."""
        found: defaultdict[str, dict[Surface, None]] = defaultdict(dict)
        for entry in self.entries.values():
            name = Surface(entry.key, "name", entry.weight)
            for surface in spellings(entry.name):
                found[surface][name] = None
            for names, form, weight in (
                (entry.aliases, "name", entry.weight),
                (entry.adjectives, "adjective", entry.weight),
                (entry.demonyms, "demonym", entry.weight - _DEMONYM_DISCOUNT),
            ):
                for alias in names:
                    for surface in spellings(alias):
                        found[surface][Surface(entry.key, form, weight)] = None
        return MappingProxyType(
            {s: tuple(r) if len(r) == 1 else tuple(sorted(r, key=_rank)) for s, r in found.items()}
        )

    def find(self, key: str) -> GazetteerEntry | None:
        """The entry with the given key, or None."""
        return (self._declared.get(key) if key not in self._brought else None) or self.entries.get(key)

    def get(self, key: str) -> GazetteerEntry:
        """The entry with the given key. Raises `CatalogError` if there is none."""
        entry = self.find(key)
        if entry is None:
            raise CatalogError(f"no gazetteer entry {key!r}; keys look like 'place/jp', 'org/nato'")
        return entry

    def readings(self, surface: str) -> tuple[Surface, ...]:
        """What `surface` may name, likeliest first; empty if nothing. Quotes and spaces are normalised."""
        return self.surfaces.get(normalise(surface), ())


def _rank(reading: Surface) -> tuple[int, str, str]:
    return (-reading.weight, reading.key, reading.form)


def normalise(text: str) -> str:
    """`text` with ASCII quotes and hyphens, composed letters and single spaces.

    >>> normalise("Côte  d’Ivoire")
    "Côte d'Ivoire"
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).translate(_QUOTES)
    return " ".join(text.split())


def unaccented(text: str) -> str:
    """`text` with each letter without its diacritics; as long as it was, so that offsets stay.

    >>> unaccented("Đà Nẵng, Łódź")
    'Da Nang, Lodz'
    """
    return "".join(c if c.isascii() else unicodedata.normalize("NFD", c.translate(_LETTERS))[0] for c in text)


def spellings(name: str) -> tuple[str, ...]:
    """The ways a name is written: as it is, without diacritics, and with the usual variants of its words.

    >>> spellings("U.S. Central Command")
    ('U.S. Central Command', 'US Central Command', 'United States Central Command')
    >>> spellings("Sint Truiden–Brustem"), spellings("Łódź")
    (('Sint Truiden-Brustem',), ('Łódź', 'Lodz'))
    """
    found = _VARYING.findall(name)
    if not found and name.isascii():
        return (name,)
    forms = [name]
    if not name.isascii():
        forms = [normalise(name)]
        if not forms[0].isascii():
            bare = unicodedata.normalize("NFD", forms[0].translate(_PLAIN))
            forms.append("".join(c for c in bare if not unicodedata.combining(c)))
    for word in found:
        forms = [_swap(form, word, other) for form in forms for other in _in_front(word)]
    return tuple(dict.fromkeys(forms))


def _in_front(word: str) -> tuple[str, ...]:
    return (word, *(other for other in _VARIANTS[word] if other != word))


def _swap(text: str, word: str, other: str) -> str:
    return f" {text} ".replace(f" {word} ", f" {other} ")[1:-1] if word != other else text


def load_gazetteer(folder: Path, root: Path, ontology: Ontology, own: Path | None = None) -> Gazetteer:
    """The gazetteer of the tables in `folder` and the data packages, and of the user's tables in `own`.

    Raises `CatalogError` with file and line for a row that is wrong.
    """
    countries = load_countries(folder / "countries.csv", root)
    known = countries | load_subdivisions(folder / "subdivisions.csv", root, countries)
    ambiguous = {row["name"] for _, row in read_table(folder / "ambiguous.csv", root, ("name", "why"))}
    named = load_named(folder, root, ontology, known, frozenset(_PACKAGED))
    declared = {key: _mark(entry, ambiguous) for key, entry in (known | named).items()}

    def cities() -> Iterable[GazetteerEntry]:
        return (_mark(entry, ambiguous) for entry in load_cities(folder / "cities.csv", root))

    brought = load_supplements(own, ontology, countries) if own is not None else {}
    return Gazetteer(MappingProxyType(declared), cities, MappingProxyType(brought))


def _mark(entry: GazetteerEntry, ambiguous: set[str]) -> GazetteerEntry:
    names = (entry.name,) if entry.name.isascii() else spellings(entry.name)
    return entry if entry.ambiguous or ambiguous.isdisjoint(names) else entry._replace(ambiguous=True)
