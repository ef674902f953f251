"""The process that works a server's inbox off: ``python -m kg.builder STORE``.

It reads what was posted, puts it into the store and switches to the new generation; between jobs it brings search,
neighbourhoods and dumps up to the patches that updates wrote. It may be killed at any moment: a job that was under way
is begun again, alone, and fails when that has happened too often. A line on standard input wakes it; it ends when that
does.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import DocumentError, KgError, StoreBusy, StoreError
from kg.graph import open_reader, open_writer
from kg.graph.dumps import publish
from kg.graph.folder import Folder
from kg.graph.patches import PatchLog
from kg.graph.snapshots import is_behind
from kg.graph.writing import LocalWriter
from kg.inbox import Inbox, Job, Kind, State
from kg.model import Document
from kg.settings import Settings, load_settings
from kg.terms import document_iri
from kg.updates.children import die_with_parent
from kg.workers import Failure, attempt

if TYPE_CHECKING:
    from kg.pipeline import Extractor

log = logging.getLogger("kg.builder")

#: Jobs that share a new generation.
MOST_TOGETHER = 64
#: How often work on a job may be cut off before it fails.
ATTEMPTS = 3
#: Seconds without a new patch before the files that lag behind the graph are made anew.
QUIET = 1.0
_POLL = 0.5
_BUSY_WAIT = 2.0


@dataclass(slots=True)
class _Run:
    """A job under way, what it has in common with others, and what came of it."""

    job: Job
    names: frozenset[str]
    result: dict[str, object]


class Builder:
    """Works the inbox of the store at `path` off."""

    def __init__(self, path: Path, settings: Settings | None = None) -> None:
        self._folder = Folder(path)
        self._settings = settings or load_settings()
        self._inbox = Inbox(self._folder.inbox)
        self._inbox.tidy()
        self._under_way: Job | None = None
        self._seen: object = None
        self._changed = 0.0
        self._not_before = 0.0
        self._has_dumps = False

    @cached_property
    def _extractor(self) -> Extractor:
        from kg.pipeline import Extractor  # it takes seconds to import, and most servers never need it

        return Extractor(model=self._settings.builder_model, settings=self._settings)

    def step(self) -> bool:
        """Do what there is to do next; whether there was something."""
        waiting = self._inbox.waiting()
        if waiting:
            try:
                self._work(waiting)
            except StoreBusy:
                log.warning("another process builds; waiting for it")
                time.sleep(_BUSY_WAIT)
            return True
        if self._refresh():
            return True
        if not self._has_dumps:
            self._has_dumps = True
            with open_reader(self._folder.path) as reader:
                publish(reader, self._settings.dump_triples)
            return True
        return False

    def release(self) -> None:
        """Say that the job under way was cut off by nobody's fault."""
        if self._under_way is not None:
            job, self._under_way = self._under_way, None
            self._inbox.save(replace(job, state=State.QUEUED, attempts=job.attempts - 1))

    def _work(self, waiting: Sequence[Job]) -> None:
        """Do the first of `waiting`, and those after it that can share its generation."""
        exhausted = [job for job in waiting if job.attempts >= ATTEMPTS]
        for job in exhausted:
            told = (
                f"the process that worked on it ended {job.attempts} times (out of time or memory, or killed)"
            )
            self._inbox.save(replace(job, state=State.FAILED, error=told))
        waiting = [job for job in waiting if job.attempts < ATTEMPTS]
        if not waiting:
            return
        together = waiting[:1] if waiting[0].attempts else [j for j in waiting if not j.attempts]
        with open_writer(self._folder.path, self._settings) as writer:
            runs: list[_Run] = []
            taken: set[str] = set()
            for job in together[:MOST_TOGETHER]:
                run = self._begin(job, writer, taken)
                if run is None:
                    break
                runs.append(run)
                taken |= run.names
            if all(run.job.is_over for run in runs):
                return
            from kg.pipeline import decider

            generation = writer.commit(decider(writer))
        for run in runs:
            if not run.job.is_over:
                result = {**run.result, "generation": generation}
                self._inbox.save(replace(run.job, state=State.DONE, result=result, attempts=0))
        self._has_dumps = False

    def _begin(self, job: Job, writer: LocalWriter, taken: set[str]) -> _Run | None:
        """Put what `job` brings into the writer; None if it has to wait for what is already there."""
        self._under_way = job = replace(job, state=State.RUNNING, attempts=job.attempts + 1)
        self._inbox.save(job)
        try:
            if job.kind is Kind.ADD:
                run = self._add(job, writer, taken)
            elif job.kind is Kind.REMOVE:
                run = None if job.identifier in taken else self._remove(job, writer)
            else:
                with PatchLog(self._folder.patches) as patches:
                    run = _Run(job, frozenset(), {"dropped": patches.drop([job.patch])})
        except (StoreBusy, StoreError):
            self.release()
            raise
        except KgError as error:
            job = replace(job, state=State.FAILED, error=str(error))
            self._inbox.save(job)
            run = _Run(job, frozenset(), {})
        if run is None:
            self.release()
        self._under_way = None
        return run

    def _remove(self, job: Job, writer: LocalWriter) -> _Run:
        if job.identifier not in writer.known():
            try:
                removed = writer.remove(job.identifier)
            except StoreError as error:
                raise DocumentError(str(error)) from None
        else:
            removed = writer.remove(job.identifier)
        return _Run(job, frozenset({job.identifier, removed}), {"removed": removed})

    def _add(self, job: Job, writer: LocalWriter, taken: set[str]) -> _Run | None:
        documents, failed = self._read(job)
        names = frozenset(name for document in documents for name in document.identifiers)
        if names & taken:
            return None
        told: list[dict[str, object]] = []
        for document in documents:
            record = self._extractor.record(document)
            # a text that takes for ever ends this process, and with it counts as one attempt
            signal.setitimer(signal.ITIMER_REAL, self._settings.document_timeout)
            try:
                if writer.has(record):
                    extraction = replace(writer.reuse(record), document=document)
                else:
                    found = attempt(self._extractor.extract, document)
                    if isinstance(found, Failure):
                        failed.append({"name": document.identifiers[0], "error": found.reason})
                        continue
                    extraction = found
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            writer.put(record, extraction)
            told.append(
                {
                    "identifier": document.identifiers[0],
                    "iri": document_iri(document.key, writer.base),
                    "issued": document.issued,
                    "entities": len(extraction.entities),
                    "claims": len(extraction.claims),
                }
            )
        if not told:
            raise DocumentError("; ".join(str(one["error"]) for one in failed) or "no documents in it")
        return _Run(job, names, {"documents": told, "failed": failed})

    def _read(self, job: Job) -> tuple[list[Document], list[dict[str, object]]]:
        from kg.documents import Unreadable, find_sources, read_source

        path = self._inbox.body(job)
        if job.charset is not None:
            try:
                path.write_bytes(path.read_bytes().decode(job.charset).encode("utf-8"))
            except (LookupError, UnicodeDecodeError) as error:
                raise DocumentError(f"{job.identifier or 'the body'}: not {job.charset}: {error}") from None
        documents: dict[str, Document] = {}
        failed: list[dict[str, object]] = []
        shown = job.identifier or "the body"
        for source in find_sources([path]):
            for one in read_source(source, settings=self._settings, date=job.date):
                if isinstance(one, Unreadable):
                    failed.append({"name": shown, "error": one.message.replace(source.shown, shown)})
                    continue
                names = (job.identifier,) if job.identifier else one.document.identifiers
                said = replace(one.document, identifiers=names, source=job.source or one.document.source)
                if any(name in documents for name in names):
                    failed.append(
                        {"name": names[0], "error": f"{names[0]}: several records of that id; want one"}
                    )
                    continue
                documents[names[0]] = said
        return list(documents.values()), failed

    def _refresh(self) -> bool:
        """Bring what lags behind the graph up to it, when no patch has come for a while."""
        now = time.monotonic()
        seen = self._marks()
        if seen != self._seen:
            self._seen, self._changed = seen, now
            return False
        if now < max(self._changed + QUIET, self._not_before) or not is_behind(self._folder):
            return False
        try:
            with open_writer(self._folder.path, self._settings) as writer:
                writer.commit(lambda _: writer.identity())
        except StoreBusy:
            return False
        self._has_dumps = False
        # one that takes long is not made all the time
        self._not_before = time.monotonic() + (time.monotonic() - now)
        return True

    def _marks(self) -> object:
        """What changes with each patch that is kept, cheap to look at."""
        marks: list[object] = [self._folder.read_current()]
        for name in (self._folder.patches.name, f"{self._folder.patches.name}-wal"):
            try:
                stat = (self._folder.path / name).stat()
                marks.append((stat.st_mtime_ns, stat.st_size))
            except FileNotFoundError:
                marks.append(None)
        return marks


def main(path: Path) -> None:
    """Work until standard input ends."""
    builder = Builder(path)

    def stop(*_: object) -> None:
        builder.release()
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    pause = _POLL
    while True:
        try:
            while builder.step():
                pause = _POLL
        except (KgError, OSError) as error:
            log.error("the inbox cannot be worked off just now: %s", error)
            pause = min(60.0, 2 * pause)
        readable, _, _ = select.select([sys.stdin], [], [], pause)
        if readable and not os.read(sys.stdin.fileno(), 4096):
            return


if __name__ == "__main__":
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends us
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    main(Path(sys.argv[1]))
