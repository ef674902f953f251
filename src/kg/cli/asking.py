"""``kg query``, ``neighbours``, ``path``, ``show``, ``why``, ``search``, ``contradictions``: the answers of
HTTP, at the prompt.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from kg.cli.options import AsOf, Json, Limit, Store, reading
from kg.cli.output import clean, counted, for_machines, write_bytes, write_json, write_line, write_table
from kg.errors import QueryError, UnknownQuery
from kg.query import evidence, sameness
from kg.query.contradictions import contradictions as find_contradictions
from kg.query.contradictions import to_csv
from kg.query.entities import Fact, entity_card
from kg.query.evidence import ClaimView
from kg.query.exports import EXPORTS, get_export, write
from kg.query.measures import MEASURES, measure
from kg.query.names import resolve_entity
from kg.query.neighbourhood import GraphEdge, neighbourhood
from kg.query.nodes import Node, Value
from kg.query.paths import Path as Chain
from kg.query.paths import Route, find_path
from kg.query.saved import run_saved
from kg.query.search import search as find_words
from kg.query.sparql import columns, formats_for, get_format, rows, run_query, serialize

Entity = Annotated[str, typer.Argument(help="An IRI, a CURIE, a name or an alias.")]
Predicates = Annotated[list[str], typer.Option("--predicate", help="Only this relation. Repeatable.")]
Types = Annotated[list[str], typer.Option("--type", help="Only neighbours of this class. Repeatable.")]
Modalities = Annotated[
    list[str],
    typer.Option("--modality", help="Only claims put so: Asserted, Planned, Denied, Former. Repeatable."),
]
MinConfidence = Annotated[
    float,
    typer.Option(
        "--min-confidence", min=0, max=1, help="Only edges whose best claim has this confidence at least."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command(
        "query", epilog="Example: kg query --store mine 'SELECT ?p ?o { ?p kg:holdsOffice ?o }' --format csv"
    )(query)
    app.command("neighbours", epilog="Example: kg neighbours 'Gen Nakatani' --store mine --depth 2")(
        neighbours
    )
    app.command("path", epilog="Example: kg path 'Gen Nakatani' Okinawa --store mine")(path)
    app.command("show", epilog="Example: kg show person:gen-nakatani --store mine")(show)
    app.command(
        "why", epilog="Example: kg why 'Gen Nakatani' holdsOffice 'Minister of Defense, Japan' --store mine"
    )(why)
    app.command("why-same", epilog="Example: kg why-same 'Gen Nakatani' 'Nakatani' --store mine")(why_same)
    app.command("search", epilog="Example: kg search 'joint statement' --store mine")(search)
    app.command("contradictions", epilog="Example: kg contradictions --store mine")(contradictions)


def query(
    store: Store,
    sparql: Annotated[
        str | None, typer.Argument(metavar="'SPARQL'", help="A query; - reads standard input.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("-f", "--file", metavar="FILE.rq", help="A query in a file.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="A saved question; 'list' names them.")] = None,
    param: Annotated[
        list[str], typer.Option("--param", metavar="K=V", help="A parameter of it. Repeatable.")
    ] = [],  # noqa: B006
    format: Annotated[
        str | None, typer.Option("--format", help="json, xml, csv, tsv; for graphs ttl, nt, jsonld, rdf.")
    ] = None,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Ask in SPARQL, or ask a saved question. In a pipe: SPARQL results as JSON, graphs as Turtle."""
    if sum(x is not None for x in (sparql, file, name)) != 1:
        raise typer.BadParameter("want one of: a query, -f FILE, --name SAVED")
    if name == "list":
        _list_saved(json)
        return
    with reading(store, as_of) as reader:
        if name is not None:
            from kg.query.declared import shipped

            questions = shipped().queries
            if name not in questions:
                raise UnknownQuery(f"no saved query {name!r}; there are: {', '.join(questions)}")
            answer = run_saved(reader, questions[name], _parameters(param))
        else:
            if param:
                raise typer.BadParameter("--param goes with --name")
            answer = run_query(reader, _read_query(sparql, file))
        offered = formats_for(answer)
        if format is not None or for_machines(json) or offered[0].key == "ttl":
            chosen = get_format(format, offered) if format else offered[0]
            if json and format is None:
                chosen = get_format("json", offered)
            write_bytes(serialize(answer, chosen, reader.base))
            return
        names = columns(answer)
        write_table(names, ([row[n] for n in names] for row in rows(answer)))


def _read_query(sparql: str | None, file: Path | None) -> str:
    if file is not None:
        try:
            return file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise QueryError(f"{file}: cannot be read: {error}") from None
    return sys.stdin.read() if sparql == "-" else sparql or ""


def _parameters(given: list[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not equals or not key:
            raise typer.BadParameter(f"--param {one}: want NAME=VALUE")
        if key in values:
            raise typer.BadParameter(f"--param {key}: given more than once")
        values[key] = value
    return values


def _list_saved(json: bool) -> None:
    from kg.query.declared import shipped

    questions = shipped().queries.values()
    listed = [
        {"name": q.name, "summary": q.summary, "parameters": {p.name: p.example for p in q.parameters}}
        for q in questions
    ]
    if for_machines(json):
        write_json(listed)
    else:
        write_table(
            ("name", "asks", "parameters"),
            (
                (q.name, q.summary, ", ".join(f"{p.name}={p.example}" for p in q.parameters))
                for q in questions
            ),
        )


def neighbours(
    entity: Entity,
    store: Store,
    depth: Annotated[int, typer.Option(min=1, max=4, help="Hops.")] = 1,
    limit: Annotated[int, typer.Option(min=1, max=5000, help="Nodes at most.")] = 200,
    predicate: Predicates = [],  # noqa: B006
    type: Types = [],  # noqa: B006
    modality: Modalities = [],  # noqa: B006
    min_confidence: MinConfidence = 0.0,
    measures: Annotated[
        list[str],
        typer.Option("--measure", help="Of each node: " + ", ".join(MEASURES) + ". Repeatable."),
    ] = [],  # noqa: B006
    format: Annotated[
        str | None, typer.Option("--format", help="One of " + ", ".join(e.key for e in EXPORTS) + ".")
    ] = None,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """What surrounds an entity: edges, what they rest on, and what was left out."""
    with reading(store, as_of) as reader:
        export = get_export(format) if format else None
        found = measure(
            neighbourhood(
                reader, entity, depth, limit, predicate, type, modality, min_confidence=min_confidence
            ),
            measures,
        )
        if export is not None or for_machines(json):
            write_bytes(write(found, export.key if export else "json", reader))
            return
    labels = {n.iri: n.label for n in found.nodes}
    write_table(
        *_edges(found.edges, labels),
        f"{counted(len(found.nodes), 'node')}, {counted(len(found.edges), 'edge')}",
    )
    for cut in found.cut:
        write_line(f"left out at {labels[cut.iri]}: {cut.left_out}")


def path(
    source: Entity,
    target: Entity,
    store: Store,
    max_hops: Annotated[int, typer.Option(min=1, max=8, help="Edges at most.")] = 6,
    k: Annotated[int, typer.Option("--k", min=1, max=10, help="Chains at most, the shortest first.")] = 1,
    predicate: Predicates = [],  # noqa: B006
    type: Types = [],  # noqa: B006
    modality: Modalities = [],  # noqa: B006
    min_confidence: MinConfidence = 0.0,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """How two entities are joined: the shortest chains of edges. Exit status 1: there is none."""
    with reading(store, as_of) as reader:
        found = find_path(
            reader,
            source,
            target,
            max_hops=max_hops,
            k=k,
            predicates=predicate,
            types=type,
            modalities=modality,
            min_confidence=min_confidence,
        )
    if for_machines(json):
        write_json(found)
    elif found.hops is not None:
        routes: list[Chain | Route] = [found, *found.others]
        for route in routes:
            write_line(" — ".join(n.label for n in route.nodes))
            write_table(*_edges(route.edges, {n.iri: n.label for n in route.nodes}))
    if found.hops is None:
        gave_up = " (the search was given up: too many nodes)" if found.gave_up else ""
        raise QueryError(f"no path of at most {max_hops} edges between {source!r} and {target!r}{gave_up}")


def show(entity: Entity, store: Store, as_of: AsOf = None, json: Json = False) -> None:
    """What is known of one entity: names, classes, facts, documents."""
    with reading(store, as_of) as reader:
        card = entity_card(reader, entity)
    if for_machines(json):
        write_json(card)
        return
    write_line(f"{card.label} ({' · '.join(card.classes)}) <{card.iri}>")
    if card.names:
        write_line(f"also: {'; '.join(card.names)}")
    if card.exact_matches:
        write_line(f"same as: {' '.join(card.exact_matches)}")
    for facts, total in ((card.facts_out, card.facts_out_total), (card.facts_in, card.facts_in_total)):
        if facts:
            write_table(("subject", "relation", "object", "status", "claims"), map(_fact, facts))
        if total > len(facts):
            write_line(f"… {total - len(facts)} more")
    names = "; ".join(", ".join(d.identifiers) for d in card.documents)
    write_line(
        f"{counted(card.claim_count, 'claim')}, {counted(card.mention_count, 'mention')} in "
        f"{counted(len(card.documents), 'document')}: {names}"
    )


def why(
    subject: Annotated[str, typer.Argument(help="An entity.")],
    predicate: Annotated[str, typer.Argument(help="A relation, e.g. holdsOffice.")],
    object: Annotated[str, typer.Argument(help="An entity or a literal.")],
    store: Store,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """The sentences that say so. Exit status 1: none does."""
    with reading(store, as_of) as reader:
        found = evidence.why(
            reader,
            resolve_entity(reader, subject),
            evidence.relation_iri(reader, predicate),
            evidence.read_object(reader, object),
        )
    if for_machines(json):
        write_json([_plain(c) for c in found])
    else:
        for claim in found:
            _write_claim(claim)
    if not found:
        raise QueryError(f"no claim says {subject!r} {predicate} {object!r}")


def why_same(
    one: Entity,
    other: Entity,
    store: Store,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Whether two names stand for one thing, and why: the decisions on identity, with their reasons."""
    with reading(store, as_of) as reader:
        found = sameness.why_same(reader, one, other)
    if for_machines(json):
        write_json(found)
        return
    write_line(
        f"{found.verdict}: {found.one.label} <{found.one.iri}>, {found.other.label} <{found.other.iri}>"
    )
    for decision in found.decisions:
        write_line(f"  {decision.verdict} ({decision.score:g}): {decision.one} — {decision.other}")
        for reason in decision.because:
            write_line(f"    {reason}")
    if not found.decisions:
        same = found.verdict == "same"
        write_line("  both are one name" if same else "  nothing suggests that they are one")


def search(
    text: Annotated[str, typer.Argument(help="Words to look for.")],
    store: Store,
    limit: Limit = 20,
    type: Annotated[
        str | None, typer.Option("--type", help="Only entities of this class, and sentences about one.")
    ] = None,
    document: Annotated[
        str | None, typer.Option("--document", help="Only what this document says and mentions.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="Only sentences of documents from this day on.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="Only sentences of documents up to this day.")
    ] = None,
    modality: Annotated[
        str | None,
        typer.Option(
            "--modality", help="Only sentences of claims put so: Asserted, Planned, Denied, Former."
        ),
    ] = None,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Find entities by name and sentences by their words."""
    with reading(store, as_of) as reader:
        found = find_words(
            reader,
            text,
            limit=limit,
            type=type,
            document=document,
            since=since,
            until=until,
            modality=modality,
        )
    if for_machines(json):
        write_json(found)
        return
    if found.entities:
        write_table(
            ("name", "class", "CURIE", "mentions"),
            ((h.label, h.subkind or h.kind, h.curie, h.mentions) for h in found.entities),
        )
    for s in found.sentences:
        write_line(f"“{s.text}” ({', '.join(s.document.identifiers)} {s.start}–{s.end})")
        if s.entities:
            write_line(f"  {'; '.join(e.label for e in s.entities)}")
    if found.suggestion is not None:
        write_line(f"no name has such words; near them: {found.suggestion}")
    if not found.entities and not found.sentences:
        write_line("nothing found")


def contradictions(
    store: Store,
    entity: Annotated[str | None, typer.Argument(help="Only those about it.")] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help="Only those of a kind: denied, holders, status or values.")
    ] = None,
    limit: Limit = 50,
    format: Annotated[
        str | None, typer.Option("--format", help="csv: one line for each pair, all of them.")
    ] = None,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Pairs of claims that cannot both be right, with their sentences, and what a later document says."""
    if format not in (None, "csv", "json"):
        raise typer.BadParameter(f"--format {format}: want csv or json")
    with reading(store, as_of) as reader:
        found = find_contradictions(reader, entity, kind=kind, limit=None if format == "csv" else limit)
    if format == "csv":
        write_bytes(to_csv(found))
        return
    if for_machines(json or format == "json"):
        write_json(found)
        return
    for pair in found.items:
        _write_claim(pair.one)
        _write_claim(pair.other)
        settled = pair.settled
        if settled is None:
            write_line(f"{pair.kind}: open")
        else:
            side = {"one": "the first", "other": "the second"}.get(settled.in_favour, settled.in_favour)
            write_line(f"{pair.kind}: settled for {side} on {settled.on}")
            _write_claim(settled.claim)
        write_line("")
    write_line(counted(found.total, "contradiction"))


def _write_claim(claim: ClaimView) -> None:
    said = f", according to {claim.attribution}" if claim.attribution else ""
    write_line(
        f"{_term(claim.subject)} {claim.predicate.label} {_term(claim.object)} [{claim.modality}{said}]"
    )
    day = claim.document.as_of or "unknown day"
    for p in claim.passages:
        write_line(f"  “{p.quote}” ({', '.join(claim.document.identifiers)} {p.start}–{p.end}, {day})")


def _edges(
    edges: tuple[GraphEdge, ...], labels: dict[str, str]
) -> tuple[tuple[str, ...], list[list[object]]]:
    listed: list[list[object]] = [
        [
            labels.get(e.source, e.source),
            e.predicate,
            labels.get(e.target, e.target),
            e.modality,
            e.claim_count,
            e.claims[0].quote if e.claims else "",
        ]
        for e in edges
    ]
    return ("source", "relation", "target", "modality", "claims", "sentence"), listed


def _fact(fact: Fact) -> tuple[object, ...]:
    return _term(fact.subject), fact.predicate.label, _term(fact.object), fact.status, fact.claim_count


def _term(term: Node | Value) -> str:
    return clean(term.value if isinstance(term, Value) else term.label)


def _plain(claim: ClaimView) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(claim)
