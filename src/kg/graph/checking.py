"""Whether a store is sound: every passage stands in its text, every claim has evidence, every fact a claim.

Passages and classes are checked here, line by line; what SPARQL can say is in `kg.graph.constraints`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby

import pyoxigraph as ox

from kg.catalog.ontology import Ontology
from kg.days import find_days
from kg.graph.assembly import Part
from kg.graph.constraints import CONSTRAINTS, Constraint, backing, dangling
from kg.graph.local import LocalReader
from kg.graph.places import Place, open_built
from kg.graph.records import read_manifest_of
from kg.graph.serialization import parse_lines
from kg.graph.sorting import merge_lines
from kg.model import EDTF_DATATYPE
from kg.terms import KG, RDF, XSD, parse_passage

#: Problems of one kind that are listed; the rest are counted.
MOST_OF_A_KIND = 20


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something in a store that must not be: its kind, the IRI or file it is about, and what was found."""

    kind: str
    subject: str
    message: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject}: {self.message}"


def check_store(place: Place, ontology: Ontology | None = None) -> list[Problem]:
    """What is wrong with the store, sorted; empty if it is sound. `ontology` is the installation's if None.

    Of each kind at most `MOST_OF_A_KIND` problems are listed. Raises `StoreMissing`, `StoreDamaged` or
    `StoreError` if it cannot be opened at all.
    """
    if ontology is None:
        from kg.catalog import load_catalog

        ontology = load_catalog().ontology
    with open_built(place) as reader:
        manifest = read_manifest_of(reader.path)
        found = [
            *_check_parts(reader, manifest),
            *_check_counts(reader),
            *_check_texts(reader),
            *_check_dates(reader),
            *_check_constraints(reader, [*CONSTRAINTS, dangling(reader.base)]),
            *_check_ends(reader, ontology),
        ]
        # what was loaded from elsewhere, or written by updates, may have no claims
        if not (manifest.get("loaded") or manifest.get("patches") or reader.behind):
            found.extend(_check_constraints(reader, [backing(ontology.relations)]))
    return _shorten(sorted(set(found)))


def _shorten(problems: Sequence[Problem]) -> list[Problem]:
    listed: list[Problem] = []
    for kind, group in groupby(problems, key=lambda p: p.kind):
        of_kind = list(group)
        listed.extend(of_kind[:MOST_OF_A_KIND])
        if len(of_kind) > MOST_OF_A_KIND:
            listed.append(Problem(kind, "…", f"{len(of_kind) - MOST_OF_A_KIND} more of this kind"))
    return listed


def _check_parts(reader: LocalReader, manifest: Mapping[str, object]) -> Iterator[Problem]:
    declared = manifest.get("parts")
    for part in Part:
        digest, count = hashlib.sha256(), 0
        try:
            for line in reader.lines(part):
                digest.update(line)
                count += 1
        except (OSError, EOFError) as error:
            yield Problem("part", part.value, f"cannot be read: {error}")
            continue
        wanted = declared.get(part.value) if isinstance(declared, dict) else None
        if wanted != {"lines": count, "sha256": digest.hexdigest()}:
            yield Problem(
                "part", part.value, f"{count} lines of {digest.hexdigest()}; the manifest says {wanted}"
            )


def _check_counts(reader: LocalReader) -> Iterator[Problem]:
    try:
        lines = sum(1 for _ in merge_lines([reader.lines(part) for part in Part]))
        mentions = sum(1 for line in reader.lines(Part.MENTIONS) if f" <{KG}refersTo> ".encode() in line)
    except (OSError, EOFError):
        return  # already said of the part
    triples = _count(reader, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    if lines != triples and not reader.behind:
        yield Problem("count", "graph", f"{triples} triples; the parts hold {lines}")
    documents = _count(reader, "SELECT (COUNT(DISTINCT ?d) AS ?n) { ?d a kg:Document ; kg:sha256 ?h }")
    for table, expected in (("documents", documents), ("mentions", mentions)):
        indexed = reader.index.count(table)
        if indexed != expected:
            yield Problem("count", table, f"{indexed} in the index, {expected} in the graph")


def _count(reader: LocalReader, sparql: str) -> int:
    answer = reader.query(sparql)
    assert isinstance(answer, ox.QuerySolutions)
    return next(int(row["n"].value) for row in answer if isinstance(row["n"], ox.Literal))


def _check_texts(reader: LocalReader) -> Iterator[Problem]:
    """Passages stand in their texts, texts have their hashes; documents that were loaded have no text."""
    for document in reader.documents():
        stored = reader.document(document.iri)
        if stored is not None and stored.text:
            found = hashlib.sha256(stored.text.encode()).hexdigest()
            if found != stored.sha256:
                yield Problem(
                    "text", document.iri, f"SHA-256 of the text is {found}, kg:sha256 is {stored.sha256}"
                )
    passages = merge_lines(
        [(line for line in reader.lines(part) if b"#char=" in line) for part in (Part.CLAIMS, Part.MENTIONS)]
    )
    quads = parse_lines(line for line in passages if f"> <{KG}text> ".encode() in line)
    text, current = "", ""
    for quad in quads:
        place = parse_passage(quad.subject.value) if isinstance(quad.subject, ox.NamedNode) else None
        if place is None or not isinstance(quad.object, ox.Literal):
            yield Problem("passage", str(quad.subject), "want an IRI that ends in #char=<begin>,<end>")
            continue
        if place[0] != current:
            current = place[0]
            stored = reader.document(current)
            text = stored.text if stored is not None else ""
        span = place[1]
        if text and text[span.start : span.end] != quad.object.value:
            yield Problem(
                "passage", str(quad.subject), f"kg:text {quad.object.value[:60]!r} is not what stands there"
            )
    for iri, span, words in reader.index.spans("sentences"):
        stored_text = text if iri == current else None
        if stored_text is None:
            current = iri
            stored = reader.document(iri)
            text = stored_text = stored.text if stored is not None else ""
        if stored_text and stored_text[span.start : span.end] != words:
            yield Problem("sentence", f"{iri}#char={span.start},{span.end}", "is not what stands in the text")


def _check_constraints(reader: LocalReader, constraints: Iterable[Constraint]) -> Iterator[Problem]:
    for constraint in constraints:
        for query in constraint.queries:
            answer = reader.query(query)
            assert isinstance(answer, ox.QuerySolutions)
            for row in answer:
                yield Problem(constraint.name, str(row["x"]), f"want: {constraint.wanted}")


def _check_ends(reader: LocalReader, ontology: Ontology) -> Iterator[Problem]:
    """Subjects and objects of claims are of the classes that the vocabulary allows."""
    classes: dict[str, list[str]] = {}
    for quad in _parsed(reader, Part.FACTS, f" <{RDF}type> "):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
            classes.setdefault(quad.subject.value, []).append(quad.object.value.removeprefix(KG))
    for claim, group in groupby(_parsed(reader, Part.CLAIMS, f"> <{RDF}"), key=lambda q: q.subject):
        said = {quad.predicate.value.removeprefix(RDF): quad.object for quad in group}
        predicate = said.get("predicate")
        if not isinstance(predicate, ox.NamedNode):
            continue
        relation = ontology.relations.get(predicate.value.removeprefix(KG))
        if relation is None:
            yield Problem("relation", str(claim), f"{predicate} is not a relation of the vocabulary")
            continue
        for end, allowed in (("subject", relation.domain), ("object", relation.range)):
            term = said.get(end)
            if term is not None and not _fits(term, allowed, classes, ontology):
                found = classes.get(term.value, []) if isinstance(term, ox.NamedNode) else [str(term)]
                yield Problem(
                    "domain" if end == "subject" else "range",
                    str(claim),
                    f"{relation.name} has the {end} {term} ({', '.join(found) or 'of no class'}); "
                    f"allowed: {', '.join(sorted(allowed))}",
                )


def _check_dates(reader: LocalReader) -> Iterator[Problem]:
    """What is said to be an EDTF date can be read as one; `kg.days` reads levels 0 and 1."""
    for part in Part:
        for quad in _readable(_parsed(reader, part, f'"^^<{EDTF_DATATYPE}>')):
            found = quad.object
            if isinstance(found, ox.Literal) and find_days(found.value) is None:
                yield Problem(
                    "date",
                    quad.subject.value if isinstance(quad.subject, ox.NamedNode) else str(quad.subject),
                    f"{quad.predicate.value} is {found.value!r}; want an EDTF date of level 0 or 1",
                )


def _readable(quads: Iterator[ox.Quad]) -> Iterator[ox.Quad]:
    """The quads up to where a part is cut short, which is said of the part."""
    with suppress(OSError, EOFError):
        yield from quads


def _parsed(reader: LocalReader, part: Part, infix: str) -> Iterator[ox.Quad]:
    needle = infix.encode()
    return parse_lines(line for line in reader.lines(part) if needle in line)


def _fits(
    term: object, allowed: frozenset[str], classes: Mapping[str, Sequence[str]], ontology: Ontology
) -> bool:
    if isinstance(term, ox.Literal):
        if term.datatype.value == EDTF_DATATYPE:
            return "Date" in allowed
        return "Text" in allowed and term.datatype.value in (XSD + "string", RDF + "langString")
    if not isinstance(term, ox.NamedNode):
        return False
    if term.value.startswith(KG) and term.value.removeprefix(KG) in ontology.statuses:
        return "Status" in allowed
    return ontology.allows(classes.get(term.value, ()), allowed)
