"""One worker process, as the server sees it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import cast

from kg.engine import frames
from kg.engine.question import Snapshot

#: What a worker needs of the environment; tokens and passwords are not among it.
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR", "TZ", "SYSTEMROOT")
#: Bytes of frames that wait for the client before the worker has to.
_WAITING = 256 * 1024
#: Seconds between two looks at whether a process has ended, and how many there are before it is made to.
_REAP, _PATIENCE = 0.003, 60
_START = "import sys; from kg.engine.worker import main; main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == '1')"


#: What the runtimes of Rust and C++ say when they get no memory, for data or for the stack of a thread.
_OUT_OF_MEMORY = ("memory allocation", "bad_alloc", "Resource temporarily unavailable")


class Lost(Exception):
    """The process ended before its answer did; `signal` is the number of the signal that ended it, 0 if none."""

    def __init__(self, number: int, words: str) -> None:
        super().__init__(words)
        self.signal = number
        self.words = words


class Worker(asyncio.Protocol):
    """A process that answers one question at a time. Not to be shared between event loops."""

    def __init__(self) -> None:
        self.snapshot: Snapshot | None = None
        self.answered = 0
        self.slow = False
        self._transport: asyncio.Transport | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._words = -1
        self._partial = bytearray()
        self._frames: deque[tuple[bytes, bytes]] = deque()
        self._waiting = 0
        self._paused = False
        self._future: asyncio.Future[None] | None = None
        self._lost: Lost | None = None
        self.reaped = False

    async def start(self, memory: int, confined: bool) -> None:
        """Start the process; it is ready for a question at once. Raises `OSError`."""
        ours, theirs = socket.socketpair()
        try:
            self._words = _open_words()
            environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
            environment["PYTHONPATH"] = os.pathsep.join(_import_path())
            self._process = subprocess.Popen(
                [sys.executable, "-s", "-c", _START, str(theirs.fileno()), str(memory), str(int(confined))],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=self._words if self._words >= 0 else subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env=environment,
                cwd="/",
                # Ctrl-C is for the server, which ends its workers. Not a session of their own: Linux shares the
                # processor among sessions first, and a slow query could not make way for the others.
                process_group=0,
            )
            ours.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.create_connection(lambda: self, sock=ours)
        except BaseException:
            ours.close()
            self.kill()
            raise
        finally:
            theirs.close()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid if self._process is not None else 0

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._lost is None and self._transport is not None and not self._transport.is_closing()

    def ask(self, snapshot: Snapshot, question: bytes) -> None:
        """Send the frame `question`, to be answered from `snapshot`."""
        assert self._transport is not None
        self._frames.clear()
        self._waiting = 0
        if self.snapshot is not None and self.snapshot.graph == snapshot.graph:
            self._transport.write(question)
        else:
            self.snapshot = snapshot
            self._transport.write(snapshot.opening + question)

    async def next(self) -> tuple[bytes, bytes]:
        """Kind and payload of the next frame. Raises `Lost`."""
        while not self._frames:
            if self._lost is not None:
                raise self._lost
            self._future = asyncio.get_running_loop().create_future()
            try:
                await self._future
            finally:
                self._future = None
        found = self._frames.popleft()
        self._waiting -= len(found[1])
        if self._paused and self._waiting < _WAITING // 2 and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        return found

    def kill(self) -> None:
        """End the process now; whoever waits for a frame gets `Lost`."""
        if self._lost is None:
            self._lost = Lost(signal.SIGKILL, "")
            self._wake()
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(OSError):
                self._process.kill()
        if self._transport is not None:
            self._transport.abort()
        elif self._process is not None:
            self._process.wait()
            self._let_go()

    async def end(self) -> None:
        """As `kill`; returns when the process is gone."""
        self.kill()
        while not self.reaped:
            await asyncio.sleep(_REAP)

    def make_way(self) -> None:
        """Let processes with less to do go first."""
        self.slow = True
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.pid, 10)

    def is_fit(self, most_memory: int) -> bool:
        """Whether it may go on after a long query: of normal priority again, and not swollen."""
        try:
            if self.slow:
                os.setpriority(os.PRIO_PROCESS, self.pid, 0)
                self.slow = False
            with Path(f"/proc/{self.pid}/statm").open("rb") as statm:
                return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE") <= most_memory
        except FileNotFoundError:
            return self.alive
        except (OSError, ValueError):
            return False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are of no such class

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        if self._partial:
            self._partial += data
            data = bytes(self._partial)
            self._partial.clear()
        size = frames.HEAD.size
        start, end = 0, len(data)
        while end - start >= size:
            kind, length = frames.HEAD.unpack_from(data, start)
            if end - start - size < length:
                break
            start += size + length
            self._frames.append((kind, data[start - length : start]))
            self._waiting += length
        if start < end:
            self._partial += data[start:]
        if self._waiting > _WAITING and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        """Called by the event loop."""
        self._transport = None
        self._reap(0)

    def _reap(self, tries: int) -> None:
        """Find out how the process ended; freeing much memory takes it a while."""
        assert self._process is not None
        if self._process.poll() is None:
            if tries == _PATIENCE:
                self._process.kill()  # it closed its socket, and runs on
            asyncio.get_running_loop().call_later(_REAP, self._reap, tries + 1)
            return
        words = self._let_go()
        if self._lost is None:
            code = self._process.returncode
            self._lost = Lost(-code if code < 0 else 0, words)
            self._wake()

    def _let_go(self) -> str:
        assert self._process is not None
        if self._process.stdin is not None:
            self._process.stdin.close()
        words, self._words = _read_words(self._words), -1
        self.reaped = True
        return words

    def _wake(self) -> None:
        if self._future is not None and not self._future.done():
            self._future.set_result(None)


def ended_for_memory(lost: Lost) -> bool:
    """Whether the process ended because it could have no more memory."""
    return lost.signal in (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS) and any(
        words in lost.words for words in _OUT_OF_MEMORY
    )


def _import_path() -> list[str]:
    """Where this package and what it needs are imported from."""
    here = str(Path(__file__).resolve().parents[2])
    given = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p and Path(p).is_absolute()]
    return list(dict.fromkeys([here, *given]))


def _open_words() -> int:
    """A file in memory for what the process says before it ends; -1 where there is none."""
    return os.memfd_create("kg-worker") if hasattr(os, "memfd_create") else -1


def _read_words(descriptor: int) -> str:
    if descriptor < 0:
        return ""
    try:
        return os.pread(descriptor, 4000, 0).decode("utf-8", "replace")
    finally:
        os.close(descriptor)
