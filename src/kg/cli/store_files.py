"""``kg dump``, ``check``, ``eval``: a store as a whole."""

from __future__ import annotations

import gzip
import sys
import tempfile
from pathlib import Path
from typing import IO, Annotated, cast

import pyoxigraph as ox
import typer

from kg.cli.options import AsOf, Json, Store, reading
from kg.cli.output import counted, for_machines, write_json, write_line, write_table
from kg.errors import KgError, StoreError
from kg.graph.store import StoreReader, What
from kg.query.sparql import GRAPH_FORMATS, find_format, get_format


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("dump", epilog="Example: kg dump --store mine --what facts -o facts.ttl.gz")(dump)
    app.command("check", epilog="Example: kg check --store mine; kg check --patterns")(check)
    app.command("eval", epilog="Example: kg eval --gold gold/ --store mine --lenient-dates")(evaluate)


def dump(
    store: Store,
    what: Annotated[What, typer.Option("--what", help="Which part.")] = What.ALL,
    format: Annotated[
        str | None,
        typer.Option("--format", help="turtle, ntriples, jsonld or rdfxml; else by the file's ending."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="A file; .gz compresses it.")
    ] = None,
    as_of: AsOf = None,
) -> None:
    """Write the graph, sorted: the same store gives the same bytes."""
    encoder = _encoder(format, output)
    with reading(store, as_of) as reader:
        if output is None:
            sys.stdout.flush()
            reader.dump(what, encoder, sys.stdout.buffer)
            sys.stdout.buffer.flush()
            return
        unfinished = output.with_name(f".{output.name}.part")
        try:
            with unfinished.open("wb") as raw:
                if output.suffix == ".gz":
                    # No name and no time in the header: the same graph gives the same bytes.
                    with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
                        reader.dump(what, encoder, cast(IO[bytes], packed))
                else:
                    reader.dump(what, encoder, raw)
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


def _encoder(format: str | None, output: Path | None) -> ox.RdfFormat:
    if format is not None:
        encoder = get_format(format, GRAPH_FORMATS).encoder
    else:
        name = output.name.removesuffix(".gz") if output is not None else "all.ttl"
        ending = name.rpartition(".")[2]
        found = find_format(ending, GRAPH_FORMATS)
        if found is None:
            endings = ", ".join(f".{f.key}" for f in GRAPH_FORMATS)
            raise KgError(f"{output}: no format has the ending .{ending}; want {endings}, or --format")
        encoder = found.encoder
    assert isinstance(encoder, ox.RdfFormat)
    return encoder
