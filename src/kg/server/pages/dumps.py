"""The dumps as a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kg.server.pages.markup import html, join, page


class Listed(Protocol):
    """A dump as it is listed."""

    name: str
    media_type: str
    bytes: int | None
    sha256: str | None
    triples: int | None


class Listing(Protocol):
    """What there is to download."""

    generation: str
    title: str
    licence: str | None

    @property
    def dumps(self) -> Sequence[Listed]:
        """The files."""


def dumps_page(found: Listing) -> str:
    """The page at ``/dump/``."""
    rows = join(
        html(
            '<tr><td><a href="/dump/{name}">{name}</a></td><td>{media_type}</td><td>{triples}</td><td>{size}</td>'
            "<td><code>{hash}</code></td></tr>\n",
            name=d.name,
            media_type=d.media_type,
            triples=f"{d.triples:,}" if d.triples is not None else None,
            size=f"{d.bytes:,}" if d.bytes is not None else None,
            hash=d.sha256,
        )
        for d in found.dumps
    )
    licence = html('<p>Licence: <a href="{iri}">{iri}</a></p>\n', iri=found.licence) if found.licence else ""
    return page(
        "Dumps",
        html(
            "<h1>Dumps</h1>\n<p>{title}, sorted; the same graph gives the same bytes. Length, triples and hash are "
            "known of files that were written already; the others are written when they are asked for. "
            '<a href="/dump/SHA256SUMS">SHA256SUMS</a></p>\n{licence}<table><tr><th>File<th>Media type<th>Triples'
            "<th>Bytes<th>SHA-256</tr>\n{rows}</table>\n<p class=muted>Generation {generation}</p>",
            title=found.title,
            licence=licence,
            rows=rows,
            generation=found.generation,
        ),
    )
