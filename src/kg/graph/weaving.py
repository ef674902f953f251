"""Makes the index of links (`kg.graph.network`) of a generation from its sorted lines.

One pass over the lines collects nodes, claims and flat triples; sorting the collected numbers does the rest.
"""

from __future__ import annotations

import gzip
import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import product
from json.encoder import encode_basestring
from math import isfinite, nan
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyoxigraph as ox

from kg.errors import StoreError
from kg.graph.assembly import Part
from kg.graph.folder import discard, encode_json, sync_tree
from kg.graph.network import ARRAYS, FOLDER, FORMAT, LABELS, MODALITIES, NOT_FACTS
from kg.graph.sorting import merge_lines
from kg.graph.turns import Longs, in_turns, starts
from kg.model import Modality
from kg.terms import KG, KIND_SEGMENTS, RDF, RDFS, SKOS, prefixes

_ASSERTED = MODALITIES.index(Modality.ASSERTED.value)
_MOST = 2**31 - 1
#: Bytes of nodes' texts that are held before they are written.
_HELD = 8_000_000

_TYPE, _CANONICAL, _AS_OF = RDF + "type", KG + "canonical", KG + "asOf"
_SUBJECT, _PREDICATE, _OBJECT = RDF + "subject", RDF + "predicate", RDF + "object"
_DOCUMENT, _CONFIDENCE, _POINT = KG + "document", KG + "confidence", KG + "point"
#: Whoever has one of these is a node, linked or not.
_NAMES = frozenset({SKOS + "prefLabel", SKOS + "altLabel", RDFS + "label", KG + "formerName"})

Found = dict[str, list[str]]


def build_index(place: Path, base: str) -> None:
    """Make the index of links of the generation in the folder `place` from its parts, durably; replaces what is there.

    `base` is that of the store's instances. Raises `OSError`, or `StoreError` for more than 2³¹ links.
    """
    with ExitStack() as stack:
        parts = [stack.enter_context(gzip.open(place / "parts" / f"{part.value}.nt.gz")) for part in Part]
        weave(merge_lines(parts), place, base)
    sync_tree(place / FOLDER)


def weave(lines: Iterable[bytes], place: Path, base: str) -> None:
    """Make the index of links of the sorted N-Triples `lines` below the folder `place`."""
    folder = place / FOLDER
    discard(folder)
    folder.mkdir()
    threads = _Threads(folder / "nodes.part", base)
    for subject, group in _subjects(lines):
        threads.add(subject, group)
    threads.write(folder)


def _subjects(lines: Iterable[bytes]) -> Iterator[tuple[str, list[tuple[bytes, bytes]]]]:
    """(IRI, its predicates and objects as written) of each subject that is no blank node."""
    subject = b""
    group: list[tuple[bytes, bytes]] = []
    for line in lines:
        start, predicate, rest = line.split(b" ", 2)
        if start != subject:
            if subject[:1] == b"<":
                yield subject[1:-1].decode("utf-8"), group
            subject, group = start, []
        group.append((predicate, rest[:-3]))
    if subject[:1] == b"<":
        yield subject[1:-1].decode("utf-8"), group


class _Threads:
    """What is collected in the pass: rows of numbers, and nodes' texts in a file."""

    def __init__(self, texts: Path, base: str) -> None:
        self._numbers: dict[str, int] = {}
        self._path = texts
        self._file = texts.open("wb")
        self._held: list[bytes] = []
        self._size = self._written = 0
        # for each node: where its text lies in the file, and of how many bytes it is; none: it has no text
        self._text_at, self._text_size = array("q"), array("i")
        self._classes, self._moved, self._named = array("i"), array("b"), array("b")
        self._class_sets: dict[tuple[str, ...], int] = {(): 0}
        self._predicates: dict[str, int] = {}
        # flat triples, and claims with the number of their document
        self._flat = tuple(array("i") for _ in range(3))
        self._claims = tuple(array("i") for _ in range(5))
        self._confidence = array("d")
        self._claim_iris: list[str] = []
        self._documents: dict[str, int] = {}
        self._days: dict[str, int] = {}
        self._compact = _compactor(base)

    def add(self, subject: str, group: Sequence[tuple[bytes, bytes]]) -> None:
        """Take all that is said of `subject`."""
        found: Found = {}
        facts: Found = {}
        for predicate, value in group:
            name = _predicate(predicate)
            if name in NOT_FACTS and name != _POINT:
                found.setdefault(name, []).append(_text(value))
            elif value[:1] == b"<":
                target = value[1:-1].decode("utf-8")
                if target.startswith(KG):
                    facts.setdefault(_local(name), []).append(_local(target))
                elif target != subject and name not in NOT_FACTS:
                    self._link(subject, name, target)
            elif value[:1] == b'"':
                facts.setdefault(_local(name), []).append(_text(value))
                if name in _NAMES:
                    found.setdefault(name, [])
        if _AS_OF in found:
            self._days[subject] = _day(min(found[_AS_OF]))
        if _PREDICATE in found and _SUBJECT in found and _OBJECT in found and _TYPE in found:
            objects = {
                v[1:-1].decode("utf-8") for p, v in group if v[:1] == b"<" and _predicate(p) == _OBJECT
            }
            self._claim(subject, found, sorted(objects))
        if not _is_about(subject, found):
            self._describe(subject, found, facts)

    def _number(self, iri: str) -> int:
        number = self._numbers.get(iri)
        if number is None:
            number = self._numbers[iri] = len(self._numbers)
            self._text_at.append(0)
            self._text_size.append(0)
            self._classes.append(0)
            self._moved.append(0)
            self._named.append(0)
        return number

    def _link(self, source: str, predicate: str, target: str) -> None:
        code = self._predicates.setdefault(predicate, len(self._predicates))
        for column, value in zip(self._flat, (self._number(source), code, self._number(target)), strict=True):
            column.append(value)

    def _claim(self, iri: str, found: Mapping[str, Sequence[str]], objects: Sequence[str]) -> None:
        kinds = sorted({_modality(t) for t in found[_TYPE]})
        document = min(found.get(_DOCUMENT, [""]))
        confidence = max((n for n in map(_decimal, found.get(_CONFIDENCE, ())) if n is not None), default=nan)
        for source, predicate, target, kind in product(found[_SUBJECT], found[_PREDICATE], objects, kinds):
            if predicate in NOT_FACTS or source == target or target.startswith(KG) or source[:2] == "_:":
                continue
            row = (
                self._number(source),
                self._predicates.setdefault(predicate, len(self._predicates)),
                self._number(target),
                kind,
                self._documents.setdefault(document, len(self._documents)),
            )
            for column, value in zip(self._claims, row, strict=True):
                column.append(value)
            self._confidence.append(confidence)
            self._claim_iris.append(iri)

    def _describe(self, iri: str, found: Found, facts: Found) -> None:
        number = self._number(iri)
        classes = tuple(sorted(set(found.get(_TYPE, ()))))
        self._classes[number] = self._class_sets.setdefault(classes, len(self._class_sets))
        self._moved[number] = _CANONICAL in found
        self._named[number] = not _NAMES.isdisjoint(found)
        text = self._write_node(iri, found, facts)
        self._text_at[number], self._text_size[number] = self._written + self._size, len(text)
        self._held.append(text)
        self._size += len(text)
        if self._size > _HELD:
            self._flush()

    def _flush(self) -> None:
        self._file.write(b"".join(self._held))
        self._written += self._size
        self._held.clear()
        self._size = 0

    def _write_node(self, iri: str, found: Found, facts: Found) -> bytes:
        curie = self._compact(iri)
        label = next(
            (min(filter(None, found[p]), default="") for p in LABELS if any(found.get(p, ()))), curie
        )
        kind, subkind = (None, None) if iri.startswith(KG) else classes_of(found.get(_TYPE, ()))
        shown = ",".join(
            f"{encode_basestring(name)}:[{','.join(map(encode_basestring, sorted(set(values))))}]"
            for name, values in sorted(facts.items())
        )
        return (
            f'{{"iri":{encode_basestring(iri)},"curie":{encode_basestring(curie)},'
            f'"label":{encode_basestring(iri[len(KG) :] if iri.startswith(KG) else label)},'
            f'"kind":{_json(kind)},"subkind":{_json(subkind)},"attributes":{{{shown}}}'
        ).encode()

    def write(self, folder: Path) -> None:
        """Write all files."""
        self._flush()
        self._file.close()
        flat = [np.asarray(column, np.int64) for column in self._flat]
        claims = [np.asarray(column, np.int64) for column in self._claims]
        for ends in ((flat[0], flat[2]), (claims[0], claims[2])):
            for end in ends:
                np.asarray(self._named)[end] = 1
        kept = np.flatnonzero(np.asarray(self._named))
        iris = list(self._numbers)
        order = np.asarray(sorted(kept.tolist(), key=iris.__getitem__), np.int64)
        place = np.full(len(iris), -1, np.int64)
        place[order] = np.arange(len(order))
        names = sorted(self._predicates)
        codes = np.zeros(len(names), np.int64)
        for code, name in enumerate(names):
            codes[self._predicates[name]] = code
        days = np.asarray([self._days.get(iri, 0) for iri in self._documents], np.int64)
        arrays = _links(
            len(order),
            (place[flat[0]], codes[flat[1]], place[flat[2]]),
            (place[claims[0]], codes[claims[1]], place[claims[2]], claims[3]),
            np.asarray(self._confidence),
            days[claims[4]] if len(days) else claims[4],
            self._claim_iris,
            folder / "claims.bin",
        )
        arrays["node_at"] = self._write_texts(folder / "nodes.bin", order, iris)
        arrays["node_classes"] = np.asarray(self._classes)[order]
        arrays["node_moved"] = np.asarray(self._moved)[order]
        self._path.unlink()
        for name, kind in ARRAYS.items():
            np.save(folder / f"{name}.npy", np.ascontiguousarray(arrays[name]).astype(kind, copy=False))
        meta = {
            "format": FORMAT,
            "nodes": len(order),
            "links": len(arrays["source"]),
            "predicates": names,
            "curies": [self._compact(name) for name in names],
            "classes": [list(classes) for classes in self._class_sets],
        }
        (folder / "meta.json").write_bytes(encode_json(meta))

    def _write_texts(self, path: Path, order: Longs, iris: Sequence[str]) -> Longs:
        """Write the texts of the nodes in `order`; where each begins."""
        at = [0]
        source = np.memmap(self._path, np.uint8, "r") if self._written else np.zeros(0, np.uint8)
        texts = source.data
        with path.open("wb", buffering=1 << 20) as out:
            for number in order.tolist():
                size = self._text_size[number]
                if size:
                    begin = self._text_at[number]
                    out.write(texts[begin : begin + size])
                else:
                    text = self._write_node(iris[number], {}, {})
                    size = len(text)
                    out.write(text)
                at.append(at[-1] + size)
        return np.asarray(at, np.int64)


def _links(
    nodes: int,
    flat: tuple[Longs, Longs, Longs],
    claims: tuple[Longs, Longs, Longs, Longs],
    confidence: npt.NDArray[np.float64],
    days: Longs,
    iris: Sequence[str],
    claims_path: Path,
) -> dict[str, npt.NDArray[np.generic]]:
    """The arrays of links, of rows that give nodes and predicates by their places; writes the claims' IRIs."""
    if len(flat[0]) + len(claims[0]) > _MOST:
        raise StoreError(f"{claims_path.parent}: more than {_MOST} links")
    first, second = (claims[0] << 15) | claims[1], (claims[2] << 2) | claims[3]
    # within a link: best confidence first, then by IRI; the claims came sorted by IRI
    best = np.where(np.isnan(confidence), 0.0, confidence)
    order = np.lexsort((-best, second, first))
    first, second, best = first[order], second[order], best[order]
    confidence, days = confidence[order], days[order]
    heads = starts(first, second)
    lengths = np.diff(np.append(heads, len(first)))
    known = np.where(days > 0, days, _MOST)
    since = np.minimum.reduceat(known, heads) if len(heads) else known
    made = [
        first[heads],
        second[heads],
        lengths,
        confidence[heads],
        np.where(since == _MOST, 0, since),
    ]
    # a flat triple that has claims is shown by them
    bare_first, bare_second = (flat[0] << 15) | flat[1], flat[2] << 2
    claimed = _contains(first, second & ~3, bare_first, bare_second)
    rows = ~claimed
    bare_first, bare_second = bare_first[rows], bare_second[rows] | _ASSERTED
    nothing = np.zeros(len(bare_first), np.int64)
    columns = [
        np.concatenate(pair)
        for pair in zip(made, [bare_first, bare_second, nothing, nothing + nan, nothing], strict=True)
    ]
    ranked = np.lexsort((columns[1], columns[0]))
    first, second, count, top, day = (column[ranked] for column in columns)
    source, target = first >> 15, second >> 2
    predicate = first & 0x7FFF
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "out_at": _offsets(source, nodes),
        "source": source,
        "target": target,
        "predicate": predicate,
        "modality": second & 3,
        "claims": count,
        "confidence": top,
        "since": day,
        "in_at": _offsets(target, nodes),
        "claim_of": np.concatenate((np.zeros(1, np.int64), np.cumsum(count))),
    }
    inward = np.argsort(target, kind="stable")
    arrays["in_source"], arrays["in_link"] = source[inward], inward
    arrays["turn_at"], arrays["turns"] = _turns(nodes, source, target, predicate, count)
    arrays["claim_at"] = _write_iris(claims_path, (iris[i] for i in order.tolist()))
    return arrays


def _turns(nodes: int, source: Longs, target: Longs, predicate: Longs, count: Longs) -> tuple[Longs, Longs]:
    """Where the neighbours of each node begin, and the neighbours, each kind of link having its turn."""
    here = np.concatenate((source, target))
    there = np.concatenate((target, source))
    kind = np.concatenate((predicate * 2 + 1, predicate * 2))
    order = in_turns(here, kind, there, np.concatenate((count, count)))
    return _offsets(here[order], nodes), there[order]


def _offsets(sorted_or_not: Longs, nodes: int) -> Longs:
    """Where the rows of each of `nodes` begin once they are sorted by node, and one more."""
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(np.bincount(sorted_or_not, minlength=nodes))))


def _contains(first: Longs, second: Longs, some_first: Longs, some_second: Longs) -> npt.NDArray[np.bool_]:
    """Which of the rows `some` are among the rows sorted by (first, second)."""
    heads = starts(first, second)
    pairs = (np.concatenate((first[heads], some_first)), np.concatenate((second[heads], some_second)))
    order = np.lexsort((np.arange(len(pairs[0])), pairs[1], pairs[0]))
    ordered = [column[order] for column in pairs]
    heads = starts(*ordered)
    marks = np.zeros(len(order), np.int64)
    marks[heads] = 1
    of = np.cumsum(marks) - 1
    lead = (
        order[heads][of] if len(heads) else order
    )  # the first row of those alike: a known one if there is any
    found = np.zeros(len(order), bool)
    found[order] = lead < len(pairs[0]) - len(some_first)
    return found[len(pairs[0]) - len(some_first) :]


def _write_iris(path: Path, iris: Iterable[str]) -> Longs:
    at = array("q", [0])
    total = 0
    with path.open("wb", buffering=1 << 20) as out:
        for iri in iris:
            total += out.write(iri.encode("utf-8"))
            at.append(total)
    return np.asarray(at, np.int64)


def classes_of(types: Iterable[str]) -> tuple[str | None, str | None]:
    """(top class, most specific class) among IRIs of classes, as local names."""
    names = sorted(_local(t) for t in types)
    kind = next((n for n in names if n in KIND_SEGMENTS), None)
    rest = [n for n in names if n != kind]
    if kind is None:
        return (rest[0], None) if rest else (None, None)
    return kind, rest[0] if rest else None


def _is_about(subject: str, found: Mapping[str, object]) -> bool:
    """Whether a subject is no thing of the world, but a claim, a passage or what was decided on identity."""
    return _PREDICATE in found or "#char=" in subject or KG + "compares" in found


def _modality(iri: str) -> int:
    name = _local(iri)
    return MODALITIES.index(name) if name in MODALITIES else _ASSERTED


def _decimal(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def _day(text: str) -> int:
    return int(text.replace("-", "")) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else 0


def _json(text: str | None) -> str:
    return "null" if text is None else encode_basestring(text)


_predicates: dict[bytes, str] = {}


def _predicate(written: bytes) -> str:
    name = _predicates.get(written)
    if name is None:
        name = written[1:-1].decode("utf-8")
        if len(_predicates) < 10_000:
            _predicates[written] = name
    return name


def _text(written: bytes) -> str:
    """The IRI, lexical form or label (with ``_:``) of a term of canonical N-Triples."""
    if written[:1] == b"<":
        return written[1:-1].decode("utf-8")
    if written[:1] != b'"':
        return written.decode("utf-8")
    if b"\\" not in written:
        return written[1 : written.rindex(b'"')].decode("utf-8")
    (quad,) = ox.parse(b"<x:x> <x:x> " + written + b" .\n", ox.RdfFormat.N_TRIPLES)
    assert isinstance(quad.object, ox.Literal)
    return quad.object.value


def _local(iri: str) -> str:
    return re.split(r"[#/:]", iri)[-1] or iri


def _compactor(base: str) -> Callable[[str], str]:
    """`kg.terms.compact` for many IRIs: namespaces end in ``/`` or ``#``, and few are different."""
    spaces = sorted(prefixes(base).items(), key=lambda item: -len(item[1]))
    known: dict[str, tuple[str, int]] = {}

    def compacted(iri: str) -> str:
        stem = iri[: max(iri.rfind("/"), iri.rfind("#")) + 1]
        found = known.get(stem)
        if found is None:
            found = next(((f"{p}:", len(ns)) for p, ns in spaces if stem.startswith(ns)), ("", 0))
            if len(known) < 100_000:
                known[stem] = found
        return found[0] + iri[found[1] :]

    return compacted
