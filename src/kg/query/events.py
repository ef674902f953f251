"""Events in the order of their days."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pyoxigraph as ox

from kg.errors import QueryError
from kg.graph.store import StoreReader
from kg.query.names import resolve_entity
from kg.query.neighbourhood import class_name
from kg.query.nodes import (
    PREF_LABEL,
    SUBJECT,
    Node,
    Nodes,
    check_iri,
    find_object,
    local_name,
    named_objects,
    term_text,
    values_block,
)
from kg.terms import KG, prefixes

STATUSES = ("held", "ongoing", "planned", "proposed", "cancelled", "denied")
COLUMNS = (
    "date",
    "start",
    "end",
    "event",
    "class",
    "status",
    "participants",
    "places",
    "about",
    "claims",
    "iri",
)


@dataclass(frozen=True, slots=True)
class Happening:
    """An event: its date (EDTF) with the first and last day, how far it is, who takes part, where, what about."""

    event: Node
    date: str | None
    start: str | None
    end: str | None
    status: str | None
    participants: tuple[Node, ...]
    places: tuple[Node, ...]
    about: tuple[Node, ...]
    claims: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of events, the latest first, those without a date at the end; `total` counts all that fit.

    `months` is how many begin in each month (YYYY-MM) that has any: (month, all, those still to come by their status).
    """

    items: tuple[Happening, ...]
    total: int
    limit: int
    offset: int
    months: tuple[tuple[str, int, int], ...]


def timeline(
    reader: StoreReader,
    entity: str | None = None,
    *,
    types: Sequence[str] = (),
    statuses: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
    limit: int | None = 100,
    offset: int = 0,
) -> Timeline:
    """The events around `entity` (IRI, CURIE, name or alias), or all of them, of days from `since` to `until`.

    Raises `QueryError` for unknown classes and statuses, and as `resolve_entity`.
    """
    for status in statuses:
        if status not in STATUSES:
            raise QueryError(f"status {status!r}: want one of {', '.join(STATUSES)}")
    where = ["?e a kg:Event"]
    if entity is not None:
        about = check_iri(resolve_entity(reader, entity))
        slots = "kg:participant|kg:location|kg:concerns"
        where.append(f"{{ ?e {slots} <{about}> }} UNION {{ VALUES ?e {{ <{about}> }} }}")
    if types:
        names = [class_name(reader, t) for t in types]
        where.append(values_block("t", [n if "://" in n else KG + n for n in names]) + " ?e a ?t")
    if statuses:
        where.append(f"VALUES ?st {{ {' '.join(f'kg:{s}' for s in statuses)} }} ?e kg:status ?st")
    # An optional part is joined last: what a filter needs stands before it.
    where += [
        "OPTIONAL { ?e kg:start ?start }",
        "OPTIONAL { ?e kg:end ?end }",
        "OPTIONAL { ?e kg:status ?status }",
    ]
    if since is not None:
        where.append(f'FILTER(COALESCE(STR(?end), STR(?start), "") >= "{since.isoformat()}")')
    if until is not None:
        where.append(f'FILTER(BOUND(?start) && STR(?start) <= "{until.isoformat()}")')
    answer = reader.query(
        f"SELECT ?e (MIN(?start) AS ?first) (MIN(?status) AS ?stands) {{ {' . '.join(where)} }} GROUP BY ?e",
        prefixes=prefixes(reader.base),
    )
    assert isinstance(answer, ox.QuerySolutions)
    found: list[tuple[str, str, str]] = []
    for row in answer:
        first, stands = row["first"], row["stands"]
        found.append(
            (
                term_text(first) if first is not None else "",
                term_text(row["e"]),
                local_name(term_text(stands)) if stands is not None else "",
            )
        )
    found.sort(key=lambda f: f[1])
    found.sort(key=lambda f: f[0], reverse=True)
    months: dict[str, list[int]] = {}
    for first_day, _, status in found:
        if first_day:
            counts = months.setdefault(first_day[:7], [0, 0])
            counts[0] += 1
            counts[1] += status in ("planned", "proposed")
    nodes = Nodes(reader)
    chosen = found[offset : None if limit is None else offset + limit]
    return Timeline(
        tuple(_happening(nodes, iri) for _, iri, _ in chosen),
        len(found),
        len(found) if limit is None else limit,
        offset,
        tuple((month, *months[month]) for month in sorted(months)),  # type: ignore[misc]
    )


def _happening(nodes: Nodes, iri: str) -> Happening:
    reader = nodes.reader

    def others(relation: str) -> tuple[Node, ...]:
        return tuple(nodes.describe(o) for o in named_objects(reader, iri, KG + relation))

    status = find_object(reader, iri, KG + "status")
    return Happening(
        event=nodes.describe(iri),
        date=find_object(reader, iri, KG + "date"),
        start=find_object(reader, iri, KG + "start"),
        end=find_object(reader, iri, KG + "end"),
        status=local_name(status) if status else None,
        participants=others("participant"),
        places=others("location"),
        about=others("concerns"),
        claims=sum(1 for _ in reader.quads(None, SUBJECT, iri)),
    )


def to_csv(found: Timeline) -> bytes:
    """One line for each event (RFC 4180); a cell that a spreadsheet would run as a formula gets a leading quote."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for h in found.items:
        lists = ("; ".join(n.label for n in nodes) for nodes in (h.participants, h.places, h.about))
        kind = h.event.subkind or h.event.kind or ""
        cells = [h.date or "", h.start or "", h.end or "", h.event.label, kind, h.status or "", *lists]
        cells += [str(h.claims), h.event.iri]
        writer.writerow([as_cell(c) for c in cells])
    return out.getvalue().encode("utf-8")


def as_cell(text: str) -> str:
    """`text` as a cell that no spreadsheet runs as a formula."""
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def to_triples(reader: StoreReader, found: Timeline) -> list[ox.Triple]:
    """What the graph says of each event, and the labels of the others in it."""
    triples = [q.triple for h in found.items for q in reader.quads(h.event.iri)]
    others = {n.iri for h in found.items for nodes in (h.participants, h.places, h.about) for n in nodes}
    return triples + [q.triple for iri in sorted(others) for q in reader.quads(iri, PREF_LABEL)]
