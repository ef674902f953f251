"""Which mentions of offices are one post, and of which country or body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kg.catalog import GazetteerEntry
from kg.model import Mention
from kg.resolution.clusters import Cluster
from kg.terms import slug


def cluster_offices(
    mentions: Sequence[Mention], holders: Mapping[tuple[int, int, str], Cluster], scope: str
) -> tuple[list[Cluster], dict[tuple[int, int, str], Cluster]]:
    """(clusters, mention place → cluster) of offices.

    One post: same title, rank and portfolio, and the same country or body. A mention that names neither is the post of
    the same words that its holder (`holders`: office mention place → person) has elsewhere, or the only one there is.
    """
    offices = [m for m in mentions if m.kind == "Office"]
    clusters: list[Cluster] = []
    placed: dict[tuple[int, int, str], Cluster] = {}
    owned: dict[tuple[str, str], Cluster] = {}
    known_holder: dict[tuple[int, str], Cluster] = {}
    for m in sorted(offices, key=lambda m: (_owner(m) is None, m.tokens)):
        post, owner = post_slug(m), _owner(m)
        person = holders.get(m.place)
        home = owned.get((post, owner)) if owner else None
        if owner is None:
            home = known_holder.get((id(person), post)) if person is not None else None
            if home is None:
                same = [c for c in clusters if c.facts["post"] == post]
                taken = {
                    id(c)
                    for c in same
                    if person is not None and c.facts.get("holder") not in (None, str(id(person)))
                }
                free = [c for c in same if id(c) not in taken]
                home = free[0] if len(free) == 1 and (len(same) == 1 or person is not None) else None
        if home is None:
            home = Cluster("Office")
            home.facts.update(post=post)
            home.country = m.feature("country")
            home.local = f"{post}-{slug(owner)}" if owner else f"{post}.{scope}"
            clusters.append(home)
            if owner:
                owned[post, owner] = home
        if person is not None:
            known_holder.setdefault((id(person), post), home)
            if m.feature("tense") is None:
                home.facts.setdefault("holder", str(id(person)))
        home.add(m)
        placed[m.place] = home
    return clusters, placed


def name_office(c: Cluster, entries: Mapping[str, GazetteerEntry], body_names: Mapping[str, str]) -> None:
    """Give the cluster its composed name ("Minister of Defense, Japan") and keys."""
    first = min(c.mentions, key=lambda m: (_owner(m) is None, m.tokens))
    title = post_title(first)
    owner = None
    if c.country:
        entry = entries.get(f"place/{c.country}")
        owner = entry.name if entry else c.country.upper()
    elif first.feature("body_text"):
        owner = body_names.get(first.feature("body") or "", first.feature("body_text"))
    c.label = f"{title}, {owner}" if owner else title
    c.keys = {f"post:{c.facts['post']}", *({f"country:{c.country}"} if c.country else set())}


def post_slug(m: Mention) -> str:
    """The post without its owner: "minister-of-defense", "deputy-minister-of-foreign-affairs"."""
    words = [m.feature("rank") or "", m.feature("title") or ""]
    if m.feature("portfolio"):
        words += ["of", m.feature("portfolio") or ""]
    return slug(" ".join(words))


def post_title(m: Mention) -> str:
    """The post's name in title case: "Deputy Minister of Foreign Affairs"."""
    words = [m.feature("rank") or "", m.feature("title") or ""]
    if m.feature("portfolio"):
        words += ["of", m.feature("portfolio") or ""]
    small = {"of", "and", "the", "for", "to", "in"}
    return " ".join(w if w in small else w[:1].upper() + w[1:] for w in " ".join(words).split())


def _owner(m: Mention) -> str | None:
    if m.feature("country"):
        return m.feature("country")
    body = m.feature("body")
    return body.split("/", 1)[1] if body else m.feature("body_text")
