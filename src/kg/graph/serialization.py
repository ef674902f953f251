"""Dumps: a sorted, deterministic serialisation of a part of the graph in any of the common formats.

What a dump holds:

- ``facts``: entities with their classes and names, and the flat facts;
- ``claims``: claims with the passages that are their evidence, `kg:contradicts` and `kg:supersedes`;
- ``mentions``: passages with the entities they refer to;
- ``all``: these three, the documents, and the `kg:canonical` links;
- ``rdf12``: ``all``, in which a claim reifies a triple term (RDF 1.2) and has no subject, predicate and object;
- ``prov``: claims, passages, mentions and documents in PROV-O and Web Annotation.

Triples are in the order of their canonical N-Triples lines, each once. In RDF/XML a character that XML 1.0
cannot hold is written as U+FFFD; every other format gives back the same triples.
"""

from __future__ import annotations

import gzip
import io
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox

from kg.errors import StoreError
from kg.graph.assembly import Part
from kg.graph.store import StoreReader, What
from kg.graph.variants import OA, PROV, annotate, reify
from kg.terms import prefixes

#: Which parts a dump is made of.
PARTS: Mapping[What, tuple[Part, ...]] = {
    What.ALL: tuple(Part),
    What.FACTS: (Part.FACTS,),
    What.CLAIMS: (Part.CLAIMS,),
    What.MENTIONS: (Part.MENTIONS,),
    What.RDF12: tuple(Part),
    What.PROV: (Part.CLAIMS, Part.MENTIONS, Part.DOCUMENTS),
}
#: What of the formats has triple terms.
RDF_1_2 = (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS, ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG)
_LINES = 1000
_AS_LINES = (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # XML 1.0, production 2


def shape(lines: Iterable[bytes], what: What) -> Iterable[bytes]:
    """The lines of a dump, of the merged lines of its parts."""
    if what is What.RDF12:
        return reify(lines)
    return annotate(lines) if what is What.PROV else lines


def write_lines(
    lines: Iterable[bytes], rdf_format: ox.RdfFormat, out: IO[bytes], base: str, what: What = What.ALL
) -> None:
    """Write sorted N-Triples `lines` to `out` in a format whose prefixes are those of `base` and of `what`."""
    if rdf_format in _AS_LINES:
        # one call for many lines: a compressor that is given them one by one is busy being called
        left = iter(lines)
        while some := list(islice(left, _LINES)):
            out.write(b"".join(some))
        return
    triples: Iterator[ox.Quad] = parse_lines(lines)
    if rdf_format == ox.RdfFormat.RDF_XML:
        triples = (_for_xml(triple) for triple in triples)
        out = _CarriageReturns(out)  # type: ignore[assignment]
    # Passages are not written with a prefix: "#", "=" and "," would need a backslash each.
    names = {name: namespace for name, namespace in prefixes(base).items() if name != "doc"}
    if what is What.PROV:
        names |= {"oa": OA, "prov": PROV}
    ox.serialize(triples, out, rdf_format, prefixes=names)


def _for_xml(quad: ox.Quad) -> ox.Quad:
    found = quad.object
    if not isinstance(found, ox.Literal) or not _NOT_XML.search(found.value):
        return quad
    clean = _NOT_XML.sub("\ufffd", found.value)
    if found.language is not None:
        return ox.Quad(quad.subject, quad.predicate, ox.Literal(clean, language=found.language))
    return ox.Quad(quad.subject, quad.predicate, ox.Literal(clean, datatype=found.datatype))


class _CarriageReturns:
    """Writes carriage returns as references, or a parser makes line feeds of them (XML 1.0, section 2.11)."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out

    def write(self, data: bytes) -> int:
        self._out.write(bytes(data).replace(b"\r", b"&#13;"))
        return len(data)

    def flush(self) -> None:
        self._out.flush()


def parse_lines(lines: Iterable[bytes]) -> Iterator[ox.Quad]:
    """The triples of N-Triples lines, in their order, read as they are asked for."""
    return ox.parse(line_file(lines), ox.RdfFormat.N_TRIPLES)


def line_file(lines: Iterable[bytes]) -> IO[bytes]:
    """Lines as a file to read from, once."""
    return cast(IO[bytes], _LineFile(lines))


class _LineFile(io.RawIOBase):
    """Lines as a file to read from."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        chunks, length = [self._rest], len(self._rest)
        while size < 0 or length < size:
            line = next(self._lines, None)
            if line is None:
                break
            chunks.append(line)
            length += len(line)
        data = b"".join(chunks)
        cut = len(data) if size < 0 else size
        self._rest = data[cut:]
        return data[:cut]


def find_format(name: str) -> ox.RdfFormat | None:
    """The RDF format with the extension (``ttl``, ``ttl.gz``), media type or common name `name`, or None.

    >>> find_format("turtle") == find_format("text/turtle") == find_format("x.ttl.gz") == ox.RdfFormat.TURTLE
    True
    """
    lowered = name.lower().removesuffix(".gz")
    if lowered in _NAMES:
        return _NAMES[lowered]
    if "/" in lowered and (found := ox.RdfFormat.from_media_type(lowered)) is not None:
        return found
    extension = lowered.rsplit(".", 1)[-1]
    if extension == "txt":  # to Oxigraph that is N-Triples; to people it is a document
        return None
    return _NAMES.get(extension) or ox.RdfFormat.from_extension(extension)


_NAMES: Mapping[str, ox.RdfFormat] = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "n-triples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "n-quads": ox.RdfFormat.N_QUADS,
    "jsonld": ox.RdfFormat.JSON_LD,
    "json-ld": ox.RdfFormat.JSON_LD,
    "json": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "rdf/xml": ox.RdfFormat.RDF_XML,
    "xml": ox.RdfFormat.RDF_XML,
    "owl": ox.RdfFormat.RDF_XML,
    "trig": ox.RdfFormat.TRIG,
    "n3": ox.RdfFormat.N3,
}


def write_dump(reader: StoreReader, what: What, rdf_format: ox.RdfFormat, path: Path) -> None:
    """Write a dump to a file, compressed if its name ends in ``.gz``; the same content gives the same bytes.

    The file appears whole or not at all. Raises `StoreError` if it cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with unfinished.open("wb") as raw:
            if path.name.endswith(".gz"):
                with plain_gzip(raw) as out:
                    reader.dump(what, rdf_format, out)
            else:
                reader.dump(what, rdf_format, raw)
        os.replace(unfinished, path)
    except OSError as error:
        raise StoreError(f"{path}: the dump cannot be written: {error.strerror or error}") from error
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def plain_gzip(raw: IO[bytes], level: int = 6) -> Iterator[IO[bytes]]:
    """A gzip stream (RFC 1952) into `raw` without file name and time."""
    with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=level) as out:
        yield out  # type: ignore[misc]
