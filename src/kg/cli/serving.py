"""``kg serve``."""

from __future__ import annotations

from typing import Annotated

import typer

from kg.cli.options import Store, store_path


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("serve", epilog="Example: kg serve --store mine --port 9000")(serve)


def serve(
    store: Store,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0: any free one.")] = 8000,
) -> None:
    """Serve the store over HTTP, read-only, until Ctrl-C. A newer generation is served as soon as it is
    built.
    """
    from kg.server.app import create_app
    from kg.server.running import bind, to_try
    from kg.server.running import serve as run

    path = store_path(store)
    listening = bind(host, port)
    try:
        app = create_app(path)
    except BaseException:
        listening.close()
        raise

    def ready(url: str) -> None:
        print(f"{url}  (Ctrl-C ends it)\nTry:")
        for line in to_try(app, url):
            print(f"  {line}")
        print(end="", flush=True)

    run(app, listening, ready)
