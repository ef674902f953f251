"""``kg patches`` and ``kg jobs``: what was written to a store over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from kg.cli.options import Json, Limit, Store
from kg.cli.output import counted, for_machines, write_bytes, write_json, write_line, write_table
from kg.errors import StoreError
from kg.graph.folder import Folder
from kg.graph.places import find_place


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    patches = typer.Typer(no_args_is_help=True, help="What updates wrote.", rich_markup_mode=None)
    patches.command("list", epilog="Example: kg patches list --store mine")(list_patches)
    patches.command("show", epilog="Example: kg patches show 7 --store mine")(show_patch)
    patches.command("remove", epilog="Example: kg patches remove 7 --store mine")(remove_patches)
    app.add_typer(patches, name="patches")
    app.command("jobs", epilog="Example: kg jobs --store mine")(list_jobs)


def list_patches(
    store: Store,
    after: Annotated[int, typer.Option("--after", min=0, help="Only those with numbers above this one.")] = 0,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """List what updates wrote, in order."""
    from kg.graph.patches import PatchLog

    with PatchLog(_folder(store).patches) as log:
        found = log.patches(after=after, limit=limit)
    if for_machines(json):
        write_json({"patches": [asdict(patch) for patch in found]})
    else:
        columns = ("number", "at", "author", "added", "removed", "what")
        write_table(columns, ((p.number, p.at, p.author, p.added, p.removed, p.what) for p in found))


def show_patch(number: Annotated[int, typer.Argument(help="Its number.")], store: Store) -> None:
    """Write the quads of one patch, + and - before them."""
    from kg.graph.patches import PatchLog

    with PatchLog(_folder(store).patches) as log:
        if log.find(number) is None:
            raise StoreError(f"{store}: no patch {number}; `kg patches list` lists them")
        write_bytes(b"".join(log.lines(number)))


def remove_patches(
    numbers: Annotated[list[int], typer.Argument(metavar="NUMBER...", help="Their numbers.")],
    store: Store,
    json: Json = False,
) -> None:
    """Take patches out, and make the store anew without them."""
    from kg import pipeline

    removed = pipeline.drop_patches(numbers, _folder(store).path)
    if for_machines(json):
        write_json({"removed": removed})
    else:
        write_line(f"removed {counted(len(removed), 'patch', 'patches')}")


def list_jobs(store: Store, limit: Limit = 100, json: Json = False) -> None:
    """List documents that were posted or taken out over HTTP, the newest first, and what became of them."""
    from kg.inbox import Inbox, listed

    jobs = listed(Inbox(_folder(store).inbox).jobs(), limit)
    if for_machines(json):
        write_json({"jobs": [asdict(job) for job in jobs]})
    else:
        columns = ("number", "at", "author", "kind", "identifier", "state", "error")
        write_table(
            columns, ((j.number, j.at, j.author, j.kind, j.identifier, j.state, j.error) for j in jobs)
        )


def _folder(store: str) -> Folder:
    place = find_place(store)
    if not isinstance(place, Path):
        raise StoreError(f"--store {store}: an endpoint has no patches and no jobs; give a folder")
    folder = Folder(place)
    folder.read_base()
    return folder
