"""The table of commands."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from kg.cli import agents, asking, building, configuring, gazetteer, history, serving, store_files, writing
from kg.server.release import release

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: kg build reports/ --store mine && kg serve --store mine",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"kg {release()}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_show_version)
    ] = False,
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="A settings file (TOML); KG_CONFIG names one, too."),
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="A setting, before file and environment. Repeatable."
        ),
    ] = None,
) -> None:
    """A knowledge graph from documents, in which every fact opens the sentence it came from.

    Exit status: 0 done; 1 refused or failed; 2 wrong command line; 3 built, but some documents could not be
    read.
    """
    if config is not None:
        os.environ["KG_CONFIG"] = str(config.absolute())  # also for the processes that do the work
    configuring.apply_sets(sets or [])


for module in (building, store_files, asking, history, gazetteer, configuring, writing, serving, agents):
    module.register(app)
