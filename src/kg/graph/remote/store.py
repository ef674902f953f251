"""The two sides of a store at an endpoint: both work on the mirror, and speak of the graph to the endpoint."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pyoxigraph as ox

from kg.catalog.ontology import Ontology
from kg.errors import QueryError, StoreBusy, StoreError, StoreMissing
from kg.graph.assembly import Part
from kg.graph.folder import Folder
from kg.graph.generation import read_lines
from kg.graph.local import LocalReader, check_node, check_predicate
from kg.graph.records import read_manifest_of, read_state
from kg.graph.remote.endpoint import Endpoint
from kg.graph.remote.foreign import ForeignReader
from kg.graph.remote.mirror import decision_files, is_mirrored, kept_files, mirror_folder, pull
from kg.graph.remote.queries import ask
from kg.graph.remote.state import Graphs, State
from kg.graph.serialization import parse_lines
from kg.graph.sorting import merge_lines
from kg.graph.store import Identity, Progress
from kg.graph.writing import LocalWriter
from kg.settings import Settings, load_settings

log = logging.getLogger("kg.store")

#: Lines changed by a commit that go in one update; more are made ready in a graph of their own.
AT_ONCE = 2000
#: How often, and seconds after which, a mirror is tried again that another process is filling.
_TRIES, _PAUSE = 60, 0.5
_GENID = ".well-known/genid/"


def open_remote_reader(
    url: str, settings: Settings | None = None, ontology: Ontology | None = None
) -> RemoteReader:
    """A reader of what kg built into the endpoint at `url`. Raises `StoreMissing` if that is nothing."""
    settings = settings or load_settings()
    endpoint = Endpoint(url, settings)
    try:
        graphs = Graphs(settings.base_iri)
        state = State(endpoint, graphs)
        generation = state.generation()
        if generation is None:
            raise StoreMissing(
                f"{endpoint.url}: nothing was built into this endpoint for {settings.base_iri} yet; "
                f"`kg build` does, KG_BASE_IRI names another base"
            )
        folder = Folder(mirror_folder(endpoint.url, settings))
        for tried in range(_TRIES):
            if (folder.generation(generation) / "manifest.json").is_file():
                break
            try:
                pull(folder, settings.base_iri, generation, state, _ontology(ontology))
            except StoreBusy:
                if tried == _TRIES - 1:
                    raise
                time.sleep(_PAUSE)
        return RemoteReader(endpoint, graphs, folder.generation(generation), generation)
    except BaseException:
        endpoint.close()
        raise


def read_generation(url: str, settings: Settings | None = None) -> str:
    """The generation that an endpoint holds, whoever filled it. Raises `StoreError`."""
    settings = settings or load_settings()
    endpoint = Endpoint(url, settings)
    try:
        built = State(endpoint, Graphs(settings.base_iri)).generation()
        return built if built is not None else ForeignReader(endpoint, settings.base_iri).generation
    finally:
        endpoint.close()


def open_remote_writer(
    url: str, settings: Settings | None = None, ontology: Ontology | None = None
) -> RemoteWriter:
    """A writer to the endpoint at `url`; the only one until it is closed.

    Raises `StoreBusy` if another process writes to it, `StoreError` if it cannot be written to.
    """
    settings = settings or load_settings()
    ontology = _ontology(ontology)
    endpoint = Endpoint(url, settings)
    graphs = Graphs(settings.base_iri)
    state = State(endpoint, graphs)
    lock = None
    try:
        lock = state.lock()
        folder = Folder(mirror_folder(endpoint.url, settings))
        generation = state.generation()
        if generation is not None:
            pull(folder, settings.base_iri, generation, state, ontology)
        elif folder.pointer.exists():
            folder.pointer.unlink()  # the endpoint was emptied
        return RemoteWriter(endpoint, graphs, state, lock, folder.path, settings, ontology, generation)
    except BaseException:
        if lock is not None:
            _unlock(state, lock)
        endpoint.close()
        raise


class RemoteReader(LocalReader):
    """Reads what kg built into an endpoint: the graph by protocol; texts, names and sentences from the mirror."""

    def __init__(self, endpoint: Endpoint, graphs: Graphs, place: Path, name: str) -> None:
        super().__init__(place, name, graphs.base)
        self.endpoint = endpoint
        self._graphs = graphs

    @property
    def graph_path(self) -> Path | None:
        """None: queries are the endpoint's to answer, not the mirror's."""
        return None

    def query(
        self,
        sparql: str,
        *,
        prefixes: Mapping[str, str] | None = None,
        substitutions: Mapping[str, ox.NamedNode | ox.Literal] | None = None,
        default_graph: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
    ) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        """The endpoint's answer; the default graph is what kg built there unless the query says otherwise."""
        if self._index is None:
            raise StoreError(f"{self.endpoint.url}: the store is closed")
        dataset = tuple(default_graph), tuple(named_graphs)
        return ask(self.endpoint, sparql, self.base, prefixes, substitutions, dataset, self._graphs.data)

    def quads(
        self, subject: str | None = None, predicate: str | None = None, object: str | ox.Literal | None = None
    ) -> Iterator[ox.Quad]:
        """The quads that match; a string is an IRI, or a blank node if it begins with ``_:``."""
        ends = (
            check_node(subject),
            check_predicate(predicate),
            object if isinstance(object, ox.Literal) else check_node(object),
        )
        return self._quads(*(end if end is None else self._skolem(end) for end in ends))

    def _quads(self, *ends: ox.NamedNode | ox.Literal | None) -> Iterator[ox.Quad]:
        pattern = " ".join(f"?{n}" if end is None else str(end) for n, end in zip("spo", ends, strict=True))
        asked = f"CONSTRUCT {{ {pattern} }} WHERE {{ {pattern} }}"
        if isinstance(ends[0], ox.Literal) or isinstance(ends[1], ox.Literal):
            return
        if all(end is None for end in ends):
            with self.endpoint.stream(asked, [self._graphs.data]) as found:
                for quad in found:
                    yield self._unskolem(quad.subject, quad.predicate, quad.object)
            return
        for triple in self.endpoint.construct(asked, [self._graphs.data]):
            yield self._unskolem(triple.subject, triple.predicate, triple.object)

    def _skolem(self, term: ox.NamedNode | ox.BlankNode | ox.Literal) -> ox.NamedNode | ox.Literal:
        if isinstance(term, ox.BlankNode):
            return ox.NamedNode(f"{self.base}{_GENID}{term.value}")
        return term

    def _unskolem(self, subject: object, predicate: ox.NamedNode, object: object) -> ox.Quad:
        ends = [
            ox.BlankNode(one.value.removeprefix(self.base + _GENID))
            if isinstance(one, ox.NamedNode) and one.value.startswith(self.base + _GENID)
            else one
            for one in (subject, object)
        ]
        return ox.Quad(ends[0], predicate, ends[1])  # type: ignore[arg-type]

    def close(self) -> None:
        """Let go of the connections and of the mirror; closing twice is once."""
        super().close()
        if hasattr(self, "endpoint"):
            self.endpoint.close()


class RemoteWriter(LocalWriter):
    """Writes to the mirror, and with `commit` what has changed to the endpoint."""

    def __init__(
        self,
        endpoint: Endpoint,
        graphs: Graphs,
        state: State,
        lock: str,
        mirror: Path,
        settings: Settings,
        ontology: Ontology,
        served: str | None,
    ) -> None:
        self._endpoint = endpoint
        self._graphs = graphs
        self._state = state
        self._remote_lock: str | None = lock
        self._served = served
        self._batch = settings.remote_batch
        super().__init__(mirror, settings, ontology)

    def commit(self, identity: Identity, progress: Progress | None = None) -> str:
        """Make the next generation in the mirror, then change the endpoint's graph and switch in one update.

        Steps of progress as of `LocalWriter.commit`, then ``send``. Raises `StoreError` if the endpoint does not take
        it: its graph is then as it was.
        """
        name = super().commit(identity, progress)
        if name != self._served:
            self._send(name, progress or (lambda step, done, total: None))
            self._served = name
        return name

    def close(self) -> None:
        """Let go of both locks; closing twice is once."""
        super().close()
        if self._remote_lock is not None:
            _unlock(self._state, self._remote_lock)
            self._remote_lock = None
            self._endpoint.close()

    def _send(self, name: str, progress: Progress) -> None:
        folder = self._folder
        entries, loaded = read_state(read_manifest_of(folder.generation(name)))
        held = self._state.files()
        kept = dict(kept_files(folder, list(entries.values()), loaded))
        total = len(kept)
        for done, (one, path) in enumerate(kept.items()):
            progress("send", done, total)
            if one not in held:
                self._state.write(one, path.read_bytes())
        self._change(name)
        decisions = {one for one, _ in decision_files(folder, name)}
        self._state.remove(sorted(held - kept.keys() - decisions))
        progress("send", total, total)

    def _lines(self, name: str) -> Iterator[bytes]:
        """The sorted lines of a generation in the mirror, each once."""
        place = self._folder.generation(name) / "parts"
        return merge_lines([read_lines(place / f"{part.value}.nt.gz") for part in Part])

    def _change(self, name: str) -> None:
        """Change the endpoint's graph to that of the generation `name`, and the state with it."""
        staging, data = self._graphs.staging, self._graphs.data
        after = self._lines(name)
        if self._served is None:  # nobody reads it yet
            self._endpoint.update(f"DROP SILENT GRAPH <{data}>")
            self._fill(data, [], [], compare(iter(()), after))
            self._switch(name, [])
            return
        whole = not is_mirrored(self._folder, self._served, self._state)
        changes = compare(iter(()) if whole else self._lines(self._served), after)
        gone: list[bytes] = []
        new: list[bytes] = []
        if not whole:
            for line, added in changes:
                (new if added else gone).append(line)
                if len(gone) + len(new) > AT_ONCE:
                    break
            else:
                self._switch(name, [*self._deleting(gone, data), *self._inserting(new, data)])
                return
        self._endpoint.update(f"DROP SILENT GRAPH <{staging}>")
        if not whole:
            self._endpoint.update(f"COPY SILENT GRAPH <{data}> TO GRAPH <{staging}>")
        self._fill(staging, gone, new, changes)
        self._switch(name, [f"COPY SILENT GRAPH <{staging}> TO GRAPH <{data}>"])
        self._endpoint.update(f"DROP SILENT GRAPH <{staging}>")

    def _fill(
        self, graph: str, gone: list[bytes], new: list[bytes], changes: Iterator[tuple[bytes, bool]]
    ) -> None:
        """Make `changes`, after the lines `gone` and `new`, in `graph`, as many at once as the settings say."""
        at_once = self._batch
        for line, added in changes:
            (new if added else gone).append(line)
            if max(len(new), len(gone)) >= at_once:
                self._update([*self._deleting(gone, graph), *self._inserting(new, graph)])
                gone.clear()
                new.clear()
        self._update([*self._deleting(gone, graph), *self._inserting(new, graph)])

    def _switch(self, name: str, operations: Sequence[str]) -> None:
        """One update that changes the graph and says so; what a generation is made of goes before it."""
        for one, content in decision_files(self._folder, name):
            self._state.write(one, content)
        self._update([*operations, self._state.switching(name)])
        if self._state.generation() != name:
            raise StoreError(f"{self._endpoint.url}: the update was answered, but has changed nothing")

    def _update(self, operations: Sequence[str]) -> None:
        if operations:
            self._endpoint.update(" ;\n".join(operations))

    def _inserting(self, lines: Iterable[bytes], graph: str) -> list[str]:
        told = "".join(self._named(line) for line in lines)
        return [f"INSERT DATA {{ GRAPH <{graph}> {{\n{told}}} }}"] if told else []

    def _deleting(self, lines: Iterable[bytes], graph: str) -> list[str]:
        told = "".join(self._named(line) for line in lines)
        return [f"DELETE DATA {{ GRAPH <{graph}> {{\n{told}}} }}"] if told else []

    def _named(self, line: bytes) -> str:
        """A line with its blank nodes named (RDF 1.1, section 3.5): what is deleted must have a name."""
        if b"_:" not in line:
            return line.decode("utf-8")
        (quad,) = parse_lines([line])
        ends = [
            f"<{self.base}{_GENID}{one.value}>" if isinstance(one, ox.BlankNode) else str(one)
            for one in (quad.subject, quad.predicate, quad.object)
        ]
        return f"{' '.join(ends)} .\n"


def compare(before: Iterator[bytes], after: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """(line, whether it is new) of the lines that only one of two sorted streams has."""
    old, new = next(before, None), next(after, None)
    while old is not None or new is not None:
        if new is None or (old is not None and old < new):
            assert old is not None
            yield old, False
            old = next(before, None)
        elif old is None or new < old:
            yield new, True
            new = next(after, None)
        else:
            old, new = next(before, None), next(after, None)


def _unlock(state: State, lock: str) -> None:
    try:
        state.unlock(lock)
    except (StoreError, QueryError) as error:
        log.warning("the lock on the store could not be taken back: %s", error)


def _ontology(ontology: Ontology | None) -> Ontology:
    if ontology is None:
        from kg.catalog import load_catalog

        ontology = load_catalog().ontology
    return ontology
