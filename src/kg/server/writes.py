"""What a server needs to write: tokens, the process that makes updates, the inbox and the process that builds."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from kg.errors import SettingsError, StoreError
from kg.graph import open_writer
from kg.graph.folder import Folder, Lock
from kg.graph.patches import PatchLog
from kg.graph.places import Place
from kg.inbox import Inbox
from kg.server.problems import Refused
from kg.server.tokens import Scope, Token, authorize, read_tokens
from kg.server.writer import Writer
from kg.settings import Settings

log = logging.getLogger("kg.server")

_READ_ONLY = "the server is read only; `kg serve --writable` with a token makes it take writes"
_END_SECONDS = 5.0
_LONGEST_PAUSE = 60.0
#: A builder that has run for so long has not died of its start.
_STEADY_SECONDS = 60.0


class Writes:
    """Writing to the store in a folder. Raises `SettingsError` if there is no token."""

    def __init__(self, path: Path, settings: Settings, environment: Mapping[str, str] = os.environ) -> None:
        self.tokens = read_tokens(environment, settings.tokens)
        if not self.tokens:
            raise SettingsError(
                "--writable: no token: want one in the variable KG_TOKEN, or a file of tokens in KG_TOKENS"
            )
        self.folder = Folder(path)
        self.settings = settings
        self.writer = Writer(path, settings.update_timeout)
        self.inbox = Inbox(self.folder.inbox)
        self.patches = PatchLog(self.folder.patches)
        self.builder = BuilderProcess(path)

    async def start(self) -> None:
        """Start the processes. Raises `KgError` if another server makes the updates of this store."""
        await self.writer.start()
        self.builder.start()

    async def close(self) -> None:
        """End the processes; what waits in the inbox stays there."""
        await asyncio.gather(self.writer.close(), self.builder.close())
        self.patches.close()


def open_writes(place: Place, settings: Settings) -> Writes:
    """What to write to the store at `place` with; an empty store is made where there is none.

    Raises `SettingsError` if there is no token, `StoreBusy` if another server writes to the store, `StoreError` if the
    store cannot be written to or is an endpoint.
    """
    if not isinstance(place, Path):
        raise StoreError(f"{place}: --writable takes a store in a folder; write to the endpoint itself")
    writes = Writes(place, settings)
    folder = writes.folder
    if not folder.pointer.exists():
        with open_writer(place, settings) as writer:
            writer.commit(lambda _: {})
    Lock(folder.writer_lock).release()
    return writes


class BuilderProcess:
    """Keeps the process of `kg.builder` running; known here by its name alone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def process_id(self) -> int | None:
        """The number of the process, if it runs."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    def start(self) -> None:
        """Start the process, and start it again whenever it ends."""
        self._task = asyncio.create_task(self._run(), name="kg-builder")

    def wake(self) -> None:
        """Say that there is something to do."""
        process = self._process
        if process is not None and process.returncode is None and process.stdin is not None:
            with contextlib.suppress(ConnectionError, RuntimeError):
                process.stdin.write(b"\n")

    async def close(self) -> None:
        """End the process; a job under way is begun again at the next start."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _END_SECONDS)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _run(self) -> None:
        loop, pause = asyncio.get_running_loop(), 0.5
        while True:
            begun = loop.time()
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "kg.builder", str(self._path)),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.DEVNULL,
                    env={name: value for name, value in os.environ.items() if name != "KG_TOKEN"},
                )
                status = await self._process.wait()
                log.warning("the builder ended with status %s; it is started again", status)
            except OSError as error:
                log.error("the builder cannot be started: %s", error)
            pause = 0.5 if loop.time() - begun > _STEADY_SECONDS else min(2 * pause, _LONGEST_PAUSE)
            await asyncio.sleep(pause)


def find_writes(request: Request) -> Writes | None:
    """What the server writes with, or None if it is read only."""
    found = getattr(request.app.state, "writes", None)
    return found if isinstance(found, Writes) else None


def allow(request: Request, scope: Scope) -> tuple[Writes, Token]:
    """What to write with, and the token of a request that may.

    Raises a 403 in a server that is read only, else a 401 or 403 without a token that has the scope.
    """
    writes = find_writes(request)
    if writes is None:
        raise Refused(403, "read-only", f"{request.method} {request.url.path}: {_READ_ONLY}")
    return writes, authorize(request.headers.get("authorization"), writes.tokens, scope)


Allowed = tuple[Writes, Token]


#: Has the description say that a token is wanted; `allow` looks at it.
Bearer = Annotated[
    object, Security(HTTPBearer(auto_error=False, description="A token with the scope of the path."))
]


async def allow_update(request: Request, _: Bearer) -> Allowed:
    """A request that may update."""
    return allow(request, Scope.UPDATE)


async def allow_graph_store(request: Request, _: Bearer) -> Allowed:
    """A request that may write graphs."""
    return allow(request, Scope.GRAPH_STORE)


async def allow_documents(request: Request, _: Bearer) -> Allowed:
    """A request that may post and remove documents."""
    return allow(request, Scope.DOCUMENTS)


MayUpdate = Annotated[Allowed, Depends(allow_update)]
MayWriteGraphs = Annotated[Allowed, Depends(allow_graph_store)]
MayPost = Annotated[Allowed, Depends(allow_documents)]


def now() -> str:
    """The time in UTC, to the second; kept with what is written, and part of no answer to a question."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
