"""A problem document as a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from kg.server.pages.markup import Html, html, join, page


def problem_page(body: Mapping[str, object]) -> str:
    """The page of an RFC 9457 problem, with links to the entities that may have been meant."""
    offered: list[Html] = []
    for member in ("candidates", "near"):
        found = body.get(member)
        if isinstance(found, Sequence):
            for entry in found:
                target = "/entities/" + urlencode({"": str(entry["iri"])})[1:]
                offered.append(
                    html('<li><a href="{target}">{label}</a></li>', target=target, label=entry["label"])
                )
    return page(
        str(body["title"]),
        html(
            "<h1>{title}</h1>\n<p>{detail}</p>\n{offered}\n<p class=muted>Status {status}</p>",
            title=body["title"],
            detail=body["detail"],
            offered=html("<ul>{items}</ul>", items=join(offered)) if offered else "",
            status=body["status"],
        ),
    )
