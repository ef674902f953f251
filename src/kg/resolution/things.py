"""Which names of bodies, facilities, agreements, places and equipment speak of one thing in one document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kg.catalog import Catalog, GazetteerEntry
from kg.model import Form, Mention
from kg.resolution.agreements import AgreementResolver, Told
from kg.resolution.clusters import Cluster, tokens_of
from kg.resolution.described_places import DescribedPlaces
from kg.terms import slug

_LONGEST_LOCAL = 80  # code points of an IRI's last part that come from a description
_SEGMENT_KINDS = ("Organization", "Facility", "Agreement", "Place", "Equipment")
_ARTICLES = frozenset({"the", "of", "and", "for", "on", "in", "s"})


@dataclass
class _Index:
    """Clusters by kind and by the last words of their names, or by what their names have at the core."""

    suffixes: dict[tuple[str, tuple[str, ...]], list[Cluster]]
    cores: dict[tuple[str, frozenset[str]], list[Cluster]]

    def add(self, m: Mention, home: Cluster, core: frozenset[str]) -> None:
        """Enter the name `m` of the cluster `home`."""
        words = tuple(tokens_of(m.text))
        for i in range(len(words)):
            entered = self.suffixes.setdefault((m.kind, words[i:]), [])
            if home not in entered:
                entered.append(home)
        if core:
            entered = self.cores.setdefault((m.kind, core), [])
            if home not in entered:
                entered.append(home)


def _endings(c: Cluster) -> set[tuple[str, ...]]:
    """The last words of a cluster's names, all lengths."""
    names = [tuple(tokens_of(m.text)) for m in c.mentions]
    return {words[i:] for words in names for i in range(len(words))}


class ThingResolver:
    """Clusters the mentions of things other than people, offices and events."""

    def __init__(self, catalog: Catalog) -> None:
        self._gazetteer = catalog.gazetteer
        self._described = DescribedPlaces(catalog)
        lexicon = catalog.lexicon
        self._agreements = AgreementResolver(lexicon)
        heads = (
            "organization_heads",
            "facility_heads",
            "facility_prefixes",
            "agreement_heads",
            "place_heads",
        )
        self._head_words = {
            w for name in heads for surface in lexicon.forms(name) for w in tokens_of(surface)
        }
        generic = (
            "portfolios",
            "body_modifiers",
            "agreement_adjectives",
            "region_adjectives",
            "state_bodies",
        )
        self._generic = self._head_words | {
            w for name in generic for s in lexicon.forms(name) for w in tokens_of(s)
        }

    def cluster(
        self, mentions: Sequence[Mention], scope: str, told: Mapping[tuple[int, int, str], Told]
    ) -> tuple[list[Cluster], dict[tuple[int, int, str], Cluster]]:
        """(clusters, mention place → cluster); a description that nothing fits is left out.

        `told` is what the text says of its agreements, by the place of the mention.
        """
        clusters: list[Cluster] = []
        placed: dict[tuple[int, int, str], Cluster] = {}
        by_local: dict[tuple[str, str], Cluster] = {}
        index = _Index({}, {})
        things = [
            replace(m, value=self._described.find(m)) if m.kind == "Place" and not m.value else m
            for m in mentions
            if m.kind in _SEGMENT_KINDS and m.form is not Form.GROUP
        ]
        named = [m for m in things if m.form is not Form.DESCRIPTION or m.value]
        # Longer names first, so that a short form finds the full one wherever it stands.
        for m in sorted(named, key=lambda m: (m.value is None, -len(tokens_of(m.text)), m.tokens)):
            local, country = self._local(m, scope)
            home = by_local.get((m.kind, local)) if m.value else None
            if m.feature("beside"):  # the name without what it is part of; the whole is longer and placed
                home = next(
                    (
                        c
                        for p, c in placed.items()
                        if p[2] == m.kind and f"{p[0]}:{p[1]}" == m.feature("beside")
                    ),
                    None,
                )
            home = home or self._shorter_form(m, index) or by_local.get((m.kind, local))
            if home is None:
                home = self._new(m, local, country)
                home.number = len(clusters)
                clusters.append(home)
                by_local[m.kind, local] = home
            home.add(m)
            index.add(m, home, self.core(m.text) if m.kind == "Facility" else frozenset())
            placed[m.place] = home
        described = [m for m in things if m.form is Form.DESCRIPTION and not m.value]
        beside = {(kind, f"{start}:{end}"): c for (start, end, kind), c in placed.items()}
        by_length = sorted(described, key=lambda m: (-len(tokens_of(m.text)), m.tokens))
        # What a verb tells ("agreed to build a port") may be the agreement that is named or signed elsewhere.
        agreements = sorted(
            (m for m in described if m.kind == "Agreement"),
            key=lambda m: (m.feature("clause") is not None, m.tokens),
        )
        for m in [*(m for m in by_length if m.kind != "Agreement"), *agreements]:
            if m.kind == "Agreement":
                home, is_own = self._agreements.decide(m, clusters, placed, told)
            else:
                home = beside.get((m.kind, m.feature("beside") or "")) or self._antecedent(m, clusters)
                is_own = self._tells(m)
            if home is None and is_own:
                words = m.feature("clause") or m.text
                local = f"{slug(words)[:_LONGEST_LOCAL]}.{scope}"
                home = by_local.get((m.kind, local))
                if home is not None and m.kind == "Agreement" and not m.feature("clause"):
                    local, home = f"{local}.{m.tokens[0]}", None  # another of the same words
                if home is None:
                    home = self._new(m, local, m.feature("country"))
                    clusters.append(home)
                    by_local[m.kind, local] = home
            if home is not None:
                home.add(m)
                placed[m.place] = home
        return clusters, placed

    def _new(self, m: Mention, local: str, country: str | None) -> Cluster:
        c = Cluster(m.kind, local=local, country=country)
        entry = self._gazetteer.entries.get(m.value) if m.value else None
        if entry is not None:
            c.label, c.subkind = entry.name, entry.subkind
            c.exact_matches, c.point, c.country = entry.exact_matches, entry.point, entry.country
            c.keys.add(f"gazetteer:{entry.key}")
        else:
            c.keys.add(f"name:{slug(m.text)}")
            if m.feature("clause"):
                clause = m.feature("clause") or ""
                c.label = clause[:1].upper() + clause[1:]
            if country:
                c.keys.add(f"country:{country}")
            if m.feature("portfolio"):
                c.label = _ministry_label(m, country, self._gazetteer.entries)
            elif country and m.kind == "Organization" and self._is_generic(m):
                # "Defence Forces" alone is no name; whose they are is part of it.
                owner = self._gazetteer.entries.get(f"place/{country}")
                body = _cased(m.feature("state_body") or "") or m.text
                c.label = f"{body}, {owner.name if owner else country.upper()}"
        return c

    def _local(self, m: Mention, scope: str) -> tuple[str, str | None]:
        """(last part of the IRI, country code): global for strong names, with the document's `scope` for weak ones."""
        country = m.feature("country")
        if m.value:
            return m.value.split("/", 1)[1], country
        if m.feature("portfolio"):
            name = f"ministry-of-{slug(m.feature('portfolio') or '')}"
            return (f"{name}-{country}" if country else f"{name}.{scope}"), country
        words = [w for w in tokens_of(m.text) if w not in _ARTICLES]
        name = slug(" ".join(words))
        if m.feature("parties"):
            return "-".join(
                sorted((m.feature("parties") or "").split("|"))
            ) + f"-{slug(m.feature('head') or name)}", None
        distinctive = [w for w in words if w not in self._generic]
        if (distinctive and len(words) > 1) or (m.kind in {"Place", "Equipment"} and words):
            return name, country
        # A state has one navy and many embassies: a facility of a weak name is known in its document only.
        is_one = country is not None and words and m.kind != "Facility"
        return (f"{name}-{country}" if is_one else f"{name}.{scope}"), country

    def _is_generic(self, m: Mention) -> bool:
        """Whether a body's words are no name without its country: "the navy", "Defence Forces"."""
        is_named = m.text.split()[-1][:1].isupper() and m.feature("country_from") == "name"
        return not is_named and (m.feature("state_body") is not None or self._is_weak(m))

    def _is_weak(self, m: Mention) -> bool:
        """Whether a name is made of words that many things of its kind share."""
        entry = self._gazetteer.entries.get(f"place/{m.feature('country')}")
        own = (
            {w for n in (*entry.adjectives, entry.name, *entry.aliases) for w in tokens_of(n)}
            if entry
            else set()
        )
        return all(w in self._generic or w in _ARTICLES or w in own for w in tokens_of(m.text))

    def core(self, text: str) -> frozenset[str]:
        """The words of a name that tell it from others of its kind: heads and articles left out.

        "Futenma base" and "Marine Corps Air Station Futenma" have one core; "Futenma Replacement Facility" another.
        """
        return frozenset(w for w in tokens_of(text) if w not in self._head_words and w not in _ARTICLES)

    def _shorter_form(self, m: Mention, index: _Index) -> Cluster | None:
        """The cluster that `m` is a shorter or differently built name of."""
        if m.feature("acronym_of"):
            for c in index.suffixes.get((m.kind, tuple(tokens_of(m.feature("acronym_of") or ""))), ()):
                return c
        own = tuple(tokens_of(m.text))
        candidates = list(index.suffixes.get((m.kind, own), ())) if len(own) >= 2 else []
        core = self.core(m.text) if m.kind == "Facility" else frozenset()
        candidates += index.cores.get((m.kind, core), ()) if core else ()
        for c in sorted(candidates, key=lambda c: c.number):
            if m.value and any(x.value and x.value != m.value for x in c.mentions):
                continue
            if m.kind == "Facility" and m.subkind != c.most_specific() and own not in _endings(c):
                continue  # "Djibouti Airport" and "Port of Djibouti" share a town, not a place
            if (
                m.feature("country")
                and c.country not in {None, m.feature("country")}
                and m.kind != "Facility"
            ):
                continue
            return c
        return None

    def _antecedent(self, m: Mention, clusters: Sequence[Cluster]) -> Cluster | None:
        """The thing last spoken of that a description fits: same kind and head, no clash of countries."""
        if m.kind == "Place" and m.feature("definite"):
            return self._place_spoken_of(m, clusters)
        fitting = []
        for c in clusters:
            if c.kind != m.kind or (m.feature("country") and c.country and m.feature("country") != c.country):
                continue
            words = {
                w.rstrip("s")
                for x in c.mentions
                for w in (*tokens_of(x.text), *tokens_of(x.feature("head") or ""))
            } | {w.rstrip("s") for n in [c.label or ""] for w in tokens_of(n)}
            own = {
                w.rstrip("s")
                for w in tokens_of(m.text)
                if w not in _ARTICLES and w not in {"their", "its", "our", "bilateral"}
            }
            if m.form is Form.DESCRIPTION and own <= words:
                fitting.append(c)
        return max(fitting, key=lambda c: (c.last_before(m.tokens[0]), -c.first), default=None)

    @staticmethod
    def _place_spoken_of(m: Mention, clusters: Sequence[Cluster]) -> Cluster | None:
        """The place of the description's own class that was spoken of last, if it was named before."""
        fitting = [
            (c.last_before(m.tokens[0]), c)
            for c in clusters
            if c.kind == "Place" and c.most_specific() == m.subkind and c.last_before(m.tokens[0]) >= 0
        ]
        return max(fitting, key=lambda f: f[0])[1] if fitting else None

    def _tells(self, m: Mention) -> bool:
        """Whether a description without an antecedent says enough to be a thing of its own."""
        if m.kind == "Place" and m.feature("definite"):
            return False
        return len([w for w in tokens_of(m.text) if w not in _ARTICLES]) >= 2


def _cased(words: str) -> str:
    return " ".join(w if w in {"of", "and"} else w.capitalize() for w in words.split())


def _ministry_label(m: Mention, country: str | None, entries: Mapping[str, GazetteerEntry]) -> str:
    head = _cased(m.feature("head") or "ministry")
    label = f"{head} of {_cased(m.feature('portfolio') or '')}"
    owner = entries.get(f"place/{country}") if country else None
    name = owner.name if owner is not None else None
    return f"{label}, {name}" if name else label
