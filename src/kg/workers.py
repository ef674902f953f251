"""One function for many items, here or in processes; an item that fails, or kills its process, fails alone."""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from kg.errors import DocumentError, KgError

T = TypeVar("T")
R = TypeVar("R")

#: Items under way for each process: enough that none of them waits, few enough to fit in memory.
_AHEAD = 4
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Failure:
    """There is no result, and why."""

    reason: str


def attempt(function: Callable[[T], R], item: T) -> R | Failure:
    """What `function` makes of `item`, or a `Failure` that says why not, a bug described.

    Raises the function's `KgError`s other than `DocumentError`.
    """
    try:
        return function(item)
    except DocumentError as error:
        return Failure(str(error))
    except KgError:
        raise
    except Exception as error:
        return Failure(describe(error))


def describe(error: Exception) -> str:
    """An exception that nobody expected, with what a report of it needs: type, place, message."""
    where = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(where[-1].filename).name}:{where[-1].lineno}" if where else ""
    told = f": {' '.join(str(error).split())[:_LONGEST]}" if str(error) else ""
    return f"internal error, please report: {type(error).__name__}{place}{told}"


class Workers(Generic[T, R]):
    """Processes that each call `start` once, and then what it returned for one item after the other.

    `start`, items and results must be picklable.
    """

    def __init__(self, start: Callable[[], Callable[[T], R]], jobs: int) -> None:
        self._start = start
        self._jobs = jobs

    def run(self, items: Sequence[T]) -> Iterator[R | Failure]:
        """The result of each item, in the order given, whatever the number of processes.

        Raises `KgError` if the function does.
        """
        pool = self._open(self._jobs)
        waiting: deque[tuple[T, Future[R | Failure]]] = deque()
        following = deque(items)
        try:
            while following or waiting:
                while following and len(waiting) < _AHEAD * self._jobs:
                    waiting.append((following[0], _submit(pool, following[0])))
                    following.popleft()
                if not _is_lost(waiting[0][1]):
                    yield _result(waiting.popleft()[1])
                    continue
                # One of those under way killed its process, and with it the pool: each gets one of its own.
                pool.shutdown(cancel_futures=True)
                while waiting:
                    item, future = waiting.popleft()
                    yield self._alone(item) if _is_lost(future) else _result(future)
                pool = self._open(self._jobs)
        finally:
            pool.shutdown(cancel_futures=True)

    def _open(self, jobs: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(jobs, initializer=_begin, initargs=(self._start,))

    def _alone(self, item: T) -> R | Failure:
        with self._open(1) as pool:
            return _result(pool.submit(_call, item))


def _submit(pool: ProcessPoolExecutor, item: T) -> Future[R | Failure]:
    try:
        return pool.submit(_call, item)
    except BrokenProcessPool as error:
        lost: Future[R | Failure] = Future()
        lost.set_exception(error)
        return lost


def _is_lost(future: Future[R | Failure]) -> bool:
    return isinstance(future.exception(), BrokenProcessPool)


def _result(future: Future[R | Failure]) -> R | Failure:
    try:
        return future.result()
    except KgError:
        raise
    except BrokenProcessPool:
        return Failure(
            "internal error, please report: the process that read it ended (killed, or out of memory)"
        )
    except Exception as error:
        return Failure(describe(error))  # what cannot be sent from one process to another


_function: Callable[[Any], Any] | None = None


def _begin(start: Callable[[], Callable[[T], R]]) -> None:
    global _function  # one for each process: making it takes longer than most items
    _function = start()


def _call(item: T) -> R | Failure:
    assert _function is not None
    result: R | Failure = attempt(_function, item)
    return result
