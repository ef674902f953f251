"""Which mentions of offices are one post, and of which country or body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kg.catalog import GazetteerEntry
from kg.model import Mention
from kg.resolution.clusters import Cluster
from kg.terms import slug

#: Canonical titles whose holders are sent on a matter, not accredited to a host.
_FOR_OFFICES = frozenset(
    {
        "envoy",
        "high representative",
        "special envoy",
        "special representative",
        "personal envoy",
        "coordinator",
        "special coordinator",
    }
)


def cluster_offices(
    mentions: Sequence[Mention], holders: Mapping[tuple[int, int, str], Cluster], scope: str
) -> tuple[list[Cluster], dict[tuple[int, int, str], Cluster]]:
    """(clusters, mention place → cluster) of offices.

    One post: same title, rank and portfolio, and the same country, place or body. A mention that names none is the post
    of the same words that its holder (`holders`: office mention place → person) has elsewhere; without a holder, the
    only post of these words that the text has. Two holders of whom the text says no more hold two posts.
    """
    offices = [m for m in mentions if m.kind == "Office"]
    clusters: list[Cluster] = []
    placed: dict[tuple[int, int, str], Cluster] = {}
    owned: dict[tuple[str, str], Cluster] = {}
    by_post: dict[str, list[Cluster]] = {}
    of_holder: dict[tuple[int, str], Cluster] = {}
    of_title: dict[tuple[int, str], Cluster] = {}
    for m in sorted(offices, key=lambda m: (_owner(m) is None, m.feature("portfolio") is None, m.tokens)):
        post, owner, person = post_slug(m), _owner(m), holders.get(m.place)
        same = by_post.setdefault(post, [])
        if owner is not None:
            home = owned.get((post, owner))
        elif person is not None:
            # Whose post it is, the text may say elsewhere of the same holder; of another holder it says nothing.
            home = (
                of_holder.get((id(person), post))
                or of_title.get((id(person), post))
                or next((c for c in same if c.holder is None and not c.owner), None)
                or _only_vacant(same)
            )
        else:
            home = same[0] if len(same) == 1 else None
        if home is None:
            home = Cluster("Office", country=m.feature("country"), owner=owner)
            home.facts["post"] = post
            unowned = sum(not c.owner for c in same)
            ordinal = f".{unowned + 1}" if unowned else ""
            home.local = f"{post}-{slug(owner)}" if owner else f"{post}.{scope}{ordinal}"
            clusters.append(home)
            same.append(home)
            if owner:
                owned[post, owner] = home
        if person is not None:
            of_holder.setdefault((id(person), post), home)
            # "Defence Minister A B ... Minister B": the bare title is the post that its holder was introduced with.
            of_title.setdefault((id(person), slug(m.feature("title") or "")), home)
            if home.holder is None and m.feature("tense") is None:
                home.holder = person
        home.add(m)
        placed[m.place] = home
    return clusters, placed


def _only_vacant(same: Sequence[Cluster]) -> Cluster | None:
    """The one post of the words that the text has, if it is somebody's and no holder of it is named."""
    return same[0] if len(same) == 1 and same[0].holder is None and same[0].country else None


def name_office(c: Cluster, entries: Mapping[str, GazetteerEntry], body_names: Mapping[str, str]) -> None:
    """Give the cluster its composed name ("Minister of Defense, Japan") and keys."""
    first = min(c.mentions, key=lambda m: (_owner(m) is None, m.tokens))
    title = post_title(first)
    owner = None
    if c.country:
        entry = entries.get(f"place/{c.country}")
        owner = entry.name if entry else c.country.upper()
    elif first.feature("seat"):
        entry = entries.get(first.feature("seat") or "")
        owner = entry.name if entry else first.feature("seat_text")
    elif first.feature("body_text"):
        owner = body_names.get(first.feature("body") or "", first.feature("body_text"))
    c.label = f"{title}, {owner}" if owner else title
    c.keys = {f"post:{c.facts['post']}", *({f"country:{c.country}"} if c.country else set())}


def post_slug(m: Mention) -> str:
    """The post without its owner: "minister-of-defense", "deputy-minister-of-foreign-affairs"."""
    return slug(" ".join(_words(m)))


def post_title(m: Mention) -> str:
    """The post's name in title case: "Deputy Minister of Foreign Affairs"."""
    small = {"of", "and", "the", "for", "to", "in"}
    return " ".join(w if w in small else w[:1].upper() + w[1:] for w in " ".join(_words(m)).split())


def _before_portfolio(title: str) -> str:
    """ "Minister of Defense", but "Special Envoy for Peace" and "Minister of State for Trade"."""
    return "for" if title in _FOR_OFFICES or " of " in title else "of"


def _words(m: Mention) -> list[str]:
    """Rank, title, what it is in charge of, and to whom it is sent; parts that are not said are left out."""
    words = [m.feature("rank") or "", m.feature("title") or ""]
    if m.feature("portfolio"):
        words += [_before_portfolio(m.feature("title") or ""), m.feature("portfolio") or ""]
    if m.feature("field"):
        words += ["for", m.feature("field") or ""]
    if m.feature("host"):
        words += ["for" if m.feature("title") in _FOR_OFFICES else "to", m.feature("host_text") or ""]
    return words


def _owner(m: Mention) -> str | None:
    if m.feature("country"):
        return m.feature("country")
    for key in (m.feature("body"), m.feature("seat")):
        if key:
            return key.split("/", 1)[1]
    return m.feature("body_text")
