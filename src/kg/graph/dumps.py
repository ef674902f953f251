"""Dumps as files: their names, how they are written, and the ones that are kept beside a generation.

A dump is a function of the generation: whoever writes it, at the prompt, with a build or over HTTP, writes the same
bytes. A generation keeps those that were written once in its folder ``dumps/``, each with a record of its length and
hash, so that a file whose record is there is whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox
import zstandard

from kg.errors import QueryError, StoreDamaged
from kg.graph.folder import encode_json, write_atomically
from kg.graph.local import LocalReader
from kg.graph.serialization import PARTS, RDF_1_2, plain_gzip
from kg.graph.store import StoreReader, What

log = logging.getLogger("kg.graph")

_ZSTD_LEVEL = 6


@dataclass(frozen=True, slots=True)
class Form:
    """A way to write a dump: ending of the file, media type, encoder; `names` are what else it is called."""

    ending: str
    media_type: str
    encoder: ox.RdfFormat
    names: tuple[str, ...]


FORMS: tuple[Form, ...] = (
    Form("ttl", "text/turtle", ox.RdfFormat.TURTLE, ("turtle",)),
    Form("nt", "application/n-triples", ox.RdfFormat.N_TRIPLES, ("ntriples", "n-triples")),
    Form("jsonld", "application/ld+json", ox.RdfFormat.JSON_LD, ("json-ld", "json")),
    Form("rdf", "application/rdf+xml", ox.RdfFormat.RDF_XML, ("rdfxml", "rdf/xml", "rdf+xml", "xml")),
    Form("nq", "application/n-quads", ox.RdfFormat.N_QUADS, ("nquads", "n-quads")),
    Form("trig", "application/trig", ox.RdfFormat.TRIG, ()),
)


class Packing(StrEnum):
    """How a dump is compressed: the second ending of its file."""

    NONE = ""
    GZIP = "gz"
    ZSTD = "zst"


PACKED_TYPES = {Packing.GZIP: "application/gzip", Packing.ZSTD: "application/zstd"}


@dataclass(frozen=True, slots=True)
class Dump:
    """A dump by what it holds and how it is written."""

    what: What
    form: Form
    packing: Packing = Packing.NONE

    @property
    def name(self) -> str:
        """The name of its file: ``facts.ttl.gz``."""
        return ".".join(filter(None, (self.what.value, self.form.ending, self.packing.value)))

    @property
    def media_type(self) -> str:
        """The media type of the file."""
        return PACKED_TYPES.get(self.packing) or content_type(self.what, self.form)


@dataclass(frozen=True, slots=True)
class Record:
    """A dump that is kept: the length of its file in bytes, the SHA-256 of these, its triples."""

    name: str
    bytes: int
    sha256: str
    triples: int


def content_type(what: What, form: Form) -> str:
    """The media type of the bytes of a dump before they are compressed."""
    version = "; version=1.2" if what is What.RDF12 else ""
    charset = "; charset=utf-8" if form.media_type.startswith("text/") else ""
    return form.media_type + charset + version


def find_form(name: str) -> Form | None:
    """The form with the ending or name `name`, or None."""
    wanted = name.lower()
    return next((f for f in FORMS if wanted in (f.ending, f.media_type, *f.names)), None)


def forms_of(what: What) -> tuple[Form, ...]:
    """The forms that a part can be written in: those without triple terms cannot hold RDF 1.2."""
    return tuple(f for f in FORMS if what is not What.RDF12 or f.encoder in RDF_1_2)


def find_dump(name: str) -> Dump | None:
    """The dump whose file is called `name`, or None.

    >>> find_dump("facts.ttl.gz").name, find_dump("rdf12.jsonld"), find_dump("facts")
    ('facts.ttl.gz', None, None)
    """
    part, _, rest = name.partition(".")
    ending, _, packing = rest.partition(".")
    if part not in {w.value for w in What} or packing not in {p.value for p in Packing}:
        return None
    what = What(part)
    form = next((f for f in forms_of(what) if f.ending == ending), None)
    found = Dump(what, form, Packing(packing)) if form is not None else None
    return found if found is not None and found.name == name else None


def every_dump() -> tuple[Dump, ...]:
    """Every dump there is."""
    return tuple(Dump(what, form, packing) for what in What for form in forms_of(what) for packing in Packing)


#: What a build writes: lines are what other tools load fastest, and what every other form is made of.
PUBLISHED: tuple[Dump, ...] = tuple(
    Dump(what, FORMS[1], packing) for what in What for packing in (Packing.GZIP, Packing.ZSTD)
)


def write(reader: StoreReader, dump: Dump, out: IO[bytes]) -> None:
    """Write a dump to `out`. Raises `kg.errors.StoreError`, and `QueryError` for a form that cannot hold the part."""
    if dump.form not in forms_of(dump.what):
        known = ", ".join(f.ending for f in forms_of(dump.what))
        raise QueryError(f"{dump.what} cannot be written as {dump.form.ending}; want one of {known}")
    with pack(out, dump.packing) as packed:
        reader.dump(dump.what, dump.form.encoder, packed)


@contextlib.contextmanager
def pack(out: IO[bytes], packing: Packing) -> Iterator[IO[bytes]]:
    """A stream that compresses into `out`; the same bytes in give the same bytes out."""
    if packing is Packing.GZIP:
        with plain_gzip(out) as packed:
            yield cast(IO[bytes], _Unflushed(packed))
    elif packing is Packing.ZSTD:
        compressor = zstandard.ZstdCompressor(level=_ZSTD_LEVEL, write_checksum=True)
        with compressor.stream_writer(out, closefd=False) as stream:
            yield cast(IO[bytes], _Unflushed(cast(IO[bytes], stream)))
    else:
        yield out


class _Unflushed:
    """Passes bytes on and never a flush: one in the middle would be seen in what is compressed."""

    def __init__(self, out: IO[bytes]) -> None:
        self.write = out.write

    def flush(self) -> None:
        pass


def count_parts(reader: StoreReader) -> dict[str, int]:
    """The triples of each part of the graph, of which some are in two; empty if the store does not say."""
    try:
        return {p.value: n for p, n in reader.counts.items()} if isinstance(reader, LocalReader) else {}
    except StoreDamaged:  # replaced in the meantime
        return {}


def count_lines(reader: StoreReader, what: What) -> int | None:
    """Triples that a dump of `what` is made of, near enough to judge its size; None if the store does not say."""
    counts = count_parts(reader)
    return sum(counts.get(part.value, 0) for part in PARTS[what]) if counts else None


def find_kept(reader: StoreReader, dump: Dump) -> tuple[Record, Path] | None:
    """The record and file of a dump that the generation keeps, or None."""
    folder = _folder(reader)
    return _read_record(folder, dump) if folder is not None else None


def list_kept(reader: StoreReader) -> dict[str, Record]:
    """The records of all dumps that the generation keeps, by name, sorted."""
    folder = _folder(reader)
    if folder is None or not folder.is_dir():
        return {}
    found = (_read_record(folder, dump) for dump in every_dump())
    return {record.name: record for record, _ in sorted(filter(None, found), key=lambda f: f[0].name)}


def keep(reader: StoreReader, dump: Dump) -> tuple[Record, Path] | None:
    """As `find_kept`, written now if it was not; None if the generation cannot keep dumps.

    Raises as `write`.
    """
    folder = _folder(reader)
    if folder is None:
        return None
    with _writing(folder / dump.name):
        found = _read_record(folder, dump)
        if found is not None:
            return found
        try:
            _write_all(reader, folder, [dump])
        except OSError:
            return None
    return _read_record(folder, dump)


def publish(reader: StoreReader, most: int) -> bool:
    """Write the dumps that come with a build, unless the graph has more than `most` triples or there is no room."""
    folder = _folder(reader)
    size = count_lines(reader, What.ALL)
    if folder is None or size is None or size > most:
        return False
    try:
        for what in What:
            todo = [d for d in PUBLISHED if d.what is what and _read_record(folder, d) is None]
            _write_all(reader, folder, todo)
    except OSError as error:
        log.warning("%s: dumps cannot be kept (%s); they are written when asked for", folder, error)
        return False
    return True


class Keeping:
    """Writes what goes through it to a file that is kept in the end, beside what reads it first."""

    def __init__(self, reader: StoreReader, dump: Dump) -> None:
        self._dump = dump
        self._folder = _folder(reader)
        self._file: _Hashed | None = None
        with contextlib.suppress(OSError):
            if self._folder is not None:
                self._file = _Hashed(_unfinished(self._folder, dump))

    def write(self, chunk: bytes) -> None:
        """Take the next bytes; where they cannot be written nothing is kept, and the reader does not mind."""
        if self._file is not None:
            try:
                self._file.write(chunk)
            except OSError:
                self.drop()

    def finish(self, triples: int) -> None:
        """All bytes have been written."""
        if self._file is not None and self._folder is not None:
            with contextlib.suppress(OSError):
                self._file.finish(self._folder, self._dump, triples)
            self._file = None

    def drop(self) -> None:
        """Keep nothing."""
        if self._file is not None:
            self._file.drop()
            self._file = None


class _Hashed:
    """A file in the making, with its length and hash."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("wb")
        self._digest = hashlib.sha256()
        self._bytes = 0

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        self._bytes += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()

    def finish(self, folder: Path, dump: Dump, triples: int) -> None:
        self._file.close()
        os.replace(self._path, folder / dump.name)
        record = Record(dump.name, self._bytes, self._digest.hexdigest(), triples)
        write_atomically(_record_path(folder, dump), encode_json(asdict(record)), durable=False)

    def drop(self) -> None:
        with contextlib.suppress(OSError):
            self._file.close()
        self._path.unlink(missing_ok=True)


class _Counted:
    """N-Triples on their way into several files at once, counted."""

    def __init__(self, outs: Sequence[IO[bytes]]) -> None:
        self._outs = outs
        self.lines = 0

    def write(self, data: bytes) -> int:
        self.lines += data.count(b"\n")
        for out in self._outs:
            out.write(data)
        return len(data)

    def flush(self) -> None:
        pass


def _write_all(reader: StoreReader, folder: Path, dumps: Sequence[Dump]) -> None:
    """Write dumps of one part in one form, which differ in how they are compressed, in one go."""
    if not dumps:
        return
    files: list[_Hashed] = []
    try:
        with contextlib.ExitStack() as stack:
            outs = []
            for dump in dumps:
                files.append(_Hashed(_unfinished(folder, dump)))
                outs.append(stack.enter_context(pack(cast(IO[bytes], files[-1]), dump.packing)))
            counted = _Counted(outs)
            reader.dump(dumps[0].what, dumps[0].form.encoder, cast(IO[bytes], counted))
        lines = dumps[0].form.encoder in (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS)
        triples = counted.lines if lines else count_triples(reader, dumps[0].what)
        for dump, file in zip(dumps, files, strict=True):
            file.finish(folder, dump, triples)
    except BaseException:
        for file in files:
            file.drop()
        raise


def count_triples(reader: StoreReader, what: What) -> int:
    """The triples of a dump, counted."""
    folder = _folder(reader)
    for packing in (Packing.GZIP, Packing.ZSTD, Packing.NONE):
        found = _read_record(folder, Dump(what, FORMS[1], packing)) if folder is not None else None
        if found is not None:
            return found[0].triples
    counted = _Counted([])
    reader.dump(what, ox.RdfFormat.N_TRIPLES, cast(IO[bytes], counted))
    return counted.lines


def _folder(reader: StoreReader) -> Path | None:
    """Where the generation keeps its dumps, or None if it keeps none."""
    return reader.path / "dumps" if isinstance(reader, LocalReader) else None


def _record_path(folder: Path, dump: Dump) -> Path:
    return folder / f"{dump.name}.json"


def _read_record(folder: Path, dump: Dump) -> tuple[Record, Path] | None:
    path = folder / dump.name
    try:
        record = Record(**json.loads(_record_path(folder, dump).read_bytes()))
        return (record, path) if path.stat().st_size == record.bytes else None
    except (OSError, ValueError, TypeError):
        return None


def _unfinished(folder: Path, dump: Dump) -> Path:
    folder.mkdir(exist_ok=True)  # not its parents: a generation that was replaced keeps nothing any more
    return folder / f".{dump.name}.{os.getpid()}-{threading.get_ident()}.part"


_locks: dict[Path, tuple[threading.Lock, int]] = {}
_guard = threading.Lock()


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    """One thread of this process at a time writes `path`; another process would write the same bytes."""
    with _guard:
        lock, waiting = _locks.get(path, (threading.Lock(), 0))
        _locks[path] = (lock, waiting + 1)
    try:
        with lock:
            yield
    finally:
        with _guard:
            lock, waiting = _locks[path]
            if waiting == 1:
                del _locks[path]
            else:
                _locks[path] = (lock, waiting - 1)
