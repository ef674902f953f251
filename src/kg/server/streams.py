"""Answers of worker processes on their way to a client: never cut short without the client's noticing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from kg.engine.pool import Answer, Pool
from kg.engine.question import Limits, Question, Snapshot
from kg.errors import KgError
from kg.server.origins import RawHeaders
from kg.server.transports import break_off
from kg.settings import Settings

log = logging.getLogger("kg.server")

#: Seconds after which it is looked whether the client still waits; most answers are there before.
_LOOK = 0.05
#: Longest answer that is held in memory, where it cannot stream.
MOST_HELD = 256_000_000
#: Seconds that a client may take to receive one piece of an answer.
STALLED = 60.0


class ClientGone(Exception):
    """Nobody waits for the answer any more."""


class Watch:
    """Ends the task that answers a request when the client goes away.

    To be used with ``async with`` around what takes long; the request's body must have been read.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._gone = False
        self._watcher: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Watch:
        self._answering = asyncio.current_task()
        self._timer = asyncio.get_running_loop().call_later(_LOOK, self._begin)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._timer.cancel()
        if self._watcher is not None:
            self._watcher.cancel()
        if self._gone:
            assert self._answering is not None
            if kind is not asyncio.CancelledError:
                with suppress(asyncio.CancelledError):  # it was to come with the next wait
                    await asyncio.sleep(0)
            self._answering.uncancel()
            raise ClientGone from None

    def _begin(self) -> None:
        self._watcher = asyncio.create_task(self._wait())

    async def _wait(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        assert self._answering is not None
        self._answering.cancel()


def limits_of(settings: Settings) -> Limits:
    """What the settings allow one query."""
    return Limits(
        settings.query_timeout,
        settings.stream_timeout,
        settings.max_answer_rows,
        settings.max_answer_bytes,
        settings.query_memory,
    )


def make_pool(settings: Callable[[], Settings]) -> Pool:
    """The pool of a server; its limits follow the `settings` in force, its size those at the start."""
    now = settings()
    return Pool(lambda: limits_of(settings()), most=now.query_workers, waiting=now.query_queue)


async def ask(
    pool: Pool, snapshot: Snapshot, question: Question, receive: Receive, limits: Limits | None = None
) -> Answer:
    """As `Pool.ask`; a client that goes away ends the query, with `ClientGone`."""
    answer: Answer | None = None
    try:
        async with Watch(receive):
            answer = await pool.ask(snapshot, question, limits)
    except ClientGone:
        if answer is not None:
            answer.drop()
        raise
    return answer


async def send_answer(
    answer: Answer, headers: RawHeaders, scope: Scope, receive: Receive, send: Send
) -> None:
    """Send `answer` with `headers`, and with its length if it is whole; no body to a HEAD request.

    An answer that must end early ends in a broken connection.
    """
    if answer.coding:
        headers.append((b"content-encoding", answer.coding.encode("ascii")))
    head = scope["method"] == "HEAD"
    if answer.whole or head:
        if answer.whole:
            headers.append((b"content-length", b"%d" % len(answer.first)))
        answer.drop()
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if head else answer.first})
        return
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    pieces = answer.pieces()
    try:
        async with Watch(receive):
            async for piece in pieces:
                async with asyncio.timeout(STALLED):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
    except (KgError, TimeoutError) as error:
        reason = str(error) or f"the client took nothing for {STALLED:g} seconds"
        log.warning("an answer was broken off: %s", reason)
        if not break_off(scope):
            raise BrokenOff(reason) from None
        return
    finally:
        await pieces.aclose()
        answer.drop()
    await send({"type": "http.response.body", "body": b""})


class BrokenOff(Exception):
    """An answer that had begun cannot be completed: the server has to break the connection."""


class StreamedAnswer(Response):
    """A route's response that is an answer of a worker process."""

    def __init__(self, answer: Answer, headers: Mapping[str, str], content_type: str) -> None:
        super().__init__(headers=headers, media_type=content_type)
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        headers = [(name, value) for name, value in self.raw_headers if name != b"content-length"]
        await send_answer(self._answer, headers, scope, receive, send)
