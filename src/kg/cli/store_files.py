"""``kg dump``, ``check``, ``eval``: a store as a whole."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import IO, Annotated

import pyoxigraph as ox
import typer

from kg.cli.options import AsOf, Json, Store, reading
from kg.cli.output import counted, for_machines, write_json, write_line, write_table
from kg.errors import KgError, StoreError
from kg.graph.document_dump import document_lines
from kg.graph.dumps import FORMS, Dump, Form, Packing, find_form, pack, write
from kg.graph.serialization import write_lines
from kg.graph.store import StoreReader, What
from kg.query.documents import get_document


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("dump", epilog="Example: kg dump --store mine --what facts -o facts.ttl.gz")(dump)
    app.command("check", epilog="Example: kg check --store mine; kg check --patterns")(check)
    app.command("eval", epilog="Example: kg eval --gold gold/ --store mine --lenient-dates")(evaluate)


def dump(
    store: Store,
    what: Annotated[
        What, typer.Option("--what", help="Which part; rdf12 is all with triple terms, prov PROV-O.")
    ] = What.ALL,
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="turtle, ntriples, jsonld, rdfxml, nquads or trig; else by the file's ending, else turtle.",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="A file; .gz or .zst compresses it.")
    ] = None,
    compress: Annotated[
        str | None,
        typer.Option("--compress", metavar="gz|zst", help="Compress it, whatever the file's name."),
    ] = None,
    document: Annotated[
        str | None,
        typer.Option(
            "--document", metavar="KEY", help="Only what this document says: key, IRI or identifier."
        ),
    ] = None,
    as_of: AsOf = None,
) -> None:
    """Write the graph, sorted: the same store gives the same bytes."""
    wanted = Dump(what, _form(format, output), _packing(compress, output))
    if document is not None and what is not What.ALL:
        raise KgError(f"--what {what}: a document's dump has one part; leave it out")
    with reading(store, as_of) as reader:
        iri = get_document(reader, document).iri if document is not None else None

        def fill(out: IO[bytes]) -> None:
            if iri is None:
                write(reader, wanted, out)
                return
            with pack(out, wanted.packing) as packed:
                write_lines(document_lines(reader, iri), wanted.form.encoder, packed, reader.base)

        if output is None:
            sys.stdout.flush()
            fill(sys.stdout.buffer)
            sys.stdout.buffer.flush()
            return
        unfinished = output.with_name(f".{output.name}.part")
        try:
            with unfinished.open("wb") as raw:
                fill(raw)
            unfinished.replace(output)
        except OSError as error:
            raise StoreError(f"{output}: cannot be written: {error.strerror or error}") from None
        finally:
            unfinished.unlink(missing_ok=True)


def check(
    store: Annotated[
        str | None, typer.Option("--store", envvar="KG_STORE", metavar="DIR", help="The store's folder.")
    ] = None,
    patterns: Annotated[bool, typer.Option("--patterns", help="Run every pattern on its examples.")] = False,
    json: Json = False,
) -> None:
    """Check a store (offsets, evidence, constraints), or the patterns on their examples. Exit status 1:
    problems.
    """
    if store is None and not patterns:
        raise typer.BadParameter("want --store DIR or --patterns")
    found: list[dict[str, str]] = []
    if patterns:
        from kg.pattern_checks import check_patterns

        found += [{"pattern": p.pattern, "text": p.text, "message": p.message} for p in check_patterns()]
    elif store is not None:
        from kg.graph import check_store
        from kg.graph.places import find_place

        problems = check_store(find_place(store))
        found += [{"kind": p.kind, "subject": p.subject, "message": p.message} for p in problems]
    if for_machines(json):
        write_json({"problems": found})
    elif found:
        write_table(tuple(found[0]), (tuple(row.values()) for row in found))
    else:
        write_line("no problems")
    if found:
        raise KgError(counted(len(found), "problem"))


def evaluate(
    gold: Annotated[Path, typer.Option("--gold", metavar="DIR", help="Annotated documents.")],
    store: Annotated[
        str | None,
        typer.Option("--store", envvar="KG_STORE", metavar="DIR", help="The store to score."),
    ] = None,
    texts: Annotated[
        Path | None,
        typer.Option(
            "--texts",
            metavar="DIR",
            help="The documents' texts, if not the store's own; without --store they are built first.",
        ),
    ] = None,
    lenient_dates: Annotated[
        bool, typer.Option("--lenient-dates", help="An event without a date fits any date.")
    ] = False,
    errors: Annotated[int, typer.Option("--errors", min=0, help="Findings of each kind to list.")] = 0,
    json: Json = False,
) -> None:
    """Score a store, or the texts built afresh, against annotations made by hand."""
    from kg.evaluation import evaluate as score

    with tempfile.TemporaryDirectory(prefix="kg-eval-") as place:
        made = Path(place)
        if store is None:
            from kg import pipeline

            store = str(made / "store")
            pipeline.build([texts or gold], Path(store))
        path = made / "all.nt"
        with reading(store) as reader, path.open("wb") as out:
            reader.dump(What.ALL, ox.RdfFormat.N_TRIPLES, out)
            if texts is None:
                texts = made / "texts"
                _write_texts(reader, texts)
        report = score(gold, path, texts, lenient_dates=lenient_dates, errors=errors)
    if for_machines(json):
        write_json(report.to_json())
    else:
        print(report.text if errors else f"{report.calibration.text}\n{report.summary}")


def _write_texts(reader: StoreReader, folder: Path) -> None:
    """Write each document's stored text under the base names of its identifiers, for offsets to be checked in."""
    folder.mkdir()
    for listed in reader.documents():
        document = reader.document(listed.iri)
        for identifier in document.identifiers if document is not None else ():
            name = Path(identifier).name
            if document is not None and name:
                (folder / name).write_bytes(document.text.encode("utf-8"))


def _packing(compress: str | None, output: Path | None) -> Packing:
    known = [p.value for p in Packing if p.value]
    if compress is not None and compress not in known:
        raise KgError(f"--compress {compress!r}: want {' or '.join(known)}")
    ending = output.suffix.removeprefix(".") if output is not None else ""
    return Packing(compress or (ending if ending in known else ""))


def _form(format: str | None, output: Path | None) -> Form:
    if format is not None:
        found = find_form(format)
        if found is None:
            raise KgError(
                f"--format {format!r}: want one of {', '.join((f.names or (f.ending,))[0] for f in FORMS)}"
            )
        return found
    if output is None:
        return FORMS[0]
    ending = output.name.removesuffix(".gz").removesuffix(".zst").rpartition(".")[2]
    found = find_form(ending)
    if found is None:
        endings = ", ".join(f".{f.ending}" for f in FORMS)
        raise KgError(f"{output}: no format has the ending .{ending}; want {endings}, or --format")
    return found
