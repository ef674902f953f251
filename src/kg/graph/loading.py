"""RDF from elsewhere, or one of our dumps, into a store."""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import IO

import pyoxigraph as ox

from kg.catalog.ontology import Ontology
from kg.errors import StoreError
from kg.graph import rdf
from kg.graph.assembly import Part
from kg.graph.folder import Folder, discard, sync_tree, writing
from kg.graph.generation import write_part
from kg.graph.places import Place, open_writer
from kg.graph.serialization import find_format
from kg.graph.sorting import LineSorter
from kg.model import Modality
from kg.settings import Settings
from kg.terms import parse_passage

_MODALITIES = frozenset(rdf.vocabulary(modality.value) for modality in Modality)
_ALLOWED = ".ttl, .nt, .nq, .trig, .n3, .jsonld, .rdf, each also with .gz"


def load_rdf(
    paths: Sequence[Path],
    store: Place,
    settings: Settings | None = None,
    ontology: Ontology | None = None,
) -> str:
    """Load RDF files into the store, which is made if there is none; the name of the new generation.

    What is loaded is united with what documents say and stays with every later build; loading a file again
    changes nothing. All named graphs are read as one. Raises `StoreError` for a file that is missing or
    does not parse; the store is then as it was.
    """
    with open_writer(store, settings, ontology) as writer:
        folder = writer.folder
        for path in sorted(Path(p) for p in paths):
            writer.add_loaded(_take(path, folder, writer.base))
        return writer.commit(lambda _: writer.identity())


def _take(path: Path, folder: Folder, base: str) -> str:
    """Sort the triples of a file into parts below ``loaded/``; the name of their folder there."""
    with writing(folder.loaded), tempfile.TemporaryDirectory(prefix=".making-", dir=folder.loaded) as place:
        made = Path(place)
        store = ox.Store(str(made / "graph"))
        _parse(path, store, base)
        parts = made / "parts"
        parts.mkdir()
        digest = hashlib.sha256()
        sorters = {part: LineSorter(made, part.value) for part in Part}
        for part, line in _sort(store):
            sorters[part].add(line)
        del store
        for part in Part:
            with (parts / f"{part.value}.nt.gz").open("wb") as raw:
                digest.update(write_part(sorters[part].lines(), raw)[1].encode())
        name = digest.hexdigest()[:24]
        target = folder.loaded / name
        if not target.exists():
            sync_tree(parts)
            os.replace(parts, target)
        else:
            discard(parts)
    return name


def _parse(path: Path, store: ox.Store, base: str) -> None:
    rdf_format = find_format(path.name)
    if rdf_format is None:
        raise StoreError(f"{path}: not a known kind of RDF file; allowed: {_ALLOWED}")
    try:
        source: IO[bytes]
        with gzip.open(path) if path.name.endswith(".gz") else path.open("rb") as source:  # type: ignore[assignment]
            store.bulk_load(source, rdf_format, base_iri=base)
    except SyntaxError as error:
        raise StoreError(f"{path}: {error}") from None
    except (OSError, EOFError, ValueError) as error:
        raise StoreError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _sort(store: ox.Store) -> Iterator[tuple[Part, bytes]]:
    """The triples of all graphs, each as a line with the parts it belongs to."""
    quads: Iterable[ox.Quad] = store
    if any(_blank(quad) for quad in store):
        quads = _named(store)
    for subject, group in groupby(quads, key=lambda q: q.subject):
        about = [ox.Quad(q.subject, q.predicate, q.object) for q in group]
        parts = _parts_of(subject, store)
        for quad in about:
            line = rdf.line(quad)
            if quad.predicate == rdf.vocabulary("canonical"):
                yield Part.IDENTITY, line
            elif quad.predicate == rdf.vocabulary("refersTo"):
                yield Part.MENTIONS, line
            else:
                for part in parts:
                    yield part, line


def _parts_of(subject: object, store: ox.Store) -> tuple[Part, ...]:
    if not isinstance(subject, ox.NamedNode):
        return (Part.FACTS,)
    if parse_passage(subject.value) is not None:
        evidence = _any(store, None, rdf.vocabulary("evidence"), subject)
        mention = _any(store, subject, rdf.vocabulary("refersTo"), None)
        chosen = ((Part.CLAIMS,) if evidence else ()) + ((Part.MENTIONS,) if mention else ())
        return chosen or (Part.MENTIONS,)
    types = {q.object for q in store.quads_for_pattern(subject, rdf.TYPE, None)}
    if types & _MODALITIES or _any(store, subject, rdf.PREDICATE, None):
        return (Part.CLAIMS,)
    return (Part.DOCUMENTS,) if rdf.vocabulary("Document") in types else (Part.FACTS,)


def _any(
    store: ox.Store, subject: ox.NamedNode | None, predicate: ox.NamedNode, object: ox.NamedNode | None
) -> bool:
    return next(iter(store.quads_for_pattern(subject, predicate, object)), None) is not None


def _blank(quad: ox.Quad) -> bool:
    return isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode)


def _named(store: ox.Store) -> list[ox.Quad]:
    """The triples with blank nodes named by what is said of them (RDFC-1.0) and by the file."""
    graph = ox.Dataset(ox.Quad(q.subject, q.predicate, q.object) for q in store)
    graph.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    mark = hashlib.sha256(b"".join(sorted(rdf.line(q) for q in graph))).hexdigest()[:12]
    renamed: list[ox.Quad] = []
    for quad in graph:
        subject = (
            ox.BlankNode(f"b{mark}{quad.subject.value}")
            if isinstance(quad.subject, ox.BlankNode)
            else quad.subject
        )
        object = (
            ox.BlankNode(f"b{mark}{quad.object.value}")
            if isinstance(quad.object, ox.BlankNode)
            else quad.object
        )
        renamed.append(ox.Quad(subject, quad.predicate, object))
    return sorted(renamed, key=str)
