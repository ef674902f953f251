"""Where graphs come from: a folder, a dump, a server, documents."""

from __future__ import annotations

import gzip
import os
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox

from kg.errors import KgError, ServerError, StoreError, StoreMissing
from kg.graph.local import open_reader
from kg.graph.serialization import find_format
from kg.graph.store import What
from kg.notebook.backend import Backend
from kg.notebook.client import Graph
from kg.notebook.local import LocalBackend
from kg.notebook.progress import following
from kg.settings import load_settings

#: A folder, or file, to be read.
Place = Path | str | os.PathLike[str]


def open_graph(place: Place, *, progress: bool = True) -> Graph:
    """The graph in a store's folder, in an RDF dump, or at an address: a server's, as `connect`, or an endpoint's.

    A dump (ttl, nt, nq, trig, jsonld, rdf, each also with .gz) is read into a temporary store that goes with the
    graph; a SPARQL endpoint is asked where it is. Raises `StoreMissing` if there is nothing, `StoreError` for what
    cannot be read.

    >>> with open_graph(store) as opened:
    ...     len(opened.documents())
    7
    """
    shown = str(place)
    if shown.startswith(("http://", "https://")):
        return _open_address(shown)
    path = Path(place)
    if path.is_dir():
        return Graph(LocalBackend(open_reader(path), shown))
    if path.is_file() or find_format(path.name) is not None:
        return _open_dump(path, progress)
    raise StoreMissing(
        f'{path}: nothing there; make a store of documents with kg.build("documents/", "{path}")'
    )


def connect(url: str, *, token: str | None = None, timeout: float = 30.0, retries: int = 3) -> Graph:
    """The graph of a server (`kg serve`) at `url`, over HTTP.

    `timeout` is in seconds and for each request; a request that the server puts off (503 with Retry-After) is made up
    to `retries` times again. Raises `ServerError` if no server of ours answers there.

    >>> connect("http://127.0.0.1:9", timeout=2)
    Traceback (most recent call last):
        ...
    kg.errors.ServerError: http://127.0.0.1:9: no server answers there (...); start one with `kg serve ...
    """
    from kg.notebook.http import HttpBackend

    return Graph(HttpBackend(url, token=token, timeout=timeout, retries=retries))


def build(
    documents: Place | Iterable[Place],
    store: Place | None = None,
    *,
    jobs: int = 1,
    model: str | None = None,
    date: str | None = None,
    dates: Place | None = None,
    judgements: Place | None = None,
    extractors: Sequence[str] | None = None,
    progress: bool = True,
) -> Graph:
    """The graph of documents: files and folders of txt, md, html, pdf, jsonl; `report` says what was done.

    They are added to the `store`, or go into a temporary one that goes with the graph. `date` is the day (EDTF) of
    documents that state none, `dates` a table ``file,date``, `judgements` one of decisions on identity. Can be
    interrupted: the store is then as it was. Raises as `kg.pipeline.build`.

    >>> graph = build(texts, model="rules", progress=False)
    >>> graph.report.documents
    1
    >>> graph.close()
    """
    from kg import pipeline
    from kg.settings import DEFAULT_MODEL

    given = [documents] if isinstance(documents, str | Path | os.PathLike) else documents
    paths = [Path(place) for place in given]
    temporary = Path(tempfile.mkdtemp(prefix="kg-")) if store is None else None
    target = temporary / "store" if temporary else Path(cast(Place, store))
    try:
        with following(progress) as told:
            report = pipeline.build(
                paths,
                target,
                jobs=jobs,
                model=model or DEFAULT_MODEL,
                date=date,
                dates_file=Path(dates) if dates is not None else None,
                judgements=Path(judgements) if judgements is not None else None,
                extractors=extractors,
                progress=told,
            )
        address = "temporary store" if temporary else str(target)
        return Graph(LocalBackend(open_reader(target), address, let_go=_remover(temporary)), report=report)
    except KeyboardInterrupt:
        _remove(temporary)
        kept = "nothing was kept" if temporary else f"{target} is as it was"
        raise KeyboardInterrupt(f"the build was stopped; {kept}") from None
    except BaseException:
        _remove(temporary)
        raise


def write_dump(backend: Backend, what: What, form: ox.RdfFormat, target: Path) -> None:
    """Write a dump to `target`, which is whole or not there."""
    making = target.with_name(f".{target.name}.part")
    try:
        with making.open("wb") as raw:
            if target.name.endswith(".gz"):
                with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as file:
                    backend.dump(what, form, cast(IO[bytes], file))
            else:
                backend.dump(what, form, raw)
        os.replace(making, target)
    except OSError as error:
        raise KgError(f"{target}: cannot be written: {error.strerror or error}") from None
    finally:
        making.unlink(missing_ok=True)


def _open_address(url: str) -> Graph:
    from kg.graph.places import open_reader as open_endpoint

    try:
        return connect(url)
    except ServerError as told:
        try:
            return Graph(LocalBackend(open_endpoint(url), url))
        except StoreError as error:
            raise ServerError(f"{told}; nor is it a SPARQL endpoint ({error})") from None


def _open_dump(path: Path, progress: bool) -> Graph:
    from kg.graph.loading import load_rdf

    if not path.is_file():
        raise StoreMissing(f"{path}: no such file")
    temporary = Path(tempfile.mkdtemp(prefix="kg-"))
    try:
        del progress
        load_rdf([path], temporary / "store", load_settings())
        reader = open_reader(temporary / "store")
    except BaseException:
        _remove(temporary)
        raise
    return Graph(LocalBackend(reader, str(path), let_go=_remover(temporary)))


class _Folder:
    """A temporary folder that is removed when it is let go, at the latest when the process ends."""

    def __init__(self, path: Path) -> None:
        self._end = weakref.finalize(self, shutil.rmtree, path, ignore_errors=True)

    def __call__(self) -> None:
        self._end()


def _remover(path: Path | None) -> _Folder | None:
    return _Folder(path) if path is not None else None


def _remove(path: Path | None) -> None:
    if path is not None:
        shutil.rmtree(path, ignore_errors=True)
