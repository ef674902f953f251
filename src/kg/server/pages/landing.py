"""The first page: what is inside, and what to try."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.query.search import EntityHit
from kg.server.pages.markup import html, join, link, page


@dataclass(frozen=True, slots=True)
class Inside:
    """What a generation holds: entities by class, documents, the most mentioned entities, ideas to try."""

    generation: str
    documents: int
    kinds: dict[str, int]
    known: tuple[EntityHit, ...]


def ideas(known: Sequence[EntityHit]) -> list[tuple[str, str]]:
    """(path, what it shows) of things to try, made of entities that are there."""
    found = [("/contradictions", "claims that cannot both be right"), ("/queries", "saved questions")]
    if known:
        name = known[0].curie
        found = [
            (
                f"/neighbourhood?entity={name}&depth=2",
                f"everything around {known[0].label}, with its sentences",
            ),
            (f"/evidence?entity={name}", f"who said what about {known[0].label}"),
            *found,
        ]
    if len(known) > 1:
        found.append(
            (
                f"/paths?source={known[0].curie}&target={known[1].curie}",
                f"how {known[0].label} and {known[1].label} are joined",
            )
        )
    found.append(("/dump/facts.ttl", "all facts as Turtle"))
    return found


def landing_page(inside: Inside, base: str) -> str:
    """The page at ``/``."""
    kinds = join(
        html('<tr><td><a href="/entities?type={kind}">{kind}</a></td><td>{n}</td></tr>\n', kind=kind, n=n)
        for kind, n in inside.kinds.items()
    )
    tries = join(
        html('<li><a href="{path}"><code>{path}</code></a><br>{what}</li>\n', path=path, what=what)
        for path, what in ideas(inside.known)
    )
    known = join((link(h.iri, h.label, base) for h in inside.known), " · ")
    return page(
        "Knowledge graph",
        html(
            "<h1>A knowledge graph in which every fact opens its sentence</h1>\n"
            '<p>Built from <a href="/documents">{documents} documents</a>.</p>\n{known}\n'
            "<h2>Inside</h2>\n<table><tr><th>Class<th>Entities</tr>\n{kinds}</table>\n<h2>Try</h2>\n<ul>{tries}</ul>\n"
            "<p class=muted>Generation {generation}</p>",
            documents=inside.documents,
            known=html("<p>Most mentioned: {known}</p>", known=known) if known else "",
            kinds=kinds,
            tries=tries,
            generation=inside.generation,
        ),
    )
