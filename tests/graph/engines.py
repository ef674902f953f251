"""Real engines to speak to: the Oxigraph server and Virtuoso, each a process of its own on a free port of loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

_VIRTUOSO = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = {sql}
ServerThreads = 8
NumberOfBuffers = 4000
MaxDirtyBuffers = 3000
DirsAllowed = .
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 6
[SPARQL]
ResultSetMaxRows = 1000000
"""


@dataclass(frozen=True)
class Engine:
    """A running engine: the address of its queries, and what to set to write to it."""

    url: str
    environment: dict[str, str]


def free_port() -> int:
    """A port of loopback that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def oxigraph() -> Iterator[Engine]:
    """The Oxigraph server, empty, in memory."""
    program = Path(sys.executable).with_name("oxigraph")
    port = free_port()
    command = [str(program), "serve", "--bind", f"127.0.0.1:{port}"]
    with _running(command, Path.cwd(), f"http://127.0.0.1:{port}/query"):
        yield Engine(f"http://127.0.0.1:{port}/query", {})


@contextmanager
def virtuoso(place: Path) -> Iterator[Engine]:
    """Virtuoso, empty, with its files below `place`; it lets the user dba in by digest, as it comes."""
    program = shutil.which("virtuoso-t")
    if program is None:
        reason = "Virtuoso is not installed (scripts/install-system test)"
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(reason)
        pytest.skip(reason)
    place.mkdir(parents=True)
    http = free_port()
    (place / "virtuoso.ini").write_text(_VIRTUOSO.format(sql=free_port(), http=http))
    command = [program, "-c", "virtuoso.ini", "+foreground"]
    with _running(command, place, f"http://127.0.0.1:{http}/sparql"):
        login = {
            "KG_REMOTE_AUTH": "digest",
            "KG_REMOTE_USER": "dba",
            "KG_REMOTE_PASSWORD": "dba",
            "KG_REMOTE_UPDATE_URL": f"http://127.0.0.1:{http}/sparql-auth",
        }
        yield Engine(f"http://127.0.0.1:{http}/sparql", login)


@contextmanager
def _running(command: Sequence[str], place: Path, url: str) -> Iterator[None]:
    process = subprocess.Popen(command, cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                httpx.get(url, params={"query": "ASK {}"}, timeout=5)
                break
            except httpx.TransportError:
                if process.poll() is not None:
                    raise RuntimeError(f"{command[0]} ended with {process.returncode}") from None
                time.sleep(0.05)
        else:
            raise RuntimeError(f"{command[0]} does not answer at {url}")
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
