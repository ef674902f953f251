"""The worker processes of a server: who may have one, for how long, and what becomes of it."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass

from kg.engine import frames
from kg.engine.process import Lost, Worker, ended_for_memory
from kg.engine.question import Limits, Question, Snapshot
from kg.engine.text import syntax_error
from kg.errors import (
    AnswerTooLarge,
    KgError,
    MemoryExceeded,
    Overloaded,
    QueryError,
    QueryTimeout,
    StoreError,
    UnfitFormat,
    Unsupported,
    WorkerLost,
)

log = logging.getLogger("kg.engine")

#: Seconds after which a query makes way for shorter ones.
_SLOW = 0.5
#: Seconds that a query waits for one of the first processes before another one is started for it.
_GROW = 0.01
#: Seconds between two looks at whether fewer processes would do.
_IDLE = 20.0
#: Bytes of memory beyond which a process that has nothing to do is ended, to give them back.
_SWOLLEN = 192 << 20
_CHECK_EVERY = 2000
#: How often a process that ended before it was asked is replaced for one question.
_ATTEMPTS = 3


@dataclass(slots=True)
class Counts:
    """What a pool has done so far."""

    answered: int = 0
    refused: int = 0
    timeouts: int = 0
    lost: int = 0
    started: int = 0


class Pool:
    """At most `most` processes, and a queue of at most `waiting` questions for them.

    To be used in one event loop; the processes are started when they are needed. `limits` is asked for every question.
    """

    def __init__(
        self, limits: Callable[[], Limits], *, most: int = 0, waiting: int = 100, confined: bool = True
    ) -> None:
        cores = os.cpu_count() or 1
        self.most = most if most > 0 else cores + 4
        self.counts = Counts()
        self._limits = limits
        self._first = min(cores, self.most)
        self._longest_queue = waiting
        self._confined = confined
        self._workers: set[Worker] = set()
        self._ending: set[Worker] = set()
        self._idle: list[Worker] = []
        self._queue: deque[asyncio.Future[Worker]] = deque()
        self._growing = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._trimming: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def limits(self) -> Limits:
        """The limits in force."""
        return self._limits()

    @property
    def processes(self) -> list[int]:
        """The numbers of the worker processes."""
        return sorted(worker.pid for worker in self._workers)

    @property
    def busy(self) -> int:
        """How many processes answer something."""
        return len(self._workers) - len(self._idle)

    @property
    def waiting(self) -> int:
        """How many questions wait for a process."""
        return len(self._queue)

    async def warm(self, processes: int = 1) -> None:
        """Have as many processes ready."""
        while len(self._workers) < min(processes, self.most):
            self._release(await self._start())

    async def ask(self, snapshot: Snapshot, question: Question, limits: Limits | None = None) -> Answer:
        """The answer, once it is whole or its first piece is there; its `pieces` must be read or `drop`ped.

        `limits` are those of the pool if None.
        A caller that is cancelled ends the query. Raises `QuerySyntaxError`, `QueryError`, `QueryTimeout`,
        `AnswerTooLarge`, `MemoryExceeded`, `UnfitFormat`, `Overloaded`, `WorkerLost`, and `StoreError` if the
        snapshot cannot be opened.
        """
        limits = limits or self._limits()
        loop = asyncio.get_running_loop()
        began = loop.time()
        worker = await self._take(limits)
        late = False
        timer = loop.call_later(min(_SLOW, limits.seconds), lambda: too_slow())

        def too_slow() -> None:
            nonlocal late, timer
            left = began + limits.seconds - loop.time()
            if left <= 0:
                late = True
                worker.kill()
                return
            worker.make_way()
            timer = loop.call_later(left, too_slow)

        try:
            worker.ask(snapshot, question.encode(limits))
            kind, payload = await worker.next()
        except Lost as lost:
            self._discard(worker)
            if late:
                self.counts.timeouts += 1
                raise QueryTimeout(
                    f"no answer within {limits.seconds:g} seconds; ask for less, or add a LIMIT"
                ) from None
            raise self._loss(lost, limits) from None
        except BaseException:
            self._discard(worker)
            raise
        finally:
            timer.cancel()
        worker.answered += 1
        if kind == frames.ERROR:
            if payload.startswith(frames.GONE.encode()):
                worker.snapshot = None
            self._release(worker)
            self.counts.refused += 1
            raise _error(payload, limits)
        self.counts.answered += 1
        label, at = payload[:1], payload.index(b"\0")
        first, graph, coding = payload[at + 1 :], label == frames.GRAPH, payload[1:at].decode()
        if kind == frames.WHOLE:
            self._release(worker)
            return Answer(graph, coding, first, True)
        return Answer(graph, coding, first, False, self, worker, limits, began)

    async def close(self) -> None:
        """End all processes; queries under way end with `WorkerLost`."""
        self._closed = True
        if self._trimming is not None:
            self._trimming.cancel()
        for future in self._queue:
            if not future.done():
                future.set_exception(WorkerLost("the server is being stopped"))
        self._queue.clear()
        for task in self._tasks:
            task.cancel()
        workers, self._workers, self._idle = self._workers | self._ending, set(), []
        await asyncio.gather(*(worker.end() for worker in workers), *self._tasks, return_exceptions=True)

    async def _take(self, limits: Limits) -> Worker:
        """A process to ask, a new one if need be."""
        for _ in range(_ATTEMPTS):
            worker = self._find_idle() or await self._wait_for_worker(limits)
            if worker.alive:
                return worker
            self._discard(worker)
        raise WorkerLost("the processes for queries end as soon as they are started")

    def _find_idle(self) -> Worker | None:
        """The process used last, whose caches are warm."""
        while self._idle:
            worker = self._idle.pop()
            if worker.alive:
                return worker
            self._discard(worker)
        return None

    async def _wait_for_worker(self, limits: Limits) -> Worker:
        if self._closed:
            raise WorkerLost("the server is being stopped")
        if len(self._workers) + self._growing < self._first:
            return await self._start()
        if len(self._queue) >= self._longest_queue:
            self.counts.refused += 1
            raise Overloaded(
                f"{len(self._queue)} queries wait already, which is the most; try again later", 2
            )
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Worker] = loop.create_future()
        self._queue.append(future)
        grow = loop.call_later(_GROW, self._grow)
        timeout = loop.call_later(limits.seconds, _give_up, future)
        try:
            return await future
        except Overloaded:
            self.counts.refused += 1
            raise
        except BaseException:
            if future.done() and not future.cancelled() and future.exception() is None:
                self._release(future.result())
            raise
        finally:
            grow.cancel()
            timeout.cancel()
            with suppress(ValueError):
                self._queue.remove(future)

    def _grow(self) -> None:
        """Start one more process if a question still waits and there may be one."""
        if (
            self._closed
            or len(self._workers) + self._growing >= self.most
            or len(self._queue) <= self._growing
        ):
            return
        self._growing += 1

        async def add() -> None:
            self._growing -= 1  # from here on it is one of the workers
            try:
                self._release(await self._start())
            except KgError as error:
                log.error("%s", error)

        task = asyncio.create_task(add())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _start(self) -> Worker:
        worker = Worker()
        self._workers.add(worker)
        try:
            await worker.start(self._limits().memory, self._confined)
        except BaseException as error:
            self._workers.discard(worker)
            if isinstance(error, OSError):
                why = error.strerror or str(error)
                raise Overloaded(f"no process can be started for the query ({why})", 5) from None
            raise
        self.counts.started += 1
        return worker

    def _release(self, worker: Worker) -> None:
        """Give `worker` to the question that waits longest, or keep it for the next one."""
        if self._closed or not worker.alive:
            self._discard(worker)
            return
        tired = worker.slow or worker.answered % _CHECK_EVERY == _CHECK_EVERY - 1
        if tired and not worker.is_fit(_SWOLLEN):
            self._discard(worker)
            return
        while self._queue:
            future = self._queue.popleft()
            if not future.done():
                future.set_result(worker)
                return
        self._idle.append(worker)
        if self._trimming is None and len(self._idle) > self._first:
            self._trimming = asyncio.get_running_loop().call_later(_IDLE, self._trim, len(self._idle))

    def _trim(self, before: int) -> None:
        """End a process that was not needed since there were `before` idle ones, the first few excepted."""
        self._trimming = None
        if self._closed or len(self._idle) <= self._first:
            return
        if len(self._idle) >= before:
            self._discard(self._idle.pop(0))  # the one not asked for the longest
        if len(self._idle) > self._first:
            self._trimming = asyncio.get_running_loop().call_later(_IDLE, self._trim, len(self._idle))

    def _discard(self, worker: Worker) -> None:
        """End `worker`; whoever waits gets another one."""
        worker.kill()
        self._workers.discard(worker)
        self._ending = {one for one in (*self._ending, worker) if not one.reaped}
        if self._queue:
            self._grow()

    def _loss(self, lost: Lost, limits: Limits) -> KgError:
        self.counts.lost += 1
        if ended_for_memory(lost):
            return _exceeded(limits)
        words = " ".join(lost.words.split())[:300]
        log.warning("a worker process ended in a query (signal %d)%s", lost.signal, words and f": {words}")
        return WorkerLost("the process that ran the query ended without an answer; try again")


class Answer:
    """An answer, or its beginning: `first` is all of it if `whole`, else what was held back."""

    __slots__ = ("_began", "_limits", "_pool", "_worker", "coding", "first", "graph", "whole")

    def __init__(
        self,
        graph: bool,
        coding: str,
        first: bytes,
        whole: bool,
        pool: Pool | None = None,
        worker: Worker | None = None,
        limits: Limits | None = None,
        began: float = 0.0,
    ) -> None:
        self.graph = graph
        self.coding = coding
        self.first = first
        self.whole = whole
        self._pool = pool
        self._worker = worker
        self._limits = limits
        self._began = began

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """`first` and what follows, to be sent one after the other; the query goes on no faster than they are taken.

        Raises `QueryTimeout`, `AnswerTooLarge`, `MemoryExceeded`, `QueryError` or `WorkerLost` where it must end early.
        """
        yield self.first
        if self.whole:
            return
        pool, worker, limits = self._pool, self._worker, self._limits
        assert pool is not None
        assert worker is not None
        assert limits is not None
        loop = asyncio.get_running_loop()
        ends = self._began + limits.stream_seconds
        try:
            while True:
                try:
                    async with asyncio.timeout_at(min(loop.time() + limits.seconds, ends)):
                        kind, payload = await worker.next()
                except TimeoutError:
                    pool.counts.timeouts += 1
                    raise QueryTimeout("the answer took too long") from None
                except Lost as lost:
                    raise pool._loss(lost, limits) from None
                if kind == frames.MORE:
                    yield payload
                    if loop.time() > ends:
                        pool.counts.timeouts += 1
                        raise QueryTimeout(f"the answer took longer than {limits.stream_seconds:g} seconds")
                    continue
                self._worker = None
                pool._release(worker)
                if kind == frames.ERROR:
                    raise _error(payload, limits)
                return
        finally:
            self.drop()

    def drop(self) -> None:
        """End the query if it still runs."""
        worker, self._worker = self._worker, None
        if worker is not None and self._pool is not None:
            self._pool._discard(worker)


def _give_up(future: asyncio.Future[Worker]) -> None:
    if not future.done():
        future.set_exception(Overloaded("all processes for queries are taken; try again later", 2))


def _exceeded(limits: Limits) -> MemoryExceeded:
    return MemoryExceeded(
        f"the query needs more than query_memory = {limits.memory:,} bytes (KG_QUERY_MEMORY); ask for less"
    )


def _error(payload: bytes, limits: Limits) -> KgError:
    """The error that an `ERROR` frame tells."""
    name, _, rest = payload.partition(b"\0")
    kind, message = name.decode(), rest.decode("utf-8", "replace")
    if kind == frames.SYNTAX:
        return syntax_error(message)
    if kind == frames.KIND:
        return UnfitFormat(rest == frames.GRAPH)
    if kind == frames.BYTES:
        return AnswerTooLarge(
            f"the answer is longer than max_answer_bytes = {limits.bytes:,} (KG_MAX_ANSWER_BYTES); "
            "ask for less, or add a LIMIT"
        )
    if kind == frames.ROWS:
        return AnswerTooLarge(
            f"the answer has more rows than max_answer_rows = {limits.rows:,} (KG_MAX_ANSWER_ROWS); "
            "ask for less, or add a LIMIT"
        )
    if kind == frames.MEMORY:
        return _exceeded(limits)
    if kind == frames.GONE:
        return StoreError(f"the snapshot cannot be opened: {message}")
    if "custom function" in message:
        return Unsupported(f"the query cannot be run: {message}")
    return QueryError(f"the query cannot be run: {message}")
