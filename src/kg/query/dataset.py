"""The graph as a dataset: its description in VoID and DCAT, and its dumps as distributions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pyoxigraph as ox

from kg.graph.dumps import FORMS, Dump, Packing, Record, count_parts, every_dump, list_kept
from kg.graph.store import StoreReader, What
from kg.query.entities import count_kinds, list_entities
from kg.terms import DCT, KG, RDF, SKOS, XSD

VOID = "http://rdfs.org/ns/void#"
DCAT = "http://www.w3.org/ns/dcat#"
FOAF = "http://xmlns.com/foaf/0.1/"
SPDX = "http://spdx.org/rdf/terms#"
_MEDIA = "https://www.iana.org/assignments/media-types/"
_FORMATS = "http://www.w3.org/ns/formats/"
_NAMES = {
    "ttl": "Turtle",
    "nt": "N-Triples",
    "jsonld": "JSON-LD",
    "rdf": "RDF_XML",
    "nq": "N-Quads",
    "trig": "TriG",
}
#: Prefixes of a description, beside the usual ones.
PREFIXES: Mapping[str, str] = {"void": VOID, "dcat": DCAT, "foaf": FOAF, "spdx": SPDX, "media": _MEDIA}
_EXAMPLES = 3

Triples = list[ox.Triple]


@dataclass(frozen=True, slots=True)
class Served:
    """Where and as what a graph is served: the URL before all paths, its title, its licence (an IRI) or None."""

    url: str
    title: str
    licence: str | None

    @property
    def dataset(self) -> str:
        """The IRI of the dataset."""
        return f"{self.url}/.well-known/void#dataset"


def describe_dataset(reader: StoreReader, served: Served) -> Triples:
    """What there is, how much of it, under which licence, and where it can be had.

    Counts are those of the generation's manifest, as far as the store keeps one; triples are counted exactly where a
    dump of all of them is kept, and else those of the parts.
    """
    me, found = served.dataset, Triples()
    kept = list_kept(reader)
    parts = count_parts(reader)
    kinds = count_kinds(reader)
    documents = reader.documents()

    def say(subject: str, predicate: str, *values: str | int | ox.Literal) -> None:
        found.extend(_triples(subject, predicate, values))

    say(me, RDF + "type", VOID + "Dataset", DCAT + "Dataset")
    say(me, DCT + "title", ox.Literal(served.title))
    say(
        me,
        DCT + "description",
        ox.Literal("Claims read out of documents, each with the sentence that says so."),
    )
    say(me, DCAT + "version", ox.Literal(reader.generation))
    if served.licence:
        say(me, DCT + "license", served.licence)
    say(me, FOAF + "homepage", f"{served.url}/")
    say(me, VOID + "sparqlEndpoint", f"{served.url}/sparql")
    say(me, VOID + "uriSpace", ox.Literal(reader.base))
    say(me, VOID + "vocabulary", KG, SKOS, DCT)
    say(me, VOID + "entities", sum(kinds.values()))
    say(me, VOID + "documents", len(documents))
    whole = next((r.triples for n, r in kept.items() if n.startswith("all.")), sum(parts.values()))
    if whole:
        say(me, VOID + "triples", whole)
    for dump in every_dump():
        if dump.form in FORMS[:4]:
            say(me, VOID + "feature", _FORMATS + _NAMES[dump.form.ending])
    examples = [hit.iri for hit in list_entities(reader, limit=_EXAMPLES).items]
    say(me, VOID + "exampleResource", *examples, *(d.iri for d in documents[:1]))
    for kind, count in kinds.items():
        part = f"{me}-{kind}" if kind.isalnum() else None
        if part is not None:
            say(me, VOID + "classPartition", part)
            say(part, VOID + "class", KG + kind)
            say(part, VOID + "entities", count)
    for part_name, count in parts.items():
        subset = f"{me}-{part_name}"
        say(me, VOID + "subset", subset)
        say(subset, RDF + "type", VOID + "Dataset")
        say(subset, VOID + "triples", count)
    service = f"{served.url}/.well-known/void#sparql"
    say(service, RDF + "type", DCAT + "DataService")
    say(service, DCT + "title", ox.Literal("SPARQL"))
    say(service, DCAT + "endpointURL", f"{served.url}/sparql")
    say(service, DCAT + "endpointDescription", f"{served.url}/openapi.json")
    say(service, DCAT + "servesDataset", me)
    _distribute(served, service, kept, say)
    return found


def _distribute(served: Served, service: str, kept: Mapping[str, Record], say: _Say) -> None:
    """Every part as N-Triples and Turtle, and whatever is kept beside these."""
    me = served.dataset
    for dump in every_dump():
        record = kept.get(dump.name)
        usual = dump.form.ending in ("nt", "ttl") and dump.packing is not Packing.NONE
        if not usual and record is None:
            continue
        url = f"{served.url}/dump/{dump.name}"
        if dump.what is What.ALL:
            say(me, VOID + "dataDump", url)
        file = f"{served.url}/.well-known/void#{dump.name}"
        say(me, DCAT + "distribution", file)
        say(file, RDF + "type", DCAT + "Distribution")
        say(file, DCT + "title", ox.Literal(dump.name))
        say(file, DCAT + "downloadURL", url)
        say(file, DCAT + "accessService", service)
        say(file, DCAT + "mediaType", _MEDIA + dump.form.media_type)
        if dump.packing is not Packing.NONE:
            say(file, DCAT + "compressFormat", _MEDIA + dump.media_type)
        if served.licence:
            say(file, DCT + "license", served.licence)
        _check(dump, record, file, say)


def _check(dump: Dump, record: Record | None, file: str, say: _Say) -> None:
    if record is None:
        return
    say(file, DCAT + "byteSize", record.bytes)
    checksum = f"{file}-sha256"
    say(file, SPDX + "checksum", checksum)
    say(checksum, RDF + "type", SPDX + "Checksum")
    say(checksum, SPDX + "algorithm", SPDX + "checksumAlgorithm_sha256")
    value = ox.Literal(record.sha256, datatype=ox.NamedNode(XSD + "hexBinary"))
    say(checksum, SPDX + "checksumValue", value)


class _Say(Protocol):
    """How a description grows: subject, predicate, values (text is an IRI)."""

    def __call__(self, subject: str, predicate: str, *values: str | int | ox.Literal) -> None: ...


def _triples(subject: str, predicate: str, values: Iterable[str | int | ox.Literal]) -> Sequence[ox.Triple]:
    return [ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), _value(value)) for value in values]


def _value(value: str | int | ox.Literal) -> ox.NamedNode | ox.Literal:
    if isinstance(value, ox.Literal):
        return value
    if isinstance(value, int):
        return ox.Literal(str(value), datatype=ox.NamedNode(XSD + "integer"))
    return ox.NamedNode(value)
