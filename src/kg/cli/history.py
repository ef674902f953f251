"""``kg offices``, ``kg diff``: who held what when, and what changed from one day to another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from kg.cli.options import AsOf, Json, Limit, Store, reading
from kg.cli.output import clean, counted, for_machines, write_json, write_line, write_table
from kg.query.as_of import Days, read_day
from kg.query.changes import Diff, diff
from kg.query.evidence import ClaimView
from kg.query.nodes import Node, Value
from kg.query.offices import OfficeHistory
from kg.query.offices import offices as find_offices


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("offices", epilog="Example: kg offices --store mine --body Japan --on 2025-03-30")(offices)
    app.command("diff", epilog="Example: kg diff --store mine --from 2025-03-01 --to 2025-03-31")(compare)


def offices(
    store: Store,
    office: Annotated[
        str | None, typer.Argument(help="An office: IRI, CURIE, name or alias; all without it.")
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="Who held them on this day (YYYY-MM-DD).")
    ] = None,
    body: Annotated[
        str | None, typer.Option("--body", help="Only those of this country or organization.")
    ] = None,
    person: Annotated[str | None, typer.Option("--person", help="Only those that this person held.")] = None,
    limit: Limit = 50,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Who held which office when: holders one after the other, gaps between them, and the holder on a day."""
    day = read_day(on, "--on") if on is not None else None
    with reading(store, as_of) as reader:
        found = find_offices(reader, office, body=body, person=person, on=day, limit=limit)
    if for_machines(json):
        write_json(found)
        return
    if day is not None:
        columns = ("office", "holder", "known", "first", "last", "sentence")
        write_table(columns, (row for history in found.items for row in _holders(history)))
    else:
        columns = ("office", "holder", "first", "last", "over by", "documents")
        write_table(columns, (row for history in found.items for row in _tenures(history)))
    write_line(counted(found.total, "office"))


def _holders(history: OfficeHistory) -> Iterable[tuple[object, ...]]:
    for holder in history.holders:
        known = (
            holder.basis
            + (", acting" if holder.acting else "")
            + (", contested" if history.contested else "")
        )
        yield (
            history.office.label,
            holder.person.label,
            known,
            holder.first,
            holder.last,
            _quote(holder.claim),
        )


def _tenures(history: OfficeHistory) -> Iterable[tuple[object, ...]]:
    gaps = {gap.after.iri: gap for gap in history.vacancies}
    for tenure in history.tenures:
        marks = [word for word, is_so in (("acting", tenure.acting), ("to come", tenure.planned)) if is_so]
        name = tenure.person.label + (f" ({', '.join(marks)})" if marks else "")
        yield history.office.label, name, tenure.first, tenure.last, tenure.ended_by, tenure.documents
        gap = gaps.get(tenure.person.iri)
        if gap is not None:
            yield (
                history.office.label,
                "(vacant)" if gap.certain else "(not known)",
                gap.since,
                gap.until,
                None,
                None,
            )


def compare(
    store: Store,
    since: Annotated[str, typer.Option("--from", metavar="DATE", help="The earlier day (YYYY-MM-DD).")],
    until: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="The later day; without it, all that is known.")
    ] = None,
    entity: Annotated[str | None, typer.Argument(help="Only what is about it.")] = None,
    limit: Limit = 200,
    json: Json = False,
) -> None:
    """What documents published after one day and by another changed: learned, changed, overtaken, contradicted."""
    first = read_day(since, "--from")
    last = read_day(until, "--to") if until is not None else None
    with reading(store) as reader:
        days = Days(reader)
        try:
            found = diff(reader, days, first, last, entity=entity, limit=limit)
        finally:
            days.close()
    if for_machines(json):
        write_json(found)
    else:
        for line in _lines(found):
            write_line(line)


def _lines(found: Diff) -> Iterable[str]:
    """The difference as text: a line for each item, `+` learned, `~` changed, `-` withdrawn."""
    counts = ", ".join(f"{n} {name}" for name, n in found.totals.items() if n)
    yield f"{found.since} → {found.until or 'all that is known'}: {counts or 'nothing changed'}"
    for document in found.documents:
        yield f"document {', '.join(document.identifiers)} ({document.as_of or 'unknown day'})"
    for entity in found.entities:
        yield f"+ {entity.label} <{entity.curie}>"
    for joined in found.joined:
        yield f"= {joined.now.label} <{joined.now.curie}>: {'; '.join(n.curie for n in joined.before)}"
    for new in found.learned:
        yield f"+ {new.subject.label} {new.predicate.label} {_term(new.object)} {_quote(new.claim)}"
    for changed in found.changed:
        was, now = ("; ".join(map(_term, side)) for side in (changed.before, changed.after))
        yield f"~ {changed.subject.label} {changed.predicate.label}: {was} → {now} {_quote(changed.claim)}"
    for gone in found.withdrawn:
        yield f"- {gone.subject.label} {gone.predicate.label} {_term(gone.object)}"
    for pair in found.overtaken:
        plan, outcome = pair.plan, pair.outcome
        yield f"overtaken: {_said(plan)} by {_said(outcome)}"
    for name, quarrels in (("contradiction", found.contradictions), ("settled", found.settled)):
        for quarrel in quarrels:
            verdict = f", for {quarrel.settled.in_favour}" if quarrel.settled else ""
            yield f"{name} ({quarrel.kind}{verdict}): {_said(quarrel.one)} / {_said(quarrel.other)}"
    left = sum(found.totals.values()) - sum(min(n, found.limit) for n in found.totals.values())
    if left:
        yield f"… {left} more: --limit"


def _said(claim: ClaimView) -> str:
    return f"{claim.subject.label} {claim.predicate.label} {_term(claim.object)} [{claim.modality}] {_quote(claim)}"


def _quote(claim: ClaimView | None) -> str:
    if claim is None or not claim.passages:
        return ""
    return f"“{clean(claim.passages[0].quote)}” ({', '.join(claim.document.identifiers)})"


def _term(term: Node | Value) -> str:
    return clean(term.value if isinstance(term, Value) else term.label)
