"""Who is who among the people of one document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kg.model import Form, Mention
from kg.resolution.clusters import Cluster, ordered, tokens_of
from kg.terms import person_slug, slug


def cluster_people(
    mentions: Sequence[Mention], scope: str
) -> tuple[list[Cluster], dict[tuple[int, int, str], Cluster]]:
    """(clusters, mention place → cluster) of all names of people; descriptions and groups are left for later.

    Two full names are one person if their words are the same in any order, or one's words hold the other's and its
    last word, or one is the end of the other ("van der Merwe", "Jin-woo"). A single name is the person last spoken of
    who bears it and whom its address fits; borne by nobody, it is a person of its own, known in this document only
    (`scope` is put into the IRI).
    """
    names = [m for m in mentions if m.kind == "Person" and m.form is Form.NAME]
    clusters: list[Cluster] = []
    placed: dict[tuple[int, int, str], Cluster] = {}
    words: dict[int, list[str]] = {}
    bearers: dict[str, list[Cluster]] = {}
    for m in sorted(names, key=lambda m: (-min(len(tokens_of(m.text)), 2), m.tokens)):
        own = tokens_of(m.text)
        home = _home(own, m, bearers.get(own[-1], ()) if own else (), words)
        if home is None and len(own) > 1:
            home = _home(own, m, bearers.get(own[0], ()), words)
        if home is None:
            home = Cluster("Person")
            clusters.append(home)
            words[id(home)] = []
        if len(own) > len(words[id(home)]):
            for word in set(own) - set(words[id(home)]):
                bearers.setdefault(word, []).append(home)
            words[id(home)] = own
        home.add(m)
        placed[m.place] = home
    for c in clusters:
        full = ordered(m.text for m in c.mentions)[0]
        tokens = tokens_of(full)
        if len(tokens) > 1:
            c.local = person_slug(full)
            c.keys = {f"name:{c.local}", *(f"part:{t}" for t in tokens if len(t) > 1)}
        else:
            c.local = f"{slug(full)}.{scope}"
            c.keys = {f"part:{tokens[0]}"} if tokens else set()
    return clusters, placed


def _home(
    own: list[str], mention: Mention, clusters: Sequence[Cluster], words: dict[int, list[str]]
) -> Cluster | None:
    if len(own) > 1:
        for c in clusters:
            known = words[id(c)]
            if len(known) < 2:
                continue
            if sorted(known) == sorted(own) or _same_but_middle(known, own):
                return c
        ending = [c for c in clusters if _is_ending(words[id(c)], own) and _may_be(c, mention)]
        return max(ending, key=lambda c: (c.last_before(mention.tokens[0]), -c.first), default=None)
    clusters = [c for c in clusters if _may_be(c, mention)] or clusters
    if not clusters:
        return None
    return max(clusters, key=lambda c: (c.last_before(mention.tokens[0]), -c.first))


def _same_but_middle(a: list[str], b: list[str]) -> bool:
    """Whether one name is the other with middle names or initials left out ("Lloyd J. Austin", "Lloyd Austin")."""
    short, long = sorted((a, b), key=len)
    return short[0] == long[0] and short[-1] == long[-1] and set(short) <= set(long)


def _is_ending(a: list[str], b: list[str]) -> bool:
    """Whether one name is the last words of the other; a name of one word is not asked here."""
    short, long = sorted((a, b), key=len)
    return 1 < len(short) < len(long) and long[-len(short) :] == short


def _may_be(c: Cluster, mention: Mention) -> bool:
    """Whether the address before `mention` fits those that the person had: "Ms. Park" is not Mr. Park Jin-woo."""
    own = mention.feature("gender")
    return own is None or all(m.feature("gender") in {None, own} for m in c.mentions)


def holder_of(
    description: Mention, offices_of: Iterable[tuple[Cluster, Mention]]
) -> tuple[Cluster, Mention] | None:
    """The one (person, office mention) that a description such as "the Japanese minister" fits, or None.

    Title must agree; portfolio and country must agree where both are known. Several people fitting is nobody.
    """
    fitting: dict[int, tuple[Cluster, Mention]] = {}
    for person, office in offices_of:
        if office.feature("title") != description.feature("title"):
            continue
        clash = any(
            description.feature(f) and office.feature(f) and description.feature(f) != office.feature(f)
            for f in ("portfolio", "country", "rank")
        )
        if not clash:
            fitting.setdefault(id(person), (person, office))
    if len(fitting) > 1 and description.feature("country"):
        exact = {
            k: v for k, v in fitting.items() if v[1].feature("country") == description.feature("country")
        }
        fitting = exact or fitting
    return next(iter(fitting.values())) if len(fitting) == 1 else None
