"""The graph in other shapes, made of the sorted lines of its parts: RDF 1.2, and PROV-O with Web Annotation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from kg.graph.sorting import LineSorter
from kg.terms import DCT, KG, RDF, XSD

PROV = "http://www.w3.org/ns/prov#"
OA = "http://www.w3.org/ns/oa#"

_RDF = f"<{RDF}".encode()
_SUBJECT, _PREDICATE, _OBJECT, _TYPE, _REIFIES = (
    f"<{RDF}{name}>".encode() for name in ("subject", "predicate", "object", "type", "reifies")
)
_STATEMENT = f"<{RDF}Statement>".encode()
_DOCUMENT, _EVIDENCE, _SAID_BY, _TEXT, _REFERS, _SHA = (
    f"<{KG}{name}>".encode() for name in ("document", "evidence", "saidBy", "text", "refersTo", "sha256")
)
_DCT = f"<{DCT}".encode()
_ENTITY = f"<{PROV}Entity>".encode()
#: Our properties of a claim → those of PROV-O.
_TRACED = {
    _DOCUMENT: f"<{PROV}hadPrimarySource>".encode(),
    _EVIDENCE: f"<{PROV}wasDerivedFrom>".encode(),
    _SAID_BY: f"<{PROV}wasAttributedTo>".encode(),
}
#: A claim says these of what it states, not of itself.
_PARTS = (_SUBJECT, _PREDICATE, _OBJECT)


def reify(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Sorted lines in which a claim's subject, predicate and object are one triple term that it reifies (RDF 1.2)."""
    for subject, group in groupby(lines, key=_subject):
        about = list(group)
        after = len(subject) + 1
        stated: dict[bytes, bytes] = {}
        kept: list[bytes] = []
        for line in about:
            if line.startswith(_RDF, after):
                predicate, object = _split(line, after)
                if predicate in _PARTS:
                    stated[predicate] = object
                    continue
            kept.append(line)
        if len(stated) < len(_PARTS):
            yield from about
            continue
        term = b" ".join(stated[part] for part in _PARTS)
        kept.append(b"%b %b <<( %b )>> .\n" % (subject, _REIFIES, term))
        kept.sort()
        yield from kept


def annotate(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Sorted lines that say the same of claims, passages, mentions and documents in PROV-O and Web Annotation."""
    with TemporaryDirectory(prefix="kg-dump-") as scratch:
        sorter = LineSorter(Path(scratch), "prov")
        for subject, group in groupby(lines, key=_subject):
            after = len(subject) + 1
            about = [_split(line, after) for line in group]
            for line in _annotated(subject, about):
                sorter.add(line)
        yield from sorter.lines()


def _annotated(subject: bytes, about: list[tuple[bytes, bytes]]) -> list[bytes]:
    if b"#char=" in subject:
        return _selected(subject, about)
    predicates = {predicate for predicate, _ in about}
    found: list[tuple[bytes, bytes]] = []
    if _SUBJECT in predicates:
        found = [(_TYPE, _STATEMENT), (_TYPE, _ENTITY)]
        for predicate, object in about:
            if predicate in _PARTS or predicate == _TYPE:
                found.append((predicate, object))
            elif predicate in _TRACED:
                found.append((_TRACED[predicate], object))
    elif _SHA in predicates:
        found = [(_TYPE, _ENTITY), *((p, o) for p, o in about if p.startswith(_DCT))]
    return [b"%b %b %b .\n" % (subject, predicate, object) for predicate, object in found]


def _template(text: str) -> bytes:
    names = {"a": f"<{RDF}type>", "oa:": OA, "number": f"^^<{XSD}nonNegativeInteger>"}
    for name, iri in names.items():
        text = text.replace(f"{{{name}}}", iri)
    return text.encode()


#: A passage P of a document D from S to E with the text T; a passage P that mentions R.
_PASSAGE = _template(
    "<%(P)b> {a} <{oa:}SpecificResource> .\n"
    "<%(P)b> <{oa:}hasSource> <%(D)b> .\n"
    "<%(P)b> <{oa:}hasSelector> <%(P)b&position> .\n"
    "<%(P)b> <{oa:}hasSelector> <%(P)b&quote> .\n"
    "<%(P)b&position> {a} <{oa:}TextPositionSelector> .\n"
    '<%(P)b&position> <{oa:}start> "%(S)b"{number} .\n'
    '<%(P)b&position> <{oa:}end> "%(E)b"{number} .\n'
    "<%(P)b&quote> {a} <{oa:}TextQuoteSelector> .\n"
    "<%(P)b&quote> <{oa:}exact> %(T)b .\n"
)
_MENTION = _template(
    "<%(P)b&mention> {a} <{oa:}Annotation> .\n"
    "<%(P)b&mention> <{oa:}motivatedBy> <{oa:}identifying> .\n"
    "<%(P)b&mention> <{oa:}hasTarget> <%(P)b> .\n"
    "<%(P)b&mention> <{oa:}hasBody> %(R)b .\n"
)


def _selected(subject: bytes, about: list[tuple[bytes, bytes]]) -> list[bytes]:
    """A passage as a part of its document, chosen by position and by quote; a mention as an annotation of it."""
    own = subject[1:-1]
    document, _, place = own.rpartition(b"#char=")
    start, comma, end = place.partition(b",")
    if not (comma and start.isdigit() and end.isdigit()):
        return []
    lines: list[bytes] = []
    for predicate, object in about:
        if predicate == _TEXT:
            values = {b"P": own, b"D": document, b"S": start, b"E": end, b"T": object}
            lines += (_PASSAGE % values).splitlines(keepends=True)
        elif predicate == _REFERS:
            lines += (_MENTION % {b"P": own, b"R": object}).splitlines(keepends=True)
    return lines


def _subject(line: bytes) -> bytes:
    return line[: line.index(b" ")]


def _split(line: bytes, after: int) -> tuple[bytes, bytes]:
    """Predicate and object of a canonical line whose predicate begins at `after`."""
    end = line.index(b" ", after)
    return line[after:end], line[end + 1 : -3]
