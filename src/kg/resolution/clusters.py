"""A cluster: the mentions of one thing in one document, and the IRI and names that follow from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from kg.model import Entity, Form, Mention
from kg.terms import DEFAULT_BASE, entity_iri, fold

_PROPER = frozenset({Form.NAME})


@dataclass(eq=False)
class Cluster:
    """Mentions that speak of one thing; mutable while a document is being resolved.

    `local` is the last part of its IRI, None while undecided; `title` is a composed name that no mention carries
    ("Minister of Defense, Japan"); `keys` are what identity across documents is decided on.
    """

    kind: str
    mentions: list[Mention] = field(default_factory=list)
    local: str | None = None
    label: str | None = None
    names: list[str] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    country: str | None = None
    exact_matches: tuple[str, ...] = ()
    point: str | None = None
    subkind: str | None = None
    facts: dict[str, str] = field(default_factory=dict)
    number: int = 0
    holder: Cluster | None = None
    owner: str | None = None

    def add(self, mention: Mention) -> None:
        """Take `mention` in."""
        self.mentions.append(mention)

    @property
    def first(self) -> int:
        """The first token that speaks of it."""
        return min(m.tokens[0] for m in self.mentions)

    def last_before(self, token: int) -> int:
        """The last token before `token` that speaks of it, or -1."""
        return max((m.tokens[0] for m in self.mentions if m.tokens[0] < token), default=-1)

    def most_specific(self) -> str | None:
        """The subclass most mentions give, the first in the alphabet where they tie."""
        if self.subkind is not None:
            return self.subkind
        counts = Counter(m.subkind for m in self.mentions if m.subkind)
        return min(counts, key=lambda s: (-counts[s], s)) if counts else None

    def to_entity(self, base: str = DEFAULT_BASE) -> Entity:
        """The entity, with the fullest name first."""
        assert self.local is not None
        proper = [m.text for m in self.mentions if m.form in _PROPER]
        described = [m.text for m in self.mentions if m.form is Form.DESCRIPTION and not m.feature("trigger")]
        names = [*([self.label] if self.label else []), *self.names, *ordered(proper or described)]
        return Entity(
            iri=entity_iri(self.kind, self.local, base),
            kind=self.kind,
            subkind=self.most_specific(),
            names=tuple(dict.fromkeys(clean_name(n) for n in names)),
            keys=tuple(sorted(self.keys)),
            exact_matches=self.exact_matches,
            point=self.point,
        )


def ordered(names: Iterable[str]) -> list[str]:
    """Names by length, longest first, then by how often they occur, then by alphabet."""
    counts = Counter(names)
    return sorted(counts, key=lambda n: (-len(n.split()), -counts[n], -len(n), n))


def clean_name(name: str) -> str:
    """A name without a leading article and a trailing possessive."""
    words = name.split()
    if len(words) > 1 and words[0].lower() in {"the", "a", "an"}:
        words = words[1:]
    bare = " ".join(words)
    return bare[:-2] if bare.endswith("'s") else bare


@lru_cache(maxsize=65536)
def _tokens(name: str) -> tuple[str, ...]:
    raw = fold(clean_name(name)).replace("-", " ").replace("(", " ").replace(")", " ").replace(",", " ")
    return tuple(w.strip(".'\"") for w in raw.split() if w.strip(".'\""))


def tokens_of(name: str) -> list[str]:
    """The folded words of a name, punctuation left out, plurals kept.

    >>> tokens_of("the Marine Corps Air Station (MCAS) Futenma")
    ['marine', 'corps', 'air', 'station', 'mcas', 'futenma']
    """
    return list(_tokens(name))
