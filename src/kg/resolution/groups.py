"""What mentions of several stand for ("the two ministers", "both navies"), and pronouns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from kg.catalog import Catalog
from kg.catalog.inflection import plural
from kg.model import Form, Mention
from kg.resolution.clusters import Cluster, tokens_of
from kg.terms import DEFAULT_BASE, entity_iri

Place = tuple[int, int, str]


_COUNTS = {"two": 2, "both": 2, "three": 3, "four": 4, "five": 5}
#: Within how many tokens the people of one row are named first, and how many of them a group may stand for.
_ROW_REACH, _LONGEST_ROW = 70, 4


class GroupReader:
    """Finds the members of groups among what a document spoke of before."""

    def __init__(self, catalog: Catalog, base: str = DEFAULT_BASE) -> None:
        self._leaders = frozenset(catalog.lexicon.entries("leader_titles"))
        self._leader_nouns = frozenset(catalog.lexicon.forms("leader_nouns"))
        self._base = base
        #: (plural noun, country) → key of the country's body of that name
        self._forces: dict[tuple[str, str], str] = {}
        for key, entry in catalog.gazetteer.entries.items():
            if entry.kind == "Organization" and entry.subkind == "ArmedForce" and entry.country:
                words = tokens_of(entry.name)
                for size in (1, 2):
                    noun = " ".join([*words[-size:-1], plural(words[-1])]) if words[-size:] else ""
                    self._forces.setdefault((noun, entry.country), key)

    def read(
        self,
        mentions: Sequence[Mention],
        people: Sequence[Cluster],
        things: Sequence[Cluster],
        posts: Sequence[tuple[Cluster, Mention]],
    ) -> dict[Place, tuple[str, ...]]:
        """What group mentions stand for: two of a kind, the ones last spoken of that fit."""
        out: dict[Place, tuple[str, ...]] = {}
        countries = [c for c in things if c.kind == "Place" and c.most_specific() == "Country"]
        for m in mentions:
            if m.form is not Form.GROUP:
                continue
            members = m.feature("members")
            if members:
                out[m.place] = tuple(
                    entity_iri("Place", k.split("/", 1)[1], self._base) for k in members.split("|")
                )
                continue
            pool = countries if m.kind == "Place" else self._people_fitting(m, people, posts)
            if m.kind == "Organization":
                pool = bodies_named(m.feature("noun") or "", things)
            known = [c for c in pool if any(x.tokens[0] < m.tokens[0] for x in c.mentions)]
            if m.kind == "Organization" and not known:
                known = list(pool)  # "the two navies", one of which is named further on
            if m.kind == "Place":
                weight = Counter({id(c): sum(x.tokens[0] < m.tokens[0] for x in c.mentions) for c in known})
                best = sorted(known, key=lambda c: (-weight[id(c)], c.first))[:2]
            else:
                size = _COUNTS.get(m.feature("count") or "", 2)
                best = sorted(known, key=lambda c: (-c.last_before(m.tokens[0]), c.first))[:size]
                if m.kind == "Person" and not m.feature("count") and len(best) == 2:
                    best = _row_with(best, known, posts)
                if len(best) < size and m.kind != "Organization":
                    best = []
            found = {entity_iri(c.kind, c.local or "", self._base) for c in best}
            if m.kind == "Organization" and len(best) < 2:
                # "the two navies": those of the two countries that are spoken of, where only one or none is named.
                found |= self._bodies_of(m, countries, best)
            if len(found) >= (1 if m.kind == "Organization" else 2):
                out[m.place] = tuple(sorted(found))
        return out

    def _bodies_of(self, m: Mention, countries: Sequence[Cluster], named: Sequence[Cluster]) -> set[str]:
        """The known bodies that a group's noun names, of the two countries spoken of most before it."""
        before = {id(c): sum(x.tokens[0] < m.tokens[0] for x in c.mentions) for c in countries}
        most = sorted((c for c in countries if before[id(c)]), key=lambda c: (-before[id(c)], c.first))[:2]
        has = {f for c in named for x in c.mentions if (f := x.feature("country"))}
        noun = m.feature("noun") or ""
        found = {
            self._forces.get((noun, code))
            for c in most
            if (code := (c.local or "").split("/")[-1]) and code not in has
        }
        return {entity_iri("Organization", key.split("/", 1)[1], self._base) for key in found if key}

    def _people_fitting(
        self, m: Mention, people: Sequence[Cluster], posts: Sequence[tuple[Cluster, Mention]]
    ) -> list[Cluster]:
        """People whose posts fit the group's noun: leaders lead states, others hold other posts."""
        leads = {id(p) for p, o in posts if o.feature("title") in self._leaders}
        others = {id(p) for p, o in posts if o.feature("title") not in self._leaders}
        wanted = leads if m.feature("noun") in self._leader_nouns else others - leads
        fitting = [p for p in people if id(p) in wanted]
        return fitting if len(fitting) >= 2 else []


def _row_with(
    best: list[Cluster], known: Sequence[Cluster], posts: Sequence[tuple[Cluster, Mention]]
) -> list[Cluster]:
    """The people of like posts first named together with both of `best`, if those are two of three or four."""
    titles: dict[int, set[str | None]] = {}
    for person, office in posts:
        titles.setdefault(id(person), set()).add(office.feature("title"))
    wanted = set.union(*(titles.get(id(c), set()) for c in best))
    last = max(c.mentions[0].tokens[0] for c in best)
    row = [
        c
        for c in known
        if abs(c.mentions[0].tokens[0] - last) <= _ROW_REACH and titles.get(id(c), set()) & wanted
    ]
    return row if 2 < len(row) <= _LONGEST_ROW and all(c in row for c in best) else best


def bodies_named(noun: str, things: Sequence[Cluster]) -> list[Cluster]:
    """The bodies whose names end with the singular of `noun`: "the two coast guards"."""
    *before, last = noun.split() or [""]
    size = len(before) + 1

    def ends_so(name: str) -> bool:
        words = tokens_of(name)[-size:]
        return len(words) == size and words[:-1] == before and plural(words[-1]) == last

    return [c for c in things if c.kind == "Organization" and any(ends_so(m.text) for m in c.mentions)]


def stand_for(
    pronouns: Sequence[Mention], ends: Mapping[Place, tuple[str, ...]]
) -> dict[Place, tuple[str, ...]]:
    """What pronouns stand for: all that their antecedents stand for."""
    by_tokens: dict[str, tuple[str, ...]] = {}
    for (start, end, _), iris in sorted(ends.items()):
        by_tokens.setdefault(f"{start}:{end}", iris)
    out = {}
    for m in pronouns:
        ranges = (m.feature("antecedents") or "").split("|")
        found = {iri for r in ranges for iri in by_tokens.get(r, ())}
        if found:
            out[m.place] = tuple(sorted(found))
    return out
