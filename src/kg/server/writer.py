"""Hands requests to write to the process that makes them, and gets rid of it when one takes too long.

Requests that wait are handed over together: they share the cost of a new generation. One that was under way when the
process died is handed over again, under its own name, so that it is made once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path

from kg.errors import KgError, StoreError
from kg.server.problems import Refused
from kg.updates.requests import (
    HEADER_BYTES,
    Committing,
    Ended,
    Failed,
    Ready,
    Started,
    WriteRequest,
    Written,
    decode,
    decode_length,
    encode,
)

log = logging.getLogger("kg.server")

#: Requests handed over together, and requests that may wait.
_TOGETHER = 64
_MOST_WAITING = 1000
#: How often a request may be under way when the process dies.
_ATTEMPTS = 2
#: How long it is tried to start the process, and the pause between two tries.
_PATIENCE_SECONDS = 30.0
_PAUSE = 0.2
_START_SECONDS = 60.0
#: To keep what was made; no request can make this take long.
_COMMIT_SECONDS = 120.0
_END_SECONDS = 5.0
_RETRY = 5


@dataclass(slots=True)
class _Waiting:
    request: WriteRequest
    answer: asyncio.Future[Written]
    attempts: int = 0


class Writer:
    """Makes requests to write to the store at `path`; `seconds` is the longest that one may take.

    Its process is started with the first request, or by `start`.
    """

    def __init__(self, path: Path, seconds: float) -> None:
        self._path = path
        self._seconds = seconds
        self._waiting: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False

    @property
    def process_id(self) -> int | None:
        """The number of the process, if it runs."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def write(self, request: WriteRequest) -> Written:
        """What `request` did. Raises the `KgError` that says why it did nothing."""
        if self._is_closed:
            raise Refused(503, "busy", "the server is being stopped", {"Retry-After": str(_RETRY)})
        if len(self._waiting) >= _MOST_WAITING:
            detail = f"{_MOST_WAITING} updates are waiting, which is the most; try again later"
            raise Refused(503, "busy", detail, {"Retry-After": str(_RETRY)})
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="kg-writer")
        waiting = _Waiting(request, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._wake.set()
        # a client that goes away does not undo what it asked for
        return await asyncio.shield(waiting.answer)

    async def start(self) -> None:
        """Have the process ready. Raises `KgError` if it cannot be."""
        await self._open()

    async def close(self) -> None:
        """Make what waits, as far as the time allows, and end the process."""
        self._is_closed = True
        if self._task is not None:
            limit = asyncio.get_running_loop().time() + _END_SECONDS
            while self._waiting and asyncio.get_running_loop().time() < limit:
                await asyncio.sleep(0.02)
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            assert process.stdin is not None
            process.stdin.close()
            try:
                await asyncio.wait_for(process.wait(), _END_SECONDS)
            except TimeoutError:
                await _kill(process)
        for waiting in self._waiting:
            waiting.answer.cancel()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            batch = [self._waiting[i] for i in range(min(_TOGETHER, len(self._waiting)))]
            # one that may have killed the process goes alone
            batch = batch[:1] if batch[0].attempts else [w for w in batch if not w.attempts]
            try:
                await self._hand_over(batch)
            except Exception as error:  # the process could not be started, or talks nonsense
                log.error("updates cannot be made: %s", error)
                refusal = (
                    error if isinstance(error, KgError) else StoreError(f"updates cannot be made: {error}")
                )
                for waiting in batch:
                    self._settle(waiting, refusal)
            if not self._waiting:
                self._wake.clear()

    async def _hand_over(self, batch: list[_Waiting]) -> None:
        """Have a batch made; what is not settled afterwards still waits."""
        process = await self._open_patiently()
        under_way: _Waiting | None = None
        by_name = {waiting.request.identity: waiting for waiting in batch}
        requests = [waiting.request for waiting in batch]
        try:
            assert process.stdin is not None
            process.stdin.write(encode(requests))
            await process.stdin.drain()
            seconds = _COMMIT_SECONDS  # a build that switches generations may be waited for
            while True:
                message = await asyncio.wait_for(_receive(process), seconds)
                if isinstance(message, Started):
                    under_way, seconds = by_name[message.identity], self._seconds
                elif isinstance(message, Committing):
                    under_way, seconds = None, _COMMIT_SECONDS
                elif isinstance(message, Ended):
                    for answer in message.answers:
                        found = answer.error if isinstance(answer, Failed) else answer
                        self._settle(by_name[answer.identity], found)
                    return
                else:
                    raise StoreError(f"the process that makes updates said {type(message).__name__}")
        except TimeoutError:
            await self._end()
            if under_way is not None:
                told = f"not made within {self._seconds:g} seconds, and given up: nothing has changed"
                self._settle(under_way, Refused(503, "timeout", told))
            else:
                for waiting in batch:
                    told = f"updates were not kept within {seconds:g} seconds; they may be later"
                    self._settle(waiting, Refused(503, "store", told))
        except (EOFError, ConnectionError):
            await self._end()
            if under_way is not None:
                under_way.attempts += 1
                if under_way.attempts >= _ATTEMPTS:
                    told = "the process that makes updates ended twice with this one; nothing has changed"
                    self._settle(under_way, Refused(503, "store", told))
        for waiting in batch:
            waiting.request = replace(waiting.request, is_again=True)

    def _settle(self, waiting: _Waiting, found: Written | Exception) -> None:
        with contextlib.suppress(ValueError):
            self._waiting.remove(waiting)
        if waiting.answer.done():
            return
        if isinstance(found, Exception):
            waiting.answer.set_exception(found)
            waiting.answer.exception()  # it is read by then, even if the client has gone
        else:
            waiting.answer.set_result(found)

    async def _open_patiently(self) -> asyncio.subprocess.Process:
        """As `_open`; one that is killed while it starts, or whose forerunner is not quite gone, is started again."""
        loop = asyncio.get_running_loop()
        limit = loop.time() + _PATIENCE_SECONDS
        while True:
            try:
                return await self._open()
            except StoreError as error:
                if loop.time() > limit:
                    raise
                log.warning("%s", error)
                await asyncio.sleep(_PAUSE)

    async def _open(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is None:
            return self._process
        self._process = process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "kg.updates.process", str(self._path)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={name: value for name, value in os.environ.items() if name != "KG_TOKEN"},
        )
        try:
            message = await asyncio.wait_for(_receive(process), _START_SECONDS)
        except (EOFError, TimeoutError):
            await self._end()
            raise StoreError("the process that makes updates does not start; its log says why") from None
        if isinstance(message, Ready):
            return process
        await self._end()
        raise message.error if isinstance(message, Failed) else StoreError(f"found {message!r}")

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await _kill(process)


async def _receive(process: asyncio.subprocess.Process) -> object:
    assert process.stdout is not None
    try:
        header = await process.stdout.readexactly(HEADER_BYTES)
        return decode(await process.stdout.readexactly(decode_length(header)))
    except asyncio.IncompleteReadError:
        raise EOFError from None


async def _kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()
