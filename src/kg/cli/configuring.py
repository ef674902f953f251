"""``kg settings``: what is set, and where."""

from __future__ import annotations

from typing import Annotated

import typer

from kg.cli.options import Json
from kg.cli.output import for_machines, note, write_json, write_table
from kg.errors import SettingsError
from kg.settings import override, read_settings, unknown_variables


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("settings", epilog="Example: kg --set query_timeout=5 settings")(show)


def apply_sets(pairs: list[str]) -> None:
    """Let the ``NAME=VALUE`` of ``--set`` go before file and environment. Raises `SettingsError`."""
    for pair in pairs:
        name, mark, value = pair.partition("=")
        if not mark:
            raise SettingsError(f"--set {pair!r}: want NAME=VALUE, for example query_timeout=5")
        override({name.strip(): value.strip()})


def show(
    help_too: Annotated[bool, typer.Option("--explain", help="Also say what each of them does.")] = False,
    json: Json = False,
) -> None:
    """Show every setting: its value, the file, variable or flag that it comes from; secrets are masked."""
    rows = [
        {
            "name": one.row.name,
            "value": one.shown,
            "from": one.origin,
            "unit": one.row.unit,
            **({"help": one.row.help, "reload": one.row.reload} if help_too else {}),
        }
        for one in read_settings()
    ]
    if for_machines(json):
        write_json({"settings": rows, "unknown": unknown_variables()})
        return
    write_table(tuple(rows[0]), (tuple(str(cell) for cell in row.values()) for row in rows))
    for name in unknown_variables():
        note(f"{name}: no such setting; it is passed over")
