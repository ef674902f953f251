"""``dct:identifier``: the names of texts, unique within a build, whatever the order of reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from kg.errors import IdentifierClash
from kg.model import Document, Span


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """Where a text was read: the folder's steps from the root (""), the file's base name or the record's id.

    `where` is how messages name it (path as given, line of a record).
    """

    folder: tuple[str, ...]
    name: str
    where: str

    @property
    def steps(self) -> tuple[str, ...]:
        """The folder's steps and those of the name: a record's id may have slashes, too."""
        return (*self.folder, *self.name.split("/"))


def assign_identifiers(read: Iterable[tuple[Origin, str]]) -> dict[str, tuple[str, ...]]:
    """Hash of a text → its identifiers, sorted; keys sorted.

    `read` gives the origin and ``Document.sha256`` of all that was read in a build, in any order. An
    identifier is the origin's name, with as many steps of its folder before it (``a/x.txt``) as it takes to
    tell it from the other origins of the build. One text with two names has two identifiers. Raises
    `IdentifierClash`, naming both, for two texts whose origins have the same folder and name, as records of
    one file can.
    """
    origins: dict[tuple[str, ...], tuple[str, Origin]] = {}
    clashes: list[tuple[str, str, str]] = []
    for origin, sha256 in sorted(read):
        known_hash, known = origins.setdefault(origin.steps, (sha256, origin))
        if known_hash != sha256:
            clashes.append((origin.name, known.where, origin.where))
    if clashes:
        name, first, second = clashes[0]
        more = f" ({len(clashes) - 1} more like it)" if len(clashes) > 1 else ""
        raise IdentifierClash(
            f"identifier {name!r} is that of two different texts: {first} and {second}{more}; "
            "give each its own, or remove one of them"
        )
    by_name: dict[str, list[tuple[str, ...]]] = {}
    for steps in origins:
        by_name.setdefault(steps[-1], []).append(steps)
    assigned: dict[str, set[str]] = {}
    for alike in by_name.values():
        shared = Counter(steps[-length:] for steps in alike for length in range(1, len(steps) + 1))
        for steps in alike:
            sha256, origin = origins[steps]
            least = origin.name.count("/") + 1
            length = next(
                n for n in range(least, len(steps) + 1) if shared[steps[-n:]] == 1 or n == len(steps)
            )
            assigned.setdefault(sha256, set()).add("/".join(steps[-length:]))
    return {sha256: tuple(sorted(assigned[sha256])) for sha256 in sorted(assigned)}


def merge_documents(first: Document, second: Document) -> Document:
    """The one document of one text that was read twice; the order of the two does not matter.

    It has the identifiers of both. Where both have a date, the earlier is that of publication; of two titles,
    sources or media types the first in order of code points is kept; boilerplate is what either has marked.
    """
    return replace(
        first,
        identifiers=tuple(sorted({*first.identifiers, *second.identifiers})),
        issued=_lesser(first.issued, second.issued),
        title=_lesser(first.title, second.title),
        source=_lesser(first.source, second.source),
        media_type=min(first.media_type, second.media_type),
        boilerplate=join_spans([*first.boilerplate, *second.boilerplate]),
    )


def _lesser(first: str | None, second: str | None) -> str | None:
    return min((value for value in (first, second) if value is not None), default=None)


def join_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """`spans` sorted, those that touch or overlap made one, empty ones left out."""
    joined: list[Span] = []
    for span in sorted(span for span in spans if span.start < span.end):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)
