"""``kg gazetteer import``: names of your own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kg.cli.options import Json
from kg.cli.output import counted, for_machines, note, write_json, write_line
from kg.errors import KgError


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    group = typer.Typer(no_args_is_help=True, help="Names beside those that come with the package.")
    group.command(
        "import", epilog="Example: kg gazetteer import JP.txt --to names && KG_GAZETTEER=names kg build …"
    )(import_file)
    app.add_typer(group, name="gazetteer")


def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An extract of GeoNames or Wikidata.")],
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="DIR", help="The folder of your tables; else the setting gazetteer."),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option("--kind", help="The class of rows that do not say theirs, e.g. MilitaryBase."),
    ] = None,
    min_population: Annotated[
        int, typer.Option("--min-population", min=0, help="Leave smaller cities out.")
    ] = 0,
    json: Json = False,
) -> None:
    """Make a table of names from a GeoNames or Wikidata extract, for builds to read."""
    from kg.catalog import load_catalog
    from kg.catalog.imports import import_names
    from kg.settings import load_settings

    own = load_settings().gazetteer
    folder = to or (Path(own) if own else None)
    if folder is None:
        raise KgError("no folder for the table: give --to DIR, or set KG_GAZETTEER")
    report = import_names(file, folder, load_catalog(), kind=kind, min_population=min_population)
    if for_machines(json):
        write_json(
            {
                "file": report.file,
                "rows": report.rows,
                "known": report.known,
                "by_class": dict(sorted(report.by_class.items())),
                "left_out": dict(sorted(report.left_out.items())),
            }
        )
    else:
        told = ", ".join(f"{n} {c}" for c, n in sorted(report.by_class.items()))
        write_line(
            f"{report.file}: {counted(report.rows, 'row')} ({told}), {report.known} of them known already"
        )
        for reason, count in sorted(report.left_out.items()):
            write_line(f"left out: {count} × {reason}")
    if not own or Path(own).resolve() != folder.resolve():
        note(f"kg: builds read these names where KG_GAZETTEER={folder} is set")
