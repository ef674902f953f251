"""Places that a text tells by where they lie: "Japan's southwestern islands" are the Nansei Islands."""

from __future__ import annotations

import re

from kg.catalog import Catalog
from kg.errors import CatalogError
from kg.model import Form, Mention
from kg.resolution.clusters import tokens_of

_OWNERS = frozenset({"Country", "Prefecture"})
_LONGEST_OWNER = 3  # words
_POSSESSIVE = re.compile(r"['’]s?$")
_SMALL = frozenset({"the", "of", "its", "in"})


class DescribedPlaces:
    """Looks descriptions of places up among the declared ones."""

    def __init__(self, catalog: Catalog) -> None:
        """Raises `CatalogError` for a declared key that the gazetteer does not hold."""
        self._gazetteer = catalog.gazetteer
        self._declared = {row: key or "" for row, key in catalog.lexicon.entries("described_places").items()}
        self._wanted = {word for row in self._declared for word in row.split()[1:]}
        self._owners = {row.split()[0] for row in self._declared}
        for row, key in self._declared.items():
            for known in (key, f"place/{row.split()[0]}"):
                if self._gazetteer.find(known) is None:
                    raise CatalogError(f"lexicon: described_places: {row!r}: the gazetteer has no {known!r}")

    def find(self, mention: Mention) -> str | None:
        """The key of the place that a description tells, or None."""
        if mention.kind != "Place" or mention.value is not None or mention.form is Form.ADJECTIVE:
            return None
        words = [_POSSESSIVE.sub("", word) for word in mention.text.split()]
        for size in range(min(_LONGEST_OWNER, len(words) - 1), 0, -1):
            for start in range(len(words) - size + 1):
                owner = self._owner(" ".join(words[start : start + size]))
                if owner is not None:
                    rest = [w for word in words[:start] + words[start + size :] for w in self._bare(word)]
                    found = self._declared.get(" ".join([owner, *(w for w in rest if w in self._wanted)]))
                    if found is not None:
                        return found
        return None

    def _owner(self, surface: str) -> str | None:
        for reading in self._gazetteer.readings(surface):
            entry = self._gazetteer.entries.get(reading.key)
            local = reading.key.rpartition("/")[2]
            if entry is not None and entry.subkind in _OWNERS and local in self._owners:
                return local
        return None

    def _bare(self, word: str) -> list[str]:
        """The words that count, without endings: "southwestern" and "southwest" are one."""
        found = []
        for token in "".join(tokens_of(word.replace("-", ""))).split():
            if token not in _SMALL:
                bare = token.removesuffix("ern") if token.endswith(("thern", "stern")) else token
                found.append(bare[:-1] if bare.endswith("s") and not bare.endswith("ss") else bare)
        return found
