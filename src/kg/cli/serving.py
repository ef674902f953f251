"""``kg serve``."""

from __future__ import annotations

from typing import Annotated

import typer

from kg.cli.options import Store
from kg.settings import load_settings, override


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("serve", epilog="Example: kg serve --store mine --port 9000")(serve)


def serve(
    store: Store,
    host: Annotated[str | None, typer.Option(help="Address to listen on; else 127.0.0.1.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on, 0 for any free one; else 8000.")
    ] = None,
    public_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Where people reach the server, behind a proxy perhaps.")
    ] = None,
    root_path: Annotated[
        str | None, typer.Option(metavar="PATH", help="Path that a proxy puts before all paths.")
    ] = None,
    writable: Annotated[
        bool,
        typer.Option("--writable", help="Take updates and documents from those who have a token (KG_TOKEN)."),
    ] = False,
) -> None:
    """Serve the store over HTTP until Ctrl-C, read-only unless told otherwise. A newer generation is served
    as soon as it is built.
    """
    from kg.graph.places import find_place
    from kg.server.app import create_app
    from kg.server.folders import open_source
    from kg.server.running import bind, to_try
    from kg.server.running import serve as run
    from kg.server.writes import open_writes

    override({"host": host, "port": port, "public_url": public_url, "root_path": root_path})
    settings = load_settings()
    place = find_place(store)
    listening = bind(settings.host, settings.port)
    try:
        writes = open_writes(place, settings) if writable else None
        app = create_app(open_source(place, settings), settings, writes=writes)
    except BaseException:
        listening.close()
        raise

    def ready(url: str) -> None:
        print(f"{url}  (Ctrl-C ends it)\nTry:")
        for line in to_try(app, url):
            print(f"  {line}")
        print(end="", flush=True)

    run(app, listening, ready)
