"""The process that makes the updates of a server: ``python -m kg.updates.process STORE``.

Requests come by standard input and answers go by standard output; it ends when its server does. It may be killed at
any moment: what was answered is kept, and of what was not, each request is there as a whole or not at all.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import BinaryIO

from kg.errors import KgError
from kg.graph.folder import Folder
from kg.updates.children import die_with_parent
from kg.updates.requests import (
    HEADER_BYTES,
    Ended,
    Failed,
    Ready,
    WriteRequest,
    decode,
    decode_length,
    encode,
)
from kg.updates.working import Working


def main(store: Path, source: BinaryIO, target: BinaryIO) -> None:
    """Make the requests that come from `source` until it ends."""

    def tell(message: object) -> None:
        target.write(encode(message))
        target.flush()

    try:
        working = Working(Folder(store))
    except KgError as error:
        tell(Failed("", error))
        return
    try:
        tell(Ready())
        while (requests := _receive(source)) is not None:
            try:
                tell(Ended(tuple(working.write(requests, tell))))
            except KgError as error:
                tell(Ended(tuple(Failed(request.identity, error) for request in requests)))
    finally:
        working.close()


def _receive(source: BinaryIO) -> list[WriteRequest] | None:
    header = source.read(HEADER_BYTES)
    if len(header) < HEADER_BYTES:
        return None
    data = source.read(decode_length(header))
    found = decode(data)
    assert isinstance(found, list)
    return found


if __name__ == "__main__":
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends us
    # whatever a library prints must not get between the answers
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        main(Path(sys.argv[1]), sys.stdin.buffer, answers)
    except BrokenPipeError:
        os._exit(0)
