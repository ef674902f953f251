"""``kg mcp``."""

from __future__ import annotations

from typing import Annotated

import typer

from kg.cli.options import Store
from kg.errors import KgError
from kg.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("mcp", epilog="Example: kg mcp --store mine")(mcp)


def mcp(
    store: Store,
    http: Annotated[
        bool, typer.Option("--http", help="Over HTTP, at /mcp of this machine, and not over stdio.")
    ] = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port for --http.")] = 8100,
) -> None:
    """Serve agents: a Model Context Protocol server over stdin and stdout."""
    try:
        from kg.mcp.service import make_server
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "mcp":
            raise
        raise KgError("kg mcp needs the package mcp: pip install 'statecraft-kg[mcp]'") from None
    from kg.graph.places import find_place
    from kg.server.folders import open_source

    settings = load_settings()
    server = make_server(open_source(find_place(store), settings), settings)
    if http:
        server.run("streamable-http", host="127.0.0.1", port=port)
    else:
        server.run("stdio")
