"""Makes one generation of a store in a new folder: sorted parts, the graph, the index, the manifest.

::

    parts/PART.nt.gz   sorted canonical N-Triples; dumps are made of these
    graph/             the union of the parts in Oxigraph
    index.sqlite       texts, names, sentences
    network/           links in both directions, as arrays (`kg.graph.network`)
    identity.json.gz   provisional IRI → canonical IRI
    matches.json.gz    what else was decided on identity, and why
    manifest.json      what the generation was made of, and the hash and number of lines of each part
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import IO

import pyoxigraph as ox

from kg.catalog.ontology import Ontology
from kg.errors import CatalogError
from kg.graph import rdf
from kg.graph.assembly import (
    Part,
    StatedClaim,
    claim_quads,
    document_quads,
    follow,
    follow_in,
    identity_quads,
    last_day,
    match_quads,
    mention_quads,
    state_claims,
)
from kg.graph.derivation import Fact, Profiles, day_quads, entity_quads, flat_facts
from kg.graph.folder import encode_json, sync_tree, write_atomically, write_compressed
from kg.graph.indexing import IndexedEntity, IndexWriter
from kg.graph.network import Network
from kg.graph.patches import NOTHING, PatchLog, State, fold, load_named, without
from kg.graph.records import encode_decisions
from kg.graph.rivalry import rivalry_quads
from kg.graph.serialization import line_file, parse_lines, plain_gzip
from kg.graph.sorting import LineSorter, merge_lines
from kg.graph.store import Progress, StoredDocument
from kg.graph.weaving import weave
from kg.model import EntityMention, Extraction, Identities, Modality, Span
from kg.terms import DCT, KG, KIND_SEGMENTS, RDF, RDFS, SKOS, document_iri, parse_passage

_SCHEMA = "https://schema.org/"
_NAMES = (SKOS + "prefLabel", RDFS + "label", SKOS + "altLabel", KG + "formerName")
#: What describes a thing in words; our own documents say nothing of the kind, other people's data does.
_ABOUT = (SKOS + "definition", DCT + "description", RDFS + "comment", _SCHEMA + "description")
# Rough: good enough to search in; claims carry the sentences that the text stage found.
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[A-Z0-9])|\s*\n\s*\n\s*")
_LONGEST_SENTENCE = 2000
_MODALITIES = frozenset(rdf.vocabulary(modality.value) for modality in Modality)
#: Documents, and lines, after which progress is told.
_EVERY = 64
_EVERY_LINES = 50_000


class Generation:
    """A generation in the making, in the folder `target`; `build` is called once.

    The patches of `log` up to `patches` are put on top of what is built.
    """

    def __init__(
        self,
        target: Path,
        base: str,
        ontology: Ontology,
        progress: Progress | None,
        log: PatchLog | None = None,
        patches: State = NOTHING,
    ) -> None:
        self._target = target
        self._base = base
        self._ontology = ontology
        self._progress: Progress = progress or (lambda step, done, total: None)
        self._sorters = {part: LineSorter(target, part.value) for part in Part}
        self._patches = fold(log, patches, target) if log is not None and patches != NOTHING else None

    def build(
        self,
        extractions: Sequence[Extraction],
        identity: Identities,
        loaded: Sequence[Path],
        manifest: Mapping[str, object],
    ) -> None:
        """Make all files and have them outlive a power cut.

        `extractions` are those of distinct texts, with all their identifiers; `loaded` are folders of parts.
        `manifest` is what to say beside hashes and counts. Raises `OSError` or `StoreError`.
        """
        index = IndexWriter(self._target / "index.sqlite")
        try:
            known = self._assemble(extractions, identity, index)
            self._add_patches()
            parts = self._write_parts(loaded)
            self._load_graph(sum(lines for lines, _ in parts.values()))
            if self._patches is not None:
                for file in (self._patches.added, self._patches.removed, self._patches.named):
                    file.unlink()
            weave(merge_lines([read_lines(self._part(part)) for part in Part]), self._target, self._base)
            self._index_parts(index, known)
            index.finish()
        except BaseException:
            index.abandon()
            raise
        write_compressed(self._target / "identity.json.gz", encode_json(dict(identity)))
        write_compressed(self._target / "matches.json.gz", encode_decisions(identity))
        described = {
            part.value: {"lines": lines, "sha256": digest} for part, (lines, digest) in parts.items()
        }
        write_atomically(self._target / "manifest.json", encode_json({**manifest, "parts": described}))
        sync_tree(self._target)

    def _assemble(
        self, extractions: Sequence[Extraction], identity: Identities, index: IndexWriter
    ) -> dict[str, int]:
        """Put all triples into the sorters; the index numbers of the documents by IRI."""
        shared = follow(identity)
        profiles = Profiles()
        stated: list[StatedClaim] = []
        known: dict[str, int] = {}
        total = len(extractions)
        for done, extraction in enumerate(extractions):
            if done % _EVERY == 0:
                self._progress("assemble", done, total)
            document = extraction.document
            canonical = follow_in(document, identity, shared)
            profiles.add(extraction, canonical)
            self._put(Part.DOCUMENTS, document_quads(extraction, document.identifiers, self._base))
            self._put(Part.MENTIONS, mention_quads(extraction, canonical, self._base))
            evidence: set[Span] = set()
            said: set[tuple[Span, Modality]] = set()
            for claim, read in state_claims(extraction, canonical, self._base).values():
                self._put(Part.CLAIMS, claim_quads(claim, read, document.text, canonical))
                evidence.update(read.evidence)
                said.update((span, claim.modality) for span in read.evidence)
                stated.append(claim)
            stored = _stored(extraction, self._base)
            known[stored.iri] = number = index.add_document(stored)
            for span in _sentences(extraction, evidence):
                index.add_sentence(number, span, document.text[span.start : span.end])
            for span, modality in sorted(said):
                index.add_evidence(number, span, modality.value)
        self._progress("assemble", total, total)
        self._put(Part.IDENTITY, identity_quads(identity))
        self._put(Part.IDENTITY, match_quads(identity.matches, self._base))
        self._derive(profiles, stated)
        return known

    def _derive(self, profiles: Profiles, stated: Sequence[StatedClaim]) -> None:
        """Put what follows from the union of all documents into the sorters."""
        self._progress("derive", 0, 1)
        facts: dict[str, list[Fact]] = defaultdict(list)
        for fact in flat_facts(stated, profiles.kinds()):
            facts[fact.subject].append(fact)
        labels = profiles.labels(facts, self._ontology)
        for iri, profile in profiles:
            self._put(Part.FACTS, entity_quads(iri, profile, labels[iri]))
        for about in facts.values():
            self._put(Part.FACTS, (fact.quad for fact in about))
            self._put(Part.FACTS, day_quads(about))
        every = (fact for about in facts.values() for fact in about)
        self._put(Part.CLAIMS, rivalry_quads(stated, every, self._ontology, labels))
        self._progress("derive", 1, 1)

    def _put(self, part: Part, quads: Iterable[ox.Quad]) -> None:
        add = self._sorters[part].add
        for quad in quads:
            add(rdf.line(quad))

    def _add_patches(self) -> None:
        """Put the triples that patches added into the sorters, each with those of its kind."""
        if self._patches is None:
            return
        for subject, group in groupby(read_plain(self._patches.added), key=lambda q: q.subject):
            about = list(group)
            part = part_of(subject, about, self._base)
            for quad in about:
                self._sorters[_part_of_link(quad) or part].add(rdf.line(quad))

    def _write_parts(self, loaded: Sequence[Path]) -> dict[Part, tuple[int, str]]:
        """Write the sorted parts; the number of lines and the hash of each."""
        folder = self._target / "parts"
        folder.mkdir()
        written: dict[Part, tuple[int, str]] = {}
        for done, part in enumerate(Part):
            self._progress("write", done, len(Part))
            others = [read_lines(place / f"{part.value}.nt.gz") for place in loaded]
            lines = merge_lines([self._sorters[part].lines(), *others])
            if self._patches is not None:
                lines = without(lines, self._patches.removed)
            with (folder / f"{part.value}.nt.gz").open("wb") as raw:
                written[part] = write_part(lines, raw)
        self._progress("write", len(Part), len(Part))
        return written

    def _load_graph(self, total: int) -> None:
        """Load the parts, `total` lines, in one go: each bulk load costs some files of its own."""
        store = ox.Store(str(self._target / "graph"))
        lines = self._counted(merge_lines([read_lines(self._part(part)) for part in Part]), total)
        blank: list[bytes] = []
        store.bulk_load(line_file(_without_blank(lines, blank)), ox.RdfFormat.N_TRIPLES)
        if blank:
            # a load gives blank nodes new names: parts and patches would no longer speak of the same ones
            store.bulk_extend(parse_lines(blank))
        if self._patches is not None:
            load_named(store, self._patches)
        store.optimize()
        store.flush()
        self._progress("load", total, total)

    def _counted(self, lines: Iterable[bytes], total: int) -> Iterator[bytes]:
        for done, line in enumerate(lines):
            if done % _EVERY_LINES == 0:
                self._progress("load", done, total)
            yield line

    def _part(self, part: Part) -> Path:
        return self._target / "parts" / f"{part.value}.nt.gz"

    def _index_parts(self, index: IndexWriter, known: dict[str, int]) -> None:
        """Index what is in the parts: names, mentions, and documents that were loaded without a text."""
        self._progress("index", 0, 3)
        network = Network(self._target)
        mentions: Counter[str] = Counter()
        textless: dict[str, int] = {}
        for iri, found in _subjects(self._part(Part.DOCUMENTS)):
            if iri not in known and KG + "sha256" in found:
                textless[iri] = known[iri] = index.add_document(_loaded_document(iri, found))
        if textless:
            self._index_passages(index, textless)
        self._progress("index", 1, 3)
        for iri, found in _subjects(self._part(Part.MENTIONS)):
            passage = parse_passage(iri)
            entities = [t.value for t in found.get(KG + "refersTo", ()) if isinstance(t, ox.NamedNode)]
            mentions.update(entities)
            if passage is not None and passage[0] in known:
                text = _first(found, KG + "text") or ""
                for entity in entities:
                    index.add_mention(known[passage[0]], EntityMention(passage[1], text, entity))
        self._progress("index", 2, 3)
        for iri, found in _subjects(self._part(Part.FACTS)):
            names = _values(found, *_NAMES)
            if names:
                kind, subkind = self._classes(found)
                distinct = tuple(dict.fromkeys(names))
                about = " ".join(dict.fromkeys(_values(found, *_ABOUT)))
                index.add_entity(
                    IndexedEntity(
                        iri, names[0], kind, subkind, mentions[iri], distinct, network.degree(iri), about
                    )
                )
        self._progress("index", 3, 3)

    def _index_passages(self, index: IndexWriter, textless: Mapping[str, int]) -> None:
        """Index the passages of claims of documents that were loaded without a text."""
        for iri, found in _subjects(self._part(Part.CLAIMS)):
            passage = parse_passage(iri)
            text = _first(found, KG + "text")
            if passage is not None and passage[0] in textless and text:
                index.add_sentence(textless[passage[0]], passage[1], text)
            modality = next((m for m in Modality if KG + m in _values(found, RDF + "type")), None)
            for evidence in _values(found, KG + "evidence") if modality else ():
                said = parse_passage(evidence)
                if said is not None and said[0] in textless and modality is not None:
                    index.add_evidence(textless[said[0]], said[1], modality.value)

    def _classes(self, found: Mapping[str, Sequence[object]]) -> tuple[str, str | None]:
        """Top class and most specific class of an entity by its types; of a foreign one its first type."""
        types = sorted(t.value for t in found.get(RDF + "type", ()) if isinstance(t, ox.NamedNode))
        ours = [t.removeprefix(KG) for t in types if t.startswith(KG)]
        tops = [name for name in ours if name in KIND_SEGMENTS]
        special = [name for name in ours if name not in KIND_SEGMENTS]
        if not tops and special:
            try:
                tops = [self._ontology.top(special[0])]
            except CatalogError:
                return special[0], None
        if tops:
            return tops[0], special[0] if special else None
        return re.split(r"[#/]", types[0])[-1] if types else "", None


def _without_blank(lines: Iterable[bytes], blank: list[bytes]) -> Iterator[bytes]:
    """Lines without those that may name blank nodes, which go into `blank`."""
    for line in lines:
        if line.startswith(b"_:") or b" _:" in line:
            blank.append(line)
        else:
            yield line


def part_of(subject: object, about: Iterable[ox.Quad], base: str) -> Part:
    """The part that triples about `subject` belong to, by its IRI and by what `about` says of it."""
    if not isinstance(subject, ox.NamedNode):
        return Part.FACTS
    predicates = {q.predicate for q in about}
    types = {q.object for q in about if q.predicate == rdf.TYPE}
    if parse_passage(subject.value) is not None:
        return Part.MENTIONS if rdf.vocabulary("refersTo") in predicates else Part.CLAIMS
    if subject.value.startswith(f"{base}claim/") or types & _MODALITIES or rdf.PREDICATE in predicates:
        return Part.CLAIMS
    if subject.value.startswith(f"{base}match/"):
        return Part.IDENTITY
    if subject.value.startswith(f"{base}doc/") or rdf.vocabulary("Document") in types:
        return Part.DOCUMENTS
    return Part.FACTS


def _part_of_link(quad: ox.Quad) -> Part | None:
    if quad.predicate == rdf.vocabulary("canonical"):
        return Part.IDENTITY
    return Part.MENTIONS if quad.predicate == rdf.vocabulary("refersTo") else None


def read_plain(path: Path) -> Iterator[ox.Quad]:
    """The triples of a file of lines, in their order."""
    with path.open("rb") as lines:
        yield from parse_lines(lines)


def write_part(lines: Iterable[bytes], raw: IO[bytes]) -> tuple[int, str]:
    """Write lines to the file `raw`, compressed; their number, and their SHA-256."""
    digest = hashlib.sha256()
    count = 0
    with plain_gzip(raw, level=1) as out:
        for line in lines:
            digest.update(line)
            out.write(line)
            count += 1
    return count, digest.hexdigest()


def read_lines(path: Path) -> Iterator[bytes]:
    """The lines of a compressed file."""
    with gzip.open(path) as lines:
        yield from lines


def _stored(extraction: Extraction, base: str) -> StoredDocument:
    document = extraction.document
    return StoredDocument(
        iri=document_iri(document.key, base),
        identifiers=document.identifiers,
        text=document.text,
        sha256=document.sha256,
        title=document.title,
        issued=document.issued,
        as_of=last_day(extraction.as_of),
        as_of_basis=extraction.as_of_basis.value,
        source=document.source,
        media_type=document.media_type,
        boilerplate=document.boilerplate,
        mentions=(),
    )


def _loaded_document(iri: str, found: Mapping[str, Sequence[object]]) -> StoredDocument:
    return StoredDocument(
        iri=iri,
        identifiers=tuple(sorted(_values(found, DCT + "identifier"))),
        text="",
        sha256=_first(found, KG + "sha256") or "",
        title=_first(found, DCT + "title"),
        issued=_first(found, KG + "issued"),
        as_of=_first(found, KG + "asOf"),
        as_of_basis=_first(found, KG + "asOfBasis") or "unknown",
        source=_first(found, DCT + "source"),
        media_type="",
        boilerplate=(),
        mentions=(),
    )


def _subjects(path: Path) -> Iterator[tuple[str, dict[str, list[object]]]]:
    """(subject IRI, predicate IRI → objects) of the sorted lines of a part."""
    for subject, group in groupby(parse_lines(read_lines(path)), key=lambda q: q.subject):
        if isinstance(subject, ox.NamedNode):
            found: dict[str, list[object]] = defaultdict(list)
            for quad in group:
                found[quad.predicate.value].append(quad.object)
            yield subject.value, found


def _values(found: Mapping[str, Sequence[object]], *predicates: str) -> list[str]:
    return [
        term.value
        for predicate in predicates
        for term in found.get(predicate, ())
        if isinstance(term, ox.NamedNode | ox.Literal)
    ]


def _first(found: Mapping[str, Sequence[object]], predicate: str) -> str | None:
    return next(iter(_values(found, predicate)), None)


def _sentences(extraction: Extraction, evidence: Iterable[Span]) -> list[Span]:
    """The passages of a text to search in: evidence, and between it what looks like sentences; sorted."""
    document = extraction.document
    taken: list[Span] = []
    for span in sorted(evidence, key=lambda s: (s.start, -s.end)):
        if not taken or span.start >= taken[-1].end:
            taken.append(span)
    found = list(taken)
    blocked = sorted([*taken, *document.boilerplate])
    position = 0
    for block in [*blocked, Span(len(document.text), len(document.text))]:
        found.extend(split_sentences(document.text, position, block.start))
        position = max(position, block.end)
    return sorted(found)


def split_sentences(text: str, start: int, end: int) -> Iterator[Span]:
    """Spans of ``text[start:end]`` that look like sentences, without the white space around them."""
    position = start
    cuts = [(m.start(), m.end()) for m in _SENTENCE_END.finditer(text, start, end)] if start < end else []
    for cut, following in [*cuts, (end, end)]:
        piece = text[position:cut]
        bare = piece.strip()
        if any(c.isalnum() for c in bare):
            first = position + len(piece) - len(piece.lstrip())
            for at in range(first, first + len(bare), _LONGEST_SENTENCE):
                yield Span(at, min(at + _LONGEST_SENTENCE, first + len(bare)))
        position = following
