"""What was posted to a server and waits to be built: jobs in files, kept over kill -9 and power cuts.

::

    inbox/00000007/job.json       what is to be done, by whom, and what became of it
    inbox/00000007/document.html  the body, until the job has ended

A server adds jobs and looks at them; the builder (`kg.builder`) works them off in the order of their numbers.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from kg.errors import StoreDamaged
from kg.graph.folder import discard, encode_json, sync_folder, write_atomically, writing

#: Jobs that have ended and can still be looked at; older ones are forgotten.
MOST_ENDED = 1000
_DIGITS = 8


class Kind(StrEnum):
    """What a job does."""

    ADD = "add"
    REMOVE = "remove"
    DROP_PATCH = "drop-patch"


class State(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """One job.

    `identifier` is the document's (for REMOVE also an IRI), empty for that which its records say; `date` EDTF. `body`
    is the name of the file beside. `attempts` counts how often work on it was begun and not ended. `result` is what a
    job that is done tells, `error` why one failed.
    """

    number: int
    kind: Kind
    at: str
    author: str
    identifier: str = ""
    date: str | None = None
    source: str | None = None
    charset: str | None = None
    body: str = ""
    patch: int = 0
    state: State = State.QUEUED
    attempts: int = 0
    result: dict[str, object] = field(default_factory=dict)
    error: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in (State.DONE, State.FAILED)


class Inbox:
    """The jobs in the folder `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, job: Job, body: Path | None = None) -> Job:
        """Keep a job under the next free number, with the file `body`, which is moved; durable when this returns.

        Raises `StoreError` if it cannot be written.
        """
        with writing(self._path):
            self._path.mkdir(exist_ok=True)
            made = Path(tempfile.mkdtemp(prefix=".making-", dir=self._path))
            try:
                if body is not None:
                    os.replace(body, made / job.body)
                    with (made / job.body).open("rb") as file:
                        os.fsync(file.fileno())
                while True:
                    numbered = replace(job, number=self._last() + 1)
                    write_atomically(made / "job.json", _encode(numbered))
                    try:
                        os.rename(made, self._folder(numbered.number))
                        break
                    except OSError:
                        if not self._folder(numbered.number).exists():
                            raise  # else another took the number in the meantime
                sync_folder(self._path)
            except BaseException:
                discard(made)
                raise
        return numbered

    def new_body(self) -> Path:
        """A new empty file on the same file system, to be handed to `add`. Raises `StoreError`."""
        with writing(self._path):
            self._path.mkdir(exist_ok=True)
            descriptor, name = tempfile.mkstemp(prefix=".body-", dir=self._path)
            os.close(descriptor)
            return Path(name)

    def find(self, number: int) -> Job | None:
        """The job with the number, or None."""
        try:
            found = json.loads((self._folder(number) / "job.json").read_text("utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:
            raise StoreDamaged(f"{self._folder(number)}: cannot be read: {error}") from None
        return Job(**{**found, "kind": Kind(found["kind"]), "state": State(found["state"])})

    def jobs(self) -> Iterator[Job]:
        """All jobs, the newest first."""
        for number in reversed(self._numbers()):
            job = self.find(number)
            if job is not None:
                yield job

    def waiting(self) -> list[Job]:
        """The jobs that are not over, in order."""
        return [job for n in self._numbers() if (job := self.find(n)) is not None and not job.is_over]

    def body(self, job: Job) -> Path:
        """The file that was posted with a job."""
        return self._folder(job.number) / job.body

    def save(self, job: Job) -> None:
        """Keep how far a job is; of one that is over the body goes. Raises `StoreError`."""
        with writing(self._path):
            write_atomically(self._folder(job.number) / "job.json", _encode(job))
            if job.is_over and job.body:
                discard(self.body(job))

    def tidy(self) -> None:
        """Forget what ended long ago, and what was begun by a process that died; for the builder at its start."""
        numbers = self._numbers()
        for number in numbers[: max(0, len(numbers) - MOST_ENDED)]:
            job = self.find(number)
            if job is not None and job.is_over:
                shutil.rmtree(self._folder(number), ignore_errors=True)

    def _folder(self, number: int) -> Path:
        return self._path / f"{number:0{_DIGITS}d}"

    def _last(self) -> int:
        return max(self._numbers(), default=0)

    def _numbers(self) -> list[int]:
        try:
            names = os.listdir(self._path)
        except FileNotFoundError:
            return []
        return sorted(int(name) for name in names if name.isdigit())


def _encode(job: Job) -> bytes:
    return encode_json(asdict(job))


def listed(jobs: Iterable[Job], limit: int) -> Sequence[Job]:
    """The first `limit` of `jobs`."""
    return [job for job, _ in zip(jobs, range(limit), strict=False)]
