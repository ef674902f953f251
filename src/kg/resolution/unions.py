"""Sets of IRIs that stand for one thing, some of which must never meet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping


class Unions:
    """Disjoint sets that grow by `join`; what is kept apart stays apart, whatever is joined."""

    def __init__(self, apart: Iterable[tuple[str, str]] = ()) -> None:
        self._parent: dict[str, str] = {}
        self._members: dict[str, list[str]] = {}
        self._enemies: defaultdict[str, set[str]] = defaultdict(set)
        for one, other in apart:
            self.keep_apart(one, other)

    def find(self, iri: str) -> str:
        """The IRI that stands for the set of `iri`: of two that met, the first in the alphabet of the shared ones."""
        root = iri
        while (up := self._parent.get(root, root)) != root:
            root = up
        while (up := self._parent.get(iri, iri)) != root and iri != root:
            self._parent[iri], iri = root, up
        return root

    def members(self, iri: str) -> list[str]:
        """All that stand for what `iri` stands for."""
        return self._members.get(self.find(iri), [iri])

    def keep_apart(self, one: str, other: str) -> None:
        """Have the sets of the two never become one; nothing happens if they are."""
        a, b = self.find(one), self.find(other)
        if a != b:
            self._enemies[a].add(b)
            self._enemies[b].add(a)

    def are_apart(self, one: str, other: str) -> bool:
        """Whether the two must never be one."""
        a, b = self.find(one), self.find(other)
        return a != b and b in self._enemies.get(a, ())

    def join(self, one: str, other: str) -> bool:
        """Make the two one; whether they are now. An IRI that is the same everywhere stands for the set."""
        a, b = self.find(one), self.find(other)
        if a == b:
            return True
        if b in self._enemies.get(a, ()):
            return False
        root, child = sorted((a, b), key=_rank)
        self._parent[child] = root
        self._members[root] = [*self._members.get(root, [root]), *self._members.pop(child, [child])]
        for enemy in self._enemies.pop(child, set()):
            self._enemies[enemy].discard(child)
            self._enemies[enemy].add(root)
            self._enemies[root].add(enemy)
        return True

    def links(self, iris: Iterable[str]) -> dict[str, str]:
        """IRI → the one that stands for it, where they differ."""
        return {iri: root for iri in iris if (root := self.find(iri)) != iri}

    def all_links(self) -> Mapping[str, str]:
        """`links` of all that was ever joined."""
        return self.links(sorted(self._parent))


def _rank(iri: str) -> tuple[bool, bool, str]:
    last = iri.rsplit("/", 1)[-1]
    return ("." in last, "--" in last, iri)
