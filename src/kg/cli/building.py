"""``kg build``, ``extract``, ``remove``, ``load``: what goes into a store and comes out of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg.cli.options import Json, Store
from kg.cli.output import counted, for_machines, note, write_json, write_json_lines, write_line, write_table
from kg.errors import KgError
from kg.settings import DEFAULT_MODEL

if TYPE_CHECKING:
    from kg.graph.store import Progress
    from kg.model import Extraction

#: Undated documents that are named; the rest are counted.
_NAMED = 10


def _check_date(date: str | None) -> str | None:
    if date is None:
        return None
    from kg.documents import check_edtf

    try:
        return check_edtf(date)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _check_dates(path: Path | None) -> Path | None:
    if path is not None:
        from kg.documents import read_dates_csv

        try:
            read_dates_csv(path)
        except KgError as error:
            raise typer.BadParameter(str(error)) from None
    return path


Date = Annotated[
    str | None,
    typer.Option(
        "--date", metavar="DATE", help="Publication date of all of them (EDTF).", callback=_check_date
    ),
]
Model = Annotated[
    str,
    typer.Option(
        "--model",
        metavar="NAME",
        help="rules, kg (our own model, once trained: docs/model-card.md), or a spaCy pipeline.",
    ),
]

Extractors = Annotated[
    list[str] | None,
    typer.Option(
        "--extractor",
        metavar="NAME",
        help="One beside the rules, repeatable: gliner:PATH, llm:MODEL (docs/extractors.md).",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("build", epilog="Example: kg build reports/ news.jsonl --store mine --jobs 4")(build)
    app.command("extract", epilog="Example: kg extract note.txt --date 2025-03-30 | head")(extract)
    app.command("remove", epilog="Example: kg remove note.txt --store mine")(remove)
    app.command("load", epilog="Example: kg load all.ttl.gz --store copy")(load)


def build(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Files or folders: txt, md, html, pdf, jsonl.")
    ],
    store: Store,
    jobs: Annotated[int, typer.Option(min=1, help="Processes that extract.")] = 1,
    date: Date = None,
    dates_file: Annotated[
        Path | None,
        typer.Option(
            "--date-from-metadata",
            metavar="FILE.csv",
            help="Publication dates: a file with header file,date.",
            callback=_check_dates,
        ),
    ] = None,
    judgements: Annotated[
        Path | None,
        typer.Option(
            "--judgements", metavar="FILE.csv", help="Decisions on identity by hand; kept by the store."
        ),
    ] = None,
    model: Model = DEFAULT_MODEL,
    extractors: Extractors = None,
    json: Json = False,
) -> None:
    """Read documents and add them to the store; documents that did not change are not read again.

    Exit status 3: some documents could not be read, the others are in.
    """
    from kg import pipeline
    from kg.graph.places import find_place

    with _progress(for_machines(json)) as progress:
        report = pipeline.build(
            paths,
            find_place(store),
            jobs=jobs,
            model=model,
            extractors=extractors or None,
            date=date,
            dates_file=dates_file,
            judgements=judgements,
            progress=progress,
        )
    for name, reason in report.failed:
        note(f"kg: {reason}" if reason.startswith(name) else f"kg: {name}: {reason}")
    if report.undated:
        listed = ", ".join(report.undated[:_NAMED])
        more = f" and {len(report.undated) - _NAMED} more" if len(report.undated) > _NAMED else ""
        note(f"kg: without a stated date: {listed}{more}")
    for extractor, reasons in report.refused.items():
        told = ", ".join(f"{reason} ({number})" for reason, number in reasons.items())
        note(
            f"kg: {extractor}: {counted(sum(reasons.values()), 'proposal')} not taken{': ' + told if told else ''}"
        )
    if for_machines(json):
        write_json(report)
    else:
        write_line(
            f"{counted(report.documents, 'document')} ({report.added} new, {report.replaced} replaced, "
            f"{report.unchanged} unchanged, {len(report.failed)} failed): "
            f"{counted(report.entities, 'entity', 'entities')}, {counted(report.claims, 'claim')}; "
            f"generation {report.generation}"
        )
    if report.failed:
        raise typer.Exit(3 if report.documents else 1)


def extract(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A document; - reads standard input.")],
    date: Date = None,
    model: Model = DEFAULT_MODEL,
    extractors: Extractors = None,
    explain: Annotated[bool, typer.Option("--explain", help="Also what was not taken, and why.")] = False,
    json: Json = False,
) -> None:
    """One document's entities, mentions and claims, as lines of JSON; no store is needed."""
    from kg import pipeline

    extractor = pipeline.Extractor(model=model, extractors=extractors or None)
    extraction = extractor.extract(pipeline.read_one(file, date))
    if for_machines(json):
        write_json_lines(extraction_lines(extraction, explain))
        return
    text = extraction.document.text
    write_table(
        ("subject", "relation", "object", "modality", "sentence"),
        (
            (
                c.subject,
                c.predicate,
                _value(c.object),
                c.modality,
                text[c.evidence[0].start : c.evidence[0].end],
            )
            for c in extraction.claims
        ),
        f"{counted(len(extraction.mentions), 'mention')}, {counted(len(extraction.claims), 'claim')}, "
        f"as of {extraction.as_of or 'an unknown day'}",
    )
    if explain:
        write_table(
            ("stage", "text", "not taken because"),
            ((r.stage, r.text, r.reason) for r in extraction.rejections),
        )


def extraction_lines(extraction: Extraction, explain: bool) -> Iterator[dict[str, object]]:
    """One mapping for the document, then one for each entity, mention and claim; with `explain` each
    rejection.
    """
    document = extraction.document
    yield {
        "type": "document",
        "identifiers": document.identifiers,
        "key": document.key,
        "sha256": document.sha256,
        "issued": document.issued,
        "as_of": extraction.as_of,
        "as_of_basis": extraction.as_of_basis.value,
        "boilerplate": document.boilerplate,
    }
    for e in extraction.entities:
        yield {"type": "entity", "iri": e.iri, "kind": e.kind, "subkind": e.subkind, "names": e.names}
    for m in extraction.mentions:
        yield {
            "type": "mention",
            "start": m.span.start,
            "end": m.span.end,
            "text": m.text,
            "entity": m.entity_iri,
        }
    for c in extraction.claims:
        yield {
            "type": "claim",
            "subject": c.subject,
            "predicate": c.predicate,
            "object": _value(c.object),
            "modality": c.modality.value,
            "confidence": c.confidence / 100,
            "attribution": c.attribution,
            "said_by": c.said_by,
            "valid_time": c.valid_time,
            "acting": c.acting,
            "rule": c.rule,
            "evidence": [
                {"start": s.start, "end": s.end, "quote": document.text[s.start : s.end]} for s in c.evidence
            ],
        }
    for r in extraction.rejections if explain else ():
        span = {"start": r.span.start, "end": r.span.end}
        yield {"type": "rejection", "stage": r.stage, **span, "text": r.text, "reason": r.reason}


def remove(
    identifier: Annotated[str, typer.Argument(help="Identifier or IRI of a document.")],
    store: Store,
    json: Json = False,
) -> None:
    """Take a document, and exactly its claims, out of the store."""
    from kg import pipeline
    from kg.graph.places import find_place

    iri = pipeline.remove(identifier, find_place(store))
    if for_machines(json):
        write_json({"removed": iri})
    else:
        write_line(f"removed {iri}")


def load(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="RDF files, also .gz.")],
    store: Store,
    json: Json = False,
) -> None:
    """Load RDF, a dump of ours or any other, into the store, with its search index."""
    from kg import pipeline
    from kg.graph.places import find_place

    generation = pipeline.load(files, find_place(store))
    if for_machines(json):
        write_json({"generation": generation})
    else:
        write_line(f"loaded; generation {generation}")


def _value(term: object) -> str:
    return str(getattr(term, "value", term))


@contextmanager
def _progress(quiet: bool) -> Iterator[Progress | None]:
    """A progress bar on a terminal, None in a pipe."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    bar = Progress(
        TextColumn("{task.description:10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
    tasks: dict[str, TaskID] = {}

    def show(step: str, done: int, total: int) -> None:
        if step not in tasks:
            tasks[step] = bar.add_task(step, total=total)
        bar.update(tasks[step], completed=done, total=total)

    with bar:
        yield show
